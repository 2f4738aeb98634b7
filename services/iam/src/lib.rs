//! AWS IAM: users, roles, their keys and their policies.
//!
//! What users and roles have in common ([`entity::Entity`]) is written once and stands in the table
//! twice. Sources of codes and texts: the IAM API Reference and "IAM and AWS STS quotas".

mod attach;
mod boundary;
mod check;
pub mod desired;
mod document;
mod entity;
mod inline;
mod key;
mod list;
pub mod login;
mod managed;
mod quota;
mod role;
mod tag;
mod user;

use platform::identity::{Role, User};
use platform::{Operation, Service};

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateUser", check::on_new::<User>, user::create),
    Operation::read("GetUser", user::may_get, user::get),
    Operation::write("DeleteUser", check::on::<User>, user::delete),
    Operation::read("ListUsers", list::may_list::<User>, user::list),
    Operation::write("CreateAccessKey", key::may, key::create),
    Operation::write("DeleteAccessKey", key::may, key::delete),
    Operation::write("UpdateAccessKey", key::may, key::update),
    Operation::read("ListAccessKeys", key::may, key::list),
    Operation::write("CreateRole", check::on_new::<Role>, role::create),
    Operation::read("GetRole", check::on::<Role>, role::get),
    Operation::write("DeleteRole", check::on::<Role>, role::delete),
    Operation::read("ListRoles", list::may_list::<Role>, role::list),
    Operation::write(
        "UpdateAssumeRolePolicy",
        check::on::<Role>,
        role::update_trust,
    ),
    Operation::write("UpdateRole", check::on::<Role>, role::update),
    Operation::write(
        "PutRolePolicy",
        check::on_bounded::<Role>,
        inline::put::<Role>,
    ),
    Operation::read("GetRolePolicy", check::on::<Role>, inline::get::<Role>),
    Operation::write(
        "DeleteRolePolicy",
        check::on_bounded::<Role>,
        inline::delete::<Role>,
    ),
    Operation::read("ListRolePolicies", check::on::<Role>, inline::list::<Role>),
    Operation::write(
        "PutUserPolicy",
        check::on_bounded::<User>,
        inline::put::<User>,
    ),
    Operation::read("GetUserPolicy", check::on::<User>, inline::get::<User>),
    Operation::write(
        "DeleteUserPolicy",
        check::on_bounded::<User>,
        inline::delete::<User>,
    ),
    Operation::read("ListUserPolicies", check::on::<User>, inline::list::<User>),
    Operation::write(
        "AttachRolePolicy",
        attach::may::<Role>,
        attach::attach::<Role>,
    ),
    Operation::write(
        "DetachRolePolicy",
        attach::may::<Role>,
        attach::detach::<Role>,
    ),
    Operation::read(
        "ListAttachedRolePolicies",
        check::on::<Role>,
        attach::list::<Role>,
    ),
    Operation::write(
        "AttachUserPolicy",
        attach::may::<User>,
        attach::attach::<User>,
    ),
    Operation::write(
        "DetachUserPolicy",
        attach::may::<User>,
        attach::detach::<User>,
    ),
    Operation::read(
        "ListAttachedUserPolicies",
        check::on::<User>,
        attach::list::<User>,
    ),
    Operation::write(
        "PutRolePermissionsBoundary",
        boundary::may::<Role>,
        boundary::put::<Role>,
    ),
    Operation::write(
        "DeleteRolePermissionsBoundary",
        check::on_bounded::<Role>,
        boundary::delete::<Role>,
    ),
    Operation::write(
        "PutUserPermissionsBoundary",
        boundary::may::<User>,
        boundary::put::<User>,
    ),
    Operation::write(
        "DeleteUserPermissionsBoundary",
        check::on_bounded::<User>,
        boundary::delete::<User>,
    ),
    Operation::write("TagRole", tag::may_tag::<Role>, tag::tag::<Role>),
    Operation::write("UntagRole", tag::may_untag::<Role>, tag::untag::<Role>),
    Operation::read("ListRoleTags", check::on::<Role>, tag::list::<Role>),
    Operation::write("TagUser", tag::may_tag::<User>, tag::tag::<User>),
    Operation::write("UntagUser", tag::may_untag::<User>, tag::untag::<User>),
    Operation::read("ListUserTags", check::on::<User>, tag::list::<User>),
    Operation::write("CreatePolicy", managed::may_create, managed::create),
    Operation::read("GetPolicy", managed::may, managed::get),
    Operation::read("GetPolicyVersion", managed::may, managed::get_version),
    Operation::write("DeletePolicy", managed::may, managed::delete),
    Operation::read("ListPolicies", managed::may_list, managed::list),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "iam",
        principal: "iam.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
    }
}

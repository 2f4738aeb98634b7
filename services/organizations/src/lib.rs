//! AWS Organizations: accounts in units, and the policies that bound them from above.
//!
//! What is kept stands in [`platform::organization`], where authorization reads it: every change here
//! counts for the very next request. Sources of codes and texts: the Organizations API Reference and
//! the Organizations User Guide.

mod account;
mod attach;
pub mod desired;
mod error;
mod handshake;
mod index;
mod list;
mod organization;
mod place;
mod policy;
mod tag;
mod unit;

use platform::{Operation, Service};
use store::Format;

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateOrganization", place::may, organization::create),
    Operation::read("DescribeOrganization", place::may, organization::describe),
    Operation::write(
        "DeleteOrganization",
        place::may_manage,
        organization::delete,
    ),
    Operation::read("ListRoots", place::may_manage, organization::list_roots),
    Operation::write(
        "EnablePolicyType",
        organization::may_on_root,
        organization::enable_type,
    ),
    Operation::write(
        "DisablePolicyType",
        organization::may_on_root,
        organization::disable_type,
    ),
    Operation::write("CreateOrganizationalUnit", unit::may_create, unit::create),
    Operation::read("DescribeOrganizationalUnit", unit::may, unit::describe),
    Operation::write("UpdateOrganizationalUnit", unit::may, unit::update),
    Operation::write("DeleteOrganizationalUnit", unit::may, unit::delete),
    Operation::read(
        "ListOrganizationalUnitsForParent",
        unit::may_on_parent,
        unit::list,
    ),
    Operation::read("ListChildren", unit::may_on_parent, unit::children),
    Operation::read("ListParents", unit::may_on_child, unit::parents),
    Operation::write("CreateAccount", account::may_create, account::create),
    Operation::read(
        "DescribeCreateAccountStatus",
        place::may_manage,
        account::describe_creation,
    ),
    Operation::read(
        "ListCreateAccountStatus",
        place::may_manage,
        account::list_creations,
    ),
    Operation::read("DescribeAccount", account::may, account::describe),
    Operation::read("ListAccounts", place::may_manage, account::list),
    Operation::read(
        "ListAccountsForParent",
        unit::may_on_parent,
        account::list_of_parent,
    ),
    Operation::write("MoveAccount", account::may_move, account::move_to),
    Operation::write(
        "RemoveAccountFromOrganization",
        account::may,
        account::remove,
    ),
    Operation::write("LeaveOrganization", place::may, account::leave),
    Operation::write("CreatePolicy", policy::may_create, policy::create),
    Operation::read("DescribePolicy", policy::may, policy::describe),
    Operation::write("UpdatePolicy", policy::may, policy::update),
    Operation::write("DeletePolicy", policy::may, policy::delete),
    Operation::read("ListPolicies", policy::may_list, policy::list),
    Operation::write("AttachPolicy", attach::may, attach::attach),
    Operation::write("DetachPolicy", attach::may, attach::detach),
    Operation::read(
        "ListPoliciesForTarget",
        attach::may_on_target,
        attach::of_target,
    ),
    Operation::read("ListTargetsForPolicy", policy::may, attach::targets),
    Operation::read(
        "DescribeEffectivePolicy",
        attach::may_on_target,
        attach::effective,
    ),
    Operation::write(
        "InviteAccountToOrganization",
        handshake::may_invite,
        handshake::invite,
    ),
    Operation::read("DescribeHandshake", handshake::may, handshake::describe),
    Operation::write("AcceptHandshake", handshake::may, handshake::accept),
    Operation::write("DeclineHandshake", handshake::may, handshake::decline),
    Operation::write("CancelHandshake", handshake::may, handshake::cancel),
    Operation::read(
        "ListHandshakesForAccount",
        place::may,
        handshake::list_of_account,
    ),
    Operation::read(
        "ListHandshakesForOrganization",
        place::may_manage,
        handshake::list_of_organization,
    ),
    Operation::write("TagResource", tag::may_tag, tag::tag),
    Operation::write("UntagResource", tag::may_untag, tag::untag),
    Operation::read("ListTagsForResource", tag::may_list, tag::list),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[
    Format::of::<account::Address>(),
    Format::of::<account::Creation>(),
    Format::of::<handshake::Handshake>(),
    Format::of::<handshake::HandshakeOf>(),
    Format::of::<index::AccountOf>(),
    Format::of::<index::AttachedTo>(),
    Format::of::<index::Child>(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "organizations",
        principal: "organizations.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
        resource: None,
    }
}

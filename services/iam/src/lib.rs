//! AWS IAM: users, roles, their keys and their policies.
//!
//! What users and roles have in common (`entity::Entity`) is written once and stands in the table
//! twice. Sources of codes and texts: the IAM API Reference and "IAM and AWS STS quotas".

mod account;
mod attach;
mod boundary;
mod check;
pub mod desired;
mod details;
mod document;
mod entity;
mod grammar;
mod granting;
mod group;
mod inline;
mod key;
mod last_used;
mod list;
pub mod login;
mod managed;
mod nothing;
mod policies;
mod profile;
mod provider;
mod quota;
mod report;
mod role;
mod simulate;
mod tag;
mod user;

use platform::identity::{
    Group, InstanceProfile, ManagedPolicy, OidcProvider, Role, SamlProvider, User,
};
use platform::{Operation, Service};
use store::Format;

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateUser", check::on_new::<User>, user::create),
    Operation::read("GetUser", user::may_get, user::get),
    Operation::write("UpdateUser", check::on_renamed::<User>, user::update),
    Operation::write("DeleteUser", check::on::<User>, user::delete),
    Operation::read("ListUsers", list::may_list::<User>, user::list),
    Operation::write("CreateAccessKey", key::may, key::create),
    Operation::write("DeleteAccessKey", key::may, key::delete),
    Operation::write("UpdateAccessKey", key::may, key::update),
    Operation::read("ListAccessKeys", key::may, key::list),
    Operation::write("CreateGroup", check::on_new::<Group>, group::create),
    Operation::read("GetGroup", group::may, group::get),
    Operation::write("UpdateGroup", check::on_renamed::<Group>, group::update),
    Operation::write("DeleteGroup", group::may, group::delete),
    Operation::read("ListGroups", list::may_list::<Group>, group::list),
    Operation::write("AddUserToGroup", group::may, group::add_user),
    Operation::write("RemoveUserFromGroup", group::may, group::remove_user),
    Operation::read("ListGroupsForUser", check::on::<User>, group::of_user),
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
        "UpdateRoleDescription",
        check::on::<Role>,
        role::update_description,
    ),
    Operation::write(
        "CreateInstanceProfile",
        profile::may_create,
        profile::create,
    ),
    Operation::read("GetInstanceProfile", profile::may, profile::get),
    Operation::write("DeleteInstanceProfile", profile::may, profile::delete),
    Operation::read("ListInstanceProfiles", profile::may_list, profile::list),
    Operation::read(
        "ListInstanceProfilesForRole",
        check::on::<Role>,
        profile::of_role,
    ),
    Operation::write(
        "AddRoleToInstanceProfile",
        profile::may_add_role,
        profile::add_role,
    ),
    Operation::write(
        "RemoveRoleFromInstanceProfile",
        profile::may,
        profile::remove_role,
    ),
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
    Operation::write("PutGroupPolicy", check::on::<Group>, inline::put::<Group>),
    Operation::read("GetGroupPolicy", check::on::<Group>, inline::get::<Group>),
    Operation::write(
        "DeleteGroupPolicy",
        check::on::<Group>,
        inline::delete::<Group>,
    ),
    Operation::read(
        "ListGroupPolicies",
        check::on::<Group>,
        inline::list::<Group>,
    ),
    Operation::write(
        "AttachGroupPolicy",
        attach::may::<Group>,
        attach::attach::<Group>,
    ),
    Operation::write(
        "DetachGroupPolicy",
        attach::may::<Group>,
        attach::detach::<Group>,
    ),
    Operation::read(
        "ListAttachedGroupPolicies",
        check::on::<Group>,
        attach::list::<Group>,
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
    Operation::read("ListRoleTags", tag::may_list::<Role>, tag::list::<Role>),
    Operation::write("TagUser", tag::may_tag::<User>, tag::tag::<User>),
    Operation::write("UntagUser", tag::may_untag::<User>, tag::untag::<User>),
    Operation::read("ListUserTags", tag::may_list::<User>, tag::list::<User>),
    Operation::write(
        "TagPolicy",
        tag::may_tag::<ManagedPolicy>,
        tag::tag::<ManagedPolicy>,
    ),
    Operation::write(
        "UntagPolicy",
        tag::may_untag::<ManagedPolicy>,
        tag::untag::<ManagedPolicy>,
    ),
    Operation::read(
        "ListPolicyTags",
        tag::may_list::<ManagedPolicy>,
        tag::list::<ManagedPolicy>,
    ),
    Operation::write(
        "TagInstanceProfile",
        tag::may_tag::<InstanceProfile>,
        tag::tag::<InstanceProfile>,
    ),
    Operation::write(
        "UntagInstanceProfile",
        tag::may_untag::<InstanceProfile>,
        tag::untag::<InstanceProfile>,
    ),
    Operation::read(
        "ListInstanceProfileTags",
        tag::may_list::<InstanceProfile>,
        tag::list::<InstanceProfile>,
    ),
    Operation::write("CreatePolicy", managed::may_create, managed::create),
    Operation::read("GetPolicy", managed::may, managed::get),
    Operation::write("DeletePolicy", managed::may, managed::delete),
    Operation::read("ListPolicies", policies::may_list, policies::all),
    Operation::read("ListEntitiesForPolicy", managed::may, policies::entities),
    Operation::read("GetPolicyVersion", managed::may, managed::get_version),
    Operation::write("CreatePolicyVersion", managed::may, managed::create_version),
    Operation::write("DeletePolicyVersion", managed::may, managed::delete_version),
    Operation::write(
        "SetDefaultPolicyVersion",
        managed::may,
        managed::set_default,
    ),
    Operation::read("ListPolicyVersions", managed::may, managed::list_versions),
    Operation::write(
        "CreateAccountAlias",
        check::on_nothing,
        account::create_alias,
    ),
    Operation::write(
        "DeleteAccountAlias",
        check::on_nothing,
        account::delete_alias,
    ),
    Operation::read(
        "ListAccountAliases",
        check::on_nothing,
        account::list_aliases,
    ),
    Operation::write(
        "UpdateAccountPasswordPolicy",
        check::on_nothing,
        account::put_passwords,
    ),
    Operation::read(
        "GetAccountPasswordPolicy",
        check::on_nothing,
        account::get_passwords,
    ),
    Operation::write(
        "DeleteAccountPasswordPolicy",
        check::on_nothing,
        account::delete_passwords,
    ),
    Operation::read("GetAccountSummary", check::on_nothing, account::summary),
    Operation::read(
        "GetAccountAuthorizationDetails",
        check::on_nothing,
        details::get,
    ),
    Operation::write(
        "CreateOpenIDConnectProvider",
        provider::may_create_oidc,
        provider::create_oidc,
    ),
    Operation::read(
        "GetOpenIDConnectProvider",
        provider::may::<OidcProvider>,
        provider::get_oidc,
    ),
    Operation::write(
        "DeleteOpenIDConnectProvider",
        provider::may::<OidcProvider>,
        provider::delete_oidc,
    ),
    Operation::read(
        "ListOpenIDConnectProviders",
        check::on_nothing,
        provider::list_oidc,
    ),
    Operation::write(
        "AddClientIDToOpenIDConnectProvider",
        provider::may::<OidcProvider>,
        provider::add_client,
    ),
    Operation::write(
        "RemoveClientIDFromOpenIDConnectProvider",
        provider::may::<OidcProvider>,
        provider::remove_client,
    ),
    Operation::write(
        "UpdateOpenIDConnectProviderThumbprint",
        provider::may::<OidcProvider>,
        provider::put_thumbprints,
    ),
    Operation::write(
        "CreateSAMLProvider",
        provider::may_create_saml,
        provider::create_saml,
    ),
    Operation::read(
        "GetSAMLProvider",
        provider::may::<SamlProvider>,
        provider::get_saml,
    ),
    Operation::write(
        "UpdateSAMLProvider",
        provider::may::<SamlProvider>,
        provider::update_saml,
    ),
    Operation::write(
        "DeleteSAMLProvider",
        provider::may::<SamlProvider>,
        provider::delete_saml,
    ),
    Operation::read("ListSAMLProviders", check::on_nothing, provider::list_saml),
    Operation::write(
        "TagOpenIDConnectProvider",
        tag::may_tag::<OidcProvider>,
        tag::tag::<OidcProvider>,
    ),
    Operation::write(
        "UntagOpenIDConnectProvider",
        tag::may_untag::<OidcProvider>,
        tag::untag::<OidcProvider>,
    ),
    Operation::read(
        "ListOpenIDConnectProviderTags",
        tag::may_list::<OidcProvider>,
        tag::list::<OidcProvider>,
    ),
    Operation::write(
        "TagSAMLProvider",
        tag::may_tag::<SamlProvider>,
        tag::tag::<SamlProvider>,
    ),
    Operation::write(
        "UntagSAMLProvider",
        tag::may_untag::<SamlProvider>,
        tag::untag::<SamlProvider>,
    ),
    Operation::read(
        "ListSAMLProviderTags",
        tag::may_list::<SamlProvider>,
        tag::list::<SamlProvider>,
    ),
    Operation::read("SimulateCustomPolicy", check::on_nothing, simulate::custom),
    Operation::read(
        "SimulatePrincipalPolicy",
        simulate::may_principal,
        simulate::principal,
    ),
    Operation::read(
        "GetContextKeysForCustomPolicy",
        check::on_nothing,
        simulate::keys_of_custom,
    ),
    Operation::read(
        "GetContextKeysForPrincipalPolicy",
        simulate::may_principal,
        simulate::keys_of_principal,
    ),
    Operation::read("ListMFADevices", nothing::may, nothing::mfa_devices),
    Operation::read(
        "ListVirtualMFADevices",
        check::on_nothing,
        nothing::virtual_mfa_devices,
    ),
    Operation::read(
        "ListSigningCertificates",
        nothing::may,
        nothing::signing_certificates,
    ),
    Operation::read("ListSSHPublicKeys", nothing::may, nothing::ssh_keys),
    Operation::read(
        "ListServiceSpecificCredentials",
        nothing::may,
        nothing::service_credentials,
    ),
    Operation::read(
        "ListServerCertificates",
        check::on_nothing,
        nothing::server_certificates,
    ),
    Operation::read("GetLoginProfile", nothing::may, nothing::login_profile),
    Operation::read("GetAccessKeyLastUsed", last_used::may_key, last_used::key),
    Operation::read(
        "GenerateServiceLastAccessedDetails",
        last_used::may,
        last_used::generate,
    ),
    Operation::read(
        "GetServiceLastAccessedDetails",
        check::on_nothing,
        last_used::details,
    ),
    Operation::read(
        "GetServiceLastAccessedDetailsWithEntities",
        check::on_nothing,
        last_used::with_entities,
    ),
    Operation::read(
        "ListPoliciesGrantingServiceAccess",
        last_used::may,
        granting::list,
    ),
    Operation::read(
        "GenerateCredentialReport",
        check::on_nothing,
        report::generate,
    ),
    Operation::read("GetCredentialReport", check::on_nothing, report::get),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[
    Format::of::<account::Alias>(),
    Format::of::<account::AliasOwner>(),
    Format::of::<account::PasswordPolicy>(),
    Format::of::<last_used::Job>(),
    Format::of::<report::Report>(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "iam",
        principal: "iam.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
        resource: Some(check::find),
    }
}

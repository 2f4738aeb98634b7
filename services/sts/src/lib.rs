//! AWS STS: who one is, and sessions of roles, users and federated users.

mod access_key;
mod assume;
mod caller;
mod message;
mod own;
mod saml;
mod web_identity;

pub use web_identity::{Fetch, FetchError, Issuers};

use platform::{Operation, Service};

static OPERATIONS: &[Operation] = &[
    Operation::read("AssumeRole", assume::may_assume, assume::assume),
    Operation::read("AssumeRoleWithSAML", saml::may, saml::assume).proven_by(saml::prove),
    Operation::read(
        "AssumeRoleWithWebIdentity",
        assume::may_assume_with_token,
        assume::assume_with_token,
    )
    .proven_by(web_identity::prove),
    Operation::read("DecodeAuthorizationMessage", message::may, message::decode),
    Operation::read("GetAccessKeyInfo", access_key::may, access_key::get).brief(),
    Operation::read("GetCallerIdentity", caller::may_ask, caller::get).brief(),
    Operation::read("GetFederationToken", own::may_federate, own::federate),
    Operation::read("GetSessionToken", own::may_ask, own::get),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "sts",
        principal: "sts.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
        resource: None,
    }
}

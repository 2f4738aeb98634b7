//! AWS STS: who one is, and becoming a role.

mod assume;
mod caller;

use platform::{Operation, Service};

static OPERATIONS: &[Operation] = &[
    Operation::read("AssumeRole", assume::may_assume, assume::assume),
    Operation::read("GetCallerIdentity", caller::may_ask, caller::get),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "sts",
        principal: "sts.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
    }
}

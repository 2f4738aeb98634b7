//! The sentences of AWS's denials.

use crate::document::PolicyType;
use crate::request::{Request, Resource};
use crate::verdict::{Denial, DenialKind};

/// `User: … is not authorized to perform: … on resource: … because …`
pub(super) fn sentence(request: &Request, denial: Denial) -> String {
    let caller = request.principal().display_name();
    let action = request.action().as_str();
    let resource = match request.resource() {
        Resource::Any => String::new(),
        Resource::Arn(arn) => format!(" on resource: {arn}"),
    };
    let name = denial.policy_type.name();
    let reason = match denial.kind {
        DenialKind::Explicit => {
            let article = match denial.policy_type {
                PolicyType::Trust => "the",
                other => other.article(),
            };
            format!("with an explicit deny in {article} {name}")
        }
        DenialKind::Implicit | DenialKind::Indeterminate => {
            format!("because no {name} allows the {action} action")
        }
    };
    format!("User: {caller} is not authorized to perform: {action}{resource} {reason}")
}

//! # A `Sid` with characters that it cannot have
//!
//! In IAM's own policies a `Sid` has letters and digits only.
//!
//! ## Why
//! IAM refuses the policy. Policies of other services, such as buckets and keys, take other characters too.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Sid": "read-data", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Sid": "readdata", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL022",
    name: "sid-format",
    severity: Severity::Error,
    aws: &["UNSUPPORTED_SID"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    use PolicyType::{Key, Resource, ResourceControl, ServiceControl, VpcEndpoint};
    let kind = policy.kind.policy_type;
    if matches!(
        kind,
        Key | Resource | VpcEndpoint | ServiceControl | ResourceControl
    ) {
        return;
    }
    let Some(sid) = statement.sid.as_ref().filter(|sid| sid.is_known()) else {
        return;
    };
    if sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return;
    }
    let plain: String = sid
        .value
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let taken = |other: &Statement| other.sid.as_ref().is_some_and(|sid| sid.value == plain);
    let free = !plain.is_empty() && !policy.statements.iter().any(taken);
    let edits = free.then(|| edits::replace(policy, sid, &plain)).flatten();
    let reason = format!(
        "the Sid `{}` has characters other than letters and digits",
        sid.shown()
    );
    let title = match free {
        true => format!("write \"{plain}\""),
        false => "use letters and digits only".to_owned(),
    };
    out.push(Note::at(sid.span, reason).safe_fix(title, edits));
}

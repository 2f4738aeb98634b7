//! # There is no such service in ARNs
//!
//! The third part of an ARN is no service, or is not written in lower case.
//!
//! ## Why
//! The ARN matches nothing. A wildcard in the service is refused.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:S3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL113",
    name: "arn-service",
    severity: Severity::Error,
    aws: &["INVALID_ARN_SERVICE_CASE", "INVALID_SERVICE"],
    check: Check::Statement(|policy, statement, out| arns::report(policy, statement, fault, out)),
};

fn fault(policy: &Policy, arn: &Arn<'_>) -> Option<Note> {
    let service = arn.part(2)?;
    let unknown = |c: char| text::is_hole(c) || c == '$';
    if service.contains(unknown) || arns::knows_service(service) {
        return None;
    }
    let span = arn.span(policy, 2);
    let lower = service.to_ascii_lowercase();
    if service.contains(['*', '?']) {
        // `arn:aws:*:…` is a form that AWS takes in conditions, and refuses in `Resource`.
        return (!arn.in_condition).then(|| {
            Note::at(span, "the service of an ARN has no wildcards").help("name the service")
        });
    }
    if lower != service && arns::knows_service(&lower) {
        let reason = format!("`{service}` is written in lower case in ARNs");
        let edits = arn.replace(policy, 2, &lower);
        return Some(Note::at(span, reason).safe_fix(format!("write `{lower}`"), edits));
    }
    if service.is_empty() || catalog::service(service).is_none() {
        let reason = match service {
            "" => "the ARN names no service".to_owned(),
            other => format!("`{other}` is no service of AWS"),
        };
        return Some(
            Note::at(span, reason).help("write the service as its ARNs do: `s3`, `sagemaker`"),
        );
    }
    None
}

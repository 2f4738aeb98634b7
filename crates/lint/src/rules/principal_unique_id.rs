//! # A principal named by its unique id
//!
//! A principal is the id of a user or role, such as `AROA…`, in the place of its ARN.
//!
//! ## Why
//! AWS writes the id when the user or role was deleted: the statement is for nobody any more, also not for a role that
//! was made anew under the old name. Name the ARN, or remove it.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "AROA1234567890EXAMPLE" },
//!   "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL134",
    name: "principal-unique-id",
    severity: Severity::Warning,
    aws: &["INVALID_ROLE_REFERENCE", "INVALID_USER_REFERENCE"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(principal) = &statement.principal else {
        return;
    };
    for value in &principal.values {
        if value.text.known().is_some_and(facts::is_unique_id) {
            let reason = format!(
                "`{}` is the id of a user or role that has most likely been deleted",
                value.text.shown()
            );
            out.push(
                Note::at(value.text.span, reason)
                    .help("name the user or role by its ARN, or remove it"),
            );
        }
    }
}

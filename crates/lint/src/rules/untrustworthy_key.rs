//! # A condition that the caller fulfils at will
//!
//! A condition rests on what the caller writes into the request about itself: `aws:referer` or `aws:UserAgent`.
//!
//! ## Why
//! Anyone can send any of these headers. They keep nobody out.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/*", "Condition": { "StringLike": { "aws:referer": "https://example.com/*" } } }
//!   }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action":
//!   "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL220",
    name: "untrustworthy-key",
    severity: Severity::Security,
    aws: &["UNTRUSTWORTHY_CONDITION_KEY"],
    check: Check::Statement(check),
};

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for key in ["aws:referer", "aws:UserAgent"] {
        for condition in statement.conditions_on(key) {
            let reason = format!("`{}` is whatever the caller sends", condition.key.shown());
            let help = "identify the caller by principal, organisation, network or tag";
            out.push(Note::at(condition.key.span, reason).help(help));
        }
    }
}

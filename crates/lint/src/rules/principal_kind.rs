//! # There is no such kind of principal
//!
//! A member of `Principal` is none of `AWS`, `Service`, `Federated` and `CanonicalUser`.
//!
//! ## Why
//! AWS refuses the policy. Upper and lower case count.
//!
//! ## Example
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Aws":
//!   "arn:aws:iam::111122223333:role/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json resource:s3
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS":
//!   "arn:aws:iam::111122223333:role/etl" }, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL131",
    name: "principal-kind",
    severity: Severity::Error,
    aws: &["INVALID_PRINCIPAL_KEY"],
    check: Check::Statement(check),
};

const KINDS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for name in ["Principal", "NotPrincipal"] {
        let members = statement.node.get(name).and_then(Node::as_object);
        for member in members.unwrap_or(&[]) {
            let kind = Text::new(member.key.value.clone(), member.key.span);
            if KINDS.contains(&kind.value.as_str()) {
                continue;
            }
            let note = Note::at(
                kind.span,
                format!("`{}` is no kind of principal", kind.shown()),
            );
            let meant = facts::closest(&kind.value, KINDS.map(str::to_owned).into_iter());
            out.push(match meant {
                Some(meant) => {
                    let edits = edits::replace(policy, &kind, &meant);
                    match meant.eq_ignore_ascii_case(&kind.value) {
                        true => note.safe_fix(format!("write `{meant}`"), edits),
                        false => note.possible_fix(format!("write `{meant}`"), edits),
                    }
                }
                None => note.help(format!("write one of {}", KINDS.join(", "))),
            });
        }
    }
}

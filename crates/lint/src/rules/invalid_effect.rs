//! # There is no such effect
//!
//! `Effect` is neither `Allow` nor `Deny`.
//!
//! ## Why
//! AWS refuses the policy. Upper and lower case count.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL018",
    name: "invalid-effect",
    severity: Severity::Error,
    aws: &["INVALID_EFFECT"],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(node) = statement.node.get("Effect") else {
        return;
    };
    let Some(effect) = node.as_str().map(|text| Text::new(text, node.span)) else {
        return;
    };
    if statement.effect.is_some() || !effect.is_known() {
        return;
    }
    let reason = format!("`{}` is no effect", effect.shown());
    let note = Note::at(effect.span, reason);
    let meant = facts::closest(
        &effect.value,
        ["Allow", "Deny"].map(str::to_owned).into_iter(),
    );
    out.push(match meant {
        Some(meant) if meant.eq_ignore_ascii_case(&effect.value) => {
            let edits = edits::replace(policy, &effect, &meant);
            note.safe_fix(format!("write \"{meant}\""), edits)
        }
        Some(meant) => {
            let edits = edits::replace(policy, &effect, &meant);
            note.possible_fix(format!("write \"{meant}\""), edits)
        }
        None => note.help("write \"Allow\" or \"Deny\""),
    });
}

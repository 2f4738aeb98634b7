//! # A service principal of another form
//!
//! What stands under `Service` is not the name of a service principal.
//!
//! ## Why
//! AWS refuses the policy. A service principal is the name of a service and a domain of AWS: `sagemaker.amazonaws.com`.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "ec2" }, "Action":
//!   "sts:AssumeRole" } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" },
//!   "Action": "sts:AssumeRole" } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL133",
    name: "service-principal-format",
    severity: Severity::Error,
    aws: &["INVALID_SERVICE_PRINCIPAL_FORMAT"],
    check: Check::Statement(check),
};

/// What names of service principals end in.
const DOMAINS: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".aws.internal",
    ".aws.com",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".csp.hci.ic.gov",
    ".cloud.adc-e.uk",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(principal) = &statement.principal else {
        return;
    };
    for value in &principal.values {
        let of_service = value
            .kind
            .as_ref()
            .is_some_and(|kind| kind.value == "Service");
        let Some(name) = value
            .text
            .known()
            .filter(|name| of_service && !name.contains(['*', '?', '$']))
        else {
            continue;
        };
        let formed = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
        if formed
            && DOMAINS
                .iter()
                .any(|domain| name.len() > domain.len() && name.ends_with(domain))
        {
            if let Some(meant) = misspelt(name) {
                let reason = format!(
                    "there is a service principal `{meant}`, and none is known as `{name}`"
                );
                let edits = edits::replace(policy, &value.text, &meant);
                let note = Note::at(value.text.span, reason).severity(Severity::Warning);
                out.push(note.possible_fix(format!("write `{meant}`"), edits));
            }
            continue;
        }
        let note = Note::at(value.text.span, format!("`{name}` is no service principal"));
        let plain =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        out.push(match plain {
            true => {
                let meant = format!("{}.amazonaws.com", name.to_ascii_lowercase());
                let edits = edits::replace(policy, &value.text, &meant);
                note.possible_fix(format!("write `{meant}`"), edits)
            }
            false => note.help("write `service.amazonaws.com`"),
        });
    }
}

/// The principal that is a letter away. Services have principals that no list has, so that short names are let be.
fn misspelt(name: &str) -> Option<String> {
    const END: &str = ".amazonaws.com";
    const LEAST: usize = 7;
    let own = name.strip_suffix(END).filter(|own| own.len() >= LEAST)?;
    if own.contains('.') || catalog::service(own).is_some() {
        return None;
    }
    let prefixes = || catalog::services().map(|service| service.prefix().to_owned());
    let known = facts::closest(own, prefixes().filter(|prefix| prefix.len() >= LEAST))?;
    let letters = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    let near = known.len().abs_diff(own.len()) == 1 || letters(&known) == letters(own);
    near.then(|| format!("{known}{END}"))
}

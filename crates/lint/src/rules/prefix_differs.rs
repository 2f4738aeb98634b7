//! # The same folder is spelt in two ways
//!
//! Policies of one run give people their own folder in a bucket, under prefixes that differ in a slash at the
//! beginning, in case, or in a letter more: in resources, and in conditions on `s3:prefix`.
//!
//! ## Why
//! Keys in S3 are compared as they are, and begin without a slash. Who may list `user/bob/` and read `users/bob/` can
//! do neither well; one of the prefixes is a slip.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "List", "Effect": "Allow", "Action":
//!   "s3:ListBucket", "Resource": "arn:aws:s3:::data", "Condition": { "StringLike": { "s3:prefix":
//!   "/users/${aws:SourceIdentity}/*" } } } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": [ { "Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/users/${aws:SourceIdentity}/*" }, { "Sid": "List", "Effect": "Allow", "Action":
//!   "s3:ListBucket", "Resource": "arn:aws:s3:::data", "Condition": { "StringLike": { "s3:prefix":
//!   "users/${aws:SourceIdentity}/*" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL907",
    name: "prefix-differs",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeMap;

struct Prefix<'a> {
    policy: &'a Policy,
    statement: &'a Statement,
    text: &'a Text,
    /// What stands in front of the variable.
    prefix: &'a str,
}

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let mut buckets: BTreeMap<&str, Vec<Prefix<'_>>> = BTreeMap::new();
    for policy in policies.iter().filter(|policy| policy.has_variables()) {
        for statement in &policy.statements {
            objects(policy, statement, &mut buckets);
        }
    }
    // Objects come first: a listing is compared with them.
    for policy in policies.iter().filter(|policy| policy.has_variables()) {
        for statement in &policy.statements {
            listings(policy, statement, &mut buckets);
        }
    }
    for (bucket, prefixes) in &buckets {
        let mut known: Vec<&str> = Vec::new();
        for found in prefixes {
            let twin = known
                .iter()
                .find(|other| **other != found.prefix && is_twin(other, found.prefix));
            if known.contains(&found.prefix) {
                continue;
            }
            if let Some(twin) = twin {
                let reason = format!(
                    "in `{bucket}`, the folder is called `{}` here and `{twin}` elsewhere",
                    found.prefix
                );
                let note =
                    Note::at(found.text.span, reason).help("write the same prefix everywhere");
                out.of(found.policy, Some(found.statement), note);
            }
            known.push(found.prefix);
        }
    }
}

fn objects<'a>(
    policy: &'a Policy,
    statement: &'a Statement,
    buckets: &mut BTreeMap<&'a str, Vec<Prefix<'a>>>,
) {
    for text in statement
        .resources
        .iter()
        .flat_map(|resources| &resources.values)
    {
        let Some((_, rest)) = text.known().and_then(|known| known.split_once(":s3:::")) else {
            continue;
        };
        if let Some((bucket, key)) = rest.split_once('/')
            && let Some(prefix) = in_front(key)
        {
            buckets.entry(bucket).or_default().push(Prefix {
                policy,
                statement,
                text,
                prefix,
            });
        }
    }
}

fn listings<'a>(
    policy: &'a Policy,
    statement: &'a Statement,
    buckets: &mut BTreeMap<&'a str, Vec<Prefix<'a>>>,
) {
    let resources = statement.resource_patterns().iter().filter_map(Text::known);
    let named: Vec<&str> = resources
        .filter_map(|name| Some(name.split_once(":s3:::")?.1))
        .collect();
    for condition in statement.conditions_on("s3:prefix") {
        for text in condition.values.iter().map(|value| &value.text) {
            let Some(prefix) = text.known().and_then(in_front) else {
                continue;
            };
            for bucket in &named {
                buckets.entry(bucket).or_default().push(Prefix {
                    policy,
                    statement,
                    text,
                    prefix,
                });
            }
        }
    }
}

fn in_front(key: &str) -> Option<&str> {
    let variable = owners::keys(key).find(|variable| owners::is_person(variable.key))?;
    key.get(..variable.range.0)
        .filter(|prefix| prefix.len() > 1)
}

/// Whether two prefixes were meant to be one.
fn is_twin(one: &str, other: &str) -> bool {
    let plain = |prefix: &str| prefix.trim_matches('/').to_ascii_lowercase();
    let (one, other) = (plain(one), plain(other));
    one == other || is_letter_apart(&one, &other) || is_letter_apart(&other, &one)
}

/// Whether the longer text is the shorter with one letter more, as a plural is.
fn is_letter_apart(longer: &str, shorter: &str) -> bool {
    let differ = || {
        let mut places = longer
            .char_indices()
            .filter(|(_, c)| c.is_ascii_alphabetic());
        places.any(|(at, c)| {
            let (front, rest) = owners::around(longer, (at, at + c.len_utf8()));
            shorter.strip_prefix(front) == Some(rest)
        })
    };
    longer.len() == shorter.len() + 1 && shorter.len() > 3 && differ()
}

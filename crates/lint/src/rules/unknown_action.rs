//! # There is no such action
//!
//! An action, or a pattern of actions, matches nothing that the service offers.
//!
//! ## Why
//! AWS accepts the policy, and the statement never applies: an Allow grants nothing, and a Deny protects nothing. Most
//! such names are misspelt, or are names of an API operation whose permission is called differently (`s3:HeadObject`
//! needs `s3:GetObject`, `s3:ListObjectsV2` needs `s3:ListBucket`).
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "s3:GetObjcet", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL100",
    name: "unknown-action",
    severity: Severity::Error,
    aws: &["INVALID_ACTION"],
    check: Check::Statement(check),
};

/// Operations whose permission has another name (Service Authorization Reference, Amazon S3, and others).
const PERMISSION_OF: &[(&str, &str)] = &[
    ("s3:headobject", "s3:GetObject"),
    ("s3:headbucket", "s3:ListBucket"),
    ("s3:listobjects", "s3:ListBucket"),
    ("s3:listobjectsv2", "s3:ListBucket"),
    ("s3:listobjectversions", "s3:ListBucketVersions"),
    ("s3:listbuckets", "s3:ListAllMyBuckets"),
    ("s3:listmultipartuploads", "s3:ListBucketMultipartUploads"),
    ("s3:listparts", "s3:ListMultipartUploadParts"),
    ("s3:copyobject", "s3:PutObject"),
    ("s3:createmultipartupload", "s3:PutObject"),
    ("s3:uploadpart", "s3:PutObject"),
    ("s3:completemultipartupload", "s3:PutObject"),
    ("s3:deleteobjects", "s3:DeleteObject"),
    ("lambda:invoke", "lambda:InvokeFunction"),
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    for pattern in &actions.values {
        let Some(service) = pattern.service else {
            continue;
        };
        let (Some(text), true) = (pattern.text.known(), pattern.matches.is_empty()) else {
            continue;
        };
        let Some((_, name)) = text.split_once(':') else {
            continue;
        };
        if name.is_empty() || text.contains("${") || !name.bytes().all(is_of_action) {
            continue;
        }
        let reason = match pattern.has_wildcards() {
            true => format!("no action of {} matches `{text}`", service.prefix()),
            false => format!("{} has no action `{name}`", service.prefix()),
        };
        let lower = text.to_ascii_lowercase();
        let permission = PERMISSION_OF
            .iter()
            .find(|(operation, _)| *operation == lower);
        let note = Note::at(pattern.text.span, reason);
        out.push(match permission {
            Some((_, permission)) => {
                let edits = edits::replace(policy, &pattern.text, permission);
                note.possible_fix(
                    format!("write `{permission}`, the permission of this operation"),
                    edits,
                )
            }
            None => match misspelt(service, name) {
                Some(meant) => {
                    let edits = edits::replace(policy, &pattern.text, &meant);
                    note.possible_fix(format!("write `{meant}`"), edits)
                }
                None => note.help(format!(
                    "look it up among the actions of {} in the Service Authorization Reference",
                    service.prefix()
                )),
            },
        });
    }
}

fn is_of_action(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*' | b'?')
}

fn misspelt(service: catalog::Service, name: &str) -> Option<String> {
    let known = service.actions().map(|action| action.name().to_string());
    let meant = facts::closest(name, known)?;
    Some(format!("{}:{meant}", service.prefix()))
}

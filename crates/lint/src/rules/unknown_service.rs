//! # There is no such service
//!
//! The part of an action in front of the colon is the prefix of no service.
//!
//! ## Why
//! The statement never applies. Prefixes are often not the service's name: `elasticmapreduce` for EMR, `es` for
//! OpenSearch, `states` for Step Functions, `logs` for CloudWatch Logs, `ses`, `elasticfilesystem` for EFS.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "emr:DescribeCluster", "Resource": "*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "elasticmapreduce:DescribeCluster", "Resource": "*" } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL101",
    name: "unknown-service",
    severity: Severity::Error,
    aws: &["INVALID_SERVICE", "INVALID_SERVICE_IN_ACTION"],
    check: Check::Statement(check),
};

/// Names of services that are not their prefixes.
const PREFIX_OF: &[(&str, &str)] = &[
    ("emr", "elasticmapreduce"),
    ("efs", "elasticfilesystem"),
    ("opensearch", "es"),
    ("elasticsearch", "es"),
    ("stepfunctions", "states"),
    ("eventbridge", "events"),
    ("cloudwatchlogs", "logs"),
    ("cloudwatchevents", "events"),
    ("elb", "elasticloadbalancing"),
    ("elbv2", "elasticloadbalancing"),
    ("alb", "elasticloadbalancing"),
    ("cognito", "cognito-idp"),
    ("apigateway-execute", "execute-api"),
    ("secrets-manager", "secretsmanager"),
    ("secretmanager", "secretsmanager"),
    ("parameterstore", "ssm"),
    ("systemsmanager", "ssm"),
    ("cloud-trail", "cloudtrail"),
    ("documentdb", "rds"),
    ("xray-daemon", "xray"),
    ("iot-data", "iot"),
    ("firehose-delivery", "firehose"),
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    let Some(actions) = &statement.actions else {
        return;
    };
    for pattern in &actions.values {
        let Some((prefix, _)) = pattern.text.value.split_once(':') else {
            continue;
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if pattern.service.is_some() || prefix.is_empty() || !prefix.bytes().all(plain) {
            continue;
        }
        let lower = prefix.to_ascii_lowercase();
        let known = PREFIX_OF.iter().find(|(name, _)| *name == lower);
        let meant = known
            .map(|(_, prefix)| (*prefix).to_owned())
            .or_else(|| facts::closest(prefix, catalog::services().map(|s| s.prefix().to_owned())));
        let span = pattern.text.part(&policy.source, 0, prefix.len());
        let note = Note::at(span, format!("`{prefix}` is the prefix of no service"));
        out.push(match meant {
            Some(meant) => {
                let edits = edits::replace_part(policy, &pattern.text, (0, prefix.len()), &meant);
                note.possible_fix(format!("write `{meant}:…`"), edits)
            }
            None => note.help("look the prefix up in the Service Authorization Reference"),
        });
    }
}

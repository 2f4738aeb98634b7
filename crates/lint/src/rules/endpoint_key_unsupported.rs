//! # An endpoint's owner, asked of a service that does not tell
//!
//! A condition asks for the owner of the VPC endpoint, and the statement has actions of services that do not support
//! these keys.
//!
//! ## Why
//! `aws:VpceAccount`, `aws:VpceOrgID` and `aws:VpceOrgPaths` are in requests to some services only. Elsewhere the key is
//! missing: an Allow never applies, and a Deny with a negated operator denies everything.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource":
//!   "*", "Condition": { "StringNotEquals": { "aws:VpceAccount": "111122223333" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
//!   "Condition": { "StringNotEquals": { "aws:VpceAccount": "111122223333" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL224",
    name: "endpoint-key-unsupported",
    severity: Severity::Warning,
    aws: &["USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"],
    check: Check::Statement(check),
};

const KEYS: &[&str] = &["aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"];

/// Services whose requests carry the keys (IAM User Guide, "AWS global condition context keys").
const SUPPORTED: &[&str] = &[
    "acm-pca",
    "apprunner",
    "applicationinsights",
    "athena",
    "cloudformation",
    "comprehendmedical",
    "compute-optimizer",
    "datasync",
    "discovery",
    "dynamodb",
    "ebs",
    "ecr",
    "ecs",
    "firehose",
    "gamelift",
    "healthlake",
    "iam",
    "iotfleetwise",
    "iotwireless",
    "kinesisanalytics",
    "kms",
    "lambda",
    "medical-imaging",
    "omics",
    "payment-cryptography",
    "polly",
    "rbin",
    "rekognition",
    "route53",
    "s3",
    "scheduler",
    "servicediscovery",
    "servicequotas",
    "shield",
    "ssm-contacts",
    "storagegateway",
    "textract",
    "transcribe",
    "transfer",
];

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for key in KEYS {
        for condition in statement.conditions_on(key) {
            let Some(operator) = condition
                .operator
                .filter(|o| o.comparison != Comparison::Null)
            else {
                continue;
            };
            let effect = match (statement.denies(), operator.negated || operator.if_exists) {
                (true, true) => "it is denied however it comes",
                (true, false) => "it is never denied",
                (false, true) => "it is allowed however it comes",
                (false, false) => "it is never allowed",
            };
            for pattern in statement.action_patterns() {
                let prefix = pattern.prefix().to_ascii_lowercase();
                if pattern.service.is_none() || SUPPORTED.contains(&prefix.as_str()) {
                    continue;
                }
                let reason = format!(
                    "requests for `{}` do not carry `{}`, so that {effect}",
                    pattern.text.shown(),
                    condition.key.shown()
                );
                let note = Note::at(pattern.text.span, reason)
                    .related(condition.key.span, "the condition is here");
                out.push(note.help("use aws:SourceVpc or aws:SourceVpce for this service"));
            }
        }
    }
}

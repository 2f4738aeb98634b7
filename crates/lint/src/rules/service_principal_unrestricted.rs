//! # A service may act for anyone
//!
//! A statement allows a service principal, and does not say for whose resources the service may act.
//!
//! ## Why
//! A service works for all of AWS's customers. Whoever can tell it your ARN can let it use your resource for them: the
//! service is a confused deputy. `aws:SourceArn`, `aws:SourceAccount`, `aws:SourceOrgID` or `aws:SourceOrgPaths` say for
//! whom it acts. Conditions on these keys that let strangers pass are reported by PAL700, PAL702 and PAL704.
//!
//! In trust policies, this is reported for services that are documented to send these keys when they assume a role.
//!
//! ## Example
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow",
//!   "Principal": { "Service": "s3.amazonaws.com" }, "Action": "sns:Publish",
//!   "Resource": "arn:aws:sns:us-east-1:111122223333:uploads" } ] }
//! ```
//!
//! ## Fix
//! ```json resource:sns
//! { "Version": "2012-10-17", "Statement": [ { "Effect": "Allow",
//!   "Principal": { "Service": "s3.amazonaws.com" }, "Action": "sns:Publish",
//!   "Resource": "arn:aws:sns:us-east-1:111122223333:uploads",
//!   "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL401",
    name: "service-principal-unrestricted",
    severity: Severity::Security,
    aws: &["RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"],
    check: Check::Statement(check),
};

/// Services whose documentation on confused deputies shows these keys in a role's trust policy. SageMaker's features have
/// rules of their own, and this one is for whatever those let pass.
const SENDERS: &[&str] = &[
    "airflow",
    "apprunner",
    "appsync",
    "backup",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "chatbot",
    "cloudformation",
    "cloudtrail",
    "codebuild",
    "cognito-idp",
    "comprehend",
    "config",
    "databrew",
    "datasync",
    "dlm",
    "ecs-tasks",
    "elasticmapreduce",
    "events",
    "evidently",
    "finspace",
    "fis",
    "forecast",
    "gamelift",
    "glue",
    "grafana",
    "healthlake",
    "imagebuilder",
    "iot",
    "iotevents",
    "ivs",
    "kendra",
    "kinesisanalytics",
    "lex",
    "lexv2",
    "logs",
    "lookoutequipment",
    "m2",
    "mediaconvert",
    "omics",
    "osis",
    "personalize",
    "pipes",
    "polly",
    "qbusiness",
    "quicksight",
    "redshift",
    "rekognition",
    "resiliencehub",
    "robomaker",
    "sagemaker",
    "scheduler",
    "ses",
    "ssm",
    "ssm-incidents",
    "states",
    "textract",
    "timestream",
    "transcribe",
    "transfer",
    "translate",
    "vpc-flow-logs",
    "wisdom",
];

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || policy.kind.policy_type == PolicyType::VpcEndpoint {
        return;
    }
    // What a condition lets through is told by the rules about deputies, PAL700 and PAL702.
    let compared = deputy::source_conditions(statement).any(deputy::compares);
    if compared || deputy::is_narrowed_otherwise(statement) {
        return;
    }
    for principal in statement.principals("Service") {
        let Some(name) = principal.known() else {
            continue;
        };
        let service = name.split('.').next().unwrap_or("");
        if policy.kind.policy_type == PolicyType::Trust && !SENDERS.contains(&service) {
            continue;
        }
        let reason = format!(
            "`{name}` may do this for anyone's resources: nothing says for which account or resource it acts"
        );
        let help = "add a condition on aws:SourceArn (ArnLike) or aws:SourceAccount (StringEquals)";
        out.push(Note::at(principal.span, reason).help(help));
    }
}

//! # A pattern that breaks the feature
//!
//! A trust policy for SageMaker names, in `aws:SourceArn`, a resource that SageMaker never sends there, and no other
//! statement lets the feature's call pass.
//!
//! ## Why
//! AWS's guide says which patterns may be narrowed. For Studio and inference, SageMaker sends the ARN that ends in
//! `:*`, whatever the domain or the endpoint is; Marketplace works on many resources with one role; a pipeline's
//! calls carry the ARN of an execution, another one each time; images keep the forms `image/*` and `image-version/*`.
//! A narrower pattern refuses the feature itself. Training, processing, transform, compilation and packaging jobs may
//! be named.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:endpoint/churn" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL705",
    name: "source-arn-narrow",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || !deputy::is_for_sagemaker(statement) {
        return;
    }
    for text in deputy::source_arns(statement).filter(|text| !text.value.contains(text::UNKNOWN)) {
        let Some(arn) = Arn::new(text, true) else {
            continue;
        };
        let written = arn.part(5).unwrap_or_default();
        let Some(broken) = broken(written) else {
            continue;
        };
        let own = deputy::own_call(statement, text, &broken.sent);
        let allowed = deputy::compiled(policy).zip(own);
        if allowed.is_some_and(|(set, own)| deputy::is_allowed(&set, "sts:AssumeRole", &own)) {
            continue;
        }
        let reason = format!("`{written}` breaks {}: {}", broken.feature, broken.why);
        let edits = arn.replace(policy, 5, &broken.instead);
        let title = format!("write `{}` behind the account", broken.instead);
        out.push(Note::at(arn.span(policy, 5), reason).possible_fix(title, edits));
    }
}

/// A feature that a pattern means and does not match.
struct Broken {
    feature: &'static str,
    sent: String,
    why: &'static str,
    instead: String,
}

fn broken(written: &str) -> Option<Broken> {
    let parts: Vec<&str> = written.split('/').collect();
    let of = |feature, sent: &str, why, instead: &str| {
        Some(Broken {
            feature,
            sent: sent.to_owned(),
            why,
            instead: instead.to_owned(),
        })
    };
    match parts.as_slice() {
        [
            "endpoint" | "endpoint-config" | "model" | "inference-component",
            ..,
        ] => of(
            "inference",
            "*",
            "SageMaker sends the ARN that ends in `:*`, and no model or endpoint",
            "*",
        ),
        ["domain" | "user-profile" | "app" | "space", ..] => of(
            "Studio",
            "*",
            "SageMaker sends the ARN that ends in `:*`, and no app, user profile or domain",
            "*",
        ),
        ["algorithm" | "model-package" | "model-package-group", ..] => of(
            "Marketplace",
            "training-job/example",
            "validation runs jobs and models of its own with the role",
            "*",
        ),
        ["image" | "image-version"] | ["image" | "image-version", "*"] => None,
        [kind @ ("image" | "image-version"), ..] => of(
            "images",
            &format!("{kind}/another/1"),
            "the form of the pattern must be kept",
            &format!("{kind}/*"),
        ),
        ["pipeline"] | ["pipeline", "*"] | ["pipeline", _, "*"] => None,
        ["pipeline", name] if name.contains('*') => None,
        ["pipeline", name] => of(
            "pipelines",
            &format!("pipeline/{name}/execution/abcdefghijkl"),
            "calls carry the ARN of an execution",
            &format!("pipeline/{name}/*"),
        ),
        ["pipeline", name, ..] => {
            let name = name.replace(['*', '?'], "x");
            of(
                "pipelines",
                &format!("pipeline/{name}/execution/zyxwvutsrqpo"),
                "the next execution has another ARN",
                &format!("pipeline/{name}/*"),
            )
        }
        _ => None,
    }
}

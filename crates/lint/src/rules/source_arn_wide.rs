//! # A pattern of sources that takes in more than it says
//!
//! A trust policy for SageMaker has a pattern in `aws:SourceArn` whose wildcard stands in the service or in the type
//! of resource; or the type is none that SageMaker has.
//!
//! ## Why
//! `:*` and `TYPE/*` are the forms that AWS's guide has. `*job/*` or `t*` seem to mean one feature and let others use
//! the role too, also those that AWS adds; a wildcard for the service says nothing at all, and another service's name
//! never fits. Where all features are meant, `:*` says so.
//!
//! ## Example
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*job/*" } } } }
//! ```
//!
//! ## Fix
//! ```json trust
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com"
//!   }, "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn": [
//!   "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
//!   "arn:aws:sagemaker:us-west-2:111122223333:processing-job/*" ] } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL706",
    name: "source-arn-wide",
    severity: Severity::Warning,
    aws: &[],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    if !statement.allows() || !deputy::is_for_sagemaker(statement) {
        return;
    }
    let others = statement
        .principals("Service")
        .any(|service| !deputy::is_sagemaker(&service.value));
    for text in deputy::source_arns(statement) {
        let Some(arn) = Arn::new(text, true) else {
            continue;
        };
        let service = arn.part(2).unwrap_or_default();
        if service.contains(['*', '?']) {
            let reason = format!("`{service}` leaves open which service's resource it is");
            let edits = arn.replace(policy, 2, "sagemaker");
            let note = Note::at(arn.span(policy, 2), reason);
            out.push(note.possible_fix("write `sagemaker`", edits));
        } else if service != "sagemaker" && !others {
            let reason = format!(
                "SageMaker never acts for a resource of `{service}`: no call has such a source"
            );
            let note = Note::at(arn.span(policy, 2), reason).severity(Severity::Error);
            out.push(note.help("write `sagemaker`"));
        }
        let written = arn.part(5).unwrap_or_default();
        let kind = written.split('/').next().unwrap_or_default();
        if written == "*" || !text.is_known() {
            continue;
        }
        if !kind.contains(['*', '?']) {
            unknown_type(policy, &arn, kind, out);
            continue;
        }
        let reached: Vec<&str> = deputy::FEATURES
            .iter()
            .filter(|feature| {
                feature
                    .sent
                    .iter()
                    .any(|sent| patterns::glob(written, sent))
            })
            .map(|feature| feature.name)
            .collect();
        if reached.len() == 1 {
            continue;
        }
        let reason = match reached.is_empty() {
            true => format!("no call of SageMaker's features has a source that `{written}` fits"),
            false => format!(
                "`{written}` lets several features use the role: {}",
                reached.join(", ")
            ),
        };
        let note = Note::at(arn.span(policy, 5), reason);
        out.push(note.help("name each type, as `training-job/*`, or write `*` for all of them"));
    }
}

/// A slip in the type of resource: the statement would never apply.
fn unknown_type(policy: &Policy, arn: &Arn<'_>, kind: &str, out: &mut Reporter<'_>) {
    let types = || {
        let formats = arns::formats("sagemaker").iter();
        formats.filter_map(|format| format.resource.split('/').next())
    };
    let is_sagemaker = arn.part(2) == Some("sagemaker");
    if !is_sagemaker || kind.contains('$') || types().any(|known| known == kind) {
        return;
    }
    let reason = format!("SageMaker has no `{kind}`: no call has such a source");
    let note = Note::at(arn.span(policy, 5), reason).severity(Severity::Error);
    let known = types().filter(|known| *known != "*").map(str::to_owned);
    out.push(match facts::closest(kind, known) {
        Some(meant) => note.help(format!("write `{meant}`")),
        None => {
            note.help("write a type of SageMaker's, as `training-job/*`, or `*` for all of them")
        }
    });
}

//! # A role whose sessions cannot have a name
//!
//! Policies decide by `aws:SourceIdentity`, and the trust policy of the role that they belong to, or of a role that
//! it assumes, does not allow `sts:SetSourceIdentity`.
//!
//! ## Why
//! With the domain's setting on, SageMaker sets the source identity whenever it assumes the role, and the whole call
//! fails where the trust policy does not allow it. The same holds for each role that is assumed from there: a session
//! with a name needs `sts:SetSourceIdentity` for the next. Where a file does not tell whose policies are whose, this
//! is reported of the only role that SageMaker assumes.
//!
//! ## Example
//! ```json
//! { "RoleDetailList": [ { "RoleName": "execution", "Path": "/", "AssumeRolePolicyDocument": { "Version":
//!   "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com" },
//!   "Action": "sts:AssumeRole", "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }, "RolePolicyList": [ { "PolicyName": "own",
//!   "PolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/${aws:SourceIdentity}/*" } } } ] } ] }
//! ```
//!
//! ## Fix
//! ```json
//! { "RoleDetailList": [ { "RoleName": "execution", "Path": "/", "AssumeRolePolicyDocument": { "Version":
//!   "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "Service": "sagemaker.amazonaws.com" },
//!   "Action": [ "sts:AssumeRole", "sts:SetSourceIdentity" ], "Condition": { "ArnLike": { "aws:SourceArn":
//!   "arn:aws:sagemaker:us-west-2:111122223333:*" } } } }, "RolePolicyList": [ { "PolicyName": "own",
//!   "PolicyDocument": { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject",
//!   "Resource": "arn:aws:s3:::data/${aws:SourceIdentity}/*" } } } ] } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL900",
    name: "trust-without-name",
    severity: Severity::Error,
    aws: &[],
    check: Check::Set(check),
};

use std::collections::BTreeSet;

const SET: &str = "sts:SetSourceIdentity";

fn check(policies: &[Policy], out: &mut Reporter<'_>) {
    let trusts = || {
        policies
            .iter()
            .filter(|policy| policy.kind.policy_type == PolicyType::Trust)
    };
    let users: Vec<&Policy> = policies
        .iter()
        .filter(|policy| policy.kind.is_for_callers() && owners::names_identity(policy))
        .collect();
    if users.is_empty() {
        return;
    }
    let nobody =
        !trusts().any(|trust| trust.allows().any(|statement| statement.covers_action(SET)));
    let holders: BTreeSet<Option<&str>> = users.iter().map(|user| owners::holder(user)).collect();
    let loose = holders.contains(&None);
    let of_service = |trust: &&Policy| trust.allows().any(deputy::is_for_sagemaker);
    let only = trusts().filter(of_service).count() == 1;
    for trust in trusts() {
        let holder = owners::holder(trust);
        let own = holder.is_some() && holders.contains(&holder);
        if own || (nobody && loose && only) {
            of_sagemaker(trust, out);
        }
    }
    let named: BTreeSet<&str> = trusts()
        .filter(|trust| {
            let mut setting = trust
                .allows()
                .filter(|statement| statement.covers_action(SET));
            setting.any(deputy::is_for_sagemaker)
        })
        .filter_map(owners::role_name)
        .collect();
    for trust in trusts() {
        chained(trust, &named, out);
    }
}

fn of_sagemaker(trust: &Policy, out: &mut Reporter<'_>) {
    let allows = || {
        trust
            .allows()
            .filter(|statement| deputy::is_for_sagemaker(statement))
    };
    if allows().any(|statement| statement.covers_action(SET)) {
        return;
    }
    let Some(statement) = allows().find(|statement| statement.covers_action("sts:AssumeRole"))
    else {
        return;
    };
    let reason = "policies ask for `aws:SourceIdentity`, and SageMaker may not set it here: the role cannot be assumed with a name";
    let help = "allow sts:SetSourceIdentity beside sts:AssumeRole, in the same statement";
    out.of(
        trust,
        Some(statement),
        Note::at(action_span(statement), reason).help(help),
    );
}

/// A role that is assumed by one whose sessions have names.
fn chained(trust: &Policy, named: &BTreeSet<&str>, out: &mut Reporter<'_>) {
    let mut allows = trust.allows();
    if allows.any(|statement| statement.covers_action(SET)) {
        return;
    }
    for statement in trust
        .allows()
        .filter(|statement| statement.covers_action("sts:AssumeRole"))
    {
        for principal in statement.principals("AWS") {
            let role = principal
                .value
                .split_once(":role/")
                .and_then(|(_, path)| path.rsplit('/').next());
            if role.is_some_and(|role| named.contains(role)) {
                let reason = format!(
                    "sessions of `{}` have a source identity, and cannot assume a role that does not allow `{SET}`",
                    principal.shown()
                );
                let help = "allow sts:SetSourceIdentity beside sts:AssumeRole";
                out.of(
                    trust,
                    Some(statement),
                    Note::at(principal.span, reason).help(help),
                );
            }
        }
    }
}

fn action_span(statement: &Statement) -> Span {
    statement
        .actions
        .as_ref()
        .map_or_else(|| statement.head(), |actions| actions.span)
}

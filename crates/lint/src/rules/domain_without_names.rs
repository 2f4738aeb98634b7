//! # A domain whose sessions have no names
//!
//! Policies of the run decide by `aws:SourceIdentity`, and a Studio domain in a template leaves
//! `ExecutionRoleIdentityConfig` off.
//!
//! ## Why
//! The setting is off unless it is `USER_PROFILE_NAME`. Without it, no session of the domain has a source identity:
//! what is allowed by name is allowed to nobody, and the trail does not say who did something. It can only be changed
//! while no app of the domain runs.
//!
//! ## Example
//! ```yaml
//! Resources:
//!   Studio:
//!     Type: AWS::SageMaker::Domain
//!     Properties:
//!       DomainName: vision
//!       AuthMode: IAM
//!   Own:
//!     Type: AWS::IAM::ManagedPolicy
//!     Properties:
//!       PolicyDocument:
//!         Version: "2012-10-17"
//!         Statement:
//!           - Effect: Allow
//!             Action: s3:GetObject
//!             Resource: "arn:aws:s3:::data/users/${aws:SourceIdentity}/*"
//! ```
//!
//! ## Fix
//! ```yaml
//! Resources:
//!   Studio:
//!     Type: AWS::SageMaker::Domain
//!     Properties:
//!       DomainName: vision
//!       AuthMode: IAM
//!       DomainSettings:
//!         ExecutionRoleIdentityConfig: USER_PROFILE_NAME
//!   Own:
//!     Type: AWS::IAM::ManagedPolicy
//!     Properties:
//!       PolicyDocument:
//!         Version: "2012-10-17"
//!         Statement:
//!           - Effect: Allow
//!             Action: s3:GetObject
//!             Resource: "arn:aws:s3:::data/users/${aws:SourceIdentity}/*"
//! ```

use crate::finding::Finding;
use crate::prelude::*;
use crate::sources::Domain;
use policy::text::Source;

pub(super) const RULE: Rule = Rule {
    code: "PAL902",
    name: "domain-without-names",
    severity: Severity::Error,
    aws: &[],
    check: Check::Reading,
};

/// Domains are no policies, and are looked at once all are read.
pub(super) fn found(policies: &[Policy], domains: &[(Source, Domain)]) -> Vec<Finding> {
    let callers = |policy: &&Policy| policy.kind.is_for_callers();
    if !policies.iter().filter(callers).any(owners::names_identity) {
        return Vec::new();
    }
    let off = domains
        .iter()
        .filter(|(_, domain)| domain.is_named == Some(false));
    off.map(|(source, domain)| Finding {
        rule: &RULE,
        severity: RULE.severity,
        source: source.clone(),
        span: domain.span,
        policy: domain.name.clone(),
        statement: None,
        sid: None,
        reason: "policies ask for `aws:SourceIdentity`, and the sessions of this domain have none"
            .to_owned(),
        help: Some(
            "set ExecutionRoleIdentityConfig to USER_PROFILE_NAME in the domain's settings"
                .to_owned(),
        ),
        related: Vec::new(),
        fix: None,
        by_hand: None,
    })
    .collect()
}

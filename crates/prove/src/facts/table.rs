//! The facts that are built in. Keys that the Service Authorization Reference lists have one value or several as it says
//! (the catalog knows them); what stands here goes beyond that.

use super::{Claim, Fact};
use crate::language::Set;

/// Name, key, claim, source.
type Row = (&'static str, &'static str, Kind, &'static str);

enum Kind {
    Present,
    Arn,
    Texts(&'static str, usize, Option<usize>),
}

const IDENTITY: &str = "A-Za-z0-9_+=,.@\\-";
const STS: &str = "AWS STS API Reference, AssumeRole, request parameters";
const GLOBAL: &str = "IAM User Guide, AWS global condition context keys";
const ACCOUNT: &str = "AWS Account Management Reference Guide, account identifiers: twelve digits";
const SAGEMAKER: &str = "SageMaker API Reference, CreateDomain and CreateUserProfile";

const TABLE: &[Row] = &[
    (
        "source-arn-form",
        "aws:SourceArn",
        Kind::Arn,
        "IAM User Guide, AWS global condition context keys, aws:SourceArn; IAM User Guide, ARN format",
    ),
    (
        "source-identity-characters",
        "aws:SourceIdentity",
        Kind::Texts(IDENTITY, 2, Some(64)),
        STS,
    ),
    (
        "sts-source-identity-characters",
        "sts:SourceIdentity",
        Kind::Texts(IDENTITY, 2, Some(64)),
        STS,
    ),
    (
        "session-name-characters",
        "sts:RoleSessionName",
        Kind::Texts(IDENTITY, 2, Some(64)),
        STS,
    ),
    (
        "external-id-characters",
        "sts:ExternalId",
        Kind::Texts("A-Za-z0-9_+=,.@:/\\-", 2, None),
        STS,
    ),
    (
        "user-name-characters",
        "aws:username",
        Kind::Texts(IDENTITY, 1, Some(64)),
        "IAM User Guide, IAM and AWS STS quotas, name requirements",
    ),
    (
        "source-account-digits",
        "aws:SourceAccount",
        Kind::Texts("0-9", 12, Some(12)),
        ACCOUNT,
    ),
    (
        "resource-account-digits",
        "aws:ResourceAccount",
        Kind::Texts("0-9", 12, Some(12)),
        ACCOUNT,
    ),
    (
        "domain-id-characters",
        "sagemaker:DomainId",
        Kind::Texts("a-z0-9\\-", 3, Some(63)),
        SAGEMAKER,
    ),
    (
        "user-profile-name-characters",
        "sagemaker:UserProfileName",
        Kind::Texts("A-Za-z0-9\\-", 1, Some(63)),
        SAGEMAKER,
    ),
    (
        "secure-transport-present",
        "aws:SecureTransport",
        Kind::Present,
        GLOBAL,
    ),
    (
        "current-time-present",
        "aws:CurrentTime",
        Kind::Present,
        GLOBAL,
    ),
    ("epoch-time-present", "aws:EpochTime", Kind::Present, GLOBAL),
    (
        "via-service-present",
        "aws:ViaAWSService",
        Kind::Present,
        GLOBAL,
    ),
];

pub(super) fn built_in() -> Vec<Fact> {
    TABLE
        .iter()
        .map(|(id, key, kind, source)| Fact {
            id: (*id).to_owned(),
            key: (*key).to_owned(),
            claim: match kind {
                Kind::Present => Claim::Present,
                Kind::Arn => Claim::Arn,
                Kind::Texts(characters, least, most) => Claim::Texts {
                    characters: (*characters).to_owned(),
                    least: *least,
                    most: *most,
                },
            },
            source: (*source).to_owned(),
        })
        .collect()
}

/// Reads single characters and ranges; a backslash takes away a character's meaning. Empty: every character.
pub(super) fn characters(text: &str) -> Set {
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let low = if c == '\\' {
            rest.next().unwrap_or(c)
        } else {
            c
        };
        let high = match rest.peek() {
            Some('-') => {
                rest.next();
                rest.next().unwrap_or(low)
            }
            _ => low,
        };
        ranges.push((low, high));
    }
    match ranges.is_empty() {
        true => Set::Any,
        false => Set::ranges(ranges),
    }
}

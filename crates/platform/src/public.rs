//! Whether a resource's policy lets in an unknown public (Amazon S3 User Guide, "The meaning of public").

use policy::document::{Comparison, Condition, PrincipalEntry, Qualifier, Statement};
use policy::{Document, Effect};

/// Condition keys whose fixed values tell who may come in.
const TELLING: &[&str] = &[
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:SourceArn",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceOwner",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:userid",
    "s3:DataAccessPointAccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether a policy gives something to an unknown public: whether it has an Allow that neither names
/// fixed callers nor demands a fixed value of one of the keys that tell them apart.
#[must_use]
pub fn is_public(document: &Document) -> bool {
    document.statements.iter().any(is_open)
}

fn is_open(statement: &Statement) -> bool {
    statement.effect.value == Effect::Allow
        && names_everyone(statement)
        && !statement.conditions.iter().any(narrows)
}

fn names_everyone(statement: &Statement) -> bool {
    statement.principal.as_ref().is_none_or(|principal| {
        let everyone = |entry: &PrincipalEntry| {
            matches!(
                entry,
                PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws
            )
        };
        principal.not || principal.entries.iter().any(|entry| everyone(&entry.value))
    })
}

/// Whether a condition lets only known ones pass: all of its values must be fixed.
fn narrows(condition: &Condition) -> bool {
    let operator = condition.operator.value;
    // Without the key these are true.
    let sure = !operator.negated
        && !operator.if_exists
        && operator.qualifier != Some(Qualifier::ForAllValues);
    let mut values = condition
        .values
        .iter()
        .map(|value| value.value.text.as_str());
    let key = condition.key.value.as_str();
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    if !sure || condition.values.is_empty() {
        return false;
    }
    match operator.comparison {
        Comparison::IpAddress => is("aws:SourceIp") && values.all(is_narrow_range),
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::ArnLike => {
            let fixed = |value: &str| !value.contains(['*', '?']) && !value.contains("${");
            if is("s3:DataAccessPointArn") {
                return values.all(has_fixed_account);
            }
            if is("aws:userid") {
                // `AROA…:*` is one role, whatever its sessions are called.
                return values.all(|value| match value.split_once(':') {
                    Some((id, "*")) => fixed(id),
                    _ => fixed(value),
                });
            }
            TELLING.iter().any(|name| is(name)) && values.all(fixed)
        }
        _ => false,
    }
}

/// An access point's ARN may leave the name open, not the account.
fn has_fixed_account(arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    policy::AccountId::parse(account).is_some()
}

/// A range no broader than AWS counts as known: `/8` of IPv4, `/32` of IPv6, or private addresses.
fn is_narrow_range(range: &str) -> bool {
    let (address, length) = match range.split_once('/') {
        Some((address, length)) => (address, length.parse::<u8>().ok()),
        None => (range, Some(128)),
    };
    match (address.parse::<std::net::IpAddr>(), length) {
        (Ok(std::net::IpAddr::V4(_)), Some(length)) => length >= 8,
        (Ok(std::net::IpAddr::V6(_)), Some(length)) => length >= 32,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::PolicyType;

    fn public(principal: &str, condition: &str) -> bool {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},
                "Action":"s3:GetObject","Resource":"arn:aws:s3:::mine/*","Condition":{condition}}}]}}"#
        );
        is_public(&Document::parse(&text, PolicyType::Resource).unwrap())
    }

    #[test]
    fn public_is_who_is_not_known() {
        let everyone = r#""*""#;
        for principal in [
            everyone,
            r#"{"AWS":"*"}"#,
            r#"{"AWS":["111122223333","*"]}"#,
        ] {
            assert!(public(principal, "{}"), "{principal}");
        }
        for principal in [
            r#"{"AWS":"111122223333"}"#,
            r#"{"Service":"cloudtrail.amazonaws.com"}"#,
        ] {
            assert!(!public(principal, "{}"), "{principal}");
        }
        for (condition, expected) in [
            (r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#, false),
            (r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#, true),
            (
                r#"{"StringEquals":{"aws:SourceVpc":["vpc-1","${aws:x}"]}}"#,
                true,
            ),
            (r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#, true),
            (
                r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#,
                true,
            ),
            (r#"{"StringEquals":{"aws:Referer":"me"}}"#, true),
            (r#"{"StringEquals":{"AWS:principalorgid":"o-1"}}"#, false),
            (r#"{"StringLike":{"aws:userid":"AROAEXAMPLE:*"}}"#, false),
            (r#"{"StringLike":{"aws:userid":"*:x"}}"#, true),
            (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, false),
            (r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#, true),
            (
                r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","::/0"]}}"#,
                true,
            ),
            (
                r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
                true,
            ),
            (
                r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:111122223333:accesspoint/*"}}"#,
                false,
            ),
            (
                r#"{"ArnLike":{"s3:DataAccessPointArn":"arn:aws:s3:us-east-1:*:accesspoint/x"}}"#,
                true,
            ),
            (
                r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111122223333:t"}}"#,
                false,
            ),
        ] {
            assert_eq!(public(everyone, condition), expected, "{condition}");
        }
    }
}

//! What rules ask the catalog.

use crate::model::{Condition, Statement};
use crate::patterns;
use crate::text::Text;
use catalog::{Action, ConditionKey};
use policy::document::{Comparison, Operator};
use policy::text::Diagnostic;
use policy::{Document, PolicyType, json};
use std::net::IpAddr;

/// The actions that a pattern such as `s3:Get*` matches. `*` is not expanded.
#[must_use]
pub fn matching(pattern: &str) -> Vec<Action> {
    let Some((prefix, name)) = pattern.split_once(':') else {
        return Vec::new();
    };
    let Some(service) = catalog::service(prefix) else {
        return Vec::new();
    };
    if !name.contains(['*', '?']) {
        return service.action(name).into_iter().collect();
    }
    let name = name.to_ascii_lowercase();
    service
        .actions()
        .filter(|action| {
            let text = action.name().to_string().to_ascii_lowercase();
            patterns::glob(&name, &text)
        })
        .collect()
}

/// Whether a condition key can be in a request for an action: it is global, or the action lists it, or the action's
/// service lists it for no action in particular, as `sagemaker:DomainId`.
#[must_use]
pub fn can_carry(action: Action, key: &str) -> bool {
    if action.lists_condition_key(key) {
        return true;
    }
    // A tag's key may be listed as a sample.
    if key.contains("ResourceTag/") && self::key(key).is_some_and(|k| !k.covers(key)) {
        return true;
    }
    let lower = key.to_ascii_lowercase();
    if lower.starts_with("aws:") {
        // Tags are the global keys that only some actions support.
        return !is_tag_key(&lower);
    }
    let of_service = action
        .service()
        .condition_keys()
        .any(|known| known.covers(key));
    of_service
        && !action
            .service()
            .actions()
            .any(|other| other.lists_condition_key(key))
}

/// Whether a key, in lower case, is one of the tag keys that services support or do not.
#[must_use]
pub fn is_tag_key(lower: &str) -> bool {
    lower.starts_with("aws:requesttag/")
        || lower.starts_with("aws:resourcetag/")
        || lower == "aws:tagkeys"
}

/// The key that a name in a policy means, also where a service lists it under another spelling of its tag.
#[must_use]
pub fn key(name: &str) -> Option<ConditionKey> {
    if let Some(key) = catalog::condition_key(name) {
        return Some(key);
    }
    // Some services list a sample such as `secretsmanager:ResourceTag/tag-key` for the tags of any key.
    let (base, tag) = name.split_once('/')?;
    let (prefix, base) = base.split_once(':')?;
    if tag.is_empty() {
        return None;
    }
    catalog::service(prefix)?.condition_keys().find(|key| {
        let known = key.name().to_string();
        let known = known.split_once(':').map_or("", |(_, name)| name);
        known.split_once('/').is_some_and(|(known, sample)| {
            known.eq_ignore_ascii_case(base) && (sample.is_empty() || sample.contains("tag"))
        })
    })
}

/// The known name closest to a misspelt one, if it is close enough to be meant.
pub fn closest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let limit = match lower.chars().count() {
        0..=3 => 1,
        4..=8 => 2,
        _ => 3,
    };
    known
        .map(|known| (distance(&lower, &known.to_ascii_lowercase(), limit), known))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, known)| known)
}

/// Edits that turn one text into the other, counted up to one more than `limit`.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let a: Vec<char> = a.chars().take(128).collect();
    let b: Vec<char> = b.chars().take(128).collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, to) in row.iter_mut().skip(1).zip(&b) {
            let substituted = diagonal + usize::from(from != to);
            diagonal = *slot;
            *slot = substituted.min(diagonal + 1).min(left + 1);
            left = *slot;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(limit + 1)
}

/// The partitions of AWS.
pub const PARTITIONS: &[&str] = &[
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

/// The regions of AWS, as of late 2026.
pub const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// Whether a text has the form of a region: AWS adds regions, so that an unlisted one is no error by itself.
#[must_use]
pub fn is_region_like(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            words.len() >= 2
                && words.iter().all(letters)
                && number.len() == 1
                && number.bytes().all(|b| b.is_ascii_digit())
        }
        None => false,
    }
}

/// Whether a text is an account id: twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a text has the form of a unique id of a user, role or other entity: `AIDA…`, `AROA…`.
#[must_use]
pub fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Whether the prefix of a key is an identity provider, whose keys the catalog does not list: a host name, or SAML.
#[must_use]
pub fn is_provider(prefix: &str) -> bool {
    prefix.contains(['.', '/']) || matches!(prefix, "saml" | "localhost")
}

/// Why an operator cannot read a value, as the engine says it.
#[must_use]
pub fn value_fault(operator: Operator, value: &str, variables: bool) -> Option<Diagnostic> {
    let version = if variables {
        "2012-10-17"
    } else {
        "2008-10-17"
    };
    let text = format!(
        r#"{{"Version":"{version}","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:x":{}}}}}}}}}"#,
        json::quote(value)
    );
    let rejected = Document::parse(&text, PolicyType::Identity).err()?;
    rejected.diagnostics.into_iter().next()
}

/// The values of a statement that are compared as addresses.
pub fn address_values(statement: &Statement) -> impl Iterator<Item = &Text> {
    let of_addresses = |condition: &&Condition| {
        condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::IpAddress)
    };
    let conditions = statement.conditions.iter().filter(of_addresses);
    conditions.flat_map(|condition| condition.values.iter().map(|value| &value.text))
}

/// An address, and the length of its prefix where it is a range.
#[must_use]
pub fn address(text: &str) -> Option<(IpAddr, Option<u8>)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = match bits {
        None => None,
        Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => Some(bits.parse::<u8>().ok()?),
        Some(_) => return None,
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits <= most)
        .then_some((address, bits))
}

/// The first address of a range.
#[must_use]
pub fn network(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX
                .checked_shl(32_u32.saturating_sub(bits.into()))
                .unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX
                .checked_shl(128_u32.saturating_sub(bits.into()))
                .unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

/// Whether all addresses of a range are private (RFC 1918, RFC 4193).
#[must_use]
pub fn is_private(address: IpAddr, bits: Option<u8>) -> bool {
    let within = |range: &str| {
        let Some((base, Some(length))) = self::address(range) else {
            return false;
        };
        base.is_ipv4() == address.is_ipv4()
            && bits.is_none_or(|bits| bits >= length)
            && network(address, length) == base
    };
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
        .iter()
        .any(|range| within(range))
}

/// The texts of a statement in which variables are filled in: resources, and values of conditions.
pub fn variable_texts(statement: &Statement) -> impl Iterator<Item = &Text> {
    let resources = statement
        .resources
        .iter()
        .flat_map(|resources| &resources.values);
    let takes = |condition: &&Condition| {
        condition
            .operator
            .is_none_or(|operator| operator.comparison.has_variables())
    };
    let conditions = statement.conditions.iter().filter(takes);
    let values = conditions.flat_map(|condition| condition.values.iter().map(|value| &value.text));
    resources.chain(values)
}

/// Whether a statement asks, with `Bool`, that a key be true, or false; also with `IfExists`.
#[must_use]
pub fn tells(statement: &Statement, key: &str, wanted: &str) -> bool {
    statement.conditions_on(key).any(|condition| {
        let boolean = condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::Bool);
        let is =
            |value: &crate::model::ConditionValue| value.text.value.eq_ignore_ascii_case(wanted);
        boolean && condition.values.iter().any(is)
    })
}

/// The host of an OpenID Connect provider that a trust policy names; `None` for SAML providers and what is not known.
#[must_use]
pub fn oidc_host(provider: &Text) -> Option<&str> {
    let name = provider.known()?;
    match name.split_once(":oidc-provider/") {
        Some((_, host)) => Some(host),
        None if name.starts_with("arn:") || !name.contains('.') => None,
        None => Some(name),
    }
}

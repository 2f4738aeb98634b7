//! Who is a stranger to a policy: whoever it trusts by nothing that they alone have.

use policy::document::{Comparison, Document, PrincipalEntry, Statement};
use policy::{AccountId, Arn, NamedPolicy, PolicySet, PolicyType};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Keys whose values a stranger does not choose (Amazon S3 User Guide, "The meaning of public").
const TRUSTED: [&str; 12] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:userid",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
];

/// A policy that describes the requests of strangers: without the accounts that the policies name, and without the values
/// that they fix of keys that nobody chooses.
///
/// # Errors
/// Where a value of the policies is not understood.
pub fn strangers(set: &PolicySet) -> Result<PolicySet, String> {
    let mut accounts = BTreeSet::new();
    let mut fixed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut addresses = BTreeSet::new();
    let statements = set
        .policies()
        .iter()
        .flat_map(|policy| &policy.document.statements);
    for statement in statements {
        accounts.extend(named(statement));
        for condition in statement
            .conditions
            .iter()
            .filter(|c| !c.operator.value.negated)
        {
            let texts = condition
                .values
                .iter()
                .map(|value| value.value.text.as_str());
            let key = condition.key.value.as_str();
            if condition.operator.value.comparison == Comparison::IpAddress {
                addresses.extend(texts.filter(|text| is_narrow(text)).map(str::to_owned));
            } else if let Some(key) = TRUSTED.iter().find(|name| name.eq_ignore_ascii_case(key)) {
                let kept = texts.filter(|text| is_fixed(text)).map(str::to_owned);
                fixed.entry(key).or_default().extend(kept);
            }
        }
    }
    fixed.retain(|_, values| !values.is_empty());
    let mut unlike = Map::new();
    for (key, values) in fixed {
        unlike.insert(key.to_owned(), json!(values));
    }
    let mut conditions = Map::new();
    if !accounts.is_empty() {
        conditions.insert(
            "StringNotEquals".into(),
            json!({"aws:PrincipalAccount": accounts}),
        );
    }
    if !unlike.is_empty() {
        conditions.insert("ForAllValues:StringNotLike".into(), unlike.into());
    }
    if !addresses.is_empty() {
        conditions.insert("NotIpAddress".into(), json!({"aws:SourceIp": addresses}));
    }
    let statement = json!({
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": Value::from(conditions),
    });
    let text = json!({"Version": "2008-10-17", "Statement": statement}).to_string();
    let document = Document::parse(&text, PolicyType::Identity).map_err(|e| e.to_string())?;
    Ok(PolicySet::compile([NamedPolicy::new(
        "strangers",
        document,
    )]))
}

/// The accounts that a statement names.
fn named(statement: &Statement) -> Vec<String> {
    let entries = statement
        .principal
        .iter()
        .filter(|p| !p.not)
        .flat_map(|p| &p.entries);
    let account = |entry: &PrincipalEntry| match entry {
        PrincipalEntry::Account(id) => Some(id.clone()),
        PrincipalEntry::Arn(arn) => Some(Arn::parse(arn).ok()?.account().to_owned()),
        _ => None,
    };
    entries.filter_map(|entry| account(&entry.value)).collect()
}

/// Whether a value says who it is: it has no wildcards, or is an ARN whose account has none.
fn is_fixed(text: &str) -> bool {
    let account = text.split(':').nth(4).and_then(AccountId::parse);
    account.is_some() || !text.contains(['*', '?']) && !text.contains("${")
}

/// Whether a range of addresses could belong to one owner.
fn is_narrow(range: &str) -> bool {
    let bits = range
        .split_once('/')
        .and_then(|(_, bits)| bits.parse::<u8>().ok());
    let least = if range.contains(':') { 32 } else { 8 };
    bits.is_none_or(|bits| bits >= least)
}

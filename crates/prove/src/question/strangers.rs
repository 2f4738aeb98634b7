//! Who is a stranger to a policy: whoever it trusts by nothing that they alone have.

use policy::document::{Comparison, Document, PrincipalEntry, Statement};
use policy::{AccountId, Arn, Effect, NamedPolicy, PolicySet, PolicyType};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Keys whose values a stranger does not choose (Amazon S3 User Guide, "The meaning of public"; Amazon EFS User Guide,
/// "Blocking public access"; AWS KMS Developer Guide, condition keys).
const TRUSTED: [&str; 20] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:userid",
    "elasticfilesystem:AccessedViaMountTarget",
    "elasticfilesystem:AccessPointArn",
    "kms:CallerAccount",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
];

/// Identity providers with which everybody can have an account, and the keys of theirs that say whose account or application
/// it is (IAM User Guide, "Identity-provider controls for shared OIDC providers").
const SHARED: [(&str, &[&str]); 10] = [
    ("accounts.google.com", &["aud", "oaud", "sub"]),
    ("agent.buildkite.com", &["sub"]),
    ("app.terraform.io", &["sub"]),
    ("cognito-identity.amazonaws.com", &["aud", "sub"]),
    ("gitlab.com", &["sub"]),
    ("graph.facebook.com", &["app_id", "id"]),
    ("oidc.circleci.com", &["aud", "sub"]),
    ("token.actions.githubusercontent.com", &["sub"]),
    ("vstoken.dev.azure.com", &["sub"]),
    ("www.amazon.com", &["app_id", "user_id"]),
];

/// A policy that describes the requests of strangers: without the owner's account and those that the policies name, and
/// without the values that they fix of keys that nobody chooses.
///
/// # Errors
/// Where a value of the policies is not understood.
pub fn strangers(set: &PolicySet, owner: Option<AccountId>) -> Result<PolicySet, String> {
    let mut accounts: BTreeSet<String> = owner.iter().map(AccountId::to_string).collect();
    let mut fixed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut addresses = BTreeSet::new();
    let statements = set
        .policies()
        .iter()
        .flat_map(|policy| &policy.document.statements);
    for statement in statements {
        accounts.extend(named(statement));
        // What an Allow asks for, and what a Deny leaves alone.
        let is_deny = statement.effect.value == Effect::Deny;
        let asked = statement.conditions.iter();
        for condition in asked.filter(|c| c.operator.value.negated == is_deny) {
            let values = condition.values.iter();
            let texts = values.map(|value| value.value.text.as_str());
            let key = condition.key.value.as_str();
            if condition.operator.value.comparison == Comparison::IpAddress {
                addresses.extend(texts.filter(|text| is_narrow(text)).map(str::to_owned));
            } else if let Some(key) = trusted(key) {
                let kept = texts.filter(|text| is_fixed(&key, text)).map(str::to_owned);
                fixed.entry(key.clone()).or_default().extend(kept);
            }
        }
    }
    fixed.retain(|_, values| !values.is_empty());
    let mut conditions = Map::new();
    if !accounts.is_empty() {
        conditions.insert(
            "StringNotEquals".into(),
            json!({"aws:PrincipalAccount": accounts}),
        );
    }
    if !fixed.is_empty() {
        conditions.insert("ForAllValues:StringNotLike".into(), json!(fixed));
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

/// Whether somebody's principal is an identity provider with which everybody can have an account.
pub(super) fn is_shared_provider(entry: &PrincipalEntry) -> bool {
    match entry {
        PrincipalEntry::Federated(provider) => SHARED.iter().any(|(host, _)| {
            let name = provider.split_once(":oidc-provider/");
            name.map_or(provider.as_str(), |(_, name)| name)
                .split('/')
                .next()
                .is_some_and(|own| own.eq_ignore_ascii_case(host))
        }),
        _ => false,
    }
}

/// A key whose values a stranger does not choose, by its name in the documentation.
fn trusted(key: &str) -> Option<String> {
    let is_key = |name: &&&str| name.eq_ignore_ascii_case(key);
    if let Some(name) = TRUSTED.iter().find(is_key) {
        return Some((*name).to_owned());
    }
    let (provider, claim) = key.rsplit_once(':')?;
    let is_own = |(host, claims): &(&str, &[&str])| {
        let own = provider.split('/').next();
        own.is_some_and(|own| own.eq_ignore_ascii_case(host))
            && claims.iter().any(|own| own.eq_ignore_ascii_case(claim))
    };
    SHARED.iter().any(is_own).then(|| key.to_owned())
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

/// Whether a value of a key says who it is: it has no wildcards, or none in the part that does.
fn is_fixed(key: &str, text: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && !text.contains(['*', '?']) && !text.contains("${");
    let account = text.split(':').nth(4).and_then(AccountId::parse);
    let told = match key {
        // The organisation, before the path of units.
        _ if key.ends_with("OrgPaths") => text.split_once('/').map(|(head, _)| head),
        // The role, before the name of its session.
        "aws:userid" => text.split_once(':').map(|(head, _)| head),
        // The owner of a repository or project, before its name.
        _ if key.ends_with(":sub") => text.split_once('/').map(|(head, _)| head),
        _ => None,
    };
    account.is_some() || plain(text) || told.is_some_and(plain)
}

/// Whether a range of addresses could belong to one owner.
fn is_narrow(range: &str) -> bool {
    let bits = range
        .split_once('/')
        .and_then(|(_, bits)| bits.parse::<u8>().ok());
    let least = if range.contains(':') { 32 } else { 8 };
    bits.is_none_or(|bits| bits >= least)
}

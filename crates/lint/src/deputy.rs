//! Calls that a service makes for somebody, put to the conditions of a statement: what the rules about confused deputies
//! ask the engine (SageMaker Developer Guide, "Cross-service confused deputy prevention").

use crate::arns::Arn;
use crate::model::{self, Condition, Policy, Statement};
use crate::text::Text;
use policy::document::Comparison;
use policy::{
    AccountId, Action, Document, NamedPolicy, Policies, PolicySet, PolicyType, Principal, Request,
    Resource, decide, json,
};
use std::collections::BTreeMap;

/// The service principal of SageMaker.
pub(crate) const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// The keys that say for whom a service acts.
pub(crate) const SOURCE_KEYS: &[&str] = &[
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

/// Keys of single services that say it in another way.
pub(crate) const KEYS_OF_SERVICES: &[&str] = &[
    "kms:CallerAccount",
    "kms:ViaService",
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "sts:ExternalId",
    "s3:x-amz-source-account",
    "lambda:EventSourceToken",
];

/// A feature of SageMaker that assumes roles.
#[derive(Debug)]
pub(crate) struct Feature {
    /// Its name in sentences.
    pub(crate) name: &'static str,
    /// The last part of what it sends as `aws:SourceArn`.
    pub(crate) sent: &'static [&'static str],
    /// Whether its sessions carry the source identity.
    pub(crate) named: bool,
}

/// The features, with what each sends. The guide says of Studio and inference that their asterisk is no wildcard, so that
/// it is what they send.
pub(crate) const FEATURES: &[Feature] = &[
    feature("Studio", &["*"], true),
    feature("inference", &["*"], false),
    feature("training", &["training-job/example"], true),
    feature("processing", &["processing-job/example"], true),
    feature("batch transform", &["transform-job/example"], false),
    feature(
        "pipelines",
        &["pipeline/example/execution/abcdefghijkl"],
        true,
    ),
    feature(
        "images",
        &["image/example", "image-version/example/1"],
        false,
    ),
    feature("Neo", &["compilation-job/example"], false),
    feature("Edge Manager", &["edge-packaging-job/example"], false),
    feature(
        "Marketplace",
        &["model-package/example", "algorithm/example"],
        false,
    ),
];

const fn feature(name: &'static str, sent: &'static [&'static str], named: bool) -> Feature {
    Feature { name, sent, named }
}

/// For whom a service calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) account: Option<String>,
    pub(crate) arn: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) path: Option<String>,
}

/// Whether a statement is for SageMaker as a service.
pub(crate) fn is_for_sagemaker(statement: &Statement) -> bool {
    statement
        .principals("Service")
        .any(|service| is_sagemaker(&service.value))
}

/// Whether a service principal is SageMaker's, also with its region or in China.
pub(crate) fn is_sagemaker(principal: &str) -> bool {
    principal.starts_with("sagemaker.") && principal.contains(".amazonaws.com")
}

/// The conditions on whom the service acts for.
pub(crate) fn source_conditions(statement: &Statement) -> impl Iterator<Item = &Condition> {
    statement
        .conditions
        .iter()
        .filter(|condition| SOURCE_KEYS.iter().any(|key| condition.is_on(key)))
}

/// Whether a condition compares, and does not only ask whether the key is there.
pub(crate) fn compares(condition: &Condition) -> bool {
    condition
        .operator
        .is_some_and(|operator| operator.comparison != Comparison::Null)
}

/// Whether something other than the source keys says for whom the service acts.
pub(crate) fn is_narrowed_otherwise(statement: &Statement) -> bool {
    KEYS_OF_SERVICES.iter().any(|key| {
        statement
            .conditions_on(key)
            .any(|condition| condition.is_positive())
    })
}

/// A statement's conditions on the source keys, to be asked about calls.
pub(crate) struct Door {
    set: PolicySet,
}

impl Door {
    /// `None` where a part is only known at deployment, or the engine refuses it.
    pub(crate) fn new(policy: &Policy, statement: &Statement) -> Option<Self> {
        let mut blocks: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for condition in source_conditions(statement) {
            let values: Option<Vec<String>> = condition
                .values
                .iter()
                .map(|value| model::sampled(&value.text.value))
                .collect();
            blocks
                .entry(condition.operator_text.value.clone())
                .or_default()
                .entry(condition.key.value.clone())
                .or_default()
                .extend(values?);
        }
        let version = match policy.has_variables() {
            true => "2012-10-17",
            false => "2008-10-17",
        };
        let text = format!(
            r#"{{"Version":"{version}","Statement":{{"Effect":"Allow","Principal":{{"Service":"{SAGEMAKER}"}},"Action":"sts:AssumeRole","Condition":{}}}}}"#,
            written(&blocks)
        );
        let document = Document::parse(&text, PolicyType::Trust).ok()?;
        let set = PolicySet::compile([NamedPolicy::new("the statement", document)]);
        Some(Self { set })
    }

    /// Whether a call passes the conditions.
    pub(crate) fn passes(&self, source: &Source) -> bool {
        is_allowed(&self.set, "sts:AssumeRole", source)
    }
}

fn written(blocks: &BTreeMap<String, BTreeMap<String, Vec<String>>>) -> String {
    let list = |values: &Vec<String>| {
        let values: Vec<String> = values.iter().map(|value| json::quote(value)).collect();
        format!("[{}]", values.join(","))
    };
    let keys = |keys: &BTreeMap<String, Vec<String>>| {
        let keys = keys.iter();
        let keys: Vec<String> = keys
            .map(|(key, values)| format!("{}:{}", json::quote(key), list(values)))
            .collect();
        format!("{{{}}}", keys.join(","))
    };
    let operators: Vec<String> = blocks
        .iter()
        .map(|(operator, inner)| format!("{}:{}", json::quote(operator), keys(inner)))
        .collect();
    format!("{{{}}}", operators.join(","))
}

/// A trust policy, to be asked about SageMaker's calls.
pub(crate) fn compiled(policy: &Policy) -> Option<PolicySet> {
    let document = policy.document()?.clone();
    Some(PolicySet::compile([NamedPolicy::new(
        "the policy",
        document,
    )]))
}

/// Whether a trust policy allows SageMaker an action on behalf of somebody.
pub(crate) fn is_allowed(set: &PolicySet, action: &str, source: &Source) -> bool {
    let policies = Policies {
        resource: Some(set),
        ..Policies::default()
    };
    request(action, source).is_some_and(|request| decide(&policies, &request).is_allow())
}

fn request(action: &str, source: &Source) -> Option<Request> {
    let role = Resource::parse("arn:aws:iam::123456789012:role/execution").ok()?;
    let mut request = Request::builder(
        Principal::service(SAGEMAKER),
        Action::parse(action).ok()?,
        role,
    )
    .resource_account(AccountId::parse("123456789012")?)
    .resource_policy_type(PolicyType::Trust)
    .set("sts:RoleSessionName", "SageMaker")
    .set("sts:SourceIdentity", "alice");
    let keys = [
        ("aws:SourceAccount", &source.account),
        ("aws:SourceArn", &source.arn),
        ("aws:SourceOrgID", &source.organization),
    ];
    for (key, value) in keys {
        if let Some(value) = value {
            request = request.set(key, value.as_str());
        }
    }
    if let Some(path) = &source.path {
        request = request.set("aws:SourceOrgPaths", vec![path.clone()]);
    }
    Some(request.build())
}

/// The owner's calls that a value of `aws:SourceArn` speaks of: one for each thing that a feature sends, in the value's
/// own partition, region and account. The account and the organisation are those that the statement names elsewhere.
pub(crate) fn own_call(statement: &Statement, value: &Text, resource: &str) -> Option<Source> {
    let arn = Arn::new(value, true)?;
    let part = |index: usize, otherwise: &str| {
        let part = arn.part(index).and_then(model::sampled);
        match part {
            Some(part) if !part.is_empty() && !part.contains(['*', '?']) => part,
            _ => otherwise.to_owned(),
        }
    };
    let (partition, region) = (part(1, "aws"), part(3, "us-west-2"));
    let account = part(4, &named_account(statement));
    Some(Source {
        arn: Some(format!(
            "arn:{partition}:sagemaker:{region}:{account}:{resource}"
        )),
        account: Some(account),
        organization: named(statement, "aws:SourceOrgID"),
        path: named(statement, "aws:SourceOrgPaths").map(|path| path.replace('*', "")),
    })
}

fn named_account(statement: &Statement) -> String {
    named(statement, "aws:SourceAccount").unwrap_or_else(|| "123456789012".to_owned())
}

/// The first value of a key that is written in full.
pub(crate) fn named(statement: &Statement, key: &str) -> Option<String> {
    let conditions = statement.conditions_on(key).filter(|c| c.is_positive());
    conditions
        .flat_map(|condition| &condition.values)
        .find_map(|value| model::sampled(&value.text.value))
}

/// The values of `aws:SourceArn` of which a call must match one.
pub(crate) fn source_arns(statement: &Statement) -> impl Iterator<Item = &Text> {
    statement
        .conditions_on("aws:SourceArn")
        .filter(|condition| condition.is_positive())
        .flat_map(|condition| condition.values.iter().map(|value| &value.text))
}

/// Calls on behalf of strangers: of accounts that the statement does not name, though a pattern of it may take them in.
/// The second number tells whether the ARN says whose it is.
pub(crate) fn strangers(statement: &Statement, principal: &str) -> Vec<(Source, bool)> {
    let mut found = Vec::new();
    for account in strange_accounts(statement) {
        for (arn, tells) in strange_arns(statement, principal, &account) {
            let source = Source {
                account: Some(account.clone()),
                arn: Some(arn),
                organization: Some("o-stranger00".to_owned()),
                path: Some("o-stranger00/r-zzzz/ou-zzzz-zzzzzzzz/".to_owned()),
            };
            found.push((source, tells));
        }
    }
    found
}

fn strange_accounts(statement: &Statement) -> Vec<String> {
    let values = |key: &'static str| {
        let conditions = statement.conditions_on(key);
        conditions.flat_map(|condition| &condition.values)
    };
    let accounts = values("aws:SourceAccount").map(|value| value.text.value.clone());
    let arns = values("aws:SourceArn").filter_map(|value| {
        let arn = Arn::new(&value.text, true)?;
        arn.part(4).map(str::to_owned)
    });
    let patterns: Vec<String> = accounts.chain(arns).collect();
    let filled = patterns
        .iter()
        .flat_map(|pattern| [filled(pattern, '7'), filled(pattern, '4')]);
    let mut accounts: Vec<String> = filled.flatten().collect();
    accounts.push("999999999999".to_owned());
    accounts.retain(|account| !patterns.contains(account));
    accounts.sort();
    accounts.dedup();
    accounts
}

/// An account id that a pattern with wildcards takes in.
fn filled(pattern: &str, digit: char) -> Option<String> {
    if !pattern.contains(['*', '?']) || pattern.len() > 64 {
        return None;
    }
    let fixed = pattern.chars().filter(|c| *c != '*').count();
    let missing = 12_usize.checked_sub(fixed)?;
    let mut out = String::new();
    let mut done = false;
    for character in pattern.chars() {
        match character {
            '*' if done => {}
            '*' => {
                out.extend(std::iter::repeat_n(digit, missing));
                done = true;
            }
            '?' => out.push(digit),
            other => out.push(other),
        }
    }
    AccountId::parse(&out).map(|_| out)
}

fn strange_arns(statement: &Statement, principal: &str, account: &str) -> Vec<(String, bool)> {
    let mut arns = Vec::new();
    if is_sagemaker(principal) {
        for (partition, region) in [("aws", "us-west-2"), ("aws-cn", "cn-north-1")] {
            for sent in FEATURES.iter().flat_map(|feature| feature.sent) {
                arns.push((
                    format!("arn:{partition}:sagemaker:{region}:{account}:{sent}"),
                    true,
                ));
            }
        }
    }
    for value in source_arns(statement) {
        let Some(arn) = Arn::new(value, true) else {
            continue;
        };
        let part = |index: usize, wild: &str| {
            let part = arn.part(index).and_then(model::sampled).unwrap_or_default();
            part.replace('*', wild).replace('?', "x")
        };
        let tells = arn.part(4).is_some_and(|part| !part.is_empty());
        let owner = if tells { account } else { "" };
        let (partition, region) = (part(1, "aws"), part(3, "us-west-2"));
        let (service, resource) = (part(2, "s3"), part(5, "x"));
        arns.push((
            format!("arn:{partition}:{service}:{region}:{owner}:{resource}"),
            tells,
        ));
    }
    if arns.is_empty() {
        let service = principal.split('.').next().unwrap_or("s3");
        arns.push((format!("arn:aws:{service}:us-west-2:{account}:x"), true));
    }
    arns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_accounts_are_filled() {
        assert_eq!(filled("1111*", '7').as_deref(), Some("111177777777"));
        assert_eq!(filled("*", '7').as_deref(), Some("777777777777"));
        assert_eq!(filled("11112222333?", '7').as_deref(), Some("111122223337"));
        assert_eq!(filled("111122223333", '7'), None);
        assert_eq!(filled("x*", '7'), None);
    }
}

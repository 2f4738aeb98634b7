//! Whether a service can be made to act for somebody else (SageMaker Developer Guide, "Cross-service confused deputy
//! prevention"; IAM User Guide, "The confused deputy problem").
//!
//! A service that calls for a customer's resource says for which, in `aws:SourceArn` and `aws:SourceAccount`. Whom a policy
//! lets in as a service must be asked for both ways out: a call that does not say, and a call for somebody else's resource.

use super::ask::{alone, every};
use super::owner::when;
use super::{Blamed, Question};
use crate::facts::Facts;
use crate::fix;
use crate::layers::Owner;
use crate::report::{Outcome, Report};
use crate::verdict::Verdict;
use policy::document::{Comparison, Document, PrincipalEntry, Statement};
use policy::{AccountId, Effect, NamedPolicy, PolicySet, PolicyType, Principal};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::LazyLock;

const ORG: &str = "aws:SourceOrgID";
const ORG_PATHS: &str = "aws:SourceOrgPaths";

/// For whom services may act.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// The account that owns the resource or role.
    pub owner: AccountId,
    /// Other accounts for whose resources services may act.
    pub accounts: Vec<AccountId>,
    /// Organisations for whose accounts services may act.
    pub organizations: Vec<String>,
    /// ARN patterns: services may act for these sources alone. Empty: for any source of the accounts.
    pub sources: Vec<String>,
}

/// One way to be confused.
struct Way {
    /// Its short name.
    id: &'static str,
    /// What holds where it is closed.
    sentence: String,
    /// The policy that describes it.
    target: Cow<'static, PolicySet>,
}

/// Asks of a policy that belongs to a resource or role whether services that it lets in can be confused.
///
/// # Errors
/// Where a source pattern is no ARN.
pub fn deputy(
    policy: &NamedPolicy,
    policy_type: PolicyType,
    trusted: &Trusted,
    facts: &Facts,
) -> Result<Report, String> {
    let mut report = asked(policy, policy_type, trusted, facts)?;
    if report.outcome.name() != "violated" {
        return Ok(report);
    }
    let services = policy.document.statements.iter().enumerate();
    let numbers: Vec<usize> = services
        .filter(|(_, s)| s.effect.value == Effect::Allow && names_service(s))
        .map(|(number, _)| number)
        .collect();
    let account = trusted.owner.to_string();
    if let Some(candidate) = fix::guarded(policy, &numbers, &account, &trusted.sources)
        && let Some(changed) = candidate.policy(policy)
        && asked(&changed, policy_type, trusted, facts)?.outcome.name() == "proved"
    {
        report.fix = Some(candidate.proved());
    }
    Ok(report)
}

fn asked(
    policy: &NamedPolicy,
    policy_type: PolicyType,
    trusted: &Trusted,
    facts: &Facts,
) -> Result<Report, String> {
    let set = PolicySet::compile([policy.clone()]);
    let owner = Owner::Account(trusted.owner);
    let stage = alone(&set, policy_type, Some(owner));
    let agree = fixed(&AGREEMENT)?;
    let mut parts = Vec::new();
    for way in ways(policy, trusted)? {
        let question = Question {
            within: vec![&way.target, &agree],
            caller: is_service,
            everybody: true,
            ..every(stage)
        };
        let verdict = question.answer(facts);
        let id = refined(way.id, &verdict, policy);
        parts.push(Report::new(way.sentence, &question, verdict).with_id(id));
    }
    parts.extend(dead(policy, policy_type, trusted, facts, &agree)?);
    let sentence = format!("services that {} lets in act for nobody else", policy.name);
    Ok(Report::joined(sentence, parts))
}

fn is_service(principal: &Principal) -> bool {
    matches!(principal, Principal::Service { .. })
}

/// Policies that describe requests; they are read as identity-based ones.
fn read(statements: &Value) -> Result<PolicySet, String> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Document::parse(&text, PolicyType::Identity).map_err(|e| e.to_string())?;
    Ok(PolicySet::compile([NamedPolicy::new("source", document)]))
}

/// What requests look like that a policy's conditions may ask for: services alone say for whom they act (IAM User Guide, "AWS
/// global condition context keys", `aws:SourceAccount` and the like), and what they say agrees.
///
/// # Errors
/// Where the description is not understood.
pub fn plausible(policy: &NamedPolicy) -> Result<Vec<PolicySet>, String> {
    let sources = ["aws:SourceArn", "aws:SourceAccount", ORG, ORG_PATHS];
    let asked: Vec<&str> = sources
        .into_iter()
        .filter(|key| mentions(policy, key))
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let absent: Map<String, Value> = asked
        .iter()
        .map(|key| ((*key).to_owned(), json!("true")))
        .collect();
    Ok(vec![
        fixed(&AGREEMENT)?.into_owned(),
        read(&json!([
            when(&json!({"Bool": {"aws:PrincipalIsAWSService": "true"}})),
            when(&json!({"Null": absent})),
        ]))?,
    ])
}

/// Whether a condition of a policy asks for a key, or compares with its value.
fn mentions(policy: &NamedPolicy, key: &str) -> bool {
    let variable = format!("${{{}", key.to_ascii_lowercase());
    let statements = policy.document.statements.iter();
    let mut conditions = statements.flat_map(|statement| &statement.conditions);
    conditions.any(|condition| {
        let mut values = condition.values.iter();
        condition.key.value.eq_ignore_ascii_case(key)
            || values.any(|v| v.value.text.to_ascii_lowercase().contains(&variable))
    })
}

/// Policies that are the same whatever is asked.
type Fixed = LazyLock<Result<PolicySet, String>>;

/// The account in a source's ARN, where there is one, is the source's account.
static AGREEMENT: Fixed = LazyLock::new(|| {
    read(&json!([
        when(&json!({"Null": {"aws:SourceArn": "true"}})),
        when(&json!({"Null": {"aws:SourceAccount": "true"}})),
        when(&json!({"ArnLike": {"aws:SourceArn": "arn:*:*:*::*"}})),
        when(&json!({"ArnLike": {"aws:SourceArn": "arn:*:*:*:${aws:SourceAccount}:*"}})),
    ]))
});

/// Where no other key tells for whom calls are.
static UNSAID: Fixed = LazyLock::new(|| read(&nobody(&[])));

/// Where no organisation is trusted.
static NO_ACCOUNT: Fixed = LazyLock::new(|| read(&when(&without_account())));

fn fixed(policies: &'static Fixed) -> Result<Cow<'static, PolicySet>, String> {
    let read = policies.as_ref().map_err(String::clone)?;
    Ok(Cow::Borrowed(read))
}

/// Adds to a condition that the source is in no trusted organisation.
fn outside(mut conditions: Value, trusted: &Trusted) -> Value {
    let organizations = &trusted.organizations;
    let within: Vec<String> = organizations.iter().map(|id| format!("{id}/*")).collect();
    let mut add = |operator: &str, key: &str, values: Value| {
        if let Some(conditions) = conditions.as_object_mut()
            && let Some(keys) = conditions
                .entry(operator)
                .or_insert(json!({}))
                .as_object_mut()
        {
            keys.insert(key.to_owned(), values);
        }
    };
    if !organizations.is_empty() {
        add("StringNotEquals", ORG, json!(organizations));
        add("ForAllValues:StringNotLike", ORG_PATHS, json!(within));
    }
    conditions
}

/// Calls for other accounts: as `aws:SourceAccount` says, or where it is absent the source's ARN, or the organisation.
fn foreign(policy: &NamedPolicy, trusted: &Trusted, accounts: &[&str]) -> Value {
    let own: Vec<String> = accounts
        .iter()
        .map(|account| format!("arn:*:*:*:{account}:*"))
        .collect();
    let mut kinds = vec![
        json!({
            "StringNotEquals": {"aws:SourceAccount": accounts},
            "Null": {"aws:SourceAccount": "false"},
        }),
        json!({
            "Null": {"aws:SourceAccount": "true"},
            "ArnLike": {"aws:SourceArn": "arn:*:*:*:????????????:*"},
            "ArnNotLike": {"aws:SourceArn": own},
        }),
    ];
    for key in [ORG, ORG_PATHS] {
        if mentions(policy, key) {
            kinds.push(json!({
                "Null": {"aws:SourceAccount": "true", "aws:SourceArn": "true", key: "false"},
            }));
        }
    }
    let kinds = kinds.into_iter();
    kinds.map(|kind| when(&outside(kind, trusted))).collect()
}

/// Calls that do not say for whom they are, by these keys neither.
fn nobody(told: &[&str]) -> Value {
    let mut absent = json!({"aws:SourceArn": "true", "aws:SourceAccount": "true"});
    if let Some(keys) = absent.as_object_mut() {
        keys.extend(told.iter().map(|key| ((*key).to_owned(), json!("true"))));
    }
    when(&json!({"Null": absent}))
}

/// Calls for a source whose ARN names no account, and nothing else does.
fn without_account() -> Value {
    json!({
        "Null": {"aws:SourceAccount": "true"},
        "ArnLike": {"aws:SourceArn": "arn:*:*:*::*"},
    })
}

fn ways(policy: &NamedPolicy, trusted: &Trusted) -> Result<Vec<Way>, String> {
    let accounts: Vec<&str> = [&trusted.owner]
        .into_iter()
        .chain(&trusted.accounts)
        .map(AccountId::as_str)
        .collect();
    let names = accounts.join(", ");
    let told = [ORG, ORG_PATHS].into_iter();
    let told: Vec<&str> = told.filter(|key| mentions(policy, key)).collect();
    let mut ways = vec![
        Way {
            id: "D1",
            sentence: "a service that does not say for whom it acts is turned away".into(),
            target: match told.as_slice() {
                [] => fixed(&UNSAID)?,
                told => Cow::Owned(read(&nobody(told))?),
            },
        },
        Way {
            id: "D2",
            sentence: format!(
                "a service that acts for an account other than {names} is turned away"
            ),
            target: Cow::Owned(read(&foreign(policy, trusted, &accounts))?),
        },
        Way {
            id: "D7",
            sentence: "a source whose ARN names no account is not let in by its ARN alone".into(),
            target: match trusted.organizations.is_empty() {
                true => fixed(&NO_ACCOUNT)?,
                false => Cow::Owned(read(&when(&outside(without_account(), trusted)))?),
            },
        },
    ];
    if !trusted.sources.is_empty() {
        ways.push(Way {
            id: "D6",
            sentence: format!("only {} is a source", trusted.sources.join(" or ")),
            target: Cow::Owned(read(&when(
                &json!({"ArnNotLike": {"aws:SourceArn": trusted.sources}}),
            ))?),
        });
    }
    Ok(ways)
}

/// The way by which a service of another account gets in, as its statement tells.
fn refined(id: &'static str, verdict: &Verdict, policy: &NamedPolicy) -> &'static str {
    let Some(violation) = verdict.violation().filter(|_| id == "D2") else {
        return id;
    };
    let blamed = violation.blame().first();
    let statement = blamed.and_then(|blamed| policy.document.statements.get(blamed.number));
    let Some(statement) = statement else {
        return id;
    };
    let on_source = statement
        .conditions
        .iter()
        .filter(|condition| condition.key.value.eq_ignore_ascii_case("aws:SourceArn"));
    for condition in on_source {
        let texts = || {
            condition
                .values
                .iter()
                .map(|value| value.value.text.as_str())
        };
        let account = |text: &str| text.split(':').nth(4).map(str::to_owned);
        if texts().filter_map(account).next().is_none() {
            continue;
        }
        if condition.operator.value.comparison == Comparison::StringLike {
            return "D3";
        }
        if texts()
            .filter_map(account)
            .any(|account| account.contains(['*', '?']))
        {
            return "D4";
        }
        if texts()
            .filter_map(account)
            .all(|account| account.is_empty())
        {
            return "D7";
        }
    }
    id
}

/// The statements for services that never apply, such as one whose source's ARN and account disagree.
fn dead(
    policy: &NamedPolicy,
    policy_type: PolicyType,
    trusted: &Trusted,
    facts: &Facts,
    agree: &PolicySet,
) -> Result<Vec<Report>, String> {
    let mut reports = Vec::new();
    for (number, statement) in policy.document.statements.iter().enumerate() {
        if statement.effect.value != Effect::Allow || !names_service(statement) {
            continue;
        }
        let mut single = policy.clone();
        single.document.statements = vec![statement.clone()];
        let set = PolicySet::compile([single]);
        let stage = alone(&set, policy_type, Some(Owner::Account(trusted.owner)));
        let question = Question {
            within: vec![agree],
            caller: is_service,
            everybody: true,
            ..every(stage)
        };
        if question.holds(facts) == Some(false) {
            continue;
        }
        let sentence = format!("statement {} can apply to a service's call", number + 1);
        let blamed = Blamed::of(policy, policy_type, number);
        let outcome = match question.answer(facts) {
            Verdict::Proved(proof) => Outcome::Dead {
                statements: blamed.into_iter().collect(),
                certificates: proof.certificates,
            },
            Verdict::Violated(_) => continue,
            Verdict::Unknown { reason } => Outcome::Verdict(Verdict::Unknown { reason }),
        };
        reports.push(Report::of(sentence, outcome).with_id("D5"));
    }
    Ok(reports)
}

fn names_service(statement: &Statement) -> bool {
    statement.principal.as_ref().is_some_and(|element| {
        element.entries.iter().any(|entry| {
            matches!(
                entry.value,
                PrincipalEntry::Service(_) | PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws
            )
        })
    })
}

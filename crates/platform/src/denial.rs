//! What a denial was about, sealed for those who may know: the encoded authorization messages that
//! `DecodeAuthorizationMessage` opens (STS API Reference). They are good in the account of whom was
//! denied, and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use policy::document::{Actions, Condition, Resources, Statement};
use policy::explain::Applies;
use policy::{AccountId, ContextValue, DenialKind, Explanation, PolicyType, Request};
use serde_json::{Value as Json, json};
use std::io::{Read as _, Write as _};

use crate::caller::Caller;
use crate::platform::Platform;

/// Where a denial carries its message. AWS has no such header: its services that tell this at all (EC2)
/// do so in the text of the error, which here is that of services that do not.
pub(crate) const HEADER: &str = "x-palisade-authorization-message";
/// The longest message that the operation takes.
const LONGEST: usize = 10_240;
/// The longest text in one, in bytes. Nothing that was sealed here is longer.
const LONGEST_TEXT: u64 = 1 << 20;

/// Seals what an explanation says. `None` where it would be too long to be decoded.
pub(crate) fn encode(
    platform: &Platform,
    caller: &Caller,
    explanation: &Explanation<'_>,
) -> Option<String> {
    let text = message(caller, explanation).to_string();
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).ok()?;
    let packed = STANDARD.encode(packer.finish().ok()?);
    let purpose = purpose(caller.account());
    let sealed = platform
        .sealer()
        .seal(platform.random(), &purpose, packed.as_bytes());
    sealed.ok().filter(|sealed| sealed.len() <= LONGEST)
}

/// What a message says that was sealed for this account: a JSON document. `None` when it was not.
#[must_use]
pub fn decode(platform: &Platform, account: AccountId, encoded: &str) -> Option<String> {
    let packed = platform.sealer().open(&purpose(account), encoded).ok()?;
    let packed = STANDARD.decode(packed).ok()?;
    let mut text = String::new();
    let mut opened = DeflateDecoder::new(packed.as_slice()).take(LONGEST_TEXT);
    opened.read_to_string(&mut text).ok()?;
    Some(text)
}

fn purpose(account: AccountId) -> String {
    format!("authorization-message:{account}")
}

fn message(caller: &Caller, explanation: &Explanation<'_>) -> Json {
    let denial = explanation.denial;
    let explicit = denial.is_some_and(|denial| denial.kind == DenialKind::Explicit);
    let decided = explanation.decided_by.as_ref();
    // What the organization says is not for those whom it bounds.
    let own = |kind| {
        !matches!(
            kind,
            PolicyType::ServiceControl | PolicyType::ResourceControl
        )
    };
    let matched =
        decided.filter(|decided| decided.applies == Applies::Yes && own(decided.place.policy_type));
    let matched: Vec<Json> = matched
        .into_iter()
        .map(|decided| statement(decided.statement))
        .collect();
    json!({
        "allowed": denial.is_none(),
        "explicitDeny": explicit,
        "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": context(caller, explanation.request),
    })
}

fn context(caller: &Caller, request: &Request) -> Json {
    let id = caller.user_id();
    let name = caller.arn().rsplit(['/', ':']).next().unwrap_or_default();
    let keys = request.context().iter().map(|(key, value)| {
        let values: Vec<Json> = match value {
            ContextValue::One(value) => vec![item(value)],
            ContextValue::Many(values) => values.iter().map(|value| item(value)).collect(),
        };
        json!({"key": key, "values": {"items": values}})
    });
    json!({
        "principal": {"id": id, "name": name, "arn": caller.arn()},
        "action": request.action().as_str(),
        "resource": request.resource().as_str(),
        "conditions": {"items": keys.collect::<Vec<_>>()},
    })
}

fn item(value: &str) -> Json {
    json!({"value": value})
}

fn statement(statement: &Statement) -> Json {
    let Actions { patterns, .. } = &statement.actions;
    let actions: Vec<Json> = patterns.iter().map(|it| item(&it.value.text)).collect();
    let patterns = statement
        .resources
        .as_ref()
        .map(|Resources { patterns, .. }| patterns);
    let resources = patterns.into_iter().flatten();
    let resources: Vec<Json> = resources.map(|it| item(&it.value.text)).collect();
    let conditions: Vec<Json> = statement.conditions.iter().map(condition).collect();
    json!({
        "statementId": statement.sid.as_ref().map_or("", |sid| sid.value.as_str()),
        "effect": match statement.effect.value {
            policy::Effect::Allow => "ALLOW",
            policy::Effect::Deny => "DENY",
        },
        "principals": {"items": []},
        "principalGroups": {"items": []},
        "actions": {"items": actions},
        "resources": {"items": resources},
        "conditions": {"items": conditions},
    })
}

fn condition(condition: &Condition) -> Json {
    let values: Vec<Json> = condition
        .values
        .iter()
        .map(|it| item(&it.value.text))
        .collect();
    json!({"key": condition.key.value, "values": {"items": values}})
}

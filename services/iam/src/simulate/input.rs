//! What is simulated.

use platform::{ApiError, Call};
use policy::{Action, ContextValue, Document, NamedPolicy, PolicySet, PolicyType, Resource};
use wire::value::Value;

/// How machines are described that an EC2 action would start.
const HANDLING: &[&str] = &[
    "EC2-Classic-InstanceStore",
    "EC2-Classic-EBS",
    "EC2-VPC-InstanceStore",
    "EC2-VPC-InstanceStore-Subnet",
    "EC2-VPC-EBS",
    "EC2-VPC-EBS-Subnet",
];

pub(super) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", 400, text)
}

fn texts<'t>(call: &Call<'t>, member: &str) -> Vec<&'t str> {
    let all = call.input().list(member).iter();
    all.filter_map(Value::as_str).collect()
}

/// The actions, whose names have no wildcards.
pub(super) fn actions(call: &Call<'_>) -> Result<Vec<Action>, ApiError> {
    let parse = |text: &str| {
        Action::parse(text).map_err(|error| invalid(format!("Invalid Input Action: {error}")))
    };
    texts(call, "ActionNames").into_iter().map(parse).collect()
}

/// The resources: ARNs, or `*`, which only a policy's `*` matches.
pub(super) fn resources(call: &Call<'_>) -> Result<Vec<Resource>, ApiError> {
    let given = texts(call, "ResourceArns");
    if given.is_empty() {
        return Ok(vec![Resource::Any]);
    }
    let parse = |text: &str| {
        let reason = |_| invalid(format!("Invalid Input Resource: {text}"));
        Resource::parse(text).map_err(reason)
    };
    given.into_iter().map(parse).collect()
}

/// Says only how EC2's resources are put together, which no decision here depends on.
pub(super) fn handling(call: &Call<'_>) -> Result<(), ApiError> {
    match call.input().str("ResourceHandlingOption") {
        Some(option) if !HANDLING.contains(&option) => Err(invalid(format!(
            "Invalid Input ResourceHandlingOption: {option}"
        ))),
        _ => Ok(()),
    }
}

/// The condition keys of the request.
pub(super) fn entries(call: &Call<'_>) -> Result<Vec<(String, ContextValue)>, ApiError> {
    let mut entries = Vec::new();
    for entry in call.input().list("ContextEntries") {
        let name = entry.str("ContextKeyName").unwrap_or_default();
        let kind = entry.str("ContextKeyType").unwrap_or("string");
        let values: Vec<String> = entry
            .list("ContextKeyValues")
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        let (of, list) = match kind.strip_suffix("List") {
            Some(of) => (of, true),
            None => (kind, false),
        };
        if let Some(bad) = values.iter().find(|value| !is(of, value)) {
            return Err(invalid(format!(
                "Invalid Input ContextEntries: `{bad}` of `{name}` is no {of}"
            )));
        }
        let value = match (list, values.as_slice()) {
            (true, _) => ContextValue::from(values),
            (false, [one]) => ContextValue::from(one.as_str()),
            (false, []) => continue,
            (false, _) => {
                return Err(invalid(format!(
                    "Invalid Input ContextEntries: `{name}` has several values and is no list"
                )));
            }
        };
        entries.push((name.to_owned(), value));
    }
    Ok(entries)
}

/// Whether a text is a value of a type of context keys.
fn is(kind: &str, text: &str) -> bool {
    match kind {
        "numeric" => text.parse::<f64>().is_ok(),
        "boolean" => matches!(text, "true" | "false"),
        "ip" => {
            let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
            address.parse::<std::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok()
        }
        "date" => {
            text.parse::<jiff::Timestamp>().is_ok()
                || text.parse::<jiff::civil::Date>().is_ok()
                || text.parse::<i64>().is_ok()
        }
        _ => true,
    }
}

/// The policies in a list of the input, named after it as AWS does: `PolicyInputList.1`.
pub(super) fn policies(
    call: &Call<'_>,
    member: &str,
    kind: PolicyType,
) -> Result<Vec<(String, Document)>, ApiError> {
    let numbered = (1..).zip(texts(call, member));
    numbered
        .map(|(number, text)| {
            let name = format!("{member}.{number}");
            let document = read(&name, text, kind)?;
            Ok((name, document))
        })
        .collect()
}

/// The service control policies of each level from the root of an organization to the account, if the input
/// brings them.
pub(super) fn hierarchy(call: &Call<'_>) -> Result<Option<Vec<PolicySet>>, ApiError> {
    const LEVELS: &str = "OrderedOrganizationPolicyInputList";
    const POLICIES: &str = "ServiceControlPolicyInputList";
    let level = |(at, level): (usize, &Value)| {
        let texts = level.list(POLICIES).iter().filter_map(Value::as_str);
        let read = |(number, text): (usize, &str)| {
            let name = format!("{LEVELS}.{at}.{POLICIES}.{number}");
            let document = read(&name, text, PolicyType::ServiceControl)?;
            Ok(NamedPolicy::new(name, document))
        };
        let read = (1..).zip(texts).map(read);
        Ok(PolicySet::compile(
            read.collect::<Result<Vec<_>, ApiError>>()?,
        ))
    };
    match call.input().list(LEVELS) {
        [] => Ok(None),
        levels => (1..)
            .zip(levels)
            .map(level)
            .collect::<Result<_, _>>()
            .map(Some),
    }
}

pub(super) fn read(name: &str, text: &str, kind: PolicyType) -> Result<Document, ApiError> {
    Document::parse(text, kind)
        .map_err(|rejected| invalid(format!("Invalid Input {name}: {rejected}")))
}

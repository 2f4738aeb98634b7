//! Condition keys that come from an input (Service Authorization Reference, "Condition keys for
//! Amazon SageMaker AI"). A key whose member is absent is absent.

use platform::{Call, Check};
use wire::value::Value;

use super::kept;

/// A condition key and where in the input its value comes from.
pub(super) enum Key {
    /// A single value: text, number or truth value.
    One(&'static str, &'static str),
    /// All values at several places.
    Many(&'static str, &'static [&'static str]),
    /// All values of members of these names, however deep below these places.
    Deep(
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    ),
    /// A KMS key: the first key with the ARN, the second, deprecated one as it is given.
    Kms(&'static str, &'static str, &'static [&'static str]),
}

/// Sets the keys of `table` on a check.
pub(super) fn set(check: Check, table: &[Key], call: &Call<'_>, input: &Value) -> Check {
    table
        .iter()
        .fold(check, |check, key| set_one(check, key, call, input))
}

fn set_one(check: Check, key: &Key, call: &Call<'_>, input: &Value) -> Check {
    match key {
        Key::One(name, path) => {
            let value = input.at(path).and_then(|value| texts([value]).pop());
            check.key_if(*name, value)
        }
        Key::Many(name, paths) => {
            let values = texts(paths.iter().flat_map(|path| kept::at(input, path)));
            check.key_if(*name, (!values.is_empty()).then_some(values))
        }
        Key::Deep(name, paths, members) => {
            let below = paths.iter().flat_map(|path| kept::at(input, path));
            let values = texts(below.flat_map(|value| kept::deep(value, members)));
            check.key_if(*name, (!values.is_empty()).then_some(values))
        }
        Key::Kms(name, deprecated, paths) => {
            let given = paths
                .iter()
                .find_map(|path| input.at(path))
                .and_then(Value::as_str);
            check
                .key_if(*deprecated, given)
                .key_if(*name, given.map(|given| kms_arn(call, given)))
        }
    }
}

/// Values as policies compare them, each once.
fn texts<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in values {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            _ => continue,
        };
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

/// A KMS key as an ARN: members take an ARN, an id or an alias of the caller's account.
fn kms_arn(call: &Call<'_>, given: &str) -> String {
    if given.starts_with("arn:") {
        given.to_owned()
    } else if given.starts_with("alias/") {
        call.arn("kms", given)
    } else {
        call.arn("kms", &format!("key/{given}"))
    }
}

//! Which condition keys policies name.

use platform::{ApiError, Call, Outcome, Permitted};
use policy::PolicyType;
use policy::document::{Document, Version};
use wire::value::Value;

use super::input;
use super::layers::Source;

pub(in super::super) fn custom(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = input::policies(call, "PolicyInputList", PolicyType::Identity)?;
    Ok(answer(given.iter().map(|(_, document)| document)))
}

pub(in super::super) fn principal(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = input::policies(call, "PolicyInputList", PolicyType::Identity)?;
    let held = Source::find(call)?.documents(call)?;
    let held = held.iter().map(|policy| &policy.document);
    Ok(answer(
        held.chain(given.iter().map(|(_, document)| document)),
    ))
}

fn answer<'d>(documents: impl Iterator<Item = &'d Document>) -> Outcome {
    let mut found: Vec<String> = Vec::new();
    let mut note = |key: &str| {
        if !found.iter().any(|held| held.eq_ignore_ascii_case(key)) {
            found.push(key.to_owned());
        }
    };
    for document in documents {
        let variables = matches!(&document.version, Some(it) if it.value == Version::V2012);
        for statement in &document.statements {
            for condition in &statement.conditions {
                note(&condition.key.value);
                if variables {
                    let values = condition.values.iter();
                    values.for_each(|value| of_text(&value.value.text, &mut note));
                }
            }
            if let Some(resources) = statement.resources.as_ref().filter(|_| variables) {
                let patterns = resources.patterns.iter();
                patterns.for_each(|pattern| of_text(&pattern.value.text, &mut note));
            }
        }
    }
    found.sort_unstable();
    let found: Value = found.into_iter().map(Value::from).collect();
    Outcome::new(Value::map().with("ContextKeyNames", found))
}

/// The keys of the variables in a text: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`.
fn of_text(text: &str, note: &mut impl FnMut(&str)) {
    for part in text.split("${").skip(1) {
        let Some((inside, _)) = part.split_once('}') else {
            continue;
        };
        let key = inside.split(',').next().unwrap_or(inside).trim();
        if key.contains(':') {
            note(key);
        }
    }
}

//! Changes of a policy with which what is violated holds; each is proved before it is offered.

use crate::question::Blamed;
use policy::text::Source;
use policy::{Document, NamedPolicy, Options};
use serde_json::{Map, Value, json};

/// A change of one policy with which the question is proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What is changed, in a sentence.
    pub change: String,
    /// The policy with the change.
    pub policy: Value,
}

/// A change that is not yet known to help.
pub(crate) struct Candidate {
    change: String,
    document: Value,
}

impl Candidate {
    /// The policy with the change; `None` where it is no policy any more.
    pub(crate) fn policy(&self, of: &NamedPolicy) -> Option<NamedPolicy> {
        let source = Source::named(&*of.name, format!("{:#}", self.document));
        let kind = of.document.policy_type;
        let document = Document::parse_source(&source, kind, &Options::default()).ok()?;
        Some(NamedPolicy::new(of.name.clone(), document))
    }

    /// The change, where it helps.
    pub(crate) fn proved(self) -> Fix {
        Fix {
            change: self.change,
            policy: self.document,
        }
    }
}

/// A policy as JSON.
fn json_of(policy: &NamedPolicy) -> Option<Value> {
    let document = &policy.document;
    serde_json::from_str(document.source.slice(document.span)).ok()
}

/// The policy with one statement changed by `change`.
fn with_statement(
    document: &Value,
    number: usize,
    change: impl FnOnce(&mut Map<String, Value>) -> Option<()>,
) -> Option<Value> {
    let mut document = document.clone();
    let statement = match document.get_mut("Statement")? {
        Value::Array(statements) => statements.get_mut(number)?,
        statement => statement,
    };
    change(statement.as_object_mut()?)?;
    Some(document)
}

/// Changes of a blamed statement that close what is commonly left open, the smallest first: a value that ends where
/// another may go on, text operators on ARNs, and at last the statement itself.
pub(crate) fn narrower(policy: &NamedPolicy, blamed: &[Blamed]) -> Vec<Candidate> {
    let Some(document) = json_of(policy) else {
        return Vec::new();
    };
    let own = blamed
        .iter()
        .filter(|blamed| *blamed.policy == *policy.name);
    let mut candidates = Vec::new();
    for number in own.map(|blamed| blamed.number) {
        let delimited = with_statement(&document, number, |statement| {
            let mut changed = false;
            statement
                .values_mut()
                .for_each(|value| delimit(value, &mut changed));
            changed.then_some(())
        });
        candidates.extend(delimited.map(|document| Candidate {
            change: format!("in statement {}, put `/` behind the variable", number + 1),
            document,
        }));
        let segments = with_statement(&document, number, |statement| {
            let conditions = statement.get_mut("Condition")?.as_object_mut()?;
            let like = conditions.remove("StringLike")?;
            conditions.insert("ArnLike".into(), like);
            Some(())
        });
        candidates.extend(segments.map(|document| Candidate {
            change: format!(
                "in statement {}, write `ArnLike` for `StringLike`",
                number + 1
            ),
            document,
        }));
        let mut without = document.clone();
        if let Some(Value::Array(statements)) = without.get_mut("Statement")
            && statements.len() > 1
            && number < statements.len()
        {
            statements.remove(number);
            candidates.push(Candidate {
                change: format!("take statement {} out", number + 1),
                document: without,
            });
        }
    }
    candidates
}

/// Puts a slash between a variable and a wildcard behind it.
fn delimit(value: &mut Value, changed: &mut bool) {
    match value {
        Value::String(text) if text.contains("}*") => {
            *text = text.replace("}*", "}/*");
            *changed = true;
        }
        Value::Array(values) => values.iter_mut().for_each(|value| delimit(value, changed)),
        Value::Object(members) => {
            members
                .values_mut()
                .for_each(|value| delimit(value, changed));
        }
        _ => {}
    }
}

/// The policy with a Deny of what must not be granted.
pub(crate) fn with_deny(policy: &NamedPolicy, action: &str, resource: &str) -> Option<Candidate> {
    let mut document = json_of(policy)?;
    let deny = json!({"Effect": "Deny", "Action": action, "Resource": resource});
    let statements = match document.get("Statement")? {
        Value::Array(statements) => [statements.as_slice(), &[deny]].concat(),
        statement => vec![statement.clone(), deny],
    };
    document
        .as_object_mut()?
        .insert("Statement".into(), statements.into());
    Some(Candidate {
        change: format!("deny `{action}` on `{resource}`"),
        document,
    })
}

/// The policy whose statements for services ask for whom they act.
pub(crate) fn guarded(
    policy: &NamedPolicy,
    numbers: &[usize],
    account: &str,
    sources: &[String],
) -> Option<Candidate> {
    let mut document = json_of(policy)?;
    for number in numbers {
        document = with_statement(&document, *number, |statement| {
            let conditions = statement.entry("Condition").or_insert(json!({}));
            let conditions = conditions.as_object_mut()?;
            for keys in conditions.values_mut().filter_map(Value::as_object_mut) {
                keys.retain(|key, _| {
                    !["aws:sourcearn", "aws:sourceaccount"].contains(&&*key.to_ascii_lowercase())
                });
            }
            conditions.retain(|_, keys| keys.as_object().is_none_or(|keys| !keys.is_empty()));
            let mut put = |operator: &str, key: &str, value: Value| {
                let keys = conditions.entry(operator).or_insert(json!({}));
                keys.as_object_mut()?.insert(key.into(), value);
                Some(())
            };
            if !sources.is_empty() {
                put("ArnLike", "aws:SourceArn", json!(sources))?;
            }
            put("StringEquals", "aws:SourceAccount", account.into())
        })?;
    }
    let numbers: Vec<String> = numbers
        .iter()
        .map(|number| (number + 1).to_string())
        .collect();
    let arn = if sources.is_empty() {
        ""
    } else {
        " and `aws:SourceArn`"
    };
    Some(Candidate {
        change: format!(
            "let statement {} ask for `aws:SourceAccount`{arn}",
            numbers.join(", ")
        ),
        document,
    })
}

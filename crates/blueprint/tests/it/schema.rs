//! The schema for editors knows what the reader knows.

use std::path::Path;

use serde_json::Value;

use crate::{HEAD, read};

fn checked_in() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/blueprint.schema.json")
}

#[test]
fn the_file_is_current() {
    let text = format!("{:#}\n", blueprint::schema());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(checked_in(), &text).unwrap();
    }
    let found = std::fs::read_to_string(checked_in()).unwrap_or_default();
    assert!(
        found == text,
        "run `UPDATE=1 cargo test -p palisade-blueprint schema`"
    );
}

/// The keys that the reader names when it meets one that it does not know.
fn keys_of_reader(text: &str) -> Vec<String> {
    let mistakes = read(text).unwrap_err().to_string();
    let unknown = mistakes
        .split("`zzzzzzzzzzzz` is not known here")
        .nth(1)
        .unwrap_or_else(|| panic!("{mistakes}"));
    keys_of_fix(unknown)
}

/// The keys in the first fix of a text.
fn keys_of_fix(text: &str) -> Vec<String> {
    let fix = text
        .split("write one of: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let mut keys: Vec<_> = fix
        .split(", ")
        .map(|key| key.trim_matches('`').to_owned())
        .collect();
    keys.sort();
    keys.dedup();
    keys
}

fn keys_of_schema(schema: &Value) -> Vec<String> {
    let mut keys: Vec<_> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    keys.sort();
    keys
}

#[test]
fn every_table_has_the_keys_of_the_reader() {
    let schema = blueprint::schema();
    let unknown = "zzzzzzzzzzzz = 1\n";
    let root = blueprint::read("t.toml", &format!("{unknown}{HEAD}"), &|_| {
        Err(std::io::ErrorKind::NotFound.into())
    });
    let text = root.unwrap_err().to_string();
    assert_eq!(keys_of_fix(&text), keys_of_schema(&schema));
    for (name, section) in schema["properties"].as_object().unwrap() {
        if ["partition", "region", "variables"].contains(&name.as_str()) {
            continue;
        }
        let (open, items) = match section["type"].as_str() {
            Some("array") => (format!("[[{name}]]"), &section["items"]),
            _ => (format!("[{name}]"), section),
        };
        let text = match name.as_str() {
            "account" => format!("[[account]]\nid = \"210987654321\"\n{unknown}"),
            "user" => format!("[[user]]\nname = \"bob\"\n{unknown}"),
            _ => format!("{open}\n{unknown}"),
        };
        assert_eq!(keys_of_reader(&text), keys_of_schema(items), "{name}");
    }
}

/// A validator for as much of JSON schema as the schema uses.
fn check(schema: &Value, value: &Value, path: &str) -> Result<(), String> {
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices
            .iter()
            .filter(|choice| check(choice, value, path).is_ok());
        return match fitting.count() {
            1 => Ok(()),
            count => Err(format!("{path}: fits {count} choices")),
        };
    }
    let kind = match value {
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::Null => "null",
    };
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        other => return Err(format!("{path}: {other}")),
    };
    if !types.contains(&kind) {
        return Err(format!("{path}: {kind} is no {types:?}"));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !regex::Regex::new(pattern).unwrap().is_match(text)
    {
        return Err(format!("{path}: {text} is not like {pattern}"));
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{path}: {value}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], item, &format!("{path}[{at}]"))?;
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for needed in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(needed.as_str().unwrap()) {
            return Err(format!("{path}: {needed} is missing"));
        }
    }
    for (name, member) in members {
        let path = format!("{path}.{name}");
        match &schema["properties"][name] {
            Value::Null if schema["additionalProperties"].is_object() => {
                check(&schema["additionalProperties"], member, &path)?;
            }
            Value::Null if schema["properties"].is_null() => {}
            Value::Null => return Err(format!("{path} is not known")),
            known => check(known, member, &path)?,
        }
    }
    Ok(())
}

#[test]
fn every_example_fits() {
    let schema = blueprint::schema();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut seen = 0;
    for folder in [examples.clone(), examples.join("tenancies")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let value: toml::Table = text.parse().unwrap();
                let json: Value = serde_json::to_value(value).unwrap();
                check(&schema, &json, "")
                    .unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
                seen += 1;
            }
        }
    }
    assert!(seen >= 7);
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = blueprint::schema();
    let wrong = |text: &str| {
        let value: toml::Table = text.parse().unwrap();
        check(&schema, &serde_json::to_value(value).unwrap(), "").unwrap_err()
    };
    assert!(wrong("region = \"us-east-1\"").contains("account"));
    assert!(
        wrong(&format!(
            "{HEAD}[[team]]\nname = \"a\"\nfeatures = [\"trainin\"]\n"
        ))
        .contains("trainin")
    );
    assert!(wrong(&format!("{HEAD}[[bucket]]\nname = \"abc\"\nkeey = \"x\"\n")).contains("keey"));
}

//! The short words of the tables: callers, policies, contexts.

use reference::Json;

use crate::markdown::Row;

/// A case under construction: members and their JSON text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft(Vec<(String, String)>);

impl Draft {
    /// A user of account 111122223333 who reads an object, with the members a section gives.
    pub(crate) fn new(given: &[(String, String)]) -> Self {
        let mut draft = Self::default();
        draft.set("principal", caller("user").unwrap());
        draft.set("action", "\"s3:GetObject\"");
        draft.set("resource", "\"arn:aws:s3:::bucket/key\"");
        for (name, value) in given {
            draft.set(name, value);
        }
        draft
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value.into(),
            None => self.0.push((name.to_owned(), value.into())),
        }
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// A text without quotes, such as the action.
    pub(crate) fn plain(&self, name: &str) -> String {
        self.get(name)
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned()
    }

    pub(crate) fn text(&self) -> String {
        let members: Vec<_> = self.0.iter().map(|(n, v)| format!("\"{n}\":{v}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// The principal member for a caller's word.
pub(crate) fn caller(word: &str) -> Result<String, String> {
    Ok(match word {
        "user" => quote("arn:aws:iam::111122223333:user/alice"),
        "role" => quote("arn:aws:iam::111122223333:role/Exec"),
        "session" => quote("arn:aws:sts::111122223333:assumed-role/Exec/SageMaker"),
        "root" => quote("arn:aws:iam::111122223333:root"),
        "federated-user" => concat!(
            r#"{"arn":"arn:aws:sts::111122223333:federated-user/carol","#,
            r#""parent":"arn:aws:iam::111122223333:user/alice"}"#
        )
        .to_owned(),
        "orphan" => quote("arn:aws:sts::111122223333:federated-user/carol"),
        "service" => r#"{"service":"sagemaker.amazonaws.com"}"#.to_owned(),
        "anonymous" => r#"{"anonymous":true}"#.to_owned(),
        "google" => r#"{"federated":"accounts.google.com"}"#.to_owned(),
        "saml" => r#"{"federated":"arn:aws:iam::111122223333:saml-provider/Corp"}"#.to_owned(),
        "linked" => quote(
            "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForSageMaker",
        ),
        "stranger" => quote("arn:aws:iam::444455556666:user/mallory"),
        "stranger-session" => quote("arn:aws:sts::444455556666:assumed-role/Exec/SageMaker"),
        "stranger-root" => quote("arn:aws:iam::444455556666:root"),
        _ if word.starts_with('{') => word.to_owned(),
        _ if word.starts_with("arn:") || word.len() == 12 => quote(word),
        _ => return Err(format!("`{word}` is not a caller")),
    })
}

/// The Principal element for a word.
pub(crate) fn principal(word: &str) -> Result<String, String> {
    let aws = |arn: &str| format!(r#"{{"AWS":"{arn}"}}"#);
    Ok(match word {
        "everyone" => quote("*"),
        "user" => aws("arn:aws:iam::111122223333:user/alice"),
        "role" => aws("arn:aws:iam::111122223333:role/Exec"),
        "session" => aws("arn:aws:sts::111122223333:assumed-role/Exec/SageMaker"),
        "account" => aws("111122223333"),
        "root" => aws("arn:aws:iam::111122223333:root"),
        "federated-user" => aws("arn:aws:sts::111122223333:federated-user/carol"),
        "service" => r#"{"Service":"sagemaker.amazonaws.com"}"#.to_owned(),
        "google" => r#"{"Federated":"accounts.google.com"}"#.to_owned(),
        "saml" => r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Corp"}"#.to_owned(),
        "stranger" => aws("arn:aws:iam::444455556666:user/mallory"),
        "stranger-account" => aws("444455556666"),
        "other-user" => aws("arn:aws:iam::111122223333:user/bob"),
        "other-session" => aws("arn:aws:sts::111122223333:assumed-role/Exec/Other"),
        _ if word.starts_with(['{', '[', '"']) => word.to_owned(),
        _ => return Err(format!("`{word}` is not a principal")),
    })
}

pub(crate) fn quote(text: &str) -> String {
    Json::text(text).to_string()
}

/// A context: a JSON object, `key = value`, or `absent`.
pub(crate) fn context(cell: &str) -> Result<String, String> {
    if cell.starts_with('{') {
        return Ok(cell.to_owned());
    }
    if cell == "absent" {
        return Ok("{}".to_owned());
    }
    let (key, value) = cell
        .split_once(" = ")
        .ok_or_else(|| format!("`{cell}` is no context"))?;
    Ok(format!("{{{}:{value}}}", quote(key)))
}

/// The options of a case: `name = value`.
pub(crate) fn options(cell: &str) -> Result<String, String> {
    let (name, value) = cell
        .split_once(" = ")
        .ok_or_else(|| format!("`{cell}` is no option"))?;
    Ok(format!("{{{}:{}}}", quote(name), quote(value)))
}

/// A condition block: a JSON object, or `Operator key value`.
pub(crate) fn condition(cell: &str) -> Result<String, String> {
    if cell.starts_with('{') {
        return Ok(cell.to_owned());
    }
    let mut parts = cell.splitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(operator), Some(key), Some(value)) => Ok(format!(
            "{{{}:{{{}:{value}}}}}",
            quote(operator),
            quote(key)
        )),
        _ => Err(format!("`{cell}` is no condition")),
    }
}

/// A document of one statement.
pub(crate) fn document(version: Option<&str>, statement: &str) -> String {
    match version.unwrap_or("2012-10-17") {
        "none" => format!(r#"{{"Statement":[{statement}]}}"#),
        version => format!(r#"{{"Version":"{version}","Statement":[{statement}]}}"#),
    }
}

/// What a policy cell needs to know about its place.
pub(crate) struct Place<'a> {
    pub(crate) named: &'a std::collections::BTreeMap<String, String>,
    pub(crate) action: &'a str,
    /// Whether statements name a principal; with the principal to name when the cell does not.
    pub(crate) principal: Option<&'a str>,
    pub(crate) trust: bool,
}

impl Place<'_> {
    /// A document: raw JSON, a named policy, or statements joined by ` + `.
    pub(crate) fn document(&self, cell: &str) -> Result<String, String> {
        if cell.starts_with('{') {
            return Ok(cell.to_owned());
        }
        if let Some(named) = self.named.get(cell) {
            return Ok(named.clone());
        }
        let statements: Result<Vec<_>, _> = cell
            .split(" + ")
            .map(|words| self.statement(words.trim()))
            .collect();
        Ok(document(None, &statements?.join(",")))
    }

    fn statement(&self, words: &str) -> Result<String, String> {
        let (effect_word, named) = match words.split_once(' ') {
            Some((effect, principal)) => (effect, Some(principal)),
            None => (words, None),
        };
        let broken = r#","Condition":{"NumericEquals":{"test:broken":"1"}}"#;
        let this = self.action;
        let (effect, action, condition) = match effect_word {
            "allow" | "allow-all-but" if self.trust => ("Allow", this, ""),
            "allow" | "allow-all-but" => ("Allow", "*", ""),
            "none" => ("Allow", "other:Action", ""),
            "deny" | "deny-all-but" => ("Deny", this, ""),
            "unknown" => ("Allow", this, broken),
            "unknown-deny" => ("Deny", this, broken),
            _ => return Err(format!("`{words}` is not a statement")),
        };
        let element = if effect_word.ends_with("-all-but") {
            "NotPrincipal"
        } else {
            "Principal"
        };
        let principal = match (self.principal, named) {
            (None, None) => String::new(),
            (Some(""), None) => String::new(),
            (None, Some(_)) => return Err(format!("`{words}`: no principal in such a policy")),
            (Some(otherwise), named) => {
                let value = match named.unwrap_or(otherwise) {
                    several if several.contains(", ") && !several.starts_with('{') => {
                        several_aws(several)?
                    }
                    one => principal(one)?,
                };
                format!(r#","{element}":{value}"#)
            }
        };
        let resource = if self.trust { "" } else { r#","Resource":"*""# };
        Ok(format!(
            r#"{{"Effect":"{effect}"{principal},"Action":"{action}"{resource}{condition}}}"#
        ))
    }

    /// Documents joined by `, `; `[]` is an empty list.
    pub(crate) fn list(&self, cell: &str) -> Result<String, String> {
        if cell == "[]" || cell.starts_with('[') {
            return Ok(cell.to_owned());
        }
        if cell.starts_with('{') {
            return Ok(format!("[{cell}]"));
        }
        let documents: Result<Vec<_>, _> = cell.split(", ").map(|d| self.document(d)).collect();
        Ok(format!("[{}]", documents?.join(",")))
    }

    /// Levels joined by ` / `, each a list.
    pub(crate) fn levels(&self, cell: &str) -> Result<String, String> {
        if cell.starts_with("[[") {
            return Ok(cell.to_owned());
        }
        let levels: Result<Vec<_>, _> = cell.split(" / ").map(|l| self.list(l.trim())).collect();
        Ok(format!("[{}]", levels?.join(",")))
    }
}

/// `account, role, session` as one AWS principal.
fn several_aws(words: &str) -> Result<String, String> {
    let mut arns = Vec::new();
    for word in words.split(", ") {
        let one = Json::parse(&principal(word)?).map_err(|e| e.to_string())?;
        match one.get("AWS") {
            Some(arn) => arns.push(arn.to_string()),
            None => return Err(format!("`{word}` is not an AWS principal")),
        }
    }
    Ok(format!(r#"{{"AWS":[{}]}}"#, arns.join(",")))
}

/// Applies a row of a table of requests to a draft.
pub(crate) fn apply(
    row: &Row,
    draft: &mut Draft,
    named: &std::collections::BTreeMap<String, String>,
) -> Result<(), String> {
    for (column, member) in [
        ("action", "action"),
        ("resource", "resource"),
        ("owner", "resourceAccount"),
        ("management", "managementAccount"),
        ("type", "resourcePolicyType"),
    ] {
        if let Some(cell) = row.get(column) {
            draft.set(member, quote(cell));
        }
    }
    if let Some(cell) = row.get("caller") {
        draft.set("principal", caller(cell)?);
    }
    if let Some(cell) = row.get("options") {
        draft.set("options", options(cell)?);
    }
    let action = draft.plain("action");
    let trust = action.starts_with("sts:") && draft.plain("resource").contains(":role/")
        || draft.plain("resourcePolicyType") == "trust";
    let plain = Place {
        named,
        action: &action,
        principal: None,
        trust: false,
    };
    let resource = Place {
        named,
        action: &action,
        principal: Some("everyone"),
        trust,
    };
    let control = Place {
        named,
        action: &action,
        principal: Some("everyone"),
        trust: false,
    };
    let endpoint = Place {
        named,
        action: &action,
        principal: Some(""),
        trust: false,
    };
    for (column, member, value) in [
        (
            "identity",
            "identity",
            row.get("identity").map(|c| plain.list(c)),
        ),
        (
            "session",
            "session",
            row.get("session").map(|c| plain.list(c)),
        ),
        (
            "boundary",
            "boundary",
            row.get("boundary").map(|c| plain.document(c)),
        ),
        ("scps", "scps", row.get("scps").map(|c| plain.levels(c))),
        ("rcps", "rcps", row.get("rcps").map(|c| control.levels(c))),
        (
            "endpoint",
            "endpoint",
            row.get("endpoint").map(|c| endpoint.document(c)),
        ),
        (
            "resource policy",
            "resourcePolicy",
            row.get("resource policy").map(|c| resource.document(c)),
        ),
    ] {
        if let Some(value) = value {
            draft.set(member, value.map_err(|e| format!("{column}: {e}"))?);
        }
    }
    if let Some(cell) = row.get("context") {
        draft.set("context", merge(draft.get("context"), &context(cell)?)?);
    }
    if row.cells.values().any(|cell| cell.contains("unknown")) {
        draft.set(
            "context",
            merge(draft.get("context"), r#"{"test:broken":"x"}"#)?,
        );
    }
    Ok(())
}

/// The members of the second object replace those of the first.
pub(crate) fn merge(first: Option<&str>, second: &str) -> Result<String, String> {
    let mut whole = Json::parse(first.unwrap_or("{}")).map_err(|e| e.to_string())?;
    let Json::Object(members) = Json::parse(second).map_err(|e| e.to_string())? else {
        return Err("a context is an object".to_owned());
    };
    for (name, value) in members {
        whole.set(&name, value);
    }
    Ok(whole.to_string())
}

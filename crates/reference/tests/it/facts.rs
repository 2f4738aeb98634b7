//! Turns a row of a table into facts: cases with what must come of them.

use std::collections::BTreeMap;

use crate::markdown::{Row, Table};
use crate::truth;
use crate::vocabulary::{self, Draft, caller, condition, context, document, principal, quote};

/// A case and what must come of it.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) place: String,
    pub(crate) id: String,
    pub(crate) case: String,
    pub(crate) expected: Expected,
}

/// What must come of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    Allow,
    /// The kind, and (where the row says so) the policy type and the sentence.
    Deny {
        kind: String,
        layer: Option<String>,
        message: Option<String>,
    },
    /// The rule that the case breaks.
    Refused(String),
}

/// The facts of a table, and how many cases it counts for.
pub(crate) fn of_table(
    table: &Table,
    samples: &[Row],
    named: &BTreeMap<String, String>,
) -> Result<(Vec<Fact>, usize), String> {
    let known: Vec<&str> = table
        .headers
        .iter()
        .map(String::as_str)
        .filter(|h| *h != "status")
        .collect();
    let columns = |needed: &[&str], more: &[&str]| {
        needed.iter().all(|n| known.contains(n))
            && known.iter().all(|k| needed.contains(k) || more.contains(k))
    };
    let mut facts = Vec::new();
    let mut cases = 0;
    for row in &table.rows {
        let made = if columns(
            &["id", "condition", "context", "result"],
            &["version", "caller", "options"],
        ) {
            of_condition(row)
        } else if columns(
            &["id", "resource", "request", "match"],
            &["context", "kind", "version"],
        ) {
            of_resource(row)
        } else if columns(&["id", "action", "request", "match"], &["version"]) {
            of_action(row)
        } else if columns(&["id", "principal", "caller", "match"], &["context"]) {
            of_principal(row)
        } else if columns(&["id", "kind", "outcome"], &["document", "statement"]) {
            of_document(row)
        } else if columns(&["id", "number", "policy", "order"], &[])
            || columns(&["id", "date", "policy", "order"], &[])
        {
            of_order(row)
        } else if columns(&["id", "address", "policy", "within"], &[]) {
            of_answers(row, "address", "within", &["IpAddress"], &["NotIpAddress"])
        } else if columns(&["id", "arn", "policy", "match"], &["context"]) {
            let (is, is_not) = (["ArnEquals", "ArnLike"], ["ArnNotEquals", "ArnNotLike"]);
            of_answers(row, "arn", "match", &is, &is_not)
        } else if columns(
            &["id", "text", "policy", "equals", "ignoring case", "like"],
            &["context"],
        ) {
            of_text(row)
        } else if truth::is_matrix(&known) {
            truth::of_row(row, &table.headers, samples)
        } else if columns(&["id", "result"], &REQUEST) {
            of_request(row, table, named)
        } else {
            return Err(format!(
                "{}: no table has these columns: {known:?}",
                row.place
            ));
        };
        let made =
            made.map_err(|e| format!("{} {}: {e}", row.place, row.get("id").unwrap_or("?")))?;
        cases += if truth::is_matrix(&known) {
            made.len() / 2
        } else {
            1
        };
        facts.extend(made);
    }
    Ok((facts, cases))
}

const REQUEST: [&str; 17] = [
    "options",
    "caller",
    "action",
    "resource",
    "owner",
    "context",
    "identity",
    "boundary",
    "session",
    "resource policy",
    "type",
    "scps",
    "rcps",
    "endpoint",
    "management",
    "message",
    "says",
];

pub(crate) fn fact(row: &Row, what: &str, draft: &Draft, expected: Expected) -> Fact {
    Fact {
        place: row.place.clone(),
        id: format!("{} ({what})", row.get("id").unwrap_or("?")),
        case: draft.text(),
        expected,
    }
}

pub(crate) fn denied(kind: &str, layer: &str) -> Expected {
    Expected::Deny {
        kind: kind.to_owned(),
        layer: Some(layer.to_owned()),
        message: None,
    }
}

/// What an Allow under a condition comes to.
pub(crate) fn of_allow(result: &str) -> Result<Expected, String> {
    match result {
        "T" | "yes" => Ok(Expected::Allow),
        "F" | "no" => Ok(denied("implicit", "identity")),
        "?" | "unknown" => Ok(denied("indeterminate", "identity")),
        other => refused(other),
    }
}

/// What a Deny under a condition, beside an Allow, comes to.
pub(crate) fn of_deny(result: &str, layer: &str) -> Result<Expected, String> {
    match result {
        "T" | "yes" => Ok(denied("explicit", layer)),
        "F" | "no" => Ok(Expected::Allow),
        "?" | "unknown" => Ok(denied("indeterminate", layer)),
        other => refused(other),
    }
}

fn refused(cell: &str) -> Result<Expected, String> {
    match cell.strip_prefix("refused ") {
        Some(rule) => Ok(Expected::Refused(rule.to_owned())),
        None => Err(format!("`{cell}` is not a result")),
    }
}

const ALLOW_ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

/// A condition means the same in an Allow, in a Deny beside it, and in a Deny of another kind of
/// policy.
fn of_condition(row: &Row) -> Result<Vec<Fact>, String> {
    let block = condition(row.need("condition")?)?;
    let mut draft = Draft::new(&[]);
    draft.set(
        "context",
        row.get("context").map_or(Ok("{}".to_owned()), context)?,
    );
    if let Some(word) = row.get("caller") {
        draft.set("principal", caller(word)?);
    }
    if let Some(options) = row.get("options") {
        draft.set("options", vocabulary::options(options)?);
    }
    condition_facts(row, &draft, &block, row.need("result")?)
}

/// The facts of a condition in a draft.
pub(crate) fn condition_facts(
    row: &Row,
    draft: &Draft,
    block: &str,
    result: &str,
) -> Result<Vec<Fact>, String> {
    let version = row.get("version");
    let statement = |effect| {
        format!(r#"{{"Effect":"{effect}","Action":"*","Resource":"*","Condition":{block}}}"#)
    };
    let mut allow = draft.clone();
    allow.set("identity", document(version, &statement("Allow")));
    let mut deny = draft.clone();
    deny.set(
        "identity",
        document(version, &format!("{ALLOW_ALL},{}", statement("Deny"))),
    );
    let mut facts = vec![
        fact(row, "as an Allow", &allow, of_allow(result)?),
        fact(row, "as a Deny", &deny, of_deny(result, "identity")?),
    ];
    if !draft.plain("principal").contains("amazonaws") {
        let mut bucket = draft.clone();
        bucket.set("identity", document(None, ALLOW_ALL));
        let statement = statement("Deny").replacen('{', r#"{"Principal":"*","#, 1);
        bucket.set("resourcePolicy", document(version, &statement));
        facts.push(fact(
            row,
            "as a bucket's Deny",
            &bucket,
            of_deny(result, "resource")?,
        ));
    }
    Ok(facts)
}

/// An entry of `Resource`, in an Allow and a Deny, and as the complement.
fn of_resource(row: &Row) -> Result<Vec<Fact>, String> {
    let mut draft = Draft::new(&[]);
    draft.set("action", quote("any:Action"));
    draft.set("resource", quote(row.need("request")?));
    draft.set("resourceAccount", quote("111122223333"));
    draft.set(
        "context",
        row.get("context").map_or(Ok("{}".to_owned()), context)?,
    );
    let (kind, result) = (row.get("kind").unwrap_or("identity"), row.need("match")?);
    let opposite = match result {
        "yes" => "no",
        "no" => "yes",
        refused => refused,
    };
    let entry = entry(row.need("resource")?);
    let mut facts = Vec::new();
    for (element, result) in [("Resource", result), ("NotResource", opposite)] {
        let statement =
            |effect| format!(r#"{{"Effect":"{effect}","Action":"any:*","{element}":{entry}}}"#);
        if kind == "identity" {
            let mut allow = draft.clone();
            allow.set(
                "identity",
                document(row.get("version"), &statement("Allow")),
            );
            facts.push(fact(
                row,
                &format!("Allow {element}"),
                &allow,
                of_allow(result)?,
            ));
        }
        let mut deny = draft.clone();
        deny.set("identity", document(None, ALLOW_ALL));
        let place = Slot::of(kind)?;
        place.deny(&mut deny, row.get("version"), &statement("Deny"));
        let expected = of_deny(result, place.layer)?;
        facts.push(fact(row, &format!("Deny {element}"), &deny, expected));
    }
    Ok(facts)
}

/// Where a document of a kind goes.
struct Slot {
    member: &'static str,
    layer: &'static str,
    open: &'static str,
    close: &'static str,
    principal: bool,
}

impl Slot {
    fn of(kind: &str) -> Result<Self, String> {
        let slot = |member, layer, open, close, principal| Self {
            member,
            layer,
            open,
            close,
            principal,
        };
        Ok(match kind {
            "identity" => slot("identity", "identity", "[", "]", false),
            "boundary" => slot("boundary", "boundary", "", "", false),
            "session" => slot("session", "session", "[", "]", false),
            "scp" => slot("scps", "scp", "[[", "]]", false),
            "rcp" => slot("rcps", "rcp", "[[", "]]", true),
            "resource" | "key" => slot("resourcePolicy", "resource", "", "", true),
            "trust" => slot("resourcePolicy", "trust", "", "", true),
            "endpoint" => slot("endpoint", "endpoint", "", "", true),
            _ => return Err(format!("`{kind}` is not a kind of policy")),
        })
    }

    /// Puts a Deny there, beside an Allow of everything where one is needed.
    fn deny(&self, draft: &mut Draft, version: Option<&str>, statement: &str) {
        let named = |text: &str| match self.principal {
            true => text.replacen('{', r#"{"Principal":"*","#, 1),
            false => text.to_owned(),
        };
        let both = format!("{},{}", named(ALLOW_ALL), named(statement));
        let text = document(version, &both);
        draft.set(self.member, format!("{}{text}{}", self.open, self.close));
    }
}

/// An entry of `Action`, in an Allow and a Deny, and as the complement.
fn of_action(row: &Row) -> Result<Vec<Fact>, String> {
    let mut draft = Draft::new(&[]);
    draft.set("action", quote(row.need("request")?));
    draft.set("resource", quote("*"));
    let result = row.need("match")?;
    let opposite = match result {
        "yes" => "no",
        "no" => "yes",
        refused => refused,
    };
    let entry = entry(row.need("action")?);
    let mut facts = Vec::new();
    for (element, result) in [("Action", result), ("NotAction", opposite)] {
        let statement =
            |effect| format!(r#"{{"Effect":"{effect}","{element}":{entry},"Resource":"*"}}"#);
        let mut allow = draft.clone();
        allow.set(
            "identity",
            document(row.get("version"), &statement("Allow")),
        );
        facts.push(fact(
            row,
            &format!("Allow {element}"),
            &allow,
            of_allow(result)?,
        ));
        let mut deny = draft.clone();
        let both = format!("{ALLOW_ALL},{}", statement("Deny"));
        deny.set("identity", document(row.get("version"), &both));
        facts.push(fact(
            row,
            &format!("Deny {element}"),
            &deny,
            of_deny(result, "identity")?,
        ));
    }
    Ok(facts)
}

/// A principal element against a caller. `match` says how closely the Allow concerns it: `caller`,
/// `role`, `account` or `none`.
fn of_principal(row: &Row) -> Result<Vec<Fact>, String> {
    let mut draft = Draft::new(&[]);
    let word = row.need("caller")?;
    draft.set("principal", caller(word)?);
    draft.set("resourceAccount", quote("111122223333"));
    if let Some(cell) = row.get("context") {
        draft.set("context", context(cell)?);
    }
    let named = principal(row.need("principal")?)?;
    let statement = |effect| {
        format!(r#"{{"Effect":"{effect}","Principal":{named},"Action":"s3:*","Resource":"*"}}"#)
    };
    let found = row.need("match")?;
    if let Some(rule) = found.strip_prefix("refused ") {
        draft.set("resourcePolicy", document(None, &statement("Allow")));
        return Ok(vec![fact(
            row,
            "alone",
            &draft,
            Expected::Refused(rule.to_owned()),
        )]);
    }
    let rank = ["none", "account", "role", "caller"]
        .iter()
        .position(|r| *r == found);
    let rank = rank.ok_or_else(|| format!("`{found}` is not a match"))?;
    let outsider = !caller(word)?.contains("111122223333:")
        || word.starts_with("{\"federated")
        || ["google", "saml"].contains(&word);
    let mut facts = Vec::new();
    let mut add = |what: &str, draft: &Draft, allowed: bool, lacking: &str| {
        let otherwise = denied("implicit", lacking);
        facts.push(fact(
            row,
            what,
            draft,
            if allowed { Expected::Allow } else { otherwise },
        ));
    };
    draft.set("resourcePolicy", document(None, &statement("Allow")));
    if outsider {
        let mut both = draft.clone();
        if !word.starts_with('{') && caller(word)?.contains("arn:") && !["saml"].contains(&word) {
            both.set("identity", document(None, ALLOW_ALL));
        }
        add("Allow", &both, rank > 0, "resource");
    } else {
        let root = word == "root" || word.contains(":root");
        let federated = word.contains("federated-user") || word == "orphan";
        if !root {
            add(
                "Allow, no identity policy",
                &draft,
                rank == 3 || rank == 2 && !federated,
                if rank == 2 { "session" } else { "identity" },
            );
            let mut bounded = draft.clone();
            let other = r#"{"Effect":"Allow","Action":"other:Action","Resource":"*"}"#;
            bounded.set("boundary", document(None, other));
            let lacking = if rank == 2 { "boundary" } else { "identity" };
            add("Allow, empty boundary", &bounded, rank == 3, lacking);
        }
        let mut key = draft.clone();
        key.set("resourcePolicyType", quote("key"));
        if !root {
            key.set("identity", document(None, ALLOW_ALL));
        }
        if federated {
            key.set("session", document(None, ALLOW_ALL));
        }
        add("Allow as key policy", &key, rank > 0, "resource");
    }
    let mut deny = draft.clone();
    let everyone = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
    deny.set(
        "resourcePolicy",
        document(None, &format!("{everyone},{}", statement("Deny"))),
    );
    if word == "stranger"
        || word.starts_with("stranger-") && !word.ends_with("root")
        || word.contains(":4444")
    {
        deny.set("identity", document(None, ALLOW_ALL));
    }
    let expected = if rank > 0 {
        denied("explicit", "resource")
    } else {
        Expected::Allow
    };
    facts.push(fact(row, "Deny", &deny, expected));
    Ok(facts)
}

/// A document of a kind, accepted or refused.
fn of_document(row: &Row) -> Result<Vec<Fact>, String> {
    let text = match (row.get("document"), row.get("statement")) {
        (Some(document), None) => document.to_owned(),
        (None, Some(statement)) => document(None, statement),
        _ => return Err("either `document` or `statement`".to_owned()),
    };
    let kind = row.need("kind")?;
    let slot = Slot::of(kind)?;
    let mut draft = Draft::new(&[]);
    match kind {
        "trust" => {
            draft.set("action", quote("sts:AssumeRole"));
            draft.set("resource", quote("arn:aws:iam::111122223333:role/Exec"));
        }
        "key" => {
            draft.set("action", quote("kms:Decrypt"));
            draft.set(
                "resource",
                quote("arn:aws:kms:us-west-2:111122223333:key/k"),
            );
        }
        _ => {}
    }
    draft.set(slot.member, format!("{}{text}{}", slot.open, slot.close));
    match row.need("outcome")? {
        "accepted" => {
            // Whatever the verdict: there is one.
            let any = Expected::Deny {
                kind: "any".to_owned(),
                layer: None,
                message: None,
            };
            Ok(vec![fact(row, "accepted", &draft, any)])
        }
        cell => Ok(vec![fact(row, "refused", &draft, refused(cell)?)]),
    }
}

/// A number or date of a request against one of a policy: `<`, `=`, `>`, `unknown` or refused.
fn of_order(row: &Row) -> Result<Vec<Fact>, String> {
    let (family, request) = match row.get("number") {
        Some(number) => ("Numeric", number),
        None => ("Date", row.need("date")?),
    };
    let order = row.need("order")?;
    let mut facts = Vec::new();
    for (operator, holds) in [
        ("Equals", "="),
        ("NotEquals", "<>"),
        ("LessThan", "<"),
        ("LessThanEquals", "<="),
        ("GreaterThan", ">"),
        ("GreaterThanEquals", ">="),
    ] {
        let result = match order {
            "<" | "=" | ">" if holds.contains(order) => "T",
            "<" | "=" | ">" => "F",
            other => other,
        };
        facts.extend(compared(
            row,
            &format!("{family}{operator}"),
            request,
            result,
        )?);
    }
    Ok(facts)
}

/// Facts of one operator between `policy` of the row and a request value.
fn compared(row: &Row, operator: &str, request: &str, result: &str) -> Result<Vec<Fact>, String> {
    let mut draft = Draft::new(&[]);
    let mut text = format!("{{\"test:key\":{request}}}");
    if let Some(cell) = row.get("context") {
        text = vocabulary::merge(Some(&text), &context(cell)?)?;
    }
    draft.set("context", text);
    let block = format!(
        "{{\"{operator}\":{{\"test:key\":{}}}}}",
        row.need("policy")?
    );
    let mut facts = condition_facts(row, &draft, &block, result)?;
    for fact in &mut facts {
        fact.id = format!("{} {operator}", fact.id);
    }
    Ok(facts)
}

/// Operators that answer yes or no, and their negations.
fn of_answers(
    row: &Row,
    request: &str,
    answer: &str,
    operators: &[&str],
    negated: &[&str],
) -> Result<Vec<Fact>, String> {
    let request = row.need(request)?;
    let result = row.need(answer)?;
    let opposite = match result {
        "yes" => "no",
        "no" => "yes",
        other => other,
    };
    let mut facts = Vec::new();
    for operator in operators {
        facts.extend(compared(row, operator, request, result)?);
    }
    for operator in negated {
        facts.extend(compared(row, operator, request, opposite)?);
    }
    Ok(facts)
}

/// A text under the six string operators.
fn of_text(row: &Row) -> Result<Vec<Fact>, String> {
    let text = row.need("text")?;
    let mut facts = Vec::new();
    for (column, is, is_not) in [
        ("equals", "StringEquals", "StringNotEquals"),
        (
            "ignoring case",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ),
        ("like", "StringLike", "StringNotLike"),
    ] {
        let (result, opposite) = match row.need(column)? {
            "yes" => ("T", "F"),
            "no" => ("F", "T"),
            other => return Err(format!("`{other}` is neither yes nor no")),
        };
        facts.extend(compared(row, is, text, result)?);
        facts.extend(compared(row, is_not, text, opposite)?);
    }
    Ok(facts)
}

/// A whole request: `Allow`, `Deny KIND LAYER`, or `refused RULE`.
fn of_request(
    row: &Row,
    table: &Table,
    named: &BTreeMap<String, String>,
) -> Result<Vec<Fact>, String> {
    let mut draft = Draft::new(&table.given);
    vocabulary::apply(row, &mut draft, named)?;
    let words: Vec<&str> = row.need("result")?.split(' ').collect();
    let expected = match words.as_slice() {
        ["Allow"] => Expected::Allow,
        ["Deny", kind, layer] => Expected::Deny {
            kind: (*kind).to_owned(),
            layer: Some((*layer).to_owned()),
            message: row.get("message").map(str::to_owned),
        },
        ["refused", rule] => Expected::Refused((*rule).to_owned()),
        _ => return Err(format!("`{}` is not a result", words.join(" "))),
    };
    Ok(vec![fact(row, "request", &draft, expected)])
}

/// An entry of a list as JSON; `""` is the empty text.
fn entry(cell: &str) -> String {
    quote(if cell == "\"\"" { "" } else { cell })
}

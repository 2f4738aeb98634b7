//! S3's sentences for a bucket policy that is none (recorded answers of S3; where none is known, the sentence
//! tells the place, the reason and the fix).

use platform::ApiError;
use policy::document::Statement;
use policy::json::{self, Node};
use policy::text::Rejected;
use policy::{Document, Limits};

const ACTION: &str = "Policy has invalid action";
const ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

pub(super) fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicy", 400, text)
}

/// The refusal of a text that the grammar does not take.
pub(super) fn rejected(rejected: &Rejected) -> ApiError {
    let told = rejected.to_string();
    let Ok(node) = json::parse(&rejected.source, &Limits::default()) else {
        let text = "Policies must be valid JSON and the first byte must be '{'";
        return malformed(text).with("Detail", told);
    };
    match sentence(&node) {
        Some(sentence) => malformed(sentence).with("Detail", told),
        None => malformed(told),
    }
}

fn sentence(node: &Node) -> Option<String> {
    if let Some(name) = unknown(node, ELEMENTS) {
        return Some(format!("Unknown field {name}"));
    }
    if node.get("Version").is_some()
        && !["2008-10-17", "2012-10-17"].contains(&node.text("Version"))
    {
        return Some("The policy must contain a valid version string".to_owned());
    }
    let Some(statement) = node.get("Statement") else {
        return Some("Missing required field Statement".to_owned());
    };
    statement.as_list().iter().find_map(of_statement)
}

/// The first member that does not belong here.
fn unknown<'n>(node: &'n Node, known: &[&str]) -> Option<&'n str> {
    let mut names = node.as_object()?.iter().map(|it| it.key.value.as_str());
    names.find(|name| !known.contains(name))
}

fn of_statement(statement: &Node) -> Option<String> {
    statement.as_object()?;
    if let Some(name) = unknown(statement, Statement::ELEMENTS) {
        return Some(format!("Unknown field {name}"));
    }
    let has = |name: &str| statement.get(name).is_some();
    let needed = [
        ("Effect", "Effect"),
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
    ];
    if let Some((name, _)) = needed.iter().find(|(name, or)| !has(name) && !has(or)) {
        return Some(format!("Missing required field {name}"));
    }
    let effect = statement.text("Effect");
    if !["Allow", "Deny"].contains(&effect) {
        return Some(format!("Invalid effect: {effect}"));
    }
    let all = |name: &str, not: &str, good: fn(&str) -> bool| {
        let node = statement.get(name).or_else(|| statement.get(not));
        let texts = node.map_or(&[][..], Node::as_list);
        texts.iter().filter_map(Node::as_str).all(good)
    };
    if !all("Action", "NotAction", |text| {
        text == "*" || text.contains(':')
    }) {
        return Some(ACTION.to_owned());
    }
    if !all("Resource", "NotResource", |text| {
        text == "*" || text.starts_with("arn:")
    }) {
        return Some("Policy has invalid resource".to_owned());
    }
    None
}

/// Refuses what S3 does not take of a document that the grammar takes: what no request of S3 asks, and what
/// none of them tells.
pub(super) fn check(document: &Document) -> Result<(), ApiError> {
    if document.statements.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    for statement in &document.statements {
        let mut actions = statement.actions.patterns.iter();
        if !actions.all(|action| is_action(&action.value.text)) {
            return Err(malformed(ACTION));
        }
        let mut keys = statement.conditions.iter().map(|it| it.key.value.as_str());
        if keys.any(|key| is_own(key) && catalog::condition_key(key).is_none()) {
            return Err(malformed("Policy has an invalid condition key"));
        }
    }
    Ok(())
}

fn is_action(text: &str) -> bool {
    let known = || text.contains(['*', '?']) || catalog::action(text).is_some();
    text == "*" || (is_own(text) && known())
}

/// Whether an action or a key is of S3.
fn is_own(text: &str) -> bool {
    text.get(..3)
        .is_some_and(|it| it.eq_ignore_ascii_case("s3:"))
}

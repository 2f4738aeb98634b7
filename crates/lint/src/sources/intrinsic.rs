//! CloudFormation's intrinsic functions: resolved where a template alone tells what they give, else a hole.

use crate::text;
use policy::json::{Member, Node, Value};

/// The value without intrinsic functions; `None` for `AWS::NoValue`.
pub(super) fn resolve(node: &Node) -> Option<Node> {
    let value = match &node.value {
        Value::Object(members) => match members.as_slice() {
            [only] if is_function(&only.key.value) => return function(node, only),
            members => Value::Object(
                members
                    .iter()
                    .filter_map(|member| {
                        Some(Member {
                            key: member.key.clone(),
                            value: resolve(&member.value)?,
                        })
                    })
                    .collect(),
            ),
        },
        Value::Array(elements) => Value::Array(elements.iter().flat_map(element).collect()),
        plain => plain.clone(),
    };
    Some(Node {
        span: node.span,
        value,
    })
}

/// In a list, both branches of a conditional element are looked at.
fn element(node: &Node) -> Vec<Node> {
    match branches(node) {
        Some(branches) => branches.iter().flat_map(element).collect(),
        None => resolve(node).into_iter().collect(),
    }
}

fn branches(node: &Node) -> Option<&[Node]> {
    match node.as_object()? {
        [only] if only.key.value == "Fn::If" => only.value.as_array()?.get(1..3),
        _ => None,
    }
}

fn is_function(name: &str) -> bool {
    name == "Ref" || name.starts_with("Fn::")
}

fn function(node: &Node, member: &Member) -> Option<Node> {
    let argument = &member.value;
    let text = match member.key.value.as_str() {
        "Ref" => return reference(node, argument.as_str().unwrap_or("")),
        "Fn::Sub" => substitute(argument),
        "Fn::Join" => join(argument),
        "Fn::If" => return conditional(node),
        _ => None,
    };
    Some(string(
        argument,
        text.unwrap_or_else(|| text::UNKNOWN.to_string()),
    ))
}

fn string(node: &Node, text: String) -> Node {
    Node {
        span: node.span,
        value: Value::String(text),
    }
}

fn reference(node: &Node, name: &str) -> Option<Node> {
    match name {
        "AWS::NoValue" => None,
        name => Some(string(node, pseudo_parameter(name))),
    }
}

fn pseudo_parameter(name: &str) -> String {
    match name {
        "AWS::AccountId" => text::ACCOUNT.to_string(),
        "AWS::Region" => text::REGION.to_string(),
        "AWS::Partition" => text::PARTITION.to_string(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        _ => text::UNKNOWN.to_string(),
    }
}

/// `${Name}` is filled in, `${!Literal}` loses its exclamation mark (CloudFormation User Guide, "Fn::Sub").
fn substitute(argument: &Node) -> Option<String> {
    let (template, names) = match argument.as_array() {
        Some([template, names]) => (template.as_str()?, Some(names)),
        Some(_) => return None,
        None => (argument.as_str()?, None),
    };
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find("${") {
        out.push_str(rest.get(..at)?);
        let behind = rest.get(at + 2..)?;
        let Some(end) = behind.find('}') else {
            out.push_str("${");
            rest = behind;
            continue;
        };
        let name = behind.get(..end)?;
        match name.strip_prefix('!') {
            Some(literal) => {
                out.push_str("${");
                out.push_str(literal);
                out.push('}');
            }
            None => {
                let given = names.and_then(|names| names.get(name.trim()));
                let given = given.and_then(resolve);
                match given.as_ref().and_then(Node::as_str) {
                    Some(text) => out.push_str(text),
                    None => out.push_str(&pseudo_parameter(name.trim())),
                }
            }
        }
        rest = behind.get(end + 1..)?;
    }
    out.push_str(rest);
    Some(out)
}

fn join(argument: &Node) -> Option<String> {
    let [separator, parts] = argument.as_array()? else {
        return None;
    };
    let separator = separator.as_str()?;
    let mut texts = Vec::new();
    for part in parts.as_array()? {
        match resolve(part) {
            None => {}
            Some(part) => match part.value {
                Value::String(text) | Value::Number(text) => texts.push(text),
                Value::Bool(value) => texts.push(value.to_string()),
                _ => texts.push(text::UNKNOWN.to_string()),
            },
        }
    }
    Some(texts.join(separator))
}

/// Outside a list, only one branch can be looked at: the first that is an object or a list. Two texts give a hole,
/// unless they are the same.
fn conditional(node: &Node) -> Option<Node> {
    let resolved: Vec<Option<Node>> = branches(node)?.iter().map(resolve).collect();
    let structured = resolved
        .iter()
        .flatten()
        .find(|branch| branch.as_str().is_none());
    if let Some(structured) = structured {
        return Some(structured.clone());
    }
    match resolved.as_slice() {
        [Some(first), Some(second)] if first.value == second.value => Some(first.clone()),
        _ => Some(string(node, text::UNKNOWN.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::text::Source;

    fn resolved(text: &str) -> String {
        let node = policy::json::parse(&Source::new(text), &Default::default()).expect("JSON");
        let node = resolve(&node).expect("a value");
        fn print(node: &Node) -> String {
            match &node.value {
                Value::String(text) => text::shown(text),
                Value::Array(elements) => {
                    format!(
                        "[{}]",
                        elements.iter().map(print).collect::<Vec<_>>().join(",")
                    )
                }
                other => format!("{other:?}"),
            }
        }
        print(&node)
    }

    #[test]
    fn what_a_template_tells_is_filled_in() {
        assert_eq!(
            resolved(r#"{"Fn::Sub": "a/${!aws:username}/${B}/${AWS::Region}"}"#),
            "a/${aws:username}/…/…"
        );
        assert_eq!(
            resolved(r#"{"Fn::Sub": ["${x}-${y}", {"x": "1", "y": {"Ref": "P"}}]}"#),
            "1-…"
        );
        assert_eq!(
            resolved(r#"{"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, "s3"]]}"#),
            "arn:…:s3"
        );
        assert_eq!(resolved(r#"{"Fn::GetAtt": ["A", "Arn"]}"#), "…");
        assert_eq!(
            resolved(r#"["a", {"Fn::If": ["c", "b", {"Ref": "AWS::NoValue"}]}]"#),
            "[a,b]"
        );
        assert_eq!(resolved(r#"{"Fn::If": ["c", "b", "b"]}"#), "b");
    }
}

//! The edits that fixes are made of. Each is `None` where the original's way of writing does not allow it.

use crate::finding::Edit;
use crate::model::{Condition, Policy, Statement, Syntax};
use crate::text::Text;
use policy::json::{self, Node};
use policy::text::Span;

/// Writes another text in the place of one. The new one must need no quotes of its own.
pub(crate) fn replace(policy: &Policy, old: &Text, new: &str) -> Option<Vec<Edit>> {
    if !is_plain(new) || matches!(policy.syntax, Syntax::Fixed) || !old.is_known() {
        return None;
    }
    let span = old.inner(&policy.source)?;
    let text = new.to_owned();
    Some(vec![Edit { span, text }])
}

/// Writes another text in the place of a part of one, by byte offsets.
pub(crate) fn replace_part(
    policy: &Policy,
    old: &Text,
    (start, end): (usize, usize),
    new: &str,
) -> Option<Vec<Edit>> {
    if !is_plain(new) || matches!(policy.syntax, Syntax::Fixed) {
        return None;
    }
    let span = old.exact(&policy.source, start, end)?;
    let text = new.to_owned();
    Some(vec![Edit { span, text }])
}

/// Writes another operator for a condition, where no other key is under the one and nothing is under the other.
pub(crate) fn rename_operator(
    policy: &Policy,
    statement: &Statement,
    condition: &Condition,
    new: &str,
) -> Option<Vec<Edit>> {
    let mut others = statement.conditions.iter();
    let is_free = others.all(|other| {
        std::ptr::eq(other, condition)
            || other.operator_text.span != condition.operator_text.span
                && other.operator_text.value != new
    });
    is_free
        .then(|| replace(policy, &condition.operator_text, new))
        .flatten()
}

/// Takes an element out of a list, or a member out of an object, with its comma. `all` are the places of all of them,
/// in order, those of members reaching from the key to the end of the value. The only one is not taken out.
pub(crate) fn remove(policy: &Policy, all: &[Span], index: usize) -> Option<Vec<Edit>> {
    if !matches!(policy.syntax, Syntax::Json(_)) {
        return None;
    }
    let this = all.get(index)?;
    let next = all.get(index + 1);
    let before = index.checked_sub(1).and_then(|before| all.get(before));
    let span = match (before, next) {
        (_, Some(next)) => Span {
            start: this.start,
            end: next.start,
        },
        (Some(before), None) => Span {
            start: before.end,
            end: this.end,
        },
        (None, None) => return None,
    };
    (span.start <= span.end).then(|| {
        let text = String::new();
        vec![Edit { span, text }]
    })
}

/// Takes a member out of an object, with its comma.
pub(crate) fn remove_member(policy: &Policy, object: &Node, name: &str) -> Option<Vec<Edit>> {
    let members = object.as_object()?;
    let index = members.iter().position(|member| member.key.value == name)?;
    let all: Vec<Span> = members
        .iter()
        .map(|member| Span {
            start: member.key.span.start,
            end: member.value.span.end,
        })
        .collect();
    remove(policy, &all, index)
}

/// Puts a member in front of the first of an object; `json` is its value.
pub(crate) fn insert_first(
    policy: &Policy,
    object: &Node,
    name: &str,
    json: &str,
) -> Option<Vec<Edit>> {
    let first = object.as_object()?.first()?;
    let at = first.key.span.start;
    let gap = policy.source.slice(Span {
        start: object.span.start,
        end: at,
    });
    let text = match policy.syntax {
        Syntax::Json(_) => {
            let member = written(policy.syntax, &format!("{}: {json},", json::quote(name)))?;
            // As the first member stands to the brace, this one shall stand to the first.
            let space = gap.get(1..).unwrap_or("");
            let space = if space.is_empty() { " " } else { space };
            format!("{member}{space}")
        }
        Syntax::Yaml => {
            let line_start = policy
                .source
                .text()
                .get(..at as usize)?
                .rfind('\n')
                .map_or(0, |n| n + 1);
            let indent = policy.source.text().get(line_start..at as usize)?;
            if !indent.bytes().all(|byte| byte == b' ') {
                return None;
            }
            format!("{name}: {}\n{indent}", json.replace('"', "'"))
        }
        Syntax::Fixed => return None,
    };
    let span = Span { start: at, end: at };
    Some(vec![Edit { span, text }])
}

/// JSON as it is written at its depth of strings.
fn written(syntax: Syntax, json: &str) -> Option<String> {
    match syntax {
        Syntax::Json(depth) => {
            let mut text = json.to_owned();
            for _ in 0..depth {
                let quoted = json::quote(&text);
                text = quoted.get(1..quoted.len().checked_sub(1)?)?.to_owned();
            }
            Some(text)
        }
        Syntax::Yaml | Syntax::Fixed => None,
    }
}

/// Whether a text means itself in JSON and in YAML, with quotes and, as part of a value, without.
fn is_plain(text: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '\\' | '\'' | '#' | '%' | '\n');
    !text.contains(odd) && !text.contains(": ")
}

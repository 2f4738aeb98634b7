//! Changes with which a claim holds: tried one after the other, and kept where the claim is then proved.

use super::breach::{Breach, More};
use super::is_tenant;
use crate::facts::Facts;
use crate::layers::Stage;
use crate::question::{Blamed, Question, Replayed, every};
use crate::tenancy::{Mark, Part, Template, Tenancy};
use crate::verdict::Verdict;
use policy::text::{Source, Span};
use policy::{Document, NamedPolicy, Options, PolicySet, PolicyType};
use serde_json::{Map, Value, json};

/// A change of a policy. With all changes of a finding together its claim was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The policy.
    pub policy: String,
    /// The line where what is changed begins.
    pub line: u32,
    /// What stands there.
    pub before: String,
    /// What to write instead; empty where it is to be removed.
    pub after: String,
}

/// How many statements are changed at most.
const ROUNDS: usize = 8;

/// A change of the text of one policy.
struct Edit {
    span: Span,
    after: String,
}

/// Finds changes with which no request of a kind is allowed any more.
pub(super) fn find(
    stage: &Stage<'_>,
    breach: &Breach<'_>,
    violation: &Replayed,
    facts: &Facts,
) -> Vec<Fix> {
    let mut fixes = Vec::new();
    let mut sets = Sets::new(stage);
    let mut blamed = violation.blame().to_vec();
    for _ in 0..ROUNDS {
        let Some(wrong) = blamed.iter().find(|blamed| sets.holds(blamed)).cloned() else {
            return Vec::new();
        };
        let Some((next, fix, still)) = mend(stage, &sets, breach, &wrong, facts) else {
            return Vec::new();
        };
        sets = next;
        fixes.push(fix);
        match still {
            None => return fixes,
            Some(still) => blamed = still,
        }
    }
    Vec::new()
}

/// Tries the changes of one statement: a proof is best; else it has to be another statement that allows the request.
fn mend(
    stage: &Stage<'_>,
    sets: &Sets,
    breach: &Breach<'_>,
    wrong: &Blamed,
    facts: &Facts,
) -> Option<(Sets, Fix, Option<Vec<Blamed>>)> {
    let mut progress = None;
    for edit in edits(sets, breach, wrong) {
        let Some((next, fix)) = sets.with(wrong, &edit) else {
            continue;
        };
        let changed = next.stage(stage);
        let question = Question {
            beyond: Some(breach),
            caller: is_tenant,
            ..every(changed)
        };
        match question.answer(facts) {
            Verdict::Proved(_) => return Some((next, fix, None)),
            Verdict::Unknown { .. } => {}
            Verdict::Violated(replayed) => {
                let same =
                    |other: &Blamed| other.policy == wrong.policy && other.number == wrong.number;
                if progress.is_none() && !replayed.blame().iter().any(same) {
                    progress = Some((next, fix, Some(replayed.blame().to_vec())));
                }
            }
        }
    }
    progress
}

/// The policies that may be changed: those of the identity, or of the resource.
struct Sets {
    identity: Option<PolicySet>,
    resource: Option<PolicySet>,
}

impl Sets {
    fn new(stage: &Stage<'_>) -> Self {
        Self {
            identity: stage.policies.identity.cloned(),
            resource: stage.policies.resource.cloned(),
        }
    }

    fn stage<'s>(&'s self, stage: &Stage<'s>) -> Stage<'s> {
        let mut changed = *stage;
        changed.policies.identity = self.identity.as_ref();
        changed.policies.resource = self.resource.as_ref();
        changed
    }

    fn set(&self, policy_type: PolicyType) -> Option<&PolicySet> {
        match policy_type {
            PolicyType::Identity => self.identity.as_ref(),
            PolicyType::Resource | PolicyType::Trust | PolicyType::Key => self.resource.as_ref(),
            _ => None,
        }
    }

    fn policy(&self, blamed: &Blamed) -> Option<&NamedPolicy> {
        let policies = self.set(blamed.policy_type)?.policies();
        policies
            .iter()
            .find(|policy| *policy.name == *blamed.policy)
    }

    fn holds(&self, blamed: &Blamed) -> bool {
        self.policy(blamed).is_some()
    }

    /// The policies with a change in one of them.
    fn with(&self, blamed: &Blamed, edit: &Edit) -> Option<(Self, Fix)> {
        let policy = self.policy(blamed)?;
        let document = &policy.document;
        let source = &document.source;
        let text = source.text();
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let changed = format!("{}{}{}", text.get(..start)?, edit.after, text.get(end..)?);
        let fix = Fix {
            policy: policy.name.to_string(),
            line: source.position(edit.span.start).line,
            before: source.slice(edit.span).to_owned(),
            after: edit.after.trim().to_owned(),
        };
        let source = Source::named(&*policy.name, changed);
        let document =
            Document::parse_source(&source, document.policy_type, &Options::default()).ok()?;
        let set = self.set(blamed.policy_type)?;
        let renewed = set
            .policies()
            .iter()
            .map(|other| match other.name == policy.name {
                true => NamedPolicy::new(other.name.clone(), document.clone()),
                false => other.clone(),
            });
        let set = PolicySet::compile(renewed);
        let mut next = Self {
            identity: self.identity.clone(),
            resource: self.resource.clone(),
        };
        match blamed.policy_type {
            PolicyType::Identity => next.identity = Some(set),
            _ => next.resource = Some(set),
        }
        Some((next, fix))
    }
}

/// The changes to try, the smallest first.
fn edits(sets: &Sets, breach: &Breach<'_>, blamed: &Blamed) -> Vec<Edit> {
    let mut edits = Vec::new();
    let Some(policy) = sets.policy(blamed) else {
        return edits;
    };
    let document = &policy.document;
    let Some(statement) = document.statements.get(blamed.number) else {
        return edits;
    };
    let slice = |span: Span| document.source.slice(span).to_owned();
    let mut spans: Vec<Span> = Vec::new();
    if let Some(resources) = &statement.resources {
        spans.extend(resources.patterns.iter().map(|pattern| pattern.span));
    }
    let resources = spans.len();
    for condition in &statement.conditions {
        spans.extend(condition.values.iter().map(|value| value.span));
    }
    for (number, span) in spans.iter().enumerate() {
        let before = slice(*span);
        for after in delimited(&before, breach.tenancy, number < resources) {
            edits.push(Edit { span: *span, after });
        }
    }
    for mark in &breach.theirs {
        if let Mark::Resource(template) = mark
            && let Some(own) = callers(template, breach.tenancy)
        {
            for span in spans.iter().take(resources) {
                let after = Value::from(own.clone()).to_string();
                edits.push(Edit { span: *span, after });
            }
        }
    }
    for pattern in spans.iter().take(resources) {
        if let Some(after) = below_users(&slice(*pattern), breach.tenancy) {
            edits.push(Edit {
                span: *pattern,
                after,
            });
        }
    }
    if let Ok(Value::Object(object)) = serde_json::from_str(&slice(statement.span)) {
        let changes = [
            conditioned(&object, breach),
            without_key(&object, breach),
            narrower(&object, breach),
        ];
        for changed in changes.into_iter().flatten() {
            edits.push(Edit {
                span: statement.span,
                after: format!("{:#}", Value::from(changed)),
            });
        }
    }
    edits.push(Edit {
        span: without_comma(document.source.text(), statement.span),
        after: String::new(),
    });
    edits
}

/// A text with a delimiter behind each variable that a wildcard follows, or without the wildcard.
fn delimited(text: &str, tenancy: &Tenancy, is_resource: bool) -> Vec<String> {
    let mut changed = Vec::new();
    for key in tenancy.keys() {
        let variable = format!("${{{key}}}");
        for wildcard in ['*', '?'] {
            let loose = format!("{variable}{wildcard}");
            if text.contains(&loose) {
                let strict = [format!("{variable}/*"), variable.clone()];
                let [with, without] = strict.map(|strict| text.replace(&loose, &strict));
                changed.extend(if is_resource {
                    [with, without]
                } else {
                    [without, with]
                });
            }
        }
    }
    changed
}

/// A template with the caller's values in the place of the owner's, as a policy writes it. `None` where what is built in
/// cannot be written.
fn callers(template: &Template, tenancy: &Tenancy) -> Option<String> {
    let mut text = String::new();
    for part in &template.parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::AnyRun => text.push('*'),
            Part::AnyOne => text.push('?'),
            Part::AnyName => return None,
            Part::Owner(number) => {
                let key = &tenancy.identity.get(*number)?.key;
                text.push_str(&format!("${{{key}}}"));
            }
        }
    }
    Some(text)
}

/// `…/users/*` with the caller's own folder.
fn below_users(text: &str, tenancy: &Tenancy) -> Option<String> {
    let key = &tenancy.identity.first()?.key;
    let start = text.strip_suffix("/users/*\"")?;
    Some(format!("{start}/users/${{{key}}}/*\""))
}

/// A statement that demands what the caller has not.
fn conditioned(statement: &Map<String, Value>, breach: &Breach<'_>) -> Option<Map<String, Value>> {
    let mut demands: Vec<(&str, String, String)> = Vec::new();
    for mark in &breach.theirs {
        let (key, value) = match mark {
            Mark::Resource(_) => continue,
            Mark::Tag { key, value, .. } => (format!("aws:ResourceTag/{key}"), value),
            Mark::Key { key, value } => (key.clone(), value),
        };
        let wild = value
            .parts
            .iter()
            .any(|part| !matches!(part, Part::Literal(_) | Part::Owner(_)));
        let operator = match (wild, key.starts_with("aws:RequestTag/")) {
            (true, true) => "StringLikeIfExists",
            (true, false) => "StringLike",
            (false, true) => "StringEqualsIfExists",
            (false, false) => "StringEquals",
        };
        demands.push((operator, key, callers(value, breach.tenancy)?));
    }
    for more in &breach.more {
        match more {
            More::Absent(key) if key == "sagemaker:TaggingAction" => {
                demands = vec![("Null", key.clone(), "false".to_owned())];
                break;
            }
            More::Differs(key, other) => {
                demands.push(("StringEquals", key.clone(), format!("${{{other}}}")));
            }
            _ => {}
        }
    }
    with_conditions(statement, &demands)
}

/// A statement with conditions added to its own.
fn with_conditions(
    statement: &Map<String, Value>,
    demands: &[(&str, String, String)],
) -> Option<Map<String, Value>> {
    if demands.is_empty() {
        return None;
    }
    let mut changed = statement.clone();
    let conditions = changed.entry("Condition").or_insert_with(|| json!({}));
    for (operator, key, value) in demands {
        let operator = conditions
            .as_object_mut()?
            .entry(*operator)
            .or_insert_with(|| json!({}));
        operator
            .as_object_mut()?
            .insert(key.clone(), value.as_str().into());
    }
    Some(changed)
}

/// A statement that is not for requests that name a thing by a condition key.
fn without_key(statement: &Map<String, Value>, breach: &Breach<'_>) -> Option<Map<String, Value>> {
    let [Mark::Key { key, .. }] = breach.theirs.as_slice() else {
        return None;
    };
    with_conditions(statement, &[("Null", key.clone(), "true".to_owned())])
}

/// A statement without the actions that a kind of request is about.
fn narrower(statement: &Map<String, Value>, breach: &Breach<'_>) -> Option<Map<String, Value>> {
    let wrong = breach.actions.as_ref()?;
    let listed = statement.get("Action")?.as_array()?;
    let is_wrong = |action: &&Value| {
        let action = action.as_str().unwrap_or_default();
        let globs = || {
            wrong
                .iter()
                .map(|glob| crate::language::Pattern::glob(&glob.to_ascii_lowercase()))
        };
        !globs().any(|glob| glob.matches(&action.to_ascii_lowercase()))
    };
    let kept: Vec<Value> = listed.iter().filter(is_wrong).cloned().collect();
    if kept.is_empty() || kept.len() == listed.len() {
        return None;
    }
    let mut changed = statement.clone();
    changed.insert("Action".to_owned(), kept.into());
    Some(changed)
}

/// The place of a statement with the comma that goes with it.
fn without_comma(text: &str, span: Span) -> Span {
    let (start, end) = (span.start as usize, span.end as usize);
    let behind = text.get(end..).unwrap_or_default();
    let skipped = behind.len() - behind.trim_start().len();
    if behind.trim_start().starts_with(',') {
        return Span::new(start, end + skipped + 1);
    }
    let before = text.get(..start).unwrap_or_default();
    let trimmed = before.trim_end();
    match trimmed.ends_with(',') {
        true => Span::new(trimmed.len() - 1, end),
        false => span,
    }
}

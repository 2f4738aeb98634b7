//! What is checked of one input, by the properties, by the fuzz targets and on the fuzzers' corpora.

use crate::generate::{Choices, case};
use policy::document::Part;
use policy::explain::{Applies, Explanation};
use policy::json;
use policy::text::{Rejected, Source};
use policy::{
    Action, Context, ContextValue, Denial, DenialKind, Document, Effect, Limits, NamedPolicy,
    Options, Policies, PolicySet, PolicyType, Principal, Request, Resource, decide, explain,
};

/// Bytes as a policy of every type: read or refused, never anything else; refused with places; read as it is printed.
pub(crate) fn parser(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let source = Source::new(text.as_ref());
    let limits = Limits {
        depth: 8,
        diagnostics: 20,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let (node, diagnostics) = json::parse_partly(&source, &limits);
    assert!(node.is_some() || !diagnostics.is_empty());
    for policy_type in PolicyType::ALL {
        match Document::parse_source(&source, policy_type, &options) {
            Err(rejected) => check_rejection(&rejected, &limits),
            Ok(document) => {
                let printed = document.to_json();
                let again = Document::parse(&printed, policy_type).unwrap();
                assert_eq!(without_places(&again), without_places(&document));
                let set = PolicySet::compile([NamedPolicy::new("p", document)]);
                assert_eq!(set.statement_count(), again.statements.len());
            }
        }
    }
}

fn check_rejection(rejected: &Rejected, limits: &Limits) {
    let found = &rejected.diagnostics;
    assert!(!found.is_empty() && found.len() <= limits.diagnostics);
    let len = rejected.source.text().len();
    for diagnostic in found {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        assert!(start <= end && end <= len, "{diagnostic:?} of {len}");
        assert!(
            rejected.source.text().is_char_boundary(start),
            "{diagnostic:?}"
        );
    }
    assert!(rejected.to_string().starts_with("line "));
}

/// A document without its places, which alone may differ between two spellings.
pub(crate) fn without_places(document: &Document) -> String {
    let text = format!(
        "{:#?}",
        (&document.version, &document.id, &document.statements)
    );
    let mut lines = Vec::new();
    let mut skipping = 0;
    for line in text.lines() {
        if line.trim_start().starts_with("span: Span {") {
            skipping = 4;
        }
        if skipping == 0 {
            lines.push(line);
        } else {
            skipping -= 1;
        }
    }
    lines.join("\n")
}

/// Three lines, a pattern, the value of the variable `${k:v}` and a text: matched as the definition says.
pub(crate) fn pattern(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or("");
    let (pattern, variable, subject) = (line(), line(), line());
    if pattern.len() * subject.len() > 100_000 {
        return;
    }
    let by_resource = format!(
        r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": {}}}"#,
        json::quote(&format!("arn:aws:s3:::{pattern}"))
    );
    let by_condition = format!(
        r#"{{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {{"StringLike": {{"k:s": {}}}}}}}"#,
        json::quote(pattern)
    );
    let read = |statement: &str| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        Document::parse(&text, PolicyType::Identity)
    };
    let (Ok(by_resource), Ok(by_condition)) = (read(&by_resource), read(&by_condition)) else {
        return;
    };
    let resources = by_resource.statements[0].resources.as_ref().unwrap();
    let segments = resources.patterns[0].value.segments.as_ref().unwrap();
    let request = Request::builder(
        Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap(),
        Action::parse("s3:GetObject").unwrap(),
        Resource::parse(&format!("arn:aws:s3:::{subject}")).unwrap(),
    );
    let request = request.set("k:s", subject).set("k:v", variable).build();
    let symbols = expand(&segments[5].parts, request.context());
    let expected = symbols.is_some_and(|symbols| naive(&symbols, subject));
    for document in [by_resource, by_condition] {
        let set = PolicySet::compile([NamedPolicy::new("p", document)]);
        let policies = Policies {
            identity: Some(&set),
            ..Policies::default()
        };
        let found = decide(&policies, &request).is_allow();
        assert_eq!(
            found, expected,
            "{pattern:?} on {subject:?} with {variable:?}"
        );
    }
}

/// One character of a pattern.
#[derive(Clone, Copy)]
enum Symbol {
    Char(char),
    AnyOne,
    AnyRun,
}

/// The pattern with its variables replaced, character by character; `None` where a variable has no value.
fn expand(parts: &[Part], context: &Context) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    for part in parts {
        match part {
            Part::Literal(text) => symbols.extend(text.chars().map(Symbol::Char)),
            Part::AnyOne => symbols.push(Symbol::AnyOne),
            Part::AnyRun => symbols.push(Symbol::AnyRun),
            Part::Variable { key, default } => {
                let value = match context.get(key) {
                    Some(ContextValue::One(value)) => value,
                    _ => default.as_deref()?,
                };
                symbols.extend(value.chars().map(Symbol::Char));
            }
        }
    }
    Some(symbols)
}

/// Matches by the set of positions that the pattern can have reached: obviously right, and never exponential.
fn naive(symbols: &[Symbol], subject: &str) -> bool {
    let subject: Vec<char> = subject.chars().collect();
    let mut reached = vec![false; subject.len() + 1];
    reached[0] = true;
    for symbol in symbols {
        let mut next = vec![false; subject.len() + 1];
        for at in 0..=subject.len() {
            let before = at.checked_sub(1);
            next[at] = match symbol {
                Symbol::Char(c) => before.is_some_and(|b| reached[b] && subject[b] == *c),
                Symbol::AnyOne => before.is_some_and(|b| reached[b]),
                Symbol::AnyRun => reached[at] || before.is_some_and(|b| next[b]),
            };
        }
        reached = next;
    }
    reached[subject.len()]
}

/// A request and its policies: decided as explained.
pub(crate) fn evaluator(data: &[u8]) {
    let (request, layers) = case(&mut Choices(data));
    let compiled = layers.compile();
    let policies = compiled.policies();
    let denial = decide(&policies, &request).denial();
    let explanation = explain(&policies, &request);
    assert_eq!(explanation.denial, denial);
    assert_eq!(explanation.message().is_some(), denial.is_some());
    check_decided_by(&explanation, &request);
    for counterfactual in &explanation.counterfactuals {
        let changed = counterfactual.apply(&request);
        let allowed = changed.is_some_and(|changed| decide(&policies, &changed).is_allow());
        assert!(allowed, "{counterfactual:?}");
    }
    for trace in &explanation.closest {
        assert_eq!(trace.statement.effect.value, Effect::Allow);
        assert_eq!(Some(trace.place.policy_type), denial.map(|d| d.policy_type));
        assert!(trace.applies != Applies::Yes && !trace.mismatches.is_empty());
    }
    for key in &explanation.missing {
        assert_eq!(request.context().get(key), None);
    }
}

/// Whether the statement that an explanation names is one that decides as the verdict says.
fn check_decided_by(explanation: &Explanation<'_>, request: &Request) {
    let found = explanation.decided_by.as_ref();
    let summary = found.map(|t| (t.statement.effect.value, t.applies, t.place.policy_type));
    match explanation.denial {
        None => {
            let free = request.action().as_str() == "sts:GetCallerIdentity";
            let root = matches!(request.principal(), Principal::Root { .. });
            match summary {
                Some((effect, applies, _)) => {
                    assert_eq!((effect, applies), (Effect::Allow, Applies::Yes));
                }
                None => assert!(free || root, "somebody allowed"),
            }
        }
        Some(Denial { kind, policy_type }) => match kind {
            DenialKind::Explicit => {
                assert_eq!(summary, Some((Effect::Deny, Applies::Yes, policy_type)));
            }
            DenialKind::Implicit => assert_eq!(summary, None),
            DenialKind::Indeterminate => {
                assert!(
                    matches!(summary, Some((_, Applies::Unknown, _))),
                    "{summary:?}"
                );
            }
        },
    }
}

//! Policies as people write them: those of the examples and of the lints' corpus, good and bad, each with edits as people
//! make them. How many questions about them stay open is counted.
//!
//! `PALISADE_POLICIES=FOLDER cargo test -p palisade-prove --test it real -- --nocapture` counts those of a folder too.

use crate::certificates::Certificates;
use policy::{Document, NamedPolicy, PolicySet, PolicyType};
use prove::{Facts, Question, Verdict, alone, likely_type, no_new_access, not_granted};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|ending| ending == "json") => found.push(path),
            false => {}
        }
    }
}

/// Every policy with its type.
fn policies() -> Vec<(PathBuf, PolicyType, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    files(&root.join("crates/lint/corpus"), &mut paths);
    files(&root.join("examples"), &mut paths);
    if let Some(more) = std::env::var_os("PALISADE_POLICIES") {
        files(Path::new(&more), &mut paths);
    }
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let folder = path.parent().unwrap().file_name().unwrap();
        let folder = folder.to_string_lossy();
        let named = PolicyType::ALL.into_iter().find(|kind| kind.id() == folder);
        let kind = named.unwrap_or_else(|| likely_type(&text));
        if Document::parse(&text, kind).is_ok() {
            all.push((path, kind, serde_json::from_str(&text).unwrap()));
        }
    }
    all
}

fn compiled(policy: &Value, kind: PolicyType) -> Option<PolicySet> {
    let document = Document::parse(&policy.to_string(), kind).ok()?;
    Some(PolicySet::compile([NamedPolicy::new("policy", document)]))
}

/// What people do to policies, rightly and wrongly.
fn edits(policy: &Value) -> Vec<Value> {
    let text = policy.to_string();
    let mut edits: Vec<Value> = [
        ("}/*", "}*"),
        ("}*", "}/*"),
        ("/*", "*"),
        ("StringEquals", "StringLike"),
        ("StringLike", "StringEquals"),
        ("StringEquals\"", "StringEqualsIgnoreCase\""),
        ("StringEquals\"", "StringEqualsIfExists\""),
        ("IfExists", ""),
        ("ArnLike", "StringLike"),
        ("ArnLike", "ArnLikeIfExists"),
        ("StringNotLike", "StringNotEquals"),
        ("ForAllValues:", "ForAnyValue:"),
        ("ForAnyValue:", "ForAllValues:"),
        ("2012-10-17", "2008-10-17"),
        ("\"Deny\"", "\"Allow\""),
        ("NotAction", "Action"),
        ("NotResource", "Resource"),
    ]
    .iter()
    .filter(|(from, _)| text.contains(from))
    .filter_map(|(from, to)| serde_json::from_str(&text.replace(from, to)).ok())
    .collect();
    let count = match &policy["Statement"] {
        Value::Array(statements) => statements.len(),
        _ => 0,
    };
    for at in 0..count {
        if count > 1 {
            let mut fewer = policy.clone();
            fewer["Statement"].as_array_mut().unwrap().remove(at);
            edits.push(fewer);
        }
        let operators = policy["Statement"][at]["Condition"].as_object();
        for operator in operators.into_iter().flat_map(|all| all.keys()) {
            let mut fewer = policy.clone();
            let conditions = &mut fewer["Statement"][at]["Condition"];
            conditions.as_object_mut().unwrap().remove(operator);
            edits.push(fewer);
        }
    }
    edits
}

#[derive(Default)]
struct Counted {
    asked: usize,
    proved: usize,
    violated: usize,
    unknown: BTreeMap<String, Vec<String>>,
    certificates: Certificates,
}

impl Counted {
    fn ask(&mut self, question: &Question<'_>, what: impl Fn() -> String) {
        self.asked += 1;
        match question.answer(&Facts::default()) {
            Verdict::Proved(_) => {
                self.proved += 1;
                self.certificates
                    .check(question, &Facts::default(), &what());
            }
            Verdict::Violated(_) => self.violated += 1,
            Verdict::Unknown { reason } => self.unknown.entry(reason).or_default().push(what()),
        }
    }
}

#[test]
fn fewer_than_one_question_in_a_thousand_about_real_policies_stays_open() {
    let mut counted = Counted::default();
    let targets = [
        ("iam:PassRole", "arn:aws:iam::111122223333:role/Admin"),
        ("s3:GetObject", "arn:aws:s3:::research-data/users/anna/*"),
        (
            "sagemaker:*",
            "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
        ),
        ("sts:AssumeRole", "*"),
        ("*", "*"),
    ];
    let targets = targets.map(|(action, resource)| {
        let statement =
            serde_json::json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
        compiled(&policy, PolicyType::Identity).unwrap()
    });
    let all = policies();
    for (path, kind, policy) in &all {
        let own = compiled(policy, *kind).unwrap();
        let stage = alone(&own, *kind, None);
        for target in &targets {
            counted.ask(&not_granted(stage, target), || {
                format!("granted: {}", path.display())
            });
        }
        for edit in edits(policy) {
            let Some(edited) = compiled(&edit, *kind) else {
                continue;
            };
            let changed = alone(&edited, *kind, None);
            let what = || format!("{}: {edit}", path.display());
            counted.ask(&no_new_access(stage, changed), what);
            counted.ask(&no_new_access(changed, stage), what);
        }
    }
    let open: usize = counted.unknown.values().map(Vec::len).sum();
    println!(
        "{} policies, {} questions: {} proved, {} violated, {open} open",
        all.len(),
        counted.asked,
        counted.proved,
        counted.violated
    );
    for (reason, questions) in &counted.unknown {
        println!(
            "{} open, {reason}: {:#?}",
            questions.len(),
            questions.iter().take(5).collect::<Vec<_>>()
        );
    }
    counted.certificates.done(usize::MAX);
    assert!(counted.asked > 5_000, "{}", counted.asked);
    assert!(open * 1_000 < counted.asked, "{open} of {}", counted.asked);
}

//! What the policies of a role tell about its team.

use std::collections::BTreeSet;

use serde_json::Value;

use super::gather::Role;
use crate::{Feature, names};

/// What stands for a member in a policy.
const MEMBER: &[&str] = &["/${aws:SourceIdentity}/", "/${sagemaker:UserProfileName}/"];

/// What a role's policies tell.
#[derive(Debug, Default)]
pub(super) struct Guess {
    pub(super) features: BTreeSet<Feature>,
    /// Buckets and prefixes with a folder for each member.
    pub(super) storage: BTreeSet<(String, String)>,
    /// Buckets and prefixes without, and whether they may be changed.
    pub(super) shares: BTreeSet<(String, String, bool)>,
    pub(super) secrets: BTreeSet<String>,
    /// File systems and the directories in which members have theirs.
    pub(super) directories: BTreeSet<(String, String)>,
    /// What could not be taken over.
    pub(super) beyond: BTreeSet<String>,
}

/// Actions that tell a feature.
const TELLING: &[(&str, Feature)] = &[
    ("sagemaker:CreateTrainingJob", Feature::Training),
    ("sagemaker:CreateProcessingJob", Feature::Processing),
    ("sagemaker:CreatePipeline", Feature::Pipelines),
    ("sagemaker:CreateEndpoint", Feature::Inference),
    ("sagemaker:CreateTransformJob", Feature::BatchTransform),
    ("sagemaker:CreateImage", Feature::Images),
    ("sagemaker:CreateAlgorithm", Feature::Marketplace),
    ("sagemaker:CreateCompilationJob", Feature::Neo),
    ("sagemaker:CreateEdgePackagingJob", Feature::EdgeManager),
];

pub(super) fn guess(role: &Role) -> Guess {
    let mut guess = Guess::default();
    guess.features.insert(Feature::Studio);
    for document in &role.documents {
        let statements = match document.get("Statement") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for statement in statements {
            match statement.get("Effect").and_then(Value::as_str) {
                Some("Allow") => read_statement(statement, &mut guess),
                // A blueprint says what is whose, and denies nothing of its own.
                _ => drop(guess.beyond.insert(denial(statement))),
            }
        }
    }
    if let Some(boundary) = &role.boundary {
        let note = format!("the permissions boundary `{boundary}`");
        guess.beyond.insert(note);
    }
    for policy in &role.unknown {
        let wide = "a managed policy whose document was not exported";
        guess.beyond.insert(format!("`{policy}`, {wide}"));
    }
    guess
}

/// Services of whose actions something is taken over, or that every team gets what it needs of.
const READ: &[&str] = &[
    "cloudwatch",
    "ecr",
    "elasticfilesystem",
    "kms",
    "logs",
    "s3",
    "sagemaker",
    "secretsmanager",
];

/// A statement that denies, as a note shows it.
fn denial(statement: &Value) -> String {
    let mut actions = texts(statement, "Action");
    actions.extend(texts(statement, "NotAction"));
    let not = if statement.get("NotAction").is_some() {
        "everything but "
    } else {
        ""
    };
    let shown = match actions.as_slice() {
        few if !few.is_empty() && few.len() <= 3 => format!("`{}`", few.join("`, `")),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        [] => "nothing".to_owned(),
    };
    let sid = statement.get("Sid").and_then(Value::as_str);
    let sid = sid.map_or_else(String::new, |sid| format!(" (`{sid}`)"));
    format!("a Deny{sid} of {not}{shown}, which is not taken over")
}

/// What a statement allows of which nothing is taken over.
fn read_rest(statement: &Value, actions: &[&str], guess: &mut Guess) {
    for element in ["NotAction", "NotResource"] {
        if statement.get(element).is_some() {
            let note = format!("an Allow with `{element}`, which is more than a team gets");
            guess.beyond.insert(note);
        }
    }
    for action in actions {
        let Some((service, _)) = action.split_once(':') else {
            continue;
        };
        let service = service.to_ascii_lowercase();
        let passed = action.eq_ignore_ascii_case("iam:PassRole");
        if !passed && !READ.contains(&service.as_str()) {
            guess.beyond.insert(format!("actions of `{service}`"));
        }
    }
}

fn texts<'v>(json: &'v Value, key: &str) -> Vec<&'v str> {
    match json.get(key) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn read_statement(statement: &Value, guess: &mut Guess) {
    let actions = texts(statement, "Action");
    let resources = texts(statement, "Resource");
    read_rest(statement, &actions, guess);
    let everything = ["*", "sagemaker:*", "s3:*", "secretsmanager:*"];
    for action in &actions {
        if everything.contains(action) {
            guess
                .beyond
                .insert(format!("`{action}`, which is more than a team gets"));
            continue;
        }
        let tells = TELLING
            .iter()
            .filter(|(telling, _)| telling.eq_ignore_ascii_case(action));
        guess.features.extend(tells.map(|(_, feature)| *feature));
    }
    let begins = |service: &str| {
        actions
            .iter()
            .any(|it| it.to_ascii_lowercase().starts_with(service))
    };
    let objects = |action: &&&str| action.contains("Object");
    if begins("s3:") && actions.iter().any(|it| objects(&it)) {
        let changes = |it: &&str| it.contains("Put") || it.contains("Delete") || it.ends_with('*');
        let writable = actions.iter().any(changes);
        resources
            .iter()
            .for_each(|arn| read_objects(arn, writable, guess));
    }
    if begins("secretsmanager:") {
        for arn in &resources {
            let name = arn.splitn(7, ':').nth(6).unwrap_or_default();
            match before_member(name).filter(|it| names::secret_prefix(it).is_ok()) {
                Some(prefix) => guess.secrets.insert(prefix.to_owned()),
                None => guess.beyond.insert(format!("secrets `{arn}`")),
            };
        }
    }
    read_directories(statement, guess);
}

/// What stands before the member's name, where nothing but what is in the folder stands behind it.
fn before_member(path: &str) -> Option<&str> {
    let split = |variable: &str| path.split_once(variable).filter(|(_, rest)| *rest == "*");
    MEMBER
        .iter()
        .find_map(|it| split(it))
        .map(|(before, _)| before)
}

fn read_objects(arn: &str, writable: bool, guess: &mut Guess) {
    let key = arn.splitn(6, ':').nth(5).and_then(|it| it.split_once('/'));
    let Some((bucket, key)) = key.filter(|(bucket, _)| names::bucket(bucket).is_ok()) else {
        guess.beyond.insert(format!("objects `{arn}`"));
        return;
    };
    if let Some(prefix) = before_member(key).filter(|it| names::prefix(it).is_ok()) {
        guess.storage.insert((bucket.to_owned(), prefix.to_owned()));
        return;
    }
    match key
        .strip_suffix("/*")
        .filter(|it| names::prefix(it).is_ok())
    {
        Some(prefix) => {
            let share = (bucket.to_owned(), prefix.to_owned(), writable);
            guess.shares.insert(share);
        }
        None => {
            guess.beyond.insert(format!("objects `{arn}`"));
        }
    }
}

fn read_directories(statement: &Value, guess: &mut Guess) {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let (mut systems, mut paths) = (Vec::new(), Vec::new());
    for keys in operators.into_iter().flatten().map(|(_, keys)| keys) {
        systems.extend(texts(keys, "sagemaker:FileSystemId"));
        paths.extend(texts(keys, "sagemaker:FileSystemDirectoryPath"));
    }
    for system in systems {
        for path in &paths {
            let root = path
                .strip_suffix("/${aws:SourceIdentity}")
                .filter(|it| it.is_empty() || names::directory(it).is_ok());
            match root {
                Some("") => guess
                    .directories
                    .insert((system.to_owned(), "/".to_owned())),
                Some(root) => guess
                    .directories
                    .insert((system.to_owned(), root.to_owned())),
                None => guess
                    .beyond
                    .insert(format!("the directory `{path}` of `{system}`")),
            };
        }
    }
}

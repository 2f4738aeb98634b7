//! What IAM says of a document that it does not take, and what it refuses beyond the grammar.
//!
//! The language itself is `policy`'s. Here are IAM's sentences for what it finds wrong, and the demands that
//! it makes of what it stores and that no evaluation needs: distinct `Sid`s, partitions that there are,
//! trust policies that are about being assumed (IAM User Guide, "Grammar of the IAM JSON policy
//! language", "Sid", "Troubleshoot IAM policies").

use policy::document::{ActionPattern, PrincipalEntry, Statement};
use policy::json::{self, Node};
use policy::text::{Rejected, Source, Spanned};
use policy::{Document, Limits, PolicyType};

const SYNTAX: &str = "Syntax errors in policy.";
const NO_JSON: &str = "This policy contains invalid Json";
const LEGACY: &str = "The policy failed legacy parsing";
const PRINCIPAL: &str = "Policy document should not specify a principal.";
const NO_PRINCIPALS: &str = "Invalid principal in policy: \
    com.amazon.balsa.error.InvalidPolicyException: The passed in policy has a statement with no \
    principals!";
const ACTIONS: &str = "Policy statement must contain actions.";
const RESOURCES: &str = "Policy statement must contain resources.";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const COLON: &str = "Actions/Condition can contain only one colon.";
const SAME_SID: &str = "Statement IDs (SID) in a single policy must be unique.";
const SID: &str = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
    regular expression [0-9A-Za-z]*";
const ASSUMING: &str = "AssumeRole policy may only specify STS AssumeRole actions.";

/// The actions that a trust policy is about, lower-cased.
const OF_TRUST: &[&str] = &[
    "sts:assumerole",
    "sts:assumerolewithsaml",
    "sts:assumerolewithwebidentity",
    "sts:assumeroot",
    "sts:setcontext",
    "sts:setsourceidentity",
    "sts:tagsession",
];

/// How the names of services end.
const SERVICES: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazon.com",
    ".aws.internal",
];

/// IAM's sentence for a document that is none.
pub(super) fn rejected(rejected: &Rejected, kind: PolicyType) -> String {
    let text = rejected.source.text();
    let trust = kind == PolicyType::Trust;
    let Ok(node) = json::parse(&Source::new(text), &Limits::default()) else {
        return if trust { NO_JSON } else { SYNTAX }.to_owned();
    };
    let mut statements = each(node.get("Statement")).iter();
    let found = statements.find_map(|statement| match trust {
        true => of_trust(statement, rejected),
        false => of_identity(statement),
    });
    found.unwrap_or_else(|| match is_of_value(&node, rejected) {
        true => rejected.to_string(),
        false => SYNTAX.to_owned(),
    })
}

/// What stands in a list, or alone where a list of one may stand.
fn each(node: Option<&Node>) -> &[Node] {
    node.map_or(&[], Node::as_list)
}

/// Whether it is a value that the grammar does not take, in a policy of the right shape: of those IAM has no
/// sentence that is known.
fn is_of_value(node: &Node, rejected: &Rejected) -> bool {
    let Some(first) = rejected.diagnostics.first() else {
        return false;
    };
    let mut values = each(node.get("Statement")).iter().flat_map(|statement| {
        let patterns = [("Action", "NotAction"), ("Resource", "NotResource")];
        let patterns =
            patterns.map(
                |(name, not)| match (statement.get(name), statement.get(not)) {
                    (Some(_), Some(_)) => &[],
                    (one, other) => each(one.or(other)),
                },
            );
        let texts = patterns.into_iter().flatten();
        let texts = texts.filter(|node| node.as_str().is_some());
        let operators = statement.get("Condition").and_then(Node::as_object);
        let keys = operators
            .into_iter()
            .flatten()
            .filter_map(|operator| operator.value.as_object());
        texts.chain(keys.flatten().flat_map(|key| key.value.as_list()))
    });
    values.any(|value| {
        let simple = value.as_array().is_none() && value.as_object().is_none();
        simple && value.span.start <= first.span.start && first.span.start < value.span.end
    })
}

fn of_identity(statement: &Node) -> Option<String> {
    let members = statement.as_object()?;
    let has = |name: &str| members.iter().any(|member| member.key.value == name);
    if has("Principal") || has("NotPrincipal") {
        return Some(PRINCIPAL.to_owned());
    }
    let effect = statement.text("Effect");
    let known = ["Allow", "Deny"];
    if !known.contains(&effect) && known.iter().any(|it| it.eq_ignore_ascii_case(effect)) {
        return Some(LEGACY.to_owned());
    }
    if !has("Action") && !has("NotAction") {
        return Some(ACTIONS.to_owned());
    }
    if !has("Resource") && !has("NotResource") {
        return Some(RESOURCES.to_owned());
    }
    let resources = ["Resource", "NotResource"].map(|name| texts(statement.get(name)));
    let outside = |text: &&str| *text != "*" && !text.starts_with("arn:");
    if let Some(resource) = resources.into_iter().flatten().find(outside) {
        return Some(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ));
    }
    let actions = ["Action", "NotAction"].map(|name| texts(statement.get(name)));
    actions
        .into_iter()
        .flatten()
        .find_map(action)
        .or_else(|| key(statement.get("Condition")?))
}

fn action(text: &str) -> Option<String> {
    let vendor = match text.split_once(':') {
        None if text == "*" => return None,
        None => return Some(VENDOR.to_owned()),
        Some((_, name)) if name.contains(':') => return Some(COLON.to_owned()),
        Some((vendor, _)) => vendor,
    };
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (!vendor.bytes().all(known)).then(|| format!("Vendor {vendor} is not valid"))
}

/// The sentence for a condition key without a service.
fn key(condition: &Node) -> Option<String> {
    let mut keys = condition
        .as_object()?
        .iter()
        .filter_map(|operator| operator.value.as_object())
        .flatten();
    let alone = keys.any(|member| !member.key.value.contains(':'));
    alone.then(|| VENDOR.to_owned())
}

fn texts(node: Option<&Node>) -> Vec<&str> {
    each(node).iter().filter_map(Node::as_str).collect()
}

fn of_trust(statement: &Node, rejected: &Rejected) -> Option<String> {
    let members = statement.as_object()?;
    let has = |name: &str| members.iter().any(|member| member.key.value == name);
    if let Some(name) = ["Resource", "NotResource"].iter().find(|name| has(name)) {
        return Some(format!("Has prohibited field {name}"));
    }
    let needed = [
        ("Principal", "NotPrincipal"),
        ("Action", "NotAction"),
        ("Effect", "Effect"),
    ];
    if let Some((name, _)) = needed.iter().find(|(name, or)| !has(name) && !has(or)) {
        return Some(format!("Missing required field {name}"));
    }
    // Whom the grammar does not take for a principal.
    let kinds = statement.get("Principal")?.as_object()?;
    kinds.iter().find_map(|kind| {
        let refused = |name: &&Node| {
            let within = |at: u32| name.span.start <= at && at < name.span.end;
            let mut places = rejected.diagnostics.iter().map(|it| it.span.start);
            places.any(within)
        };
        let name = kind.value.as_list().iter().find(refused)?.as_str()?;
        Some(no_principal(&kind.key.value, name))
    })
}

/// IAM's sentence for a principal that there is not.
pub(super) fn no_principal(kind: &str, name: &str) -> String {
    let kind = kind.to_ascii_uppercase();
    format!("Invalid principal in policy: \"{kind}\":\"{name}\"")
}

/// IAM's sentence for a document that it does not store all the same.
pub(super) fn refused(document: &Document) -> Option<String> {
    match document.policy_type {
        PolicyType::Trust => document.statements.iter().find_map(not_trust),
        _ => sids(document).or_else(|| document.statements.iter().find_map(not_identity)),
    }
}

fn sids(document: &Document) -> Option<String> {
    let mut all: Vec<&str> = document
        .statements
        .iter()
        .filter_map(|statement| Some(statement.sid.as_ref()?.value.as_str()))
        .filter(|sid| !sid.is_empty())
        .collect();
    let plain = |sid: &&str| sid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !all.iter().all(plain) {
        return Some(SID.to_owned());
    }
    all.sort_unstable();
    (!all.is_sorted_by(|one, next| one < next)).then(|| SAME_SID.to_owned())
}

fn not_identity(statement: &Statement) -> Option<String> {
    if statement.actions.patterns.is_empty() {
        return Some(ACTIONS.to_owned());
    }
    let resources = statement.resources.as_ref()?;
    if resources.patterns.is_empty() {
        return Some(RESOURCES.to_owned());
    }
    let mut texts = resources.patterns.iter().map(|it| it.value.text.as_str());
    texts.find_map(partition)
}

fn partition(resource: &str) -> Option<String> {
    let mut parts = resource.splitn(6, ':').skip(1);
    let partition = parts.next()?;
    if partition.starts_with("aws") || partition.contains(['*', '?']) {
        return None;
    }
    let rest: Vec<&str> = parts.chain(["*"; 4]).take(4).collect();
    let rest = rest.join(":");
    Some(format!(
        "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{rest}\"."
    ))
}

fn not_trust(statement: &Statement) -> Option<String> {
    let principals = statement.principal.as_ref();
    if principals.is_some_and(|it| it.entries.is_empty()) {
        return Some(NO_PRINCIPALS.to_owned());
    }
    let mut entries = principals.into_iter().flat_map(|it| &it.entries);
    let unknown = entries.find_map(|entry| match &entry.value {
        PrincipalEntry::Service(name) if !SERVICES.iter().any(|end| name.ends_with(end)) => {
            Some(no_principal("Service", name))
        }
        _ => None,
    });
    if unknown.is_some() {
        return unknown;
    }
    let foreign = |pattern: &Spanned<ActionPattern>| {
        let text = pattern.value.text.to_ascii_lowercase();
        let open = text == "*" || (text.starts_with("sts:") && text.contains(['*', '?']));
        !open && !OF_TRUST.contains(&text.as_str())
    };
    let foreign = !statement.actions.not && statement.actions.patterns.iter().any(foreign);
    foreign.then(|| ASSUMING.to_owned())
}

//! Which actions a question about isolation is about.

use crate::language::Pattern;
use crate::layers::Stage;
use crate::tenancy::{Part, Template};
use catalog::AccessLevel;
use policy::Effect;
use policy::view::{self, Token};

/// The services that hold what tenants own, where policies allow actions of every service.
const USUAL: &[&str] = &["elasticmapreduce", "s3", "sagemaker", "secretsmanager"];

/// The actions that give a condition key a value; `None` where that is not known.
pub(super) fn that_give(stage: &Stage<'_>, key: &str) -> Option<Vec<String>> {
    let (prefix, _) = key.split_once(':')?;
    let service = catalog::service(prefix)?;
    let listed = |action: &catalog::Action| action.lists_condition_key(key);
    if !service.actions().any(|action| listed(&action)) {
        return None;
    }
    let allowed = Allowed::by(stage);
    let may = service
        .actions()
        .filter(|action| allowed.may(&action.to_string()));
    Some(
        may.filter(listed)
            .map(|action| action.to_string())
            .collect(),
    )
}

/// The actions on resources with such an ARN; `None` where it may be of any service.
pub(super) fn on_arn(stage: &Stage<'_>, template: &Template) -> Option<Vec<String>> {
    let segments = template.segments();
    let [Part::Literal(service)] = segments.get(2)?.parts.as_slice() else {
        return None;
    };
    if service == "sagemaker"
        && let Some(Part::Literal(text)) = segments.get(5)?.parts.first()
        && let Some((kind, _)) = text.split_once('/')
    {
        return Some(on_kind(stage, service, kind));
    }
    let mut globs = vec![format!("{service}:*")];
    if service.eq_ignore_ascii_case("iam") {
        globs.push("sts:*".to_owned());
    }
    Some(globs)
}

/// The actions that a stage may allow on resources of a kind, the first part of their ARN. What lists is not among them: it
/// has no resource, so that policies allow it on `*`.
fn on_kind(stage: &Stage<'_>, service: &str, kind: &str) -> Vec<String> {
    let is_on = |action: &catalog::Action| {
        let types = action
            .resources()
            .map(catalog::ActionResource::resource_type);
        let arns = types.flat_map(catalog::ResourceType::arns);
        let mut kinds = arns.filter_map(|arn| {
            let arn = arn.to_string();
            let resource = arn.splitn(6, ':').nth(5)?;
            Some(resource.split('/').next()?.to_owned())
        });
        kinds.any(|known| known == kind || known.contains("${"))
    };
    let allowed = Allowed::by(stage);
    actions(stage, &[service.to_owned()], |action| {
        is_on(action) && allowed.may(&action.to_string())
    })
}

/// The actions on resources that may carry a tag, as far as a stage may allow any. What makes a resource and what tags it
/// is not among them.
pub(super) fn on_tagged(stage: &Stage<'_>, tag: &str, named: &[String]) -> Vec<String> {
    let key = format!("aws:ResourceTag/{tag}");
    let of = |action: &catalog::Action| {
        !is_creation(*action)
            && action.access_level() != AccessLevel::Tagging
            && action.lists_condition_key(&key)
    };
    let allowed = Allowed::by(stage);
    actions(stage, named, |action| {
        allowed.may(&action.to_string()) && of(action)
    })
}

/// The actions that change tags.
pub(super) fn that_tag(stage: &Stage<'_>, named: &[String]) -> Vec<String> {
    actions(stage, named, |action| {
        action.access_level() == AccessLevel::Tagging
    })
}

/// The actions that make something and give it tags.
pub(super) fn that_create(stage: &Stage<'_>, tag: &str, named: &[String]) -> Vec<String> {
    let key = format!("aws:RequestTag/{tag}");
    let of = |action: &catalog::Action| {
        action.access_level() != AccessLevel::Tagging
            && action.condition_keys().any(|listed| listed.covers(&key))
    };
    let allowed = Allowed::by(stage);
    actions(stage, named, |action| {
        allowed.may(&action.to_string()) && of(action)
    })
}

fn is_creation(action: catalog::Action) -> bool {
    action.to_string().contains(":Create")
}

fn actions(
    stage: &Stage<'_>,
    named: &[String],
    of: impl Fn(&catalog::Action) -> bool,
) -> Vec<String> {
    let prefixes = match named.is_empty() {
        true => services(stage),
        false => named.to_vec(),
    };
    let services = prefixes
        .iter()
        .filter_map(|prefix| catalog::service(prefix));
    let actions = services.flat_map(|service| service.actions()).filter(of);
    actions.map(|action| action.to_string()).collect()
}

/// The services of which a stage's identity-based and resource policies may allow something.
pub(super) fn services(stage: &Stage<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let sets = [stage.policies.identity, stage.policies.resource];
    for statement in sets.into_iter().flatten().flat_map(view::statements) {
        if statement.effect() != Effect::Allow {
            continue;
        }
        let actions = statement.actions();
        for pattern in &actions.patterns {
            let tokens = pattern.tokens();
            match tokens.first() {
                Some(Token::Literal(text)) if !actions.not && text.contains(':') => {
                    found.extend(text.split(':').next().map(str::to_owned));
                }
                _ => found.extend(USUAL.iter().map(|service| (*service).to_owned())),
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether some Allow of a stage may allow an action.
pub(super) fn mentions(stage: &Stage<'_>, action: &str) -> bool {
    Allowed::by(stage).may(action)
}

/// The actions that the Allow statements of a stage may allow: all that it ever allows is among them.
struct Allowed(Vec<(bool, Vec<Pattern>)>);

impl Allowed {
    fn by(stage: &Stage<'_>) -> Self {
        let sets = [stage.policies.identity, stage.policies.resource];
        let statements = sets.into_iter().flatten().flat_map(view::statements);
        let allows = statements.filter(|statement| statement.effect() == Effect::Allow);
        let glob = |text: &view::Text<'_>| {
            let token = |token: &Token<'_>| match token {
                Token::Literal(text) => (*text).to_owned(),
                Token::AnyOne => "?".to_owned(),
                Token::AnyRun | Token::Variable { .. } => "*".to_owned(),
            };
            let text: String = text.tokens().iter().map(token).collect();
            Pattern::glob(&text)
        };
        let of = |statement: view::Statement<'_>| {
            let actions = statement.actions();
            (actions.not, actions.patterns.iter().map(glob).collect())
        };
        Self(allows.map(of).collect())
    }

    fn may(&self, action: &str) -> bool {
        let wanted = action.to_ascii_lowercase();
        self.0
            .iter()
            .any(|(not, patterns)| patterns.iter().any(|pattern| pattern.matches(&wanted)) != *not)
    }
}

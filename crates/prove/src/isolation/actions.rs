//! Which actions a question about isolation is about.

use super::scope::Scope;
use crate::tenancy::{Part, Template};
use catalog::{AccessLevel, Action};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// The services that hold what tenants own, where policies allow actions of every service.
const USUAL: &[&str] = &["elasticmapreduce", "s3", "sagemaker", "secretsmanager"];

/// What the catalog says of actions, looked up once.
#[derive(Default)]
pub(super) struct Listed {
    by_key: RefCell<HashMap<String, Rc<[String]>>>,
}

impl Listed {
    /// The names of the actions of its service that list a condition key.
    fn with_key(&self, key: &str) -> Option<Rc<[String]>> {
        let (prefix, _) = key.split_once(':')?;
        let service = catalog::service(prefix)?;
        if let Some(known) = self.by_key.borrow().get(key) {
            return Some(known.clone());
        }
        let listed = service
            .actions()
            .filter(|action| action.lists_condition_key(key));
        let names: Rc<[String]> = listed.map(|action| action.to_string()).collect();
        let mut by_key = self.by_key.borrow_mut();
        by_key.insert(key.to_owned(), names.clone());
        Some(names)
    }
}

/// The actions that give a condition key a value, as far as any may be allowed; `None` where that is not known.
pub(super) fn that_give(scope: &Scope<'_>, listed: &Listed, key: &str) -> Option<Vec<String>> {
    let names = listed.with_key(key).filter(|names| !names.is_empty())?;
    let may = names.iter().filter(|name| scope.mentions(name));
    Some(may.cloned().collect())
}

/// The actions on resources with such an ARN; `None` where it may be of any service.
pub(super) fn on_arn(scope: &Scope<'_>, template: &Template) -> Option<Vec<String>> {
    let segments = template.segments();
    let [Part::Literal(service)] = segments.get(2)?.parts.as_slice() else {
        return None;
    };
    if service == "sagemaker"
        && let Some(Part::Literal(text)) = segments.get(5)?.parts.first()
        && let Some((kind, _)) = text.split_once('/')
    {
        return Some(on_kind(scope, service, kind));
    }
    let mut globs = vec![format!("{service}:*")];
    if service.eq_ignore_ascii_case("iam") {
        globs.push("sts:*".to_owned());
    }
    Some(globs)
}

/// The actions that may be allowed on resources of a kind, the first part of their ARN. What lists is not among them: it
/// has no resource, so that policies allow it on `*`.
fn on_kind(scope: &Scope<'_>, service: &str, kind: &str) -> Vec<String> {
    let is_on = |action: &Action| {
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
    granted(scope, &[service.to_owned()], is_on)
}

/// The actions on resources that may carry a tag, as far as any may be allowed. What makes a resource and what tags it is
/// not among them.
pub(super) fn on_tagged(scope: &Scope<'_>, tag: &str, named: &[String]) -> Vec<String> {
    let key = format!("aws:ResourceTag/{tag}");
    granted(scope, named, |action| {
        !action.to_string().contains(":Create")
            && action.access_level() != AccessLevel::Tagging
            && action.lists_condition_key(&key)
    })
}

/// The actions that change tags.
pub(super) fn that_tag(scope: &Scope<'_>, named: &[String]) -> Vec<String> {
    let services = of_services(scope, named);
    let services = services
        .iter()
        .filter_map(|prefix| catalog::service(prefix));
    let actions = services.flat_map(|service| service.actions());
    let tagging = actions.filter(|action| action.access_level() == AccessLevel::Tagging);
    tagging.map(|action| action.to_string()).collect()
}

/// Those of the actions that change tags which may give some: what only takes tags away carries no `aws:RequestTag`.
pub(super) fn that_give_tags(actions: Vec<String>, tag: &str) -> Vec<String> {
    let key = format!("aws:RequestTag/{tag}");
    let takes = |name: &String| {
        let verbs = [":Delete", ":Remove", ":Untag"];
        verbs.iter().any(|verb| name.contains(verb))
            && catalog::action(name).is_some_and(|action| !action.lists_condition_key(&key))
    };
    actions.into_iter().filter(|name| !takes(name)).collect()
}

/// The actions that make something and give it tags, as far as any may be allowed.
pub(super) fn that_create(scope: &Scope<'_>, tag: &str, named: &[String]) -> Vec<String> {
    let key = format!("aws:RequestTag/{tag}");
    granted(scope, named, |action| {
        action.access_level() != AccessLevel::Tagging
            && action.condition_keys().any(|listed| listed.covers(&key))
    })
}

fn of_services(scope: &Scope<'_>, named: &[String]) -> Vec<String> {
    match named.is_empty() {
        true => scope.services(USUAL),
        false => named.to_vec(),
    }
}

fn granted(scope: &Scope<'_>, named: &[String], of: impl Fn(&Action) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for prefix in of_services(scope, named) {
        let granted = scope.granted(&prefix);
        let own = granted.iter().filter(|(action, _)| of(action));
        found.extend(own.map(|(_, name)| name.clone()));
    }
    found
}

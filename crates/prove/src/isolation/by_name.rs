//! Tenants with policies of their own, which spell their names: who reaches whose folder is looked up in the sorted names,
//! and what looks like a breach is asked of the prover.

use super::breach::{Breach, More};
use super::scope::Scope;
use super::{Answer, Asked, Finding, Obligation, Role, actions, is_tenant};
use crate::certificate::Certificate;
use crate::facts::Facts;
use crate::question::{Question, every};
use crate::tenancy::{Mark, Part, Template, Tenancy};
use crate::verdict::{Proof, Verdict};
use policy::view::{self, ResourceText, Text};
use policy::{Document, Effect, NamedPolicy, PolicySet, PolicyType};
use std::sync::Arc;

/// Answers whether tenants reach what belongs to others of them, where each role is the tenant that it is named after and
/// things are told by an ARN with the owner's name in it. It is about access alone, and about these tenants.
#[must_use]
pub fn by_name(roles: &[Role<'_>], tenancy: Tenancy, facts: &Facts) -> Answer {
    let asked = Asked::new(roles, &tenancy, facts);
    let mut names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut findings = Vec::new();
    for owned in &tenancy.owned {
        let Some(folder) = Folder::of(&owned.by) else {
            continue;
        };
        let claim = format!(
            "no tenant's own policies reach another's {}",
            asked.named(owned)
        );
        let before = findings.len();
        for role in roles {
            findings.extend(asked.reach(role, &folder, &names, &claim).map(Arc::new));
        }
        if findings.len() == before {
            let mut finding = proved(claim);
            if let Verdict::Proved(proof) = &mut finding.verdict
                && facts.is_certified()
            {
                let certificates = roles
                    .iter()
                    .map(|role| folder.certificate(role, &names, facts));
                // A tenant without one would look as if nothing were claimed of it.
                let all: Option<Vec<Certificate>> = certificates.collect();
                proof.certificates = all.unwrap_or_default();
            }
            findings.push(Arc::new(finding));
        }
    }
    Answer::new(tenancy, findings, Vec::new())
}

fn proved(claim: String) -> Finding {
    Finding {
        obligation: Obligation::Access,
        role: String::new(),
        claim,
        verdict: Verdict::Proved(Box::new(Proof {
            assumptions: Vec::new(),
            trees: Vec::new(),
            certificates: Vec::new(),
        })),
        case: None,
        owner: Vec::new(),
        fixes: Vec::new(),
    }
}

/// Where the things of an owner lie: the text before the name, and what is behind it.
struct Folder<'t> {
    template: &'t Template,
    /// In lower case up to the fifth colon; `None` where a wildcard stands before the name.
    before: Option<String>,
    /// The character that ends the name.
    ending: Option<char>,
}

impl<'t> Folder<'t> {
    fn of(mark: &'t Mark) -> Option<Self> {
        let Mark::Resource(template) = mark else {
            return None;
        };
        let at = template
            .parts
            .iter()
            .position(|part| matches!(part, Part::Owner(_)))?;
        let before = match template.parts.get(..at)? {
            [Part::Literal(text)] => Some(folded(text)),
            _ => None,
        };
        let ending = match template.parts.get(at + 1) {
            Some(Part::Literal(text)) => text.chars().next(),
            _ => None,
        };
        Some(Self {
            template,
            before,
            ending,
        })
    }

    /// The ARNs of what belongs to a name, with wildcards.
    fn of_name(&self, name: &str) -> String {
        let mut text = String::new();
        for part in &self.template.parts {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::AnyRun | Part::AnyName => text.push('*'),
                Part::AnyOne => text.push('?'),
                Part::Owner(_) => text.push_str(name),
            }
        }
        folded(&text)
    }

    /// Why a role reaches nothing of another name's, for others to check: the actions that were looked at are not granted
    /// there. `None` where the prover does not see it.
    fn certificate(&self, role: &Role<'_>, names: &[&str], facts: &Facts) -> Option<Certificate> {
        let others = names.iter().filter(|name| **name != role.name);
        let others: Vec<String> = others.map(|name| self.of_name(name)).collect();
        let actions = actions::on_arn(&Scope::of(&role.stage), self.template);
        // The old version, in which a name that looks like a variable is only a name.
        let target = serde_json::json!({
            "Version": "2008-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": actions.unwrap_or_else(|| vec!["*".to_owned()]),
                "Resource": others,
            },
        });
        let document = Document::parse(&target.to_string(), PolicyType::Identity).ok()?;
        let target = PolicySet::compile([NamedPolicy::new("what is another's", document)]);
        let question = Question {
            within: vec![&target],
            caller: is_tenant,
            ..every(role.stage)
        };
        question.certificate(facts)
    }

    /// The names whose folders texts that begin with `prefix` may reach into.
    fn reached<'n, 's>(&self, prefix: &str, names: &'s [&'n str]) -> &'s [&'n str] {
        let Some(before) = &self.before else {
            return names;
        };
        if before.starts_with(prefix) {
            return names;
        }
        let Some(rest) = prefix.strip_prefix(before.as_str()) else {
            return &[];
        };
        match self.ending.and_then(|ending| rest.split_once(ending)) {
            Some((whole, _)) => match names.binary_search(&whole) {
                Ok(at) => names.get(at..=at).unwrap_or_default(),
                Err(_) => &[],
            },
            // Without an ending, names may be longer or shorter than what is there.
            None if self.ending.is_none() => names,
            None => {
                let from = names.partition_point(|name| *name < rest);
                let own = names.get(from..).unwrap_or_default();
                let until = own.partition_point(|name| name.starts_with(rest));
                own.get(..until).unwrap_or_default()
            }
        }
    }
}

/// An ARN, or its beginning, with all but its last part in lower case.
fn folded(text: &str) -> String {
    let mut colons = 0;
    let fold = |c: char| {
        colons += usize::from(c == ':');
        if colons < 5 {
            c.to_ascii_lowercase()
        } else {
            c
        }
    };
    text.chars().map(fold).collect()
}

impl<'p> Asked<'_, 'p> {
    /// What a role's policies break.
    fn reach(
        &self,
        role: &Role<'p>,
        folder: &Folder<'_>,
        names: &[&str],
        claim: &str,
    ) -> Option<Finding> {
        let mut unknown = None;
        let mut asked: Vec<&str> = Vec::new();
        for prefix in prefixes(role) {
            for name in folder.reached(&prefix, names) {
                if *name == role.name || asked.contains(name) {
                    continue;
                }
                asked.push(name);
                let breach = Breach {
                    actions: actions::on_arn(&Scope::of(&role.stage), folder.template),
                    more: vec![More::Resource(vec![folder.of_name(name)])],
                    ..self.breach()
                };
                let mut finding = self.ask(
                    Obligation::Access,
                    role,
                    &role.stage,
                    claim.to_owned(),
                    &breach,
                );
                match &finding.verdict {
                    Verdict::Proved(_) => {}
                    Verdict::Unknown { .. } => unknown = Some(finding),
                    Verdict::Violated(_) => {
                        finding.owner = vec![("name".to_owned(), (*name).to_owned())];
                        return Some(finding);
                    }
                }
            }
        }
        unknown
    }
}

/// The texts with which the resources of a role's Allow statements begin.
fn prefixes(role: &Role<'_>) -> Vec<String> {
    let sets = [role.stage.policies.identity, role.stage.policies.resource];
    let mut found = Vec::new();
    for statement in sets.into_iter().flatten().flat_map(view::statements) {
        if statement.effect() != Effect::Allow {
            continue;
        }
        match statement.resources() {
            Some(resources) if !resources.not => {
                for pattern in &resources.patterns {
                    match pattern {
                        ResourceText::Any => found.push(String::new()),
                        ResourceText::Never => {}
                        ResourceText::Segments(segments) => found.push(prefix(segments)),
                    }
                }
            }
            _ => found.push(String::new()),
        }
    }
    if found.len() > 1 {
        found.sort_unstable();
        found.dedup();
    }
    found
}

fn prefix(segments: &[Text<'_>; 5]) -> String {
    let mut text = String::with_capacity(96);
    text.push_str("arn");
    for segment in segments {
        text.push(':');
        let (start, whole) = segment.start();
        text.push_str(start);
        if !whole {
            break;
        }
    }
    text
}

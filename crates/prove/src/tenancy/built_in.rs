//! The tenancy of SageMaker's user profiles, for those who only have policies.
//!
//! Who the tenants are is known: SageMaker Developer Guide, "Monitor user resource access with source identity", and the
//! condition keys `sagemaker:DomainId` and `sagemaker:UserProfileName`. What is whose is read off the policies: where one
//! of them lets a session reach what lies behind its own name, what lies behind another name is another's.

use policy::PolicySet;
use policy::view::{self, ArnText, ResourceText, Statement, Token, Values};

use super::{
    IdentityKey, Link, Mark, Owned, PROFILE, Part, Template, Tenancy, of_profile, space_link,
};

const STUDIO: &str = "SageMaker Developer Guide, automatic tags of what is made in Studio";
const USUAL: &str = "the usual place";

/// Condition keys that say who asks, or what is being handed on, and not what is asked for.
const NO_MARKS: &[&str] = &[
    "sts:sourceidentity",
    "sts:rolesessionname",
    "sts:externalid",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:tagkeys",
];

impl Tenancy {
    /// The tenancy of SageMaker's user profiles, with what these policies show to be somebody's.
    #[must_use]
    pub fn built_in<'p>(policies: impl IntoIterator<Item = &'p PolicySet>) -> Self {
        let sets: Vec<&PolicySet> = policies.into_iter().collect();
        let mut tenancy = Self {
            origin: "built in, for SageMaker's user profiles".to_owned(),
            identity: vec![
                identity("identity", "aws:SourceIdentity"),
                identity("domain", "sagemaker:DomainId"),
                identity("profile", "sagemaker:UserProfileName"),
            ],
            links: vec![Link {
                keys: ["aws:SourceIdentity".to_owned(), "sagemaker:UserProfileName".to_owned()],
                source: "the domain's ExecutionRoleIdentityConfig is USER_PROFILE_NAME (SageMaker Developer Guide, \
                         Monitor user resource access with source identity)"
                    .to_owned(),
            }, space_link()],
            ..Self::default()
        };
        tenancy.other_keys(&sets);
        for by in of_profile(&profile()) {
            tenancy.add(by, STUDIO.to_owned());
        }
        for set in &sets {
            for statement in view::statements(set) {
                tenancy.read_off(statement);
            }
        }
        tenancy.usual_places();
        tenancy.profiles_by_tag();
        tenancy
    }

    /// Where policies do not show by its ARN whose a user profile is, it is whose tag it carries.
    fn profiles_by_tag(&mut self) {
        let domain = self.number("sagemaker:DomainId");
        let of_person = |own: &Owned| match &own.by {
            Mark::Resource(template) => {
                template.written(&[]).contains(":user-profile/")
                    && template.owners().iter().any(|owner| Some(*owner) != domain)
            }
            Mark::Tag { .. } | Mark::Key { .. } => false,
        };
        if self.owned.iter().any(of_person) {
            return;
        }
        for own in &mut self.owned {
            if let Mark::Tag { except, .. } = &mut own.by {
                except.retain(|one| !one.written(&[]).contains(":user-profile/"));
            }
        }
    }

    /// What else policies use as a name of the caller.
    fn other_keys(&mut self, sets: &[&PolicySet]) {
        let mut keys: Vec<String> = Vec::new();
        for statement in sets.iter().flat_map(|set| view::statements(set)) {
            for text in texts(statement) {
                for token in text.tokens() {
                    if let Token::Variable { key, .. } = token {
                        keys.push(key.to_owned());
                    }
                }
            }
        }
        for key in keys {
            let lower = key.to_ascii_lowercase();
            let tells = lower == "aws:username" || lower.starts_with("aws:principaltag/");
            if tells && self.number(&key).is_none() {
                let name = super::read::name_of(&key);
                self.identity.push(IdentityKey { name, key });
            }
        }
    }

    fn number(&self, key: &str) -> Option<usize> {
        self.identity
            .iter()
            .position(|own| own.key.eq_ignore_ascii_case(key))
    }

    pub(super) fn add(&mut self, by: Mark, source: String) {
        if !self.owned.iter().any(|own| own.by == by) {
            self.owned.push(Owned { by, source });
        }
    }

    /// Takes what a statement shows to be somebody's.
    fn read_off(&mut self, statement: Statement<'_>) {
        let source = format!(
            "read off statement {} of {}",
            statement.number() + 1,
            statement.policy_name().map_or("a policy", |name| name)
        );
        if let Some(resources) = statement.resources() {
            for pattern in &resources.patterns {
                if let ResourceText::Segments(segments) = pattern {
                    let arn = [literal_part("arn")]
                        .into_iter()
                        .chain(segments.iter().map(|text| self.parts(*text)));
                    let arn: Vec<Part> = joined(arn.collect());
                    if let Some(template) = folder(&arn, true) {
                        self.add(Mark::Resource(template), source.clone());
                    }
                }
            }
        }
        for condition in statement.conditions() {
            let key = condition.key();
            let lower = key.to_ascii_lowercase();
            if NO_MARKS.contains(&lower.as_str())
                || self.number(key).is_some()
                || lower.starts_with("aws:principaltag/")
            {
                continue;
            }
            let services = match lower.split_once(':') {
                Some((service, _)) if service != "aws" => vec![service.to_owned()],
                _ => services(statement),
            };
            for parts in self.values(condition.values()) {
                self.add_value((key, &lower), &parts, &services, &source);
            }
        }
    }

    fn add_value(
        &mut self,
        (key, lower): (&str, &str),
        parts: &[Part],
        services: &[String],
        source: &str,
    ) {
        let Some(value) = folder(parts, false) else {
            return;
        };
        let tag = lower
            .find("resourcetag/")
            .or_else(|| lower.find("requesttag/"));
        let tag = tag.and_then(|at| key.get(at..)?.split_once('/'));
        if let Some((_, tag)) = tag {
            // Where policies tell profiles by their sessions' name alone, that is what the tag is held against.
            let is_profile = tag.eq_ignore_ascii_case(PROFILE);
            let by_studio = value.owners().iter().any(|owner| matches!(owner, 1 | 2));
            if is_profile && !by_studio {
                self.owned.retain(|own| own.source != STUDIO);
            }
            if !(is_profile && by_studio) {
                let (key, services) = (tag.to_owned(), services.to_vec());
                let except = match (is_profile, of_profile(&value)) {
                    (true, [Mark::Tag { except, .. }, _]) => except,
                    _ => Vec::new(),
                };
                self.add(
                    Mark::Tag {
                        key,
                        value,
                        services,
                        except,
                    },
                    source.to_owned(),
                );
            }
            return;
        }
        let key = key.to_owned();
        if is_path(lower) && matches!(value.parts.last(), Some(Part::Owner(_))) {
            let mut below = value.clone();
            below.push_text("/");
            below.parts.push(Part::AnyRun);
            self.add(
                Mark::Key {
                    key: key.clone(),
                    value: below,
                },
                source.to_owned(),
            );
        }
        self.add(Mark::Key { key, value }, source.to_owned());
    }

    fn values(&self, values: Values<'_>) -> Vec<Vec<Part>> {
        match values {
            Values::Text(texts) => texts.into_iter().map(|text| self.parts(text)).collect(),
            Values::Arn(arns) => arns
                .into_iter()
                .filter_map(|arn| match arn {
                    ArnText::Any => None,
                    ArnText::Segments(segments) => {
                        Some(joined(segments.map(|text| self.parts(text)).to_vec()))
                    }
                    ArnText::Whole(text) => Some(self.parts(text)),
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The parts of a policy's text, with the owner's values in the place of the caller's; other variables are anything.
    fn parts(&self, text: view::Text<'_>) -> Vec<Part> {
        let part = |token: Token<'_>| match token {
            Token::Literal(text) => Part::Literal(text.to_owned()),
            Token::AnyRun => Part::AnyRun,
            Token::AnyOne => Part::AnyOne,
            Token::Variable { key, .. } => self.number(key).map_or(Part::AnyRun, Part::Owner),
        };
        text.tokens().into_iter().map(part).collect()
    }

    /// Where things usually are, for services of which the policies show nothing.
    fn usual_places(&mut self) {
        let shows = |own: &Owned, service: &str| match &own.by {
            Mark::Resource(template) => {
                let parts = template.segments();
                parts
                    .get(2)
                    .is_some_and(|part| part.parts == [Part::Literal(service.to_owned())])
            }
            Mark::Tag { .. } | Mark::Key { .. } => false,
        };
        let text = |text: &str| Part::Literal(text.to_owned());
        if !self.owned.iter().any(|own| shows(own, "s3")) {
            for depth in 1..=2 {
                let mut parts = vec![text("arn:aws"), Part::AnyRun, text(":s3:::"), Part::AnyName];
                if depth == 2 {
                    parts.extend([text("/"), Part::AnyName]);
                }
                parts.extend([text("/users/"), Part::Owner(0), text("/"), Part::AnyRun]);
                self.add(Mark::Resource(template(&parts)), USUAL.to_owned());
            }
        }
        if !self.owned.iter().any(|own| shows(own, "secretsmanager")) {
            let parts = [
                text("arn:aws"),
                Part::AnyRun,
                text(":secretsmanager:"),
                Part::AnyRun,
                text(":"),
                Part::AnyRun,
                text(":secret:user-secrets/"),
                Part::Owner(0),
                text("/"),
                Part::AnyRun,
            ];
            self.add(Mark::Resource(template(&parts)), USUAL.to_owned());
        }
        let directory = "sagemaker:FileSystemDirectoryPath";
        let known = |own: &Owned| matches!(&own.by, Mark::Key { key, .. } if key.eq_ignore_ascii_case(directory));
        if !self.owned.iter().any(known) {
            for end in [vec![], vec![text("/"), Part::AnyRun]] {
                let parts = [
                    vec![text("/"), Part::AnyName, text("/users/"), Part::Owner(0)],
                    end,
                ]
                .concat();
                let key = directory.to_owned();
                self.add(
                    Mark::Key {
                        key,
                        value: template(&parts),
                    },
                    USUAL.to_owned(),
                );
            }
        }
    }
}

/// The ARNs of user profiles.
fn profile() -> Template {
    template(&[
        Part::Literal("arn:aws".to_owned()),
        Part::AnyRun,
        Part::Literal(":sagemaker:".to_owned()),
        Part::AnyRun,
        Part::Literal(":".to_owned()),
        Part::AnyRun,
        Part::Literal(":user-profile/".to_owned()),
        Part::Owner(1),
        Part::Literal("/".to_owned()),
        Part::Owner(2),
    ])
}

/// The services whose actions a statement names.
fn services(statement: Statement<'_>) -> Vec<String> {
    let service = |text: &view::Text<'_>| match text.tokens().first() {
        Some(Token::Literal(text)) => text.split_once(':').map(|(service, _)| service.to_owned()),
        _ => None,
    };
    let mut services: Vec<String> = statement
        .actions()
        .patterns
        .iter()
        .filter_map(service)
        .collect();
    services.sort_unstable();
    services.dedup();
    services
}

fn identity(name: &str, key: &str) -> IdentityKey {
    IdentityKey {
        name: name.to_owned(),
        key: key.to_owned(),
    }
}

fn literal_part(text: &str) -> Vec<Part> {
    vec![Part::Literal(text.to_owned())]
}

/// A template of parts, neighbouring texts joined.
fn template(parts: &[Part]) -> Template {
    let mut template = Template::default();
    for part in parts {
        match part {
            Part::Literal(text) => template.push_text(text),
            other => template.parts.push(other.clone()),
        }
    }
    template
}

/// The parts of an ARN, with colons between.
fn joined(segments: Vec<Vec<Part>>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, segment) in segments.into_iter().enumerate() {
        if at > 0 {
            parts.push(Part::Literal(":".to_owned()));
        }
        parts.extend(segment);
    }
    template(&parts).parts
}

/// Condition keys whose values are paths: what is below is whose the path is.
fn is_path(lower: &str) -> bool {
    matches!(lower, "s3:prefix" | "sagemaker:filesystemdirectorypath")
}

/// What belongs to an owner by a text that names one: everything behind the name and its delimiter, also where the text
/// lacks it. `None` where it names nobody.
fn folder(parts: &[Part], is_resource: bool) -> Option<Template> {
    let last = parts
        .iter()
        .rposition(|part| matches!(part, Part::Owner(_)))?;
    let mut own = template(parts.get(..=last)?);
    match parts.get(last + 1) {
        None => {}
        Some(Part::Literal(text)) => {
            let end = text
                .find(|c: char| !c.is_ascii_alphanumeric())
                .map_or(text.len(), |at| at + 1);
            own.push_text(text.get(..end).unwrap_or(text));
            if text.len() > end || parts.len() > last + 2 {
                own.parts.push(Part::AnyRun);
            }
        }
        Some(_) if is_resource => {
            own.push_text("/");
            own.parts.push(Part::AnyRun);
        }
        Some(_) => {}
    }
    Some(own)
}

/// Every text of a statement that may hold variables.
fn texts(statement: Statement<'_>) -> Vec<view::Text<'_>> {
    let mut all = Vec::new();
    for pattern in statement
        .resources()
        .into_iter()
        .flat_map(|resources| resources.patterns)
    {
        if let ResourceText::Segments(segments) = pattern {
            all.extend(segments);
        }
    }
    for condition in statement.conditions() {
        match condition.values() {
            Values::Text(texts) => all.extend(texts),
            Values::Arn(arns) => {
                for arn in arns {
                    match arn {
                        ArnText::Any => {}
                        ArnText::Segments(segments) => all.extend(segments),
                        ArnText::Whole(text) => all.push(text),
                    }
                }
            }
            _ => {}
        }
    }
    all
}

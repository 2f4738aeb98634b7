//! Kinds of requests that break isolation, as formulas, and as what a single request is or is not.

use crate::budget::STATES;
use crate::facts::Facts;
use crate::language::{Pattern, Set, Step};
use crate::model::{Atom, Condition, Demand, KeyId, Model, NodeId, Test};
use crate::question::Beyond;
use crate::tenancy::{Mark, Part, Template, Tenancy};
use crate::text::{Text, Token, Variable};
use crate::words::{self, Equation, Language, Piece, System};
use policy::document::Qualifier;
use std::borrow::Cow;

use policy::{ContextValue, Principal, Request, Resource};

/// The key with the ARN of the caller's role.
const CALLER: &str = "aws:PrincipalArn";

/// A kind of request that must not be allowed.
#[derive(Clone, Debug)]
pub(super) struct Breach<'t> {
    pub(super) tenancy: &'t Tenancy,
    pub(super) facts: &'t Facts,
    /// The action matches one of these; `None` where it does not matter.
    pub(super) actions: Option<Vec<String>>,
    /// What it is about belongs to somebody else than the caller by one of these marks, each of which it has.
    pub(super) theirs: Vec<Mark>,
    /// What else it is.
    pub(super) more: Vec<More>,
    /// Values that texts shall have, so that the request reads well.
    pub(super) pins: Vec<(Pin, String)>,
}

/// What else a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// It has no such key.
    Absent(String),
    /// It has this key.
    Present(String),
    /// This multivalued key has this value among others.
    Lists(String, String),
    /// The value of the first key is not that of the second, or there is no second.
    Differs(String, String),
    /// Its caller is no AWS service.
    Person,
    /// Its caller is no session of one of these roles.
    NotRole(Vec<String>),
    /// Its resource is none of these ARNs, with wildcards.
    NotResource(Vec<String>),
    /// Its resource is one of these ARNs, with wildcards.
    Resource(Vec<String>),
}

/// A text that is given a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    /// The caller's identity key of this number.
    Caller(usize),
    /// The owner's value of this number.
    Owner(usize),
}

/// How wildcards in a template are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// An ARN: a wildcard in one of the first five parts takes no colon.
    Arn,
    /// The ARN of a resource, whose first five parts are compared in lower case.
    Resource,
}

impl Form {
    fn of(mark: &Mark) -> Self {
        let is_arn = |template: &Template| {
            template.segments().len() == 6
                && matches!(template.parts.first(), Some(Part::Literal(text)) if text.starts_with("arn:"))
        };
        match mark {
            Mark::Resource(_) => Self::Resource,
            Mark::Tag { value, .. } | Mark::Key { value, .. } if is_arn(value) => Self::Arn,
            Mark::Tag { .. } | Mark::Key { .. } => Self::Text,
        }
    }
}

/// The pieces of a template; the owner's values are texts, by their number.
fn pieces(template: &Template, form: Form) -> Vec<Piece> {
    let segments = match form {
        Form::Text => vec![template.clone()],
        Form::Arn | Form::Resource => template.segments(),
    };
    let last = segments.len().saturating_sub(1);
    let mut pieces = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 {
            pieces.push(Piece::Step(Step::One(Set::One(':'))));
        }
        let head = at < last;
        let wild = if head { Set::Except(':') } else { Set::Any };
        for part in &segment.parts {
            match part {
                Part::Literal(text) => {
                    let text = match head && form == Form::Resource {
                        true => text.to_ascii_lowercase(),
                        false => text.clone(),
                    };
                    pieces.extend(text.chars().map(|c| Piece::Step(Step::One(Set::One(c)))));
                }
                Part::AnyRun => pieces.push(Piece::Step(Step::Run(wild.clone()))),
                Part::AnyName => {
                    let name = Set::Except('/');
                    let steps = [Step::One(name.clone()), Step::Run(name)];
                    pieces.extend(steps.map(Piece::Step));
                }
                Part::AnyOne => pieces.push(Piece::Step(Step::One(wild.clone()))),
                Part::Owner(number) => pieces.push(Piece::Text(*number)),
            }
        }
    }
    pieces
}

/// What a mark's template matches at most, whoever the owner is.
pub(super) fn hull(mark: &Mark) -> Pattern {
    let step = |piece| match piece {
        Piece::Step(step) => step,
        Piece::Text(_) => Step::Run(Set::Any),
    };
    let pieces = pieces(mark.template(), Form::of(mark));
    Pattern {
        steps: pieces.into_iter().map(step).collect(),
    }
}

/// The texts of the owner in a model.
fn owner_keys(tenancy: &Tenancy, model: &mut Model<'_>) -> Vec<KeyId> {
    let names = tenancy.identity.iter().map(|key| key.name.as_str());
    names
        .map(|name| model.free(&format!("owner.{name}")))
        .collect()
}

fn value_of(key: KeyId) -> Token {
    Token::Key(Variable {
        key,
        default: None,
        segment: false,
        fold: false,
    })
}

fn text(template: &Template, form: Form, owners: &[KeyId]) -> Text {
    let token = |piece: Piece| match piece {
        Piece::Step(step) => Some(Token::Step(step)),
        Piece::Text(number) => owners.get(number).map(|key| value_of(*key)),
    };
    Text::new(
        pieces(template, form)
            .into_iter()
            .filter_map(token)
            .collect(),
    )
}

fn plain(key: KeyId, negated: bool, test: Test) -> Atom {
    Atom::Condition(Condition {
        key,
        qualifier: None,
        negated,
        if_exists: false,
        empty: false,
        test,
    })
}

fn is_true(model: &mut Model<'_>, atom: Atom) -> NodeId {
    let atom = model.atom(atom);
    model.literal(atom, Demand::True)
}

/// The key's value is that of another text.
fn equals(model: &mut Model<'_>, key: KeyId, other: KeyId, equal: bool) -> NodeId {
    let test = Test::Text(Box::new([Text::new(vec![value_of(other)])]));
    is_true(model, plain(key, !equal, test))
}

fn has(model: &mut Model<'_>, key: KeyId, present: bool) -> NodeId {
    let test = Test::Null {
        null: !present,
        value: present,
    };
    is_true(model, plain(key, false, test))
}

/// The condition keys that show a tag, those of services among those that a question mentions.
fn tag_keys(model: &Model<'_>, tag: &str) -> Vec<String> {
    let end = format!(":resourcetag/{}", tag.to_ascii_lowercase());
    let mentioned = model.keys.iter().filter(|key| !key.free);
    let mut keys: Vec<String> = mentioned
        .filter(|key| key.name.to_ascii_lowercase().ends_with(&end))
        .map(|key| key.name.clone())
        .collect();
    let global = format!("aws:ResourceTag/{tag}");
    if !keys.iter().any(|key| key.eq_ignore_ascii_case(&global)) {
        keys.insert(0, global);
    }
    keys
}

impl Breach<'_> {
    fn matches(&self, mark: &Mark, owners: &[KeyId], model: &mut Model<'_>) -> NodeId {
        let form = Form::of(mark);
        let own = text(mark.template(), form, owners);
        let on_key = |model: &mut Model<'_>, key: &str| {
            let key = model.key(key);
            is_true(
                model,
                plain(key, false, Test::Text(Box::new([own.clone()]))),
            )
        };
        match mark {
            Mark::Resource(_) => {
                let texts = Box::new([own.clone()]);
                is_true(model, Atom::Resource { any: false, texts })
            }
            Mark::Key { key, .. } => on_key(model, key),
            Mark::Tag { key, except, .. } => {
                let keys = tag_keys(model, key);
                let mut parts = Vec::new();
                if !except.is_empty() {
                    let texts = except.iter().map(|one| text(one, Form::Resource, owners));
                    let texts = texts.collect();
                    let excepted = is_true(model, Atom::Resource { any: false, texts });
                    parts.push(model.not(excepted));
                }
                let mut first = None;
                for key in keys {
                    parts.push(on_key(model, &key));
                    let key = model.key(&key);
                    match first {
                        None => first = Some(key),
                        Some(first) => parts.push(equals(model, key, first, true)),
                    }
                }
                model.all(parts)
            }
        }
    }

    fn links(&self, model: &mut Model<'_>, parts: &mut Vec<NodeId>) {
        for link in &self.tenancy.links {
            let [one, two] = &link.keys;
            let (Some(one), Some(two)) = (model.find_key(one), model.find_key(two)) else {
                continue;
            };
            let options = [
                has(model, one, false),
                has(model, two, false),
                equals(model, one, two, true),
            ];
            parts.push(model.any(options));
        }
    }

    fn more(&self, more: &More, model: &mut Model<'_>) -> NodeId {
        match more {
            More::Absent(key) => {
                let key = model.key(key);
                has(model, key, false)
            }
            More::Present(key) => {
                let key = model.key(key);
                has(model, key, true)
            }
            More::Lists(key, value) => {
                let key = model.key(key);
                let test = Test::Text(Box::new([Text::literal(value)]));
                is_true(
                    model,
                    Atom::Condition(Condition {
                        key,
                        qualifier: Some(Qualifier::ForAnyValue),
                        negated: false,
                        if_exists: false,
                        empty: false,
                        test,
                    }),
                )
            }
            More::Differs(key, other) => {
                let (key, other) = (model.key(key), model.key(other));
                let parts = [has(model, key, true), equals(model, key, other, false)];
                model.all(parts)
            }
            More::Person => {
                let key = model.key("aws:PrincipalIsAWSService");
                let test = Test::Text(Box::new([Text::literal("true")]));
                is_true(model, plain(key, true, test))
            }
            More::NotRole(arns) => {
                let key = model.key(CALLER);
                let texts: Vec<Text> = arns.iter().map(|arn| Text::literal(arn)).collect();
                is_true(model, plain(key, true, Test::Text(texts.into())))
            }
            More::Resource(arns) => resources(model, arns),
            More::NotResource(arns) => {
                let some = resources(model, &["arn:*".to_owned()]);
                let known = resources(model, arns);
                let others = model.not(known);
                model.all([some, others])
            }
        }
    }

    /// The values that the owner has by a mark of a request, if the owner is somebody else than the caller.
    pub(super) fn owner(&self, request: &Request) -> Option<Vec<Option<String>>> {
        let count = self.tenancy.identity.len();
        let mut texts: Vec<Language<'_>> = (0..count).map(|at| self.domain(at)).collect();
        let mut equations = Vec::new();
        let mut named = Vec::new();
        for mark in &self.theirs {
            named.extend(mark.template().owners());
            for value in values(mark, request)? {
                let text = texts.len();
                texts.push(Language::of(Pattern::literal(&value)));
                equations.push(Equation {
                    text,
                    pattern: pieces(mark.template(), Form::of(mark)),
                    holds: true,
                });
            }
        }
        let mut group = Vec::new();
        for number in &named {
            let key = self.tenancy.identity.get(*number)?;
            let text = texts.len();
            match request.context().get(&key.key) {
                Some(ContextValue::One(value)) => {
                    texts.push(Language::of(Pattern::literal(value)));
                    group.push((*number, text));
                }
                Some(ContextValue::Many(_)) | None => {
                    group.clear();
                    break;
                }
            }
        }
        let differ = if group.is_empty() {
            Vec::new()
        } else {
            vec![group]
        };
        let system = System {
            texts,
            equations,
            differ,
        };
        match system.solve(STATES) {
            words::Answer::Texts(found) => {
                let value = |number: usize| {
                    named
                        .contains(&number)
                        .then(|| found.get(number).cloned())
                        .flatten()
                };
                Some((0..count).map(value).collect())
            }
            words::Answer::None | words::Answer::Unknown(_) => None,
        }
    }

    /// What is known of the owner's value of this number.
    fn domain(&self, number: usize) -> Language<'static> {
        let mut model = Model::default();
        let text = model.free("owner");
        if let Some(key) = self.tenancy.identity.get(number) {
            model.assume_alike(text, &key.key, self.facts);
        }
        let groups = model.keys.into_iter().flat_map(|key| key.domain.texts);
        let owned =
            |group: std::sync::Arc<[Pattern]>| group.iter().cloned().map(Cow::Owned).collect();
        Language {
            all: groups.map(owned).collect(),
            none: Vec::new(),
        }
    }

    fn meets(&self, more: &More, request: &Request) -> bool {
        let value = |key: &str| request.context().get(key);
        match more {
            More::Absent(key) => value(key).is_none(),
            More::Present(key) => {
                matches!(value(key), Some(ContextValue::One(text)) if !text.is_empty())
            }
            More::Lists(key, wanted) => match value(key) {
                Some(ContextValue::Many(values)) => values.iter().any(|value| **value == **wanted),
                Some(ContextValue::One(one)) => **one == **wanted,
                None => false,
            },
            More::Differs(key, other) => match (value(key), value(other)) {
                (Some(ContextValue::One(one)), Some(ContextValue::One(two))) => one != two,
                (one, _) => one.is_some(),
            },
            More::Person => !matches!(request.principal(), Principal::Service { .. }),
            More::NotRole(arns) => match value(CALLER) {
                Some(ContextValue::One(own)) => !arns.iter().any(|arn| **arn == **own),
                Some(ContextValue::Many(_)) | None => true,
            },
            More::Resource(arns) => among(arns, request),
            More::NotResource(arns) => {
                matches!(request.resource(), Resource::Arn(_)) && !among(arns, request)
            }
        }
    }

    fn is_pinned(&self, pin: &Pin, value: &str, request: &Request) -> bool {
        match pin {
            Pin::Caller(number) => self.tenancy.identity.get(*number).is_some_and(|key| {
                matches!(request.context().get(&key.key), Some(ContextValue::One(own)) if **own == *value)
            }),
            Pin::Owner(number) => self.owner(request).is_some_and(|owner| {
                owner.get(*number).is_some_and(|own| own.as_deref() == Some(value))
            }),
        }
    }

    fn is_shared(&self, request: &Request) -> bool {
        self.tenancy.shared.iter().any(|shared| {
            let steps = words::plain(&pieces(shared.by.template(), Form::of(&shared.by)));
            let pattern = steps.unwrap_or_default();
            values(&shared.by, request)
                .is_some_and(|values| values.iter().any(|value| pattern.matches(value)))
        })
    }
}

/// The texts of a request that a mark speaks of; `None` where there are none.
fn values(mark: &Mark, request: &Request) -> Option<Vec<String>> {
    let context = request.context();
    let one = |value: Option<&ContextValue>| match value {
        Some(ContextValue::One(value)) => Some(value.to_string()),
        Some(ContextValue::Many(_)) | None => None,
    };
    match mark {
        Mark::Resource(_) => folded(request).map(|arn| vec![arn]),
        Mark::Key { key, .. } => one(context.get(key)).map(|value| vec![value]),
        Mark::Tag { except, .. } if folded(request).is_some_and(|arn| is_one(except, &arn)) => None,
        Mark::Tag { key, .. } => {
            let end = format!(":resourcetag/{}", key.to_ascii_lowercase());
            let tags = context
                .iter()
                .filter(|(name, _)| name.to_ascii_lowercase().ends_with(&end));
            let values: Vec<String> = tags.filter_map(|(_, value)| one(Some(value))).collect();
            (!values.is_empty()).then_some(values)
        }
    }
}

/// Whether an ARN with its head in lower case is one of these, which have no owner in them.
fn is_one(templates: &[Template], arn: &str) -> bool {
    let steps = |one: &Template| words::plain(&pieces(one, Form::Resource));
    let mut patterns = templates.iter().filter_map(steps);
    patterns.any(|pattern| pattern.matches(arn))
}

/// The resource's ARN with its head in lower case.
fn folded(request: &Request) -> Option<String> {
    let Resource::Arn(arn) = request.resource() else {
        return None;
    };
    let mut parts: Vec<String> = arn.as_str().splitn(6, ':').map(str::to_owned).collect();
    for part in parts.iter_mut().take(5) {
        part.make_ascii_lowercase();
    }
    Some(parts.join(":"))
}

fn among(arns: &[String], request: &Request) -> bool {
    folded(request).is_some_and(|arn| arns.iter().any(|glob| Pattern::glob(glob).matches(&arn)))
}

fn resources(model: &mut Model<'_>, arns: &[String]) -> NodeId {
    let texts = arns
        .iter()
        .map(|arn| Text::Plain(Pattern::glob(arn)))
        .collect();
    is_true(model, Atom::Resource { any: false, texts })
}

impl Beyond for Breach<'_> {
    fn formula(&self, model: &mut Model<'_>) -> NodeId {
        let owners = owner_keys(self.tenancy, model);
        let mut parts = Vec::new();
        if let Some(actions) = &self.actions {
            let texts = actions
                .iter()
                .map(|action| Text::Plain(Pattern::glob(&action.to_ascii_lowercase())))
                .collect();
            parts.push(is_true(model, Atom::Action(texts)));
        }
        let mut named = Vec::new();
        for mark in &self.theirs {
            parts.push(self.matches(mark, &owners, model));
            named.extend(mark.template().owners());
        }
        named.sort_unstable();
        named.dedup();
        if !named.is_empty() {
            let mut differs = Vec::new();
            for number in named {
                if let (Some(owner), Some(key)) =
                    (owners.get(number), self.tenancy.identity.get(number))
                {
                    let key = model.key(&key.key);
                    differs.push(equals(model, *owner, key, false));
                }
            }
            parts.push(model.any(differs));
            for shared in &self.tenancy.shared {
                let is_shared = self.matches(&shared.by, &owners, model);
                parts.push(model.not(is_shared));
            }
        }
        for more in &self.more {
            parts.push(self.more(more, model));
        }
        for (pin, value) in &self.pins {
            let key = match pin {
                Pin::Caller(number) => self
                    .tenancy
                    .identity
                    .get(*number)
                    .map(|key| model.key(&key.key)),
                Pin::Owner(number) => owners.get(*number).copied(),
            };
            if let Some(key) = key {
                let test = Test::Text(Box::new([Text::literal(value)]));
                parts.push(is_true(model, plain(key, false, test)));
            }
        }
        self.links(model, &mut parts);
        model.all(parts)
    }

    fn assume(&self, model: &mut Model<'_>, facts: &Facts) {
        let owners = owner_keys(self.tenancy, model);
        for (owner, key) in owners.into_iter().zip(self.tenancy.keys()) {
            model.assume_alike(owner, key, facts);
        }
    }

    fn described(&self) -> Option<serde_json::Value> {
        Breach::described(self)
    }

    fn is_met_by(&self, request: &Request) -> bool {
        let action = request.action().as_str().to_ascii_lowercase();
        let acts = self.actions.as_ref().is_none_or(|globs| {
            let mut globs = globs.iter();
            globs.any(|glob| Pattern::glob(&glob.to_ascii_lowercase()).matches(&action))
        });
        acts && self
            .pins
            .iter()
            .all(|(pin, value)| self.is_pinned(pin, value, request))
            && self.more.iter().all(|more| self.meets(more, request))
            && (self.theirs.is_empty()
                || (self.owner(request).is_some() && !self.is_shared(request)))
    }
}

//! What breaks isolation: whose things are, as templates with the owner's values in them, and the formula that follows.

use crate::callers::text;
use crate::data::{Atom, Condition, Demand, Key, Set, Step, Test, Text, Token, Variable};
use crate::formula::Builder;
use crate::{Refusal, refuse};
use serde::Deserialize;

/// A kind of request that must not be allowed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Breach {
    /// The condition keys that tell tenants apart.
    pub(crate) identity: Vec<Identity>,
    /// Keys that have the same value where a session has both.
    pub(crate) links: Vec<[String; 2]>,
    /// What belongs to nobody.
    shared: Vec<Mark>,
    /// The action matches one of these.
    actions: Option<Vec<String>>,
    /// What it reaches belongs to somebody else than the caller by each of these.
    theirs: Vec<Mark>,
    more: Vec<More>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) key: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Mark {
    Resource(Vec<Part>),
    Key {
        key: String,
        value: Vec<Part>,
    },
    Tag {
        key: String,
        value: Vec<Part>,
        except: Vec<Vec<Part>>,
    },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Text(String),
    /// Any characters.
    Run,
    /// One or more characters but `/`.
    Name,
    /// One character.
    One,
    /// The owner's value of the identity key of this number.
    Owner(usize),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum More {
    Absent(String),
    Present(String),
    Lists(String, String),
    Differs(String, String),
    Person,
    NotRole(Vec<String>),
    NotResource(Vec<String>),
    Resource(Vec<String>),
}

/// How wildcards in a template are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// No wildcard of the first five parts takes a colon.
    Arn,
    /// So too, and these parts are in lower case.
    Resource,
}

impl Mark {
    fn template(&self) -> &[Part] {
        match self {
            Self::Resource(value) | Self::Key { value, .. } | Self::Tag { value, .. } => value,
        }
    }

    fn form(&self) -> Form {
        let value = self.template();
        let is_arn = matches!(value.first(), Some(Part::Text(text)) if text.starts_with("arn:"));
        let texts = value.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.matches(':').count()),
            _ => None,
        });
        match self {
            Self::Resource(_) => Form::Resource,
            _ if is_arn && texts.sum::<usize>() >= 5 => Form::Arn,
            _ => Form::Text,
        }
    }
}

impl Breach {
    /// The number of the text that is the owner's value of an identity key.
    fn owner(&self, keys: &[Key], number: usize) -> Result<usize, Refusal> {
        let name = self
            .identity
            .get(number)
            .map(|own| format!("owner.{}", own.name));
        let found = keys
            .iter()
            .position(|key| key.free && Some(&key.name) == name.as_ref());
        found.map_or_else(|| refuse("a value of the owner is missing"), Ok)
    }

    /// What such a request does, for people.
    pub(crate) fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if let Some(actions) = &self.actions {
            parts.push(format!("is one of `{}`", actions.join("`, `")));
        }
        for mark in &self.theirs {
            parts.push(format!("reaches another's {}", self.mark(mark)));
        }
        if !self.theirs.is_empty() {
            let shared = self.shared.iter().map(|mark| self.mark(mark));
            parts.extend(shared.map(|shared| format!("not the shared {shared}")));
            let keys: Vec<&str> = self.identity.iter().map(|own| own.key.as_str()).collect();
            parts.push(format!(
                "tenants being told apart by `{}`",
                keys.join("`, `")
            ));
        }
        parts.extend(self.more.iter().map(|more| match more {
            More::Absent(key) => format!("has no `{key}`"),
            More::Present(key) => format!("has a `{key}`"),
            More::Lists(key, value) => format!("lists `{value}` in `{key}`"),
            More::Differs(key, other) => format!("has a `{key}` that is not its `{other}`"),
            More::Person => "is no AWS service's".to_owned(),
            More::NotRole(arns) => format!("is by no session of `{}`", arns.join("`, `")),
            More::NotResource(arns) => format!("is on none of `{}`", arns.join("`, `")),
            More::Resource(arns) => format!("is on one of `{}`", arns.join("`, `")),
        }));
        for [one, two] in &self.links {
            parts.push(format!(
                "`{one}` and `{two}` being the same where both are there"
            ));
        }
        parts.join(", ")
    }

    fn mark(&self, mark: &Mark) -> String {
        let value = self.template(mark.template());
        match mark {
            Mark::Resource(_) => format!("`{value}`"),
            Mark::Key { key, .. } => format!("`{key}` = `{value}`"),
            Mark::Tag { key, except, .. } => {
                let except: Vec<String> = except.iter().map(|one| self.template(one)).collect();
                match except.is_empty() {
                    true => format!("resources with the tag `{key}` = `{value}`"),
                    false => format!(
                        "resources with the tag `{key}` = `{value}` (but for `{}`)",
                        except.join("`, `")
                    ),
                }
            }
        }
    }

    fn template(&self, parts: &[Part]) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Run | Part::Name => "*".to_owned(),
            Part::One => "?".to_owned(),
            Part::Owner(number) => {
                let name = self.identity.get(*number).map_or("", |own| &own.name);
                format!("${{owner.{name}}}")
            }
        };
        parts.iter().map(part).collect()
    }

    /// Checks that the owner's values are alike to the caller's: the facts about them are those of the same key.
    fn check_owners(&self, keys: &[Key]) -> Result<(), Refusal> {
        for key in keys.iter().filter(|key| key.free) {
            let own = self
                .identity
                .iter()
                .find(|own| key.name == format!("owner.{}", own.name));
            for fact in &key.facts {
                if !own.is_some_and(|own| crate::domain::is_about(fact, &own.key)) {
                    return refuse(format!(
                        "the fact `{}` is not about `{}`",
                        fact.id, key.name
                    ));
                }
            }
        }
        Ok(())
    }
}

/// What a template is as a text.
fn written(breach: &Breach, keys: &[Key], template: &[Part], form: Form) -> Result<Text, Refusal> {
    let mut tokens: Vec<Token> = Vec::new();
    // The segment that a part is in, of those that colons of the template end.
    let mut segment = 0;
    for part in template {
        let head = form != Form::Text && segment < 5;
        let wild = || if head { Set::Except(':') } else { Set::Any };
        match part {
            Part::Text(own) => {
                for c in own.chars() {
                    let lower = form == Form::Resource && segment < 5;
                    let c = if lower { c.to_ascii_lowercase() } else { c };
                    tokens.push(Token::Step(Step::One(Set::One(c))));
                    segment += usize::from(c == ':');
                }
            }
            Part::Run => tokens.push(Token::Step(Step::Run(wild()))),
            Part::One => tokens.push(Token::Step(Step::One(wild()))),
            Part::Name => {
                let name = || Set::Except('/');
                tokens.extend([Step::One(name()), Step::Run(name())].map(Token::Step));
            }
            Part::Owner(number) => tokens.push(value_of(breach.owner(keys, *number)?)),
        }
    }
    Ok(text(tokens))
}

fn value_of(key: usize) -> Token {
    Token::Key(Variable {
        key,
        default: None,
        segment: false,
        fold: false,
    })
}

fn glob(glob: &str) -> Text {
    let step = |c| match c {
        '*' => Step::Run(Set::Any),
        '?' => Step::One(Set::Any),
        c => Step::One(Set::One(c)),
    };
    Text::Plain(glob.chars().map(step).collect())
}

fn literal(own: &str) -> Text {
    Text::Plain(crate::tied::steps(own).collect())
}

fn on_key(key: usize, negated: bool, test: Test) -> Atom {
    Atom::Condition(Condition {
        key,
        qualifier: None,
        negated,
        if_exists: false,
        empty: false,
        test,
    })
}

fn equals(key: usize, other: usize, equal: bool) -> Atom {
    on_key(
        key,
        !equal,
        Test::Text(vec![Text::Open(vec![value_of(other)])]),
    )
}

fn has(key: usize, present: bool) -> Atom {
    on_key(
        key,
        false,
        Test::Null {
            null: !present,
            value: present,
        },
    )
}

impl Builder<'_, '_> {
    fn holds(&mut self, atom: &Atom) -> usize {
        self.atom(atom, Demand::True)
    }

    fn keys(&self) -> &[Key] {
        &self.reader.certificate.keys
    }

    /// The formula of what breaks isolation.
    pub(crate) fn breach(&mut self, breach: &Breach) -> Result<usize, Refusal> {
        breach.check_owners(self.keys())?;
        let mut parts = Vec::new();
        if let Some(actions) = &breach.actions {
            let texts = actions
                .iter()
                .map(|action| glob(&action.to_ascii_lowercase()));
            parts.push(self.holds(&Atom::Action(texts.collect())));
        }
        let mut named = Vec::new();
        for mark in &breach.theirs {
            parts.push(self.mark(breach, mark)?);
            named.extend(mark.template().iter().filter_map(|part| match part {
                Part::Owner(number) => Some(*number),
                _ => None,
            }));
        }
        named.sort_unstable();
        named.dedup();
        if !named.is_empty() {
            let mut differs = Vec::new();
            for number in named {
                let Some(own) = breach.identity.get(number) else {
                    return refuse("an identity key is missing");
                };
                let (owner, key) = (
                    breach.owner(self.keys(), number)?,
                    self.reader.key(&own.key)?,
                );
                differs.push(self.holds(&equals(owner, key, false)));
            }
            parts.push(self.any(differs));
            for shared in &breach.shared {
                let shared = self.mark(breach, shared)?;
                parts.push(self.not(shared)?);
            }
        }
        for more in &breach.more {
            parts.push(self.more(more)?);
        }
        for [one, two] in &breach.links {
            // What no policy speaks of needs no link.
            if let (Ok(one), Ok(two)) = (self.reader.key(one), self.reader.key(two)) {
                let options = [has(one, false), has(two, false), equals(one, two, true)];
                let options = options.iter().map(|atom| self.holds(atom)).collect();
                parts.push(self.any(options));
            }
        }
        Ok(self.all(parts))
    }

    fn mark(&mut self, breach: &Breach, mark: &Mark) -> Result<usize, Refusal> {
        let own = written(breach, self.keys(), mark.template(), mark.form())?;
        let is = |key| on_key(key, false, Test::Text(vec![own.clone()]));
        match mark {
            Mark::Resource(_) => Ok(self.holds(&resources(vec![own]))),
            Mark::Key { key, .. } => {
                let key = self.reader.key(key)?;
                Ok(self.holds(&is(key)))
            }
            Mark::Tag { key, except, .. } => {
                let mut parts = Vec::new();
                if !except.is_empty() {
                    let except = except
                        .iter()
                        .map(|one| written(breach, self.keys(), one, Form::Resource));
                    let except = except.collect::<Result<_, _>>()?;
                    let excepted = self.holds(&resources(except));
                    parts.push(self.not(excepted)?);
                }
                let shown = self.shown(key)?;
                for own in &shown {
                    parts.push(self.holds(&is(*own)));
                }
                // They show one value: each has that of every other.
                for own in &shown {
                    for other in shown.iter().filter(|other| *other != own) {
                        parts.push(self.holds(&equals(*own, *other, true)));
                    }
                }
                Ok(self.all(parts))
            }
        }
    }

    /// The condition keys that show a tag: the global one, and those of services of which policies speak.
    fn shown(&self, tag: &str) -> Result<Vec<usize>, Refusal> {
        let end = format!(":resourcetag/{}", tag.to_ascii_lowercase());
        self.reader.key(&format!("aws:ResourceTag/{tag}"))?;
        let keys = self.keys().iter().enumerate();
        let shows =
            keys.filter(|(_, key)| !key.free && key.name.to_ascii_lowercase().ends_with(&end));
        Ok(shows.map(|(at, _)| at).collect())
    }

    fn more(&mut self, more: &More) -> Result<usize, Refusal> {
        Ok(match more {
            More::Absent(key) => {
                let key = self.reader.key(key)?;
                self.holds(&has(key, false))
            }
            More::Present(key) => {
                let key = self.reader.key(key)?;
                self.holds(&has(key, true))
            }
            More::Lists(key, value) => {
                let key = self.reader.key(key)?;
                let Atom::Condition(condition) =
                    on_key(key, false, Test::Text(vec![literal(value)]))
                else {
                    return refuse("it is no condition");
                };
                let qualifier = Some("ForAnyValue".to_owned());
                self.holds(&Atom::Condition(Condition {
                    qualifier,
                    ..condition
                }))
            }
            More::Differs(key, other) => {
                let (key, other) = (self.reader.key(key)?, self.reader.key(other)?);
                let parts = [has(key, true), equals(key, other, false)];
                let parts = parts.iter().map(|atom| self.holds(atom)).collect();
                self.all(parts)
            }
            More::Person => {
                let key = self.reader.key("aws:PrincipalIsAWSService")?;
                self.holds(&on_key(key, true, Test::Text(vec![literal("true")])))
            }
            More::NotRole(arns) => {
                let key = self.reader.key("aws:PrincipalArn")?;
                let texts = arns.iter().map(|arn| literal(arn)).collect();
                self.holds(&on_key(key, true, Test::Text(texts)))
            }
            More::Resource(arns) => self.holds(&among(arns)),
            More::NotResource(arns) => {
                let some = self.holds(&among(&["arn:*".to_owned()]));
                let known = self.holds(&among(arns));
                let others = self.not(known)?;
                self.all(vec![some, others])
            }
        })
    }
}

fn resources(texts: Vec<Text>) -> Atom {
    Atom::Resource { any: false, texts }
}

fn among(arns: &[String]) -> Atom {
    resources(arns.iter().map(|arn| glob(arn)).collect())
}

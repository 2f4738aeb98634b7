//! Who may call: whether a certificate has a caller of every kind that its policies tell apart, and which keys follow from
//! who it is (IAM User Guide, "Properties of the principal").

use crate::data::{Caller, Certificate, Set, Step, Text, Token, Variable};
use crate::tied::steps;
use crate::{Refusal, refuse};
use policy::document::PrincipalEntry;
use policy::view::Statement;
use policy::{AccountId, Action, Arn, ContextValue, Principal, Request, Resource};
use std::collections::BTreeSet;

/// Whom policies name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) accounts: BTreeSet<AccountId>,
    arns: BTreeSet<String>,
    ids: BTreeSet<String>,
    services: BTreeSet<String>,
    providers: BTreeSet<String>,
}

/// What a caller says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Free,
    Absent,
    /// It has one value: one of each of `all`, none of `none`.
    Texts {
        all: Vec<Vec<Text>>,
        none: Vec<Text>,
    },
}

impl Names {
    pub(crate) fn read(&mut self, statement: Statement<'_>) {
        for entry in statement.principals().into_iter().flatten() {
            match entry {
                PrincipalEntry::Account(id) => self.accounts.extend(AccountId::parse(id)),
                PrincipalEntry::Arn(text) => {
                    let arn = Arn::parse(text).ok();
                    self.accounts
                        .extend(arn.and_then(|arn| AccountId::parse(arn.account())));
                    self.arns.insert(text.clone());
                }
                PrincipalEntry::UniqueId(id) => _ = self.ids.insert(id.clone()),
                PrincipalEntry::Service(name) => _ = self.services.insert(name.clone()),
                PrincipalEntry::Federated(name) => _ = self.providers.insert(name.clone()),
                PrincipalEntry::Everyone
                | PrincipalEntry::EveryoneAws
                | PrincipalEntry::CanonicalUser(_) => {}
            }
        }
    }

    /// The kinds of callers that must be looked at, of these kinds of principals.
    fn required(&self, kinds: &[String], everybody: bool) -> Vec<Vec<String>> {
        let mut all: Vec<Vec<String>> = Vec::new();
        let mut add =
            |parts: &[&str]| all.push(parts.iter().map(|part| (*part).to_owned()).collect());
        let accounts: Vec<&str> = self.accounts.iter().map(AccountId::as_str).collect();
        for account in accounts.iter().copied().chain(["other"]) {
            add(&["role", "kind", account]);
            add(&["user", "kind", account]);
            add(&["federated-user", "kind", account]);
            if everybody {
                add(&[
                    "root",
                    if account == "other" { "kind" } else { "whole" },
                    account,
                ]);
            }
            for id in &self.ids {
                let kind = if id.starts_with("AROA") {
                    "role"
                } else {
                    "user"
                };
                add(&[kind, "kind", account, id]);
            }
        }
        for text in &self.arns {
            match Principal::parse(text) {
                Ok(Principal::RoleSession { session: None, .. }) => add(&["role", "whole", text]),
                Ok(principal @ Principal::RoleSession { .. }) => {
                    add(&["session", "session", text]);
                    for role in &self.arns {
                        let arn = Arn::parse(role).ok();
                        if arn.is_some_and(|arn| principal.clone().with_role(&arn) != principal) {
                            add(&["session", "whole", text, role]);
                        }
                    }
                }
                Ok(Principal::User { account, .. }) => {
                    add(&["user", "whole", text]);
                    add(&["federated-user", "kind", account.as_str(), text]);
                }
                Ok(Principal::FederatedUser { .. }) => add(&["federated-user", "whole", text]),
                Ok(_) | Err(_) => {}
            }
        }
        if everybody {
            self.services
                .iter()
                .for_each(|name| add(&["service", "whole", name]));
            self.providers
                .iter()
                .for_each(|name| add(&["federated", "whole", name]));
            add(&["service", "kind"]);
            add(&["federated", "whole", "other"]);
            add(&["anonymous", "whole"]);
        }
        let kind_of = |parts: &Vec<String>| match parts.first().map(String::as_str) {
            Some("session") => "role".to_owned(),
            other => other.unwrap_or_default().to_owned(),
        };
        all.retain(|parts| kinds.contains(&kind_of(parts)));
        all
    }

    fn account(&self, principal: &Principal) -> String {
        match principal.account() {
            Some(account) if self.accounts.contains(&account) => account.to_string(),
            _ => "other".to_owned(),
        }
    }

    /// Which kind of caller one of a certificate stands for.
    fn kind(&self, caller: &Caller, principal: &Principal) -> Vec<String> {
        let account = self.account(principal);
        let named = |text: &str| self.arns.contains(text);
        let id = caller
            .user_id
            .as_deref()
            .map(|id| id.split(':').next().unwrap_or(id));
        let mut parts: Vec<&str> = match (principal, caller.known.as_str()) {
            (Principal::RoleSession { session, role, .. }, known) => {
                let session = session.as_ref().map_or("", |arn| arn.as_str());
                match known {
                    "session" => vec!["session", "session", session],
                    "whole" if named(session) => vec!["session", "whole", session, role.as_str()],
                    "whole" => vec!["role", "whole", role.as_str()],
                    _ => vec!["role", "kind", &account],
                }
            }
            (Principal::User { arn, .. }, "whole") => vec!["user", "whole", arn.as_str()],
            (Principal::User { .. }, _) => vec!["user", "kind", &account],
            (Principal::Root { .. }, known) => vec!["root", known, &account],
            (Principal::FederatedUser { arn, .. }, "whole") => {
                vec!["federated-user", "whole", arn.as_str()]
            }
            (Principal::FederatedUser { parent, .. }, _) => {
                let parent = parent.as_ref().map(|arn| arn.as_str());
                [
                    Some("federated-user"),
                    Some("kind"),
                    Some(&*account),
                    parent,
                ]
                .into_iter()
                .flatten()
                .collect()
            }
            (Principal::Service { name }, "whole") => vec!["service", "whole", name],
            (Principal::Service { .. }, _) => vec!["service", "kind"],
            (Principal::Federated { provider }, _) => match self.providers.contains(&**provider) {
                true => vec!["federated", "whole", provider],
                false => vec!["federated", "whole", "other"],
            },
            (Principal::Anonymous, _) => vec!["anonymous", "whole"],
        };
        parts.extend(id);
        parts.into_iter().map(str::to_owned).collect()
    }

    /// Whether a caller that stands for others is none that a policy names.
    fn is_unnamed(&self, principal: &Principal) -> bool {
        match principal {
            Principal::RoleSession { role, session, .. } => {
                !self.arns.contains(role.as_str())
                    && session
                        .as_ref()
                        .is_none_or(|arn| !self.arns.contains(arn.as_str()))
            }
            Principal::User { arn, .. }
            | Principal::Root { arn, .. }
            | Principal::FederatedUser { arn, .. } => !self.arns.contains(arn.as_str()),
            Principal::Service { name } => !self
                .services
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name)),
            Principal::Federated { .. } | Principal::Anonymous => true,
        }
    }
}

/// The callers of a certificate, as they were read.
pub(crate) struct Callers {
    pub(crate) names: Names,
    pub(crate) principals: Vec<Principal>,
}

impl Callers {
    /// Reads the callers of a certificate, which must be one of each kind.
    pub(crate) fn new(certificate: &Certificate, names: Names) -> Result<Self, Refusal> {
        let principals = certificate.callers.iter().map(principal);
        let principals: Vec<Principal> = principals.collect::<Result<_, _>>()?;
        let question = &certificate.question;
        let mut present = BTreeSet::new();
        for (caller, principal) in certificate.callers.iter().zip(&principals) {
            if caller.known == "kind" && !names.is_unnamed(principal) {
                return refuse(format!(
                    "`{}` is to stand for others and is named",
                    caller.name
                ));
            }
            present.insert(names.kind(caller, principal));
        }
        let required = names.required(&question.callers, question.everybody);
        match required.iter().find(|kind| !present.contains(*kind)) {
            Some(missing) => refuse(format!("no caller stands for `{}`", missing.join(" "))),
            None => Ok(Self { names, principals }),
        }
    }

    /// A request of each caller.
    pub(crate) fn samples(&self, certificate: &Certificate) -> Result<Vec<Request>, Refusal> {
        let callers = self.principals.iter().zip(&certificate.callers);
        callers
            .map(|(principal, caller)| sample(principal, caller))
            .collect()
    }

    /// What follows of a key.
    pub(crate) fn bound(&self, certificate: &Certificate, number: usize, key: &str) -> Bound {
        let (Some(caller), Some(principal)) =
            (certificate.callers.get(number), self.principals.get(number))
        else {
            return Bound::Free;
        };
        let find = |name: &str| {
            let mut keys = certificate.keys.iter();
            keys.position(|key| !key.free && key.name.eq_ignore_ascii_case(name))
        };
        let whole = caller.known == "whole";
        match key.to_ascii_lowercase().as_str() {
            "aws:principaltype" | "aws:principalisawsservice" => derived(principal, caller, key),
            "aws:principalservicename" => match (principal, whole) {
                (Principal::Service { .. }, false) => Bound::Free,
                _ => derived(principal, caller, key),
            },
            "aws:principalaccount" => match principal.account() {
                None => derived(principal, caller, key),
                Some(account) if self.names.accounts.contains(&account) => is(account.as_str()),
                Some(_) => self.other_account(),
            },
            "aws:username" => match (principal, whole) {
                (Principal::User { .. }, false) => one_of(vec![Text::Plain(vec![
                    Step::One(name()),
                    Step::Run(name()),
                ])]),
                _ => derived(principal, caller, key),
            },
            "aws:principalarn" if whole => derived(principal, caller, key),
            "aws:principalarn" => self.arn(principal, caller, &find),
            "aws:userid" => self.user_id(principal, caller, whole),
            _ => Bound::Free,
        }
    }

    fn other_account(&self) -> Bound {
        let named = self.names.accounts.iter();
        Bound::Texts {
            all: vec![vec![Text::Plain(vec![Step::One(digit()); 12])]],
            none: named.map(|account| literal(account.as_str())).collect(),
        }
    }

    fn user_id(&self, principal: &Principal, caller: &Caller, whole: bool) -> Bound {
        if let Some(id) = &caller.user_id {
            return match id.split_once(':') {
                Some((role, _)) => {
                    let start = steps(role).chain(steps(":"));
                    one_of(vec![Text::Plain(
                        start.chain([Step::Run(Set::Any)]).collect(),
                    )])
                }
                None => is(id),
            };
        }
        match principal {
            Principal::User { .. } | Principal::RoleSession { .. } => {
                if self.names.ids.is_empty() {
                    return Bound::Free;
                }
                let with_session = |id: &String| {
                    let start = steps(id).chain(steps(":"));
                    [
                        literal(id),
                        Text::Plain(start.chain([Step::Run(Set::Any)]).collect()),
                    ]
                };
                Bound::Texts {
                    all: Vec::new(),
                    none: self.names.ids.iter().flat_map(with_session).collect(),
                }
            }
            Principal::Root { .. } | Principal::FederatedUser { .. } if !whole => Bound::Free,
            _ => derived(principal, caller, "aws:userid"),
        }
    }

    /// `aws:PrincipalArn` of everybody whom a caller stands for.
    fn arn(
        &self,
        principal: &Principal,
        caller: &Caller,
        find: &dyn Fn(&str) -> Option<usize>,
    ) -> Bound {
        let step = |step: Step| vec![Token::Step(step)];
        let path = || {
            [
                step(Step::One(name())),
                step(Step::Run(path())),
                step(Step::One(Set::One('/'))),
            ]
            .concat()
        };
        let named = self.names.arns.iter().map(|arn| literal(arn));
        let mut none: Vec<Text> = named.collect();
        let rows = match (principal, caller.known.as_str()) {
            (Principal::RoleSession { role, .. }, "session") => {
                let (start, last) = (
                    role.as_str().split_once("role/"),
                    role.resource().rsplit('/').next(),
                );
                let (Some((start, _)), Some(last)) = (start, last) else {
                    return Bound::Free;
                };
                let start = [tokens(start), tokens("role/")].concat();
                vec![
                    [start.clone(), tokens(last)].concat(),
                    [start, path(), tokens(last)].concat(),
                ]
            }
            (Principal::RoleSession { .. }, _) => {
                let linked = steps("role/aws-service-role/");
                let any = || std::iter::once(Step::Run(Set::Any));
                none.push(Text::Plain(
                    any().chain(steps(":")).chain(linked).chain(any()).collect(),
                ));
                let rest = [
                    step(Step::Run(crate::callers::path())),
                    step(Step::One(name())),
                ]
                .concat();
                vec![[self.head("iam", principal, "role/", find), rest].concat()]
            }
            (Principal::User { .. }, _) => {
                let own = match find("aws:username") {
                    Some(key) => vec![value_of(key, false)],
                    None => [step(Step::One(name())), step(Step::Run(name()))].concat(),
                };
                let head = self.head("iam", principal, "user/", find);
                vec![
                    [head.clone(), own.clone()].concat(),
                    [head, path(), own].concat(),
                ]
            }
            (Principal::Root { .. }, _) => vec![self.head("iam", principal, "root", find)],
            (Principal::FederatedUser { .. }, _) => {
                let rest = [step(Step::One(name())), step(Step::Run(name()))].concat();
                vec![[self.head("sts", principal, "federated-user/", find), rest].concat()]
            }
            // Services, providers and the anonymous have none.
            _ => return derived(principal, caller, "aws:PrincipalArn"),
        };
        let all = vec![rows.into_iter().map(text).collect()];
        Bound::Texts { all, none }
    }

    fn head(
        &self,
        service: &str,
        principal: &Principal,
        kind: &str,
        find: &dyn Fn(&str) -> Option<usize>,
    ) -> Vec<Token> {
        let partition = Step::Run(Set::Ranges(vec![('a', 'z'), ('-', '-')]));
        let account = match principal.account() {
            Some(account) if self.names.accounts.contains(&account) => tokens(account.as_str()),
            _ => match find("aws:PrincipalAccount") {
                Some(key) => vec![value_of(key, true)],
                None => vec![Token::Step(Step::One(digit())); 12],
            },
        };
        let start = [
            tokens("arn:aws"),
            vec![Token::Step(partition)],
            tokens(&format!(":{service}::")),
        ];
        [start.concat(), account, tokens(&format!(":{kind}"))].concat()
    }
}

/// The keys that other keys of a caller stand in.
pub(crate) fn variables(bound: &Bound) -> Vec<usize> {
    let Bound::Texts { all, .. } = bound else {
        return Vec::new();
    };
    let open = all.iter().flatten().filter_map(|text| match text {
        Text::Open(tokens) => Some(tokens),
        Text::Plain(_) => None,
    });
    open.flatten()
        .filter_map(|token| match token {
            Token::Key(variable) => Some(variable.key),
            Token::Step(_) => None,
        })
        .collect()
}

fn principal(caller: &Caller) -> Result<Principal, Refusal> {
    let wrong = |what: &str| Refusal(format!("`{}` is no {what}", caller.name));
    Ok(match caller.kind.as_str() {
        "anonymous" => Principal::Anonymous,
        "service" => Principal::service(&caller.name),
        "federated" => Principal::Federated {
            provider: caller.name.as_str().into(),
        },
        kind => {
            let read = Principal::parse(&caller.name).map_err(|_| wrong("caller"))?;
            let of = caller
                .of
                .as_ref()
                .map(|text| Arn::parse(text).map_err(|_| wrong("caller")));
            match (kind, read, of.transpose()?) {
                ("role", read @ Principal::RoleSession { .. }, Some(role)) => read.with_role(&role),
                ("federated-user", read @ Principal::FederatedUser { .. }, Some(parent)) => {
                    read.with_parent(parent, None)
                }
                ("role", read @ Principal::RoleSession { .. }, None)
                | ("federated-user", read @ Principal::FederatedUser { .. }, None)
                | ("user", read @ Principal::User { .. }, None)
                | ("root", read @ Principal::Root { .. }, None) => read,
                _ => return Err(wrong(kind)),
            }
        }
    })
}

fn sample(principal: &Principal, caller: &Caller) -> Result<Request, Refusal> {
    let action = Action::parse("a:b").map_err(|error| Refusal(error.to_string()))?;
    let builder = Request::builder(principal.clone(), action, Resource::Any);
    Ok(match &caller.user_id {
        Some(id) => builder.set("aws:userid", id.as_str()).build(),
        None => builder.build(),
    })
}

/// What the engine derives of a key from who calls.
fn derived(principal: &Principal, caller: &Caller, key: &str) -> Bound {
    let Ok(sample) = sample(principal, caller) else {
        return Bound::Free;
    };
    match sample.context().get(key) {
        Some(ContextValue::One(value)) => is(value),
        Some(ContextValue::Many(_)) | None => Bound::Absent,
    }
}

fn value_of(key: usize, segment: bool) -> Token {
    Token::Key(Variable {
        key,
        default: None,
        segment,
        fold: false,
    })
}

fn tokens(text: &str) -> Vec<Token> {
    steps(text).map(Token::Step).collect()
}

fn literal(text: &str) -> Text {
    Text::Plain(steps(text).collect())
}

fn is(text: &str) -> Bound {
    one_of(vec![literal(text)])
}

fn one_of(texts: Vec<Text>) -> Bound {
    Bound::Texts {
        all: vec![texts],
        none: Vec::new(),
    }
}

/// A text without keys, or with.
pub(crate) fn text(tokens: Vec<Token>) -> Text {
    let steps: Option<Vec<Step>> = tokens
        .iter()
        .map(|token| match token {
            Token::Step(step) => Some(step.clone()),
            Token::Key(_) => None,
        })
        .collect();
    steps.map_or(Text::Open(tokens), Text::Plain)
}

fn digit() -> Set {
    Set::Ranges(vec![('0', '9')])
}

/// The characters of names (IAM User Guide, "IAM and AWS STS quotas").
fn name() -> Set {
    Set::Ranges(vec![
        ('0', '9'),
        ('A', 'Z'),
        ('a', 'z'),
        ('+', '.'),
        ('=', '='),
        ('@', '@'),
        ('_', '_'),
    ])
}

/// The characters of paths and names.
fn path() -> Set {
    Set::Ranges(vec![
        ('0', '9'),
        ('A', 'Z'),
        ('a', 'z'),
        ('+', '/'),
        ('=', '='),
        ('@', '@'),
        ('_', '_'),
    ])
}

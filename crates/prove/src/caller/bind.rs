//! The keys that follow from the caller (IAM User Guide, "Properties of the principal").

use super::{Bound, Caller, Known, Names};
use crate::language::{Pattern, Set, Step};
use crate::model::{KeyId, Model};
use crate::text::{Text, Token, Variable, literal};
use policy::{AccountId, Arn, ContextValue, Principal};

const ARN: &str = "aws:PrincipalArn";
const ACCOUNT: &str = "aws:PrincipalAccount";
const USER_NAME: &str = "aws:username";
const USER_ID: &str = "aws:userid";
const SERVICE_NAME: &str = "aws:PrincipalServiceName";
const FIXED: [&str; 3] = [
    "aws:PrincipalType",
    "aws:PrincipalIsAWSService",
    SERVICE_NAME,
];

/// The keys of which more than a caller's kind is to be known.
struct Keys {
    arn: KeyId,
    account: KeyId,
    user_name: KeyId,
}

impl Model<'_> {
    /// Gives each caller the keys that follow, as far as the question mentions them.
    pub(crate) fn bind_callers(&mut self, mut callers: Vec<Caller>, names: &Names) {
        let mentions = |model: &Self, name: &str| model.find_key(name).is_some();
        let has_ids = names.unique_ids().next().is_some();
        let telling = has_ids
            || [ARN, ACCOUNT, USER_NAME, USER_ID]
                .iter()
                .any(|name| mentions(self, name));
        let keys = telling.then(|| Keys {
            arn: self.key(ARN),
            account: self.key(ACCOUNT),
            user_name: self.key(USER_NAME),
        });
        let user_id = (has_ids || mentions(self, USER_ID)).then(|| self.key(USER_ID));
        let fixed: Vec<KeyId> = FIXED
            .iter()
            .filter_map(|name| self.find_key(name))
            .collect();
        for caller in &mut callers {
            for key in &fixed {
                let name = self.key_name(*key);
                let bound = match &caller.principal {
                    Principal::Service { .. }
                        if caller.known == Known::Kind
                            && name.eq_ignore_ascii_case(SERVICE_NAME) =>
                    {
                        other_service(names)
                    }
                    _ => caller.fixed(name),
                };
                caller.keys.insert(*key, bound);
            }
            if let Some(keys) = &keys {
                caller.bind_name(keys, names);
            }
            if let (Some(key), Some(keys)) = (user_id, &keys) {
                let bound = caller.bind_id(names, keys.account);
                caller.keys.insert(key, bound);
            }
        }
        self.callers = callers;
    }
}

impl Caller {
    /// The value that the engine derives.
    fn fixed(&self, key: &str) -> Bound {
        let sample = self.sample();
        let value = sample.as_ref().and_then(|sample| sample.context().get(key));
        match value {
            Some(ContextValue::One(value)) => is(value),
            Some(ContextValue::Many(_)) | None => Bound::Absent,
        }
    }

    fn bind_name(&mut self, keys: &Keys, names: &Names) {
        let [arn, account, user_name] = match (&self.principal, self.known) {
            (Principal::RoleSession { account, .. }, Known::Kind) => {
                let (part, account) = account_part(*account, names, keys.account);
                let steps = [Step::Run(path()), Step::One(name())];
                let steps = steps.into_iter().map(Token::Step).collect();
                let row = [prefix("iam", &part, "role/"), steps].concat();
                let mut arn = named_none(vec![Text::new(row)], names);
                if let Bound::Texts { none, .. } = &mut arn {
                    let linked = Pattern::glob("*:role/aws-service-role/*");
                    none.push(Text::Plain(linked));
                }
                [arn, account, Bound::Absent]
            }
            (Principal::User { account, .. }, Known::Kind) => user(*account, keys, names),
            (Principal::RoleSession { role, account, .. }, Known::Session) => {
                [session_of(role, names), is(account.as_str()), Bound::Absent]
            }
            (Principal::Root { account, .. }, Known::Kind) => {
                let (part, account) = account_part(*account, names, keys.account);
                let row = prefix("iam", &part, "root");
                [
                    named_none(vec![Text::new(row)], names),
                    account,
                    Bound::Absent,
                ]
            }
            (Principal::FederatedUser { account, .. }, Known::Kind) => {
                let (part, account) = account_part(*account, names, keys.account);
                let steps = [Step::One(name()), Step::Run(name())];
                let steps = steps.into_iter().map(Token::Step).collect();
                let row = [prefix("sts", &part, "federated-user/"), steps].concat();
                [
                    named_none(vec![Text::new(row)], names),
                    account,
                    Bound::Absent,
                ]
            }
            _ => [ARN, ACCOUNT, USER_NAME].map(|key| self.fixed(key)),
        };
        self.keys.insert(keys.arn, arn);
        self.keys.insert(keys.account, account);
        self.keys.insert(keys.user_name, user_name);
    }

    fn bind_id(&self, names: &Names, account_key: KeyId) -> Bound {
        if let Some(id) = &self.user_id {
            return match id.split_once(':') {
                Some((role, _)) => Bound::Texts {
                    all: vec![vec![Text::Plain(Pattern::glob(&format!("{role}:*")))]],
                    none: Vec::new(),
                },
                None => is(id),
            };
        }
        match &self.principal {
            Principal::User { .. } | Principal::RoleSession { .. } => {
                let both = |id: &String| [id.clone(), format!("{id}:*")];
                let none: Vec<Text> = names
                    .unique_ids()
                    .flat_map(both)
                    .map(|glob| Text::Plain(Pattern::glob(&glob)))
                    .collect();
                match none.is_empty() {
                    true => Bound::Free,
                    false => Bound::Texts {
                        all: Vec::new(),
                        none,
                    },
                }
            }
            Principal::Root { account, .. } if self.known == Known::Kind => {
                let (part, _) = account_part(*account, names, account_key);
                one_of(vec![Text::new(part)])
            }
            Principal::FederatedUser { account, .. } if self.known == Known::Kind => {
                let (part, _) = account_part(*account, names, account_key);
                let steps = [
                    Step::One(Set::One(':')),
                    Step::One(name()),
                    Step::Run(name()),
                ];
                let steps = steps.into_iter().map(Token::Step).collect();
                one_of(vec![Text::new([part, steps].concat())])
            }
            _ => self.fixed(USER_ID),
        }
    }
}

/// What follows from being a user: the ARN ends in the name, with a path before it or without.
fn user(account: AccountId, keys: &Keys, names: &Names) -> [Bound; 3] {
    let (part, account) = account_part(account, names, keys.account);
    let own = Token::Key(Variable {
        key: keys.user_name,
        default: None,
        segment: false,
        fold: false,
    });
    let plain = [prefix("iam", &part, "user/"), vec![own.clone()]].concat();
    let steps = [
        Step::One(name()),
        Step::Run(path()),
        Step::One(Set::One('/')),
    ];
    let steps = steps.into_iter().map(Token::Step).collect();
    let with_path = [prefix("iam", &part, "user/"), steps, vec![own]].concat();
    let rows = vec![Text::new(plain), Text::new(with_path)];
    let letters = Pattern::repeated(&name(), 1, Some(64));
    let user_name = one_of(vec![Text::Plain(letters)]);
    [named_none(rows, names), account, user_name]
}

/// The ARN of the role of a session: the session's own does not tell its path.
fn session_of(role: &Arn, names: &Names) -> Bound {
    let last = role.resource().rsplit('/').next().unwrap_or("");
    let (start, _) = role.as_str().rsplit_once("role/").unwrap_or(("", ""));
    let start = Pattern::literal(&format!("{start}role/")).steps;
    let steps = [
        Step::One(name()),
        Step::Run(path()),
        Step::One(Set::One('/')),
    ];
    let end = Pattern::literal(last).steps;
    let plain = [start.as_slice(), &end].concat();
    let with_path = [start.as_slice(), &steps, &end].concat();
    let rows = [plain, with_path].map(|steps| Text::Plain(Pattern { steps }));
    named_none(rows.to_vec(), names)
}

fn one_of(texts: Vec<Text>) -> Bound {
    Bound::Texts {
        all: vec![texts],
        none: Vec::new(),
    }
}

/// The name of a service that no policy names.
fn other_service(names: &Names) -> Bound {
    let letters = Set::ranges(vec![('a', 'z'), ('0', '9'), ('-', '.')]);
    let lower = names
        .services()
        .map(|name| Text::literal(&name.to_ascii_lowercase()));
    Bound::Texts {
        all: vec![vec![Text::Plain(Pattern::repeated(&letters, 1, None))]],
        none: lower.collect(),
    }
}

fn is(text: &str) -> Bound {
    Bound::Texts {
        all: vec![vec![Text::literal(text)]],
        none: Vec::new(),
    }
}

/// One of these, and none that a policy names.
fn named_none(rows: Vec<Text>, names: &Names) -> Bound {
    Bound::Texts {
        all: vec![rows],
        none: names.arns.iter().map(|arn| Text::literal(arn)).collect(),
    }
}

/// The characters of names (IAM User Guide, "IAM and AWS STS quotas", names).
fn name() -> Set {
    Set::ranges(vec![
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
    Set::ranges(vec![
        ('0', '9'),
        ('A', 'Z'),
        ('a', 'z'),
        ('+', '/'),
        ('=', '='),
        ('@', '@'),
        ('_', '_'),
    ])
}

/// How an account stands in an ARN, and what follows for its key: one that policies name is itself, the stranger's is every
/// other.
fn account_part(account: AccountId, names: &Names, key: KeyId) -> (Vec<Token>, Bound) {
    if names.accounts.contains(&account) {
        let part = literal(account.as_str()).map(Token::Step).collect();
        return (part, is(account.as_str()));
    }
    let digits = Pattern::repeated(&Set::ranges(vec![('0', '9')]), 12, Some(12));
    let bound = Bound::Texts {
        all: vec![vec![Text::Plain(digits)]],
        none: names
            .accounts
            .iter()
            .map(|a| Text::literal(a.as_str()))
            .collect(),
    };
    let own = Token::Key(Variable {
        key,
        default: None,
        segment: true,
        fold: false,
    });
    (vec![own], bound)
}

/// `arn:PARTITION:SERVICE::ACCOUNT:` and the kind.
fn prefix(service: &str, account: &[Token], kind: &str) -> Vec<Token> {
    let partition = Set::ranges(vec![('a', 'z'), ('-', '-')]);
    let mut tokens: Vec<Token> = literal("arn:aws").map(Token::Step).collect();
    tokens.push(Token::Step(Step::Run(partition)));
    let service = format!(":{service}::");
    tokens.extend(literal(&service).map(Token::Step));
    tokens.extend(account.iter().cloned());
    tokens.extend(literal(":").chain(literal(kind)).map(Token::Step));
    tokens
}

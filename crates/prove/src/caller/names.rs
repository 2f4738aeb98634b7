//! The callers that policies name, and one of every kind that they do not.

use super::{Caller, Known, Who};
use policy::document::PrincipalEntry;
use policy::view::Statement;
use policy::{AccountId, Arn, Principal};
use std::collections::BTreeSet;

/// Whom policies name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) arns: BTreeSet<String>,
    ids: BTreeSet<String>,
    services: BTreeSet<String>,
    providers: BTreeSet<String>,
}

/// Accounts for callers whom nobody names.
const STRANGERS: [&str; 4] = [
    "111122223333",
    "444455556666",
    "777788889999",
    "121212121212",
];

impl Names {
    /// Whether policies name nobody.
    pub(crate) fn is_empty(&self) -> bool {
        let texts = [&self.arns, &self.ids, &self.services, &self.providers];
        self.accounts.is_empty() && texts.iter().all(|names| names.is_empty())
    }

    /// Adds whom a statement names.
    pub(crate) fn read(&mut self, statement: Statement<'_>) {
        for entry in statement.principals().into_iter().flatten() {
            match entry {
                PrincipalEntry::Account(id) => self.accounts.extend(AccountId::parse(id)),
                PrincipalEntry::Arn(arn) => {
                    let account = Arn::parse(arn).ok();
                    let account = account.and_then(|arn| AccountId::parse(arn.account()));
                    self.accounts.extend(account);
                    self.arns.insert(arn.clone());
                }
                PrincipalEntry::UniqueId(id) => {
                    self.ids.insert(id.clone());
                }
                PrincipalEntry::Service(name) => {
                    self.services.insert(name.clone());
                }
                PrincipalEntry::Federated(provider) => {
                    self.providers.insert(provider.clone());
                }
                PrincipalEntry::Everyone
                | PrincipalEntry::EveryoneAws
                | PrincipalEntry::CanonicalUser(_) => {}
            }
        }
    }

    /// An account that nobody names, in which strangers live.
    pub(crate) fn stranger(&self) -> Option<AccountId> {
        let mut known = STRANGERS.iter().filter_map(|text| AccountId::parse(text));
        known
            .find(|account| !self.accounts.contains(account))
            .or_else(|| {
                let others = (0_u64..).map(|n| format!("{:012}", 555_500_000_000 + n));
                others
                    .take(self.accounts.len() + 1)
                    .filter_map(|text| AccountId::parse(&text))
                    .find(|account| !self.accounts.contains(account))
            })
    }

    pub(super) fn unique_ids(&self) -> impl Iterator<Item = &String> {
        self.ids.iter()
    }

    /// One caller of each kind; those that read best in an example first.
    pub(crate) fn callers(&self, who: Who) -> Vec<Caller> {
        let mut all = Vec::new();
        let stranger = self.stranger();
        let accounts: Vec<AccountId> = stranger
            .into_iter()
            .chain(self.accounts.iter().copied())
            .collect();
        for account in &accounts {
            all.extend(self.unnamed(*account, "role"));
            all.extend(self.unnamed(*account, "user"));
        }
        self.named(&mut all);
        for account in accounts {
            all.extend(self.unnamed_federated(account));
            if who == Who::Everybody {
                let known = match self.accounts.contains(&account) {
                    true => Known::Whole,
                    false => Known::Kind,
                };
                all.extend(
                    Principal::root("aws", account)
                        .ok()
                        .map(|p| Caller::new(p, known)),
                );
            }
        }
        if who == Who::Everybody {
            self.outsiders(&mut all);
        }
        all
    }

    /// A role or user of an account that no policy names.
    fn unnamed(&self, account: AccountId, kind: &str) -> Option<Caller> {
        let name = self.fresh(|name| format!("arn:aws:iam::{account}:{kind}/{name}"))?;
        let principal = match kind {
            "role" => session(&format!("arn:aws:iam::{account}:role/{name}"), "example")?,
            _ => Principal::parse(&format!("arn:aws:iam::{account}:user/{name}")).ok()?,
        };
        Some(Caller::new(principal, Known::Kind))
    }

    fn unnamed_federated(&self, account: AccountId) -> Option<Caller> {
        let arn = |name: &str| format!("arn:aws:sts::{account}:federated-user/{name}");
        let name = self.fresh(arn)?;
        Some(Caller::new(
            Principal::parse(&arn(&name)).ok()?,
            Known::Kind,
        ))
    }

    /// A name that makes no ARN that a policy names.
    fn fresh(&self, arn: impl Fn(&str) -> String) -> Option<String> {
        let names = (0..=self.arns.len()).map(|n| match n {
            0 => "example".to_owned(),
            n => format!("example{n}"),
        });
        names
            .into_iter()
            .find(|name| !self.arns.contains(&arn(name)))
    }

    fn named(&self, all: &mut Vec<Caller>) {
        for text in &self.arns {
            let Ok(principal) = Principal::parse(text) else {
                continue;
            };
            match &principal {
                Principal::RoleSession { session: None, .. } => {
                    all.extend(session(text, "example").map(|p| Caller::new(p, Known::Whole)));
                }
                Principal::RoleSession { role, .. } => self.sessions(&principal, role, all),
                Principal::User { arn, account } => {
                    let own = format!("arn:aws:sts::{account}:federated-user/example");
                    let federated = Principal::parse(&own).ok();
                    let with_parent = federated.map(|p| p.with_parent(arn.clone(), None));
                    all.extend(with_parent.map(|p| Caller::new(p, Known::Kind)));
                    all.push(Caller::new(principal, Known::Whole));
                }
                _ => all.push(Caller::new(principal, Known::Whole)),
            }
        }
        let accounts: Vec<AccountId> = self
            .stranger()
            .into_iter()
            .chain(self.accounts.iter().copied())
            .collect();
        for id in &self.ids {
            let is_role = id.starts_with("AROA");
            let kind = if is_role { "role" } else { "user" };
            for mut caller in accounts
                .iter()
                .filter_map(|account| self.unnamed(*account, kind))
            {
                caller.user_id = Some(match is_role {
                    true => format!("{id}:session"),
                    false => id.clone(),
                });
                all.push(caller);
            }
        }
    }

    /// A named session: of each role of its name that policies name, and of one that they do not, wherever its path.
    fn sessions(&self, principal: &Principal, own: &Arn, all: &mut Vec<Caller>) {
        let last = own.resource().rsplit('/').next().unwrap_or("");
        let known = |role: &Arn| {
            role.account() == own.account()
                && role.resource().starts_with("role/")
                && role.resource().rsplit('/').next() == Some(last)
        };
        let roles = self.arns.iter().filter_map(|role| Arn::parse(role).ok());
        for role in roles.filter(known) {
            let with_role = principal.clone().with_role(&role);
            all.push(Caller::new(with_role, Known::Whole));
        }
        let (start, _) = own.as_str().rsplit_once("role/").unwrap_or(("", ""));
        let paths = (0..=self.arns.len() + 1).map(|n| match n {
            0 => String::new(),
            n => format!("example{n}/"),
        });
        let unnamed = paths
            .map(|path| format!("{start}role/{path}{last}"))
            .find(|arn| !self.arns.contains(arn))
            .and_then(|arn| Arn::parse(&arn).ok());
        if let Some(role) = unnamed {
            let with_role = principal.clone().with_role(&role);
            all.push(Caller::new(with_role, Known::Session));
        }
    }

    fn outsiders(&self, all: &mut Vec<Caller>) {
        for name in &self.services {
            all.push(Caller::new(Principal::service(name), Known::Whole));
        }
        if let Some(name) = unlike(&self.services, ".amazonaws.com") {
            all.push(Caller::new(Principal::service(&name), Known::Kind));
        }
        let other = unlike(&self.providers, ".com");
        for name in self.providers.iter().chain(&other) {
            let principal = Principal::Federated {
                provider: name.as_str().into(),
            };
            all.push(Caller::new(principal, Known::Whole));
        }
        all.push(Caller::new(Principal::Anonymous, Known::Whole));
    }

    /// The services that policies name.
    pub(super) fn services(&self) -> impl Iterator<Item = &String> {
        self.services.iter()
    }
}

/// A name that is not among these, whatever its case.
fn unlike(known: &BTreeSet<String>, ending: &str) -> Option<String> {
    let names = (0..=known.len()).map(|n| match n {
        0 => format!("example{ending}"),
        n => format!("example{n}{ending}"),
    });
    let is_new = |name: &String| !known.iter().any(|known| known.eq_ignore_ascii_case(name));
    names.into_iter().find(is_new)
}

/// A session of a role.
pub(crate) fn session(role: &str, name: &str) -> Option<Principal> {
    let Principal::RoleSession { role, account, .. } = Principal::parse(role).ok()? else {
        return None;
    };
    let last = role.resource().rsplit('/').next()?;
    let own = format!(
        "arn:{}:sts::{account}:assumed-role/{last}/{name}",
        role.partition()
    );
    Some(Principal::RoleSession {
        session: Some(Arn::parse(&own).ok()?),
        role,
        account,
    })
}

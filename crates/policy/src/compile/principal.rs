//! Whom a statement of a resource's policy is for (IAM User Guide, "Principal").

use crate::arn::AccountId;
use crate::document::{Effect, PrincipalElement, PrincipalEntry};
use crate::names::Name;
use crate::request::{Context, ContextValue, Principal, Request};

/// How strongly a statement's Allow reaches the caller. Later is stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// The account is named: its own policies decide.
    Delegated,
    /// The role is named (or the user behind a federated session): boundary and session policies still limit it.
    AsRole,
    /// The caller itself is named, or everyone.
    Direct,
}

/// A compiled `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrincipalMatcher {
    not: bool,
    entries: Box<[Entry]>,
    user_id: Name,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Everyone,
    Account(AccountId),
    Arn(Box<str>),
    UniqueId(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    Nobody,
}

impl PrincipalMatcher {
    pub(crate) fn new(element: &PrincipalElement) -> Self {
        let entries = element.entries.iter().map(|entry| match &entry.value {
            PrincipalEntry::Everyone | PrincipalEntry::EveryoneAws => Entry::Everyone,
            PrincipalEntry::Account(id) => {
                AccountId::parse(id).map_or(Entry::Nobody, Entry::Account)
            }
            PrincipalEntry::Arn(arn) => Entry::Arn(arn.as_str().into()),
            PrincipalEntry::UniqueId(id) => Entry::UniqueId(id.as_str().into()),
            PrincipalEntry::Service(name) => Entry::Service(name.as_str().into()),
            PrincipalEntry::Federated(provider) => Entry::Federated(provider.as_str().into()),
            PrincipalEntry::CanonicalUser(_) => Entry::Nobody,
        });
        Self {
            not: element.not,
            entries: entries.collect(),
            user_id: Name::new("aws:userid"),
        }
    }

    /// Whether the element takes in the caller, and how strongly.
    pub(crate) fn matches(
        &self,
        request: &Request,
        effect: Effect,
        has_boundary: bool,
    ) -> Option<Grant> {
        let principal = &request.principal;
        let id = unique_id(&request.context, &self.user_id);
        if !self.not {
            return self
                .entries
                .iter()
                .filter_map(|entry| entry.matches(principal, id))
                .max();
        }
        let listed = |level: Grant| {
            self.entries
                .iter()
                .any(|entry| match entry.matches(principal, id) {
                    Some(Grant::Direct) if matches!(entry, Entry::Everyone) => true,
                    found => found == Some(level),
                })
        };
        let exempt = match effect {
            Effect::Allow => [Grant::Delegated, Grant::AsRole, Grant::Direct]
                .into_iter()
                .any(listed),
            Effect::Deny => {
                let nameable = !has_boundary && !matches!(principal, Principal::Anonymous);
                nameable && levels(principal).iter().all(|level| listed(*level))
            }
        };
        (!exempt).then_some(Grant::Direct)
    }
}

/// The identity levels of a caller, each of which a Deny with `NotPrincipal` must list to exempt it. The root behind a
/// federated session is its account.
fn levels(principal: &Principal) -> &'static [Grant] {
    match principal {
        Principal::Anonymous | Principal::Service { .. } | Principal::Federated { .. } => {
            &[Grant::Direct]
        }
        Principal::Root { .. } => &[Grant::Delegated],
        Principal::User { .. } => &[Grant::Delegated, Grant::Direct],
        Principal::FederatedUser { parent, .. } => match parent {
            Some(parent) if parent.resource() != "root" => {
                &[Grant::Delegated, Grant::AsRole, Grant::Direct]
            }
            _ => &[Grant::Delegated, Grant::Direct],
        },
        Principal::RoleSession { session: None, .. } => &[Grant::Delegated, Grant::AsRole],
        Principal::RoleSession { .. } => &[Grant::Delegated, Grant::AsRole, Grant::Direct],
    }
}

/// `AIDA…` or `AROA…`: what stands before the colon of `aws:userid`.
fn unique_id<'a>(context: &'a Context, key: &Name) -> Option<&'a str> {
    match context.find(key) {
        Some(ContextValue::One(value)) => value.split(':').next().filter(|id| !id.is_empty()),
        _ => None,
    }
}

impl Entry {
    fn matches(&self, principal: &Principal, id: Option<&str>) -> Option<Grant> {
        match self {
            Self::Everyone => Some(Grant::Direct),
            Self::Account(account) => {
                (principal.account() == Some(*account)).then_some(Grant::Delegated)
            }
            Self::Arn(arn) => arn_grant(arn, principal),
            Self::UniqueId(wanted) => match principal {
                Principal::User { .. } if id == Some(wanted) => Some(Grant::Direct),
                Principal::RoleSession { .. } if id == Some(wanted) => Some(Grant::AsRole),
                Principal::FederatedUser {
                    parent_id: Some(parent),
                    ..
                } if parent == wanted => Some(Grant::AsRole),
                _ => None,
            },
            Self::Service(wanted) => match principal {
                Principal::Service { name } if name.eq_ignore_ascii_case(wanted) => {
                    Some(Grant::Direct)
                }
                _ => None,
            },
            Self::Federated(wanted) => match principal {
                Principal::Federated { provider } if provider == wanted => Some(Grant::Direct),
                _ => None,
            },
            Self::Nobody => None,
        }
    }
}

fn arn_grant(named: &str, principal: &Principal) -> Option<Grant> {
    match principal {
        Principal::User { arn, .. } => (arn.as_str() == named).then_some(Grant::Direct),
        Principal::RoleSession { role, session, .. } => {
            if session
                .as_ref()
                .is_some_and(|session| session.as_str() == named)
            {
                Some(Grant::Direct)
            } else {
                (role.as_str() == named).then_some(Grant::AsRole)
            }
        }
        Principal::FederatedUser { arn, parent, .. } => {
            if arn.as_str() == named {
                Some(Grant::Direct)
            } else {
                parent
                    .as_ref()
                    .filter(|parent| parent.as_str() == named)
                    .map(|_| Grant::AsRole)
            }
        }
        Principal::Root { .. }
        | Principal::Anonymous
        | Principal::Service { .. }
        | Principal::Federated { .. } => None,
    }
}

//! Principals of stored policies, by their unique ids.
//!
//! A policy that names a user or role is kept with the principal's unique id (`AIDA…`, `AROA…`) in
//! the place of its ARN: who takes the name of a deleted principal does not take its place. Whoever
//! reads the policy sees the ARN while the principal lives, and the bare id afterwards; a policy with
//! a principal that does not exist is refused (IAM User Guide, "AWS JSON policy elements:
//! Principal").
//!
//! A service that stores policies of its resources keeps each as a [`BoundPolicy`], made by [`bind`]
//! in the transaction that stores it, asks the engine with [`BoundPolicy::text`] and answers with
//! [`BoundPolicy::shown`]. Its records implement [`HoldsPolicies`].

mod index;

pub use index::{PrincipalKind, PrincipalName, enter, enter_all, leave};

use policy::document::{Document, PrincipalEntry};
use policy::text::Span;
use policy::{AccountId, Arn, PolicySet, PolicyType};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, OnceLock};
use store::{Key, Read, Record, Scan, Write};

use crate::error::ApiError;
use crate::identity::Role;
use crate::platform::Platform;

/// What stands for a principal that was gone before ids were kept. No principal has these ids: their
/// digits are not of the alphabet of unique ids.
const GONE_USER: &str = "AIDA00000000000000000";
const GONE_ROLE: &str = "AROA00000000000000000";

/// A policy with principals, as it is kept: users and roles stand in it by their unique ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundPolicy {
    text: String,
    #[serde(skip)]
    compiled: Kept,
    /// It was stored when principals were kept by their ARNs, and not bound since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_name: bool,
}

/// What a text compiles to. It follows from the text alone, and changes with it.
#[derive(Clone, Default)]
struct Kept(OnceLock<(PolicyType, &'static str, Arc<PolicySet>)>);

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// Why a policy cannot be bound.
#[derive(Debug)]
pub enum Unbound {
    /// This principal does not exist.
    NoSuchPrincipal(String),
    /// The state cannot be read, or the text is no policy.
    Failed(ApiError),
}

impl Unbound {
    /// The error to answer with, where `refuse` says in the service's own words that a principal
    /// does not exist.
    #[must_use]
    pub fn or(self, refuse: impl FnOnce(&str) -> ApiError) -> ApiError {
        match self {
            Self::NoSuchPrincipal(principal) => refuse(&principal),
            Self::Failed(error) => error,
        }
    }
}

impl From<store::Error> for Unbound {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Binds the users and roles that `text`, a policy of this type, names. An account's id becomes the
/// ARN of its root, as AWS writes it.
///
/// # Errors
/// When one of the users or roles does not exist.
pub fn bind(
    tx: &dyn Read,
    partition: &str,
    kind: PolicyType,
    text: &str,
) -> Result<BoundPolicy, Unbound> {
    let text = rewrite(kind, text, |entry, written| match entry {
        PrincipalEntry::Account(id) if written == *id => {
            Ok(Some(format!("arn:{partition}:iam::{id}:root")))
        }
        PrincipalEntry::Arn(arn) => match Named::parse(arn) {
            Some(named) => match named.id(tx, partition)? {
                Some(id) => Ok(Some(id)),
                None => Err(Unbound::NoSuchPrincipal(arn.clone())),
            },
            None => Ok(None),
        },
        PrincipalEntry::UniqueId(id) => match index::find(tx, partition, id)? {
            Some(_) => Ok(None),
            None => Err(Unbound::NoSuchPrincipal(id.clone())),
        },
        _ => Ok(None),
    })?;
    Ok(BoundPolicy {
        text,
        compiled: Kept::default(),
        by_name: false,
    })
}

impl BoundPolicy {
    /// The policy as the engine evaluates it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The policy as the engine evaluates it, under the name that explanations call it. It is compiled once for
    /// all who read the same record.
    ///
    /// # Errors
    /// When it does not compile; it did when it was stored, so the call fails.
    pub fn compiled(
        &self,
        platform: &Platform,
        kind: PolicyType,
        name: &'static str,
    ) -> Result<Arc<PolicySet>, ApiError> {
        if let Some((as_kind, as_name, set)) = self.compiled.0.get()
            && (*as_kind, *as_name) == (kind, name)
        {
            return Ok(Arc::clone(set));
        }
        let set = platform.resource_policy(kind, name, &self.text)?;
        // Should it be kept as another already, this one is not.
        drop(self.compiled.0.set((kind, name, Arc::clone(&set))));
        Ok(set)
    }

    /// The policy as its readers see it: with the ARN of each user and role that lives.
    ///
    /// # Errors
    /// When the store fails.
    pub fn shown(&self, tx: &dyn Read, partition: &str) -> Result<String, ApiError> {
        // What may have principals can be read as a resource's policy, whatever its type.
        let shown = rewrite(PolicyType::Resource, &self.text, |entry, _| match entry {
            PrincipalEntry::UniqueId(id) => Ok(index::find(tx, partition, id)?),
            _ => Ok(None),
        });
        shown.map_err(|unbound| unbound.or(|id| ApiError::internal(id)))
    }

    /// Binds what was stored by name. Who is gone by now stays gone.
    fn bind_late(
        &mut self,
        tx: &dyn Read,
        partition: &str,
        kind: PolicyType,
    ) -> Result<bool, ApiError> {
        if !self.by_name {
            return Ok(false);
        }
        let bound = rewrite(kind, &self.text, |entry, _| match entry {
            PrincipalEntry::Arn(arn) => match Named::parse(arn) {
                Some(named) => Ok(Some(match named.id(tx, partition)? {
                    Some(id) => id,
                    None => named.gone().to_owned(),
                })),
                None => Ok(None),
            },
            _ => Ok(None),
        });
        *self = Self {
            text: bound.map_err(|unbound| unbound.or(|id| ApiError::internal(id)))?,
            compiled: Kept::default(),
            by_name: false,
        };
        Ok(true)
    }
}

/// Puts other texts in the place of the principals of a policy, and leaves the rest as it is.
/// `replace` gets each principal and how it is written.
fn rewrite(
    kind: PolicyType,
    text: &str,
    mut replace: impl FnMut(&PrincipalEntry, &str) -> Result<Option<String>, Unbound>,
) -> Result<String, Unbound> {
    let document = Document::parse(text, kind).map_err(|rejected| {
        let reason = format!("a stored policy cannot be read: {rejected}");
        Unbound::Failed(ApiError::internal(reason))
    })?;
    let mut replaced: Vec<(Span, String)> = Vec::new();
    let statements = document.statements.iter();
    for element in statements.filter_map(|statement| statement.principal.as_ref()) {
        for entry in &element.entries {
            let written = document.source.slice(entry.span).trim_matches('"');
            if let Some(new) = replace(&entry.value, written)? {
                replaced.push((entry.span, new));
            }
        }
    }
    replaced.sort_by_key(|(span, _)| *span);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (span, new) in replaced {
        out.push_str(text.get(at..span.start as usize).unwrap_or_default());
        out.push('"');
        out.push_str(&new);
        out.push('"');
        at = span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Ok(out)
}

/// A user or role that an ARN names.
struct Named<'a> {
    arn: &'a str,
    account: AccountId,
    kind: PrincipalKind,
    name: String,
}

impl<'a> Named<'a> {
    /// `None` for sessions and whatever else is no user or role.
    fn parse(text: &'a str) -> Option<Self> {
        let arn = Arn::parse(text).ok()?;
        let (kind, path) = arn.resource().split_once('/')?;
        let kind = match (arn.service(), kind) {
            ("iam", "user") => PrincipalKind::User,
            ("iam", "role") => PrincipalKind::Role,
            _ => return None,
        };
        Some(Self {
            arn: text,
            account: AccountId::parse(arn.account())?,
            kind,
            name: path.rsplit('/').next()?.to_owned(),
        })
    }

    /// The unique id, if there is this very user or role.
    fn id(&self, tx: &dyn Read, partition: &str) -> Result<Option<String>, store::Error> {
        let named = index::load(tx, partition, self.account, self.kind, &self.name)?;
        Ok(named.filter(|(arn, _)| arn == self.arn).map(|(_, id)| id))
    }

    fn gone(&self) -> &'static str {
        match self.kind {
            PrincipalKind::User => GONE_USER,
            PrincipalKind::Role => GONE_ROLE,
        }
    }
}

/// A record in which policies with principals are kept.
pub trait HoldsPolicies: Record {
    /// The type of its policies.
    const POLICY: PolicyType;

    /// Its policies.
    fn policies_mut(&mut self) -> impl Iterator<Item = &mut BoundPolicy>;
}

impl HoldsPolicies for Role {
    const POLICY: PolicyType = PolicyType::Trust;

    fn policies_mut(&mut self) -> impl Iterator<Item = &mut BoundPolicy> {
        std::iter::once(&mut self.trust)
    }
}

/// Reads a record of the format in which the policy in `member` (a text, or null) was kept by the
/// names of its principals.
///
/// # Errors
/// When it is no such record.
pub fn upgrade<T: serde::de::DeserializeOwned>(
    json: &[u8],
    member: &str,
) -> Result<T, serde_json::Error> {
    let mut record: serde_json::Value = serde_json::from_slice(json)?;
    if let Some(policy) = record.get_mut(member).filter(|policy| policy.is_string()) {
        *policy = serde_json::json!({"text": policy.take(), "by_name": true});
    }
    serde_json::from_value(record)
}

/// Binds the policies of all records of a kind that were stored by name.
///
/// # Errors
/// When the store fails, or a policy is none.
pub fn bind_all<T: HoldsPolicies>(tx: &mut dyn Write, partition: &str) -> Result<(), ApiError> {
    let all = Scan::under(&Key::default());
    for mut entry in tx.scan::<T>(&all)? {
        let mut changed = false;
        for policy in entry.value.policies_mut() {
            changed |= policy.bind_late(&*tx, partition, T::POLICY)?;
        }
        if changed {
            tx.put(&entry.key, &entry.value)?;
        }
    }
    Ok(())
}

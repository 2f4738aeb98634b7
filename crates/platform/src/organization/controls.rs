//! What organizations mean for an account, as authorization needs it.

use policy::{AccountId, Document, NamedPolicy, PolicySet};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Read, Record as _, Scan};

use super::{Attachment, ControlPolicy, ControlType, Epoch, Member, Organization, Unit};
use crate::error::ApiError;

/// How deep an account can lie below the root; AWS allows five units.
const DEPTH: usize = 16;

/// An account's place in its organization, and the policies that bound it from above.
#[derive(Debug)]
pub struct Controls {
    organization: String,
    path: String,
    service_control: Vec<PolicySet>,
    resource_control: Vec<PolicySet>,
}

impl Controls {
    /// The organization's id: `aws:PrincipalOrgID`, `aws:ResourceOrgID`.
    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// The way from the organization down to the account's parent, `o-…/r-…/ou-…/`:
    /// `aws:PrincipalOrgPaths`, `aws:ResourceOrgPaths`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The service control policies, one set a level, from the root down; none for the account that
    /// manages the organization.
    #[must_use]
    pub fn service_control(&self) -> &[PolicySet] {
        &self.service_control
    }

    /// The resource control policies, as the service control policies.
    #[must_use]
    pub fn resource_control(&self) -> &[PolicySet] {
        &self.resource_control
    }

    fn load(tx: &dyn Read, account: AccountId) -> Result<Option<Self>, ApiError> {
        let Some(member) = tx.get::<Member>(&Member::key(account))? else {
            return Ok(None);
        };
        let id = member.organization;
        let organization: Option<Organization> = tx.get(&Organization::key(&id))?;
        let organization = organization.ok_or_else(|| {
            ApiError::internal(format!(
                "the organization `{id}` of the account `{account}` is missing"
            ))
        })?;
        let levels = levels(tx, &organization, &member.parent)?;
        let path = levels
            .iter()
            .fold(format!("{id}/"), |path, level| path + level + "/");
        let sets = |kind: ControlType| -> Result<Vec<PolicySet>, ApiError> {
            let bound = organization.management != account.as_str();
            if !bound || !organization.enabled.contains(&kind) {
                return Ok(Vec::new());
            }
            let nodes = levels.iter().map(String::as_str).chain([account.as_str()]);
            let sets = nodes.map(|node| set(tx, &id, node, kind));
            sets.filter(|set| !set.as_ref().is_ok_and(|set| bounds_nothing(set, kind)))
                .collect()
        };
        Ok(Some(Self {
            service_control: sets(ControlType::ServiceControl)?,
            resource_control: sets(ControlType::ResourceControl)?,
            organization: id.clone(),
            path,
        }))
    }
}

/// Whether a level needs no look at all: only AWS's own policy is there.
fn bounds_nothing(set: &PolicySet, kind: ControlType) -> bool {
    let full = kind.full_access();
    let own = |policy: &NamedPolicy| policy.document.source.text() == full.document;
    match (set.policies(), kind) {
        ([only], _) => own(only),
        ([], ControlType::ResourceControl) => true,
        _ => false,
    }
}

/// The ids of the root and the units from it down to `parent`.
fn levels(
    tx: &dyn Read,
    organization: &Organization,
    parent: &str,
) -> Result<Vec<String>, ApiError> {
    let mut levels = vec![parent.to_owned()];
    let mut at = parent.to_owned();
    while at != organization.root {
        let unit: Option<Unit> = tx.get(&Unit::key(&organization.id, &at))?;
        let unit = unit.filter(|_| levels.len() < DEPTH).ok_or_else(|| {
            ApiError::internal(format!("the unit `{at}` of an organization is missing"))
        })?;
        levels.push(unit.parent.clone());
        at = unit.parent;
    }
    levels.reverse();
    Ok(levels)
}

/// The policies that are attached to one root, unit or account. Without any, an account may do nothing.
fn set(
    tx: &dyn Read,
    organization: &str,
    node: &str,
    kind: ControlType,
) -> Result<PolicySet, ApiError> {
    let under = Scan::under(&Attachment::of_target(organization, node, kind));
    let mut policies = Vec::new();
    for attachment in tx.scan::<Attachment>(&under)? {
        let id = attachment.value.policy;
        let full = kind.full_access();
        let (name, text) = if id == full.id {
            (full.name.to_owned(), full.document.to_owned())
        } else {
            let policy: Option<ControlPolicy> = tx.get(&ControlPolicy::key(organization, &id))?;
            let missing = || ApiError::internal(format!("the policy `{id}` is missing"));
            let policy = policy.ok_or_else(missing)?;
            (policy.name, policy.document)
        };
        let document = Document::parse(&text, kind.policy_type()).map_err(|_| {
            ApiError::internal(format!("the stored policy `{name}` cannot be read"))
        })?;
        policies.push(NamedPolicy::new(name, document));
    }
    Ok(PolicySet::compile(policies))
}

/// The controls of accounts, kept while no organization changes.
#[derive(Default)]
pub(crate) struct Cache {
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    /// The number of the change after which these were made.
    epoch: u64,
    accounts: HashMap<AccountId, Arc<Controls>>,
}

impl Cache {
    /// The controls of an account as `tx` sees them; `None` when it is in no organization.
    pub(crate) fn of(
        &self,
        tx: &dyn Read,
        account: AccountId,
    ) -> Result<Option<Arc<Controls>>, ApiError> {
        let epoch = tx.last_change(Epoch::KIND)?;
        if epoch == 0 {
            return Ok(None);
        }
        {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            if held.epoch == epoch
                && let Some(found) = held.accounts.get(&account)
            {
                return Ok(Some(Arc::clone(found)));
            }
        }
        let Some(loaded) = Controls::load(tx, account)?.map(Arc::new) else {
            return Ok(None);
        };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.epoch < epoch {
            held.epoch = epoch;
            held.accounts.clear();
        }
        if held.epoch == epoch {
            held.accounts.insert(account, Arc::clone(&loaded));
        }
        Ok(Some(loaded))
    }
}

//! The policies of callers, compiled.

use policy::{AccountId, PolicySet, PolicyType};
use std::sync::Arc;
use store::Read;

use super::Layers;
use crate::compiled::{Compiled, Named};
use crate::error::ApiError;
use crate::identity::{Attachments, Group, managed_document};
use crate::platform::Platform;
use crate::session::Claims;

/// The compiled identity policies and boundary of a user, who is in these groups, or of a role.
pub(super) fn attached(
    platform: &Platform,
    tx: &dyn Read,
    account: AccountId,
    policies: &Attachments,
    groups: &[String],
) -> Result<Layers, ApiError> {
    let groups = groups
        .iter()
        .filter_map(|name| tx.get::<Group>(&Group::key(account, name)).transpose())
        .collect::<Result<Vec<_>, _>>()?;
    let holders = || std::iter::once(policies).chain(groups.iter().map(|group| &group.policies));
    let mut managed = Vec::new();
    for held in holders() {
        managed.extend(documents(platform, tx, account, &held.managed)?);
    }
    let inline = holders().flat_map(|held| &held.inline);
    let inline = inline.map(|(name, text)| (name.as_str(), text.as_str()));
    let all: Vec<Named<'_>> = inline.chain(borrowed(&managed)).collect();
    let boundary = match &policies.boundary {
        // A boundary whose policy is gone bounds to nothing.
        Some(arn) => {
            let held = documents(platform, tx, account, std::slice::from_ref(arn))?;
            let held: Vec<Named<'_>> = borrowed(&held).collect();
            Some(set(platform.compiled(), PolicyType::Boundary, &held)?)
        }
        None => None,
    };
    Ok(Layers {
        identity: Some(set(platform.compiled(), PolicyType::Identity, &all)?),
        boundary,
        session: None,
    })
}

/// The session policies as one layer: inline and managed ones together.
pub(super) fn session_layer(
    platform: &Platform,
    tx: &dyn Read,
    account: AccountId,
    claims: &Claims,
) -> Result<Option<Arc<PolicySet>>, ApiError> {
    if claims.policy.is_none() && claims.policy_arns.is_empty() {
        return Ok(None);
    }
    let managed = documents(platform, tx, account, &claims.policy_arns)?;
    let inline = claims
        .policy
        .as_deref()
        .map(|text| ("session policy", text));
    let all: Vec<Named<'_>> = inline.into_iter().chain(borrowed(&managed)).collect();
    set(platform.compiled(), PolicyType::Session, &all).map(Some)
}

/// ARNs and documents of managed policies; one that does not exist is left out and allows nothing.
fn documents(
    platform: &Platform,
    tx: &dyn Read,
    account: AccountId,
    arns: &[String],
) -> Result<Vec<(String, String)>, ApiError> {
    let mut found = Vec::with_capacity(arns.len());
    for arn in arns {
        if let Some(document) = managed_document(tx, platform.partition(), account, arn)? {
            found.push((arn.clone(), document));
        }
    }
    Ok(found)
}

fn borrowed(owned: &[(String, String)]) -> impl Iterator<Item = Named<'_>> {
    owned
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
}

pub(super) fn set(
    compiled: &Compiled,
    kind: PolicyType,
    policies: &[Named<'_>],
) -> Result<Arc<PolicySet>, ApiError> {
    compiled.set(kind, policies).map_err(|unreadable| {
        ApiError::internal(format!(
            "the stored policy `{}` cannot be read",
            unreadable.name
        ))
    })
}

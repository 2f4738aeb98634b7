//! The organization as a blueprint wants it.
//!
//! Its accounts belong to it, below the root, and the policies that the blueprint names bind each of them. What the
//! blueprint does not name is left alone.

use blueprint::{Blueprint, Control, ControlKind};
use platform::ApiError;
use platform::desired::Wanting;
use platform::id;
use platform::organization::{ControlPolicy, ControlType, Member, Organization, touch};
use policy::AccountId;
use store::{Key, Scan};

use super::index;

/// Makes the organization, has the accounts belong to it, and attaches its policies to them.
///
/// # Errors
/// What cannot be: an account of another organization, another management account.
pub fn organization(wanting: &mut Wanting<'_>, blueprint: &Blueprint) -> Result<(), ApiError> {
    let Some(wanted) = &blueprint.organization else {
        return match blueprint.controls.is_empty() {
            true => Ok(()),
            false => Err(ApiError::validation(
                "guard rails bind the accounts of an organization, and the blueprint describes none: add \
                 `[organization]` with its `id` and `management_account`, or leave `[guard_rails]` out",
            )),
        };
    };
    let Some(management) = &wanted.management_account else {
        return Err(ApiError::validation(format!(
            "the organization `{}` has no management account, which its policies would leave alone: add \
             `management_account` to `[organization]`",
            wanted.id
        )));
    };
    let before = wanting.changes;
    let organization = found(wanting, &wanted.id, management)?;
    let mut nodes = Vec::new();
    for account in &blueprint.accounts {
        nodes.push(member(wanting, &organization, &account.id, &account.name)?);
    }
    // It belongs to its organization whether or not the blueprint has anything in it.
    member(wanting, &organization, management, "management")?;
    defaults(wanting, &organization)?;
    for control in &blueprint.controls {
        let policy = control_policy(wanting, &organization, control)?;
        for node in nodes.iter().filter(|node| node.as_str() != management) {
            let pair = (policy.kind, policy.id.as_str());
            if index::attach(wanting.tx, &organization.id, node.as_str(), pair)? {
                wanting.changes += 1;
            }
        }
    }
    if wanting.changes > before {
        touch(wanting.tx)?;
    }
    Ok(())
}

/// The organization, made where it is missing, with both types of policies in force.
fn found(wanting: &mut Wanting<'_>, id: &str, management: &str) -> Result<Organization, ApiError> {
    let key = Organization::key(id);
    let old: Option<Organization> = wanting.tx.get(&key)?;
    if let Some(other) = old.as_ref().filter(|old| old.management != management) {
        return Err(ApiError::validation(format!(
            "the organization `{id}` is managed by {}, and the blueprint wants {management}",
            other.management
        )));
    }
    let mut new = match &old {
        Some(old) => old.clone(),
        None => Organization {
            id: id.to_owned(),
            management: management.to_owned(),
            root: format!("r-{}", id::lower(wanting.platform.random(), 4)?),
            all_features: true,
            enabled: Vec::new(),
        },
    };
    new.all_features = true;
    for kind in ControlType::ALL {
        if !new.enabled.contains(&kind) {
            new.enabled.push(kind);
        }
    }
    wanting.put(&key, old.as_ref(), &new)?;
    Ok(new)
}

/// Has an account belong to the organization, under this name where it does not yet; its id.
fn member(
    wanting: &mut Wanting<'_>,
    organization: &Organization,
    account: &str,
    name: &str,
) -> Result<AccountId, ApiError> {
    let id = AccountId::parse(account)
        .ok_or_else(|| ApiError::validation(format!("`{account}` is no account id")))?;
    let old: Option<Member> = wanting.tx.get(&Member::key(id))?;
    match old {
        Some(old) if old.organization != organization.id => Err(ApiError::validation(format!(
            "the account {id} belongs to the organization `{}` already",
            old.organization
        ))),
        Some(_) => Ok(id),
        None => {
            let new = Member {
                organization: organization.id.clone(),
                parent: organization.root.clone(),
                name: name.to_owned(),
                email: None,
                invited: account != organization.management,
                joined: wanting.platform.now(),
                tags: Vec::new(),
            };
            index::put_member(wanting.tx, id, None, &new)?;
            wanting.changes += 1;
            Ok(id)
        }
    }
}

/// Attaches to everything without a policy of a type what AWS attaches: nothing would be allowed there otherwise.
fn defaults(wanting: &mut Wanting<'_>, organization: &Organization) -> Result<(), ApiError> {
    for target in index::everything(&*wanting.tx, organization)? {
        for kind in ControlType::ALL {
            if !index::has_any(&*wanting.tx, &organization.id, &target, kind)? {
                let full = kind.full_access().id;
                index::attach(wanting.tx, &organization.id, &target, (kind, full))?;
                wanting.changes += 1;
            }
        }
    }
    Ok(())
}

/// The policy of this name and type, with the text that is wanted.
fn control_policy(
    wanting: &mut Wanting<'_>,
    organization: &Organization,
    wanted: &Control,
) -> Result<ControlPolicy, ApiError> {
    let kind = match wanted.kind {
        ControlKind::Service => ControlType::ServiceControl,
        ControlKind::Resource => ControlType::ResourceControl,
    };
    let under = Scan::under(&Key::new([&organization.id]));
    let held = wanting.tx.scan::<ControlPolicy>(&under)?.into_iter();
    let mut held = held.map(|entry| entry.value);
    let old = held.find(|it| it.name == wanted.name && it.kind == kind);
    let mut new = match &old {
        Some(old) => old.clone(),
        None => ControlPolicy {
            id: format!("p-{}", id::lower(wanting.platform.random(), 8)?),
            name: wanted.name.clone(),
            description: "Made from the blueprint".to_owned(),
            kind,
            document: String::new(),
            tags: Vec::new(),
        },
    };
    new.document.clone_from(&wanted.document.text);
    let key = ControlPolicy::key(&organization.id, &new.id);
    wanting.put(&key, old.as_ref(), &new)?;
    Ok(new)
}

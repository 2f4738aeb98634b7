//! What is found from elsewhere: what is in a unit, what a policy is attached to.

use platform::ApiError;
use platform::organization::{Attachment, ControlType, Member, Organization, Unit};
use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Record, Scan, Write};

/// Something in a root or unit, found from there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Child {
    pub(super) id: String,
}

impl Record for Child {
    const KIND: &'static str = "organizations-child";
    const VERSION: u32 = 1;
}

/// What can be in a root or unit.
#[derive(Clone, Copy)]
pub(super) enum ChildKind {
    Account,
    Unit,
}

impl ChildKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Account => "ACCOUNT",
            Self::Unit => "ORGANIZATIONAL_UNIT",
        }
    }
}

impl Child {
    pub(super) fn of_parent(organization: &str, parent: &str, kind: ChildKind) -> Key {
        Key::new([organization, parent, kind.as_str()])
    }
}

/// An account of an organization, found from there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccountOf {
    pub(super) account: String,
}

impl Record for AccountOf {
    const KIND: &'static str = "organizations-account-of";
    const VERSION: u32 = 1;
}

/// What a policy is attached to, found from the policy.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AttachedTo {
    pub(super) target: String,
}

impl Record for AttachedTo {
    const KIND: &'static str = "organizations-attached-to";
    const VERSION: u32 = 1;
}

impl AttachedTo {
    pub(super) fn of_policy(organization: &str, policy: &str) -> Key {
        Key::new([organization, policy])
    }
}

fn put_child(
    tx: &mut dyn Write,
    (organization, parent, kind): (&str, &str, ChildKind),
    id: &str,
) -> Result<(), ApiError> {
    let key = Child::of_parent(organization, parent, kind).child(id);
    Ok(tx.put(&key, &Child { id: id.to_owned() })?)
}

fn drop_child(
    tx: &mut dyn Write,
    (organization, parent, kind): (&str, &str, ChildKind),
    id: &str,
) -> Result<(), ApiError> {
    tx.delete::<Child>(&Child::of_parent(organization, parent, kind).child(id))?;
    Ok(())
}

/// Writes an account of an organization in the place of `old`.
pub(super) fn put_member(
    tx: &mut dyn Write,
    account: AccountId,
    old: Option<&Member>,
    new: &Member,
) -> Result<(), ApiError> {
    let organization = new.organization.as_str();
    if let Some(old) = old {
        drop_child(
            tx,
            (organization, &old.parent, ChildKind::Account),
            account.as_str(),
        )?;
    }
    put_child(
        tx,
        (organization, &new.parent, ChildKind::Account),
        account.as_str(),
    )?;
    let of = AccountOf {
        account: account.to_string(),
    };
    tx.put(&Key::new([organization, account.as_str()]), &of)?;
    Ok(tx.put(&Member::key(account), new)?)
}

/// Removes an account from its organization, with all that is attached to it.
pub(super) fn drop_member(
    tx: &mut dyn Write,
    account: AccountId,
    old: &Member,
) -> Result<(), ApiError> {
    let organization = old.organization.as_str();
    drop_child(
        tx,
        (organization, &old.parent, ChildKind::Account),
        account.as_str(),
    )?;
    detach_all(tx, organization, account.as_str())?;
    tx.delete::<AccountOf>(&Key::new([organization, account.as_str()]))?;
    tx.delete::<Member>(&Member::key(account))?;
    Ok(())
}

/// Writes a unit. Units do not move.
pub(super) fn put_unit(
    tx: &mut dyn Write,
    organization: &str,
    unit: &Unit,
) -> Result<(), ApiError> {
    put_child(tx, (organization, &unit.parent, ChildKind::Unit), &unit.id)?;
    Ok(tx.put(&Unit::key(organization, &unit.id), unit)?)
}

/// Removes a unit, with all that is attached to it.
pub(super) fn drop_unit(
    tx: &mut dyn Write,
    organization: &str,
    unit: &Unit,
) -> Result<(), ApiError> {
    drop_child(tx, (organization, &unit.parent, ChildKind::Unit), &unit.id)?;
    detach_all(tx, organization, &unit.id)?;
    tx.delete::<Unit>(&Unit::key(organization, &unit.id))?;
    Ok(())
}

/// Attaches a policy; `false` when it already is.
pub(super) fn attach(
    tx: &mut dyn Write,
    organization: &str,
    target: &str,
    (kind, policy): (ControlType, &str),
) -> Result<bool, ApiError> {
    let key = Attachment::of_target(organization, target, kind).child(policy);
    let attachment = Attachment {
        policy: policy.to_owned(),
    };
    let to = AttachedTo {
        target: target.to_owned(),
    };
    tx.put(
        &AttachedTo::of_policy(organization, policy).child(target),
        &to,
    )?;
    Ok(tx.insert(&key, &attachment)?)
}

/// Detaches a policy; `false` when it was not attached.
pub(super) fn detach(
    tx: &mut dyn Write,
    organization: &str,
    target: &str,
    (kind, policy): (ControlType, &str),
) -> Result<bool, ApiError> {
    let key = Attachment::of_target(organization, target, kind).child(policy);
    tx.delete::<AttachedTo>(&AttachedTo::of_policy(organization, policy).child(target))?;
    Ok(tx.delete::<Attachment>(&key)?)
}

fn detach_all(tx: &mut dyn Write, organization: &str, target: &str) -> Result<(), ApiError> {
    detach_kinds(tx, organization, target, &ControlType::ALL)
}

/// Detaches all policies of these types.
pub(super) fn detach_kinds(
    tx: &mut dyn Write,
    organization: &str,
    target: &str,
    kinds: &[ControlType],
) -> Result<(), ApiError> {
    for kind in kinds {
        let under = Scan::under(&Attachment::of_target(organization, target, *kind));
        for entry in tx.scan::<Attachment>(&under)? {
            detach(tx, organization, target, (*kind, &entry.value.policy))?;
        }
    }
    Ok(())
}

/// Attaches to a root, unit or account what AWS attaches to everything.
pub(super) fn attach_defaults(
    tx: &mut dyn Write,
    organization: &Organization,
    target: &str,
) -> Result<(), ApiError> {
    for kind in &organization.enabled {
        let full = kind.full_access().id;
        attach(tx, &organization.id, target, (*kind, full))?;
    }
    Ok(())
}

/// Whether a policy of this type is attached to a root, unit or account.
pub(super) fn has_any(
    tx: &dyn store::Read,
    organization: &str,
    target: &str,
    kind: ControlType,
) -> Result<bool, ApiError> {
    let under = Scan::under(&Attachment::of_target(organization, target, kind));
    Ok(!tx.scan::<Attachment>(&under.limit(1))?.is_empty())
}

/// The root, and all units and accounts of an organization.
pub(super) fn everything(
    tx: &dyn store::Read,
    organization: &Organization,
) -> Result<Vec<String>, ApiError> {
    let mut all = vec![organization.root.clone()];
    let under = Scan::under(&Key::new([&organization.id]));
    let units = tx.scan::<Unit>(&under)?;
    all.extend(units.into_iter().map(|entry| entry.value.id));
    let accounts = tx.scan::<AccountOf>(&under)?;
    all.extend(accounts.into_iter().map(|entry| entry.value.account));
    Ok(all)
}

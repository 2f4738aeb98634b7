//! Whoever holds policies: users, groups and roles, and what is found from the policies' side.
//!
//! [`save`] and [`remove`] are the only ways in which users, groups and roles are written. They keep in step
//! what is derived from the records: who uses a managed policy, who is in a group, how many there are.
//! So no question needs to look at everybody.

use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Scan, Write};

use crate::principal_ids::{self, PrincipalKind};

use super::{Attachments, Group, ManagedPolicy, Membership, Role, Totals, User, of_account};

/// A user, a group or a role.
pub trait PolicyHolder: Record + Clone {
    /// `user`, `group` or `role`: in ARNs and in the texts of errors.
    const NOUN: &'static str;

    /// Its name.
    fn name(&self) -> &str;
    /// Its path.
    fn path(&self) -> &str;
    /// Its unique id.
    fn id(&self) -> &str;
    /// Its policies.
    fn policies(&self) -> &Attachments;
    /// The groups it is in.
    fn groups(&self) -> &[String] {
        &[]
    }
    /// What kind of principal it is, if it is one.
    const PRINCIPAL: Option<PrincipalKind>;

    /// How many there are of its kind.
    fn count(totals: &mut Totals) -> &mut u64;
}

macro_rules! holder {
    ($type:ident, $noun:literal, $principal:expr, $count:ident $(, $groups:ident)?) => {
        impl PolicyHolder for $type {
            const NOUN: &'static str = $noun;
            const PRINCIPAL: Option<PrincipalKind> = $principal;

            fn name(&self) -> &str {
                &self.name
            }
            fn path(&self) -> &str {
                &self.path
            }
            fn id(&self) -> &str {
                &self.id
            }
            fn policies(&self) -> &Attachments {
                &self.policies
            }
            $(fn groups(&self) -> &[String] {
                &self.$groups
            })?
            fn count(totals: &mut Totals) -> &mut u64 {
                &mut totals.$count
            }
        }
    };
}

holder!(User, "user", Some(PrincipalKind::User), users, groups);
holder!(Group, "group", None, groups);
holder!(Role, "role", Some(PrincipalKind::Role), roles);

/// As what a managed policy is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// It is attached.
    Permissions,
    /// It is the permissions boundary.
    Boundary,
}

impl Usage {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Permissions, Self::Boundary];

    fn as_str(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Boundary => "boundary",
        }
    }
}

/// One use of a managed policy, found from the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyUse {
    /// The name of who uses it.
    pub name: String,
    /// Its path.
    pub path: String,
    /// Its unique id.
    pub id: String,
}

impl Record for PolicyUse {
    const KIND: &'static str = "iam-policy-use";
    const VERSION: u32 = 1;
}

impl PolicyUse {
    /// The key under which those of a kind (`user`, `group`, `role`) stand who use a policy.
    #[must_use]
    pub fn of_policy(account: AccountId, arn: &str, usage: Usage, noun: &str) -> Key {
        Key::new([account.as_str(), arn, usage.as_str(), noun])
    }
}

/// How often a managed policy is used in an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// By how many users, groups and roles it is held.
    pub attached: u64,
    /// Of how many users and roles it is the boundary.
    pub bounding: u64,
}

impl Record for Uses {
    const KIND: &'static str = "iam-policy-uses";
    const VERSION: u32 = 1;
}

impl Uses {
    /// The key under which the policies in use in an account stand, by ARN.
    #[must_use]
    pub fn key(account: AccountId, arn: &str) -> Key {
        of_account(account).child(arn)
    }

    /// How often the policy is used in the account.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of(tx: &dyn Read, account: AccountId, arn: &str) -> Result<Self, store::Error> {
        Ok(tx.get(&Self::key(account, arn))?.unwrap_or_default())
    }

    fn change(
        tx: &mut dyn Write,
        account: AccountId,
        arn: &str,
        usage: Usage,
        by: i64,
    ) -> Result<(), store::Error> {
        let key = Self::key(account, arn);
        let mut uses: Self = tx.get(&key)?.unwrap_or_default();
        let count = match usage {
            Usage::Permissions => &mut uses.attached,
            Usage::Boundary => &mut uses.bounding,
        };
        *count = count.saturating_add_signed(by);
        if uses == Self::default() {
            tx.delete::<Self>(&key).map(|_| ())
        } else {
            tx.put(&key, &uses)
        }
    }
}

/// Writes a user, group or role in the place of `old`, which may have had another name or path.
///
/// # Errors
/// When the store fails.
pub fn save<H: PolicyHolder>(
    tx: &mut dyn Write,
    account: AccountId,
    old: Option<&H>,
    new: &H,
) -> Result<(), store::Error> {
    let key = super::named(account, new.name());
    match old {
        Some(old) => {
            let moved = super::named(account, old.name()) != key;
            if moved {
                tx.delete::<H>(&super::named(account, old.name()))?;
            }
            let same = !moved && old.name() == new.name() && old.path() == new.path();
            let kept = |a: &H, b: &H| -> Derived {
                let mut all = Derived::of(a);
                if same {
                    let other = Derived::of(b);
                    all.uses.retain(|it| !other.uses.contains(it));
                    all.groups.retain(|it| !other.groups.contains(it));
                }
                all
            };
            kept(old, new).remove(tx, account, old)?;
            kept(new, old).put(tx, account, new)?;
        }
        None => {
            Totals::change(tx, account, |totals| *H::count(totals) += 1)?;
            Derived::of(new).put(tx, account, new)?;
        }
    }
    if let Some(kind) = H::PRINCIPAL
        && old.is_none_or(|old| old.name() != new.name())
    {
        principal_ids::enter(tx, account, kind, new.id(), new.name())?;
    }
    tx.put(&key, new)
}

/// Removes a user, group or role.
///
/// # Errors
/// When the store fails.
pub fn remove<H: PolicyHolder>(
    tx: &mut dyn Write,
    account: AccountId,
    old: &H,
) -> Result<(), store::Error> {
    Derived::of(old).remove(tx, account, old)?;
    tx.delete::<H>(&super::named(account, old.name()))?;
    if H::PRINCIPAL.is_some() {
        principal_ids::leave(tx, old.id())?;
    }
    Totals::change(tx, account, |totals| {
        let count = H::count(totals);
        *count = count.saturating_sub(1);
    })
}

/// Derives everything anew, in a state from before it was kept.
///
/// # Errors
/// When the store fails.
pub fn derive_all(tx: &mut dyn Write) -> Result<(), store::Error> {
    derive_kind::<User>(tx)?;
    derive_kind::<Group>(tx)?;
    derive_kind::<Role>(tx)?;
    for entry in tx.scan::<ManagedPolicy>(&Scan::under(&Key::default()))? {
        if let Some(account) = account_of(&entry.key) {
            entry.value.save(tx, account, None)?;
        }
    }
    Ok(())
}

fn derive_kind<H: PolicyHolder>(tx: &mut dyn Write) -> Result<(), store::Error> {
    for entry in tx.scan::<H>(&Scan::under(&Key::default()))? {
        if let Some(account) = account_of(&entry.key) {
            save(tx, account, None, &entry.value)?;
        }
    }
    Ok(())
}

fn account_of(key: &Key) -> Option<AccountId> {
    AccountId::parse(key.parts().first()?)
}

/// What is derived from one record.
struct Derived {
    uses: Vec<(Usage, String)>,
    groups: Vec<String>,
}

impl Derived {
    fn of<H: PolicyHolder>(holder: &H) -> Self {
        let held = holder.policies();
        let managed = held.managed.iter();
        let mut uses: Vec<(Usage, String)> = managed
            .map(|arn| (Usage::Permissions, arn.clone()))
            .collect();
        uses.extend(
            held.boundary
                .iter()
                .map(|arn| (Usage::Boundary, arn.clone())),
        );
        Self {
            uses,
            groups: holder.groups().to_vec(),
        }
    }

    fn put<H: PolicyHolder>(
        &self,
        tx: &mut dyn Write,
        account: AccountId,
        holder: &H,
    ) -> Result<(), store::Error> {
        let row = PolicyUse {
            name: holder.name().to_owned(),
            path: holder.path().to_owned(),
            id: holder.id().to_owned(),
        };
        for (usage, arn) in &self.uses {
            let key = PolicyUse::of_policy(account, arn, *usage, H::NOUN);
            tx.put(&key.child(holder.name().to_ascii_lowercase()), &row)?;
            Uses::change(tx, account, arn, *usage, 1)?;
        }
        for group in &self.groups {
            let user = holder.name().to_owned();
            let key = Membership::key(account, group, &user);
            tx.put(&key, &Membership { user })?;
        }
        Ok(())
    }

    fn remove<H: PolicyHolder>(
        &self,
        tx: &mut dyn Write,
        account: AccountId,
        holder: &H,
    ) -> Result<(), store::Error> {
        for (usage, arn) in &self.uses {
            let key = PolicyUse::of_policy(account, arn, *usage, H::NOUN);
            tx.delete::<PolicyUse>(&key.child(holder.name().to_ascii_lowercase()))?;
            Uses::change(tx, account, arn, *usage, -1)?;
        }
        for group in &self.groups {
            tx.delete::<Membership>(&Membership::key(account, group, holder.name()))?;
        }
        Ok(())
    }
}

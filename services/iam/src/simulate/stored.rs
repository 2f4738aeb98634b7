//! What is kept of the resource of a simulated request: its owner, its tags and its policy.
//!
//! Services know what they keep. Of another account's resource the simulation says whether it would be
//! allowed, which the simulated principal could find out by trying, and nothing else of its policy.

use platform::identity::Role;
use platform::{ApiError, Call, Target};
use policy::{AccountId, Action, Arn, PolicySet, Resource};

use super::super::entity::{find, no_such};

/// What is kept of a resource.
#[derive(Default)]
pub(super) struct Stored {
    target: Option<Target>,
    /// Whether the resource is another account's.
    pub(super) hidden: bool,
}

/// Which resource is asked for, and by whom.
pub(super) struct Wanted<'w> {
    pub(super) action: &'w Action,
    pub(super) resource: &'w Resource,
    /// The account of the simulated principal.
    pub(super) asker: AccountId,
    /// The owner in the input.
    pub(super) owner: Option<AccountId>,
}

impl Stored {
    /// Looks for the resource.
    ///
    /// # Errors
    /// When it is a role of the caller's account that does not exist, or the store fails.
    pub(super) fn find(call: &Call<'_>, wanted: &Wanted<'_>) -> Result<Self, ApiError> {
        let Resource::Arn(arn) = wanted.resource else {
            return Ok(Self::default());
        };
        let assumes = wanted.action.service() == "sts";
        let target = call.platform().resource(call, arn, wanted.asker)?;
        let Some(target) = target else {
            return if assumes {
                must_exist(call, arn).map(|()| Self::default())
            } else {
                Ok(Self::default())
            };
        };
        let Some(owner) = target.owner() else {
            return Ok(Self::default());
        };
        let own = call.account();
        let other = wanted.owner.is_some_and(|told| told != owner);
        if other || owner != own && wanted.asker != own {
            return Ok(Self::default());
        }
        // Only who assumes a role meets its trust policy.
        let target = if arn.service() == "iam" && !assumes {
            target.without_policy()
        } else {
            target
        };
        Ok(Self {
            target: Some(target),
            hidden: owner != own,
        })
    }

    pub(super) fn policy(&self) -> Option<&PolicySet> {
        self.target.as_ref()?.attached().map(|policy| &**policy)
    }

    pub(super) fn owner(&self) -> Option<AccountId> {
        self.target.as_ref()?.owner()
    }

    /// The keys of its tags.
    pub(super) fn keys(&self) -> impl Iterator<Item = (String, &str)> {
        self.target.iter().flat_map(Target::tag_keys)
    }

    /// What the caller may know of it: of another account's resource whose it is.
    pub(super) fn told(&self) -> Self {
        let target = self.target.clone();
        Self {
            target: match self.hidden {
                true => target.map(|target| target.without_policy().without_tags()),
                false => target,
            },
            hidden: self.hidden,
        }
    }
}

/// Refuses a role of the caller's account that is not there.
fn must_exist(call: &Call<'_>, arn: &Arn) -> Result<(), ApiError> {
    let path = arn.resource().strip_prefix("role/");
    let own = arn.account() == call.account().as_str() && arn.service() == "iam";
    let Some(path) = path.filter(|_| own) else {
        return Ok(());
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    match find::<Role>(call.state(), call.account(), name)? {
        Some(_) => Ok(()),
        None => Err(no_such(format!(
            "The role with name {name} cannot be found."
        ))),
    }
}

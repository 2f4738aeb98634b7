//! The caller's organization, and what stands in it by its id.

use platform::identity::Tag;
use platform::organization::{ControlType, Member, Organization, Unit, touch};
use platform::{ApiError, Call, Check, Checks, Permitted, Target};
use policy::AccountId;
use store::{Read, Write};

use super::error;

/// The organization of the caller's account.
pub(super) fn find(tx: &dyn Read, call: &Call<'_>) -> Result<Option<Organization>, ApiError> {
    let Some(member) = tx.get::<Member>(&Member::key(call.account()))? else {
        return Ok(None);
    };
    Ok(tx.get(&Organization::key(&member.organization))?)
}

/// The organization of the caller's account, which must have one.
pub(super) fn need(tx: &dyn Read, call: &Call<'_>) -> Result<Organization, ApiError> {
    find(tx, call)?.ok_or_else(error::not_in_use)
}

/// What stands for the ARN of something that is to be made, of which the id is not known yet; `None` when
/// the caller's account is in no organization.
pub(super) fn any(call: &Call<'_>, kind: &str) -> Result<Option<String>, ApiError> {
    let organization = find(call.state(), call)?;
    let arn = |it: Organization| in_organization(call, &it, kind, &format!("{}/*", it.id));
    Ok(organization.map(arn))
}

/// Runs `body` in a transaction with the organization, after which the next request sees what changed.
pub(super) fn change<T>(
    call: &Permitted<Call<'_>>,
    body: impl FnOnce(&mut dyn Write, &Organization) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    call.write(|tx| {
        let organization = need(&*tx, call)?;
        let done = body(tx, &organization)?;
        touch(tx)?;
        Ok(done)
    })
}

/// The operation's own action on nothing in particular, by any account of the organization.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(check(call, Target::any())?.into())
}

/// The same, by the account that manages the organization.
pub(super) fn may_manage(call: &Call<'_>) -> Result<Checks, ApiError> {
    managed(call)?;
    may(call)
}

/// As [`may_manage`], with the type of policies that the input names.
pub(super) fn may_manage_type(call: &Call<'_>, member: &str) -> Result<Checks, ApiError> {
    managed(call)?;
    let check = check(call, Target::any())?;
    Ok(check
        .key_if("organizations:PolicyType", call.input().str(member))
        .into())
}

/// The operation's own action on everything whose ids stand in these members of the input, by the
/// account that manages the organization.
pub(super) fn may_manage_on(call: &Call<'_>, members: &[&str]) -> Result<Checks, ApiError> {
    let Some(organization) = managed(call)? else {
        return may(call);
    };
    let mut checks: Option<Checks> = None;
    for id in members.iter().filter_map(|member| call.input().str(member)) {
        let arn = arn(call, &organization, id)?;
        let tags = Thing::find(call.state(), &organization, id)?;
        let tags = tags.map_or_else(Vec::new, |thing| thing.tags().to_vec());
        let target = Target::arn(&arn)?.tagged("organizations", &tags);
        let one = check(call, target)?.key_if(
            "organizations:PolicyType",
            policy_type(call, &organization, id)?,
        );
        checks = Some(match checks {
            None => one.into(),
            Some(checks) => checks.and(one),
        });
    }
    checks.map_or_else(|| may(call), Ok)
}

pub(super) fn check(call: &Call<'_>, target: Target) -> Result<Check, ApiError> {
    Ok(Check::of(call.action(), target))
}

/// The organization, if the caller's account manages it; `None` when the caller's account is in none.
pub(super) fn managed(call: &Call<'_>) -> Result<Option<Organization>, ApiError> {
    match find(call.state(), call)? {
        Some(it) if it.management != call.account().as_str() => Err(error::not_management()),
        other => Ok(other),
    }
}

/// Something that policies are attached to.
pub(super) enum Node {
    Root(String),
    Unit(Unit),
    Account(AccountId, Box<Member>),
}

impl Node {
    pub(super) fn find(
        tx: &dyn Read,
        organization: &Organization,
        id: &str,
    ) -> Result<Option<Self>, ApiError> {
        if id == organization.root {
            return Ok(Some(Self::Root(id.to_owned())));
        }
        if let Some(account) = AccountId::parse(id) {
            let member: Option<Member> = tx.get(&Member::key(account))?;
            let member = member.filter(|member| member.organization == organization.id);
            return Ok(member.map(|member| Self::Account(account, Box::new(member))));
        }
        let unit: Option<Unit> = tx.get(&Unit::key(&organization.id, id))?;
        Ok(unit.map(Self::Unit))
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Root(id) => id,
            Self::Unit(unit) => &unit.id,
            Self::Account(id, _) => id.as_str(),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Root(_) => "ROOT",
            Self::Unit(_) => "ORGANIZATIONAL_UNIT",
            Self::Account(..) => "ACCOUNT",
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Root(_) => "Root",
            Self::Unit(unit) => &unit.name,
            Self::Account(_, member) => &member.name,
        }
    }

    /// Whether accounts and units can be in it.
    pub(super) fn is_parent(&self) -> bool {
        !matches!(self, Self::Account(..))
    }
}

/// Something with tags.
pub(super) enum Thing {
    Unit(Unit),
    Account(AccountId, Box<Member>),
    Policy(Box<platform::organization::ControlPolicy>),
    Root,
}

impl Thing {
    pub(super) fn find(
        tx: &dyn Read,
        organization: &Organization,
        id: &str,
    ) -> Result<Option<Self>, ApiError> {
        if id.starts_with("p-") {
            let policy = super::policy::find(tx, organization, id)?;
            return Ok(policy.map(|policy| Self::Policy(Box::new(policy))));
        }
        Ok(Node::find(tx, organization, id)?.map(|node| match node {
            Node::Root(_) => Self::Root,
            Node::Unit(unit) => Self::Unit(unit),
            Node::Account(id, member) => Self::Account(id, member),
        }))
    }

    pub(super) fn tags(&self) -> &[Tag] {
        match self {
            Self::Unit(unit) => &unit.tags,
            Self::Account(_, member) => &member.tags,
            Self::Policy(policy) => &policy.tags,
            Self::Root => &[],
        }
    }
}

/// The ARN of what has this id, whether or not it is there.
pub(super) fn arn(
    call: &Call<'_>,
    organization: &Organization,
    id: &str,
) -> Result<String, ApiError> {
    if id.starts_with("p-") {
        return super::policy::arn(call.state(), call, organization, id);
    }
    let kind = match id.get(..2) {
        Some("r-") => "root",
        Some("ou") => "ou",
        Some("h-") => "handshake",
        _ => "account",
    };
    let rest = match kind {
        "handshake" => format!("{}/invite/{id}", organization.id),
        _ => format!("{}/{id}", organization.id),
    };
    Ok(in_organization(call, organization, kind, &rest))
}

/// The ARN of something of the organization.
pub(super) fn in_organization(
    call: &Call<'_>,
    organization: &Organization,
    kind: &str,
    rest: &str,
) -> String {
    format!(
        "arn:{}:organizations::{}:{kind}/{rest}",
        call.platform().partition(),
        organization.management
    )
}

/// The type of the policy with this id if it is one, or else of the policy that the input names or asks
/// for.
fn policy_type(
    call: &Call<'_>,
    organization: &Organization,
    id: &str,
) -> Result<Option<&'static str>, ApiError> {
    let id = match call.input().str("PolicyId") {
        Some(policy) if !id.starts_with("p-") => policy,
        _ => id,
    };
    let named = ControlType::ALL
        .iter()
        .find(|kind| kind.full_access().id == id)
        .copied();
    let kind = match named {
        Some(kind) => Some(kind),
        None => super::policy::find(call.state(), organization, id)?.map(|policy| policy.kind),
    };
    let asked = call
        .input()
        .str("PolicyType")
        .or_else(|| call.input().str("Filter"))
        .and_then(kind_of);
    Ok(kind.or(asked).map(ControlType::as_str))
}

/// The type that the API calls so.
pub(super) fn kind_of(text: &str) -> Option<ControlType> {
    ControlType::ALL
        .into_iter()
        .find(|kind| kind.as_str() == text)
}

/// The type in a member of the input. The API has more of them than bear on authorization.
pub(super) fn kind(call: &Call<'_>, member: &str) -> Result<ControlType, ApiError> {
    let text = call.text(member)?;
    kind_of(text).ok_or_else(|| ApiError::unsupported(&format!("the policy type {text}")))
}

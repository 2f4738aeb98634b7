//! From a wish to a session.

use jiff::Timestamp;
use policy::{AccountId, Arn, PolicyType};
use store::Read;

use super::draft::Draft;
use super::{CHAINED_SECONDS, DEFAULT_SECONDS, Wish, packed};
use crate::authorize::{self, Permitted};
use crate::call::Call;
use crate::caller::Identity;
use crate::error::ApiError;
use crate::identity::{Role, Tag, tag_value};
use crate::operation::{Check, Checks};
use crate::platform::Platform;
use crate::resource::Target;
use crate::session::{Bearer, Claims, Federation, Session, Studio};

/// A role and what becomes of a session of it, before anybody allowed it.
pub(super) struct Plan {
    pub(super) wish: Wish,
    account: AccountId,
    /// The role, if there is one. The checks of one that does not exist are denied like those of
    /// one that does not trust the caller.
    role: Option<Role>,
    /// The source identity that the session will have.
    source_identity: Option<String>,
    /// The tags that come from the assuming session.
    inherited: Vec<Tag>,
    chained: bool,
    origin: Origin,
}

/// By what right the role is assumed.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// With the assuming caller's own credentials.
    Caller,
    /// By a service as itself, perhaps for a Studio application. Callers cannot ask for one.
    Service(Option<Studio>),
    /// With the token of an identity provider.
    Provider(Federation),
}

impl Origin {
    /// The action that is asked on the role.
    fn action(&self) -> &'static str {
        match self {
            Self::Caller | Self::Service(_) => "sts:AssumeRole",
            Self::Provider(_) => "sts:AssumeRoleWithWebIdentity",
        }
    }
}

impl Plan {
    pub(super) fn new(
        tx: &dyn Read,
        partition: &str,
        wish: Wish,
        from: Option<&Claims>,
        origin: Origin,
    ) -> Result<Self, ApiError> {
        // Only a session of a role hands anything on; that of a user is as the user.
        let from = from.filter(|claims| claims.is_of_role());
        wish.validate(from)?;
        let (account, name) = parse_role_arn(&wish.role_arn)?;
        let role: Option<Role> = tx.get(&Role::key(account, &name))?;
        let role = role.filter(|role| role.arn(partition, account) == wish.role_arn);
        let inherited = from.and_then(|claims| claims.source_identity.clone());
        Ok(Self {
            source_identity: inherited.or_else(|| wish.source_identity.clone()),
            inherited: from
                .map(|claims| claims.transitive_tags().cloned().collect())
                .unwrap_or_default(),
            chained: from.is_some(),
            origin,
            account,
            role,
            wish,
        })
    }

    /// The role as the engine sees it: its trust policy and its tags, over which inherited
    /// transitive tags of the same key prevail.
    fn target(&self, platform: &Platform) -> Result<Target, ApiError> {
        let target = Target::arn(&self.wish.role_arn)?
            .owned_by(self.account)
            .listed_as("AWS::IAM::Role");
        let Some(role) = &self.role else {
            return Ok(target);
        };
        let own = role
            .tags
            .iter()
            .map(|tag| match tag_value(&self.inherited, &tag.key) {
                Some(value) => Tag::new(tag.key.clone(), value),
                None => tag.clone(),
            });
        let trust = role
            .trust
            .compiled(platform, PolicyType::Trust, "trust policy")?;
        Ok(target.tagged("iam", &own.collect::<Vec<_>>()).policy(trust))
    }

    pub(super) fn checks(&self, platform: &Platform) -> Result<Checks, ApiError> {
        let target = self.target(platform)?;
        let with_keys = |action: &str| -> Result<Check, ApiError> {
            let wish = &self.wish;
            let transitive: Vec<String> = self
                .inherited
                .iter()
                .map(|tag| tag.key.clone())
                .chain(wish.transitive.iter().cloned())
                .collect();
            let transitive = (!transitive.is_empty()).then_some(transitive);
            Ok(Check::new(action, target.clone())?
                .key("sts:RoleSessionName", wish.session_name.as_str())
                .key_if("sts:SourceIdentity", self.source_identity.as_deref())
                .key_if("sts:ExternalId", wish.external_id.as_deref())
                .key_if("sts:TransitiveTagKeys", transitive)
                .request_tags(&wish.tags))
        };
        let mut checks = Checks::from(with_keys(self.origin.action())?);
        if self.source_identity.is_some() {
            checks = checks.and(with_keys("sts:SetSourceIdentity")?);
        }
        if !self.wish.tags.is_empty() || !self.inherited.is_empty() {
            checks = checks.and(with_keys("sts:TagSession")?);
        }
        Ok(checks)
    }

    /// How long the session lasts.
    fn seconds(&self, role: &Role) -> Result<i64, ApiError> {
        let asked = self.wish.duration.unwrap_or(DEFAULT_SECONDS);
        if self.chained && asked > CHAINED_SECONDS {
            return Err(ApiError::validation(
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed \
                 by role chaining",
            ));
        }
        if asked > role.max_session_duration {
            return Err(ApiError::validation(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            ));
        }
        Ok(asked)
    }
}

/// The checks of a caller's assumption.
///
/// # Errors
/// When the wish is malformed, or asks for another source identity than the caller's session has.
pub fn checks(call: &Call<'_>, wish: Wish) -> Result<Checks, ApiError> {
    plan(call, wish)?.checks(call.platform())
}

fn plan(call: &Call<'_>, wish: Wish) -> Result<Plan, ApiError> {
    let caller = call.caller();
    let origin = match caller.identity() {
        Identity::Root => {
            return Err(ApiError::access_denied(
                "Roles may not be assumed by root accounts.",
            ));
        }
        Identity::Federated(federated) => Origin::Provider(federated.federation.clone()),
        _ => Origin::Caller,
    };
    if let (Some(held), Some(asked)) = (caller.source_identity(), &wish.source_identity)
        && held != asked
    {
        return Err(ApiError::access_denied(format!(
            "User: {} is not authorized to perform: sts:SetSourceIdentity on resource: {}",
            caller.arn(),
            wish.role_arn
        )));
    }
    Plan::new(
        call.state(),
        call.platform().partition(),
        wish,
        caller.claims(),
        origin,
    )
}

/// Assumes a role as the caller.
///
/// # Errors
/// As [`checks`]; AWS's denial; a duration that the role or the chain does not admit.
pub fn assume(call: &Call<'_>, wish: Wish) -> Result<Session, ApiError> {
    let plan = plan(call, wish)?;
    let checks = plan.checks(call.platform())?;
    let permitted = authorize::permit(plan, &checks, |_, check| call.decide(check))?;
    issue(call.platform(), call.time(), &permitted)
}

/// Issues the session of a permitted assumption.
pub(super) fn issue(
    platform: &Platform,
    now: Timestamp,
    plan: &Permitted<Plan>,
) -> Result<Session, ApiError> {
    // The trust policy of a role that does not exist permits nothing, so there is one.
    let role = plan
        .role
        .as_ref()
        .ok_or_else(|| ApiError::internal("a session without role"))?;
    let (wish, session) = (&plan.wish, plan.wish.session_name.clone());
    let tags: Vec<Tag> = plan.inherited.iter().chain(&wish.tags).cloned().collect();
    let packed = packed::percent(wish.policy.as_deref(), &wish.policy_arns, &tags)?;
    let arn = format!(
        "arn:{}:sts::{}:assumed-role/{}/{session}",
        platform.partition(),
        plan.account,
        role.name,
    );
    let user_id = format!("{}:{session}", role.id);
    let bearer = Bearer::Role {
        role: role.name.clone(),
        id: role.id.clone(),
        session,
    };
    let draft = Draft::new(plan.account, bearer, now, plan.seconds(role)?)?;
    let claims = Claims {
        policy: wish.policy.clone(),
        policy_arns: wish.policy_arns.clone(),
        tags,
        transitive: plan
            .inherited
            .iter()
            .map(|tag| tag.key.clone())
            .chain(wish.transitive.iter().cloned())
            .collect(),
        source_identity: plan.source_identity.clone(),
        studio: match &plan.origin {
            Origin::Service(studio) => studio.clone(),
            Origin::Caller | Origin::Provider(_) => None,
        },
        federation: match &plan.origin {
            Origin::Provider(federation) => Some(federation.clone()),
            Origin::Caller | Origin::Service(_) => None,
        },
        ..draft.claims
    };
    Draft { claims }.seal(platform, (arn, user_id), packed, wish.token_size)
}

/// The account and name in a role's ARN.
fn parse_role_arn(text: &str) -> Result<(AccountId, String), ApiError> {
    let invalid = || ApiError::validation(format!("{text} is invalid"));
    let arn = Arn::parse(text).map_err(|_| invalid())?;
    let account = AccountId::parse(arn.account()).ok_or_else(invalid)?;
    let rest = arn.resource().strip_prefix("role/").ok_or_else(invalid)?;
    let name = rest
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .ok_or_else(invalid)?;
    if arn.service() == "iam" && arn.region().is_empty() {
        Ok((account, name.to_owned()))
    } else {
        Err(invalid())
    }
}

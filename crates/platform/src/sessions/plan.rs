//! From a wish to a session.

use jiff::{SignedDuration, Timestamp};
use policy::{AccountId, Arn, PolicyType};
use store::Read;

use super::{CHAINED_SECONDS, DEFAULT_SECONDS, Wish};
use crate::authorize::{self, Permitted};
use crate::call::Call;
use crate::caller::Identity;
use crate::error::ApiError;
use crate::id::{self, Prefix};
use crate::identity::{Role, Tag, tag_value};
use crate::operation::{Check, Checks};
use crate::platform::Platform;
use crate::resource::Target;
use crate::session::{Claims, Session, Studio};

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
    /// The Studio application that the session is for. Callers cannot ask for one; services can.
    studio: Option<Studio>,
}

impl Plan {
    pub(super) fn new(
        tx: &dyn Read,
        partition: &str,
        wish: Wish,
        from: Option<&Claims>,
        studio: Option<Studio>,
    ) -> Result<Self, ApiError> {
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
            studio,
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
        let trust =
            platform.resource_policy(PolicyType::Trust, "trust policy", role.trust.text())?;
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
        let mut checks = Checks::from(with_keys("sts:AssumeRole")?);
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
    if matches!(caller.identity(), Identity::Root) {
        return Err(ApiError::access_denied(
            "Roles may not be assumed by root accounts.",
        ));
    }
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
        None,
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
    let expires = now
        .checked_add(SignedDuration::from_secs(plan.seconds(role)?))
        .map_err(ApiError::internal)?;
    let random = platform.random();
    let access_key_id = id::unique(random, Prefix::TemporaryKey)?;
    let claims = Claims {
        version: Claims::VERSION,
        secret: id::secret_key(random)?,
        account: plan.account.to_string(),
        role: role.name.clone(),
        role_id: role.id.clone(),
        name: plan.wish.session_name.clone(),
        issued: now,
        expires,
        policy: plan.wish.policy.clone(),
        policy_arns: plan.wish.policy_arns.clone(),
        tags: plan
            .inherited
            .iter()
            .chain(&plan.wish.tags)
            .cloned()
            .collect(),
        transitive: plan
            .inherited
            .iter()
            .map(|tag| tag.key.clone())
            .chain(plan.wish.transitive.iter().cloned())
            .collect(),
        source_identity: plan.source_identity.clone(),
        studio: plan.studio.clone(),
    };
    Ok(Session {
        token: claims.seal(platform.sealer(), random, &access_key_id)?,
        access_key_id,
        expires,
        arn: format!(
            "arn:{}:sts::{}:assumed-role/{}/{}",
            platform.partition(),
            plan.account,
            role.name,
            claims.name
        ),
        assumed_role_id: format!("{}:{}", role.id, claims.name),
        source_identity: claims.source_identity,
        secret_access_key: claims.secret,
    })
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

//! Who calls: from an access key to a principal with all its policies.

use policy::{AccountId, Arn, PolicySet, PolicyType, Principal};
use std::sync::Arc;
use store::Read;

use crate::compiled::{Compiled, Named};
use crate::context::ServiceCaller;
use crate::error::ApiError;
use crate::identity::{AccessKey, Attachments, Group, KeyOwner, KeyStatus, Role, Tag, User};
use crate::identity::{managed_document, tag_value};
use crate::organization::Controls;
use crate::platform::Platform;
use crate::session::Claims;

/// What an access key, with its session token, stands for. Nothing about it is proven until the
/// request's signature is checked with its secret.
pub(crate) struct Credential {
    pub(crate) secret: String,
    pub(crate) holder: Holder,
}

/// Who holds a credential.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    Root(AccountId),
    User {
        account: AccountId,
        name: String,
        id: String,
    },
    Session(Arc<Claims>),
    Service(Arc<ServiceCaller>),
    Nobody,
}

/// Why a credential is not accepted.
#[derive(Debug)]
pub(crate) enum Rejected {
    /// No such key, an inactive one, or a token that does not belong to it.
    Unknown,
    /// The session is over.
    Expired,
    Failed(ApiError),
}

impl From<store::Error> for Rejected {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<ApiError> for Rejected {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl Credential {
    /// Looks up an access key, or opens the session token that came with it.
    pub(crate) fn find(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        token: Option<&str>,
    ) -> Result<Self, Rejected> {
        let (secret, holder) = match token {
            Some(token) => session(platform, access_key_id, token)?,
            None => long_term(platform, tx, access_key_id)?,
        };
        Ok(Self { secret, holder })
    }
}

fn session(platform: &Platform, id: &str, token: &str) -> Result<(String, Holder), Rejected> {
    let claims = Claims::open(platform.sealer(), id, token).ok_or(Rejected::Unknown)?;
    Ok((claims.secret.clone(), Holder::Session(Arc::new(claims))))
}

fn long_term(platform: &Platform, tx: &dyn Read, id: &str) -> Result<(String, Holder), Rejected> {
    let key = active_key(tx, id)?;
    let account = AccountId::parse(&key.account).ok_or(Rejected::Unknown)?;
    let secret = platform
        .sealer()
        .open(&AccessKey::purpose(id), &key.sealed_secret)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| ApiError::internal(format!("the secret of access key `{id}` cannot be opened: start with the sealing key that sealed it")))?;
    let holder = match key.owner {
        KeyOwner::Root => Holder::Root(account),
        KeyOwner::User { name, id } => Holder::User { account, name, id },
    };
    Ok((secret, holder))
}

/// A long-term access key that may be used.
fn active_key(tx: &dyn Read, id: &str) -> Result<AccessKey, Rejected> {
    let key: Option<AccessKey> = tx.get(&AccessKey::key(id))?;
    key.filter(|key| key.status == KeyStatus::Active)
        .ok_or(Rejected::Unknown)
}

/// The caller of a request: a principal, what is known about it, and its policies.
#[derive(Clone)]
pub struct Caller {
    pub(crate) identity: Identity,
    pub(crate) principal: Principal,
    pub(crate) account: AccountId,
    pub(crate) access_key_id: String,
    pub(crate) tags: Vec<Tag>,
    pub(crate) layers: Layers,
    /// Of the caller's account, where the caller has one.
    pub(crate) organization: Option<Arc<Controls>>,
}

/// What kind of principal the caller is.
#[derive(Clone, Debug)]
pub enum Identity {
    /// The root user of the account.
    Root,
    /// A user.
    User(Box<User>),
    /// A session of a role.
    Session {
        /// The role, as it is now.
        role: Box<Role>,
        /// What the session token says.
        claims: Arc<Claims>,
    },
    /// A service as itself, from inside the platform.
    Service(Arc<ServiceCaller>),
    /// Nobody in particular: the request is not signed.
    Nobody,
}

/// The caller's own policies.
#[derive(Clone, Default)]
pub(crate) struct Layers {
    pub(crate) identity: Option<Arc<PolicySet>>,
    pub(crate) boundary: Option<Arc<PolicySet>>,
    pub(crate) session: Option<Arc<PolicySet>>,
}

impl Caller {
    /// The account of the caller.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The principal, as the engine knows it.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The caller's ARN as messages and `GetCallerIdentity` show it.
    #[must_use]
    pub fn arn(&self) -> &str {
        self.principal.display_name()
    }

    /// What kind of principal it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The access key that signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The session's claims, when the caller is a session.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        match &self.identity {
            Identity::Session { claims, .. } => Some(claims),
            Identity::Root | Identity::User(_) | Identity::Service(_) | Identity::Nobody => None,
        }
    }

    /// The source identity, when the caller is a session that has one.
    #[must_use]
    pub fn source_identity(&self) -> Option<&str> {
        self.claims()?.source_identity.as_deref()
    }

    /// `aws:userid`: the account for root, `AIDA…`, `AROA…:SESSION`, the name of a
    /// service, or `anonymous`.
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.identity {
            Identity::Root => self.account.to_string(),
            Identity::User(user) => user.id.clone(),
            Identity::Session { claims, .. } => format!("{}:{}", claims.role_id, claims.name),
            Identity::Service(service) => service.service.clone(),
            Identity::Nobody => "anonymous".to_owned(),
        }
    }

    /// The tags of the principal: of the user; of the role, overridden by those of the session.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The caller that holds a verified credential, as of this transaction.
    pub(crate) fn resolve(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Self, Rejected> {
        let mut caller = Self::find(platform, tx, access_key_id, holder)?;
        if let Some(account) = caller.principal.account() {
            caller.organization = platform.controls(tx, account)?;
        }
        Ok(caller)
    }

    fn find(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Self, Rejected> {
        match holder {
            Holder::Root(account) => {
                active_key(tx, access_key_id)?;
                root(platform, *account, access_key_id)
            }
            Holder::User { account, name, id } => {
                active_key(tx, access_key_id)?;
                let user: Option<User> = tx.get(&User::key(*account, name))?;
                let user = user
                    .filter(|user| user.id == *id)
                    .ok_or(Rejected::Unknown)?;
                of_user(platform, tx, *account, access_key_id, user)
            }
            Holder::Session(claims) => of_session(platform, tx, access_key_id, claims),
            Holder::Service(service) => Ok(of_service(platform, service)),
            Holder::Nobody => Ok(Self::nobody(platform)),
        }
    }

    /// Who does not sign. The account is that of the platform and means nothing: the engine knows
    /// that this principal has none.
    pub(crate) fn nobody(platform: &Platform) -> Self {
        Self {
            identity: Identity::Nobody,
            principal: Principal::Anonymous,
            account: platform.config().account,
            access_key_id: String::new(),
            tags: Vec::new(),
            layers: Layers::default(),
            organization: None,
        }
    }

    /// Whether this is nobody in particular.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        matches!(self.identity, Identity::Nobody)
    }
}

fn root(platform: &Platform, account: AccountId, key: &str) -> Result<Caller, Rejected> {
    let principal = Principal::root(platform.partition(), account).map_err(ApiError::internal)?;
    Ok(Caller {
        identity: Identity::Root,
        principal,
        account,
        access_key_id: key.to_owned(),
        tags: Vec::new(),
        layers: Layers::default(),
        organization: None,
    })
}

/// A service as itself. It has no policies: what it may do stands in those of resources. Its account is
/// that of the resource for which it acts.
fn of_service(platform: &Platform, service: &Arc<ServiceCaller>) -> Caller {
    let account = AccountId::parse(&service.source_account);
    Caller {
        principal: Principal::service(&service.service),
        account: account.unwrap_or(platform.config().account),
        access_key_id: String::new(),
        tags: Vec::new(),
        layers: Layers::default(),
        organization: None,
        identity: Identity::Service(Arc::clone(service)),
    }
}

fn of_user(
    platform: &Platform,
    tx: &dyn Read,
    account: AccountId,
    key: &str,
    user: User,
) -> Result<Caller, Rejected> {
    let arn = user.arn(platform.partition(), account);
    Ok(Caller {
        principal: Principal::parse(&arn).map_err(ApiError::internal)?,
        account,
        access_key_id: key.to_owned(),
        tags: user.tags.clone(),
        layers: attached(platform, tx, account, &user.policies, &user.groups)?,
        organization: None,
        identity: Identity::User(Box::new(user)),
    })
}

fn of_session(
    platform: &Platform,
    tx: &dyn Read,
    key: &str,
    claims: &Arc<Claims>,
) -> Result<Caller, Rejected> {
    if claims.expires <= platform.now() {
        return Err(Rejected::Expired);
    }
    let account = claims.account().ok_or(Rejected::Unknown)?;
    let role: Option<Role> = tx.get(&Role::key(account, &claims.role))?;
    let role = role
        .filter(|role| role.id == claims.role_id)
        .ok_or(Rejected::Unknown)?;
    let mut layers = attached(platform, tx, account, &role.policies, &[])?;
    layers.session = session_layer(platform, tx, account, claims)?;
    Ok(Caller {
        principal: session_principal(platform.partition(), account, &role, &claims.name)?,
        account,
        access_key_id: key.to_owned(),
        tags: merged(&role.tags, &claims.tags),
        layers,
        organization: None,
        identity: Identity::Session {
            role: Box::new(role),
            claims: Arc::clone(claims),
        },
    })
}

/// The session principal of a role, whose ARN has the role's path.
fn session_principal(
    partition: &str,
    account: AccountId,
    role: &Role,
    session: &str,
) -> Result<Principal, ApiError> {
    let arn = format!(
        "arn:{partition}:sts::{account}:assumed-role/{}/{session}",
        role.name
    );
    let role = Arn::parse(&role.arn(partition, account)).map_err(ApiError::internal)?;
    Ok(Principal::parse(&arn)
        .map_err(ApiError::internal)?
        .with_role(&role))
}

/// Session tags override the role's tags of the same key, ignoring case.
fn merged(role: &[Tag], session: &[Tag]) -> Vec<Tag> {
    let kept = role
        .iter()
        .filter(|tag| tag_value(session, &tag.key).is_none());
    session.iter().chain(kept).cloned().collect()
}

/// The compiled identity policies and boundary of a user, who is in these groups, or of a role.
fn attached(
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
fn session_layer(
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

fn set(
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

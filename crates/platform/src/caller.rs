//! Who calls: from an access key to a principal with all its policies.

mod derived;
mod known;
mod layers;

use policy::{AccountId, Arn, PolicySet, PolicyType, Principal};
use std::sync::Arc;
use store::Read;

use crate::context::ServiceCaller;
use crate::error::ApiError;
use crate::federated::FederatedCaller;
use crate::identity::{AccessKey, KeyOwner, KeyStatus, Role, Tag, User, tag_value};
use crate::organization::Controls;
use crate::platform::Platform;
use crate::session::{Bearer, Claims};
pub(crate) use derived::Derived;
pub(crate) use known::Callers;
use known::Noting;
use layers::{attached, session_layer, set};

/// What the root user may do.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

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
    Federated(Arc<FederatedCaller>),
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
    let claims = match platform.callers().session(id, token) {
        Some(claims) => claims,
        None => {
            let claims = Claims::open(platform.sealer(), id, token).ok_or(Rejected::Unknown)?;
            let claims = Arc::new(claims);
            platform.callers().opened(id, token, &claims);
            claims
        }
    };
    Ok((claims.secret.clone(), Holder::Session(claims)))
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
    /// Of temporary credentials.
    pub(crate) session: Option<Arc<Claims>>,
    /// What follows from all of this, once it was asked for.
    pub(crate) derived: Derived,
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
        /// The name of the session.
        name: String,
    },
    /// A federated user (`GetFederationToken`).
    FederatedUser {
        /// The name of the federated user.
        name: String,
        /// The user who asked for the session; `None`: the root user.
        parent: Option<Box<User>>,
    },
    /// Whom an identity provider vouches for, and who signs nothing.
    Federated(Arc<FederatedCaller>),
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

    /// What the session token says, when the caller has temporary credentials.
    #[must_use]
    pub fn claims(&self) -> Option<&Claims> {
        self.session.as_deref()
    }

    /// The source identity, when the caller is a session that has one.
    #[must_use]
    pub fn source_identity(&self) -> Option<&str> {
        self.claims()?.source_identity.as_deref()
    }

    /// `aws:userid`: the account for root, `AIDA…`, `AROA…:SESSION`, `ACCOUNT:NAME` of a federated user,
    /// the name of a service, the subject of a token, or `anonymous`.
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.identity {
            Identity::Root => self.account.to_string(),
            Identity::User(user) => user.id.clone(),
            Identity::Session { role, name } => format!("{}:{name}", role.id),
            Identity::FederatedUser { name, .. } => format!("{}:{name}", self.account),
            Identity::Service(service) => service.service.clone(),
            Identity::Federated(federated) => federated.subject.clone(),
            Identity::Nobody => "anonymous".to_owned(),
        }
    }

    /// The tags of the principal: of the user; of the role, overridden by those of the session.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The caller that holds a verified credential, as of this transaction, which changes nothing. That they
    /// are known is remembered.
    pub(crate) fn learn(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Arc<Self>, Rejected> {
        if let Some(known) = Self::known(platform, tx, access_key_id, holder)? {
            return Ok(known);
        }
        let noting = Noting::new(tx);
        let caller = Self::resolved(platform, &noting, access_key_id, holder)?;
        if !access_key_id.is_empty() {
            platform.callers().keep(noting, holder, &caller)?;
        }
        Ok(caller)
    }

    /// The caller that holds a verified credential, as of this transaction.
    pub(crate) fn resolve(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Arc<Self>, Rejected> {
        match Self::known(platform, tx, access_key_id, holder)? {
            Some(known) => Ok(known),
            None => Self::resolved(platform, tx, access_key_id, holder),
        }
    }

    /// The same, if they asked before and nothing changed since.
    fn known(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Option<Arc<Self>>, Rejected> {
        if let Holder::Session(claims) = holder {
            alive(platform, claims)?;
        }
        Ok(platform.callers().find(tx, access_key_id, holder)?)
    }

    fn resolved(
        platform: &Platform,
        tx: &dyn Read,
        access_key_id: &str,
        holder: &Holder,
    ) -> Result<Arc<Self>, Rejected> {
        let mut caller = Self::find(platform, tx, access_key_id, holder)?;
        if let Some(account) = caller.principal.account() {
            caller.organization = platform.controls(tx, account)?;
        }
        Ok(Arc::new(caller))
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
                let user = living_user(tx, *account, name, id)?;
                of_user(platform, tx, *account, access_key_id, user)
            }
            Holder::Session(claims) => of_session(platform, tx, access_key_id, claims),
            Holder::Service(service) => Ok(of_service(platform, service)),
            Holder::Federated(federated) => Ok(of_federated(platform, federated)),
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
            session: None,
            derived: Derived::default(),
        }
    }

    /// Whether the credentials may be used for the operation at all, whatever policies say (STS API
    /// Reference, GetSessionToken and GetFederationToken; IAM User Guide, "Compare AWS STS credentials").
    pub(crate) fn admitted(&self, source: &str, operation: &str) -> Result<(), ApiError> {
        let Some(claims) = self.claims() else {
            return Ok(());
        };
        let with_them = match (source, &claims.bearer) {
            ("iam.amazonaws.com", Bearer::Owner { .. } | Bearer::Federated { .. }) => {
                // What would lift this for a user, a second factor, is nothing that this platform has.
                return Err(ApiError::new(
                    "InvalidClientTokenId",
                    403,
                    "The security token included in the request is invalid.",
                ));
            }
            ("sts.amazonaws.com", Bearer::Owner { .. }) => {
                matches!(operation, "AssumeRole" | "GetCallerIdentity")
            }
            ("sts.amazonaws.com", Bearer::Federated { .. }) => operation == "GetCallerIdentity",
            ("sts.amazonaws.com", Bearer::Role { .. }) => {
                !matches!(operation, "GetFederationToken" | "GetSessionToken")
            }
            _ => true,
        };
        if with_them {
            return Ok(());
        }
        let text = format!("Cannot call {operation} with session credentials");
        Err(ApiError::access_denied(text))
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
        session: None,
        derived: Derived::default(),
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
        session: None,
        derived: Derived::default(),
        identity: Identity::Service(Arc::clone(service)),
    }
}

/// Whom a provider vouches for. What they may do stands in the trust policies of roles.
fn of_federated(platform: &Platform, federated: &Arc<FederatedCaller>) -> Caller {
    Caller {
        identity: Identity::Federated(Arc::clone(federated)),
        principal: Principal::Federated {
            provider: federated.federation.provider.as_str().into(),
        },
        account: federated.account,
        ..Caller::nobody(platform)
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
        session: None,
        derived: Derived::default(),
        identity: Identity::User(Box::new(user)),
    })
}

/// The user of this name, if it is still the one with this id.
fn living_user(tx: &dyn Read, account: AccountId, name: &str, id: &str) -> Result<User, Rejected> {
    let user: Option<User> = tx.get(&User::key(account, name))?;
    user.filter(|user| user.id == id).ok_or(Rejected::Unknown)
}

/// Refuses a session that is over.
fn alive(platform: &Platform, claims: &Claims) -> Result<(), Rejected> {
    if claims.expires <= platform.now() {
        return Err(Rejected::Expired);
    }
    Ok(())
}

fn of_session(
    platform: &Platform,
    tx: &dyn Read,
    key: &str,
    claims: &Arc<Claims>,
) -> Result<Caller, Rejected> {
    alive(platform, claims)?;
    let account = claims.account().ok_or(Rejected::Unknown)?;
    let caller = match &claims.bearer {
        Bearer::Role { role, id, session } => {
            of_role(platform, tx, (account, key), claims, (role, id, session))?
        }
        Bearer::Owner { owner, key: from } => {
            active_key(tx, from)?;
            match owner {
                KeyOwner::Root => root(platform, account, key)?,
                KeyOwner::User { name, id } => {
                    let user = living_user(tx, account, name, id)?;
                    of_user(platform, tx, account, key, user)?
                }
            }
        }
        Bearer::Federated { name, owner } => {
            of_federated_user(platform, tx, (account, key), claims, (name, owner))?
        }
    };
    Ok(Caller {
        session: Some(Arc::clone(claims)),
        ..caller
    })
}

/// A federated user: no more than the user who asked for the session may do, and no more than the
/// session policies say.
fn of_federated_user(
    platform: &Platform,
    tx: &dyn Read,
    (account, key): (AccountId, &str),
    claims: &Claims,
    (name, owner): (&str, &KeyOwner),
) -> Result<Caller, Rejected> {
    let partition = platform.partition();
    let arn = format!("arn:{partition}:sts::{account}:federated-user/{name}");
    let principal = Principal::parse(&arn).map_err(ApiError::internal)?;
    let (parent, by) = match owner {
        KeyOwner::Root => (None, root(platform, account, key)?),
        KeyOwner::User { name, id } => {
            let user = living_user(tx, account, name, id)?;
            let by = of_user(platform, tx, account, key, user.clone())?;
            (Some(Box::new(user)), by)
        }
    };
    let by_arn = Arn::parse(by.arn()).map_err(ApiError::internal)?;
    let mut layers = match &parent {
        Some(_) => by.layers,
        None => Layers {
            identity: Some(set(
                platform.compiled(),
                PolicyType::Identity,
                &[("the root user", EVERYTHING)],
            )?),
            ..Layers::default()
        },
    };
    layers.session = session_layer(platform, tx, account, claims)?;
    Ok(Caller {
        principal: principal.with_parent(by_arn, parent.as_ref().map(|user| user.id.as_str())),
        account,
        access_key_id: key.to_owned(),
        tags: merged(&by.tags, &claims.tags),
        layers,
        organization: None,
        session: None,
        derived: Derived::default(),
        identity: Identity::FederatedUser {
            name: name.to_owned(),
            parent,
        },
    })
}

fn of_role(
    platform: &Platform,
    tx: &dyn Read,
    (account, key): (AccountId, &str),
    claims: &Claims,
    (name, id, session): (&str, &str, &str),
) -> Result<Caller, Rejected> {
    let role: Option<Role> = tx.get(&Role::key(account, name))?;
    let role = role
        .filter(|role| role.id == *id)
        .ok_or(Rejected::Unknown)?;
    let mut layers = attached(platform, tx, account, &role.policies, &[])?;
    layers.session = session_layer(platform, tx, account, claims)?;
    Ok(Caller {
        principal: session_principal(platform.partition(), account, &role, session)?,
        account,
        access_key_id: key.to_owned(),
        tags: merged(&role.tags, &claims.tags),
        layers,
        organization: None,
        session: None,
        derived: Derived::default(),
        identity: Identity::Session {
            role: Box::new(role),
            name: session.to_owned(),
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

//! Who called: the `userIdentity` element (CloudTrail User Guide, "CloudTrail userIdentity
//! element").

mod identified;

pub use identified::Identified;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::event::seconds;

/// Who called. Build it with the constructor for the kind of caller; which members each kind has
/// is AWS's choice, not the caller's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// The kind of caller.
    #[serde(rename = "type")]
    pub kind: IdentityType,
    /// The caller's unique id: `AIDA…` of a user, `AROA…:SESSION` of a role session, the account
    /// of the root user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// The caller's ARN; that of the session for a role session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// The caller's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The key that signed the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The user's name. Role sessions have none: their role's name is the session issuer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The session, when the caller has temporary credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_context: Option<SessionContext>,
    /// The service that made the call, for itself or on the caller's behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_by: Option<String>,
    /// The identity provider of a web identity or SAML user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
}

/// The kinds of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are AWS's and say all")]
pub enum IdentityType {
    Root,
    IAMUser,
    AssumedRole,
    Role,
    FederatedUser,
    Directory,
    AWSAccount,
    AWSService,
    IdentityCenterUser,
    SAMLUser,
    WebIdentityUser,
    Unknown,
}

/// The session of a caller with temporary credentials.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionContext {
    /// Who the session was issued for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_issuer: Option<SessionIssuer>,
    /// The identity provider that vouched for the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_id_federation_data: Option<WebIdFederationData>,
    /// When and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<SessionAttributes>,
    /// The source identity, unchangeable since the first role was assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
}

/// The identity provider that vouched for a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebIdFederationData {
    /// The provider: a domain such as `accounts.google.com`, or the ARN of an OIDC provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated_provider: Option<String>,
    /// What it said of the user.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// The role or user that a session was issued for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionIssuer {
    /// `Role`, `IAMUser` or `Root`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its unique id, such as `AROA…`.
    pub principal_id: String,
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account_id: String,
    /// Its name; the root user has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

/// When a session began, and whether with a second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionAttributes {
    /// When the credentials were issued.
    #[serde(with = "seconds")]
    pub creation_date: Timestamp,
    /// `"true"` or `"false"`.
    pub mfa_authenticated: String,
}

impl SessionAttributes {
    /// The attributes of a session that began at `creation_date`.
    pub fn new(creation_date: Timestamp, mfa_authenticated: bool) -> SessionAttributes {
        SessionAttributes {
            creation_date,
            mfa_authenticated: mfa_authenticated.to_string(),
        }
    }
}

impl SessionIssuer {
    /// A role, whose name is the last part of `arn`.
    pub fn role(arn: &str, role_id: &str, account: &str) -> SessionIssuer {
        SessionIssuer::new("Role", arn, role_id, account)
    }

    /// A user, whose name is the last part of `arn`: the issuer of a federated user's session.
    pub fn user(arn: &str, user_id: &str, account: &str) -> SessionIssuer {
        SessionIssuer::new("IAMUser", arn, user_id, account)
    }

    /// The root user of an account: the issuer of sessions that it asked for.
    pub fn root(partition: &str, account: &str) -> SessionIssuer {
        let arn = format!("arn:{partition}:iam::{account}:root");
        SessionIssuer {
            user_name: None,
            ..SessionIssuer::new("Root", &arn, account, account)
        }
    }

    fn new(kind: &str, arn: &str, id: &str, account: &str) -> SessionIssuer {
        SessionIssuer {
            kind: kind.to_owned(),
            principal_id: id.to_owned(),
            arn: arn.to_owned(),
            account_id: account.to_owned(),
            user_name: arn.rsplit('/').next().map(str::to_owned),
        }
    }
}

impl UserIdentity {
    fn of(kind: IdentityType) -> UserIdentity {
        UserIdentity {
            kind,
            principal_id: None,
            arn: None,
            account_id: None,
            access_key_id: None,
            user_name: None,
            session_context: None,
            invoked_by: None,
            identity_provider: None,
        }
    }

    fn signed(
        kind: IdentityType,
        principal_id: &str,
        arn: &str,
        account: &str,
        access_key: Option<&str>,
    ) -> UserIdentity {
        UserIdentity {
            principal_id: Some(principal_id.to_owned()),
            arn: Some(arn.to_owned()),
            account_id: Some(account.to_owned()),
            access_key_id: access_key.map(str::to_owned),
            ..UserIdentity::of(kind)
        }
    }

    /// The root user of `account`.
    pub fn root(partition: &str, account: &str, access_key: Option<&str>) -> UserIdentity {
        let arn = format!("arn:{partition}:iam::{account}:root");
        UserIdentity::signed(IdentityType::Root, account, &arn, account, access_key)
    }

    /// An IAM user, whose name is the last part of `arn`.
    pub fn iam_user(
        arn: &str,
        user_id: &str,
        account: &str,
        access_key: Option<&str>,
    ) -> UserIdentity {
        UserIdentity {
            user_name: arn.rsplit('/').next().map(str::to_owned),
            ..UserIdentity::signed(IdentityType::IAMUser, user_id, arn, account, access_key)
        }
    }

    /// A role session. `session_arn` is `arn:…:assumed-role/ROLE/SESSION`; the principal id is made
    /// of the issuer's id and the session's name.
    pub fn assumed_role(
        session_arn: &str,
        access_key: Option<&str>,
        issuer: SessionIssuer,
        attributes: SessionAttributes,
        source_identity: Option<&str>,
    ) -> UserIdentity {
        let session = session_arn.rsplit('/').next().unwrap_or_default();
        let (id, account) = (
            format!("{}:{session}", issuer.principal_id),
            issuer.account_id.clone(),
        );
        let kind = IdentityType::AssumedRole;
        UserIdentity {
            session_context: Some(SessionContext {
                session_issuer: Some(issuer),
                web_id_federation_data: None,
                attributes: Some(attributes),
                source_identity: source_identity.map(str::to_owned),
            }),
            ..UserIdentity::signed(kind, &id, session_arn, &account, access_key)
        }
    }

    /// A session of `GetFederationToken`. `arn` is `arn:…:federated-user/NAME`.
    pub fn federated_user(
        arn: &str,
        access_key: Option<&str>,
        issuer: SessionIssuer,
        attributes: SessionAttributes,
    ) -> UserIdentity {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let (id, account) = (
            format!("{}:{name}", issuer.account_id),
            issuer.account_id.clone(),
        );
        UserIdentity {
            session_context: Some(SessionContext {
                session_issuer: Some(issuer),
                web_id_federation_data: None,
                attributes: Some(attributes),
                source_identity: None,
            }),
            ..UserIdentity::signed(IdentityType::FederatedUser, &id, arn, &account, access_key)
        }
    }

    /// A service that calls for itself, such as `sagemaker.amazonaws.com`.
    pub fn service(invoked_by: &str) -> UserIdentity {
        UserIdentity {
            invoked_by: Some(invoked_by.to_owned()),
            ..UserIdentity::of(IdentityType::AWSService)
        }
    }

    /// A principal of another account, as the account that owns the resource sees it.
    pub fn other_account(principal_id: &str, account: &str) -> UserIdentity {
        UserIdentity {
            principal_id: Some(principal_id.to_owned()),
            account_id: Some(account.to_owned()),
            ..UserIdentity::of(IdentityType::AWSAccount)
        }
    }

    /// A caller who did not sign, where that is allowed.
    pub fn anonymous() -> UserIdentity {
        UserIdentity::other_account("", "ANONYMOUS_PRINCIPAL")
    }

    /// A user of a web identity provider, who calls `AssumeRoleWithWebIdentity` with a token for
    /// `audience`.
    pub fn web_identity_user(provider: &str, audience: &str, subject: &str) -> UserIdentity {
        UserIdentity {
            principal_id: Some(format!("{provider}:{audience}:{subject}")),
            user_name: Some(subject.to_owned()),
            identity_provider: Some(provider.to_owned()),
            ..UserIdentity::of(IdentityType::WebIdentityUser)
        }
    }

    /// A caller whose signature did not stand. What the request claimed about itself is not
    /// recorded as fact, except for the key's id, which an auditor wants to see.
    pub fn unknown(claimed_access_key: Option<&str>) -> UserIdentity {
        UserIdentity {
            access_key_id: claimed_access_key.map(str::to_owned),
            ..UserIdentity::of(IdentityType::Unknown)
        }
    }

    /// Adds the session of an IAM user or root user with temporary credentials
    /// (`GetSessionToken`).
    #[must_use]
    pub fn with_session(mut self, attributes: SessionAttributes) -> UserIdentity {
        let context = self.session_context.get_or_insert_default();
        context.attributes = Some(attributes);
        self
    }

    /// Adds the identity provider that vouched for the session.
    #[must_use]
    pub fn vouched_for(mut self, data: WebIdFederationData) -> UserIdentity {
        let context = self.session_context.get_or_insert_default();
        context.web_id_federation_data = Some(data);
        self
    }

    /// Adds the service through which the caller's request came.
    #[must_use]
    pub fn invoked_by(mut self, service: &str) -> UserIdentity {
        self.invoked_by = Some(service.to_owned());
        self
    }

    /// The source identity of the session.
    pub fn source_identity(&self) -> Option<&str> {
        self.session_context.as_ref()?.source_identity.as_deref()
    }

    pub(crate) fn username(&self) -> Option<&str> {
        match self.kind {
            IdentityType::Root => Some("root"),
            IdentityType::AssumedRole | IdentityType::FederatedUser => self
                .principal_id
                .as_deref()?
                .split_once(':')
                .map(|(_, session)| session),
            _ => self.user_name.as_deref(),
        }
    }
}

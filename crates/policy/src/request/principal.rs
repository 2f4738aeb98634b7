//! Who makes a request.

use super::ContextValue;
use crate::arn::{AccountId, Arn};
use crate::names::Name;
use std::fmt;

/// The caller of a request (IAM User Guide, "Principal").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A request without a signature.
    Anonymous,
    /// An AWS service that calls as itself, such as `sagemaker.amazonaws.com`.
    Service {
        /// The service principal's name.
        name: Box<str>,
    },
    /// The unsigned caller of `AssumeRoleWithWebIdentity` or `AssumeRoleWithSAML`.
    Federated {
        /// The provider: a domain such as `accounts.google.com`, or the ARN of an OIDC or SAML provider.
        provider: Box<str>,
    },
    /// The root user of an account.
    Root {
        /// The account's root ARN, `arn:P:iam::A:root`.
        arn: Arn,
        /// Its account.
        account: AccountId,
    },
    /// An IAM user.
    User {
        /// The user's ARN, with its path.
        arn: Arn,
        /// Its account.
        account: AccountId,
    },
    /// A session of a role.
    RoleSession {
        /// The role's ARN, with its path.
        role: Arn,
        /// The session's ARN, `arn:P:sts::A:assumed-role/ROLE/SESSION`, where it is known.
        session: Option<Arn>,
        /// The role's account.
        account: AccountId,
    },
    /// A session made by `GetFederationToken`.
    FederatedUser {
        /// The session's ARN, `arn:P:sts::A:federated-user/NAME`.
        arn: Arn,
        /// The ARN of the user (or root) who made the session, where it is known.
        parent: Option<Arn>,
        /// That user's unique id, `AIDA…`, where it is known.
        parent_id: Option<Box<str>>,
        /// Its account.
        account: AccountId,
    },
}

/// Why a text does not name a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalError(String);

impl std::error::Error for PrincipalError {}

impl fmt::Display for PrincipalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Principal {
    /// Reads a caller from an ARN: a user, a role (a session of it whose name is unknown), an assumed role, a federated
    /// user or an account's root; a bare account id stands for its root.
    ///
    /// The role of an assumed-role ARN is taken to have the path `/`; see [`Principal::with_role`].
    ///
    /// # Errors
    /// Where the text is none of these.
    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        if let Some(account) = AccountId::parse(text) {
            return Self::root("aws", account);
        }
        let arn = Arn::parse(text).map_err(|error| PrincipalError(error.to_string()))?;
        let account = AccountId::parse(arn.account())
            .ok_or_else(|| PrincipalError(format!("`{text}` names no account of twelve digits")))?;
        let (kind, name) = arn
            .resource()
            .split_once('/')
            .unwrap_or((arn.resource(), ""));
        match (arn.service(), kind) {
            ("iam", "root") if name.is_empty() => Ok(Self::Root { arn, account }),
            ("iam", "user") if !last_part(name).is_empty() => Ok(Self::User { arn, account }),
            ("iam", "role") if !last_part(name).is_empty() => Ok(Self::RoleSession {
                role: arn,
                session: None,
                account,
            }),
            ("sts", "assumed-role") => {
                let (role, _) = name
                    .split_once('/')
                    .filter(|(role, session)| !role.is_empty() && !session.is_empty())
                    .ok_or_else(|| {
                        PrincipalError(format!(
                            "`{text}` lacks the session: `assumed-role/ROLE/SESSION`"
                        ))
                    })?;
                let role = format!("arn:{}:iam::{account}:role/{role}", arn.partition());
                let role = Arn::parse(&role).map_err(|error| PrincipalError(error.to_string()))?;
                Ok(Self::RoleSession {
                    role,
                    session: Some(arn),
                    account,
                })
            }
            ("sts", "federated-user") if !name.is_empty() => Ok(Self::FederatedUser {
                arn,
                parent: None,
                parent_id: None,
                account,
            }),
            _ => Err(PrincipalError(format!(
                "`{text}` is no caller: name a user, a role, an assumed-role session, a federated user or a root"
            ))),
        }
    }

    /// The root user of an account in a partition.
    ///
    /// # Errors
    /// Where the partition's name would break the ARN.
    pub fn root(partition: &str, account: AccountId) -> Result<Self, PrincipalError> {
        Arn::parse(&format!("arn:{partition}:iam::{account}:root"))
            .ok()
            .filter(|arn| arn.partition() == partition)
            .map(|arn| Self::Root { arn, account })
            .ok_or_else(|| PrincipalError(format!("`{partition}` is no partition")))
    }

    /// An AWS service that calls as itself.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self::Service { name: name.into() }
    }

    /// The same session, with the ARN of its role where the role has a path. Ignored unless `role` is a role ARN of the
    /// session's account whose last part is the session's role name.
    #[must_use]
    pub fn with_role(self, role: &Arn) -> Self {
        match self {
            Self::RoleSession {
                role: old,
                session,
                account,
            } if role.service() == "iam"
                && role.account() == account.as_str()
                && role.resource().starts_with("role/")
                && last_part(role.resource()) == last_part(old.resource()) =>
            {
                Self::RoleSession {
                    role: role.clone(),
                    session,
                    account,
                }
            }
            other => other,
        }
    }

    /// The same federated user, with who made the session: the ARN of a user or root, and a user's unique id. Ignored
    /// for other callers.
    #[must_use]
    pub fn with_parent(self, arn: Arn, id: Option<&str>) -> Self {
        match self {
            Self::FederatedUser {
                arn: own, account, ..
            } => Self::FederatedUser {
                arn: own,
                parent: Some(arn),
                parent_id: id.map(Into::into),
                account,
            },
            other => other,
        }
    }

    /// The account of the caller; services, federated and anonymous callers have none.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous | Self::Service { .. } | Self::Federated { .. } => None,
            Self::Root { account, .. }
            | Self::User { account, .. }
            | Self::RoleSession { account, .. }
            | Self::FederatedUser { account, .. } => Some(*account),
        }
    }

    /// How AWS's messages name the caller: the session ARN where there is one.
    #[must_use]
    pub fn display_name(&self) -> &str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Service { name } => name,
            Self::Federated { provider } => provider,
            Self::Root { arn, .. } | Self::User { arn, .. } | Self::FederatedUser { arn, .. } => {
                arn.as_str()
            }
            Self::RoleSession { role, session, .. } => session.as_ref().unwrap_or(role).as_str(),
        }
    }

    /// Whether the caller is a session of a service-linked role, which SCPs and RCPs leave alone.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        matches!(self, Self::RoleSession { role, .. } if role.resource().starts_with("role/aws-service-role/"))
    }

    /// The condition keys that follow from the caller alone (IAM User Guide, "Properties of the principal").
    pub(crate) fn properties(&self) -> Vec<(Name, ContextValue)> {
        let mut keys = Vec::with_capacity(6);
        let mut put = |key, value| keys.push((Name::fixed(key), value));
        if let Some(account) = self.account() {
            put("aws:PrincipalAccount", account.as_str().into());
            put("aws:PrincipalIsAWSService", false.into());
        }
        let mut signed = |arn: &Arn, kind| {
            put("aws:PrincipalArn", arn.as_str().into());
            put("aws:PrincipalType", ContextValue::fixed(kind));
        };
        match self {
            Self::Anonymous => put("aws:PrincipalType", ContextValue::fixed("Anonymous")),
            Self::Federated { .. } => {}
            Self::Service { name } => {
                put("aws:PrincipalIsAWSService", true.into());
                put("aws:PrincipalServiceName", (**name).into());
            }
            Self::Root { arn, account } => {
                signed(arn, "Account");
                put("aws:userid", account.as_str().into());
            }
            Self::User { arn, .. } => {
                signed(arn, "User");
                put("aws:username", last_part(arn.resource()).into());
            }
            Self::RoleSession { role, .. } => signed(role, "AssumedRole"),
            Self::FederatedUser { arn, account, .. } => {
                signed(arn, "FederatedUser");
                let id = format!("{account}:{}", last_part(arn.resource()));
                put("aws:userid", id.into());
            }
        }
        keys
    }
}

fn last_part(resource: &str) -> &str {
    resource.rsplit('/').next().unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_read_from_arns() {
        let session =
            Principal::parse("arn:aws:sts::111122223333:assumed-role/Exec/SageMaker").unwrap();
        let Principal::RoleSession {
            role,
            session: Some(_),
            account,
        } = &session
        else {
            panic!()
        };
        assert_eq!(role.as_str(), "arn:aws:iam::111122223333:role/Exec");
        assert_eq!(account.as_str(), "111122223333");
        let with_path = Arn::parse("arn:aws:iam::111122223333:role/team/Exec").unwrap();
        let Principal::RoleSession { role, .. } = session.clone().with_role(&with_path) else {
            panic!()
        };
        assert_eq!(role, with_path);
        let foreign = Arn::parse("arn:aws:iam::999988887777:role/team/Exec").unwrap();
        assert_eq!(session.clone().with_role(&foreign), session);
        for bad in [
            "arn:aws:sts::111122223333:assumed-role/Exec",
            "arn:aws:sts::1:assumed-role/Exec/S",
            "arn:aws:iam::111122223333:group/g",
            "arn:aws:iam::111122223333:user/",
            "alice",
        ] {
            assert!(Principal::parse(bad).is_err(), "{bad}");
        }
    }
}

//! The question put to the engine: who asks to do what with which resource, under which circumstances.

mod context;
mod principal;

pub use context::{AskedKeys, Context, ContextKey, ContextValue, KeyMask};
use context::{Keys, LeftOut};
pub use principal::{Principal, PrincipalError};

use crate::arn::{AccountId, Arn, ArnError};
use crate::document::PolicyType;
use crate::names::Name;
use std::fmt;
use std::sync::Arc;

/// An action, `service:Name`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action(Arc<Spelled>);

#[derive(Debug, PartialEq, Eq)]
struct Spelled {
    text: Box<str>,
    /// What is compared.
    lower: Name,
}

/// The text is no action: an action is `service:Name`, without wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionError(Box<str>);

impl std::error::Error for ActionError {}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no action: write `service:Name`, such as `s3:GetObject`",
            self.0
        )
    }
}

impl Action {
    /// Reads an action.
    ///
    /// # Errors
    /// Where the text is not `service:Name` or holds a wildcard.
    pub fn parse(text: &str) -> Result<Self, ActionError> {
        let valid = text.split_once(':').is_some_and(|(service, name)| {
            let word = |part: &str| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            };
            word(service) && word(name)
        });
        if valid {
            Ok(Self(Arc::new(Spelled {
                text: text.into(),
                lower: Name::of(text.to_ascii_lowercase()),
            })))
        } else {
            Err(ActionError(text.into()))
        }
    }

    /// The action as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The service's prefix, lower-cased: `s3`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.lower().as_str().split(':').next().unwrap_or("")
    }

    pub(crate) fn lower(&self) -> &Name {
        &self.0.lower
    }
}

/// What a request acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The action knows no resource; only a policy's `"*"` matches it.
    Any,
    /// One resource.
    Arn(Arn),
}

impl Resource {
    /// Reads an ARN, or `*` for an action without a resource.
    ///
    /// # Errors
    /// Where the text is neither.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        if text == "*" {
            Ok(Self::Any)
        } else {
            Arn::parse(text).map(Self::Arn)
        }
    }

    /// The ARN's text, or `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Any => "*",
            Self::Arn(arn) => arn.as_str(),
        }
    }
}

impl From<Arn> for Resource {
    fn from(arn: Arn) -> Self {
        Self::Arn(arn)
    }
}

/// One request, ready to be decided.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) principal: Principal,
    pub(crate) action: Action,
    pub(crate) resource: Resource,
    /// The resource's ARN as patterns compare it: all but the resource part in lower case.
    pub(crate) folded_resource: Option<Arn>,
    pub(crate) resource_account: Option<AccountId>,
    pub(crate) resource_policy_type: PolicyType,
    pub(crate) context: Context,
}

impl Request {
    /// Begins a request.
    #[must_use]
    pub fn builder(principal: Principal, action: Action, resource: Resource) -> RequestBuilder {
        RequestBuilder {
            principal,
            shared: None,
            kept: None,
            action,
            resource,
            resource_account: None,
            resource_policy_type: None,
            keys: Keys::default(),
        }
    }

    /// The caller.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The action.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// The resource.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The account that owns the resource, where it is known.
    #[must_use]
    pub fn resource_account(&self) -> Option<AccountId> {
        self.resource_account
    }

    /// How the resource's own policy is read: as an ordinary resource policy, a trust policy or a key policy.
    #[must_use]
    pub fn resource_policy_type(&self) -> PolicyType {
        self.resource_policy_type
    }

    /// The condition keys.
    #[must_use]
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The same request to be changed and built again.
    #[must_use]
    pub fn to_builder(&self) -> RequestBuilder {
        RequestBuilder {
            principal: self.principal.clone(),
            shared: None,
            kept: None,
            action: self.action.clone(),
            resource: self.resource.clone(),
            resource_account: self.resource_account,
            resource_policy_type: Some(self.resource_policy_type),
            keys: self.context.own(),
        }
    }
}

/// A caller with the condition keys that are theirs, for many requests.
#[derive(Clone, Debug)]
pub struct KnownCaller {
    principal: Principal,
    keys: Arc<Keys>,
}

/// How many keys there is room for in a request of a known caller, before it grows: as many as most have.
const ROOM: usize = 16;

impl KnownCaller {
    /// A caller to whom these keys belong, beside those that follow from the principal: each has its value or, with
    /// none, is absent. An `aws:PrincipalArn` among them gives a session's role its path.
    #[must_use]
    pub fn new(
        principal: Principal,
        keys: impl IntoIterator<Item = (ContextKey, Option<ContextValue>)>,
    ) -> Self {
        let mut all: Keys = keys
            .into_iter()
            .map(|(key, value)| (key.0, value))
            .collect();
        let principal = complete(&mut all, principal);
        Self {
            principal,
            keys: Arc::new(all),
        }
    }

    /// Begins a request. The caller's keys are what they are, whatever is set of them.
    #[must_use]
    pub fn request(&self, action: Action, resource: Resource) -> RequestBuilder {
        RequestBuilder {
            shared: Some(Arc::clone(&self.keys)),
            keys: Keys::with_room(ROOM),
            ..Request::builder(self.principal.clone(), action, resource)
        }
    }

    /// The same without the keys that are neither the caller's nor among `kept`, for policies that hardly ask for others.
    /// What is decided counts only when none was [missed](Context::missed); otherwise the whole request has to be decided.
    #[must_use]
    pub fn brief_request(
        &self,
        action: Action,
        resource: Resource,
        kept: KeyMask,
    ) -> RequestBuilder {
        RequestBuilder {
            kept: Some(kept),
            ..self.request(action, resource)
        }
    }
}

const PRINCIPAL_ARN: Name = Name::fixed("aws:PrincipalArn");
const RESOURCE_ACCOUNT: Name = Name::fixed("aws:ResourceAccount");

/// Adds what follows from the caller. Returns the caller, a role with the path that the keys say.
fn complete(keys: &mut Keys, principal: Principal) -> Principal {
    let principal = match keys.find(&PRINCIPAL_ARN) {
        Some(Some(ContextValue::One(arn))) => match Arn::parse(arn) {
            Ok(role) => principal.with_role(&role),
            Err(_) => principal,
        },
        _ => principal,
    };
    for (key, value) in principal.properties() {
        put_if_new(keys, key, value);
    }
    principal
}

fn put_if_new(keys: &mut Keys, name: Name, value: ContextValue) {
    if keys.find(&name).is_none() {
        keys.put(name, Some(value));
    }
}

/// Collects a request's parts.
#[derive(Clone, Debug)]
pub struct RequestBuilder {
    principal: Principal,
    /// Keys that follow from the caller, where they are known.
    shared: Option<Arc<Keys>>,
    /// The others that are not left out, where some are.
    kept: Option<KeyMask>,
    action: Action,
    resource: Resource,
    resource_account: Option<AccountId>,
    resource_policy_type: Option<PolicyType>,
    keys: Keys,
}

impl RequestBuilder {
    /// Another caller. What the context says of the caller stays as it was.
    #[must_use]
    pub fn principal(mut self, principal: Principal) -> Self {
        self.principal = principal;
        self
    }

    /// Names the account that owns the resource. Without it: the ARN's account, else the caller's.
    #[must_use]
    pub fn resource_account(mut self, account: AccountId) -> Self {
        self.resource_account = Some(account);
        self
    }

    /// Overrides how the resource's own policy is read. Without it, the policy of a role under an `sts:` action is a
    /// trust policy, that of a KMS key a key policy, any other an ordinary resource policy.
    #[must_use]
    pub fn resource_policy_type(mut self, kind: PolicyType) -> Self {
        self.resource_policy_type = Some(kind);
        self
    }

    /// Replaces the action.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.action = action;
        self
    }

    /// Replaces the resource. An account that was named stays the owner.
    #[must_use]
    pub fn resource(mut self, resource: Resource) -> Self {
        self.resource = resource;
        self
    }

    /// Sets a condition key, replacing an earlier value of the same key in any case.
    #[must_use]
    pub fn set(mut self, key: impl Into<ContextKey>, value: impl Into<ContextValue>) -> Self {
        self.put(key, value);
        self
    }

    /// [`set`](Self::set), where it is.
    pub fn put(&mut self, key: impl Into<ContextKey>, value: impl Into<ContextValue>) {
        let ContextKey(name) = key.into();
        if self.keeps(&name) {
            self.keys.put(name, Some(value.into()));
        }
    }

    /// Whether a key would not be left out.
    #[must_use]
    pub fn wants(&self, key: &ContextKey) -> bool {
        self.keeps(&key.0)
    }

    /// Whether a key of this name would not be left out.
    #[must_use]
    pub fn wants_named(&self, key: &str) -> bool {
        self.kept.is_none_or(|kept| kept.may_have_named(key))
    }

    fn keeps(&self, name: &Name) -> bool {
        self.kept.is_none_or(|kept| kept.may_have(name))
    }

    /// Keeps a condition key absent, also where it would follow from the caller.
    #[must_use]
    pub fn absent(mut self, key: impl Into<ContextKey>) -> Self {
        self.put_absent(key);
        self
    }

    /// [`absent`](Self::absent), where it is.
    pub fn put_absent(&mut self, key: impl Into<ContextKey>) {
        let ContextKey(name) = key.into();
        if self.keeps(&name) && (self.may_follow(&name) || self.keys.find(&name).is_some()) {
            self.keys.put(name, None);
        }
    }

    /// Whether a key may be added that nobody set.
    fn may_follow(&self, name: &Name) -> bool {
        // Those of a known caller are there.
        self.shared.is_none() || name.same(&RESOURCE_ACCOUNT)
    }

    /// Finishes the request: adds the condition keys that follow from the caller and the resource's account, unless
    /// they were set or declared absent. An `aws:PrincipalArn` that was set gives a session's role its path.
    #[must_use]
    pub fn build(mut self) -> Request {
        if self.shared.is_none() {
            self.principal = complete(&mut self.keys, self.principal);
        }
        let from_arn = match &self.resource {
            Resource::Arn(arn) => AccountId::parse(arn.account()),
            Resource::Any => None,
        };
        let named = self.resource_account.or(from_arn);
        if let (Resource::Arn(_), Some(account)) = (&self.resource, named)
            && self.keeps(&RESOURCE_ACCOUNT)
        {
            let value = account.as_str().into();
            put_if_new(&mut self.keys, RESOURCE_ACCOUNT, value);
        }
        let resource_policy_type = self
            .resource_policy_type
            .unwrap_or_else(|| policy_type(&self.action, &self.resource));
        Request {
            resource_account: named.or_else(|| self.principal.account()),
            principal: self.principal,
            action: self.action,
            folded_resource: match &self.resource {
                Resource::Arn(arn) => Some(arn.with_lower_head()),
                Resource::Any => None,
            },
            resource: self.resource,
            resource_policy_type,
            context: Context::new(self.shared, self.keys, self.kept.map(LeftOut::all_but)),
        }
    }
}

fn policy_type(action: &Action, resource: &Resource) -> PolicyType {
    match resource {
        Resource::Arn(arn)
            if action.service() == "sts"
                && arn.service() == "iam"
                && arn.resource().starts_with("role/") =>
        {
            PolicyType::Trust
        }
        Resource::Arn(arn) if arn.service() == "kms" && arn.resource().starts_with("key/") => {
            PolicyType::Key
        }
        _ => PolicyType::Resource,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(principal: &str) -> RequestBuilder {
        Request::builder(
            Principal::parse(principal).unwrap(),
            Action::parse("s3:GetObject").unwrap(),
            Resource::parse("arn:aws:s3:::b/k").unwrap(),
        )
    }

    #[test]
    fn keys_follow_from_the_caller_unless_set_or_absent() {
        let built = request("arn:aws:iam::111122223333:user/team/alice").build();
        assert_eq!(built.context().get("aws:username"), Some(&"alice".into()));
        assert_eq!(
            built.context().get("aws:PrincipalType"),
            Some(&"User".into())
        );
        assert_eq!(built.context().get("aws:ResourceAccount"), None);
        assert_eq!(built.resource_account().unwrap().as_str(), "111122223333");
        let built = request("arn:aws:iam::111122223333:user/alice")
            .absent("AWS:username")
            .set("aws:principaltype", "X")
            .build();
        assert_eq!(built.context().get("aws:username"), None);
        assert_eq!(built.context().get("aws:PrincipalType"), Some(&"X".into()));
    }

    #[test]
    fn keys_of_a_caller_are_what_they_are_whatever_is_set() {
        let session = "arn:aws:sts::111122223333:assumed-role/Exec/alice";
        let caller = KnownCaller::new(
            Principal::parse(session).unwrap(),
            [
                ("aws:SourceIdentity".into(), Some("alice".into())),
                ("aws:username".into(), None),
                (
                    "aws:PrincipalArn".into(),
                    Some("arn:aws:iam::111122223333:role/team/Exec".into()),
                ),
            ],
        );
        let action = Action::parse("s3:GetObject").unwrap();
        let resource = Resource::parse("arn:aws:s3:::b/k").unwrap();
        let request = caller
            .request(action.clone(), resource)
            .set("AWS:sourceidentity", "mallory")
            .set("aws:username", "mallory")
            .absent("aws:PrincipalAccount")
            .set("s3:prefix", "p")
            .build();
        let one = |key: &str| {
            request
                .context()
                .get(key)
                .map(|value| &*value.as_slice()[0])
        };
        assert_eq!(one("aws:SourceIdentity"), Some("alice"));
        assert_eq!(one("aws:username"), None);
        assert_eq!(one("aws:PrincipalAccount"), Some("111122223333"));
        assert_eq!(one("aws:PrincipalType"), Some("AssumedRole"));
        assert_eq!(one("s3:prefix"), Some("p"));
        let arn = "arn:aws:iam::111122223333:role/team/Exec";
        assert_eq!(one("aws:PrincipalArn"), Some(arn));
        assert_eq!(
            request.principal(),
            &Principal::parse(session)
                .unwrap()
                .with_role(&Arn::parse(arn).unwrap())
        );
        let mut names: Vec<&str> = request.context().iter().map(|(key, _)| key).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "aws:PrincipalAccount",
                "aws:PrincipalArn",
                "aws:PrincipalIsAWSService",
                "aws:PrincipalType",
                "aws:SourceIdentity",
                "s3:prefix"
            ]
        );
        // Changed, it is a request like any other.
        let changed = request
            .to_builder()
            .set("aws:SourceIdentity", "bob")
            .build();
        assert_eq!(
            changed.context().get("aws:SourceIdentity"),
            Some(&"bob".into())
        );
    }

    #[test]
    fn an_action_is_a_service_and_a_name() {
        for bad in [
            "s3",
            "s3:",
            ":Get",
            "s3:Get*",
            "*",
            "s3:Get Object",
            "a:b:c",
        ] {
            assert!(Action::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Action::parse("S3:GetObject").unwrap().service(), "s3");
    }
}

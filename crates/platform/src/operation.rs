//! Operations as declarations: what a call may do is said here, and nothing else runs.

use jiff::Timestamp;
use policy::{AccountId, Action, Arn, ContextKey, ContextValue};
use wire::value::Value;

use crate::authorize::Permitted;
use crate::beside::Beside;
use crate::call::Call;
use crate::door::Door;
use crate::error::ApiError;
use crate::federated::FederatedCaller;
use crate::flow::Receiver;
use crate::identity::Tag;
use crate::outcome::Outcome;
use crate::platform::Platform;
use crate::resource::Target;

/// A service: its API and the operations of it that are built.
pub struct Service {
    /// botocore's name of its API, such as `sts`.
    pub api: &'static str,
    /// The name in `eventSource` and service principals, such as `sts.amazonaws.com`.
    pub principal: &'static str,
    /// What is built. An operation of the API that is not here answers that it is not implemented.
    pub operations: &'static [Operation],
    /// The ways in that are no operations. Most services have none.
    pub doors: &'static [Door],
    /// What it keeps of a resource, where policies can depend on that.
    pub resource: Option<ResourceOf>,
}

impl Service {
    /// What stands before the colon of its actions, and names it in ARNs.
    pub(crate) fn prefix(&self) -> &'static str {
        self.principal.split('.').next().unwrap_or_default()
    }
}

/// Finds the resource with this ARN, whatever its account, with its owner, tags and policy: those that
/// count for callers of the account that is given last.
pub type ResourceOf = fn(&Call<'_>, &Arn, AccountId) -> Result<Option<Target>, ApiError>;

/// An operation. Every member is needed: one without an authorization does not compile.
pub struct Operation {
    /// Its name in the API.
    pub name: &'static str,
    /// Whether it only reads, as the trail's `readOnly` says.
    pub effect: Effect,
    /// Whether the trail counts it among management or data events.
    pub category: Category,
    /// Whether it may be asked without a signature. Who asks so is nobody, and may what policies of
    /// resources give to everyone.
    pub unsigned: bool,
    /// What tells who asks, where it is no signature but something in the input.
    pub proof: Option<Proof>,
    /// What must be allowed before it runs. All of it must be.
    pub checks: ChecksOf,
    /// What it does.
    pub handle: Handler,
    /// What takes the body while it comes, where the API streams it.
    pub receive: Option<Receiver>,
    /// What is said beside its answers.
    pub beside: Option<&'static Beside>,
    /// Up to how many bytes of a body it does no more than look up or change a few records, so that a
    /// server may answer it on the thread that reads requests.
    pub brief: Option<usize>,
}

impl Operation {
    /// A management operation that only reads.
    #[must_use]
    pub const fn read(name: &'static str, checks: ChecksOf, handle: Handler) -> Self {
        Self {
            name,
            effect: Effect::Read,
            category: Category::Management,
            unsigned: false,
            proof: None,
            checks,
            handle,
            receive: None,
            beside: None,
            brief: None,
        }
    }

    /// A management operation that may change something.
    #[must_use]
    pub const fn write(name: &'static str, checks: ChecksOf, handle: Handler) -> Self {
        Self {
            name,
            effect: Effect::Write,
            category: Category::Management,
            unsigned: false,
            proof: None,
            checks,
            handle,
            receive: None,
            beside: None,
            brief: None,
        }
    }

    /// The same operation, which does no more than look up a few records.
    #[must_use]
    pub const fn brief(self) -> Self {
        self.brief_up_to(usize::MAX)
    }

    /// The same operation, which does no more than look up or change a few records when it has a body of
    /// at most so many bytes.
    #[must_use]
    pub const fn brief_up_to(self, bytes: usize) -> Self {
        Self {
            brief: Some(bytes),
            ..self
        }
    }

    /// The same operation, open to those who do not sign.
    #[must_use]
    pub const fn unsigned(self) -> Self {
        Self {
            unsigned: true,
            ..self
        }
    }

    /// The same operation with what takes its body while it comes. The handler runs when the body is
    /// whole.
    #[must_use]
    pub const fn receiving(self, receive: Receiver) -> Self {
        Self {
            receive: Some(receive),
            ..self
        }
    }

    /// The same operation for those who prove who they are by something in the input, such as a token,
    /// and do not sign.
    #[must_use]
    pub const fn proven_by(self, proof: Proof) -> Self {
        Self {
            unsigned: true,
            proof: Some(proof),
            ..self
        }
    }

    /// The same operation as one on data.
    #[must_use]
    pub const fn on_data(self) -> Self {
        Self {
            category: Category::Data,
            ..self
        }
    }
}

/// Tells from an input, as of a time, who asks. It may have to ask an identity provider, and is called
/// outside any transaction.
pub type Proof = fn(&Platform, &Value, Timestamp) -> Result<FederatedCaller, ApiError>;

/// Says what must be allowed for a call.
pub type ChecksOf = fn(&Call<'_>) -> Result<Checks, ApiError>;

/// Does what was permitted.
pub type Handler = fn(&Permitted<Call<'_>>) -> Result<Outcome, ApiError>;

/// What an operation does to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It may change something.
    Write,
}

/// The category of a trail event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// About the platform's resources.
    Management,
    /// About what is in them, such as objects.
    Data,
}

/// Everything that must be allowed for one call: at least one check.
pub struct Checks {
    all: Vec<Check>,
    pub(crate) each: bool,
}

impl From<Check> for Checks {
    fn from(first: Check) -> Self {
        Self {
            all: vec![first],
            each: false,
        }
    }
}

impl Checks {
    /// Demands `check` too.
    #[must_use]
    pub fn and(mut self, check: Check) -> Self {
        self.all.push(check);
        self
    }

    /// Demands each of `checks` too.
    #[must_use]
    pub fn and_all(mut self, checks: impl IntoIterator<Item = Check>) -> Self {
        self.all.extend(checks);
        self
    }

    /// Each of `checks` is decided by itself, as for a list of keys to delete. The handler is reached
    /// whatever the decisions are, and finds them in [`Permitted::write_each`].
    #[must_use]
    pub fn each(checks: Vec<Check>) -> Self {
        Self {
            all: checks,
            each: true,
        }
    }

    /// Changes each check, such as to add keys that all have.
    #[must_use]
    pub fn map(self, change: impl FnMut(Check) -> Check) -> Self {
        Self {
            all: self.all.into_iter().map(change).collect(),
            each: self.each,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Check> {
        self.all.iter()
    }

    /// What they are about.
    pub(crate) fn into_targets(self) -> Vec<Target> {
        self.all.into_iter().map(|check| check.target).collect()
    }
}

/// One question to the engine: an action on a resource, with the condition keys that come from the
/// call's input. Those about the caller and the request are added by the platform, after these, so
/// that no input can set them.
#[derive(Clone)]
pub struct Check {
    pub(crate) action: Action,
    pub(crate) target: Target,
    pub(crate) keys: Vec<(ContextKey, ContextValue)>,
}

/// How many keys a check has room for before it grows: as many as most have.
const ROOM: usize = 16;

impl Check {
    /// Asks for `action`, such as `iam:GetRole`, on `target`.
    ///
    /// # Errors
    /// When the action is not written as one; the call then fails as an internal error.
    pub fn new(action: &str, target: Target) -> Result<Self, ApiError> {
        let action = Action::parse(action).map_err(ApiError::internal)?;
        Ok(Self::of(&action, target))
    }

    /// Asks for `action` on `target`. Mostly it is the call's own ([`Call::action`]).
    #[must_use]
    pub fn of(action: &Action, target: Target) -> Self {
        Self {
            action: action.clone(),
            target,
            keys: Vec::with_capacity(ROOM),
        }
    }

    /// Sets a condition key from the input.
    #[must_use]
    pub fn key(mut self, name: impl Into<ContextKey>, value: impl Into<ContextValue>) -> Self {
        self.keys.push((name.into(), value.into()));
        self
    }

    /// Sets a condition key from a member of the input that may be absent.
    #[must_use]
    pub fn key_if(
        self,
        name: impl Into<ContextKey>,
        value: Option<impl Into<ContextValue>>,
    ) -> Self {
        match value {
            Some(value) => self.key(name, value),
            None => self,
        }
    }

    /// The tags in the request: `aws:RequestTag/KEY` for each, and `aws:TagKeys`. Without any, the
    /// keys are absent.
    #[must_use]
    pub fn request_tags(mut self, tags: &[Tag]) -> Self {
        for tag in tags {
            self = self.key(format!("aws:RequestTag/{}", tag.key), tag.value.as_str());
        }
        self.tag_keys(tags.iter().map(|tag| tag.key.clone()))
    }

    /// The tag keys in the request, where it has only keys: `aws:TagKeys`.
    #[must_use]
    pub fn tag_keys(self, keys: impl IntoIterator<Item = String>) -> Self {
        let keys: Vec<String> = keys.into_iter().collect();
        if keys.is_empty() {
            self
        } else {
            self.key("aws:TagKeys", keys)
        }
    }
}

/// `iam:PassRole` on the role `role`, handed to the service `to` (`sagemaker.amazonaws.com`) for the
/// resource `associated`, as IAM asks it of whoever gives a service a role.
///
/// # Errors
/// When the role's ARN is none.
pub fn pass_role(role: Target, to: &str, associated: Option<&str>) -> Result<Check, ApiError> {
    Ok(Check::new("iam:PassRole", role)?
        .key("iam:PassedToService", to)
        .key_if("iam:AssociatedResourceArn", associated))
}

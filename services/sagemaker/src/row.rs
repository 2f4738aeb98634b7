//! What there is to say about a kind of resource. A row of the table is a value of [`Row`]; one
//! implementation serves them all.

use platform::{ApiError, Call};

use super::assume::Assumption;
use super::item::Item;
use super::keys::Key;

/// A kind of resource.
pub(crate) struct Row {
    /// Its name in operations and members: `TrainingJob`.
    pub(super) noun: &'static str,
    /// Its name in ARNs: `training-job`.
    pub(super) arn_type: &'static str,
    /// Its name in the trail: `AWS::SageMaker::TrainingJob`.
    pub(super) trail_type: &'static str,
    /// The members that name it, outermost first.
    pub(super) names: &'static [&'static str],
    /// The prefix of its id, for kinds that get one instead of being named by who creates them.
    pub(super) issued: Option<&'static str>,
    /// The kind that it belongs to; its names are the first of this one's.
    pub(super) parent: Option<&'static Row>,
    /// The kinds that belong to it. While there are any it cannot be deleted.
    pub(super) children: &'static [&'static Row],
    /// The states it goes through.
    pub(super) life: Life,
    /// Members of an input that hand a role on.
    pub(super) roles: &'static [&'static str],
    /// How the role is assumed when a resource is created, for kinds where it is.
    pub(super) assumption: Option<Assumption>,
    /// Condition keys of its creation.
    pub(super) create_keys: &'static [Key],
    /// Condition keys of its update, from the input.
    pub(super) update_keys: &'static [Key],
    /// Condition keys of its update, from the resource as it is.
    pub(super) kept_keys: &'static [Key],
    /// Members that are shown as false when nobody said otherwise.
    pub(super) false_unless_said: &'static [&'static str],
    /// How it is listed.
    pub(super) list: List,
    /// Its errors.
    pub(super) errors: Errors,
}

/// The states of a kind.
pub(super) enum Life {
    /// It has none.
    Timeless,
    /// It is in service from its creation on.
    Service,
    /// It is in progress until it is stopped.
    Job {
        /// The noun in texts.
        noun: &'static str,
        /// Whether it shows a secondary status and the transitions.
        secondary: bool,
        /// The member that says when it ended.
        ended: &'static str,
    },
}

/// How a kind is listed.
pub(super) struct List {
    /// The member of the answer.
    pub(super) member: &'static str,
    /// The member of the input that asks for a part of the name, where it is not `NameContains`.
    pub(super) contains: &'static str,
    /// Whether the newest come first unless the caller says.
    pub(super) descending: bool,
}

/// The errors of a kind; each gets the ARN and the name.
pub(super) struct Errors {
    pub(super) missing: fn(arn: &str, name: &str) -> ApiError,
    pub(super) duplicate: fn(arn: &str, name: &str) -> ApiError,
}

impl Row {
    /// The ARN of the resource of these names.
    pub(super) fn arn(&self, call: &Call<'_>, names: &[impl AsRef<str>]) -> String {
        let path = names.iter().map(AsRef::as_ref);
        let path: Vec<&str> = std::iter::once(self.arn_type).chain(path).collect();
        call.arn("sagemaker", &path.join("/"))
    }

    /// The names in an input.
    pub(super) fn names_in<'t>(&self, call: &Call<'t>) -> Result<Vec<&'t str>, ApiError> {
        self.names.iter().map(|member| call.text(member)).collect()
    }

    /// There is no such resource.
    pub(super) fn missing(&self, call: &Call<'_>, names: &[impl AsRef<str>]) -> ApiError {
        (self.errors.missing)(&self.arn(call, names), last(names))
    }

    /// There is such a resource already.
    pub(super) fn duplicate(&self, call: &Call<'_>, names: &[impl AsRef<str>]) -> ApiError {
        (self.errors.duplicate)(&self.arn(call, names), last(names))
    }

    /// The ARN of a resource.
    pub(super) fn arn_of(&self, call: &Call<'_>, item: &Item) -> String {
        self.arn(call, &item.names)
    }
}

fn last(names: &[impl AsRef<str>]) -> &str {
    names.last().map_or("", AsRef::as_ref)
}

/// `ResourceInUse`
pub(super) fn in_use(text: impl Into<String>) -> ApiError {
    ApiError::new("ResourceInUse", 400, text)
}

/// `ResourceNotFound`
pub(super) fn not_found(text: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFound", 400, text)
}

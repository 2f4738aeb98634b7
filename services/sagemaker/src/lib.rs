//! Amazon SageMaker AI: Studio domains and user profiles, jobs, models, and their tags.
//!
//! Ordinary kinds of resources are rows of a table (`row::Row`) which one implementation serves:
//! a kind is added by writing its row beside the others in `kinds` and naming in `OPERATIONS`
//! which of the operations it has. What is peculiar to Studio is in `studio`.
//!
//! Jobs are recorded, not run: a job is in progress until somebody stops it.

mod assume;
mod change;
mod create;
pub mod desired;
mod item;
mod kept;
mod keys;
mod kinds;
mod list;
mod named;
mod row;
mod show;
mod studio;
mod tags;

use kinds::{Domain, Model, ProcessingJob, TrainingJob, UserProfile};
use platform::{Operation, Service};
use store::Format;

/// A kind of resource, as a type, so that an operation can be declared for it.
trait Kind {
    /// Everything there is to say about it.
    fn row() -> &'static row::Row;
}

/// All kinds, so that an ARN finds its own.
static KINDS: &[&row::Row] = &[
    &kinds::DOMAIN,
    &kinds::MODEL,
    &kinds::PROCESSING_JOB,
    &kinds::TRAINING_JOB,
    &kinds::USER_PROFILE,
];

/// An operation on a kind: `operation!(Stop TrainingJob)` is `StopTrainingJob`.
macro_rules! operation {
    (Create $kind:ident) => {
        Operation::write(
            concat!("Create", stringify!($kind)),
            create::may::<$kind>,
            create::create::<$kind>,
        )
    };
    (Describe $kind:ident) => {
        Operation::read(
            concat!("Describe", stringify!($kind)),
            named::may::<$kind>,
            show::describe::<$kind>,
        )
        .brief()
    };
    (List $kind:ident) => {
        Operation::read(
            concat!("List", stringify!($kind), "s"),
            named::may_list,
            list::list::<$kind>,
        )
    };
    (Update $kind:ident) => {
        Operation::write(
            concat!("Update", stringify!($kind)),
            change::may_update::<$kind>,
            change::update::<$kind>,
        )
    };
    (Stop $kind:ident) => {
        Operation::write(
            concat!("Stop", stringify!($kind)),
            named::may::<$kind>,
            change::stop::<$kind>,
        )
    };
    (Delete $kind:ident) => {
        Operation::write(
            concat!("Delete", stringify!($kind)),
            named::may::<$kind>,
            change::delete::<$kind>,
        )
    };
}

static OPERATIONS: &[Operation] = &[
    operation!(Create Domain),
    operation!(Describe Domain),
    operation!(List Domain),
    operation!(Update Domain),
    operation!(Delete Domain),
    operation!(Create UserProfile),
    operation!(Describe UserProfile),
    operation!(List UserProfile),
    operation!(Update UserProfile),
    operation!(Delete UserProfile),
    operation!(Create TrainingJob),
    operation!(Describe TrainingJob),
    operation!(List TrainingJob),
    operation!(Update TrainingJob),
    operation!(Stop TrainingJob),
    operation!(Delete TrainingJob),
    operation!(Create ProcessingJob),
    operation!(Describe ProcessingJob),
    operation!(List ProcessingJob),
    operation!(Stop ProcessingJob),
    operation!(Delete ProcessingJob),
    operation!(Create Model),
    operation!(Describe Model),
    operation!(List Model),
    operation!(Delete Model),
    Operation::write(
        "CreatePresignedDomainUrl",
        studio::may_presign,
        studio::presign,
    ),
    Operation::write("AddTags", tags::may_add, tags::add),
    Operation::write("DeleteTags", tags::may_delete, tags::delete),
    Operation::read("ListTags", tags::may_list, tags::list),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[Format::of::<item::Item>(), Format::of::<studio::Spent>()];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "sagemaker",
        principal: assume::PRINCIPAL,
        operations: OPERATIONS,
        doors: &[studio::DOOR],
        resource: Some(tags::held),
    }
}

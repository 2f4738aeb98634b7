//! AWS Secrets Manager: secrets with versions and staging labels.
//!
//! Values are sealed before they reach the state, each with a data key of KMS and bound to its secret's
//! ARN and its version (`seal`). Replicas, external secrets and rotation by functions are refused, not ignored. Sources of codes and
//! texts: the Secrets Manager API Reference and User Guide.

mod batch;
mod change;
mod check;
mod create;
mod delete;
pub mod desired;
mod error;
mod filter;
mod kms_key;
mod list;
mod name;
mod random;
mod record;
mod resource_policy;
mod rotation;
mod seal;
mod stage;
mod tag;
mod value;

pub use delete::{expire, has_expired};
pub use seal::reseal;

use platform::principal_ids;
use platform::{ApiError, Operation, Service};
use store::{Format, Write};

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateSecret", create::may, create::create),
    Operation::read("DescribeSecret", check::on_secret, list::describe).brief(),
    Operation::read("ListSecrets", check::on_nothing, list::list),
    Operation::read("ListSecretVersionIds", check::on_secret, list::versions),
    Operation::read("GetSecretValue", check::on_value, value::get).brief(),
    Operation::write("PutSecretValue", check::on_secret, change::put),
    Operation::write("UpdateSecret", check::on_update, change::update),
    Operation::write("DeleteSecret", check::on_deletion, delete::delete),
    Operation::write("RestoreSecret", check::on_secret, delete::restore),
    Operation::read("BatchGetSecretValue", batch::may, batch::get),
    Operation::write("UpdateSecretVersionStage", check::on_stage, stage::update),
    Operation::write("RotateSecret", check::on_rotation, rotation::rotate),
    Operation::write("CancelRotateSecret", check::on_secret, rotation::cancel),
    Operation::read("GetRandomPassword", check::on_nothing, random::password),
    Operation::write("TagResource", tag::may_tag, tag::tag),
    Operation::write("UntagResource", tag::may_untag, tag::untag),
    Operation::write("PutResourcePolicy", check::on_policy, resource_policy::put),
    Operation::read(
        "ValidateResourcePolicy",
        check::on_validation,
        resource_policy::validate,
    ),
    Operation::read("GetResourcePolicy", check::on_secret, resource_policy::get),
    Operation::write(
        "DeleteResourcePolicy",
        check::on_secret,
        resource_policy::delete,
    ),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[
    Format::of::<record::Accessed>(),
    Format::of::<record::Secret>(),
    Format::of::<seal::SealedValue>(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "secretsmanager",
        principal: "secretsmanager.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
        resource: Some(check::find),
    }
}

/// Binds the policies that were stored by the names of their principals.
///
/// # Errors
/// When the store fails.
pub fn bind_policies(tx: &mut dyn Write, partition: &str) -> Result<(), ApiError> {
    principal_ids::bind_all::<record::Secret>(tx, partition)
}

//! The frame that every service stands in.
//!
//! # The hallway
//!
//! ```text
//! bytes ─ read ─▶ Signed ─ verify ─▶ Verified ─ authorize ─▶ Permitted<Call> ─ handler ─▶ Outcome ─ record ─▶ Withheld ─ release ─▶ bytes
//! ```
//!
//! Each arrow is the only maker of what stands behind it ([`hallway`]). A handler takes
//! [`Permitted`], which only the engine's permits make; a response is [`Withheld`]
//! until the trail has taken what happened. Refused calls (unsigned, wrongly signed, malformed, denied,
//! not built) are recorded too.
//!
//! Everything here is synchronous. The server decides which thread works on a request; a handler
//! may block on the disk but not on other requests.
//!
//! # How to add an operation
//!
//! In `services/SERVICE/src/GROUP.rs`, say what must be allowed and what it does; then add a row to
//! the service's table (a new service stands in `services::all`):
//!
//! ```
//! use platform::{ApiError, Call, Check, Checks, Operation, Outcome, Permitted, Target};
//! use wire::value::Value;
//!
//! fn arn(call: &Call<'_>) -> Result<String, ApiError> {
//!     let name = call.text("TrainingJobName")?;
//!     Ok(call.arn("sagemaker", &format!("training-job/{name}")))
//! }
//!
//! fn may_describe(call: &Call<'_>) -> Result<Checks, ApiError> {
//!     let target = Target::arn(&arn(call)?)?.listed_as("AWS::SageMaker::TrainingJob");
//!     Ok(Check::of(call.action(), target).into())
//! }
//!
//! fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
//!     Ok(Outcome::new(Value::map().with("TrainingJobArn", arn(call)?)))
//! }
//!
//! const ROW: Operation = Operation::read("DescribeTrainingJob", may_describe, describe);
//! ```
//!
//! **What must be allowed** is a list of at least one [`Check`]: an action on a [`Target`]. Several:
//! `Checks::from(first).and(second)`. Tags of the resource: [`Target::tagged`]; its own policy:
//! [`Target::policy`] with [`Platform::resource_policy`]. Tags in the input: [`Check::request_tags`];
//! other keys from the input: [`Check::key_if`]; a role handed on: [`pass_role`]. Keys about the
//! caller, the request and the target's tags come by themselves. Where the resource does not exist,
//! check its would-be ARN and let the handler say that there is none, so that those who may not ask
//! learn nothing.
//!
//! **What it does**: read the input with [`Call::input`] and [`Call::text`] (it follows the API's
//! shapes) and the state with [`Call::state`] (the snapshot on which authorization decided). Change
//! the state with [`Permitted::write`], which asks every check again inside the transaction; read
//! there what you change. Time: [`Call::time`]; ids: [`id`]; errors of the service: [`ApiError::new`].
//!
//! **What has a policy of its own** keeps it as a [`principal_ids::BoundPolicy`], in which users and roles stand by
//! their unique ids.
//!
//! Further: [`Operation::on_data`] for data events, [`Target::listed_as`] to list the resource in the
//! trail, [`Door`] for a way in without a signature, [`sessions::assume_as_service`] for a service's session of a role, [`paging`] for listings, [`Call::forward`] and
//! [`Platform::call_as_service`] to ask another service,
//! [`Call::demand`] for one more permission in the middle, [`Platform::part`] for what a service keeps
//! beside the state.

mod authorize;
pub mod beside;
mod call;
mod caller;
mod compiled;
mod context;
pub mod denial;
pub mod desired;
mod digits;
mod door;
mod error;
mod federated;
mod flow;
mod formats;
pub mod hallway;
pub mod id;
pub mod identity;
mod inside;
mod key_alias;
mod operation;
pub mod organization;
mod outcome;
pub mod paging;
mod platform;
mod port;
pub mod principal_ids;
pub mod public;
mod record;
mod resource;
pub mod root;
pub mod seal;
mod session;
pub mod sessions;
pub mod tags;
pub mod usage;

pub use authorize::Permitted;
pub use call::{Call, Envelope, Tls, Transport, Verified};
pub use caller::{Caller, Identity};
pub use context::ServiceCaller;
pub use door::{Door, Page, Visit};
pub use error::{ApiError, Fault};
pub use federated::FederatedCaller;
pub use flow::{Flow, Payload, Receive, Receiver, Source};
pub use formats::FORMATS;
pub use key_alias::KeyAlias;
pub use operation::{
    Category, Check, Checks, ChecksOf, Effect, Handler, Operation, Proof, ResourceOf, Service,
    pass_role,
};
pub use outcome::Outcome;
pub use platform::{Config, NotServable, Platform, Ports};
pub use port::{Clock, Operator, Random, RandomError};
pub use record::{Release, Unrecorded, Withheld, release_all};
pub use resource::Target;
pub use session::{Bearer, Claims, Federation, Session, Studio};

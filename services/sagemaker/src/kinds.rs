//! The rows: one for each kind of resource. Codes and texts of errors are those that SageMaker
//! answers with; where only the code is documented the text is Palisade's own.

mod domain;
mod jobs;
mod model;
mod user_profile;

pub(crate) use domain::{DOMAIN, Domain};
pub(crate) use jobs::{PROCESSING_JOB, ProcessingJob, TRAINING_JOB, TrainingJob};
pub(crate) use model::{MODEL, Model};
pub(crate) use user_profile::{USER_PROFILE, UserProfile};

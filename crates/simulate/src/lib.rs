//! One request with its policies, answered: what `palisade simulate` reads and prints.
//!
//! ```
//! let answer = simulate::answer(
//!     r#"{"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
//!         "resource": "arn:aws:s3:::my-bucket/users/alice/a",
//!         "identity": [{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
//!                       "Resource": "arn:aws:s3:::my-bucket/users/${aws:username}/*"}}]}"#,
//! );
//! assert!(answer.unwrap().is_allow());
//! ```

mod answer;
mod batch;
mod case;
mod human;
mod service;

pub use answer::Answer;
pub use batch::{Input, Line, read};
pub use case::{Case, CaseError};
pub use human::{counterfactual_text, render};
pub use service::{OnBehalfOf, ServiceAnswer, ServiceCall, ServicePolicy};

use policy::text::Source;

/// Reads the files that a case names.
pub type Files<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Refuses every file; for cases that hold their policies themselves.
///
/// # Errors
/// Always.
pub fn no_files(path: &str) -> Result<String, String> {
    Err(format!(
        "the policy is the path `{path}`, and no files are read here"
    ))
}

/// Answers one case, given as JSON text that holds its policies.
///
/// # Errors
/// Everything that is wrong with the case, each with its place, the reason and the fix.
pub fn answer(case: &str) -> Result<Answer, CaseError> {
    Case::parse(&Source::new(case), &no_files).map(|case| case.answer())
}

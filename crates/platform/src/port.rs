//! What the platform needs from outside: the time, randomness and an operator.
//!
//! Nothing below the server reads a clock or a random source by itself, so that a test can fix both.

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The instant of the call.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes that nobody can predict.
pub trait Random: Send + Sync {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// When the source has none to give; the call that needed them then fails.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError>;
}

/// Hears what only the operator of the platform may know, such as why it failed.
pub trait Operator: Send + Sync {
    /// Tells the operator, in one line.
    fn report(&self, line: &str);
}

/// The random source failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomError(pub String);

impl std::error::Error for RandomError {}

impl std::fmt::Display for RandomError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the random source failed: {}", self.0)
    }
}

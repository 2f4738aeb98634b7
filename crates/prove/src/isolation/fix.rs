//! Changes with which a claim holds.

/// A change of a policy with which a claim holds: it was proved with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The policy.
    pub policy: String,
    /// The line.
    pub line: u32,
    /// What stands there.
    pub before: String,
    /// What to write instead.
    pub after: String,
}

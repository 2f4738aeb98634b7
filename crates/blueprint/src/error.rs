//! All that is wrong with a blueprint.

use std::fmt;

use policy::text::Rejected;

/// Everything that is wrong with a blueprint and the files that it names; never empty.
///
/// Prints each mistake with file, line, column, excerpt, reason and fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    /// One entry for each file with mistakes, the blueprint first.
    pub files: Vec<Rejected>,
}

impl Mistakes {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.files.iter().map(|file| file.diagnostics.len()).sum()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, file) in self.files.iter().enumerate() {
            let gap = if i == 0 { "" } else { "\n" };
            write!(f, "{gap}{file}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

//! The rules of the house that neither the compiler, rustfmt nor clippy keeps.
//!
//! Each rule is a function from a file's path and text to findings, so that the tests can show each
//! one failing.

mod manifest;
mod rust;
mod text;

use std::fmt;
use std::fs;

use crate::{Result, no_arguments, repo};

/// The longest hand-written Rust file that is not a test, in lines.
pub const MAX_LINES: usize = 600;

/// A rule broken somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the root of the checkout.
    pub path: String,
    /// The line, from 1; 0 when the finding is about the whole file.
    pub line: usize,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks the whole checkout.
///
/// # Errors
/// Lists every finding, or says which file could not be read.
pub fn run(args: &[String]) -> Result {
    no_arguments(args)?;
    let findings = findings()?;
    if findings.is_empty() {
        println!("tidy: nothing to complain about");
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    Err(format!("{} findings", findings.len()).into())
}

/// Everything the rules find in the checkout.
///
/// # Errors
/// Says which file could not be read.
pub fn findings() -> Result<Vec<Finding>> {
    let names = repo::files()?;
    let mut files = Vec::new();
    for name in names {
        let bytes = fs::read(repo::root().join(&name)).map_err(|e| format!("{name}: {e}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push((name, text));
        }
    }
    Ok(check(&files))
}

/// Everything the rules find in these files (path relative to the root, text).
#[must_use]
pub fn check(files: &[(String, String)]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in files {
        text::check(path, text, &mut found);
        rust::check(path, text, &mut found);
        manifest::check(path, text, &mut found);
    }
    rust::forgotten(files, &mut found);
    found
}

/// Tables and recorded input: exempt by the name of their folder or file.
fn is_data(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "data" | "corpus" | "golden"))
        || path.ends_with(".generated.rs")
        || path.ends_with("/generated.rs")
        || path.ends_with(".lock")
}

/// Rust that only tests compile.
fn is_test(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "tests" | "testkit" | "benches"))
        || path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
}

//! The chores of this workspace, one module each; `cargo xtask` alone lists them.

pub mod catalog;
pub mod ci;
pub mod deps;
pub mod generated;
pub mod repo;
pub mod shapes;
pub mod tidy;

use std::fmt::Write as _;

/// What a chore answers: nothing, or why it failed (already readable as it stands).
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// One chore of the command line.
#[derive(Debug, Clone, Copy)]
pub struct Chore {
    /// The word typed after `cargo xtask`.
    pub name: &'static str,
    /// One line for the list of chores.
    pub about: &'static str,
    /// Runs it with the arguments that follow its name.
    pub run: fn(&[String]) -> Result,
}

/// Every chore, in the order of the list.
pub const CHORES: &[Chore] = &[
    Chore {
        name: "ci",
        about: "run everything that continuous integration runs, or the steps named",
        run: ci::run,
    },
    Chore {
        name: "catalog",
        about: "make the tables of AWS's services, actions and condition keys",
        run: catalog::run,
    },
    Chore {
        name: "shapes",
        about: "make the tables of the served APIs' requests and responses",
        run: shapes::run,
    },
    Chore {
        name: "tidy",
        about: "check the rules of the house that no other tool checks",
        run: tidy::run,
    },
    Chore {
        name: "deps",
        about: "check the arrows between crates, licences and duplicates",
        run: deps::run,
    },
];

/// The list of chores, as printed when none was named.
#[must_use]
pub fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <chore> [arguments]\n\n");
    for chore in CHORES {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<9} {}", chore.name, chore.about);
    }
    text
}

/// Refuses arguments where a chore takes none.
///
/// # Errors
/// Names the first argument.
pub fn no_arguments(args: &[String]) -> Result {
    match args.first() {
        None => Ok(()),
        Some(first) => Err(format!("unexpected argument `{first}`").into()),
    }
}

//! `palisade --version`.

use std::fmt::Write as _;
use std::process::ExitCode;

pub(crate) fn print(verbose: bool) -> ExitCode {
    let mut text = format!("palisade {}\n", env!("CARGO_PKG_VERSION"));
    if verbose {
        let source = catalog::SOURCE;
        let _ = writeln!(
            text,
            "facts about AWS: {} {} of {} ({} services, {} actions, {} resource types, {} condition keys)",
            source.name,
            source.version,
            source.date,
            source.services,
            source.actions,
            source.resource_types,
            source.condition_keys
        );
    }
    if crate::print(&text) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

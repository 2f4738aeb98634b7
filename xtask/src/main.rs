//! The chores of this workspace: `cargo xtask <chore>`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        eprint!("{}", xtask::usage());
        return ExitCode::from(2);
    };
    let Some(chore) = xtask::CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("unknown chore `{name}`\n\n{}", xtask::usage());
        return ExitCode::from(2);
    };
    match (chore.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

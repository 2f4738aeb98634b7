//! What the README shows of the commands that need no server is what they print.

use crate::prove::{palisade, text};
use std::path::Path;

/// Where the README's walks begin.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A command, and what is shown of its answer.
struct Step<'r> {
    command: &'r str,
    shown: Vec<&'r str>,
}

/// The commands of the README's blocks, in order.
fn steps(readme: &str) -> Vec<Step<'_>> {
    let blocks = readme.split("```console\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap_or_default().lines());
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command,
                shown: Vec::new(),
            }),
            (None, Some(step)) => step.shown.push(line),
            (None, None) => panic!("`{line}` is no command's answer"),
        }
    }
    steps
}

/// Whether lines are those that are shown, where `…` stands for any number of them.
fn is_shown(lines: &[&str], shown: &[&str]) -> bool {
    match (shown.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => {
            let mut ends = (0..=lines.len()).filter_map(|at| lines.get(at..));
            ends.any(|end| is_shown(end, rest))
        }
        (Some((one, rest)), Some((line, lines))) => one == line && is_shown(lines, rest),
        _ => false,
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let work = tempfile::tempdir().unwrap();
    let copy = std::process::Command::new("cp")
        .args(["-r", &format!("{ROOT}/examples")])
        .arg(work.path())
        .status();
    assert!(copy.unwrap().success());
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut at = work.path().to_owned();
    let mut asked = Vec::new();
    for step in steps(&readme) {
        if let Some(folder) = step.command.strip_prefix("cd ") {
            at.push(folder);
        }
        let words: Vec<&str> = step.command.split(' ').collect();
        let Some(("palisade", arguments)) = words.split_first().map(|(one, rest)| (*one, rest))
        else {
            continue;
        };
        let Some(verb @ ("check" | "prove" | "synth" | "simulate")) = arguments.first().copied()
        else {
            continue;
        };
        let output = palisade(&at, arguments);
        let printed = text(&output.stdout);
        let command = step.command;
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{command}: {}",
            text(&output.stderr)
        );
        match step.shown.is_empty() {
            true => assert_eq!(output.status.code(), Some(0), "{command}: {printed}"),
            false => {
                let lines: Vec<&str> = printed.lines().collect();
                assert!(is_shown(&lines, &step.shown), "{command} prints\n{printed}");
            }
        }
        asked.push(verb);
    }
    for verb in ["check", "prove", "synth", "simulate"] {
        assert!(asked.contains(&verb), "{verb} is not shown");
    }
}

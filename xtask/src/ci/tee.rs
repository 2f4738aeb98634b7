//! Runs a program, shows what it writes, and keeps the lines in which a test runner counts.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use crate::{Result, repo};

/// A program that ended with a code other than 0.
#[derive(Debug)]
pub(super) struct Failed {
    message: String,
    /// The lines in which it counted tests all the same.
    pub(super) counted: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failed {}

/// Runs a command to its end, and returns the lines in which it counted tests.
pub(super) fn run(command: &mut Command) -> Result<Vec<String>> {
    let shown = repo::shown(command);
    println!("$ {shown}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{shown}`: {error}"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let beside = thread::spawn(move || show(err));
    let mut counted = show(out);
    counted.extend(beside.join().map_err(|_| "the output could not be read")?);
    let status = child.wait()?;
    if status.success() {
        return Ok(counted);
    }
    let message = format!("`{shown}` ended with {status}");
    Err(Box::new(Failed { message, counted }))
}

/// Shows each line as it comes and returns those that count.
fn show(from: Option<impl Read>) -> Vec<String> {
    let mut counted = Vec::new();
    let Some(from) = from else { return counted };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        if counts(&text) {
            counted.push(text.trim().to_owned());
        }
        line.clear();
    }
    counted
}

/// Whether this is the last line of nextest (`Summary […] 3 tests run: 3 passed`), of a test binary
/// (`test result: ok. 3 passed; …`) or of pytest (`== 3 passed in 0.1s ==`).
fn counts(line: &str) -> bool {
    let line = line.trim();
    let pytest = line.trim_matches('=').trim_start();
    let pytest = pytest.starts_with(|first: char| first.is_ascii_digit())
        && pytest.contains(" in ")
        && (pytest.contains(" passed") || pytest.contains(" failed") || pytest.contains(" error"));
    // A test binary without tests says nothing worth repeating.
    let binary = line.starts_with("test result: ") && !line.contains(" 0 passed; 0 failed");
    pytest || binary || (line.starts_with("Summary [") && line.contains("tests run"))
}

#[cfg(test)]
mod tests {
    use super::{Failed, counts, run};
    use crate::repo;

    #[test]
    fn a_failing_program_has_counted_too() {
        let script = "echo '3 passed in 1s'; echo '2 failed, 1 passed in 1s' >&2; exit 1";
        let error = run(repo::command("sh").args(["-c", script])).unwrap_err();
        let failed = error.downcast_ref::<Failed>().unwrap();
        assert_eq!(
            failed.counted,
            ["3 passed in 1s", "2 failed, 1 passed in 1s"]
        );
        assert!(failed.to_string().starts_with("`sh -c"));
    }

    #[test]
    fn the_last_lines_of_test_runners_are_kept() {
        assert!(counts(
            "     Summary [   0.469s] 26 tests run: 26 passed, 0 skipped\n"
        ));
        assert!(counts(
            "test result: ok. 1 passed; 0 failed; 0 ignored; finished in 0.00s"
        ));
        assert!(counts("======= 12 passed in 3.21s ======="));
        assert!(counts("==== 1 failed, 3 passed in 3.21s ===="));
        assert!(counts("12 passed, 1 warning in 3.21s"));
        assert!(!counts(
            "test result: ok. 0 passed; 0 failed; 0 ignored; finished in 0.00s"
        ));
        assert!(!counts(
            "        PASS [   0.004s] palisade-catalog iam::tests::x"
        ));
    }
}

//! Which part of a request's processor time authorization and audit are, by where the program and the kernel on
//! its behalf are found a few thousand times a second.
//!
//! The processor's own instructions for SHA count as what they take, and so does the write to the trail.

use crate::api::Request;
use crate::scenario::{self, Scenario};
use crate::server::Server;
use crate::shares::{PARTS, Part, plain};
use crate::together::Together;
use crate::{CONNECTIONS, Result, load};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// For how long is looked.
const TIMED: Duration = Duration::from_secs(6);
/// How often a second.
const FREQUENCY: &str = "2500";
/// How much of a stack is kept to find its callers.
const STACK: &str = "dwarf,16384";

/// Prints the table.
pub(crate) async fn print(palisade: &Path, only: &str) -> Result {
    let server = Server::plain(palisade).await?;
    let prepared = scenario::prepare(&server).await?;
    print!("| request | connections | samples | the kernel's |");
    for part in PARTS {
        print!(" {} |", part.name);
    }
    println!(" authorization and audit |");
    println!("|---|{}", "---:|".repeat(PARTS.len() + 4));
    let wanted = |scenario: &&Scenario| scenario.name.starts_with(only);
    for scenario in scenario::ALL.iter().filter(wanted) {
        for connections in CONNECTIONS {
            let requests = prepared.requests(&server, scenario)?.ok_or("no requests")?;
            let samples = look(&server, &requests, connections).await?;
            let share = |count: usize| count as f64 / samples.all.max(1) as f64 * 100.0;
            let kernel = share(samples.kernel);
            print!(
                "| {} | {connections} | {} | {kernel:.1} % |",
                scenario.name, samples.all
            );
            for count in &samples.parts {
                print!(" {:.1} % |", share(*count));
            }
            println!(" {:.1} % |", share(samples.both));
        }
    }
    Ok(())
}

struct Samples {
    all: usize,
    kernel: usize,
    parts: Vec<usize>,
    /// In authorization or audit. One request may ask another on the way, whose audit is a part of neither
    /// alone.
    both: usize,
}

async fn look(server: &Server, requests: &Arc<[Request]>, connections: usize) -> Result<Samples> {
    let take_turns = connections == 1;
    let _together = take_turns
        .then(|| Together::with(server.pid()))
        .transpose()?;
    load::run(server.address, requests, connections, TIMED / 6).await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("samples");
    let seconds = TIMED.as_secs_f64() * 0.8;
    let mut perf = Command::new("perf")
        .args(["record", "-q", "-e", "cpu-clock", "-F", FREQUENCY])
        .args(["--call-graph", STACK, "-p", &server.pid().to_string()])
        .arg("-o")
        .arg(&file)
        .args(["--", "sleep", &format!("{seconds:.1}")])
        .stdout(Stdio::null())
        .spawn()?;
    load::run(server.address, requests, connections, TIMED).await?;
    if !perf.wait()?.success() {
        return Err("perf could not look".into());
    }
    let said = Command::new("perf")
        .args(["script", "--no-inline", "-F", "ip,sym", "-i"])
        .arg(&file)
        .stderr(Stdio::null())
        .output()?;
    Ok(count(&String::from_utf8_lossy(&said.stdout)))
}

/// Counts stacks: a paragraph each, the innermost function first.
fn count(text: &str) -> Samples {
    let mut samples = Samples {
        all: 0,
        kernel: 0,
        parts: vec![0; PARTS.len()],
        both: 0,
    };
    for stack in text.split("\n\n") {
        let functions: Vec<(&str, String)> = stack.lines().filter_map(function).collect();
        let Some((address, _)) = functions.first() else {
            continue;
        };
        samples.all += 1;
        samples.kernel += usize::from(address.starts_with("ffffffff"));
        let within = |part: &Part| {
            let mut names = functions.iter();
            names.any(|(_, name)| part.functions.contains(&name.as_str()))
        };
        for (part, count) in PARTS.iter().zip(&mut samples.parts) {
            *count += usize::from(within(part));
        }
        // The signature is neither.
        samples.both += usize::from(PARTS.iter().skip(1).any(within));
    }
    samples
}

/// The address and the name in a line.
fn function(line: &str) -> Option<(&str, String)> {
    let (address, name) = line.trim().split_once(' ')?;
    Some((address, plain(name.trim())))
}

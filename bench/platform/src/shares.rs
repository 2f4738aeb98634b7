//! Which part of a request's processor time is authorization and audit, and which is the kernel's.
//!
//! Instructions are counted by callgrind, which sees those of the program and not those of the kernel
//! on its behalf; the kernel's part is what the operating system says of the same requests to a server
//! without callgrind. Both over one connection, after a warm-up.

use crate::api::Request;
use crate::scenario::{self, Scenario};
use crate::server::Server;
use crate::{Result, load};
use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Requests that are counted, and as many before them that are not.
const COUNTED: usize = 500;
/// For how long the same is asked without callgrind.
const TIMED: Duration = Duration::from_secs(2);

/// A part of the way of a request, and the functions that are all of it. None of them is called by
/// another of its part.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) functions: &'static [&'static str],
}

pub(crate) const PARTS: &[Part] = &[
    Part {
        name: "signature",
        functions: &[
            "wire::sigv4::key::KeyCache::verify",
            "platform::caller::Credential::find",
        ],
    },
    Part {
        name: "authorization",
        functions: &[
            "platform::caller::Caller::learn",
            "platform::caller::Caller::resolve",
            "platform::authorize::authorize",
        ],
    },
    Part {
        name: "audit",
        functions: &[
            "platform::record::record",
            "<trail::file::FileLog as trail::log::Log>::submit",
        ],
    },
];

/// Prints the table.
pub(crate) async fn print(palisade: &Path, only: &str) -> Result {
    let plain = Server::plain(palisade).await?;
    let counted = Server::counted(palisade).await?;
    let (times, counts) = (
        scenario::prepare(&plain).await?,
        scenario::prepare(&counted).await?,
    );
    print!("| request | instructions |");
    for part in PARTS {
        print!(" {} |", part.name);
    }
    println!(" authorization and audit | user time | kernel's time | both of all |");
    println!("|---|{}", "---:|".repeat(PARTS.len() + 5));
    let wanted = |scenario: &&Scenario| scenario.name.starts_with(only);
    for scenario in scenario::ALL.iter().filter(wanted) {
        let requests = times.requests(&plain, scenario)?.ok_or("no requests")?;
        let (user, kernel) = time(&plain, &requests).await?;
        let requests = counts.requests(&counted, scenario)?.ok_or("no requests")?;
        let counts = count(&counted, &requests).await?;
        let all = counts.all as f64;
        print!("| {} | {} |", scenario.name, counts.all / COUNTED as u64);
        for count in &counts.parts {
            print!(" {:.1} % |", *count as f64 / all * 100.0);
        }
        // The signature is neither.
        let both: u64 = counts.parts.iter().skip(1).sum();
        let share = both as f64 / all;
        let of_all = share * user / (user + kernel);
        println!(
            " {:.1} % | {user:.0} µs | {kernel:.0} µs | {:.1} % |",
            share * 100.0,
            of_all * 100.0
        );
    }
    Ok(())
}

/// User's and kernel's time of a request, in microseconds.
async fn time(server: &Server, requests: &Arc<[Request]>) -> Result<(f64, f64)> {
    load::run(server.address, requests, 1, TIMED / 4).await?;
    let before = server.times()?;
    let timed = load::run(server.address, requests, 1, TIMED).await?;
    let after = server.times()?;
    let each = |after: Duration, before: Duration| {
        after.saturating_sub(before).as_secs_f64() * 1e6 / timed.count.max(1) as f64
    };
    Ok((each(after.0, before.0), each(after.1, before.1)))
}

struct Counts {
    all: u64,
    parts: Vec<u64>,
}

async fn count(server: &Server, requests: &Arc<[Request]>) -> Result<Counts> {
    load::some(server.address, requests, COUNTED).await?;
    control(server, &["--instr=on"])?;
    control(server, &["--zero"])?;
    load::some(server.address, requests, COUNTED).await?;
    control(server, &["--dump"])?;
    control(server, &["--instr=off"])?;
    let annotated = Command::new("callgrind_annotate")
        .args(["--inclusive=yes", "--threshold=100", "--show-percs=no"])
        .arg(server.newest_dump()?)
        .output()?;
    let text = String::from_utf8_lossy(&annotated.stdout);
    let inclusive = inclusive(&text);
    let all = text
        .lines()
        .find_map(|line| number(line.strip_suffix("PROGRAM TOTALS")?));
    let of = |name: &&str| inclusive.get(*name).copied().unwrap_or_default();
    Ok(Counts {
        all: all.ok_or("callgrind_annotate gave no totals")?,
        parts: PARTS
            .iter()
            .map(|part| part.functions.iter().map(|name| of(name)).sum())
            .collect(),
    })
}

fn control(server: &Server, arguments: &[&str]) -> Result {
    let said = Command::new("callgrind_control")
        .args(arguments)
        .arg(server.pid().to_string())
        .output()?;
    if said.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&said.stderr).into_owned().into())
}

/// Instructions of each function with all that it calls.
fn inclusive(text: &str) -> HashMap<String, u64> {
    let mut all = HashMap::new();
    for line in text.lines() {
        let Some((count, place)) = line.trim_start().split_once(' ') else {
            continue;
        };
        let Some(count) = number(count) else {
            continue;
        };
        // What has no object is a part of another function that was inlined.
        let Some((function, _)) = place.rsplit_once(" [") else {
            continue;
        };
        let name = function
            .rsplit_once(".rs:")
            .map_or(function, |(_, name)| name);
        let name = name.trim_start_matches("???:").trim();
        *all.entry(plain(name)).or_default() += count;
    }
    all
}

/// A function's name without what the compiler added.
pub(crate) fn plain(name: &str) -> String {
    let name = name.split("'2").next().unwrap_or(name);
    let mut parts: Vec<&str> = name.split("::").collect();
    let is_hash = |part: &&str| {
        part.len() == 17
            && part.starts_with('h')
            && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'h')
    };
    if parts.last().is_some_and(is_hash) {
        parts.pop();
    }
    parts.join("::")
}

fn number(text: &str) -> Option<u64> {
    text.trim().replace(',', "").parse().ok()
}

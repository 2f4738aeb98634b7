//! Times `palisade serve` beside moto_server and s3s-fs in one run, and prints Markdown.
//!
//! `palisade-bench-platform PALISADE PEERS [SECONDS [SCENARIO]]`: the program `palisade`, the folder that `peers.sh` made (`-`
//! for no peers), for how long each cell is measured (default 3), and how the names of the scenarios to measure begin. Authorization and audit are on in Palisade: it serves from a directory, and its
//! caller is a session of a role with a policy of ten statements.
//!
//! `palisade-bench-platform all PALISADE PEERS [SECONDS]`: all of it, and all that follows, as the tables of the README.
//!
//! `palisade-bench-platform shares PALISADE [SCENARIO]`: which part of a request's time authorization and
//! audit are, by samples and by counting instructions. Needs perf and valgrind.
//!
//! `palisade-bench-platform crowd PALISADE [COUNT]`: what a request costs when there are so many users, roles
//! and policies (default 100,000 of each), beside what it costs when there are none.

mod api;
mod crowd;
mod load;
mod report;
mod samples;
mod scenario;
mod server;
mod shares;
mod together;

use api::Request;
use report::Cell;
use scenario::Scenario;
use server::Server;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use together::Together;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// At how many connections each scenario is measured.
const CONNECTIONS: [usize; 2] = [1, 64];

/// Users, roles and policies that make a crowd, unless told otherwise.
const CROWD: usize = 100_000;

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (palisade, peers, seconds, only) = match args.as_slice() {
        ["shares", palisade] => return runtime.block_on(shares(Path::new(palisade), "")),
        ["shares", palisade, only] => return runtime.block_on(shares(Path::new(palisade), only)),
        ["all", palisade, peers, seconds @ ..] if seconds.len() < 2 => {
            let seconds = seconds.first().map_or(Ok(3.0), |seconds| seconds.parse())?;
            return runtime.block_on(all(Path::new(palisade), Path::new(peers), seconds));
        }
        ["crowd", palisade] => return runtime.block_on(crowd::print(Path::new(palisade), CROWD)),
        ["crowd", palisade, count] => {
            return runtime.block_on(crowd::print(Path::new(palisade), count.parse()?));
        }
        [palisade, peers] => (*palisade, *peers, 3.0, ""),
        [palisade, peers, seconds] => (*palisade, *peers, seconds.parse()?, ""),
        [palisade, peers, seconds, only] => (*palisade, *peers, seconds.parse()?, *only),
        _ => {
            return Err(
                "usage: palisade-bench-platform PALISADE PEERS [SECONDS [SCENARIO]]".into(),
            );
        }
    };
    let peers = (peers != "-").then(|| Path::new(peers));
    let each = Duration::from_secs_f64(seconds);
    runtime.block_on(run(Path::new(palisade), peers, each, only))
}

async fn all(palisade: &Path, peers: &Path, seconds: f64) -> Result {
    let each = Duration::from_secs_f64(seconds);
    run(palisade, Some(peers), each, "").await?;
    println!();
    shares(palisade, "").await?;
    println!();
    crowd::print(palisade, CROWD).await
}

async fn shares(palisade: &Path, only: &str) -> Result {
    samples::print(palisade, only).await?;
    println!();
    shares::print(palisade, only).await
}

async fn run(palisade: &Path, peers: Option<&Path>, each: Duration, only: &str) -> Result {
    let servers = server::start(palisade, peers).await?;
    let mut idle = Vec::new();
    let mut prepared = Vec::new();
    for server in &servers {
        idle.push((server.name, server.start_up, server.memory()?));
        eprintln!("preparing {}", server.name);
        prepared.push(scenario::prepare(server).await?);
    }
    let mut cells = Vec::new();
    let wanted = |scenario: &&Scenario| scenario.name.starts_with(only);
    for scenario in scenario::ALL.iter().filter(wanted) {
        for connections in CONNECTIONS {
            for (server, prepared) in servers.iter().zip(&prepared) {
                let Some(requests) = prepared.requests(server, scenario)? else {
                    continue;
                };
                eprintln!("{} at {connections} on {}", scenario.name, server.name);
                cells.push(measure(server, scenario, &requests, connections, each).await?);
            }
        }
    }
    print!("{}", report::markdown(&idle, &cells));
    if let (Some(server), Some(prepared)) = (servers.first(), prepared.first())
        && let Some(requests) = prepared.requests(server, &scenario::ALL[0])?
    {
        let echo = load::echo(&requests, each).await?;
        println!("\n{}", report::echo(scenario::ALL[0].name, &echo));
    }
    Ok(())
}

async fn measure(
    server: &Server,
    scenario: &Scenario,
    requests: &Arc<[Request]>,
    connections: usize,
    each: Duration,
) -> Result<Cell> {
    let take_turns = connections == 1 && scenario.small;
    let _together = take_turns
        .then(|| Together::with(server.pid()))
        .transpose()?;
    // Warms up caches and connections.
    load::run(server.address, requests, connections, each / 6).await?;
    let before = server.cpu()?;
    let timed = load::run(server.address, requests, connections, each).await?;
    if server.is_ours() && timed.failed > 0 {
        return Err(format!("{} failed {} times", scenario.name, timed.failed).into());
    }
    Ok(Cell {
        scenario: scenario.name,
        connections,
        server: server.name,
        cpu: server.cpu()?.saturating_sub(before),
        timed,
        memory: server.memory()?,
    })
}

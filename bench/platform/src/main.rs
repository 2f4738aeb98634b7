//! Times `palisade serve` beside moto_server and s3s-fs in one run, and prints Markdown.
//!
//! `palisade-bench-platform PALISADE PEERS [SECONDS]`: the program `palisade`, the folder that `peers.sh` made, and for how
//! long each cell is measured (default 3). Authorization and audit are on in Palisade: it serves from a directory, and its
//! caller is a session of a role with a policy of ten statements.

mod api;
mod load;
mod report;
mod scenario;
mod server;

use std::path::Path;
use std::time::Duration;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// At how many connections each scenario is measured.
const CONNECTIONS: [usize; 2] = [1, 64];

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (palisade, peers, seconds) = match args.as_slice() {
        [palisade, peers] => (palisade, peers, 3.0),
        [palisade, peers, seconds] => (palisade, peers, seconds.parse()?),
        _ => return Err("usage: palisade-bench-platform PALISADE PEERS [SECONDS]".into()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(
        Path::new(palisade),
        Path::new(peers),
        Duration::from_secs_f64(seconds),
    ))
}

async fn run(palisade: &Path, peers: &Path, each: Duration) -> Result {
    let servers = server::start(palisade, peers).await?;
    let mut idle = Vec::new();
    let mut prepared = Vec::new();
    for server in &servers {
        idle.push((server.name, server.start_up, server.memory()?));
        eprintln!("preparing {}", server.name);
        prepared.push(scenario::prepare(server).await?);
    }
    let mut cells = Vec::new();
    for scenario in scenario::ALL {
        for connections in CONNECTIONS {
            for (server, prepared) in servers.iter().zip(&prepared) {
                let Some(requests) = prepared.requests(server, scenario)? else {
                    continue;
                };
                eprintln!("{} at {connections} on {}", scenario.name, server.name);
                // Warms up caches and connections.
                load::run(server.address, &requests, connections, each / 6).await?;
                let timed = load::run(server.address, &requests, connections, each).await?;
                if server.name == "Palisade" && timed.failed > 0 {
                    return Err(format!("{} failed {} times", scenario.name, timed.failed).into());
                }
                cells.push(report::Cell {
                    scenario: scenario.name,
                    connections,
                    server: server.name,
                    timed,
                    memory: server.memory()?,
                });
            }
        }
    }
    print!("{}", report::markdown(&idle, &cells));
    Ok(())
}

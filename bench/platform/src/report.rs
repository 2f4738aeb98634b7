//! The tables.

use crate::load::Timed;
use std::fmt::Write as _;
use std::time::Duration;

/// What was measured of one scenario at one number of connections on one server.
pub(crate) struct Cell {
    pub(crate) scenario: &'static str,
    pub(crate) connections: usize,
    pub(crate) server: &'static str,
    pub(crate) timed: Timed,
    /// Processor time of the server.
    pub(crate) cpu: Duration,
    pub(crate) memory: u64,
}

/// All of it as Markdown.
pub(crate) fn markdown(idle: &[(&str, Duration, u64)], cells: &[Cell]) -> String {
    let mut text = String::from("| server | start-up | idle memory |\n|---|---:|---:|\n");
    for (name, start_up, memory) in idle {
        let _ = writeln!(
            text,
            "| {name} | {} ms | {} |",
            start_up.as_millis(),
            mebibytes(*memory)
        );
    }
    text.push_str(
        "\n| request | connections | server | requests/s | p50 | p99 | CPU a request | memory | Palisade is faster |\n\
         |---|---:|---|---:|---:|---:|---:|---:|---:|\n",
    );
    for cell in cells {
        let ours = cells.iter().find(|other| {
            (other.scenario, other.connections, other.server)
                == (cell.scenario, cell.connections, "Palisade")
        });
        let ratio = match ours {
            Some(ours) if !cell.server.starts_with("Palisade") => {
                format!("{:.1} ×", ours.timed.throughput / cell.timed.throughput)
            }
            _ => String::new(),
        };
        let failed = match cell.timed.failed {
            0 => String::new(),
            failed => format!(" ({failed} failed)"),
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0}{failed} | {} | {} | {} | {} | {ratio} |",
            cell.scenario,
            cell.connections,
            cell.server,
            cell.timed.throughput,
            short(cell.timed.p50),
            short(cell.timed.p99),
            short(cell.cpu / u32::try_from(cell.timed.count).unwrap_or(u32::MAX).max(1)),
            mebibytes(cell.memory),
        );
    }
    text
}

/// What the way there and back takes.
pub(crate) fn echo(scenario: &str, timed: &Timed) -> String {
    format!(
        "A server that does no more than read the requests of {scenario} and write as many bytes answers {:.0} of them a \
         second at one connection: the way there and back takes {}.",
        timed.throughput,
        short(timed.p50)
    )
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

fn short(time: Duration) -> String {
    match time.as_micros() {
        micros @ ..10_000 => format!("{micros} µs"),
        micros => format!("{} ms", micros / 1_000),
    }
}

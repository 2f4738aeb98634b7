//! Asking, so that it can be interrupted and asked again.

use super::Prove;
use crate::BAD_INPUT;
use prove::{Outcome, Report, Verdict};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// What is known of a question with several parts, for whoever interrupts it.
static KNOWN: Mutex<Vec<Report>> = Mutex::new(Vec::new());

/// Deep searches need more than a thread has by default.
const STACK: usize = 256 << 20;

/// How often files are looked at for changes, and progress is shown.
const LOOK: Duration = Duration::from_millis(200);

/// Notes an answer to one part of a question.
pub(super) fn known(report: &Report) {
    if let Ok(mut reports) = KNOWN.lock() {
        reports.push(report.clone());
    }
}

/// Asks, and again whenever a file changes if that is wanted.
pub(super) fn run(prove: Prove) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("the runtime does not start: {error}")),
    };
    let prove = Arc::new(prove);
    runtime.block_on(async {
        loop {
            let files = prove.files();
            let before = stamps(&files);
            let code = once(&prove).await;
            if !prove.watches() {
                return code;
            }
            while stamps(&files) == before {
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    _ = tokio::signal::ctrl_c() => return code,
                }
            }
        }
    })
}

/// When each file was changed; a folder counts by its own time and that of the files in it.
fn stamps(files: &[PathBuf]) -> Vec<Option<SystemTime>> {
    let found = super::input::files(files).unwrap_or_default();
    let all = files.iter().chain(&found);
    all.map(|path| {
        std::fs::metadata(path)
            .and_then(|data| data.modified())
            .ok()
    })
    .collect()
}

async fn once(prove: &Arc<Prove>) -> ExitCode {
    if let Ok(mut reports) = KNOWN.lock() {
        reports.clear();
    }
    let (send, mut receive) = tokio::sync::oneshot::channel();
    let asked = prove.clone();
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            // Nobody waits any more where the question was interrupted.
            let _ = send.send(asked.answer());
        });
    if let Err(error) = thread {
        return failed(&format!("the question cannot be asked: {error}"));
    }
    let shows = std::io::stderr().is_terminal();
    loop {
        tokio::select! {
            answer = &mut receive => return match answer {
                Ok(Ok(report)) => prove.give(&report),
                Ok(Err(error)) => failed(&error),
                Err(_) => failed("the question was not answered"),
            },
            _ = tokio::signal::ctrl_c() => return prove.give(&interrupted()),
            () = tokio::time::sleep(LOOK * 5) => {
                let count = KNOWN.lock().map(|reports| reports.len()).unwrap_or(0);
                if shows && count > 0 {
                    eprintln!("palisade: {count} answered, Ctrl-C shows them");
                }
            }
        }
    }
}

/// What is known so far.
fn interrupted() -> Report {
    let mut parts = KNOWN
        .lock()
        .map(|reports| reports.clone())
        .unwrap_or_default();
    let reason = "it was interrupted".to_owned();
    let open = Outcome::Verdict(Verdict::Unknown { reason });
    parts.push(Report::of("what was not asked yet", open));
    Report::joined("what is known so far", parts)
}

fn failed(error: &str) -> ExitCode {
    eprintln!("palisade: {error}");
    ExitCode::from(BAD_INPUT)
}

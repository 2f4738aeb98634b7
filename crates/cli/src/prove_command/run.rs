//! Asking, so that it can be interrupted and asked again.

use super::Prove;
use crate::BAD_INPUT;
use prove::isolation::Memory;
use prove::{Outcome, Report, Verdict};
use std::io::{self, IsTerminal as _};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
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
    let memory = Arc::default();
    runtime.block_on(async {
        // One for all rounds: what comes between two of them is not lost.
        let mut interrupt = Box::pin(tokio::signal::ctrl_c());
        loop {
            let files = prove.files();
            let before = stamps(&files);
            let code = match once(&prove, &memory, &mut interrupt).await {
                ControlFlow::Continue(code) if prove.watches() => code,
                ControlFlow::Continue(code) | ControlFlow::Break(code) => return code,
            };
            while stamps(&files) == before {
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    _ = &mut interrupt => return code,
                }
            }
        }
    })
}

/// When each file was changed, and how long it is: two changes may come within one tick of the clock. A folder counts by its
/// own time and that of the files in it.
fn stamps(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    let found = super::input::files(files).unwrap_or_default();
    let all = files.iter().chain(&found);
    let stamp = |path: &PathBuf| {
        let data = std::fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    all.map(stamp).collect()
}

/// Asks once; no more is to be asked where `interrupt` came first.
async fn once(
    prove: &Arc<Prove>,
    memory: &Arc<Mutex<Memory>>,
    interrupt: &mut Pin<Box<impl Future<Output = io::Result<()>>>>,
) -> ControlFlow<ExitCode, ExitCode> {
    if let Ok(mut reports) = KNOWN.lock() {
        reports.clear();
    }
    let (send, mut receive) = tokio::sync::oneshot::channel();
    let (asked, memory) = (prove.clone(), memory.clone());
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            // Nobody waits any more where the question was interrupted.
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = send.send(asked.answer(&mut memory));
        });
    if let Err(error) = thread {
        let code = failed(&format!("the question cannot be asked: {error}"));
        return ControlFlow::Continue(code);
    }
    let shows = io::stderr().is_terminal();
    loop {
        tokio::select! {
            answer = &mut receive => return ControlFlow::Continue(match answer {
                Ok(Ok(report)) => prove.give(&report),
                Ok(Err(error)) => failed(&error),
                Err(_) => failed("the question was not answered"),
            }),
            _ = &mut *interrupt => return ControlFlow::Break(prove.give(&interrupted())),
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

//! `palisade prove … --watch`, as it is run.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that ends with the test, and the lines that it prints.
struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Watching {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_palisade"))
            .args(["prove", "isolation", "--watch", "--policies"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The verdict of the next answer.
    fn verdict(&self) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self.lines.recv_timeout(left).unwrap();
            if let Some(verdict) =
                line.strip_suffix(": no tenant ever reaches what belongs to another")
            {
                return verdict.to_owned();
            }
        }
    }

    /// Interrupts it and waits for its end.
    fn interrupt(&mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end");
            std::thread::yield_now();
        }
    }
}

fn policy(end: &str) -> String {
    let resource = "arn:aws:s3:::my-bucket/my_domain/users/${aws:SourceIdentity}";
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}{end}"}}]}}"#
    )
}

/// Each change of a file is answered, as it would be without what is remembered; an interruption ends it with the code of the
/// last answer.
#[test]
fn isolation_is_asked_again_after_each_edit_until_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own-data.json");
    std::fs::write(&file, policy("*")).unwrap();
    let mut watching = Watching::start(folder.path());
    assert_eq!(watching.verdict(), "violated");
    std::fs::write(&file, policy("/*")).unwrap();
    assert_eq!(watching.verdict(), "proved");
    std::fs::write(&file, policy("*")).unwrap();
    assert_eq!(watching.verdict(), "violated");
    std::fs::write(&file, policy("/*")).unwrap();
    assert_eq!(watching.verdict(), "proved");
    assert_eq!(watching.interrupt().code(), Some(0));
}

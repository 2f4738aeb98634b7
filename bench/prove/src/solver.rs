//! The general solver beside, in a process of its own.

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the solver said, and microseconds of its solving alone.
pub struct Said {
    pub answer: String,
    pub time: f64,
}

/// Asks the solver all questions, one after the other.
pub fn ask(python: &str, questions: &[Value]) -> Vec<Said> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("solver.py");
    let mut process = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python with cvc5 starts");
    let mut input = process.stdin.take().expect("its input");
    let lines: Vec<String> = questions.iter().map(Value::to_string).collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("a question");
        }
    });
    let output = process.wait_with_output().expect("its answers");
    writer.join().expect("all questions");
    let said = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("an answer");
        Said {
            answer: value["answer"].as_str().expect("an answer").to_owned(),
            time: value["time"].as_f64().expect("a time"),
        }
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(said)
        .collect()
}

/// A pair of policies as a question.
pub fn pair(old: &str, new: &str) -> Value {
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("a policy");
    json!({"old": read(old), "new": read(new)})
}

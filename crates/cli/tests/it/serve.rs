//! `palisade serve`: one line when it is ready, root keys told once, a clean end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

const VARIABLES: [&str; 2] = [
    "PALISADE_ROOT_ACCESS_KEY_ID",
    "PALISADE_ROOT_SECRET_ACCESS_KEY",
];

pub(crate) fn serve(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

/// A server that ends with the test.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    pub(crate) before_ready: Vec<String>,
    pub(crate) url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self {
            child,
            output,
            before_ready: Vec::new(),
            url: String::new(),
        };
        let mut line = String::new();
        while running.output.read_line(&mut line).unwrap() > 0 {
            if let Some(url) = line.strip_prefix("palisade: ready at ") {
                url.trim().clone_into(&mut running.url);
                return running;
            }
            running.before_ready.push(std::mem::take(&mut line));
        }
        panic!("it ended: {:?}", running.before_ready);
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Sends a signal and returns the exit code.
    pub(crate) fn stop(&mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.child.wait().unwrap().code()
    }
}

#[test]
fn it_stops_cleanly_when_it_is_told() {
    for signal in ["-TERM", "-INT"] {
        let mut running = Running::start(&mut serve(&["--ephemeral"]));
        assert_eq!(running.stop(signal), Some(0), "{signal}");
    }
}

#[test]
fn a_generated_root_key_is_told_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let command = || serve(&["--data", data.to_str().unwrap()]);
    let mut first = Running::start(&mut command());
    assert!(
        first
            .before_ready
            .iter()
            .any(|line| line.contains("AWS_ACCESS_KEY_ID=AKIA"))
    );
    assert_eq!(first.stop("-TERM"), Some(0));
    let mut second = Running::start(&mut command());
    assert_eq!(second.before_ready, Vec::<String>::new());
    assert_eq!(second.stop("-TERM"), Some(0));
    let mut given = command();
    given
        .env(VARIABLES[0], "AKIAGIVEN")
        .env(VARIABLES[1], "wJalrXUtnFEMI");
    let third = Running::start(&mut given);
    assert_eq!(third.before_ready, Vec::<String>::new());
    assert!(
        !contains(&data, b"wJalrXUtnFEMI"),
        "secrets are sealed in the state"
    );
}

fn contains(directory: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file()
            && std::fs::read(&path)
                .unwrap()
                .windows(needle.len())
                .any(|found| found == needle)
    })
}

const BLUEPRINT: &str = r#"
region = "eu-west-1"

[[account]]
id = "210987654321"
name = "platform"

[[user]]
name = "alice"

[[domain]]
name = "vision"
id = "d-vision"
user_profiles = ["alice"]

[domain.execution_role]
name = "Execution"
trust = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
"#;

#[test]
fn a_blueprint_without_a_place_for_files_says_how_to_become_each_tenant() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("blueprint.toml");
    std::fs::write(&path, BLUEPRINT).unwrap();
    let running = Running::start(&mut serve(&[path.to_str().unwrap(), "--ephemeral"]));
    let said = running.before_ready.concat();
    for line in [
        "root of 210987654321 signs with AWS_ACCESS_KEY_ID=AKIA",
        "alice of 210987654321 signs with AWS_ACCESS_KEY_ID=AKIA",
        "--domain-id d-vision --user-profile-name alice",
    ] {
        assert!(said.contains(line), "{said}");
    }
}

#[test]
fn mistakes_in_a_blueprint_are_shown_at_their_lines() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("blueprint.toml");
    let text = BLUEPRINT.replace("name = \"alice\"", "nane = \"alice\"");
    std::fs::write(&path, text.replace("210987654321", "12")).unwrap();
    let (code, text) = refused(&mut serve(&["--ephemeral", path.to_str().unwrap()]));
    assert_eq!(code, Some(2));
    assert!(text.contains("line 5") && text.contains("line 8"), "{text}");
    let (code, text) = refused(&mut serve(&["--ephemeral", "none.toml"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("cannot read `none.toml`"), "{text}");
    let both = [
        "--ephemeral",
        "--account",
        "123456789012",
        path.to_str().unwrap(),
    ];
    assert_eq!(refused(&mut serve(&both)).0, Some(2));
}

fn refused(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn what_makes_no_sense_is_refused_with_the_way_out() {
    let mut half = serve(&["--ephemeral"]);
    let (code, text) = refused(half.env(VARIABLES[0], "AKIAGIVEN"));
    assert_eq!(code, Some(2));
    assert!(text.contains(VARIABLES[1]), "{text}");
    let (code, text) = refused(&mut serve(&["--ephemeral", "--account", "1234"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("twelve digits"), "{text}");
    let mut everywhere = Command::new(env!("CARGO_BIN_EXE_palisade"));
    let (code, text) = refused(everywhere.args(["serve", "--ephemeral", "--listen", "0.0.0.0:0"]));
    assert_eq!(code, Some(1));
    assert!(text.contains("--plaintext-beyond-loopback"), "{text}");
    let (code, text) = refused(&mut serve(&["--ephemeral", "--tls-self-signed"]));
    assert_eq!(code, Some(2));
    assert!(text.contains("--tls-self-signed=DIR"), "{text}");
    let (code, _) = refused(&mut serve(&["--ephemeral", "--tls-cert", "c.pem"]));
    assert_eq!(code, Some(2), "a certificate without its key");
}

#[test]
fn a_certificate_is_issued_and_read_again() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let arguments = ["--tls-self-signed", "--data", data.to_str().unwrap()];
    let mut running = Running::start(serve(&arguments).stderr(Stdio::piped()));
    assert!(running.url.starts_with("https://127.0.0.1:"));
    let trust = running.before_ready.concat();
    let authority = data.join("tls").join("ca.pem");
    assert!(trust.contains(authority.to_str().unwrap()), "{trust}");
    running.signal("-HUP");
    let mut said = String::new();
    let errors = running.child.stderr.take().unwrap();
    BufReader::new(errors).read_line(&mut said).unwrap();
    assert_eq!(said, "palisade: the certificate was read again\n");
    std::fs::remove_dir_all(data.join("tls")).unwrap();
    std::fs::write(data.join("tls"), "no directory").unwrap();
    running.signal("-HUP");
    assert_eq!(
        running.stop("-TERM"),
        Some(0),
        "it goes on with the one before"
    );
}

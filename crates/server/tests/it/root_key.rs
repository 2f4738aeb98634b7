//! Another root key for what is kept (`docs/decisions/0016-…`).
#![expect(clippy::unwrap_used, reason = "a failing test panics")]

use crate::restart::{compose, signed};
use crate::{Silent, options};
use platform::Platform;
use server::{Limits, Options, RootKeyRotation, rotate_root_key};
use std::path::Path;
use std::sync::Arc;

/// Asks Secrets Manager as the root user: status and body.
fn ask(platform: &Platform, operation: &str, body: &'static str) -> (u16, String) {
    let request = http::Request::builder()
        .method("POST")
        .uri("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("secretsmanager.{operation}"));
    let response = signed(platform, "secretsmanager", request, body);
    let body = String::from_utf8_lossy(response.body()).into_owned();
    (response.status().as_u16(), body)
}

fn lines(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn rotation(data: &Path) -> RootKeyRotation {
    RootKeyRotation {
        data: data.to_owned(),
        store: None,
        root_key_file: None,
        make_new: true,
        forget_earlier: false,
    }
}

const VALUE: &str = r#""SecretString":"open sesame""#;
const NAME: &str = r#"{"SecretId":"s"}"#;

#[test]
fn what_is_kept_opens_with_the_new_key_alone() {
    let data = tempfile::tempdir().unwrap();
    let options = Options {
        data: Some(data.path().to_owned()),
        ..options(Limits::default())
    };
    let platform = compose(&options);
    let made = ask(
        &platform,
        "CreateSecret",
        r#"{"Name":"s","SecretString":"open sesame"}"#,
    );
    assert_eq!(made.0, 200, "{}", made.1);
    // Not while it is served.
    assert!(rotate_root_key(&rotation(data.path())).is_err());
    drop(platform);
    let file = data.path().join("sealing-keys");
    let before = lines(&file);
    let done = rotate_root_key(&rotation(data.path())).unwrap();
    assert_eq!((done.kept, done.forgotten), (1, 0));
    assert_eq!(lines(&file).last(), before.first());
    let forget = RootKeyRotation {
        make_new: false,
        forget_earlier: true,
        ..rotation(data.path())
    };
    let forgotten = rotate_root_key(&forget).unwrap();
    assert_eq!((forgotten.kept, forgotten.forgotten), (0, 1));
    assert_eq!(forgotten.resealed, done.resealed);
    assert_eq!(lines(&file).len(), 1);
    assert!(!lines(&file).contains(&before[0]));
    let (status, body) = ask(&compose(&options), "GetSecretValue", NAME);
    assert!(status == 200 && body.contains(VALUE), "{body}");
}

#[test]
fn the_key_may_be_the_operators_own() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("root-key");
    let options = Options {
        data: Some(data.path().to_owned()),
        root_key_file: Some(file.clone()),
        ..options(Limits::default())
    };
    let refused = |options: &Options| {
        let refused = server::compose(options, Arc::new(Silent)).err().unwrap();
        refused.to_string()
    };
    assert!(refused(&options).contains("make a root key with"));
    let line = |letter: &str| format!("v1 {}=\n", letter.repeat(43));
    std::fs::write(&file, line("A")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&options).contains("chmod 600"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let made = r#"{"Name":"s","SecretString":"open sesame"}"#;
    assert_eq!(ask(&compose(&options), "CreateSecret", made).0, 200);
    assert!(!data.path().join("sealing-keys").exists());
    // The operator puts a new key on top.
    std::fs::write(&file, line("E") + &line("A")).unwrap();
    let with_first = RootKeyRotation {
        root_key_file: Some(file.clone()),
        make_new: false,
        ..rotation(data.path())
    };
    rotate_root_key(&with_first).unwrap();
    std::fs::write(&file, line("E")).unwrap();
    let (status, body) = ask(&compose(&options), "GetSecretValue", NAME);
    assert!(status == 200 && body.contains(VALUE), "{body}");
    // With another key, nothing is done.
    std::fs::write(&file, line("I")).unwrap();
    assert!(rotate_root_key(&with_first).is_err());
}

#[test]
fn a_directory_without_a_platform_is_left_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let refused = rotate_root_key(&rotation(data.path())).unwrap_err();
    assert!(refused.to_string().contains("no platform"), "{refused}");
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

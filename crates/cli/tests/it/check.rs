//! `palisade check` and `palisade explain`.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const BAD: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}}"#;
const REDUNDANT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:Get*","s3:GetObject"],"Resource":"arn:aws:s3:::data/*"}}"#;

fn palisade(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing closes its end.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn run(folder: &Path, arguments: &[&str], input: &str) -> (i32, String) {
    let output = palisade(folder, arguments, input);
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn exit_codes_tell_clean_findings_and_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let good = BAD.replace("allow", "Allow");
    let at = folder.path();
    assert_eq!(run(at, &["check"], &good).0, 0);
    assert_eq!(run(at, &["check"], BAD).0, 1);
    assert_eq!(run(at, &["check"], "{").0, 2);
    assert_eq!(run(at, &["check"], "{\"name\":1}").0, 2);
    assert_eq!(run(at, &["check", "--allow-empty"], "{\"name\":1}").0, 0);
    assert_eq!(run(at, &["check", "--allow-empty"], BAD).0, 1);
    assert_eq!(run(at, &["check", "nothing.json"], "").0, 2);
    assert_eq!(run(at, &["check", "--kind", "bucket"], &good).0, 2);
    assert_eq!(run(at, &["check", "--kind", "scp"], &good).0, 1);
    assert_eq!(run(at, &["check"], REDUNDANT).0, 0);
    assert_eq!(run(at, &["check", "--deny", "suggestion"], REDUNDANT).0, 1);
    assert_eq!(run(at, &["check", "--deny", "PAL503"], REDUNDANT).0, 1);
    assert_eq!(run(at, &["check", "--warn", "error"], BAD).0, 0);
    assert_eq!(run(at, &["check", "--warn", "PAL018"], BAD).0, 0);
}

#[test]
fn folders_are_walked_and_files_fixed_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("policies/.git")).unwrap();
    fs::write(at.join("policies/a.json"), BAD).unwrap();
    fs::write(at.join("policies/package.json"), "{ // no policy").unwrap();
    fs::write(at.join("policies/.git/b.json"), BAD).unwrap();
    let (code, text) = run(at, &["check", "--format", "concise", "policies"], "");
    assert_eq!(
        text,
        "policies/a.json:1:47: error[PAL018] `allow` is no effect\n"
    );
    assert_eq!(code, 1);
    let (code, text) = run(at, &["check", "--fix", "policies"], "");
    assert_eq!(
        (code, text.as_str()),
        (0, "nothing found in 1 policy of 1 file\n")
    );
    let fixed = fs::read_to_string(at.join("policies/a.json")).unwrap();
    assert_eq!(fixed, BAD.replace("allow", "Allow"));
    let (code, text) = run(at, &["check", "--fix"], BAD);
    assert_eq!((code, text), (0, BAD.replace("allow", "Allow")));
}

#[test]
fn of_a_cdk_assembly_the_templates_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let template = r#"{"Resources":{"P":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"PolicyDocument":POLICY}}}}"#;
    let template = template.replace("POLICY", BAD);
    fs::create_dir_all(at.join("out/assembly-Stage")).unwrap();
    fs::write(at.join("out/cdk.out"), "{\"version\":\"48.0.0\"}").unwrap();
    fs::write(at.join("out/tree.json"), &template).unwrap();
    fs::write(at.join("out/Stack.template.json"), &template).unwrap();
    fs::write(at.join("out/assembly-Stage/Inner.template.json"), &template).unwrap();
    let (_, text) = run(at, &["check", "--format", "concise", "out"], "");
    let files: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        files,
        [
            "out/Stack.template.json",
            "out/assembly-Stage/Inner.template.json"
        ]
    );
}

#[test]
fn the_nearest_configuration_counts() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir(at.join("policies")).unwrap();
    fs::write(at.join("policies/a.json"), BAD).unwrap();
    let suppress = "[[check.suppress]]\ncode = \"PAL018\"\nreason = \"known\"\n";
    fs::write(at.join("palisade.toml"), suppress).unwrap();
    let (code, text) = run(&at.join("policies"), &["check", "a.json"], "");
    assert_eq!(code, 0);
    assert_eq!(text, "nothing found in 1 policy of 1 file; 1 suppressed\n");
    fs::write(at.join("palisade.toml"), "[check]\ndeny = [\"all\"]\n").unwrap();
    let output = palisade(at, &["check", "policies"], "");
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("palisade.toml: line 2, column 9"), "{told}");
}

#[test]
fn rules_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (code, page) = run(folder.path(), &["explain", "pal401"], "");
    assert_eq!(code, 0);
    assert!(
        page.starts_with("# A service may act for anyone\n"),
        "{page}"
    );
    assert!(
        page.contains("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL"),
        "{page}"
    );
    let (_, list) = run(folder.path(), &["explain"], "");
    assert!(list.lines().count() > 90, "{list}");
    let (_, page) = run(
        folder.path(),
        &["explain", "pass_role_with_star_in_resource"],
        "",
    );
    assert!(page.contains("`PAL402`"), "{page}");
    assert_eq!(run(folder.path(), &["explain", "PAL999"], "").0, 2);
}

/// One file of a folder that is no text does not keep the others from being checked, and is told.
#[test]
fn a_file_that_is_no_text_is_told_beside_the_findings() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("bad.json"), BAD).unwrap();
    fs::write(at.join("picture.json"), b"\xff\xd8\xff").unwrap();
    let (code, text) = run(at, &["check", "--format", "concise", "."], "");
    assert!(code == 1 && text.contains("PAL018"), "{code} {text}");
    let wide: Vec<u8> = BAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(at.join("wide.json"), [&b"\xff\xfe"[..], &wide].concat()).unwrap();
    let output = palisade(at, &["check", "--format", "concise", "."], "");
    let told = String::from_utf8(output.stderr).unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        told.contains("wide.json: not UTF-8") && !told.contains("picture"),
        "{told}"
    );
    assert!(found.contains("PAL018"), "{found}");
}

//! `palisade prove`, and the examples of its page.

use std::path::Path;
use std::process::{Command, Output};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/prove.md");

pub(crate) fn palisade(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_palisade"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One fenced block: what stands behind the fence, and its lines.
struct Block {
    info: String,
    body: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block {
                info: info.to_owned(),
                body: body.join("\n"),
            });
        }
    }
    blocks
}

/// The files of the page are written; its commands print what it says. `UPDATE=1` writes what they print.
#[test]
fn the_page_says_what_the_program_prints() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut updated = page.clone();
    for block in blocks(&page) {
        if let Some(name) = block.info.strip_prefix("json ") {
            std::fs::write(folder.path().join(name), &block.body).unwrap();
        } else if block.info == "console" && !block.body.starts_with("$ palisade prove isolation") {
            // Those of isolation are checked beside the crate, on the policies in `examples/`.
            let command = block.body.lines().next().unwrap();
            let arguments: Vec<&str> = command
                .strip_prefix("$ palisade ")
                .unwrap()
                .split(' ')
                .collect();
            let output = palisade(folder.path(), &arguments);
            let printed = format!(
                "{command}\n{}{}",
                text(&output.stdout),
                text(&output.stderr)
            );
            let printed = printed.trim_end();
            if std::env::var_os("UPDATE").is_some() {
                updated = updated.replace(&block.body, printed);
            } else {
                assert_eq!(block.body, printed, "run with UPDATE=1 and compare");
            }
        }
    }
    if updated != page {
        std::fs::write(PAGE, updated).unwrap();
    }
}

fn identity(resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
    )
}

#[test]
fn the_exit_code_is_the_verdict_and_a_request_replays() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "old.json",
        &identity("arn:aws:s3:::b/users/${aws:SourceIdentity}/*"),
    );
    write(
        "new.json",
        &identity("arn:aws:s3:::b/users/${aws:SourceIdentity}*"),
    );
    write("bad.json", "{}");
    let run = |arguments: &[&str]| palisade(folder.path(), arguments);
    let code = |arguments: &[&str]| run(arguments).status.code();
    assert_eq!(
        code(&["prove", "no-new-access", "new.json", "old.json"]),
        Some(0)
    );
    assert_eq!(
        code(&["prove", "no-new-access", "old.json", "bad.json"]),
        Some(2)
    );
    assert_eq!(
        code(&["prove", "no-new-access", "old.json", "absent.json"]),
        Some(2)
    );
    let replay = [
        "prove",
        "no-new-access",
        "old.json",
        "new.json",
        "--format",
        "json",
        "--replay",
        "case.json",
    ];
    let output = run(&replay);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["verdict"], "violated");
    assert_eq!(answer["blame"][0]["policy"], "new.json");
    assert_eq!(
        answer["fix"]["policy"]["Statement"][0]["Resource"],
        "arn:aws:s3:::b/users/${aws:SourceIdentity}/*"
    );
    write("request.json", &answer["request"].to_string());
    for file in ["case.json", "request.json"] {
        let output = run(&["simulate", file]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    }
}

#[test]
fn every_format_is_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.json"), identity("*")).unwrap();
    let run = |format: &str| {
        let arguments = [
            "prove",
            "not-granted",
            "s3:GetObject",
            "--policies",
            "p.json",
            "--format",
            format,
        ];
        let output = palisade(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let sarif: serde_json::Value = serde_json::from_str(&run("sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "p.json");
    let junit = run("junit");
    assert!(
        junit.contains("tests=\"1\" failures=\"1\" errors=\"0\""),
        "{junit}"
    );
    assert!(run("human").starts_with("violated: p.json does not grant s3:GetObject\n"));
}

#[test]
fn a_fact_makes_a_proof_and_is_named_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "p.json",
        &identity("arn:aws:s3:::b/${aws:PrincipalTag/team}/x"),
    );
    write(
        "facts.json",
        r#"[{"id":"team-letters","key":"aws:PrincipalTag/team","source":"naming rules",
             "claim":{"texts":{"characters":"a-z","least":1,"most":20}}}]"#,
    );
    let ask = |more: &[&str]| {
        let question = [
            "prove",
            "not-granted",
            "s3:GetObject",
            "arn:aws:s3:::b/a/b/x",
            "--policies",
            "p.json",
            "--format",
            "json",
        ];
        let output = palisade(folder.path(), &[&question, more].concat());
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        answer
    };
    assert_eq!(ask(&[])["verdict"], "violated");
    let proved = ask(&["--fact-file", "facts.json"]);
    assert_eq!(proved["verdict"], "proved");
    assert_eq!(proved["assumptions"][0]["id"], "team-letters");
}

const EXPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/account-export");

/// The walk of the README for who has nothing but an account's export.
#[test]
fn an_exported_account_is_asked_role_by_role() {
    let folder = Path::new(EXPORT);
    let ask = |role: &str| {
        let arguments = ["prove", "isolation", "--policies", "account.json", "--role"];
        palisade(folder, &[&arguments[..], &[role]].concat())
    };
    let shared = ask("StudioExecution");
    let said = text(&shared.stdout);
    assert_eq!(shared.status.code(), Some(1), "{said}");
    for part in [
        "arn:aws:s3:::research-data/users/anna/report.csv",
        "account.json, role StudioExecution, inline policy own-data, line 36",
        "+ \"arn:aws:s3:::research-data/users/${aws:SourceIdentity}/*\"",
        "no tenant changes or removes the tag `sagemaker:user-profile-arn`",
        "arn:aws:sts::111122223333:assumed-role/StudioExecution/example",
        "arn:aws:sagemaker:us-west-2:111122223333:training-job/example",
        "+       \"sagemaker:FileSystemDirectoryPath\": \"true\"",
        "arn:aws:sagemaker:us-west-2:111122223333:user-profile/d-a1b2c3d4e5f6/anna",
        "iam:PassRole",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let unknown = ask("Nobody");
    assert_eq!(unknown.status.code(), Some(2));
    let said = text(&unknown.stderr);
    assert!(
        said.contains("`Nobody`") && said.contains("Pipeline"),
        "{said}"
    );
    let found = palisade(folder, &["check", "account.json", "--format", "concise"]);
    let said = text(&found.stdout);
    assert_eq!(found.status.code(), Some(1), "{said}");
    for code in ["PAL700", "PAL800", "PAL802", "PAL402"] {
        assert!(said.contains(code), "{code} is not in: {said}");
    }
}

/// The files behind one `--scp` are one level, in which each may allow; every level must.
#[test]
fn files_behind_one_flag_are_one_level() {
    let folder = tempfile::tempdir().unwrap();
    for (name, action) in [("all", "*"), ("iam", "iam:*"), ("s3", "s3:*")] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
        );
        std::fs::write(folder.path().join(format!("{name}.json")), policy).unwrap();
    }
    let ask = |levels: &[&str]| {
        let question = ["prove", "not-granted", "iam:CreateUser"];
        let policies = ["--policies", "all.json"];
        let arguments = [&question[..], &policies, levels].concat();
        palisade(folder.path(), &arguments).status.code()
    };
    assert_eq!(ask(&["--scp", "iam.json", "s3.json"]), Some(1));
    assert_eq!(ask(&["--scp", "iam.json", "--scp", "s3.json"]), Some(0));
    assert_eq!(
        ask(&["--scp", "all.json", "--scp", "iam.json", "s3.json"]),
        Some(1)
    );
}

/// An export with one role for tenants, who may do this with an object, and another whose trust policy is given.
fn account(action: &str, resource: &str, other_trust: &str) -> String {
    let document = |resource: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
        )
    };
    let role = |name: &str, trust: &str, resource: &str| {
        format!(
            r#"{{"RoleName":"{name}","Path":"/","Arn":"arn:aws:iam::111122223333:role/{name}",
            "AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{trust}]}},"AttachedManagedPolicies":[],
            "RolePolicyList":[{{"PolicyName":"p","PolicyDocument":{}}}]}}"#,
            document(resource)
        )
    };
    let service = r#"{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
    let roles = [
        role("Studio", service, resource),
        role("Admin", other_trust, "arn:aws:s3:::b/*"),
    ];
    format!(
        r#"{{"UserDetailList":[],"RoleDetailList":[{}],"Policies":[]}}"#,
        roles.join(",")
    )
}

const OWN: &str = "arn:aws:s3:::b/users/${aws:SourceIdentity}/*";

#[test]
fn who_names_a_role_in_a_trust_policy_is_looked_at_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |principal: &str| {
        let trust =
            format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#);
        std::fs::write(
            folder.path().join("a.json"),
            account("s3:GetObject", OWN, &trust),
        )
        .unwrap();
        let arguments = [
            "prove",
            "isolation",
            "--policies",
            "a.json",
            "--role",
            "Studio",
        ];
        palisade(folder.path(), &arguments).status.code()
    };
    for open in [
        r#"{"AWS":"arn:aws:iam::111122223333:role/Studio"}"#,
        r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/Studio/SageMaker"}"#,
        r#"{"AWS":"*"}"#,
    ] {
        assert_eq!(ask(open), Some(1), "{open}");
    }
    for closed in [
        r#"{"AWS":"arn:aws:iam::111122223333:role/Studio2"}"#,
        r#"{"AWS":"111122223333"}"#,
        r#"{"Service":"sagemaker.amazonaws.com"}"#,
    ] {
        assert_eq!(ask(closed), Some(0), "{closed}");
    }
}

#[test]
fn half_an_account_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |text: &str| {
        std::fs::write(folder.path().join("a.json"), text).unwrap();
        let output = palisade(
            folder.path(),
            &["prove", "isolation", "--policies", "a.json"],
        );
        (output.status.code(), text_of(&output))
    };
    let trust = r#"{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}"#;
    let whole = account("s3:GetObject", OWN, trust).replace("arn:aws:s3:::b/*", OWN);
    assert_eq!(ask(&whole).0, Some(0));
    let cut: String = whole.chars().take(whole.len() - 20).collect();
    for (text, reason) in [
        (cut, "not closed"),
        (
            whole.replacen('{', r#"{"IsTruncated":true,"#, 1),
            "one page of several",
        ),
        (r#"{"RoleDetailList":[]}"#.to_owned(), "no roles"),
    ] {
        let (code, said) = ask(&text);
        assert!(code == Some(2) && said.contains(reason), "{code:?} {said}");
    }
}

fn text_of(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn people_never_say_for_whom_they_act() {
    let folder = tempfile::tempdir().unwrap();
    let dead = |statement: &str| {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        std::fs::write(folder.path().join("a.json"), policy).unwrap();
        palisade(folder.path(), &["prove", "dead", "a.json"])
            .status
            .code()
    };
    let own = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}"#;
    assert_eq!(dead(own), Some(1));
    let trust = |account: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"sagemaker.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{{
            "ArnLike":{{"aws:SourceArn":"arn:aws:sagemaker:*:111122223333:*"}},"StringEquals":{{"aws:SourceAccount":"{account}"}}}}}}"#
        )
    };
    assert_eq!(dead(&trust("444455556666")), Some(1));
    assert_eq!(dead(&trust("111122223333")), Some(0));
}

#[test]
fn what_can_prove_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    std::fs::write(folder.path().join("a.json"), policy).unwrap();
    std::fs::write(
        folder.path().join("d.json"),
        policy.replace("Allow", "Deny"),
    )
    .unwrap();
    let ask = |action: &str, more: &[&str]| {
        let question = ["prove", "not-granted", action, "--policies", "a.json"];
        let output = palisade(folder.path(), &[&question[..], more].concat());
        (output.status.code(), text(&output.stderr))
    };
    assert_eq!(ask("s3:GetObject", &[]), (Some(1), String::new()));
    let (code, said) = ask("s3:GetObjectt", &[]);
    assert!(
        code == Some(0) && said.contains("`s3:GetObject` may be meant"),
        "{said}"
    );
    let (code, said) = ask("s3:GetObject", &["--resource-policy", "d.json"]);
    assert!(
        code == Some(2) && said.contains("add `Principal`"),
        "{said}"
    );
}

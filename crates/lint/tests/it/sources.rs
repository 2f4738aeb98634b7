//! Where policies are found, and that nothing brings the reader down.

use crate::{bodies, corpus};
use lint::{Kind, sources};
use policy::PolicyType;
use policy::text::Source;
use std::fs;

#[test]
fn places_are_those_of_the_original_file() {
    let name = corpus::root().join("cloudformation/string-policy.yaml");
    let text = fs::read_to_string(name).expect("UTF-8");
    let report = super::check("string-policy.yaml", &text, None);
    let excerpts: Vec<&str> = report
        .findings
        .iter()
        .map(|finding| finding.source.slice(finding.span))
        .collect();
    assert!(excerpts.contains(&"\"logs:PutLogEvent\""), "{excerpts:?}");
    assert!(excerpts.contains(&"\\\"allow\\\""), "{excerpts:?}");
}

#[test]
fn policies_get_the_kind_of_what_holds_them() {
    let name = corpus::root().join("export/account.json");
    let text = fs::read_to_string(name).expect("UTF-8");
    let reading = sources::read(&Source::named("account.json", text), None);
    let kinds: Vec<(&str, PolicyType)> = reading
        .policies
        .iter()
        .map(|policy| (policy.name.as_str(), policy.kind.policy_type))
        .collect();
    assert_eq!(
        kinds,
        [
            ("user ann inline policy own", PolicyType::Identity),
            ("group dev inline policy g", PolicyType::Identity),
            ("role exec trust policy", PolicyType::Trust),
            ("role exec inline policy p", PolicyType::Identity),
            ("policy team", PolicyType::Identity),
        ]
    );
}

#[test]
fn policies_known_after_the_deployment_are_told() {
    let name = corpus::root().join("terraform/plan.json");
    let text = fs::read_to_string(name).expect("UTF-8");
    let reading = sources::read(&Source::named("plan.json", text), None);
    let unread: Vec<&str> = reading.unread.iter().map(|s| s.policy.as_str()).collect();
    assert_eq!(unread, ["aws_kms_key.late policy"]);
}

#[test]
fn a_kind_that_is_given_counts() {
    let text =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}"#;
    let kind = Kind::parse("scp");
    let reading = sources::read(&Source::new(text), kind);
    assert_eq!(
        reading.policies[0].kind.policy_type,
        PolicyType::ServiceControl
    );
    assert_eq!(Kind::parse("resource:nothing"), None);
}

/// Cut, shuffled and nested texts are answered, and never bring the reader down.
#[test]
fn any_text_is_answered() {
    for path in corpus::documents(&corpus::root()) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let name = path.file_name().expect("a name").to_string_lossy();
        let mut ends: Vec<usize> = (0..text.len()).step_by(text.len() / 6 + 1).collect();
        ends.retain(|end| text.is_char_boundary(*end));
        for end in ends {
            let (front, back) = text.split_at(end);
            super::check(&name, front, corpus::kind_of(&path));
            super::check(&name, back, None);
        }
    }
    for text in [
        "",
        "\u{feff}{}",
        "[".repeat(100_000).as_str(),
        "{\"a\":".repeat(100_000).as_str(),
        "- ".repeat(50_000).as_str(),
        "a: &a [*a]",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nStatement: [*c, *c]",
        "{\"Statement\":{\"Action\":\"\u{10FFFD}\"}}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[[[]]]}",
        "%7B%22Statement",
    ] {
        for name in ["x.json", "x.yaml", "x"] {
            super::check(name, text, None);
        }
    }
}

#[test]
fn the_fuzzers_corpus_is_replayed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/check");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the corpus") {
        bodies::check(&fs::read(entry.expect("an entry").path()).expect("bytes"));
        count += 1;
    }
    assert!(count >= 5, "the corpus of `check` is there");
}

/// What a domain is set to is read from what AWS prints of it, and decides about policies beside it.
#[test]
fn a_described_domain_is_read() {
    let domain = |settings: &str| {
        format!(
            r#"{{"DomainId":"d-x","DomainName":"n","DefaultUserSettings":{{"ExecutionRole":"arn:aws:iam::111122223333:role/r"}}{settings}}}"#
        )
    };
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",
        "Resource":"arn:aws:s3:::b/users/${aws:SourceIdentity}/*"}]}"#;
    let codes = |settings: &str| {
        let input = |name: &str, text: &str| lint::Input {
            source: Source::named(name, text),
            kind: None,
        };
        let inputs = [
            input("domain.json", &domain(settings)),
            input("p.json", policy),
        ];
        let report = lint::check(&inputs, &lint::Options::default());
        assert_eq!(report.empty, [""; 0]);
        let codes = report.findings.iter().map(|found| found.rule.code);
        codes.collect::<Vec<_>>()
    };
    let set =
        |value: &str| format!(r#","DomainSettings":{{"ExecutionRoleIdentityConfig":"{value}"}}"#);
    assert_eq!(codes(""), ["PAL902"]);
    assert_eq!(codes(&set("DISABLED")), ["PAL902"]);
    assert_eq!(codes(&set("USER_PROFILE_NAME")), [""; 0]);
}

#[test]
fn documents_of_terraform_are_told_to_be_unread() {
    let text = r#"{"data":{"aws_iam_policy_document":{"x":{"statement":[{"actions":["iam:PassRole"],"resources":["*"]}]}}}}"#;
    let report = super::check("main.tf.json", text, None);
    let unread = report.unread.first().expect("a policy");
    assert_eq!(unread.skipped.policy, "data.aws_iam_policy_document.x");
    assert!(unread.skipped.reason.contains("terraform show -json"));
}

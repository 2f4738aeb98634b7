//! The configuration file.

use lint::{Config, Input, Options, Report};
use policy::text::Source;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
 {"Sid":"Old","Effect":"Allow","Action":"iam:PassRole","Resource":"*"},
 {"Sid":"New","Effect":"Allow","Action":"s3:GetObjct","Resource":"arn:aws:s3:::data/*"}]}"#;

fn run(config: &str) -> Report {
    let source = Source::named("palisade.toml", config);
    let options = Options {
        config: Config::parse(&source).unwrap_or_else(|error| panic!("{error}")),
        today: Some(jiff::civil::date(2026, 11, 22)),
    };
    let source = Source::named("policies/team/own.json", POLICY);
    lint::check(&[Input { source, kind: None }], &options)
}

fn codes(report: &Report) -> Vec<&str> {
    report
        .findings
        .iter()
        .map(|finding| finding.rule.code)
        .collect()
}

fn suppress(rest: &str) -> String {
    format!("[[check.suppress]]\ncode = \"PAL402\"\nreason = \"known\"\n{rest}")
}

#[test]
fn what_is_suppressed_is_not_reported() {
    for rest in [
        "",
        "path = \"policies\"",
        "path = \"policies/*/own.json\"",
        "path = \"own.json\"",
        "sid = \"Old\"",
        "expires = 2026-11-22",
    ] {
        let report = run(&suppress(rest));
        assert_eq!(
            (codes(&report), report.suppressed),
            (vec!["PAL100"], 1),
            "{rest}"
        );
    }
}

#[test]
fn what_is_meant_otherwise_is_reported() {
    for rest in [
        "path = \"other\"",
        "sid = \"New\"",
        "policy = \"aws_iam_*\"",
    ] {
        assert!(codes(&run(&suppress(rest))).contains(&"PAL402"), "{rest}");
    }
}

#[test]
fn expired_and_unused_suppressions_are_reported() {
    let report = run(&suppress("expires = 2026-11-21"));
    assert_eq!(codes(&report), ["PAL002", "PAL402", "PAL100"]);
    let report = run("[[check.suppress]]\ncode = \"PAL600\"\nreason = \"gone\"\n");
    assert_eq!(codes(&report), ["PAL003", "PAL402", "PAL100"]);
    assert_eq!(report.findings[0].source.name(), Some("palisade.toml"));
    // Files that were not read tell nothing.
    let report =
        run("[[check.suppress]]\ncode = \"PAL600\"\nreason = \"gone\"\npath = \"elsewhere\"\n");
    assert_eq!(codes(&report), ["PAL402", "PAL100"]);
}

#[test]
fn mistakes_are_shown_at_their_place() {
    for (text, shown) in [
        (
            "[check]\ndeny = [\"fatal\"]",
            "line 2, column 9: `fatal` is neither",
        ),
        (
            "[[check.suppress]]\ncode = \"PAL999\"\nreason = \"x\"",
            "line 2, column 8: there is no rule `PAL999`",
        ),
        (
            "[[check.suppress]]\ncode = \"PAL100\"\nreason = \" \"",
            "line 3, column 10: the reason is empty",
        ),
        (
            "[[check.suppress]]\ncode = \"PAL100\"\nreason = \"x\"\nexpires = 10:00:00",
            "line 4, column 11: the day of expiry is no date",
        ),
        (
            "[[check.suppress]]\ncode = \"PAL100\"",
            "missing field `reason`",
        ),
        ("[check]\nsupress = []", "unknown field `supress`"),
        ("[check", "line 1"),
    ] {
        let error = Config::parse(&Source::named("palisade.toml", text))
            .expect_err(text)
            .to_string();
        assert!(error.contains(shown), "{error}");
    }
}

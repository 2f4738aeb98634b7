//! What is printed.

use lint::format;
use serde_json::Value;

const POLICY: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": { \"Sid\": \"Üb\", \"Effect\": \"allow\", \"Action\": \"s3:GetObject\",\n    \"Resource\": \"arn:aws:s3:::data/*\" }\n}\n";

#[test]
fn people_see_the_place_the_reason_and_the_fix() {
    let report = super::check("a/p.json", POLICY, None);
    let text = format::human(&report);
    let expected = "\
error[PAL022]: the Sid `Üb` has characters other than letters and digits
 --> a/p.json:3:25 (statement `Üb`)
  |
3 |   \"Statement\": { \"Sid\": \"Üb\", \"Effect\": \"allow\", \"Action\": \"s3:GetObject\",
  |                         ^^^^
  = fix: write \"b\" (--fix does it)

error[PAL018]: `allow` is no effect
 --> a/p.json:3:41 (statement `Üb`)
  |
3 |   \"Statement\": { \"Sid\": \"Üb\", \"Effect\": \"allow\", \"Action\": \"s3:GetObject\",
  |                                         ^^^^^^^
  = fix: write \"Allow\" (--fix does it)

2 errors in 1 policy of 1 file
";
    assert_eq!(text, expected);
}

#[test]
fn tools_get_json() {
    let report = super::check("p.json", POLICY, None);
    let json: Value = serde_json::from_str(&format::json(&report)).expect("JSON");
    let finding = &json["findings"][1];
    assert_eq!(finding["code"], "PAL018");
    assert_eq!(finding["issueCodes"][0], "INVALID_EFFECT");
    assert_eq!(finding["place"]["start"]["line"], 3);
    assert_eq!(finding["edit"]["edits"][0]["text"], "Allow");
    assert_eq!(json["counts"]["error"], 2);
}

#[test]
fn code_scanning_gets_sarif() {
    let report = super::check("a b/p.json", POLICY, None);
    let log: Value = serde_json::from_str(&format::sarif(&report)).expect("JSON");
    let run = &log["runs"][0];
    let result = &run["results"][1];
    let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
    assert_eq!(
        run["tool"]["driver"]["rules"][index]["id"],
        result["ruleId"]
    );
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "a%20b/p.json");
    assert_eq!(location["region"]["startColumn"], 41);
    assert_eq!(
        result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "Allow"
    );
}

#[test]
fn github_gets_annotations() {
    let report = super::check("p.json", POLICY, None);
    let text = format::github(&report);
    assert!(text.contains(
        "::error file=p.json,line=3,endLine=3,col=41,endColumn=48,title=PAL018 invalid-effect::`allow` is no effect%0Afix: write \"Allow\"\n"
    ), "{text}");
}

/// A safe fix that this text does not allow is said to be by hand, and why.
#[test]
fn what_cannot_be_fixed_here_is_said_per_finding() {
    let role = |policy: &str| {
        format!(
            r#"{{"RoleDetailList":[{{"RoleName":"r","RolePolicyList":[{{"PolicyName":"p","PolicyDocument":{policy}}}]}}]}}"#
        )
    };
    let report = super::check("account.json", &role(POLICY), None);
    let text = format::human(&report);
    let expected = "= fix: write \"Allow\" (this text was made from something else: change that)";
    assert!(text.contains(expected), "{text}");
    let json: Value = serde_json::from_str(&format::json(&report)).expect("JSON");
    for finding in json["findings"].as_array().expect("a list") {
        let (edit, by_hand) = (&finding["edit"], &finding["byHand"]);
        assert!(edit.is_null() || by_hand.is_null(), "{finding}");
    }
}

/// A file of one line is shown around the place, and its columns count characters.
#[test]
fn a_place_in_a_long_line_is_shown_with_what_is_around_it() {
    let long = "ü".repeat(5000);
    let text = format!(
        r#"{{"Version":"2012-10-17","Id":"{long}","Statement":{{"Effect":"allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}}}}"#
    );
    let report = super::check("p.json", &text, None);
    let shown = format::human(&report);
    let line = shown
        .lines()
        .find(|line| line.contains("\"allow\""))
        .expect("a line");
    assert!(
        line.starts_with("1 | …") && line.chars().count() < 140,
        "{line}"
    );
    let carets = shown
        .lines()
        .find(|line| line.contains("^^^^^^^"))
        .expect("carets");
    let at = |line: &str, part: &str| line.split(part).next().map(|it| it.chars().count());
    assert_eq!(at(line, "\"allow\""), at(carets, "^^^^^^^"), "{shown}");
    assert!(shown.contains("--> p.json:1:5055"), "{shown}");
}

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

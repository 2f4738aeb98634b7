//! `{{…}}` in documents.

use crate::{TRUST, read_with};

/// The resource of a policy in which `text` stood.
fn resource(text: &str) -> String {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*",
            "Resource":"arn:aws:s3:::{text}"}}]}}"#
    );
    let blueprint = r#"
        region = "us-east-1"
        [variables]
        quoted = 'a"b\c'
        [[account]]
        id = "123456789012"
        [[domain]]
        name = "vision"
        id = "d-1"
        execution_role = { name = "R", trust = "trust.json", policies = ["p.json"] }
    "#;
    let read = read_with(blueprint, &[("trust.json", TRUST), ("p.json", &policy)]).unwrap();
    let text = &read.accounts[0].roles[0].policies[0].document.text;
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let resource = value["Statement"][0]["Resource"].as_str().unwrap();
    resource.strip_prefix("arn:aws:s3:::").unwrap().to_owned()
}

#[test]
fn facts_of_the_platform_are_filled_in() {
    let all = "{{partition}} {{region}} {{account}} {{role.name}} {{domain.name}} {{ domain.id }}";
    assert_eq!(resource(all), "aws us-east-1 123456789012 R vision d-1");
}

#[test]
fn variables_of_iam_are_left_alone() {
    for text in [
        "${aws:SourceIdentity}",
        "${aws:username, 'x'}",
        "${*}",
        "$",
        "a}}b",
        "{a}",
    ] {
        assert_eq!(resource(text), text);
    }
    assert_eq!(
        resource("{{account}}/${aws:username}/{{region}}"),
        "123456789012/${aws:username}/us-east-1"
    );
    assert_eq!(
        resource("${aws:PrincipalTag/{{domain.name}}}"),
        "${aws:PrincipalTag/vision}"
    );
}

#[test]
fn values_never_become_syntax() {
    assert_eq!(resource("{{quoted}}"), "a\"b\\c");
}

#[test]
fn each_user_and_bucket_has_its_own_name() {
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
        "Action":"*","Resource":"arn:aws:s3:::{{bucket.name}}"}]}"#;
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*",
        "Resource":"arn:aws:s3:::{{user.name}}"}]}"#;
    let blueprint = r#"
        region = "us-east-1"
        [[account]]
        id = "123456789012"
        [[user]]
        names = ["alice", "bob"]
        policies = ["own.json"]
        [[bucket]]
        name = "data"
        policy = "bucket.json"
    "#;
    let read = read_with(blueprint, &[("bucket.json", policy), ("own.json", own)]).unwrap();
    let account = &read.accounts[0];
    assert!(
        account.users[1].policies[0]
            .document
            .text
            .contains("arn:aws:s3:::bob")
    );
    let bucket = account.buckets[0].policy.as_ref().unwrap();
    assert!(bucket.text.contains("arn:aws:s3:::data"));
}

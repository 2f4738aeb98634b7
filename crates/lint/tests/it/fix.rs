//! `--fix`.

use crate::corpus;
use lint::{Input, Kind, Options, fix, sources};
use policy::text::Source;
use std::fs;

fn fixed(name: &str, text: &str, kind: Option<&str>) -> lint::Fixed {
    let input = Input {
        source: Source::named(name, text),
        kind: kind.and_then(Kind::parse),
    };
    fix(&input, &Options::default())
}

#[test]
fn fixes_change_what_is_wrong_and_nothing_else() {
    let text = r#"{
  "Version": "2012-10-17",
  "Statement": [
    { "Sid": "read-data",  "Effect": "allow",
      "Action": ["s3:GetObject", "s3:Get*"],
      "Resource": "arn:aws:S3:::data/*",
      "Condition": { "stringlike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } } }
  ]
}
"#;
    let fixed = fixed("p.json", text, Some("identity"));
    let expected = text
        .replace("read-data", "readdata")
        .replace("allow", "Allow")
        .replace("\"s3:GetObject\", ", "")
        .replace(":S3:", ":s3:")
        .replace("stringlike", "ArnLike");
    assert_eq!(fixed.text, expected);
    assert_eq!(fixed.applied, 6);
}

#[test]
fn fixes_reach_into_strings() {
    let text = r#"{"Role":{"AssumeRolePolicyDocument":"{\n  \"Statement\": [{ \"Effect\": \"allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"sts:AssumeRole\", \"Resource\": \"*\" }]\n}"}}"#;
    let fixed = fixed("role.json", text, None);
    let expected = r#"{"Role":{"AssumeRolePolicyDocument":"{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{ \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"111122223333\"}, \"Action\": \"sts:AssumeRole\" }]\n}"}}"#;
    assert_eq!(fixed.text, expected);
}

#[test]
fn fixes_reach_into_yaml() {
    let text = "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement:\n          - Effect: allow # please\n            Action: s3:GetObject\n            Resource: !Sub 'arn:aws:S3:::${B}/*'\n";
    let fixed = fixed("t.yaml", text, None);
    let expected = text
        .replace(
            "        Statement:",
            "        Version: '2012-10-17'\n        Statement:",
        )
        .replace("allow #", "Allow #");
    assert_eq!(fixed.text, expected);
}

/// Of every document of the corpus: a second run changes nothing, the result can be read, and it has no more errors.
#[test]
fn fixing_twice_is_fixing_once() {
    for path in corpus::documents(&corpus::root()) {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let name = path.file_name().expect("a name").to_string_lossy();
        let input = |text: &str| Input {
            source: Source::named(name.as_ref(), text),
            kind: corpus::kind_of(&path),
        };
        let once = fix(&input(&text), &Options::default());
        let twice = fix(&input(&once.text), &Options::default());
        assert_eq!(twice.text, once.text, "{}", path.display());
        let (before, after) = (input(&text), input(&once.text));
        let (before, after) = (
            sources::read(&before.source, before.kind),
            sources::read(&after.source, after.kind),
        );
        assert_eq!(
            before.faults.len(),
            after.faults.len(),
            "{}",
            path.display()
        );
        assert_eq!(
            before.policies.len(),
            after.policies.len(),
            "{}",
            path.display()
        );
        let count = |text: &str| {
            super::check(&name, text, corpus::kind_of(&path))
                .findings
                .len()
        };
        assert!(count(&once.text) <= count(&text), "{}", path.display());
    }
}

#[test]
fn fixes_close_the_door_to_strangers() {
    let trust = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"sagemaker.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{condition}}}}}"#
        )
    };
    let account = |operator: &str| {
        trust(&format!(
            r#"{{"{operator}":{{"aws:SourceAccount":"111122223333"}}}}"#
        ))
    };
    let found = fixed("p.json", &account("StringEqualsIfExists"), Some("trust"));
    assert_eq!(found.text, account("StringEquals"));
    let arn = |operator: &str| {
        trust(&format!(
            r#"{{"{operator}":{{"aws:SourceArn":"arn:aws:sagemaker:us-west-2:111122223333:training-job/*"}}}}"#
        ))
    };
    let found = fixed("p.json", &arn("StringEquals"), Some("trust"));
    assert_eq!(found.text, arn("ArnLike"));
    // Another key under the operator keeps it as it is.
    let both = trust(
        r#"{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333","sts:SourceIdentity":"alice"}}"#,
    );
    assert_eq!(fixed("p.json", &both, Some("trust")).text, both);
}

//! Forms by which browsers upload: those that botocore makes, and what their policies refuse.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use wire::error::Family;
use wire::sigv4::{AuthError, PostPolicy, SizeRange, Version, expand_filename, parse_form};

use crate::links::{MADE, SECRET};

type Fields = Vec<(String, String)>;

fn now() -> Timestamp {
    "2026-11-22T05:05:00Z".parse().unwrap()
}

fn forms() -> Vec<(Version, Fields)> {
    let made: Json = serde_json::from_str(MADE).unwrap();
    let read = |form: &Json| {
        let version = match form["version"].as_str() {
            Some("s3v4") => Version::V4,
            _ => Version::V2,
        };
        let fields = form["fields"].as_object().unwrap().iter();
        let fields = fields.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        (version, fields.collect())
    };
    made.get("forms")
        .and_then(Json::as_array)
        .unwrap()
        .iter()
        .map(read)
        .collect()
}

#[test]
fn forms_that_botocore_made_are_believed() {
    let all = forms();
    for (version, fields) in &all {
        let mut fields = fields.clone();
        let form = parse_form(&fields).unwrap().unwrap();
        assert_eq!(form.access_key(), "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(form.version(), *version);
        assert_eq!(
            form.region(),
            (*version == Version::V4).then_some("us-east-1")
        );
        let policy = form.verify(SECRET, now()).unwrap();
        expand_filename(&mut fields, r"C:\pictures\me.png");
        assert!(fields.contains(&("key".to_owned(), "user/me.png".to_owned())));
        let range = policy.check("bucket", &fields).unwrap();
        assert_eq!(range, SizeRange { min: 1, max: 10 });
        assert!(policy.check("other", &fields).is_err());

        let wrong = form.verify("other", now()).unwrap_err().to_wire(Family::S3);
        assert_eq!(
            (wrong.code(), wrong.status()),
            ("SignatureDoesNotMatch", 403)
        );
        let later = "2026-11-22T05:10:01Z".parse().unwrap();
        let over = form.verify(SECRET, later).unwrap_err().to_wire(Family::S3);
        assert_eq!(
            over.message(),
            "Invalid according to Policy: Policy expired."
        );
        assert_eq!((over.code(), over.status()), ("AccessDenied", 403));
    }
    assert_eq!(all.len(), 6);
}

#[test]
fn a_form_without_signature_is_anonymous_and_half_a_signature_is_none() {
    let fields = |names: &[&str]| -> Fields {
        names
            .iter()
            .map(|name| ((*name).to_owned(), "x".to_owned()))
            .collect()
    };
    assert!(parse_form(&fields(&["key", "acl"])).unwrap().is_none());
    for (names, missing) in [
        (&["policy"][..], "X-Amz-Algorithm"),
        (&["AWSAccessKeyId", "signature"], "policy"),
        (&["AWSAccessKeyId", "policy"], "signature"),
        (&["signature", "policy"], "AWSAccessKeyId"),
    ] {
        let error = parse_form(&fields(names)).unwrap_err();
        assert_eq!(error, AuthError::FormField(missing));
        assert_eq!(error.to_wire(Family::S3).code(), "InvalidArgument");
    }
    for (_, form) in forms() {
        for at in 0..form.len() {
            let mut twice = form.clone();
            let signing = ["policy", "signature", "AWSAccessKeyId"].contains(&twice[at].0.as_str())
                || twice[at].0.starts_with("x-amz-");
            twice.push(twice[at].clone());
            assert_eq!(parse_form(&twice).is_err(), signing, "{}", twice[at].0);
        }
    }
}

/// A policy that was signed.
fn policy_text(text: &str) -> Result<PostPolicy, AuthError> {
    let policy = STANDARD.encode(text);
    let key = hmac_sha1(SECRET.as_bytes(), policy.as_bytes());
    let fields = [
        ("awsACCESSkeyid".to_owned(), "AKID".to_owned()),
        ("policy".to_owned(), policy),
        ("Signature".to_owned(), STANDARD.encode(key)),
    ];
    parse_form(&fields).unwrap().unwrap().verify(SECRET, now())
}

fn hmac_sha1(key: &[u8], text: &[u8]) -> [u8; 20] {
    use hmac::Mac as _;
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn policy(conditions: &Json) -> Result<PostPolicy, AuthError> {
    let text = json!({"expiration": "2026-11-22T06:00:00.000Z", "conditions": conditions});
    policy_text(&text.to_string())
}

fn check(conditions: &Json, form: &[(&str, &str)]) -> Result<SizeRange, String> {
    let fields: Fields = form
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let checked = policy(conditions).unwrap().check("bucket", &fields);
    checked.map_err(|error| error.to_wire(Family::S3).message().to_owned())
}

#[test]
fn every_field_must_be_named_and_every_condition_hold() {
    let named = json!([{"bucket": "bucket"}, ["starts-with", "$key", "user/"]]);
    assert!(check(&named, &[("key", "user/a")]).is_ok());
    for (form, text) in [
        (
            &[("key", "use")][..],
            r#"Policy Condition failed: ["starts-with", "$key", "user/"]"#,
        ),
        (
            &[],
            r#"Policy Condition failed: ["starts-with", "$key", "user/"]"#,
        ),
        (
            &[("key", "user/a"), ("KEY", "x")],
            r#"Policy Condition failed: ["starts-with", "$key", "user/"]"#,
        ),
        (
            &[("key", "user/a"), ("acl", "private")],
            "Extra input fields: acl",
        ),
        (
            &[("key", "user/a"), ("x-amz-meta-a", "b")],
            "Extra input fields: x-amz-meta-a",
        ),
        (
            &[("key", "user/a"), ("x-amz-date", "b")],
            "Extra input fields: x-amz-date",
        ),
    ] {
        let expected = format!("Invalid according to Policy: {text}");
        assert_eq!(check(&named, form), Err(expected), "{form:?}");
    }
    let free = [
        ("key", "user/a"),
        ("X-Ignore-This", "x"),
        ("policy", "p"),
        ("file", "f"),
    ];
    assert!(check(&named, &free).is_ok());
    let unnamed = json!([["starts-with", "$key", ""]]);
    assert_eq!(
        check(&unnamed, &[("key", "a")]),
        Err("Invalid according to Policy: Extra input fields: bucket".to_owned())
    );
    let mixed =
        json!([{"bUcKeT": "bucket"}, ["StArTs-WiTh", "$KeY", "user"], ["EQ", "$ACL", "private"]]);
    assert!(check(&mixed, &[("key", "user"), ("aCl", "private")]).is_ok());
    assert!(check(&mixed, &[("key", "user"), ("acl", "Private")]).is_err());
}

#[test]
fn content_types_may_be_a_list() {
    let images = json!([{"bucket": "bucket"}, ["starts-with", "$Content-Type", "image/"]]);
    assert!(check(&images, &[("content-type", "image/png, image/gif")]).is_ok());
    assert!(check(&images, &[("content-type", "image/png,text/html")]).is_err());
}

#[test]
fn ranges_of_sizes_narrow_each_other() {
    let ranges = json!([
        {"bucket": "bucket"},
        ["content-length-range", 2, 10],
        ["Content-Length-Range", "0", "5"]
    ]);
    let range = check(&ranges, &[]).unwrap();
    assert_eq!(range, SizeRange { min: 2, max: 5 });
    let code = |size| range.check(size).map_err(|error| error.code().to_owned());
    assert_eq!(code(1), Err("EntityTooSmall".to_owned()));
    assert_eq!((code(2), code(5)), (Ok(()), Ok(())));
    assert_eq!(code(6), Err("EntityTooLarge".to_owned()));
}

#[test]
fn a_malformed_policy_is_refused() {
    for conditions in [
        json!({}),
        json!(["eq"]),
        json!([["eq", "$key"]]),
        json!([["eq", "key", "a"]]),
        json!([["like", "$key", "a"]]),
        json!([["eq", "$key", 3]]),
        json!([["content-length-range", 0]]),
        json!([["content-length-range", -1, 0]]),
        json!([["content-length-range", 2, 1]]),
        json!([["content-length-range", 0.5, 1]]),
        json!([{"acl": 3}]),
        json!([{"acl": "a", "key": "b"}]),
        json!([{}]),
    ] {
        let error = policy(&conditions).unwrap_err().to_wire(Family::S3);
        let told = (error.code(), error.status());
        assert_eq!(told, ("InvalidPolicyDocument", 400), "{conditions}");
    }
    for text in [
        "x",
        "[]",
        r#"{"conditions": []}"#,
        r#"{"expiration": "2026-11-22T06:00:00Z"}"#,
        r#"{"EXPIRATION": "2026-11-22T06:00:00Z", "conditions": []}"#,
        r#"{"expiration": "2026-11-22T06:00:00Z", "CONDITIONS": []}"#,
        r#"{"expiration": "tomorrow", "conditions": []}"#,
        r#"{"expiration": 1, "conditions": []}"#,
    ] {
        let error = policy_text(text).unwrap_err().to_wire(Family::S3);
        assert_eq!(error.code(), "InvalidPolicyDocument", "{text}");
    }
}

#[test]
fn a_dollar_may_be_escaped() {
    let text = r#"{"expiration": "2026-11-22T06:00:00Z",
        "conditions": [{"bucket": "bucket"}, ["starts-with", "$key", "\$a\\$\v"]]}"#;
    let fields = [("key".to_owned(), "$a\\$\u{b}c".to_owned())];
    assert!(policy_text(text).unwrap().check("bucket", &fields).is_ok());
}

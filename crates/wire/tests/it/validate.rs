//! Inputs are checked at the door, and refused in AWS's words.

use crate::support::{json_call, parts, query_call, s3_call};

#[test]
fn all_violations_are_told_at_once() {
    let error = query_call("sts", "AssumeRole", "&RoleArn=short&DurationSeconds=1").unwrap_err();
    assert_eq!((error.code(), error.status()), ("ValidationError", 400));
    assert_eq!(
        error.message(),
        "3 validation errors detected: \
         Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater \
         than or equal to 20; \
         Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; \
         Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value \
         greater than or equal to 900"
    );
}

#[test]
fn patterns_and_enums_are_told_as_the_model_writes_them() {
    let body = r#"{"DomainId": "d-1", "UserProfileName": "a b", "ExpiresInSeconds": 301,
                   "SessionExpirationDurationInSeconds": 1}"#;
    let error = json_call("sagemaker", "CreatePresignedDomainUrl", body).unwrap_err();
    assert_eq!((error.code(), error.status()), ("ValidationException", 400));
    assert_eq!(
        error.message(),
        "3 validation errors detected: \
         Value 'a b' at 'userProfileName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}; \
         Value '1' at 'sessionExpirationDurationInSeconds' failed to satisfy constraint: Member \
         must have value greater than or equal to 1800; \
         Value '301' at 'expiresInSeconds' failed to satisfy constraint: Member must have value \
         less than or equal to 300"
    );
    let error = json_call("sagemaker", "ListTrainingJobs", r#"{"SortOrder": "Up"}"#).unwrap_err();
    assert_eq!(
        error.message(),
        "1 validation error detected: Value 'Up' at 'sortOrder' failed to satisfy constraint: \
         Member must satisfy enum value set: [Ascending, Descending]"
    );
}

#[test]
fn members_of_lists_and_maps_have_their_own_forms() {
    let body = r#"{"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1",
                   "Tags": [{"Key": "ok", "Value": ""}, {"Key": "", "Value": "v"}, {"Key": "k"}]}"#;
    let error = json_call("sagemaker", "AddTags", body).unwrap_err();
    assert_eq!(
        error.message(),
        "2 validation errors detected: \
         Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length \
         greater than or equal to 1; \
         Value null at 'tags.3.member.value' failed to satisfy constraint: Member must not be null"
    );
    let body = r#"{"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1",
                   "TagKeys": ["a", "<"]}"#;
    let error = json_call("sagemaker", "DeleteTags", body).unwrap_err();
    assert_eq!(
        error.message(),
        r"1 validation error detected: Value '[a, <]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)]"
    );
}

#[test]
fn lengths_are_counted_in_characters() {
    let tag = |value: &str| {
        let body = format!(
            r#"{{"ResourceArn": "arn:aws:sagemaker:us-east-1:111122223333:domain/d-1",
                 "Tags": [{{"Key": "k", "Value": "{value}"}}]}}"#
        );
        json_call("sagemaker", "AddTags", &body)
    };
    assert!(tag(&"é".repeat(256)).is_ok());
    assert!(tag(&"é".repeat(257)).is_err());
}

#[test]
fn secrets_are_not_repeated_in_errors() {
    let long = "s3cret".repeat(12_000);
    let body = format!(r#"{{"Name": "n", "SecretString": "{long}"}}"#);
    let error = json_call("secretsmanager", "CreateSecret", &body).unwrap_err();
    assert_eq!(
        error.message(),
        "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member \
         must have length less than or equal to 65536"
    );
}

#[test]
fn iam_has_texts_of_its_own_for_names_and_paths() {
    let trust = "&AssumeRolePolicyDocument=%7B%7D";
    let error = query_call("iam", "CreateRole", &format!("&RoleName=a/b{trust}")).unwrap_err();
    assert_eq!(
        (error.code(), error.message()),
        (
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
        )
    );
    let error = query_call("iam", "CreateRole", &format!("&RoleName=a&Path=x{trust}")).unwrap_err();
    assert!(
        error
            .message()
            .starts_with("The specified value for path is invalid. It must begin")
    );
    let long = "a".repeat(65);
    let error = query_call(
        "iam",
        "CreateRole",
        &format!("&RoleName={long}&Path=x{trust}"),
    )
    .unwrap_err();
    assert_eq!(
        error.message(),
        format!(
            "1 validation error detected: Value '{long}' at 'roleName' failed to satisfy \
             constraint: Member must have length less than or equal to 64"
        )
    );
}

#[test]
fn what_cannot_be_read_is_a_serialization_error() {
    for (body, text) in [
        ("{", "the request body is not valid JSON: "),
        ("{} x", "the request body is not valid JSON: "),
        (
            r#"{"ModelName": 5}"#,
            "NUMBER_VALUE cannot be converted to String",
        ),
        (
            r#"{"ModelName": true}"#,
            "TRUE_VALUE cannot be converted to String",
        ),
        (
            r#"{"ModelName": []}"#,
            "Start of list found where not expected",
        ),
        (
            r#"{"ModelName": {}}"#,
            "Start of structure or map found where not expected",
        ),
        (r#"{"Tags": "x"}"#, "Unexpected field type: STRING_VALUE"),
        ("[]", "Start of list found where not expected"),
        (
            r#"{"EnableNetworkIsolation": "true"}"#,
            "STRING_VALUE cannot be converted to Boolean",
        ),
    ] {
        let error = json_call("sagemaker", "CreateModel", body).unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            ("SerializationException", 400),
            "{body}"
        );
        assert!(
            error.message().starts_with(text),
            "{body}: {}",
            error.message()
        );
    }
    let deep = "[".repeat(100_000);
    let error = json_call("sagemaker", "CreateModel", &format!("{{\"x\":{deep}")).unwrap_err();
    assert_eq!(error.code(), "SerializationException");
    let number = json_call("sagemaker", "ListModels", r#"{"MaxResults": "5"}"#).unwrap_err();
    assert_eq!(
        number.message(),
        "STRING_VALUE cannot be converted to Integer"
    );
    for body in [r#"{"MaxResults": 5.5}"#, r#"{"MaxResults": 5000000000}"#] {
        assert!(
            json_call("sagemaker", "ListModels", body).is_err(),
            "{body}"
        );
    }
    let error = query_call("sts", "AssumeRole", "&DurationSeconds=x").unwrap_err();
    assert_eq!(error.code(), "MalformedInput");
}

#[test]
fn a_union_has_one_member() {
    let job = |config: &str| {
        let body = format!(r#"{{"AutoMLProblemTypeConfig": {{{config}}}}}"#);
        json_call("sagemaker", "CreateAutoMLJobV2", &body).unwrap_err()
    };
    let image = r#""ImageClassificationJobConfig": {}"#;
    let text = r#""TextClassificationJobConfig": {"TargetLabelColumn": "a"}"#;
    let nothing = r#""TextClassificationJobConfig": null"#;
    let both = job(&format!("{image}, {text}"));
    assert_eq!(both.code(), "SerializationException");
    assert_eq!(both.message(), "a union must have one member");
    // These lack other members, and are read.
    for one in [image.to_owned(), format!("{image}, {nothing}")] {
        assert_eq!(job(&one).code(), "ValidationException", "{one}");
    }
}

#[test]
fn members_that_the_model_does_not_know_are_ignored_and_null_is_absent() {
    let body = r#"{"MaxResults": 5, "NextToken": null, "Colour": {"deep": [1, {"a": null}]}}"#;
    let input = json_call("sagemaker", "ListModels", body).unwrap();
    assert_eq!(input.int("MaxResults"), Some(5));
    assert_eq!(input.as_map().unwrap().len(), 1);
    assert_eq!(
        json_call("sagemaker", "ListModels", "").unwrap(),
        wire::value::Value::map()
    );
}

#[test]
fn forms_are_read_by_their_names() {
    let rest = "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FR&RoleSessionName=ss\
                &Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a+c&Tags.member.1.Value=\
                &TransitiveTagKeys.member.1=a&Unknown.x=1";
    let input = query_call("sts", "AssumeRole", rest).unwrap();
    assert_eq!(input.at("Tags.0.Key").and_then(|v| v.as_str()), Some("a c"));
    assert_eq!(input.at("Tags.1.Value").and_then(|v| v.as_str()), Some("2"));
    assert_eq!(input.list("TransitiveTagKeys").len(), 1);
    let deep = format!("&{}=1", ["a"; 50].join("."));
    assert_eq!(
        query_call("sts", "GetCallerIdentity", &deep)
            .unwrap_err()
            .code(),
        "MalformedInput"
    );
}

#[test]
fn s3_has_codes_of_its_own() {
    let code = |method: &str, target: &str, headers: &[(&str, &str)], body: &str| {
        s3_call(&parts(method, target, headers), body)
            .map(|_| ())
            .unwrap_err()
            .code()
            .to_owned()
    };
    assert_eq!(code("PUT", "/Bad_Name", &[], ""), "InvalidBucketName");
    assert_eq!(code("GET", "/a%2Fb/k", &[], ""), "InvalidBucketName");
    assert_eq!(code("GET", "/../k", &[], ""), "InvalidBucketName");
    let long = format!("/bucket/{}", "k".repeat(1025));
    assert_eq!(code("GET", &long, &[], ""), "KeyTooLongError");
    assert_eq!(
        code("GET", "/bucket?max-keys=x", &[], ""),
        "InvalidArgument"
    );
    assert_eq!(
        code("GET", "/bucket/k?attributes", &[], ""),
        "InvalidRequest"
    );
    assert_eq!(
        code("PUT", "/bucket/k", &[("x-amz-storage-class", "x")], ""),
        "InvalidStorageClass"
    );
    assert_eq!(
        code("PUT", "/bucket/k", &[("x-amz-acl", "x")], ""),
        "InvalidArgument"
    );
    assert_eq!(
        code("POST", "/bucket?delete", &[], ""),
        "MissingRequestBodyError"
    );
    assert_eq!(
        code("POST", "/bucket?delete", &[], "<Delete>"),
        "MalformedXML"
    );
    assert_eq!(
        code("POST", "/bucket?delete", &[], "<Delete><Object/></Delete>"),
        "MalformedXML"
    );
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><Delete>&b;</Delete>";
    assert_eq!(code("POST", "/bucket?delete", &[], bomb), "MalformedXML");
}

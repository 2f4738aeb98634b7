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
    // None of those that the model knows is none.
    for none in ["", nothing, r#""Colour": "red""#] {
        assert_eq!(job(none).code(), "SerializationException", "{none}");
    }
    // These lack other members, and are read.
    let unknown = r#""Colour": "red""#;
    for one in [
        image.to_owned(),
        format!("{image}, {nothing}"),
        format!("{image}, {unknown}"),
    ] {
        assert_eq!(job(&one).code(), "ValidationException", "{one}");
    }
}

#[test]
fn a_member_that_the_operation_has_an_error_for_gives_that_error() {
    let look_up = |body: &str| json_call("cloudtrail", "LookupEvents", body).unwrap_err();
    for (body, code, rest) in [
        (
            r#"{"MaxResults": 51}"#,
            "InvalidMaxResultsException",
            "Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less \
             than or equal to 50",
        ),
        (
            r#"{"MaxResults": 0}"#,
            "InvalidMaxResultsException",
            "Value '0' at 'maxResults' failed to satisfy constraint: Member must have value \
             greater than or equal to 1",
        ),
        (
            r#"{"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "red"}]}"#,
            "InvalidLookupAttributesException",
            "Value 'Colour' at 'lookupAttributes.1.member.attributeKey' failed to satisfy \
             constraint: Member must satisfy enum value set: [EventId, EventName, ReadOnly, \
             Username, ResourceType, ResourceName, EventSource, AccessKeyId]",
        ),
        (
            r#"{"LookupAttributes": [{"AttributeKey": "EventId"}]}"#,
            "ValidationException",
            "Value null at 'lookupAttributes.1.member.attributeValue' failed to satisfy \
             constraint: Member must not be null",
        ),
        (
            r#"{"EventCategory": "data"}"#,
            "InvalidEventCategoryException",
            "Value 'data' at 'eventCategory' failed to satisfy constraint: Member must satisfy \
             enum value set: [insight]",
        ),
    ] {
        let error = look_up(body);
        assert_eq!((error.code(), error.status()), (code, 400), "{body}");
        let text = format!("1 validation error detected: {rest}");
        assert_eq!(error.message(), text, "{body}");
    }
    // Other operations do not declare these.
    let error = json_call("sagemaker", "ListModels", r#"{"MaxResults": 0}"#).unwrap_err();
    assert_eq!(error.code(), "ValidationException");
}

#[test]
fn organizations_tells_the_reason() {
    for (operation, body, reason) in [
        ("CreatePolicy", r#"{"Name": "n"}"#, "INPUT_REQUIRED"),
        ("ListParents", r#"{"ChildId": "x"}"#, "INVALID_PATTERN"),
        (
            "ListPolicies",
            r#"{"Filter": "NO_SUCH_POLICY"}"#,
            "INVALID_ENUM",
        ),
        (
            "CreateOrganizationalUnit",
            &format!(r#"{{"ParentId": "r-ab12", "Name": "{}"}}"#, "n".repeat(129)),
            "MAX_LENGTH_EXCEEDED",
        ),
        (
            "CreateOrganizationalUnit",
            r#"{"ParentId": "r-ab12", "Name": ""}"#,
            "MIN_LENGTH_EXCEEDED",
        ),
        ("ListRoots", r#"{"MaxResults": 21}"#, "MAX_VALUE_EXCEEDED"),
        ("ListRoots", r#"{"MaxResults": 0}"#, "MIN_VALUE_EXCEEDED"),
        (
            "UntagResource",
            &format!(
                r#"{{"ResourceId": "r-ab12", "TagKeys": ["{}"]}}"#,
                "k".repeat(129)
            ),
            "INVALID_LIST_MEMBER",
        ),
    ] {
        let error = json_call("organizations", operation, body).unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            ("InvalidInputException", 400),
            "{operation}"
        );
        let told = error
            .fields()
            .get("Reason")
            .and_then(|reason| reason.as_str());
        assert_eq!(told, Some(reason), "{operation}: {}", error.message());
    }
}

#[test]
fn forms_are_checked_in_their_nested_members() {
    let trust = "&AssumeRolePolicyDocument=%7B%7D&RoleName=r";
    let tags =
        "&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.2.Key=%21&Tags.member.3.Value=c";
    let error = query_call("iam", "CreateRole", &format!("{trust}{tags}")).unwrap_err();
    assert_eq!(
        error.message(),
        r"3 validation errors detected: Value '!' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; Value null at 'tags.2.member.value' failed to satisfy constraint: Member must not be null; Value null at 'tags.3.member.key' failed to satisfy constraint: Member must not be null"
    );
    let error = query_call(
        "iam",
        "UpdateAccessKey",
        "&AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=On",
    )
    .unwrap_err();
    assert!(
        error.message().starts_with(
            "1 validation error detected: Value 'On' at 'status' failed to satisfy constraint: \
             Member must satisfy enum value set: ["
        ),
        "{}",
        error.message()
    );
    let many: String = (1..=51)
        .map(|n| format!("&Tags.member.{n}.Key=k{n}&Tags.member.{n}.Value=v"))
        .collect();
    let error = query_call("iam", "TagRole", &format!("&RoleName=r{many}")).unwrap_err();
    assert!(
        error
            .message()
            .starts_with("1 validation error detected: Value '[{")
            && error.message().ends_with(
                "at 'tags' failed to satisfy constraint: Member must have length less than or \
                 equal to 50"
            ),
        "{}",
        error.message()
    );
    let error = query_call("iam", "SimulateCustomPolicy", "&ActionNames.member.1=s").unwrap_err();
    assert_eq!(
        error.message(),
        "2 validation errors detected: Value null at 'policyInputList' failed to satisfy \
         constraint: Member must not be null; Value '[s]' at 'actionNames' failed to satisfy \
         constraint: Member must satisfy constraint: [Member must have length less than or equal \
         to 128, Member must have length greater than or equal to 3]"
    );
}

#[test]
fn keys_and_values_of_maps_are_checked() {
    let body = format!(
        r#"{{"Plaintext": "aGk=", "KeyId": "k", "EncryptionContext": {{"a": null}}, "GrantTokens": [{}]}}"#,
        ["\"t\""; 11].join(",")
    );
    let error = json_call("kms", "Encrypt", &body).unwrap_err();
    assert_eq!(
        error.message(),
        "2 validation errors detected: Value '{a=null}' at 'encryptionContext' failed to satisfy \
         constraint: Map value must satisfy constraint: [Member must not be null]; Value '[t, t, \
         t, t, t, t, t, t, t, t, t]' at 'grantTokens' failed to satisfy constraint: Member must \
         have length less than or equal to 10"
    );
    let body = format!(
        r#"{{"TrainingJobName": "j", "HyperParameters": {{"{}": "v"}}}}"#,
        "k".repeat(3000)
    );
    let error = json_call("sagemaker", "CreateTrainingJob", &body).unwrap_err();
    assert!(
        error.message().contains(
            "at 'hyperParameters' failed to satisfy constraint: Map keys must satisfy constraint: \
             [Member must have length less than or equal to 256,"
        ),
        "{}",
        error.message()
    );
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

#[test]
fn what_a_form_says_in_vain_is_refused() {
    let create = |rest: &str| query_call("iam", "CreateUser", &format!("&UserName=u{rest}"));
    for rest in [
        "&Tags=x",
        "&Tags.1.Key=a&Tags.1.Value=b",
        "&Tags.member.-1.Key=a",
        "&Tags.member.%2B1.Key=a",
        "&Tags.member.01.Key=a",
        "&Tags.member.99999999999.Key=a",
        "&Tags.member.x.Key=a",
        "&Tags.member=x",
        "&Tags.member.1=x",
        "&Tags.Key=a",
    ] {
        let error = create(rest)
            .map(|input| format!("{rest}: {input:?}"))
            .unwrap_err();
        assert_eq!(
            (error.code(), error.status()),
            ("MalformedInput", 400),
            "{rest}"
        );
    }
    for rest in [
        "&Tags=",
        "&Tags.member.1.Key=a&Tags.member.1.Value=b",
        "&Unknown.1=x",
    ] {
        assert!(create(rest).is_ok(), "{rest}");
    }
}

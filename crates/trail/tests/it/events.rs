//! One record: names, order, kinds of caller, limits, secrets.

use serde_json::{Value, json};
use trail::{
    Event, HIDDEN, Log, MemoryLog, Position, SessionAttributes, SessionIssuer, TRUNCATED,
    TlsDetails, UserIdentity, redact,
};

use crate::{ACCOUNT, event, studio, time};

#[test]
fn members_stand_in_the_order_of_aws() {
    let expected = concat!(
        r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","#,
        r#""principalId":"AROAEXAMPLE:SageMaker","#,
        r#""arn":"arn:aws:sts::123456789012:assumed-role/StudioExec/SageMaker","#,
        r#""accountId":"123456789012","accessKeyId":"ASIAEXAMPLE","#,
        r#""sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","#,
        r#""arn":"arn:aws:iam::123456789012:role/x/StudioExec","#,
        r#""accountId":"123456789012","userName":"StudioExec"},"#,
        r#""attributes":{"creationDate":"2025-07-01T10:00:00Z","mfaAuthenticated":"false"},"#,
        r#""sourceIdentity":"alice"}},"eventTime":"2025-07-01T10:05:07Z","#,
        r#""eventSource":"sagemaker.amazonaws.com","eventName":"CreateTrainingJob","#,
        r#""awsRegion":"us-east-1","sourceIPAddress":"192.0.2.1","userAgent":"Boto3/1.40","#,
        r#""errorCode":"AccessDenied","errorMessage":"no","#,
        r#""requestParameters":{"trainingJobName":"job-7"},"responseElements":null,"#,
        r#""requestID":"request-7","eventID":"event-7","readOnly":false,"#,
        r#""resources":[{"accountId":"123456789012","type":"AWS::SageMaker::TrainingJob","#,
        r#""ARN":"arn:aws:sagemaker:us-east-1:123456789012:training-job/job-7"}],"#,
        r#""eventType":"AwsApiCall","managementEvent":true,"#,
        r#""recipientAccountId":"123456789012","sharedEventID":"shared","#,
        r#""eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3"}}"#,
    );
    let event = Event {
        error_code: Some("AccessDenied".to_owned()),
        error_message: Some("no".to_owned()),
        response_elements: None,
        shared_event_id: Some("shared".to_owned()),
        tls_details: Some(TlsDetails {
            tls_version: Some("TLSv1.3".into()),
            ..TlsDetails::default()
        }),
        ..event(7)
    };
    assert_eq!(serde_json::to_string(&event).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Event>(expected).unwrap(), event);
}

#[test]
fn times_are_kept_to_the_second() {
    let mut event = event(0);
    event.event_time = time("2025-07-01T10:05:00.999Z");
    let value = serde_json::to_value(&event).unwrap();
    assert_eq!(value["eventTime"], "2025-07-01T10:05:00Z");
}

fn shown(identity: &UserIdentity) -> Value {
    serde_json::to_value(identity).unwrap()
}

#[test]
fn every_kind_of_caller_has_its_members() {
    let attributes = SessionAttributes::new(time("2025-07-01T10:00:00Z"), true);
    let user = "arn:aws:iam::123456789012:user/team/carol";
    assert_eq!(
        shown(&UserIdentity::root("aws-cn", ACCOUNT, Some("AKIA1"))),
        json!({"type": "Root", "principalId": ACCOUNT, "accountId": ACCOUNT, "accessKeyId": "AKIA1",
            "arn": "arn:aws-cn:iam::123456789012:root"})
    );
    assert_eq!(
        shown(
            &UserIdentity::iam_user(user, "AIDA1", ACCOUNT, Some("ASIA1"))
                .with_session(attributes.clone())
                .invoked_by("athena.amazonaws.com")
        ),
        json!({"type": "IAMUser", "principalId": "AIDA1", "arn": user, "accountId": ACCOUNT,
            "accessKeyId": "ASIA1", "userName": "carol", "invokedBy": "athena.amazonaws.com",
            "sessionContext": {"attributes":
                {"creationDate": "2025-07-01T10:00:00Z", "mfaAuthenticated": "true"}}})
    );
    assert_eq!(
        shown(&UserIdentity::federated_user(
            "arn:aws:sts::123456789012:federated-user/dave",
            Some("ASIA2"),
            SessionIssuer::user(user, "AIDA1", ACCOUNT),
            attributes,
        )),
        json!({"type": "FederatedUser", "principalId": "123456789012:dave", "accountId": ACCOUNT,
            "arn": "arn:aws:sts::123456789012:federated-user/dave", "accessKeyId": "ASIA2",
            "sessionContext": {
                "sessionIssuer": {"type": "IAMUser", "principalId": "AIDA1", "arn": user,
                    "accountId": ACCOUNT, "userName": "carol"},
                "attributes": {"creationDate": "2025-07-01T10:00:00Z",
                    "mfaAuthenticated": "true"}}})
    );
    assert_eq!(
        shown(&UserIdentity::service("sagemaker.amazonaws.com")),
        json!({"type": "AWSService", "invokedBy": "sagemaker.amazonaws.com"})
    );
    assert_eq!(
        shown(&UserIdentity::other_account("AIDA9", "999999999999")),
        json!({"type": "AWSAccount", "principalId": "AIDA9", "accountId": "999999999999"})
    );
    assert_eq!(
        shown(&UserIdentity::anonymous()),
        json!({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"})
    );
    assert_eq!(
        shown(&UserIdentity::web_identity_user(
            "accounts.google.com",
            "app",
            "42"
        )),
        json!({"type": "WebIdentityUser", "principalId": "accounts.google.com:app:42",
            "userName": "42", "identityProvider": "accounts.google.com"})
    );
    assert_eq!(
        shown(&UserIdentity::unknown(Some("AKIA?"))),
        json!({"type": "Unknown", "accessKeyId": "AKIA?"})
    );
    assert_eq!(studio("bob").source_identity(), Some("bob"));
}

#[test]
fn what_is_too_large_is_cut_visibly() {
    let mut large = event(0);
    large.user_agent = Some("é".repeat(2000));
    large.error_message = Some("x".repeat(1024));
    large.request_parameters = Some(json!({"queryString": "x".repeat(200_000)}));
    large.response_elements = Some(json!({"text": "x".repeat(102_000)}));
    large.additional_event_data = Some(json!(["x".repeat(30_000)]));
    large.resources = vec![large.resources[0].clone(); 1000];
    large.resources[7].arn = Some("a".repeat(2049).into());
    large.user_identity.user_name = Some("u".repeat(2000));
    let log: &dyn Log = &MemoryLog::default();
    log.append(vec![large]).unwrap();
    let large = log.read(Position(1), 1).unwrap().remove(0).event;
    let user = large.user_identity.user_name.as_ref().unwrap();
    assert!(user.len() == 1024 && user.ends_with(TRUNCATED));
    let arn = large.resources[7].arn.as_ref().unwrap();
    assert!(arn.len() == 2048 && arn.ends_with(TRUNCATED));
    let agent = large.user_agent.unwrap();
    assert!(agent.len() <= 1024 && agent.ends_with(TRUNCATED) && agent.starts_with("éé"));
    assert_eq!(large.error_message.unwrap().len(), 1024, "1 KB is allowed");
    assert_eq!(
        large.request_parameters,
        Some(json!({"omitted": true, "originalSize": 200_018,
            "reason": "requestParameters too large"}))
    );
    assert_eq!(
        large.response_elements.unwrap()["text"]
            .as_str()
            .unwrap()
            .len(),
        102_000
    );
    assert_eq!(large.additional_event_data.unwrap()["omitted"], true);
    assert_eq!(large.resources.len(), 256);
}

#[test]
fn secrets_are_hidden_by_their_path() {
    let mut value = json!({
        "secretString": "a",
        "name": "secretString",
        "tags": [{"key": "k", "secretString": {"deep": "b"}}],
        "inner": {"secretString": ["kept"]},
    });
    redact(&mut value, &|path| {
        matches!(path, ["secretString"] | ["tags", "secretString"])
    });
    assert_eq!(
        value,
        json!({
            "secretString": HIDDEN,
            "name": "secretString",
            "tags": [{"key": "k", "secretString": HIDDEN}],
            "inner": {"secretString": ["kept"]},
        })
    );
    assert_eq!(HIDDEN, "HIDDEN_DUE_TO_SECURITY_REASONS");
}

#[test]
fn resources_are_known_by_arn_and_name() {
    let names = |arn: &str| {
        let mut event = event(0);
        event.resources[0].arn = Some(arn.to_owned().into());
        event
            .resource_names()
            .map(str::to_owned)
            .collect::<Vec<_>>()[1]
            .clone()
    };
    assert_eq!(names("arn:aws:iam::123456789012:role/a/b"), "b");
    assert_eq!(names("arn:aws:s3:::bucket"), "bucket");
    assert_eq!(names("arn:aws:s3:::bucket/users/alice/x"), "users/alice/x");
    assert_eq!(
        names("arn:aws:secretsmanager:r:1:secret:user/alice-AbCdEf"),
        "user/alice-AbCdEf"
    );
    assert_eq!(
        names("arn:aws:sagemaker:r:1:user-profile/d-1/alice"),
        "alice"
    );
    assert_eq!(names("not an arn"), "not an arn");
}

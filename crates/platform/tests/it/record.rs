//! What events say beyond who, what and when, service by service.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::{ACCOUNT, OTHER_ACCOUNT, World};

#[test]
fn denials_have_one_code_in_events_whatever_the_protocol_says() {
    let world = World::new();
    let alice = world.user("alice");
    let input = json!({"SecretId": "x"});
    let denied = world.json(&alice, "secretsmanager", "GetSecretValue", &input);
    assert_eq!(denied.error().0, "AccessDeniedException");
    let event = world.last_event();
    assert_eq!(event.error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(event.error_message, Some(denied.error().1));
    assert_eq!(event.request_id, denied.headers["x-amzn-requestid"]);
}

#[test]
fn s3_lists_what_was_asked_by_the_names_on_the_wire() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let headers = [
        ("x-amz-storage-class", "STANDARD"),
        ("content-type", "text/plain"),
        ("x-amz-meta-colour", "blue"),
        ("user-agent", "Boto3/1"),
    ];
    bucket.put_with("a/b", "hello", &headers).checked();
    let event = world.last_event();
    assert_eq!(
        event.request_parameters,
        Some(
            json!({"bucketName": "data", "key": "a/b", "x-amz-storage-class": "STANDARD",
                    "Host": "localhost"})
        )
    );
    assert_eq!(event.user_agent.as_deref(), Some("[Boto3/1]"));
    let more = event.additional_event_data.unwrap();
    assert_eq!(more["SignatureVersion"], "SigV4");
    assert_eq!(more["AuthenticationMethod"], "AuthHeader");
    let _ = bucket.keys("?list-type=2&prefix=a%2F&max-keys=7");
    let listed = world.last_event();
    assert_eq!(listed.event_name, "ListObjects");
    let asked = listed.request_parameters.unwrap();
    assert_eq!(
        (&asked["prefix"], &asked["max-keys"]),
        (&json!("a/"), &json!("7"))
    );
    let first = serde_json::to_value(&listed.resources[0]).unwrap();
    assert_eq!(
        first,
        json!({"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::data/"})
    );
    let statement = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
                            "Resource": "arn:aws:s3:::data"}]);
    bucket.policy(&statement).checked();
    let put = world.last_event().request_parameters.unwrap();
    assert_eq!(put["bucketPolicy"]["Statement"], statement);
}

#[test]
fn a_call_on_anothers_resource_is_in_both_accounts_under_one_id() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let _ = bucket.get(world.other_root(), "k");
    let events = world.events();
    let [.., own, owners] = events.as_slice() else {
        unreachable!("two events")
    };
    assert_eq!(own.recipient_account_id, OTHER_ACCOUNT);
    assert_eq!(owners.recipient_account_id, ACCOUNT);
    assert!(own.shared_event_id.is_some());
    assert_eq!(own.shared_event_id, owners.shared_event_id);
    assert_ne!(own.event_id, owners.event_id);
    let identity: Value = serde_json::to_value(&owners.user_identity).unwrap();
    assert_eq!(
        identity,
        json!({"type": "AWSAccount", "principalId": OTHER_ACCOUNT, "accountId": OTHER_ACCOUNT})
    );
}

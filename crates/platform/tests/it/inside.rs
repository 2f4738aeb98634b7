//! One service asks another: authorized and recorded like any call.

use bytes::Bytes;
use platform::{
    ApiError, Call, Check, Checks, Operation, Outcome, Permitted, Service, ServiceCaller, Target,
};
use serde_json::json;
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{ACCOUNT, Credentials, OTHER_ACCOUNT, REGION, World};
use wire::value::Value;

fn may(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("sts:GetAccessKeyInfo", Target::any())?.into())
}

/// Reads a secret for the caller.
fn read_secret(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = Value::map().with("SecretId", "models/key");
    let secret = call.forward("secretsmanager", "GetSecretValue", input)?;
    let text = secret.str("SecretString").unwrap_or_default();
    Ok(Outcome::new(Value::map().with("Account", text)))
}

/// A world in which an operation of STS reads a secret on behalf of its caller, alice, whose policy
/// has this statement for it.
fn world(statement: &serde_json::Value) -> (World, Credentials) {
    static ASKING: &[Operation] = &[Operation::read("GetAccessKeyInfo", may, read_secret)];
    let services = services::all()
        .into_iter()
        .map(|service| match service.api {
            "sts" => Service {
                operations: ASKING,
                ..service
            },
            _ => service,
        });
    let world = World::with_services(services.collect());
    let input = json!({"Name": "models/key", "SecretString": "s3cret"});
    world
        .json(world.root(), "secretsmanager", "CreateSecret", &input)
        .checked();
    let alice = world.user("alice");
    let statements = json!([
        {"Effect": "Allow", "Action": "sts:GetAccessKeyInfo", "Resource": "*"},
        statement
    ]);
    world.put_policy("User", "alice", &document(&statements));
    (world, alice)
}

fn ask(world: &World, who: &Credentials) -> testkit::Answer {
    let parameters = [("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")];
    world.query(who, "sts", "GetAccessKeyInfo", &parameters)
}

#[test]
fn a_forwarded_call_is_decided_by_the_permissions_of_the_caller() {
    let (world, alice) = world(&json!(
        {"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}
    ));
    let (code, message) = ask(&world, &alice).error();
    assert_eq!(code, "AccessDenied");
    assert!(
        message.contains("secretsmanager:GetSecretValue"),
        "{message}"
    );
}

#[test]
fn a_forwarded_call_says_through_whom_it_came() {
    let (world, alice) = world(&json!({
        "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        "Condition": {
            "ForAnyValue:StringEquals": {"aws:CalledVia": "sts.amazonaws.com"},
            "StringEquals": {"aws:CalledViaFirst": "sts.amazonaws.com", "aws:CalledViaLast": "sts.amazonaws.com"},
            "Bool": {"aws:ViaAWSService": "true"},
            "Null": {"aws:SourceIp": "true"}
        }
    }));
    assert_eq!(ask(&world, &alice).checked().xml("Account"), "s3cret");
    let input = json!({"SecretId": "models/key"});
    let directly = world.json(&alice, "secretsmanager", "GetSecretValue", &input);
    assert_eq!(directly.error().0, "AccessDeniedException");
}

#[test]
fn both_calls_are_in_the_trail_under_the_name_of_the_caller() {
    let (world, alice) = world(&json!(
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    ));
    ask(&world, &alice).checked();
    let events = world.events();
    let [.., inner, outer] = events.as_slice() else {
        unreachable!("two events")
    };
    assert_eq!(
        (inner.event_name.as_ref(), outer.event_name.as_ref()),
        ("GetSecretValue", "GetAccessKeyInfo")
    );
    assert_eq!(inner.user_identity.arn, outer.user_identity.arn);
    assert_eq!(
        inner.user_identity.invoked_by.as_deref(),
        Some("sts.amazonaws.com")
    );
    assert_eq!(inner.source_ip_address, "sts.amazonaws.com");
    assert_ne!(inner.request_id, outer.request_id);
    assert_eq!(outer.user_identity.invoked_by, None);
}

/// Puts an object as CloudTrail, for a trail of `account`.
fn deliver(world: &World, account: &str) -> Result<Value, ApiError> {
    let caller = ServiceCaller {
        service: "cloudtrail.amazonaws.com".to_owned(),
        source_arn: format!("arn:aws:cloudtrail:{REGION}:{account}:trail/all"),
        source_account: account.to_owned(),
    };
    let input = Value::map().with("Bucket", "logs").with("Key", "a");
    let body = Bytes::from_static(b"[]");
    world
        .platform
        .call_as_service(&caller, REGION, ("s3", "PutObject"), input, body)
}

#[test]
fn a_service_may_what_the_policy_of_the_resource_gives_it_and_only_for_whom() {
    let world = World::new();
    let bucket = Bucket::new(&world, "logs");
    assert!(deliver(&world, ACCOUNT).is_err_and(|error| error.is_denial()));
    let statement = json!([{
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    }]);
    bucket.policy(&statement).checked();
    assert!(deliver(&world, OTHER_ACCOUNT).is_err_and(|error| error.is_denial()));
    deliver(&world, ACCOUNT).unwrap();
    let event = world.last_event();
    assert_eq!(
        event.user_identity.invoked_by.as_deref(),
        Some("cloudtrail.amazonaws.com")
    );
    assert_eq!(bucket.get(world.root(), "a").checked().text(), "[]");
}

//! Whatever is refused gets AWS's error in the service's own words, is recorded, and changes nothing.

use bytes::Bytes;
use platform::hallway::{self, Arrived, BodyFault};
use serde_json::json;
use testkit::{Answer, Credentials, World, parts};
use trail::IdentityType;

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.error().0)
}

fn recorded(world: &World, name: &str, code: &str) -> trail::Event {
    let event = world.last_event();
    assert_eq!(event.event_name, name);
    assert_eq!(event.error_code.as_deref(), Some(code));
    assert_eq!(event.response_elements, None);
    event
}

#[test]
fn a_wrong_signature_is_said_as_each_service_says_it() {
    let world = World::new();
    let wrong = Credentials {
        secret: "wrong".to_owned(),
        ..world.root().clone()
    };
    let query = world.query(&wrong, "iam", "CreateUser", &[("UserName", "eve")]);
    assert_eq!(code(&query), (403, "SignatureDoesNotMatch".to_owned()));
    let event = recorded(&world, "CreateUser", "SignatureDoesNotMatch");
    assert_eq!(event.user_identity.kind, IdentityType::Unknown);
    assert_eq!(
        event.user_identity.access_key_id.as_deref(),
        Some("AKIAROOT")
    );
    assert_eq!(event.request_parameters, None, "nothing in it is believed");
    let json = world.json(&wrong, "sagemaker", "ListDomains", &json!({}));
    assert_eq!(code(&json), (400, "InvalidSignatureException".to_owned()));
    let s3 = world.http(&wrong, "s3", "GET", "/", &[], Bytes::new());
    assert_eq!(code(&s3), (403, "SignatureDoesNotMatch".to_owned()));
    let users = world.query(world.root(), "iam", "ListUsers", &[]).checked();
    assert!(users.find("UserName").is_none());
}

#[test]
fn an_unknown_key_is_said_as_each_service_says_it() {
    let world = World::new();
    let unknown = Credentials {
        access_key_id: "AKIANOBODY".to_owned(),
        ..world.root().clone()
    };
    let query = world.query(&unknown, "sts", "GetCallerIdentity", &[]);
    assert_eq!(code(&query), (403, "InvalidClientTokenId".to_owned()));
    let json = world.json(&unknown, "secretsmanager", "ListSecrets", &json!({}));
    assert_eq!(code(&json), (400, "UnrecognizedClientException".to_owned()));
    let s3 = world.http(&unknown, "s3", "GET", "/", &[], Bytes::new());
    assert_eq!(code(&s3), (403, "InvalidAccessKeyId".to_owned()));
}

#[test]
fn no_signature_is_no_authentication() {
    let world = World::new();
    let headers = [("x-amz-target", "SageMaker.ListDomains")];
    let answer = world.send(parts("POST", "/", &headers), Bytes::from_static(b"{}"));
    assert_eq!(answer.error().0, "MissingAuthenticationTokenException");
    recorded(&world, "ListDomains", "MissingAuthenticationTokenException");
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15");
    let answer = world.send(parts("POST", "/", &form), body);
    assert_eq!(
        code(&answer),
        (403, "MissingAuthenticationToken".to_owned())
    );
    let answer = world.send(parts("PUT", "/bucket", &[]), Bytes::new());
    assert_eq!(code(&answer), (403, "AccessDenied".to_owned()));
}

#[test]
fn a_signature_for_another_region_form_is_refused() {
    let world = World::new();
    for region in ["..", "US-EAST-1", "a b", &"x".repeat(40)] {
        let credential = format!("AKIAROOT/20260102/{region}/sts/aws4_request");
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, \
             Signature={}",
            "0".repeat(64)
        );
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-amz-date", "20260102T030405Z"),
            ("authorization", authorization.as_str()),
        ];
        let answer = world.send(parts("POST", "/", &headers), Bytes::new());
        assert_eq!(answer.error().0, "SignatureDoesNotMatch", "{region}");
        assert_eq!(world.last_event().aws_region, testkit::REGION);
    }
}

#[test]
fn an_operation_that_is_none_or_is_not_built_says_so_to_those_who_signed() {
    let world = World::new();
    let none = world.query(world.root(), "iam", "NoSuchAction", &[]);
    assert_eq!(code(&none), (400, "InvalidAction".to_owned()));
    let event = recorded(&world, "Unknown", "InvalidAction");
    assert_eq!(event.user_identity.kind, IdentityType::Root);
    let unbuilt = world.query(
        world.root(),
        "iam",
        "GetOutboundWebIdentityFederationInfo",
        &[],
    );
    assert_eq!(code(&unbuilt), (501, "UnsupportedOperation".to_owned()));
    recorded(
        &world,
        "GetOutboundWebIdentityFederationInfo",
        "UnsupportedOperation",
    );
    let alice = world.user("alice");
    let wrong = Credentials {
        secret: "wrong".to_owned(),
        ..alice
    };
    let unbuilt = world.query(&wrong, "iam", "GetOutboundWebIdentityFederationInfo", &[]);
    assert_eq!(
        unbuilt.error().0,
        "SignatureDoesNotMatch",
        "first the signature"
    );
}

#[test]
fn malformed_input_is_refused_by_its_shape_and_recorded_with_its_caller() {
    let world = World::new();
    let answer = world.query(world.root(), "iam", "CreateUser", &[("UserName", "a b")]);
    assert_eq!(code(&answer), (400, "ValidationError".to_owned()));
    let event = recorded(&world, "CreateUser", "ValidationError");
    assert_eq!(event.user_identity.kind, IdentityType::Root);
}

#[test]
fn a_body_that_did_not_come_whole_is_refused() {
    let world = World::new();
    for (fault, status) in [
        (BodyFault::TooLarge { limit: 10 }, 413),
        (BodyFault::Incomplete, 400),
        (BodyFault::Slow, 408),
        (BodyFault::Crowded, 503),
    ] {
        let signer = wire::sigv4::Signer {
            access_key: "AKIAROOT".to_owned(),
            secret: "secret-of-AKIAROOT".to_owned(),
            session_token: None,
            region: testkit::REGION.to_owned(),
            service: "sts".to_owned(),
        };
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let mut parts = parts("POST", "/", &headers);
        let body = b"Action=GetCallerIdentity&Version=2011-06-15";
        let payload = wire::sigv4::Payload::Bytes(body);
        signer
            .sign(&mut parts, world.platform.now(), payload)
            .unwrap();
        let source_ip = std::net::Ipv4Addr::LOCALHOST.into();
        let arrived = Arrived {
            parts,
            body: Err(fault),
            source_ip,
            tls: None,
        };
        let answer = hallway::walk(&world.platform, arrived).unwrap();
        assert_eq!(answer.status(), status);
        assert!(world.last_event().error_code.is_some());
    }
}

#[test]
fn a_denial_names_caller_action_resource_and_reason() {
    let world = World::new();
    let alice = world.user("alice");
    let answer = world.query(&alice, "iam", "DeleteUser", &[("UserName", "alice")]);
    let message = "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: \
                   iam:DeleteUser on resource: arn:aws:iam::123456789012:user/alice because no \
                   identity-based policy allows the iam:DeleteUser action";
    assert_eq!(code(&answer), (403, "AccessDenied".to_owned()));
    assert_eq!(answer.error().1, message);
    let event = recorded(&world, "DeleteUser", "AccessDenied");
    assert_eq!(event.error_message.as_deref(), Some(message));
    assert_eq!(event.request_parameters.unwrap()["userName"], "alice");
    assert_eq!(
        event.request_id,
        answer.headers["x-amzn-requestid"].to_str().unwrap()
    );
}

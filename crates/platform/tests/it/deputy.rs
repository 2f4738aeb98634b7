//! A service that assumes a role as itself: the trust policy decides, with `aws:SourceArn` and
//! `aws:SourceAccount` (SageMaker Developer Guide, "Cross-Service Confused Deputy Prevention").

use platform::identity::Tag;
use platform::sessions::{ServiceAssumption, assume_as_service};
use platform::{ApiError, ServiceCaller, Session, Studio};
use serde_json::{Value, json};
use testkit::{Credentials, World};
use trail::IdentityType;

const ROLE: &str = "arn:aws:iam::123456789012:role/Exec";

fn trust(actions: &[&str], condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"},
         "Action": actions, "Condition": condition}
    ]})
}

fn asked(source_arn: &str) -> ServiceAssumption {
    ServiceAssumption {
        caller: ServiceCaller {
            service: "sagemaker.amazonaws.com".to_owned(),
            source_arn: source_arn.to_owned(),
            source_account: "123456789012".to_owned(),
        },
        role_arn: ROLE.to_owned(),
        session_name: "SageMaker".to_owned(),
        region: "us-east-1".to_owned(),
        duration: None,
        source_identity: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        studio: None,
        asked_by: None,
    }
}

fn assume(world: &World, asked: &ServiceAssumption) -> Result<Session, ApiError> {
    assume_as_service(&world.platform, asked.clone())
}

fn job(name: &str) -> String {
    format!("arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}")
}

#[test]
fn the_source_decides() {
    let only = |condition: Value| trust(&["sts:AssumeRole"], &condition);
    let job_one = job("one");
    for (trusting, source, allowed) in [
        (only(json!({})), job_one.as_str(), true),
        (
            only(json!({"StringEquals": {"aws:SourceAccount": "123456789012"}})),
            &job_one,
            true,
        ),
        (
            only(json!({"StringEquals": {"aws:SourceAccount": "999988887777"}})),
            &job_one,
            false,
        ),
        (
            only(json!({"ArnLike": {"aws:SourceArn": job("*")}})),
            &job_one,
            true,
        ),
        (
            only(json!({"ArnLike": {"aws:SourceArn": job("*")}})),
            "arn:aws:sagemaker:us-east-1:123456789012:*",
            false,
        ),
        (
            only(
                json!({"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:us-west-2:123456789012:*"}}),
            ),
            &job_one,
            false,
        ),
    ] {
        let world = World::new();
        let _ = world.role("Exec", &trusting, &Value::Null);
        let result = assume(&world, &asked(source));
        assert_eq!(result.is_ok(), allowed, "{trusting}");
        let event = world.last_event();
        assert_eq!(event.event_name, "AssumeRole");
        assert_eq!(event.user_identity.kind, IdentityType::AWSService);
        assert_eq!(
            event.user_identity.invoked_by.as_deref(),
            Some("sagemaker.amazonaws.com")
        );
        assert_eq!(event.error_code.is_none(), allowed);
        assert_eq!(event.resources[0].arn.as_deref(), Some(ROLE));
        if let Err(error) = result {
            assert!(error.is_denial());
        }
    }
}

#[test]
fn another_service_and_another_caller_are_not_trusted() {
    let world = World::new();
    let _ = world.role(
        "Exec",
        &trust(&["sts:AssumeRole"], &json!({})),
        &Value::Null,
    );
    let mut other = asked(&job("one"));
    other.caller.service = "glue.amazonaws.com".to_owned();
    assert!(assume(&world, &other).unwrap_err().is_denial());
    let alice = world.user("alice");
    let admin = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
    ]});
    world.put_policy("User", "alice", &admin);
    assert_eq!(world.assume(&alice, ROLE, &[]).error().0, "AccessDenied");
}

#[test]
fn a_source_identity_and_tags_need_their_own_permission() {
    let world = World::new();
    let _ = world.role(
        "Exec",
        &trust(&["sts:AssumeRole"], &json!({})),
        &Value::Null,
    );
    let named = ServiceAssumption {
        source_identity: Some("alice".to_owned()),
        ..asked(&job("one"))
    };
    let message = assume(&world, &named).unwrap_err().to_string();
    assert!(message.contains("sts:SetSourceIdentity"), "{message}");
    let tagged = ServiceAssumption {
        tags: vec![Tag::new("k", "v")],
        ..asked(&job("one"))
    };
    let message = assume(&world, &tagged).unwrap_err().to_string();
    assert!(message.contains("sts:TagSession"), "{message}");
}

#[test]
fn only_a_studio_session_has_the_keys_of_studio() {
    let world = World::new();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*", "Condition": {"StringEquals": {
            "sagemaker:DomainId": "d-1", "sagemaker:UserProfileName": "alice",
            "aws:SourceIdentity": "alice"
        }}}
    ]});
    let trusting = trust(&["sts:AssumeRole", "sts:SetSourceIdentity"], &json!({}));
    let _ = world.role("Exec", &trusting, &policy);
    let may = |asked: &ServiceAssumption| {
        let session = assume(&world, asked).unwrap();
        let who = Credentials {
            access_key_id: session.access_key_id,
            secret: session.secret_access_key,
            token: Some(session.token),
        };
        let status = world
            .query(&who, "iam", "GetRole", &[("RoleName", "Exec")])
            .status;
        let event = world.last_event();
        assert_eq!(event.user_identity.source_identity(), Some("alice"));
        assert_eq!(
            event.user_identity.arn.as_deref(),
            Some("arn:aws:sts::123456789012:assumed-role/Exec/SageMaker")
        );
        status == 200
    };
    let plain = ServiceAssumption {
        source_identity: Some("alice".to_owned()),
        ..asked(&job("one"))
    };
    let studio = |domain: &str, profile: Option<&str>| ServiceAssumption {
        studio: Some(Studio {
            region: "us-east-1".to_owned(),
            domain_id: domain.to_owned(),
            user_profile_name: profile.map(str::to_owned),
            space_name: None,
        }),
        ..plain.clone()
    };
    assert!(!may(&plain));
    assert!(may(&studio("d-1", Some("alice"))));
    assert!(!may(&studio("d-2", Some("alice"))));
    assert!(
        !may(&studio("d-1", None)),
        "a shared space has no user profile"
    );
}

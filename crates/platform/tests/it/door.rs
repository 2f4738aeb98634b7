//! A door: what the visitor brings says for what the service acts; the role's trust policy decides.

use bytes::Bytes;
use platform::sessions::ServiceAssumption;
use platform::{ApiError, Door, Page, Service, ServiceCaller, Session, Visit};
use serde_json::{Value, json};
use store::{Key, Write};
use testkit::{Answer, Credentials, World, parts};

const DOOR: Door = Door {
    path: "/_test/enter",
    event: "Enter",
    open,
    show,
};

#[derive(serde::Serialize, serde::Deserialize)]
struct Ticket;

impl store::Record for Ticket {
    const KIND: &'static str = "test-ticket";
    const VERSION: u32 = 1;
}

fn open(visit: &Visit<'_>, tx: &mut dyn Write) -> Result<ServiceAssumption, ApiError> {
    let ticket = visit.parameter("ticket").unwrap_or_default();
    if !tx.delete::<Ticket>(&Key::new([ticket]))? {
        return Err(ApiError::access_denied("the link was used or is not one"));
    }
    Ok(ServiceAssumption {
        caller: ServiceCaller {
            service: "iam.amazonaws.com".to_owned(),
            source_arn: "arn:aws:iam::123456789012:*".to_owned(),
            source_account: "123456789012".to_owned(),
        },
        role_arn: "arn:aws:iam::123456789012:role/Guest".to_owned(),
        session_name: "guest".to_owned(),
        region: "us-east-1".to_owned(),
        duration: None,
        source_identity: None,
        tags: Vec::new(),
        transitive: Vec::new(),
        studio: None,
        asked_by: None,
    })
}

fn show(_: &Visit<'_>, session: &Session) -> Page {
    Page::json(&json!({
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.token,
    }))
}

fn world(trusted: &str) -> World {
    static DOORS: &[Door] = &[DOOR];
    let services = services::all()
        .into_iter()
        .map(|service| {
            if service.api == "iam" {
                Service {
                    doors: DOORS,
                    ..service
                }
            } else {
                service
            }
        })
        .collect();
    let world = World::with_services(services);
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    ]});
    let _ = world.role("Guest", &trust, &Value::Null);
    for ticket in ["one", "two"] {
        let put = |tx: &mut dyn Write| tx.put(&Key::new([ticket]), &Ticket);
        world
            .platform
            .store()
            .write::<_, store::Error>(put)
            .unwrap();
    }
    world
}

fn enter(world: &World, query: &str) -> Answer {
    world.send(
        parts("GET", &format!("/_test/enter?{query}"), &[]),
        Bytes::new(),
    )
}

#[test]
fn a_ticket_opens_once() {
    let world = world("iam.amazonaws.com");
    let answer = enter(&world, "ticket=one").checked();
    assert_eq!(answer.headers["cache-control"], "no-store");
    let member = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
    let guest = Credentials {
        access_key_id: member("AccessKeyId"),
        secret: member("SecretAccessKey"),
        token: Some(member("Token")),
    };
    let who = world
        .query(&guest, "sts", "GetCallerIdentity", &[])
        .checked();
    assert!(who.xml("Arn").ends_with(":assumed-role/Guest/guest"));
    let events = world.events();
    let [.., assumed, entered, _] = events.as_slice() else {
        panic!("three events")
    };
    assert_eq!(
        (assumed.event_name.as_ref(), entered.event_name.as_ref()),
        ("AssumeRole", "Enter")
    );
    assert_eq!(
        (&entered.request_parameters, &entered.response_elements),
        (&None, &None)
    );
    assert_eq!(entered.recipient_account_id, testkit::ACCOUNT);
    assert_eq!(enter(&world, "ticket=one").status, 403);
    assert_eq!(
        world.last_event().error_code.as_deref(),
        Some("AccessDenied")
    );
}

#[test]
fn what_is_no_ticket_opens_nothing() {
    let world = world("iam.amazonaws.com");
    for query in [
        "",
        "ticket=",
        "ticket=three",
        "ticket=one&ticket=two",
        "other=one",
        "ticket=one%00",
    ] {
        assert_eq!(enter(&world, query).status, 403, "{query}");
    }
    let post = world.send(parts("POST", "/_test/enter?ticket=one", &[]), Bytes::new());
    assert_eq!(
        post.error().0,
        "InvalidArgument",
        "not this door: a form of S3 that is none"
    );
    let _ = enter(&world, "ticket=one").checked();
}

#[test]
fn the_trust_policy_decides_and_the_ticket_is_used_up_all_the_same() {
    let world = world("glue.amazonaws.com");
    assert_eq!(enter(&world, "ticket=one").status, 403);
    let again = enter(&world, "ticket=one");
    assert!(again.error().1.contains("the link was used"));
}

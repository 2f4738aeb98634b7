//! CloudTrail: every call is found again (CloudTrail API Reference, "LookupEvents").

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{Answer, Credentials, World};

fn look_up(world: &World, who: &Credentials, input: &Value) -> Answer {
    world.json(who, "cloudtrail", "LookupEvents", input)
}

fn by(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

/// The names of the events found, newest first.
fn names(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let events = json["Events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["EventName"].as_str().unwrap().to_owned())
        .collect()
}

/// A world in which alice was refused a bucket's policy and everybody touched an object.
fn busy() -> World {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("a/k", "hello").checked();
    let alice = world.user("alice");
    let _ = bucket.call(&alice, "GET", "?policy", &[], "");
    let _ = bucket.get(&alice, "a/k");
    world
}

#[test]
fn management_events_are_found_by_each_attribute() {
    let world = busy();
    let events = world.events();
    let created = events
        .iter()
        .find(|event| event.event_name == "CreateUser")
        .unwrap();
    let refused = events
        .iter()
        .find(|event| event.error_code.is_some())
        .unwrap();
    let key = refused.user_identity.access_key_id.clone().unwrap();
    for (attribute, value, expected) in [
        ("EventId", created.event_id.as_str(), vec!["CreateUser"]),
        ("EventName", "GetBucketPolicy", vec!["GetBucketPolicy"]),
        ("Username", "alice", vec!["GetBucketPolicy"]),
        ("AccessKeyId", &key, vec!["GetBucketPolicy"]),
        (
            "ResourceName",
            "arn:aws:s3:::data",
            vec!["GetBucketPolicy", "CreateBucket"],
        ),
        (
            "ResourceName",
            "data",
            vec!["GetBucketPolicy", "CreateBucket"],
        ),
        (
            "ResourceType",
            "AWS::IAM::User",
            vec!["CreateAccessKey", "CreateUser"],
        ),
        (
            "EventSource",
            "iam.amazonaws.com",
            vec!["CreateAccessKey", "CreateUser"],
        ),
        ("EventName", "createuser", vec![]),
    ] {
        let answer = look_up(&world, world.root(), &by(attribute, value)).checked();
        assert_eq!(names(&answer), expected, "{attribute} {value}");
    }
    let writes = look_up(&world, world.root(), &by("ReadOnly", "false")).checked();
    assert_eq!(
        names(&writes),
        ["CreateAccessKey", "CreateUser", "CreateBucket"]
    );
}

#[test]
fn data_events_are_not_found() {
    let world = busy();
    for (attribute, value) in [
        ("EventName", "GetObject"),
        ("ResourceName", "a/k"),
        ("ResourceType", "AWS::S3::Object"),
    ] {
        let answer = look_up(&world, world.root(), &by(attribute, value)).checked();
        assert!(names(&answer).is_empty(), "{attribute} {value}");
    }
}

#[test]
fn what_is_older_than_ninety_days_is_not_found() {
    let world = busy();
    world
        .clock
        .advance(jiff::SignedDuration::from_hours(24 * 91));
    let found = look_up(&world, world.root(), &by("EventName", "CreateUser")).checked();
    assert!(names(&found).is_empty());
}

#[test]
fn a_record_says_who_what_and_with_which_verdict() {
    let world = busy();
    let found = look_up(&world, world.root(), &by("Username", "alice"))
        .checked()
        .json();
    let event = &found["Events"][0];
    assert_eq!(event["ReadOnly"], "true");
    assert_eq!(event["Username"], "alice");
    assert_eq!(
        event["Resources"][0],
        json!({"ResourceType": "AWS::S3::Bucket", "ResourceName": "data"})
    );
    let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["userIdentity"]["userName"], "alice");
    assert_eq!(record["requestParameters"]["bucketName"], "data");
    assert_eq!(record["eventCategory"], "Management");
    assert_eq!(record["eventID"], event["EventId"]);
}

#[test]
fn pages_add_up_and_tokens_belong_to_their_look_up() {
    let world = busy();
    let _ = world.http(world.root(), "s3", "GET", "/data?policy", &[], "".into());
    let mut held = world.events();
    held.retain(|event| event.management_event);
    let whole = held.len();
    let (mut found, mut token) = (0, Value::Null);
    let end = world.platform.now().as_second() + 1_000;
    loop {
        let mut input = json!({"MaxResults": 2, "EndTime": end, "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "GetBucketPolicy"}]});
        input["MaxResults"] = json!(1);
        if !token.is_null() {
            input["NextToken"] = token;
        }
        let page = look_up(&world, world.root(), &input).checked();
        assert!(names(&page).len() <= 1);
        found += names(&page).len();
        token = page.json()["NextToken"].clone();
        if token.is_null() {
            break;
        }
        let mut other = by("EventName", "PutObject");
        other["NextToken"] = token.clone();
        assert_eq!(
            look_up(&world, world.root(), &other).error().0,
            "InvalidNextTokenException"
        );
    }
    assert_eq!(found, 2);
    let all = look_up(&world, world.root(), &json!({})).checked();
    assert!(names(&all).len() >= whole);
}

#[test]
fn a_look_up_is_bound_by_account_time_and_permission() {
    let world = busy();
    let others = look_up(&world, world.other_root(), &json!({})).checked();
    assert!(names(&others).is_empty());
    let later = world.platform.now().as_second() + 10;
    let none = look_up(&world, world.root(), &json!({"StartTime": later})).checked();
    assert!(names(&none).is_empty());
    let backwards = json!({"StartTime": later, "EndTime": later - 5});
    assert_eq!(
        look_up(&world, world.root(), &backwards).error().0,
        "InvalidTimeRangeException"
    );
    let two = json!({"LookupAttributes": [
        {"AttributeKey": "EventName", "AttributeValue": "a"},
        {"AttributeKey": "EventName", "AttributeValue": "b"}]});
    assert_eq!(
        look_up(&world, world.root(), &two).error().0,
        "InvalidLookupAttributesException"
    );
    let bob = world.user("bob");
    let denied = look_up(&world, &bob, &json!({}));
    assert!(
        denied
            .error()
            .1
            .contains("perform: cloudtrail:LookupEvents because no"),
        "{}",
        denied.text()
    );
    let allow = json!([{"Effect": "Allow", "Action": "cloudtrail:LookupEvents", "Resource": "*"}]);
    world.put_policy("User", "bob", &document(&allow));
    look_up(&world, &bob, &json!({})).checked();
}

#[test]
fn what_cannot_be_looked_up_has_its_own_errors() {
    let world = busy();
    let insight = |key: &str| {
        let mut input = by(key, "x");
        input["EventCategory"] = json!("insight");
        input
    };
    let now = world.platform.now().as_second();
    let attribute = |length: usize, letter: &str| by("Username", &letter.repeat(length));
    let ends_first = json!({"StartTime": now, "EndTime": now - 5, "EventCategory": "insight"});
    for (input, code) in [
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (json!({"MaxResults": 0}), "InvalidMaxResultsException"),
        (json!({"MaxResults": "5"}), "SerializationException"),
        (
            json!({"EventCategory": "data"}),
            "InvalidEventCategoryException",
        ),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
        (by("ReadOnly", "True"), "InvalidLookupAttributesException"),
        (by("EventId", ""), "InvalidLookupAttributesException"),
        (attribute(2_001, "a"), "InvalidLookupAttributesException"),
        (attribute(1_001, "_"), "InvalidLookupAttributesException"),
        (
            json!({"LookupAttributes": [{"AttributeKey": "EventId"}]}),
            "ValidationException",
        ),
        (insight("Username"), "InvalidLookupAttributesException"),
        (ends_first, "InvalidTimeRangeException"),
        (json!({"NextToken": "x"}), "InvalidNextTokenException"),
        (
            json!({"NextToken": "x", "EventCategory": "insight"}),
            "InvalidNextTokenException",
        ),
    ] {
        let answer = look_up(&world, world.root(), &input);
        assert_eq!(answer.error().0, code, "{input}");
    }
    for input in [
        json!({"MaxResults": 50}),
        json!({"LookupAttributes": []}),
        json!({"StartTime": now, "EndTime": now}),
        attribute(2_000, "a"),
        attribute(1_000, "_"),
        insight("EventName"),
    ] {
        let _ = look_up(&world, world.root(), &input).checked();
    }
}

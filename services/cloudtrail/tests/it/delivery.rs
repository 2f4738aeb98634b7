//! What arrives in the bucket of a trail.

use cloudtrail::Schedule;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::HashSet;
use testkit::{ACCOUNT, REGION, World};
use wire::sigv4::{Payload, Signer};

use crate::logs::{self, arn, ask};

/// Delivers what is due.
pub(crate) fn deliver(world: &World) {
    cloudtrail::deliver(&world.platform, &Schedule::default());
}

/// Lets time go by, and delivers what is due.
fn later(world: &World, minutes: i64) {
    world.clock.advance(SignedDuration::from_mins(minutes));
    deliver(world);
}

fn status(world: &World) -> Value {
    let input = json!({"Name": "all"});
    ask(world, "GetTrailStatus", &input).checked().json()
}

#[test]
fn files_lie_where_cloudtrail_puts_them_and_hold_each_event_once() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({"S3KeyPrefix": "team"}));
    let _ = world.user("alice");
    deliver(&world);
    assert!(logs::keys(&bucket).is_empty(), "not due yet");
    later(&world, 5);
    let [key] = logs::keys(&bucket).try_into().unwrap();
    let folder = format!("team/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/2026/01/02/");
    let name = format!("{ACCOUNT}_CloudTrail_{REGION}_20260102T0309Z_");
    let unique = key.strip_prefix(&(folder + &name)).unwrap();
    let unique = unique.strip_suffix(".json.gz").unwrap();
    assert!(unique.len() == 16 && unique.chars().all(|c| c.is_ascii_alphanumeric()));
    let _ = world.user("bob");
    later(&world, 5);
    later(&world, 5);
    let records = logs::records(&world, &bucket);
    let ids: HashSet<&str> = records
        .iter()
        .map(|record| record["eventID"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), records.len());
    let names: Vec<&str> = records
        .iter()
        .map(|record| record["eventName"].as_str().unwrap())
        .collect();
    assert_eq!(
        names.iter().filter(|name| **name == "CreateUser").count(),
        2
    );
    assert!(names.contains(&"StartLogging"));
    assert!(!names.contains(&"CreateTrail"), "it was not logging yet");
    let status = status(&world);
    assert_eq!(status["IsLogging"], true);
    assert_eq!(
        status["LatestDeliveryAttemptSucceeded"],
        "2026-01-02T03:14:05Z"
    );
    assert_eq!(status["TimeLoggingStarted"], "2026-01-02T03:04:05Z");
}

#[test]
fn a_trail_has_its_account_and_its_regions() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({"IncludeGlobalServiceEvents": false}));
    let _ = world.user("alice");
    let ask_sts = |who| world.query(who, "sts", "GetCallerIdentity", &[]).checked();
    ask_sts(world.root());
    ask_sts(world.other_root());
    later(&world, 5);
    let records = logs::records(&world, &bucket);
    let identities = records
        .iter()
        .filter(|record| record["eventName"] == "GetCallerIdentity");
    assert_eq!(identities.count(), 1);
    assert!(
        records
            .iter()
            .all(|record| record["eventSource"] != "iam.amazonaws.com")
    );
}

#[test]
fn stopping_delivers_what_was_and_nothing_that_comes() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let _ = world.user("before");
    ask(&world, "StopLogging", &json!({"Name": "all"})).checked();
    world.clock.advance(SignedDuration::from_secs(2));
    let _ = world.user("between");
    deliver(&world);
    let count = |name: &str| {
        let records = logs::records(&world, &bucket);
        let of = |record: &&Value| record["requestParameters"]["userName"] == name;
        records.iter().filter(of).count()
    };
    assert_eq!((count("before"), count("between")), (2, 0));
    later(&world, 60);
    assert_eq!(count("between"), 0);
    ask(&world, "StartLogging", &json!({"Name": "all"})).checked();
    let _ = world.user("after");
    later(&world, 5);
    assert_eq!(
        (count("before"), count("between"), count("after")),
        (2, 0, 2)
    );
    assert_eq!(status(&world)["TimeLoggingStopped"], "2026-01-02T03:04:05Z");
}

#[test]
fn a_trail_started_again_at_once_leaves_the_pause_out() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let _ = world.user("before");
    ask(&world, "StopLogging", &json!({"Name": "all"})).checked();
    world.clock.advance(SignedDuration::from_secs(2));
    let _ = world.user("between");
    world.clock.advance(SignedDuration::from_secs(2));
    ask(&world, "StartLogging", &json!({"Name": "all"})).checked();
    let _ = world.user("after");
    later(&world, 5);
    let records = logs::records(&world, &bucket);
    let names: HashSet<&str> = records
        .iter()
        .filter_map(|record| record["requestParameters"]["userName"].as_str())
        .collect();
    assert_eq!(names, HashSet::from(["before", "after"]));
}

#[test]
fn what_a_deleted_trail_logged_is_still_delivered() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let _ = world.user("alice");
    ask(&world, "DeleteTrail", &json!({"Name": "all"})).checked();
    deliver(&world);
    let records = logs::records(&world, &bucket);
    let names: Vec<&str> = records
        .iter()
        .filter_map(|record| record["eventName"].as_str())
        .collect();
    assert!(
        names.contains(&"CreateUser") && names.contains(&"DeleteTrail"),
        "{names:?}"
    );
}

#[test]
fn a_bucket_that_refuses_gets_it_later() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let _ = world.user("alice");
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    later(&world, 5);
    let failed = status(&world);
    assert!(failed["LatestDeliveryError"].is_string(), "{failed}");
    assert_eq!(failed["LatestDeliveryAttemptSucceeded"], "");
    bucket
        .policy(&logs::statements("logs", &arn("all")))
        .checked();
    later(&world, 5);
    let records = logs::records(&world, &bucket);
    let made = records
        .iter()
        .filter(|record| record["eventName"] == "CreateUser");
    assert_eq!(made.count(), 1);
    assert_eq!(status(&world)["LatestDeliveryError"], Value::Null);
}

#[test]
fn a_trail_of_its_own_bucket_comes_to_rest() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let all = json!([{"DataResources": [
        {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]);
    let input = json!({"TrailName": "all", "EventSelectors": all});
    ask(&world, "PutEventSelectors", &input).checked();
    let puts = || {
        let events = world.events();
        let own = |event: &&trail::Event| {
            event.event_name == "PutObject"
                && event.user_identity.invoked_by.as_deref() == Some("cloudtrail.amazonaws.com")
        };
        events.iter().filter(own).count()
    };
    let before = puts();
    for _ in 0..6 {
        later(&world, 5);
    }
    assert_eq!(puts(), before + 1);
    // What the deliveries did comes with the next other event.
    let _ = world.user("alice");
    later(&world, 5);
    let records = logs::records(&world, &bucket);
    let own = records.iter().filter(|record| {
        record["userIdentity"]["invokedBy"] == "cloudtrail.amazonaws.com"
            && record["eventName"] == "PutObject"
    });
    assert_eq!(own.count(), 1);
}

#[test]
fn digests_chain_what_was_delivered_and_their_keys_are_public() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({"EnableLogFileValidation": true}));
    deliver(&world);
    let _ = world.user("alice");
    later(&world, 5);
    later(&world, 55);
    later(&world, 60);
    let digests: Vec<String> = bucket
        .keys("")
        .into_iter()
        .filter(|key| key.contains("CloudTrail-Digest") && key.ends_with(".gz"))
        .collect();
    let [first, second] = digests.try_into().unwrap();
    let name = format!(
        "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/2026/01/02/\
         {ACCOUNT}_CloudTrail-Digest_{REGION}_all_{REGION}_20260102T040405Z.json.gz"
    );
    assert_eq!(first, name);
    let (a, b) = (
        logs::file(&world, &bucket, &first),
        logs::file(&world, &bucket, &second),
    );
    assert_eq!(a["previousDigestSignature"], Value::Null);
    assert_eq!(
        a["logFiles"][0]["s3Object"],
        logs::keys(&bucket)[0].as_str()
    );
    assert_eq!(b["previousDigestS3Object"], first.as_str());
    assert_eq!(a["digestEndTime"], b["digestStartTime"]);
    let signature = bucket.get(world.root(), &first).checked();
    let signature = signature.headers["x-amz-meta-signature"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(b["previousDigestSignature"], signature.as_str());
    let end = world.platform.now().as_second();
    let range = json!({"StartTime": end - 7_200, "EndTime": end});
    let keys = ask(&world, "ListPublicKeys", &range).checked().json();
    assert_eq!(
        keys["PublicKeyList"][0]["Fingerprint"],
        a["digestPublicKeyFingerprint"]
    );
}

/// Makes a secret in another region.
fn in_ireland(world: &World, name: &str) {
    let body = json!({"Name": name, "SecretString": "x"}).to_string();
    let headers = [
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "secretsmanager.CreateSecret"),
    ];
    let mut parts = testkit::parts("POST", "/", &headers);
    let signer = Signer {
        access_key: world.root().access_key_id.clone(),
        secret: world.root().secret.clone(),
        session_token: None,
        region: "eu-west-1".to_owned(),
        service: "secretsmanager".to_owned(),
    };
    let payload = Payload::Bytes(body.as_bytes());
    signer
        .sign(&mut parts, world.platform.now(), payload)
        .unwrap();
    let _ = world.send(parts, body.into()).checked();
}

#[test]
fn an_interrupted_delivery_is_repeated_as_it_was() {
    let world = World::new();
    let bucket = logs::bucket(&world);
    logs::trail(&world, &json!({"IsMultiRegionTrail": true}));
    in_ireland(&world, "first");
    let _ = world.user("first");
    // Of two files, only the one that goes first arrives.
    let allow = |resource: &str| {
        let text = logs::statements("logs", &arn("all")).to_string();
        let text = text.replace(
            "arn:aws:s3:::logs/*",
            &format!("arn:aws:s3:::logs/{resource}"),
        );
        bucket
            .policy(&serde_json::from_str(&text).unwrap())
            .checked();
    };
    allow("*/eu-west-1/*");
    later(&world, 5);
    let arrived = logs::keys(&bucket);
    assert_eq!(arrived.len(), 1, "{arrived:?}");
    let before = logs::file(&world, &bucket, &arrived[0]);
    in_ireland(&world, "second");
    allow("*");
    later(&world, 5);
    assert_eq!(logs::file(&world, &bucket, &arrived[0]), before);
    let records = logs::records(&world, &bucket);
    let ids: HashSet<&str> = records
        .iter()
        .filter_map(|record| record["eventID"].as_str())
        .collect();
    assert_eq!(ids.len(), records.len());
    let made = records
        .iter()
        .filter(|record| record["eventName"] == "CreateSecret");
    assert_eq!(made.count(), 2);
    assert!(
        records
            .iter()
            .any(|record| record["eventName"] == "CreateUser")
    );
}

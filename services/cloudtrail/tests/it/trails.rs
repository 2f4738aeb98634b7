//! Trails as their owner sees them.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{ACCOUNT, REGION, World};

use crate::logs::{self, arn, ask};

#[test]
fn a_trail_is_made_shown_changed_and_deleted() {
    let world = World::new();
    logs::bucket(&world);
    let made = ask(
        &world,
        "CreateTrail",
        &json!({"Name": "all", "S3BucketName": "logs", "S3KeyPrefix": "p",
                "IsMultiRegionTrail": true, "EnableLogFileValidation": true}),
    )
    .checked()
    .json();
    assert_eq!(
        made,
        json!({"Name": "all", "S3BucketName": "logs", "S3KeyPrefix": "p",
               "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
               "TrailARN": arn("all"), "LogFileValidationEnabled": true,
               "IsOrganizationTrail": false})
    );
    let listed = ask(&world, "ListTrails", &json!({})).checked().json();
    assert_eq!(
        listed["Trails"],
        json!([{"TrailARN": arn("all"), "Name": "all", "HomeRegion": REGION}])
    );
    let change = json!({"Name": arn("all"), "IsMultiRegionTrail": false, "S3KeyPrefix": ""});
    let changed = ask(&world, "UpdateTrail", &change).checked().json();
    assert_eq!(changed["IsMultiRegionTrail"], false);
    assert_eq!(changed["S3KeyPrefix"], Value::Null);
    let got = ask(&world, "GetTrail", &json!({"Name": "all"}))
        .checked()
        .json();
    assert_eq!(got["Trail"]["HomeRegion"], REGION);
    assert_eq!(got["Trail"]["HasCustomEventSelectors"], false);
    let described = ask(
        &world,
        "DescribeTrails",
        &json!({"trailNameList": ["all", "none"]}),
    );
    assert_eq!(described.checked().json()["trailList"][0], got["Trail"]);
    ask(&world, "DeleteTrail", &json!({"Name": "all"})).checked();
    let gone = ask(&world, "GetTrail", &json!({"Name": "all"})).error();
    let text = format!("Unknown trail: all for the user: {ACCOUNT}");
    assert_eq!(gone, ("TrailNotFoundException".to_owned(), text));
}

#[test]
fn what_cannot_be_a_trail_is_refused_with_awss_code() {
    let world = World::new();
    logs::bucket(&world);
    for (input, code) in [
        (json!({"Name": "ab"}), "InvalidTrailNameException"),
        (json!({"Name": "-abc"}), "InvalidTrailNameException"),
        (json!({"Name": "abc."}), "InvalidTrailNameException"),
        (json!({"Name": "a b c"}), "InvalidTrailNameException"),
        (json!({"Name": "a-_c"}), "InvalidTrailNameException"),
        (json!({"Name": "192.168.5.4"}), "InvalidTrailNameException"),
        (json!({"S3BucketName": "A"}), "InvalidS3BucketNameException"),
        (
            json!({"S3BucketName": "none"}),
            "S3BucketDoesNotExistException",
        ),
        (
            json!({"S3KeyPrefix": "x".repeat(201)}),
            "InvalidS3PrefixException",
        ),
        (
            json!({"IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": false}),
            "InvalidParameterCombinationException",
        ),
        (
            json!({"TagsList": [{"Key": "aws:x", "Value": "y"}]}),
            "InvalidTagParameterException",
        ),
        (
            json!({"SnsTopicName": "topic"}),
            "UnsupportedOperationException",
        ),
        (
            json!({"IsOrganizationTrail": true}),
            "UnsupportedOperationException",
        ),
        // The policy is for another trail: the confused deputy.
        (
            json!({"Name": "other"}),
            "InsufficientS3BucketPolicyException",
        ),
    ] {
        let mut whole = json!({"Name": "all", "S3BucketName": "logs"});
        for (name, value) in input.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let refused = ask(&world, "CreateTrail", &whole).error();
        assert_eq!(refused.0, code, "{input}: {}", refused.1);
    }
    assert_eq!(
        ask(&world, "ListTrails", &json!({})).json()["Trails"],
        json!([])
    );
}

#[test]
fn a_region_has_five_trails_and_a_name_one() {
    let world = World::new();
    let bucket = Bucket::new(&world, "logs");
    let any = logs::statements("logs", &arn("t1"));
    let text = any.to_string().replace("StringEquals", "StringLike");
    let any: Value = serde_json::from_str(&text.replace(&arn("t1"), &arn("*"))).unwrap();
    bucket.policy(&any).checked();
    let make = |name: &str| {
        ask(
            &world,
            "CreateTrail",
            &json!({"Name": name, "S3BucketName": "logs"}),
        )
    };
    for name in ["tr1", "tr2", "tr3", "tr4", "tr5"] {
        make(name).checked();
    }
    assert_eq!(make("tr1").error().0, "TrailAlreadyExistsException");
    assert_eq!(
        make("tr6").error().0,
        "MaximumNumberOfTrailsExceededException"
    );
}

#[test]
fn tags_are_put_listed_removed_and_seen_by_policies() {
    let world = World::new();
    logs::bucket(&world);
    logs::trail(
        &world,
        &json!({"TagsList": [{"Key": "team", "Value": "a"}]}),
    );
    let more = json!({"ResourceId": arn("all"), "TagsList": [{"Key": "k", "Value": "v"}]});
    ask(&world, "AddTags", &more).checked();
    let list = json!({"ResourceIdList": [arn("all")]});
    let listed = ask(&world, "ListTags", &list).checked().json();
    assert_eq!(
        listed["ResourceTagList"][0]["TagsList"],
        json!([{"Key": "team", "Value": "a"}, {"Key": "k", "Value": "v"}])
    );
    let alice = world.user("alice");
    let stop = json!({"Name": "all"});
    let allow = |team: &str| {
        let statement = json!([{"Effect": "Allow", "Action": "cloudtrail:StopLogging",
            "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": team}}}]);
        world.put_policy("User", "alice", &document(&statement));
        world
            .json(&alice, "cloudtrail", "StopLogging", &stop)
            .status
    };
    assert_eq!((allow("b"), allow("a")), (400, 200));
    let fewer = json!({"ResourceId": arn("all"), "TagsList": [{"Key": "team"}]});
    ask(&world, "RemoveTags", &fewer).checked();
    let listed = ask(&world, "ListTags", &list).checked().json();
    assert_eq!(
        listed["ResourceTagList"][0]["TagsList"],
        json!([{"Key": "k", "Value": "v"}])
    );
    for (id, code) in [
        ("all".to_owned(), "CloudTrailARNInvalidException"),
        (arn("none"), "ResourceNotFoundException"),
    ] {
        let input = json!({"ResourceIdList": [id]});
        assert_eq!(ask(&world, "ListTags", &input).error().0, code);
    }
}

#[test]
fn other_accounts_have_their_own_trails() {
    let world = World::new();
    logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let other = |operation: &str, input: &Value| {
        world.json(world.other_root(), "cloudtrail", operation, input)
    };
    let listed = other("DescribeTrails", &json!({})).checked().json();
    assert_eq!(listed["trailList"], json!([]));
    let by_name = other("StopLogging", &json!({"Name": "all"})).error();
    assert_eq!(by_name.0, "TrailNotFoundException");
    let by_arn = other("StopLogging", &json!({"Name": arn("all")})).error();
    assert_eq!(by_arn.0, "AccessDeniedException");
}

//! Event selectors, and what comes of them.

use serde_json::{Value, json};
use testkit::World;
use testkit::bucket::Bucket;

use crate::delivery::deliver;
use crate::logs::{self, arn, ask};

fn put(world: &World, basic: &Value, advanced: &Value) -> testkit::Answer {
    let mut input = json!({"TrailName": "all"});
    if !basic.is_null() {
        input["EventSelectors"] = basic.clone();
    }
    if !advanced.is_null() {
        input["AdvancedEventSelectors"] = advanced.clone();
    }
    ask(world, "PutEventSelectors", &input)
}

#[test]
fn selectors_come_back_as_they_were_put() {
    let world = World::new();
    logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let default = ask(&world, "GetEventSelectors", &json!({"TrailName": "all"}));
    assert_eq!(
        default.checked().json(),
        json!({"TrailARN": arn("all"), "EventSelectors": [
            {"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [],
             "ExcludeManagementEventSources": []}]})
    );
    let advanced = json!([{"Name": "objects", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::a/"], "NotEndsWith": [".tmp"]}]}]);
    put(&world, &Value::Null, &advanced).checked();
    let got = ask(
        &world,
        "GetEventSelectors",
        &json!({"TrailName": arn("all")}),
    );
    assert_eq!(
        got.checked().json(),
        json!({"TrailARN": arn("all"), "AdvancedEventSelectors": advanced})
    );
    let trail = ask(&world, "GetTrail", &json!({"Name": "all"}))
        .checked()
        .json();
    assert_eq!(trail["Trail"]["HasCustomEventSelectors"], true);
    let insights = ask(&world, "GetInsightSelectors", &json!({"TrailName": "all"}));
    assert_eq!(insights.error().0, "InsightNotEnabledException");
}

#[test]
fn what_cannot_select_is_refused() {
    let world = World::new();
    logs::bucket(&world);
    logs::trail(&world, &json!({}));
    let basic = |selector: Value| (json!([selector]), Value::Null);
    let advanced = |fields: Value| (Value::Null, json!([{"FieldSelectors": fields}]));
    let data = |more: Value| {
        let mut fields = json!([{"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}]);
        fields.as_array_mut().unwrap().push(more);
        (Value::Null, json!([{"FieldSelectors": fields}]))
    };
    let many: Vec<String> = (0..251).map(|n| format!("arn:aws:s3:::b{n}/")).collect();
    for (basic, advanced) in [
        (Value::Null, Value::Null),
        (
            json!([{}]),
            json!([{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]),
        ),
        (json!([{}, {}, {}, {}, {}, {}]), Value::Null),
        basic(json!({"ExcludeManagementEventSources": ["s3.amazonaws.com"]})),
        basic(json!({"IncludeManagementEvents": false})),
        basic(json!({"DataResources": [{"Type": "AWS::SNS::Topic", "Values": ["arn:aws:sns"]}]})),
        basic(
            json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b"]}]}),
        ),
        basic(json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": many}]})),
        advanced(json!([{"Field": "readOnly", "Equals": ["true"]}])),
        advanced(json!([{"Field": "eventCategory", "Equals": ["Insight"]}])),
        advanced(json!([{"Field": "eventCategory", "Equals": ["Data"]}])),
        advanced(json!([{"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventName", "Equals": ["GetRole"]}])),
        advanced(json!([{"Field": "eventCategory", "Equals": ["Management"]},
                        {"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}])),
        data(json!({"Field": "readOnly", "Equals": ["maybe"]})),
        data(json!({"Field": "readOnly", "NotEquals": ["true"]})),
        data(json!({"Field": "resources.type", "Equals": ["AWS::S3::Object"]})),
        data(json!({"Field": "eventName"})),
        data(json!({"Field": "sourceIPAddress", "Equals": ["127.0.0.1"]})),
    ] {
        let refused = put(&world, &basic, &advanced).error();
        assert_eq!(
            refused.0, "InvalidEventSelectorsException",
            "{basic} {advanced}"
        );
    }
}

/// The names of the delivered events about anything but the trail itself.
fn delivered(selectors: (Value, Value)) -> Vec<String> {
    let world = World::new();
    let logs = logs::bucket(&world);
    logs::trail(&world, &json!({}));
    put(&world, &selectors.0, &selectors.1).checked();
    let (data, other) = (Bucket::new(&world, "data"), Bucket::new(&world, "other"));
    data.put("in/a.txt", "x").checked();
    data.get(world.root(), "in/a.txt").checked();
    data.put("out/b.txt", "x").checked();
    other.put("in/a.txt", "x").checked();
    let _ = data.keys("?list-type=2");
    world.clock.advance(jiff::SignedDuration::from_mins(5));
    deliver(&world);
    let mut found: Vec<String> = logs::records(&world, &logs)
        .iter()
        .filter(|record| record["eventSource"] == "s3.amazonaws.com")
        .map(|record| record["eventName"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found
}

#[test]
fn files_hold_what_the_selectors_take() {
    let management = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true}]);
    assert_eq!(
        delivered((management, Value::Null)),
        ["CreateBucket", "CreateBucket"]
    );
    let basic = json!([{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": false,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::data/"]}]}]);
    assert_eq!(delivered((basic, Value::Null)), ["PutObject", "PutObject"]);
    let basic = json!([{"IncludeManagementEvents": false,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::data/"]}]}]);
    assert_eq!(
        delivered((basic, Value::Null)),
        ["GetObject", "ListObjects", "PutObject", "PutObject"]
    );
    let advanced = json!([{"FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::data/in/"]}]}]);
    assert_eq!(
        delivered((Value::Null, advanced)),
        ["GetObject", "PutObject"]
    );
}

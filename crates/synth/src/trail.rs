//! Trails with the data events that tell who reached what.

use blueprint::{Account, Blueprint, Feature, Trail};
use serde_json::{Value, json};

use crate::execution;
use crate::place::{Place, Scope};

/// The advanced event selectors of a trail: what is managed, the objects of the teams, and the data of SageMaker that
/// they use (CloudTrail User Guide, "Logging data events").
pub(crate) fn selectors(blueprint: &Blueprint, account: &Account) -> Vec<Value> {
    let mut selectors = vec![selector(
        "What is managed",
        &[("eventCategory", "Management")],
    )];
    let buckets = buckets(blueprint, account);
    if !buckets.is_empty() {
        selectors.push(json!({
            "Name": "Objects of the teams",
            "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "StartsWith": buckets}
            ]
        }));
    }
    let uses = |feature| {
        account
            .teams
            .iter()
            .any(|team| team.features.contains(&feature))
    };
    if uses(Feature::Inference) {
        selectors.push(data("Endpoints that are asked", "AWS::SageMaker::Endpoint"));
    }
    if account.teams.iter().any(|team| team.feature_store) {
        selectors.push(data(
            "Features that are read",
            "AWS::SageMaker::FeatureGroup",
        ));
    }
    selectors
}

fn selector(name: &str, fields: &[(&str, &str)]) -> Value {
    let field = |(field, value): &(&str, &str)| json!({"Field": field, "Equals": [value]});
    let fields: Vec<Value> = fields.iter().map(field).collect();
    json!({"Name": name, "FieldSelectors": fields})
}

fn data(name: &str, kind: &str) -> Value {
    selector(name, &[("eventCategory", "Data"), ("resources.type", kind)])
}

/// The buckets that the account has and teams use, and those elsewhere that its teams use.
fn buckets(blueprint: &Blueprint, account: &Account) -> Vec<String> {
    let place = Place {
        partition: &blueprint.partition,
        region: &blueprint.region,
        account: &account.id,
    };
    let is_here = |name: &str| account.buckets.iter().any(|bucket| bucket.name == name);
    let mut names = Vec::new();
    for scope in Scope::all(blueprint) {
        let reach = execution::reach(&scope);
        let seen = reach
            .iter()
            .map(|reach| reach.area.bucket.as_str())
            .filter(|name| scope.account.id == account.id || is_here(name));
        names.extend(seen.map(|name| format!("{}/", place.bucket(name))));
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// What `CreateTrail` and `PutEventSelectors` take.
pub(crate) fn json(blueprint: &Blueprint, account: &Account, trail: &Trail) -> Value {
    json!({
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true,
        "EnableLogFileValidation": true,
        "AdvancedEventSelectors": selectors(blueprint, account),
    })
}

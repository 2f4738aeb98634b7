//! The other engines.

use crate::Result;
use crate::scenario::{Document, RequestJson};
use crate::subject::{Answer, Subject};
use serde_json::json;
use std::str::FromStr as _;

/// The Rust crate `iam-rs`: the same policy and the same request, without change.
pub(crate) fn iam_rs(policy: &Document, json: &RequestJson) -> Result<Subject> {
    use iam_rs::{
        Arn, Context, ContextValue, Decision, EvaluationOptions, IAMPolicy, IAMRequest,
        PolicyEvaluator, Principal, PrincipalId,
    };
    let mut context = Context::new();
    for (key, value) in &json.context {
        context.insert(key.clone(), ContextValue::String(value.clone()));
    }
    let request = IAMRequest::new_with_context(
        Principal::Aws(PrincipalId::String(json.principal.clone())),
        json.action.clone(),
        Arn::parse(&json.resource).map_err(|error| error.to_string())?,
        context,
    );
    let options = EvaluationOptions {
        max_statements: usize::MAX,
        ..EvaluationOptions::default()
    };
    let evaluator =
        PolicyEvaluator::with_policies(vec![IAMPolicy::from_json(&policy.to_string())?])
            .with_options(options);
    Ok(Subject {
        engine: "iam-rs",
        run: Box::new(
            move || match evaluator.evaluate(std::hint::black_box(&request)) {
                Ok(result) if result.decision == Decision::Allow => Answer::Allow,
                Ok(result) if result.decision == Decision::Deny => Answer::Deny,
                _ => Answer::Other,
            },
        ),
    })
}

/// Cedar: the policies translated by hand (`scenarios/*.cedar`), the request and its entities to match.
pub(crate) fn cedar(policies: &str, json: &RequestJson) -> Result<Subject> {
    use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
    let get = |key: &str| {
        json.context
            .iter()
            .find(|(name, _)| name == key)
            .map_or("", |(_, value)| value.as_str())
    };
    let action = json!({"type": "Action", "id": json.action});
    let service = json!({"type": "Action", "id": json.action.split(':').next()});
    let principal = json!({"type": "Session", "id": json.principal});
    let resource = json!({"type": "TrainingJob", "id": json.resource});
    let entities = json!([
        {"uid": service, "attrs": {}, "parents": []},
        {"uid": action, "attrs": {}, "parents": [service]},
        {"uid": principal, "attrs": {"team": get("aws:PrincipalTag/team")}, "parents": []},
        {"uid": resource, "parents": [], "attrs": {
            "arn": json.resource,
            "userProfileArn": get("sagemaker:ResourceTag/sagemaker:user-profile-arn"),
        }},
    ]);
    let context = json!({
        "domainId": get("sagemaker:DomainId"),
        "userProfileName": get("sagemaker:UserProfileName"),
        "userProfileArn": format!(
            "arn:aws:sagemaker:us-west-2:111122223333:user-profile/{}/{}",
            get("sagemaker:DomainId"), get("sagemaker:UserProfileName"),
        ),
        "sourceIdentity": get("aws:SourceIdentity"),
        "principalArn": get("aws:PrincipalArn"),
        "principalAccount": get("aws:PrincipalAccount"),
        "principalType": get("aws:PrincipalType"),
        "sourceIp": get("aws:SourceIp"),
        "secureTransport": get("aws:SecureTransport"),
        "requestedRegion": get("aws:RequestedRegion"),
        "currentTime": get("aws:CurrentTime"),
        "userid": get("aws:userid"),
    });
    let policies = PolicySet::from_str(policies)?;
    let entities = Entities::from_json_value(entities, None)?;
    let request = Request::new(
        EntityUid::from_json(principal)?,
        EntityUid::from_json(action)?,
        EntityUid::from_json(resource)?,
        Context::from_json_value(context, None)?,
        None,
    )?;
    let authorizer = Authorizer::new();
    Ok(Subject {
        engine: "Cedar",
        run: Box::new(move || {
            let response =
                authorizer.is_authorized(std::hint::black_box(&request), &policies, &entities);
            match response.decision() {
                Decision::Allow => Answer::Allow,
                Decision::Deny => Answer::Deny,
            }
        }),
    })
}

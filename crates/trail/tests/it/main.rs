//! Records look as AWS prints them; logs keep them, find them, and show when they were altered.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod events;
mod files;
mod lookup;

use jiff::Timestamp;
use serde_json::json;
use trail::{Category, Event, EventType, Resource, SessionAttributes, SessionIssuer, UserIdentity};

pub(crate) const ACCOUNT: &str = "123456789012";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A session of the role `StudioExec` that Studio began for `profile`.
pub(crate) fn studio(profile: &str) -> UserIdentity {
    UserIdentity::assumed_role(
        "arn:aws:sts::123456789012:assumed-role/StudioExec/SageMaker",
        Some("ASIAEXAMPLE"),
        SessionIssuer::role(
            "arn:aws:iam::123456789012:role/x/StudioExec",
            "AROAEXAMPLE",
            ACCOUNT,
        ),
        SessionAttributes::new(time("2025-07-01T10:00:00Z"), false),
        Some(profile),
    )
}

/// `alice` creates the training job `job-N`, N seconds after 10:05.
pub(crate) fn event(n: u32) -> Event {
    let arn = format!("arn:aws:sagemaker:us-east-1:123456789012:training-job/job-{n}");
    Event {
        event_version: trail::EVENT_VERSION.into(),
        user_identity: studio("alice").into(),
        event_time: time("2025-07-01T10:05:00Z") + jiff::SignedDuration::from_secs(n.into()),
        event_source: "sagemaker.amazonaws.com".into(),
        event_name: "CreateTrainingJob".into(),
        aws_region: "us-east-1".to_owned(),
        source_ip_address: "192.0.2.1".to_owned(),
        user_agent: Some("Boto3/1.40".to_owned()),
        error_code: None,
        error_message: None,
        request_parameters: Some(json!({"trainingJobName": format!("job-{n}")})),
        response_elements: Some(json!({"trainingJobArn": arn})),
        additional_event_data: None,
        request_id: format!("request-{n}"),
        event_id: format!("event-{n}"),
        read_only: false,
        resources: vec![Resource {
            arn_prefix: None,
            account_id: Some(ACCOUNT.into()),
            kind: Some("AWS::SageMaker::TrainingJob".into()),
            arn: Some(arn.into()),
        }],
        event_type: EventType::AwsApiCall,
        api_version: None,
        management_event: true,
        recipient_account_id: ACCOUNT.to_owned(),
        service_event_details: None,
        shared_event_id: None,
        vpc_endpoint_id: None,
        event_category: Category::Management,
        tls_details: None,
    }
}

//! Models.

use platform::ApiError;

use crate::Kind;
use crate::assume::INFERENCE;
use crate::keys::Key;
use crate::row::{Errors, Life, List, Row};

/// Models.
pub(crate) struct Model;

impl Kind for Model {
    fn row() -> &'static Row {
        &MODEL
    }
}

pub(crate) static MODEL: Row = Row {
    noun: "Model",
    arn_type: "model",
    trail_type: "AWS::SageMaker::Model",
    names: &["ModelName"],
    issued: None,
    parent: None,
    children: &[],
    life: Life::Timeless,
    roles: &["ExecutionRoleArn"],
    assumption: Some(INFERENCE),
    create_keys: &[
        Key::One("sagemaker:NetworkIsolation", "EnableNetworkIsolation"),
        Key::Many("sagemaker:VpcSubnets", &["VpcConfig.Subnets"]),
        Key::Many(
            "sagemaker:VpcSecurityGroupIds",
            &["VpcConfig.SecurityGroupIds"],
        ),
    ],
    update_keys: &[],
    kept_keys: &[],
    false_unless_said: &["EnableNetworkIsolation"],
    list: List {
        member: "Models",
        contains: "NameContains",
        descending: true,
    },
    errors: Errors {
        missing: |arn, _| ApiError::validation(format!("Could not find model \"{arn}\".")),
        duplicate: |arn, _| {
            ApiError::validation(format!("Cannot create already existing model \"{arn}\"."))
        },
    },
};

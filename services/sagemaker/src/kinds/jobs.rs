//! Jobs.

use platform::ApiError;

use crate::Kind;
use crate::assume::{PROCESSING, TRAINING};
use crate::keys::Key;
use crate::row::{Errors, Life, List, Row, in_use};

/// Training jobs.
pub(crate) struct TrainingJob;

impl Kind for TrainingJob {
    fn row() -> &'static Row {
        &TRAINING_JOB
    }
}

/// Where a training job names instance types.
const TRAINING_INSTANCES: Key = Key::Many(
    "sagemaker:InstanceTypes",
    &[
        "ResourceConfig.InstanceType",
        "ResourceConfig.InstanceGroups.InstanceType",
        "ResourceConfig.InstancePreferences.InstanceType",
    ],
);
const KEEP_ALIVE: Key = Key::One(
    "sagemaker:KeepAlivePeriod",
    "ResourceConfig.KeepAlivePeriodInSeconds",
);
const REMOTE_DEBUG: Key = Key::One(
    "sagemaker:EnableRemoteDebug",
    "RemoteDebugConfig.EnableRemoteDebug",
);

pub(crate) static TRAINING_JOB: Row = Row {
    noun: "TrainingJob",
    arn_type: "training-job",
    trail_type: "AWS::SageMaker::TrainingJob",
    names: &["TrainingJobName"],
    issued: None,
    parent: None,
    children: &[],
    life: Life::Job {
        noun: "training job",
        secondary: true,
        ended: "TrainingEndTime",
    },
    roles: &["RoleArn"],
    assumption: Some(TRAINING),
    create_keys: &[
        TRAINING_INSTANCES,
        KEEP_ALIVE,
        REMOTE_DEBUG,
        Key::Many("sagemaker:VpcSubnets", &["VpcConfig.Subnets"]),
        Key::Many(
            "sagemaker:VpcSecurityGroupIds",
            &["VpcConfig.SecurityGroupIds"],
        ),
        Key::Kms(
            "sagemaker:VolumeKmsKeyArn",
            "sagemaker:VolumeKmsKey",
            &["ResourceConfig.VolumeKmsKeyId"],
        ),
        Key::Kms(
            "sagemaker:OutputKmsKeyArn",
            "sagemaker:OutputKmsKey",
            &["OutputDataConfig.KmsKeyId"],
        ),
        Key::One("sagemaker:NetworkIsolation", "EnableNetworkIsolation"),
        Key::One(
            "sagemaker:InterContainerTrafficEncryption",
            "EnableInterContainerTrafficEncryption",
        ),
        Key::One(
            "sagemaker:MaxRuntimeInSeconds",
            "StoppingCondition.MaxRuntimeInSeconds",
        ),
    ],
    update_keys: &[KEEP_ALIVE, REMOTE_DEBUG],
    kept_keys: &[TRAINING_INSTANCES],
    false_unless_said: &[
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ],
    list: List {
        member: "TrainingJobSummaries",
        contains: "NameContains",
        descending: false,
    },
    errors: Errors {
        missing: |_, _| ApiError::validation("Requested resource not found."),
        duplicate: |arn, _| {
            in_use(format!(
                "Training job names must be unique within an AWS account and region, and a \
                 training job with this name already exists ({arn})"
            ))
        },
    },
};

/// Processing jobs.
pub(crate) struct ProcessingJob;

impl Kind for ProcessingJob {
    fn row() -> &'static Row {
        &PROCESSING_JOB
    }
}

pub(crate) static PROCESSING_JOB: Row = Row {
    noun: "ProcessingJob",
    arn_type: "processing-job",
    trail_type: "AWS::SageMaker::ProcessingJob",
    names: &["ProcessingJobName"],
    issued: None,
    parent: None,
    children: &[],
    life: Life::Job {
        noun: "processing job",
        secondary: false,
        ended: "ProcessingEndTime",
    },
    roles: &["RoleArn"],
    assumption: Some(PROCESSING),
    create_keys: &[
        Key::Many(
            "sagemaker:InstanceTypes",
            &[
                "ProcessingResources.ClusterConfig.InstanceType",
                "ProcessingResources.ClusterConfig.InstancePreferences.InstanceType",
            ],
        ),
        Key::Many("sagemaker:VpcSubnets", &["NetworkConfig.VpcConfig.Subnets"]),
        Key::Many(
            "sagemaker:VpcSecurityGroupIds",
            &["NetworkConfig.VpcConfig.SecurityGroupIds"],
        ),
        Key::Kms(
            "sagemaker:VolumeKmsKeyArn",
            "sagemaker:VolumeKmsKey",
            &["ProcessingResources.ClusterConfig.VolumeKmsKeyId"],
        ),
        Key::Kms(
            "sagemaker:OutputKmsKeyArn",
            "sagemaker:OutputKmsKey",
            &["ProcessingOutputConfig.KmsKeyId"],
        ),
        Key::One(
            "sagemaker:NetworkIsolation",
            "NetworkConfig.EnableNetworkIsolation",
        ),
        Key::One(
            "sagemaker:InterContainerTrafficEncryption",
            "NetworkConfig.EnableInterContainerTrafficEncryption",
        ),
        Key::One(
            "sagemaker:MaxRuntimeInSeconds",
            "StoppingCondition.MaxRuntimeInSeconds",
        ),
    ],
    update_keys: &[],
    kept_keys: &[],
    false_unless_said: &[],
    list: List {
        member: "ProcessingJobSummaries",
        contains: "NameContains",
        descending: false,
    },
    errors: Errors {
        missing: |_, name| {
            ApiError::validation(format!("Could not find requested job with name: {name}"))
        },
        duplicate: |arn, _| {
            in_use(format!(
                "Job name must be unique within an AWS account and region, and a job with this \
                 name already exists ({arn})"
            ))
        },
    },
};

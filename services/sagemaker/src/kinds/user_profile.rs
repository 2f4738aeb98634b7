//! User profiles of Studio domains.

use crate::Kind;
use crate::keys::Key;
use crate::row::{Errors, Life, List, Row, in_use, not_found};

use super::DOMAIN;

/// User profiles.
pub(crate) struct UserProfile;

impl Kind for UserProfile {
    fn row() -> &'static Row {
        &USER_PROFILE
    }
}

const SETTINGS: &[&str] = &["UserSettings"];

const KEYS: &[Key] = &[
    Key::Kms(
        "sagemaker:DomainSharingOutputKmsKeyArn",
        "sagemaker:DomainSharingOutputKmsKey",
        &["UserSettings.SharingSettings.S3KmsKeyId"],
    ),
    Key::Deep("sagemaker:InstanceTypes", SETTINGS, &["InstanceType"]),
    Key::Deep("sagemaker:ImageArns", SETTINGS, &["SageMakerImageArn"]),
    Key::Deep(
        "sagemaker:ImageVersionArns",
        SETTINGS,
        &["SageMakerImageVersionArn"],
    ),
    Key::Deep(
        "sagemaker:StudioLifecycleConfigArns",
        SETTINGS,
        &["LifecycleConfigArn", "LifecycleConfigArns"],
    ),
    Key::Many(
        "sagemaker:VpcSecurityGroupIds",
        &["UserSettings.SecurityGroups"],
    ),
];

pub(crate) static USER_PROFILE: Row = Row {
    noun: "UserProfile",
    arn_type: "user-profile",
    trail_type: "AWS::SageMaker::UserProfile",
    names: &["DomainId", "UserProfileName"],
    issued: None,
    parent: Some(&DOMAIN),
    children: &[],
    life: Life::Service,
    roles: &["UserSettings.ExecutionRole"],
    assumption: None,
    create_keys: KEYS,
    update_keys: KEYS,
    kept_keys: &[],
    false_unless_said: &[],
    list: List {
        member: "UserProfiles",
        contains: "UserProfileNameContains",
        descending: false,
    },
    errors: Errors {
        missing: |arn, _| not_found(format!("UserProfile [{arn}] does not exist.")),
        duplicate: |arn, _| in_use(format!("UserProfile [{arn}] already exists.")),
    },
};

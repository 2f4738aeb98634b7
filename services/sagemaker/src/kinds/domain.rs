//! Studio domains.

use crate::Kind;
use crate::keys::Key;
use crate::row::{Errors, Life, List, Row, in_use, not_found};

use super::USER_PROFILE;

/// Domains.
pub(crate) struct Domain;

impl Kind for Domain {
    fn row() -> &'static Row {
        &DOMAIN
    }
}

/// Keys that creating and updating a domain have in common.
macro_rules! keys {
    ($($more:expr),*) => {
        &[
            $($more,)*
            Key::One("sagemaker:AppNetworkAccessType", "AppNetworkAccessType"),
            Key::Kms(
                "sagemaker:DomainSharingOutputKmsKeyArn",
                "sagemaker:DomainSharingOutputKmsKey",
                &["DefaultUserSettings.SharingSettings.S3KmsKeyId"],
            ),
            Key::Deep("sagemaker:InstanceTypes", SETTINGS, &["InstanceType"]),
            Key::Deep("sagemaker:ImageArns", SETTINGS, &["SageMakerImageArn"]),
            Key::Deep("sagemaker:ImageVersionArns", SETTINGS, &["SageMakerImageVersionArn"]),
            Key::Deep(
                "sagemaker:StudioLifecycleConfigArns",
                SETTINGS,
                &["LifecycleConfigArn", "LifecycleConfigArns"],
            ),
            Key::Many("sagemaker:VpcSubnets", &["SubnetIds"]),
            Key::Many(
                "sagemaker:VpcSecurityGroupIds",
                &[
                    "DefaultUserSettings.SecurityGroups",
                    "DefaultSpaceSettings.SecurityGroups",
                    "DomainSettings.SecurityGroupIds",
                    "DomainSettingsForUpdate.SecurityGroupIds",
                ],
            ),
        ]
    };
}

const SETTINGS: &[&str] = &["DefaultUserSettings", "DefaultSpaceSettings"];

pub(crate) static DOMAIN: Row = Row {
    noun: "Domain",
    arn_type: "domain",
    trail_type: "AWS::SageMaker::Domain",
    names: &["DomainId"],
    issued: Some("d-"),
    parent: None,
    children: &[&USER_PROFILE],
    life: Life::Service,
    roles: &[
        "DefaultUserSettings.ExecutionRole",
        "DefaultSpaceSettings.ExecutionRole",
        "DomainSettings.RStudioServerProDomainSettings.DomainExecutionRoleArn",
        "DomainSettingsForUpdate.RStudioServerProDomainSettingsForUpdate.DomainExecutionRoleArn",
    ],
    assumption: None,
    create_keys: keys![
        Key::One("sagemaker:AuthMode", "AuthMode"),
        Key::Kms(
            "sagemaker:VolumeKmsKeyArn",
            "sagemaker:HomeEfsFileSystemKmsKey",
            &["KmsKeyId", "HomeEfsFileSystemKmsKeyId"],
        )
    ],
    update_keys: keys![],
    kept_keys: &[],
    false_unless_said: &[],
    list: List {
        member: "Domains",
        contains: "NameContains",
        descending: false,
    },
    errors: Errors {
        missing: |arn, _| not_found(format!("Domain [{arn}] does not exist.")),
        duplicate: |arn, _| in_use(format!("Domain [{arn}] already exists.")),
    },
};

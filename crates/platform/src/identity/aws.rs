//! Policies that AWS itself manages.

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A policy that AWS itself manages and that this platform knows.
#[derive(Debug)]
pub struct AwsManaged {
    /// Its name.
    pub name: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Its unique id at AWS, where that is known.
    id: Option<&'static str>,
    /// When AWS made it, in seconds since 1970; of some only the day is known.
    created: i64,
    /// What it allows of what AWS documents of the policy of that name (AWS Managed Policy Reference), said
    /// in words of our own. What is not known for certain is left out: nothing here allows more than AWS's.
    pub document: &'static str,
}

impl AwsManaged {
    /// `arn:P:iam::aws:policy/PATH/NAME`, in every account.
    #[must_use]
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// Its unique id, which is the same everywhere.
    #[must_use]
    pub fn id(&self) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        if let Some(id) = self.id {
            return id.to_owned();
        }
        let digest = Sha256::digest(self.name.as_bytes());
        let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied();
        let letters = digest.iter().filter_map(letter).take(17).map(char::from);
        "ANPA".chars().chain(letters).collect()
    }

    /// When AWS made it.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        Timestamp::from_second(self.created).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// By name.
static ALL: &[AwsManaged] = &[
    AwsManaged {
        name: "AWSCloudTrail_FullAccess",
        path: "/",
        id: None,
        created: 1_602_115_200,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["cloudtrail:*"],"Resource":"*"},
            {"Effect":"Allow","Action":["s3:CreateBucket","s3:PutBucketPolicy","s3:PutBucketPublicAccessBlock"],"Resource":["arn:aws:s3:::aws-cloudtrail-logs*"]},
            {"Effect":"Allow","Action":["s3:GetBucketLocation","s3:GetBucketPolicy","s3:ListAllMyBuckets"],"Resource":"*"},
            {"Effect":"Allow","Action":["sns:AddPermission","sns:CreateTopic","sns:GetTopicAttributes","sns:SetTopicAttributes"],"Resource":["arn:aws:sns:*:*:aws-cloudtrail-logs*"]},
            {"Effect":"Allow","Action":["sns:ListTopics","iam:GetRolePolicy","iam:GetUser","iam:ListRoles","kms:CreateAlias","kms:CreateKey","kms:ListAliases","kms:ListKeys","lambda:ListFunctions","dynamodb:ListGlobalTables","dynamodb:ListTables"],"Resource":"*"},
            {"Effect":"Allow","Action":["logs:CreateLogGroup"],"Resource":["arn:aws:logs:*:*:log-group:aws-cloudtrail-logs*"]},
            {"Effect":"Allow","Action":["iam:PassRole"],"Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"cloudtrail.amazonaws.com"}}}]}"#,
    },
    AwsManaged {
        name: "AWSCloudTrail_ReadOnlyAccess",
        path: "/",
        id: None,
        created: 1_655_164_800,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["cloudtrail:Describe*","cloudtrail:Get*","cloudtrail:List*","cloudtrail:LookupEvents"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AWSDenyAll",
        path: "/",
        id: Some("ANPAZKAPJZG4P43IUQ5E5"),
        created: 1_556_750_174,
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AWSKeyManagementServicePowerUser",
        path: "/",
        id: None,
        created: 1_423_180_800,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["kms:CreateAlias","kms:CreateKey","kms:DeleteAlias","kms:Describe*","kms:GenerateRandom","kms:Get*","kms:List*","kms:TagResource","kms:UntagResource","iam:ListGroups","iam:ListRoles","iam:ListUsers"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AdministratorAccess",
        path: "/",
        id: Some("ANPAIWMBCKSKIEE64ZLYK"),
        created: 1_423_247_986,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AmazonS3FullAccess",
        path: "/",
        id: Some("ANPAIFIR6V6BVTRAHWINE"),
        created: 1_423_248_058,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AmazonS3ReadOnlyAccess",
        path: "/",
        id: Some("ANPAIZTJ4DXE7G6AGAE6M"),
        created: 1_423_248_059,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AmazonSageMakerFullAccess",
        path: "/",
        id: None,
        created: 1_511_913_600,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["sagemaker:*","sagemaker-geospatial:*"],"NotResource":["arn:aws:sagemaker:*:*:domain/*","arn:aws:sagemaker:*:*:user-profile/*","arn:aws:sagemaker:*:*:app/*","arn:aws:sagemaker:*:*:space/*","arn:aws:sagemaker:*:*:partner-app/*","arn:aws:sagemaker:*:*:flow-definition/*"]},
            {"Effect":"Allow","Action":["sagemaker:AddTags"],"Resource":["arn:aws:sagemaker:*:*:space/*"],"Condition":{"StringEquals":{"sagemaker:TaggingAction":"CreateSpace"}}},
            {"Effect":"Allow","Action":["sagemaker:AddTags"],"Resource":["arn:aws:sagemaker:*:*:app/*"]},
            {"Effect":"Allow","Action":["sagemaker:CreatePresignedDomainUrl","sagemaker:DescribeApp","sagemaker:DescribeDomain","sagemaker:DescribeSpace","sagemaker:DescribeUserProfile","sagemaker:ListApps","sagemaker:ListDomains","sagemaker:ListSpaces","sagemaker:ListUserProfiles"],"Resource":"*"},
            {"Effect":"Allow","Action":["sagemaker:CreateApp","sagemaker:DeleteApp"],"Resource":["arn:aws:sagemaker:*:*:app/*/*/*/*"],"Condition":{"Null":{"sagemaker:OwnerUserProfileArn":"true"}}},
            {"Effect":"Allow","Action":["sagemaker:CreateApp","sagemaker:DeleteApp"],"Resource":["arn:aws:sagemaker:*:*:app/${sagemaker:DomainId}/*/*/*"],"Condition":{"StringEquals":{"sagemaker:SpaceSharingType":["Shared"]}}},
            {"Effect":"Allow","Action":["sagemaker:CreateSpace","sagemaker:DeleteSpace","sagemaker:UpdateSpace"],"Resource":["arn:aws:sagemaker:*:*:space/${sagemaker:DomainId}/*"],"Condition":{"Null":{"sagemaker:OwnerUserProfileArn":"true"}}},
            {"Effect":"Allow","Action":["sagemaker:CreateSpace","sagemaker:DeleteSpace","sagemaker:UpdateSpace"],"Resource":["arn:aws:sagemaker:*:*:space/${sagemaker:DomainId}/*"],"Condition":{"ArnLike":{"sagemaker:OwnerUserProfileArn":"arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"},"StringEquals":{"sagemaker:SpaceSharingType":["Private","Shared"]}}},
            {"Effect":"Allow","Action":["sagemaker:CreateApp","sagemaker:DeleteApp"],"Resource":["arn:aws:sagemaker:*:*:app/${sagemaker:DomainId}/*/*/*"],"Condition":{"ArnLike":{"sagemaker:OwnerUserProfileArn":"arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"},"StringEquals":{"sagemaker:SpaceSharingType":["Private"]}}},
            {"Effect":"Allow","Action":["sagemaker:*"],"Resource":["arn:aws:sagemaker:*:*:flow-definition/*"],"Condition":{"StringEqualsIfExists":{"sagemaker:WorkteamType":["private-crowd","vendor-crowd"]}}},
            {"Effect":"Allow","Action":["cloudwatch:DeleteAlarms","cloudwatch:DescribeAlarms","cloudwatch:GetMetricData","cloudwatch:GetMetricStatistics","cloudwatch:ListMetrics","cloudwatch:PutMetricAlarm","cloudwatch:PutMetricData","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcEndpoints","ec2:DescribeVpcs","ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:CreateRepository","ecr:Describe*","ecr:GetAuthorizationToken","ecr:GetDownloadUrlForLayer","ecr:StartImageScan","elastic-inference:Connect","elasticfilesystem:DescribeFileSystems","elasticfilesystem:DescribeMountTargets","fsx:DescribeFileSystems","iam:ListRoles","kms:DescribeKey","kms:ListAliases","lambda:ListFunctions","logs:CreateLogGroup","logs:CreateLogStream","logs:Describe*","logs:GetLogEvents","logs:PutLogEvents","tag:GetResources"],"Resource":"*"},
            {"Effect":"Allow","Action":["secretsmanager:CreateSecret","secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":["arn:aws:secretsmanager:*:*:secret:AmazonSageMaker-*"]},
            {"Effect":"Allow","Action":["secretsmanager:ListSecrets"],"Resource":"*"},
            {"Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":"*","Condition":{"StringEquals":{"secretsmanager:ResourceTag/SageMaker":"true"}}},
            {"Effect":"Allow","Action":["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::*SageMaker*","arn:aws:s3:::*Sagemaker*","arn:aws:s3:::*sagemaker*","arn:aws:s3:::*aws-glue*"]},
            {"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*","Condition":{"StringEqualsIgnoreCase":{"s3:ExistingObjectTag/SageMaker":"true"}}},
            {"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*","Condition":{"StringEquals":{"s3:ExistingObjectTag/servicecatalog:provisioning":"true"}}},
            {"Effect":"Allow","Action":["s3:CreateBucket","s3:GetBucketCors","s3:GetBucketLocation","s3:ListAllMyBuckets","s3:ListBucket","s3:PutBucketCors"],"Resource":"*"},
            {"Effect":"Allow","Action":["s3:GetBucketAcl","s3:PutObjectAcl"],"Resource":["arn:aws:s3:::*SageMaker*","arn:aws:s3:::*Sagemaker*","arn:aws:s3:::*sagemaker*"]},
            {"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":["arn:aws:lambda:*:*:function:*SageMaker*","arn:aws:lambda:*:*:function:*sagemaker*","arn:aws:lambda:*:*:function:*Sagemaker*","arn:aws:lambda:*:*:function:*LabelingFunction*"]},
            {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::*:role/*AmazonSageMaker*"],"Condition":{"StringEquals":{"iam:PassedToService":["glue.amazonaws.com","robomaker.amazonaws.com","states.amazonaws.com"]}}},
            {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::*:role/*"],"Condition":{"StringEquals":{"iam:PassedToService":"sagemaker.amazonaws.com"}}}]}"#,
    },
    AwsManaged {
        name: "AmazonSageMakerReadOnly",
        path: "/",
        id: None,
        created: 1_511_913_600,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["sagemaker:BatchDescribeModelPackage","sagemaker:BatchGetMetrics","sagemaker:BatchGetRecord","sagemaker:Describe*","sagemaker:GetDeviceFleetReport","sagemaker:GetDeviceRegistration","sagemaker:GetLineageGroupPolicy","sagemaker:GetModelPackageGroupPolicy","sagemaker:GetRecord","sagemaker:GetSearchSuggestions","sagemaker:List*","sagemaker:QueryLineage","sagemaker:Search"],"Resource":"*"},
            {"Effect":"Allow","Action":["application-autoscaling:DescribeScalableTargets","application-autoscaling:DescribeScalingActivities","application-autoscaling:DescribeScalingPolicies","application-autoscaling:DescribeScheduledActions","aws-marketplace:ViewSubscriptions","cloudwatch:DescribeAlarms","ecr:Describe*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "IAMFullAccess",
        path: "/",
        id: None,
        created: 1_423_180_800,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPolicies","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListTargetsForPolicy"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "IAMReadOnlyAccess",
        path: "/",
        id: None,
        created: 1_423_180_800,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "PowerUserAccess",
        path: "/",
        id: None,
        created: 1_423_180_800,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
            {"Effect":"Allow","Action":["account:GetAccountInformation","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeOrganization"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "SecretsManagerReadWrite",
        path: "/",
        id: None,
        created: 1_522_800_000,
        document: r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":["secretsmanager:*","cloudformation:CreateChangeSet","cloudformation:DescribeChangeSet","cloudformation:DescribeStackResource","cloudformation:DescribeStacks","cloudformation:ExecuteChangeSet","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcs","kms:DescribeKey","kms:ListAliases","kms:ListKeys","lambda:ListFunctions","rds:DescribeDBClusters","rds:DescribeDBInstances","redshift:DescribeClusters","tag:GetResources"],"Resource":"*"},
            {"Effect":"Allow","Action":["lambda:AddPermission","lambda:CreateFunction","lambda:GetFunction","lambda:InvokeFunction","lambda:UpdateFunctionConfiguration"],"Resource":"arn:aws:lambda:*:*:function:SecretsManager*"},
            {"Effect":"Allow","Action":["serverlessrepo:CreateCloudFormationChangeSet","serverlessrepo:GetApplication"],"Resource":"arn:aws:serverlessrepo:*:*:applications/SecretsManager*"},
            {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::awsserverlessrepo-changesets*","arn:aws:s3:::secrets-manager-rotation-apps-*/*"]}]}"#,
    },
];

/// The policies that AWS itself manages and this platform knows, by name.
#[must_use]
pub fn all_aws_managed() -> &'static [AwsManaged] {
    ALL
}

/// The policy of AWS's own with this ARN. Only its one ARN in `partition` finds it: under another it
/// would escape policies that name it.
#[must_use]
pub fn aws_managed(partition: &str, arn: &str) -> Option<&'static AwsManaged> {
    let rest = arn.strip_prefix("arn:")?.strip_prefix(partition)?;
    let named = rest.strip_prefix(":iam::aws:policy")?;
    ALL.iter()
        .find(|policy| named.strip_prefix(policy.path) == Some(policy.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::{Document, PolicyType};

    #[test]
    fn all_are_policies_with_names_and_ids_of_their_own() {
        let mut seen = std::collections::BTreeSet::new();
        for managed in ALL {
            let read = Document::parse(managed.document, PolicyType::Identity);
            assert!(read.is_ok(), "{}: {read:?}", managed.name);
            assert!(managed.id().len() == 21 && seen.insert(managed.id()));
        }
        assert!(ALL.is_sorted_by_key(|managed| managed.name));
        let arn = "arn:aws:iam::aws:policy/PowerUserAccess";
        assert_eq!(
            aws_managed("aws", arn).map(|it| it.arn("aws")),
            Some(arn.to_owned())
        );
    }
}

//! A platform of many roles, each with policies of its own and all other layers around it.

use crate::{named, set};
use policy::{PolicySet, PolicyType};
use prove::isolation::Role;
use prove::tenancy::Tenancy;
use prove::{Owner, Stage, alone};

/// Who the tenants are, and what is whose.
const TENANCY: &str = r#"
[identity]
keys = { identity = "aws:SourceIdentity", domain = "sagemaker:DomainId", profile = "sagemaker:UserProfileName" }

[[owned]]
resource = "arn:aws:s3:::ml-data/users/${owner.identity}/*"

[[owned]]
resource = "arn:aws:secretsmanager:*:111122223333:secret:users/${owner.identity}/*"

[[owned]]
tag = "sagemaker:user-profile-arn"
value = "arn:aws:sagemaker:*:111122223333:user-profile/${owner.domain}/${owner.profile}"
services = ["sagemaker"]

[[link]]
keys = ["aws:SourceIdentity", "sagemaker:UserProfileName"]
source = "the domain's ExecutionRoleIdentityConfig is USER_PROFILE_NAME"
"#;

const PROFILE: &str = "arn:aws:sagemaker:us-west-2:111122223333:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}";

/// The four policies of a role, of which the last is like no other's.
fn policies(number: usize, edited: bool) -> [String; 4] {
    let one =
        |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let more = if edited {
        r#","s3:GetObjectVersion""#
    } else {
        ""
    };
    [
        one(
            r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::ml-data/users/${aws:SourceIdentity}/*"},
            {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::ml-data","Condition":{"StringLike":{"s3:prefix":"users/${aws:SourceIdentity}/*"}}}"#,
        ),
        one(&format!(
            r#"{{"Effect":"Allow","Action":["sagemaker:DescribeTrainingJob","sagemaker:StopTrainingJob"],"Resource":"arn:aws:sagemaker:us-west-2:111122223333:training-job/*","Condition":{{"StringEquals":{{"aws:ResourceTag/sagemaker:user-profile-arn":"{PROFILE}"}}}}}},
            {{"Effect":"Allow","Action":"sagemaker:CreateTrainingJob","Resource":"arn:aws:sagemaker:us-west-2:111122223333:training-job/team-{number}-*","Condition":{{"StringEquals":{{"aws:RequestTag/sagemaker:user-profile-arn":"{PROFILE}"}}}}}}"#
        )),
        one(
            r#"{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"arn:aws:secretsmanager:us-west-2:111122223333:secret:users/${aws:SourceIdentity}/*"}"#,
        ),
        one(&format!(
            r#"{{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:us-west-2:111122223333:log-group:/team-{number}:*"}},
            {{"Effect":"Allow","Action":["s3:GetObject"{more}],"Resource":"arn:aws:s3:::data-sets-{number}/*"}},
            {{"Effect":"Allow","Action":["ecr:GetAuthorizationToken","cloudwatch:PutMetricData","ec2:Describe*"],"Resource":"*"}},
            {{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::data-sets-{number}/raw/*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}"#
        )),
    ]
}

/// What all roles have around them.
pub struct Around {
    boundary: PolicySet,
    levels: [PolicySet; 2],
}

impl Around {
    pub fn new() -> Self {
        let boundary = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","sagemaker:*","secretsmanager:*","logs:*","ecr:*","ec2:*","cloudwatch:*"],"Resource":"*"},{"Effect":"Deny","Action":"ec2:TerminateInstances","Resource":"*"}]}"#;
        let levels = [
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"},{"Effect":"Deny","NotAction":"iam:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-west-2"}}}]}"#,
        ];
        let compiled = |text: &str, kind| PolicySet::compile([named(text, kind)]);
        Self {
            boundary: compiled(boundary, PolicyType::Boundary),
            levels: levels.map(|text| compiled(text, PolicyType::ServiceControl)),
        }
    }
}

/// A role's own policies.
pub struct Own {
    name: String,
    identity: PolicySet,
    trust: PolicySet,
}

impl Own {
    pub fn new(number: usize, edited: bool) -> Self {
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}"#;
        let policies = policies(number, edited);
        Self {
            name: format!("team-{number}"),
            identity: PolicySet::compile(policies.map(|text| named(&text, PolicyType::Identity))),
            trust: PolicySet::compile([named(trust, PolicyType::Trust)]),
        }
    }
}

/// The roles, with all their layers.
pub fn roles<'p>(own: &'p [Own], around: &'p Around) -> Vec<Role<'p>> {
    let role = |own: &'p Own| {
        let mut stage: Stage<'p> = alone(&own.identity, PolicyType::Identity, None);
        stage.policies.boundary = Some(&around.boundary);
        stage.policies.service_control = &around.levels;
        let owner = policy::AccountId::parse("111122223333").map(Owner::Account);
        Role {
            name: own.name.clone(),
            stage,
            trust: Some(alone(&own.trust, PolicyType::Trust, owner)),
        }
    };
    own.iter().map(role).collect()
}

pub fn tenancy() -> Tenancy {
    Tenancy::read("tenancy.toml", TENANCY).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// One tenant's own policy, which spells the name.
pub fn tenant(number: usize) -> (String, PolicySet) {
    let resource = format!("arn:aws:s3:::b/users/t{number}/*");
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{resource}"}}]}}"#
    );
    (format!("t{number}"), set(&text))
}

pub fn tenants_tenancy() -> Tenancy {
    let text = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/users/${owner}/*\"\n";
    Tenancy::read("tenancy.toml", text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

//! Isolation on the access policies that SageMaker's users share.

use policy::{Document, NamedPolicy, PolicySet, PolicyType};
use prove::isolation::{Answer, Obligation, Role, answer};
use prove::tenancy::Tenancy;
use prove::{Facts, Verdict, alone};

/// The access policies of a team that shares one execution role.
const JOBS: &str = r#"{"Sid":"AllowUserTrainingJobs","Effect":"Allow",
 "Action":["sagemaker:DescribeTrainingJob","sagemaker:UpdateTrainingJob","sagemaker:StopTrainingJob"],
 "Resource":"arn:aws:sagemaker:us-east-1:123456789012:training-job/*",
 "Condition":{"StringLike":{"sagemaker:ResourceTag/sagemaker:user-profile-arn":
   "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;
const PREFIX: &str = r#"{"Sid":"LimitS3AccessToUserPrefix","Effect":"Allow",
 "Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],
 "Resource":"arn:aws:s3:::my-bucket/my_domain/users/${aws:SourceIdentity}/*"}"#;
const LIST: &str = r#"{"Sid":"ListOwnPrefix","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::my-bucket",
 "Condition":{"StringLike":{"s3:prefix":["my_domain/users/${aws:SourceIdentity}","my_domain/users/${aws:SourceIdentity}/*"]}}}"#;
const SECRETS: &str = r#"{"Sid":"UserSpecificSecretAccess","Effect":"Allow","Action":"secretsmanager:GetSecretValue",
 "Resource":"arn:aws:secretsmanager:us-east-1:123456789012:secret:user-secrets/${aws:SourceIdentity}/*"}"#;
const CLUSTERS: &str = r#"{"Effect":"Allow","Action":["elasticmapreduce:DescribeCluster","elasticmapreduce:ListInstances",
  "elasticmapreduce:ListInstanceGroups","elasticmapreduce:GetClusterSessionCredentials","elasticmapreduce:CreatePersistentAppUI"],
 "Resource":"arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/*",
 "Condition":{"StringLike":{"elasticmapreduce:ResourceTag/user":"${aws:SourceIdentity}"}}}"#;
const DIRECTORIES: &str = r#"{"Effect":"Allow","Action":"sagemaker:CreateTrainingJob",
 "Resource":"arn:aws:sagemaker:us-east-1:123456789012:training-job/*",
 "Condition":{"StringLike":{"sagemaker:FileSystemId":"fs-0123456789abcdef0","sagemaker:FileSystemAccessMode":"rw",
   "sagemaker:FileSystemType":"FSxLustre","sagemaker:FileSystemDirectoryPath":"/fsx/users/${aws:SourceIdentity}"}}}"#;

const ALL: [&str; 6] = [JOBS, PREFIX, LIST, SECRETS, CLUSTERS, DIRECTORIES];

fn set(statements: &[&str], kind: PolicyType) -> PolicySet {
    let named = statements.iter().enumerate().map(|(number, statement)| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        NamedPolicy::new(
            format!("p{number}.json"),
            Document::parse(&text, kind).unwrap(),
        )
    });
    PolicySet::compile(named)
}

fn isolation(statements: &[&str]) -> Answer {
    let set = set(statements, PolicyType::Identity);
    let role = Role {
        name: String::new(),
        stage: alone(&set, PolicyType::Identity, None),
        trust: None,
    };
    answer(&[role], Tenancy::built_in([&set]), &Facts::default())
}

fn show(answer: &Answer) -> String {
    let line = |finding: &prove::isolation::Finding| {
        let more = match &finding.verdict {
            Verdict::Proved(proof) => {
                let ids: Vec<&str> = proof
                    .assumptions
                    .iter()
                    .map(|fact| fact.id.as_str())
                    .collect();
                ids.join(", ")
            }
            Verdict::Violated(_) => finding.case.as_ref().unwrap().to_string(),
            Verdict::Unknown { reason } => reason.clone(),
        };
        format!(
            "{} {}: {} [{more}]\n",
            finding.obligation.name(),
            finding.verdict.name(),
            finding.claim
        )
    };
    answer.findings.iter().map(line).collect()
}

#[test]
fn the_access_policies_are_proved() {
    let answer = isolation(&ALL);
    assert_eq!(
        answer.verdict(Some(Obligation::Access)),
        "proved",
        "{}",
        show(&answer)
    );
}

#[test]
fn without_the_slash_ann_reads_what_is_annas() {
    let answer = isolation(&[&PREFIX.replace("}/*", "}*")]);
    assert_eq!(
        answer.verdict(Some(Obligation::Access)),
        "violated",
        "{}",
        show(&answer)
    );
}

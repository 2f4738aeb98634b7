//! Questions about the policies of SageMaker's documentation: each is a pair of policies, of which the new one must grant
//! nothing that the old one does not, so that a general solver can be asked the same.

/// A name, the old policy and the new one.
pub type Question = (&'static str, String, String);

fn policy(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    let (element, resource) = match resource.strip_prefix('!') {
        Some(others) => ("NotResource", others),
        None => ("Resource", resource),
    };
    format!(
        r#"{{"Effect":"{effect}","Action":"{action}","{element}":"{resource}","Condition":{{{condition}}}}}"#
    )
}

fn allow(action: &str, resource: &str, condition: &str) -> String {
    statement("Allow", action, resource, condition)
}

/// Names without slashes, which the general solver does not know of: the caller's, and the owner's, who is told by a tag.
const NAMES: &str = r#""StringNotLike":{"aws:SourceIdentity":"*/*","aws:PrincipalTag/team":["*/*",""]},"Null":{"aws:PrincipalTag/team":"false"}"#;
const OWNER: &str = "${aws:PrincipalTag/team}";
const OWN: &str = r#""StringEquals":{"aws:SourceIdentity":"${aws:PrincipalTag/team}"}"#;

/// Whether somebody reaches what lies behind another's name.
fn reaches(action: &str, place: &str, behind: &str) -> (String, String) {
    let own = format!("{place}${{aws:SourceIdentity}}{behind}");
    let new = policy(&[
        allow(action, &own, NAMES),
        statement("Deny", action, &format!("!{place}{OWNER}/*"), ""),
    ]);
    (policy(&[allow(action, "*", OWN)]), new)
}

const JOBS: &str = "arn:aws:sagemaker:us-west-2:111122223333:training-job/*";
const PROFILES: &str = "arn:aws:sagemaker:us-west-2:111122223333:user-profile/";
const TAG: &str = "aws:ResourceTag/sagemaker:user-profile-arn";

fn jobs(operator: &str) -> String {
    let condition = format!(
        r#""{operator}":{{"{TAG}":"{PROFILES}${{sagemaker:DomainId}}/${{sagemaker:UserProfileName}}"}}"#
    );
    policy(&[allow("sagemaker:DescribeTrainingJob", JOBS, &condition)])
}

fn trust(operator: &str, sources: &str) -> String {
    let condition = format!(r#""{operator}":{{"aws:SourceArn":"{sources}"}}"#);
    policy(&[allow("sts:AssumeRole", "*", &condition)])
}

/// All of them.
pub fn all() -> Vec<Question> {
    let prefix = |end: &str| {
        let resource =
            format!("arn:aws:s3:::my-bucket/my_domain/users/${{aws:SourceIdentity}}{end}");
        policy(&[allow("s3:GetObject", &resource, "")])
    };
    let bucket = "arn:aws:s3:::my-bucket/my_domain/users/";
    let secrets = "arn:aws:secretsmanager:us-west-2:111122223333:secret:user-secrets/";
    let (own, closed) = reaches("s3:GetObject", bucket, "/*");
    let (_, open) = reaches("s3:GetObject", bucket, "*");
    let (own_secret, secret) = reaches("secretsmanager:GetSecretValue", secrets, "/*");
    let admin = "arn:aws:secretsmanager:us-west-2:111122223333:secret:admin/*";
    let not_admin = policy(&[allow("secretsmanager:*", &format!("!{admin}"), "")]);
    let own_secrets = format!("{secrets}${{aws:SourceIdentity}}/*");
    let reader = policy(&[allow("secretsmanager:GetSecretValue", &own_secrets, "")]);
    let ours = trust("ArnLike", "arn:aws:*:*:123456789012:*");
    vec![
        ("S3 prefix, nothing new", prefix("*"), prefix("/*")),
        ("S3 prefix, slash removed", prefix("/*"), prefix("*")),
        ("S3 prefix, another's object", own.clone(), closed),
        ("S3 prefix without slash, another's object", own, open),
        ("secrets, another's", own_secret, secret),
        ("secrets, admin's not granted", not_admin, reader),
        (
            "training job, nothing new",
            jobs("StringLike"),
            jobs("StringEquals"),
        ),
        (
            "trust, ArnLike, another account's source",
            ours.clone(),
            trust("ArnLike", "arn:aws:sagemaker:*:123456789012:*"),
        ),
        (
            "trust, StringLike, another account's source",
            ours,
            trust("StringLike", "arn:aws:sagemaker:*:123456789012:*"),
        ),
    ]
}

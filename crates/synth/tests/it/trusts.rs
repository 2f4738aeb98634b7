//! Who may assume the roles.

use blueprint::Feature;
use policy::{AccountId, Action, Policies, PolicyType, Principal, Request, Resource, decide};

use crate::{Tenancy, read, set};

pub(crate) const ACCOUNT: &str = "123456789012";

/// Whether SageMaker may assume a role with this trust policy.
pub(crate) fn assumes(trust: &str, action: &str, source: &str, keys: &[(&str, &str)]) -> bool {
    let policy = set(trust, PolicyType::Trust);
    let account = source.split(':').nth(4).unwrap();
    let mut request = Request::builder(
        Principal::service("sagemaker.amazonaws.com"),
        Action::parse(action).unwrap(),
        Resource::parse(&format!("arn:aws:iam::{ACCOUNT}:role/Exec")).unwrap(),
    )
    .resource_account(AccountId::parse(ACCOUNT).unwrap())
    .resource_policy_type(PolicyType::Trust)
    .set("aws:SourceArn", source)
    .set("aws:SourceAccount", account);
    for (key, value) in keys {
        request = request.set((*key).to_owned(), *value);
    }
    let policies = Policies {
        resource: Some(&policy),
        ..Policies::default()
    };
    decide(&policies, &request.build()).is_allow()
}

/// The tenancy of one team with these features: the trust of its execution role and of its service role.
fn trusts(features: &[Feature], more: &str) -> (String, Option<String>) {
    let names: Vec<String> = features
        .iter()
        .map(|it| format!("{:?}", it.name()))
        .collect();
    let text = format!(
        "region = \"us-east-1\"\n[[account]]\nid = \"{ACCOUNT}\"\n[[domain]]\nname = \"vision\"\n\
         [[team]]\nname = \"vision\"\nfeatures = [{}]\n{more}",
        names.join(", ")
    );
    let plan = Tenancy::of(&read(&text)).plan;
    let role = |name: &str| {
        let role = plan.accounts[0].roles.iter().find(|role| role.name == name);
        role.map(|role| role.trust.text())
    };
    (role("vision-execution").unwrap(), role("vision-service"))
}

/// What SageMaker sends for a feature.
pub(crate) fn source(feature: Feature, region: &str, account: &str) -> String {
    let resource = match feature {
        Feature::Studio | Feature::Inference => "*",
        Feature::Training => "training-job/a",
        Feature::Processing => "processing-job/a",
        Feature::Pipelines => "pipeline/p/execution/abc",
        Feature::BatchTransform => "transform-job/a",
        Feature::Images => "image-version/i/1",
        Feature::Marketplace => "model-package/a",
        Feature::Neo => "compilation-job/a",
        Feature::EdgeManager => "edge-packaging-job/a",
    };
    format!("arn:aws:sagemaker:{region}:{account}:{resource}")
}

#[test]
fn each_feature_gets_its_role_from_its_own_account_alone() {
    for feature in Feature::ALL {
        let (execution, service) = trusts(&[feature], "");
        let named = feature.carries_source_identity();
        assert_eq!(service.is_none(), named, "{feature}");
        let trust = service.unwrap_or(execution);
        assert_eq!(trust.matches("\"Effect\"").count(), 1);
        let assume = |source: &str| assumes(&trust, "sts:AssumeRole", source, &[]);
        assert!(assume(&source(feature, "us-east-1", ACCOUNT)), "{feature}");
        assert!(
            !assume(&source(feature, "us-east-1", "666666666666")),
            "{feature}"
        );
        assert!(!assume(&source(feature, "us-west-2", ACCOUNT)), "{feature}");
        let identity = assumes(
            &trust,
            "sts:SetSourceIdentity",
            &source(feature, "us-east-1", ACCOUNT),
            &[("sts:SourceIdentity", "bob")],
        );
        assert_eq!(identity, named, "{feature}");
    }
}

#[test]
fn several_features_have_one_statement_no_wider_than_they_need() {
    let (jobs, _) = trusts(
        &[Feature::Training, Feature::Processing, Feature::Pipelines],
        "",
    );
    let assume = |trust: &str, feature| {
        assumes(
            trust,
            "sts:AssumeRole",
            &source(feature, "us-east-1", ACCOUNT),
            &[],
        )
    };
    for feature in [Feature::Training, Feature::Processing, Feature::Pipelines] {
        assert!(assume(&jobs, feature), "{feature}");
    }
    for feature in [Feature::Studio, Feature::BatchTransform, Feature::Neo] {
        assert!(!assume(&jobs, feature), "{feature}");
    }
    let (all, service) = trusts(&Feature::ALL, "");
    assert!(
        Feature::ALL
            .into_iter()
            .all(|feature| assume(&all, feature))
    );
    let service = service.unwrap();
    let identity = assumes(
        &service,
        "sts:SetSourceIdentity",
        &source(Feature::Training, "us-east-1", ACCOUNT),
        &[("sts:SourceIdentity", "bob")],
    );
    assert!(
        !identity,
        "a job with the service role would have somebody's name"
    );
}

#[test]
fn people_and_other_services_do_not_assume_it() {
    let (trust, _) = trusts(&[Feature::Studio], "");
    let policy = set(&trust, PolicyType::Trust);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/Exec");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/bob");
    for principal in [
        Principal::parse(&user).unwrap(),
        Principal::service("ec2.amazonaws.com"),
    ] {
        let request = Request::builder(
            principal,
            Action::parse("sts:AssumeRole").unwrap(),
            Resource::parse(&role).unwrap(),
        )
        .resource_account(AccountId::parse(ACCOUNT).unwrap())
        .resource_policy_type(PolicyType::Trust)
        .set(
            "aws:SourceArn",
            format!("arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"),
        )
        .set("aws:SourceAccount", ACCOUNT);
        let policies = Policies {
            resource: Some(&policy),
            ..Policies::default()
        };
        assert!(!decide(&policies, &request.build()).is_allow());
    }
}

#[test]
fn session_tags_and_patterns_are_there_where_they_are_used() {
    let studio = source(Feature::Studio, "us-east-1", ACCOUNT);
    let (plain, _) = trusts(&[Feature::Studio], "");
    assert!(!assumes(&plain, "sts:TagSession", &studio, &[]));
    let more = "session_tags = true\nuser_profile_pattern = \"u????\"\n";
    let (trust, _) = trusts(&[Feature::Studio], more);
    let named = |name: &str| {
        let keys = [("sts:SourceIdentity", name)];
        ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
            .into_iter()
            .all(|action| assumes(&trust, action, &studio, &keys))
    };
    assert!(named("u0001"));
    assert!(!named("u00011"));
    assert!(!named("admin"));
}

/// A profile that is not listed might be called so; its session would own the models of another name.
#[test]
fn a_name_with_the_delimiter_of_models_gets_no_session() {
    let studio = source(Feature::Studio, "us-east-1", ACCOUNT);
    let (trust, _) = trusts(&[Feature::Studio, Feature::Inference], "");
    let named = |name: &str| {
        let keys = [("sts:SourceIdentity", name)];
        assumes(&trust, "sts:AssumeRole", &studio, &keys)
    };
    assert!(named("bob"));
    assert!(named("bob-x"));
    assert!(!named("bob--x"));
    assert!(!named("--"));
    assert!(assumes(&trust, "sts:AssumeRole", &studio, &[]));
}

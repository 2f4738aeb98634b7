//! `palisade synth deputy`: one trust statement, right for its feature, or a refusal.

use blueprint::Feature;
use synth::Deputy;

use crate::trusts::{ACCOUNT, assumes, source};

fn deputy(feature: Feature, arn: Option<&str>) -> Deputy {
    Deputy {
        feature,
        account: ACCOUNT.to_owned(),
        region: Some("us-west-2".to_owned()),
        partition: None,
        arn: arn.map(str::to_owned),
        source_identity: false,
        session_tags: false,
    }
}

fn arn(resource: &str) -> String {
    format!("arn:aws:sagemaker:us-west-2:{ACCOUNT}:{resource}")
}

fn refused(deputy: &Deputy) -> String {
    deputy.trust().unwrap_err().to_string()
}

#[test]
fn each_feature_is_let_in_from_its_account_and_region() {
    for feature in Feature::ALL {
        let trust = deputy(feature, None).trust().unwrap().policy.text();
        let assume = |source: &str| assumes(&trust, "sts:AssumeRole", source, &[]);
        assert!(assume(&source(feature, "us-west-2", ACCOUNT)), "{feature}");
        assert!(
            !assume(&source(feature, "us-west-2", "666666666666")),
            "{feature}"
        );
        assert!(!assume(&source(feature, "us-east-1", ACCOUNT)), "{feature}");
        assert!(!assumes(
            &trust,
            "sts:SetSourceIdentity",
            &source(feature, "us-west-2", ACCOUNT),
            &[]
        ));
        let everywhere = Deputy {
            region: None,
            ..deputy(feature, None)
        };
        let trust = everywhere.trust().unwrap().policy.text();
        assert!(assumes(
            &trust,
            "sts:AssumeRole",
            &source(feature, "eu-west-1", ACCOUNT),
            &[]
        ));
    }
}

#[test]
fn one_resource_where_the_guide_lets_it() {
    for (feature, resource, other) in [
        (Feature::Training, "training-job/a", "training-job/ab"),
        (Feature::Processing, "processing-job/a", "processing-job/b"),
        (
            Feature::BatchTransform,
            "transform-job/a",
            "transform-job/b",
        ),
        (Feature::Neo, "compilation-job/a", "compilation-job/b"),
        (
            Feature::EdgeManager,
            "edge-packaging-job/a",
            "edge-packaging-job/b",
        ),
    ] {
        let trust = deputy(feature, Some(&arn(resource)))
            .trust()
            .unwrap()
            .policy
            .text();
        assert!(
            assumes(&trust, "sts:AssumeRole", &arn(resource), &[]),
            "{feature}"
        );
        assert!(
            !assumes(&trust, "sts:AssumeRole", &arn(other), &[]),
            "{feature}"
        );
        // An ARN of another kind would never be sent.
        let wrong = refused(&deputy(feature, Some(&arn("endpoint/a"))));
        assert!(wrong.contains("never names"), "{wrong}");
    }
}

#[test]
fn a_pipeline_but_no_execution() {
    for given in ["pipeline/p", "pipeline/p/*"] {
        let trust = deputy(Feature::Pipelines, Some(&arn(given)))
            .trust()
            .unwrap()
            .policy
            .text();
        assert!(trust.contains(&arn("pipeline/p/*")), "{trust}");
        assert!(assumes(
            &trust,
            "sts:AssumeRole",
            &arn("pipeline/p/execution/1"),
            &[]
        ));
        assert!(!assumes(
            &trust,
            "sts:AssumeRole",
            &arn("pipeline/p2/execution/1"),
            &[]
        ));
    }
    let wrong = refused(&deputy(
        Feature::Pipelines,
        Some(&arn("pipeline/p/execution/1")),
    ));
    assert!(
        wrong.contains("one execution") && wrong.contains("pipeline/NAME/*"),
        "{wrong}"
    );
}

#[test]
fn what_the_guide_says_breaks_is_refused_with_the_reason() {
    for (feature, resource, reason) in [
        (Feature::Studio, "domain/d-a", "no wildcard"),
        (Feature::Studio, "user-profile/d-a/bob", "no wildcard"),
        (
            Feature::Studio,
            "app/d-a/bob/JupyterLab/default",
            "no wildcard",
        ),
        (Feature::Inference, "endpoint/a", "no wildcard"),
        (Feature::Inference, "model/a", "no wildcard"),
        (Feature::Inference, "endpoint/*", "no wildcard"),
        (Feature::Marketplace, "algorithm/a", "validation"),
        (Feature::Images, "image/a", "must stay"),
        (Feature::Images, "image-version/a/1", "must stay"),
    ] {
        let wrong = refused(&deputy(feature, Some(&arn(resource))));
        assert!(
            wrong.contains("would break") && wrong.contains(reason),
            "{wrong}"
        );
    }
    // The form itself is no narrowing.
    let form = deputy(Feature::Studio, Some(&arn("*"))).trust().unwrap();
    assert_eq!(
        form.policy,
        deputy(Feature::Studio, None).trust().unwrap().policy
    );
}

#[test]
fn what_could_never_match_is_refused() {
    let training = |arn: &str| refused(&deputy(Feature::Training, Some(arn)));
    let other = "arn:aws:sagemaker:us-west-2:666666666666:training-job/a";
    assert!(training(other).contains("no request has both"));
    assert!(training("arn:aws:sagemaker:::training-job/a").contains("empty region or account"));
    assert!(
        training(&arn("training-job/a").replace("us-west-2", "us-east-1")).contains("--region")
    );
    assert!(training("arn:aws:s3:::bucket").contains("no ARN of SageMaker"));
    assert!(training("training-job/a").contains("no ARN of SageMaker"));
    assert!(training(&arn("training-job/${aws:username}")).contains("variables"));
    assert!(training(&arn("training-job/a").replace(":aws:", ":aws-cn:")).contains("partition"));
    let account = Deputy {
        account: "12345".to_owned(),
        ..deputy(Feature::Training, None)
    };
    assert!(refused(&account).contains("twelve digits"));
    let region = Deputy {
        region: Some("us west".to_owned()),
        ..deputy(Feature::Training, None)
    };
    assert!(refused(&region).contains("no region"));
}

#[test]
fn regions_tell_the_partition() {
    let china = Deputy {
        region: Some("cn-north-1".to_owned()),
        ..deputy(Feature::Training, None)
    };
    let text = china.trust().unwrap().policy.text();
    assert!(
        text.contains("arn:aws-cn:sagemaker:cn-north-1:123456789012:training-job/*"),
        "{text}"
    );
    let gov = Deputy {
        region: Some("us-gov-west-1".to_owned()),
        ..deputy(Feature::Training, None)
    };
    let trust = gov.trust().unwrap();
    assert!(trust.policy.text().contains("arn:aws-us-gov:"));
    assert!(trust.notes[0].contains("aws-us-gov"), "{:?}", trust.notes);
    let wrong = Deputy {
        partition: Some("aws".to_owned()),
        ..china
    };
    assert!(refused(&wrong).contains("aws-cn"));
}

#[test]
fn names_and_tags_are_for_who_asks() {
    let both = Deputy {
        source_identity: true,
        session_tags: true,
        ..deputy(Feature::Training, None)
    };
    let text = both.trust().unwrap().policy.text();
    let from = source(Feature::Training, "us-west-2", ACCOUNT);
    for action in ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"] {
        assert!(assumes(&text, action, &from, &[]), "{action}");
    }
}

#[test]
fn the_older_form_for_images_stands_for_all_of_them() {
    for kind in ["image", "image-version"] {
        let trust = deputy(Feature::Images, Some(&arn(kind))).trust().unwrap();
        let text = trust.policy.text();
        assert!(text.contains(&arn(&format!("{kind}/*"))), "{text}");
    }
}

#[test]
fn a_region_has_one_partition() {
    let elsewhere = Deputy {
        partition: Some("aws-cn".to_owned()),
        ..deputy(Feature::Training, None)
    };
    assert!(refused(&elsewhere).contains("which is in `aws`"));
}

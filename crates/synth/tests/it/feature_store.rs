//! A shared feature store with private prefixes.

use crate::{Session, Tenancy};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

fn group(name: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:feature-group/{name}")
}

#[test]
fn common_features_are_read_by_all_and_written_by_one_team() {
    let tenancy = Tenancy::example("feature-store.toml");
    let of = |team: &str, name: &str| {
        let role = format!("{team}-execution");
        Session::studio(
            &tenancy,
            (ACCOUNT, role.as_str()),
            &format!("d-{team}"),
            name,
        )
    };
    for (team, name) in [("platform", "paul"), ("risk", "rosa"), ("fraud", "fay")] {
        assert!(of(team, name).may("sagemaker:GetRecord", &group("common-customers")));
        assert!(!of(team, name).may("sagemaker:GetRecord", &group("commons")));
        assert!(!of(team, name).may("sagemaker:DeleteFeatureGroup", &group("common-customers")));
    }
    assert!(of("platform", "paul").may("sagemaker:PutRecord", &group("common-customers")));
    assert!(!of("risk", "rosa").may("sagemaker:PutRecord", &group("common-customers")));
    assert!(of("platform", "paul").may(
        "s3:PutObject",
        "arn:aws:s3:::feature-store-offline/common/a"
    ));
    assert!(!of("risk", "rosa").may(
        "s3:PutObject",
        "arn:aws:s3:::feature-store-offline/common/a"
    ));
    assert!(of("risk", "rosa").may(
        "s3:GetObject",
        "arn:aws:s3:::feature-store-offline/common/a"
    ));
    let nameless = of("risk", "rosa").without("aws:SourceIdentity");
    assert!(!nameless.may("sagemaker:GetRecord", &group("common-customers")));
}

#[test]
fn own_features_and_files_are_ones_own() {
    let tenancy = Tenancy::example("feature-store.toml");
    let rosa = Session::studio(&tenancy, (ACCOUNT, "risk-execution"), "d-risk", "rosa");
    let own = rosa.clone().on(REGION, "d-risk", "rosa");
    assert!(own.may("sagemaker:PutRecord", &group("mine")));
    let others = rosa.clone().on(REGION, "d-risk", "ruth");
    for action in [
        "GetRecord",
        "PutRecord",
        "DeleteFeatureGroup",
        "DescribeFeatureGroup",
    ] {
        assert!(
            !others.may(&format!("sagemaker:{action}"), &group("hers")),
            "{action}"
        );
    }
    let file = |key: &str| format!("arn:aws:s3:::feature-workbench/{key}");
    assert!(rosa.may("s3:GetObject", &file("risk/users/rosa/a")));
    assert!(!rosa.may("s3:GetObject", &file("risk/users/ruth/a")));
    assert!(!rosa.may("s3:GetObject", &file("fraud/users/rosa/a")));
    // The team fraud shares features and makes none.
    let fay = Session::studio(&tenancy, (ACCOUNT, "fraud-execution"), "d-fraud", "fay");
    let making = fay.tagging(REGION, "d-fraud", "fay");
    assert!(!making.may("sagemaker:CreateFeatureGroup", &group("mine")));
}

#[test]
fn the_steps_of_a_pipeline_are_in_the_name_of_who_started_it() {
    let tenancy = Tenancy::example("feature-store.toml");
    let of = |name: &str| Session::job(&tenancy, (ACCOUNT, "platform-execution"), name);
    let job = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/a");
    let create = "sagemaker:CreateProcessingJob";
    assert!(
        of("paul")
            .tagging(REGION, "d-platform", "paul")
            .may(create, &job)
    );
    assert!(!of("paul").may(create, &job));
    assert!(
        !of("paul")
            .tagging(REGION, "d-platform", "petra")
            .may(create, &job)
    );
    assert!(
        !of("paul")
            .tagging(REGION, "d-risk", "paul")
            .may(create, &job)
    );
    assert!(
        of("paul")
            .on(REGION, "d-platform", "paul")
            .may("sagemaker:StopProcessingJob", &job)
    );
    assert!(
        !of("paul")
            .on(REGION, "d-platform", "petra")
            .may("sagemaker:StopProcessingJob", &job)
    );
    let training = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/a");
    let mounted = of("paul")
        .tagging(REGION, "d-platform", "paul")
        .set("sagemaker:FileSystemId", "fs-00000000");
    assert!(!mounted.may("sagemaker:CreateTrainingJob", &training));
    // Studio sessions of another domain do not pass for pipelines.
    let stranger = Session::studio(&tenancy, (ACCOUNT, "platform-execution"), "d-risk", "paul");
    assert!(
        !stranger
            .tagging(REGION, "d-platform", "paul")
            .may(create, &job)
    );
}

#[test]
fn nobody_makes_own_features_under_shared_names() {
    let tenancy = Tenancy::example("feature-store.toml");
    let of = |team: &str, name: &str| {
        let (role, domain) = (format!("{team}-execution"), format!("d-{team}"));
        Session::studio(&tenancy, (ACCOUNT, role.as_str()), &domain, name)
            .tagging(REGION, &domain, name)
    };
    let create = "sagemaker:CreateFeatureGroup";
    assert!(of("risk", "rosa").may(create, &group("mine")));
    assert!(!of("risk", "rosa").may(create, &group("common-mine")));
    assert!(of("platform", "paul").may(create, &group("common-new")));
}

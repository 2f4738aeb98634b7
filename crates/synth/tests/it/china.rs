//! The partition `aws-cn`.

use crate::{Session, Tenancy};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "cn-north-1";

#[test]
fn every_arn_is_in_the_partition() {
    let tenancy = Tenancy::example("china.toml");
    for file in synth::files(&tenancy.plan, &synth::Format::ALL) {
        assert!(!file.text.contains("arn:aws:"), "{}", file.path);
    }
}

#[test]
fn the_use_cases_hold_there_too() {
    let tenancy = Tenancy::example("china.toml");
    let li = Session::studio(&tenancy, (ACCOUNT, "vision-execution"), "d-vision", "li")
        .in_partition("aws-cn");
    let job = format!("arn:aws-cn:sagemaker:{REGION}:{ACCOUNT}:training-job/a");
    assert!(
        li.clone()
            .tagging(REGION, "d-vision", "li")
            .may("sagemaker:CreateTrainingJob", &job)
    );
    assert!(
        !li.clone()
            .tagging(REGION, "d-vision", "wang")
            .may("sagemaker:CreateTrainingJob", &job)
    );
    assert!(li.may(
        "s3:GetObject",
        "arn:aws-cn:s3:::cn-ml-data/vision/users/li/a"
    ));
    assert!(!li.may(
        "s3:GetObject",
        "arn:aws-cn:s3:::cn-ml-data/vision/users/wang/a"
    ));
    assert!(!li.may("s3:GetObject", "arn:aws:s3:::cn-ml-data/vision/users/li/a"));
    let key = format!("arn:aws-cn:kms:{REGION}:{ACCOUNT}:key/1234");
    let through = |service: &str, alias: &str| {
        li.clone()
            .set("kms:ViaService", service)
            .list("kms:ResourceAliases", &[alias])
            .may("kms:Decrypt", &key)
    };
    for service in [
        "s3.cn-north-1.amazonaws.com.cn",
        "s3.cn-north-1.amazonaws.com",
    ] {
        assert!(through(service, "alias/cn-ml-data"), "{service}");
    }
    assert!(!through("ec2.cn-north-1.amazonaws.com", "alias/cn-ml-data"));
    assert!(!through("s3.cn-north-1.amazonaws.com.cn", "alias/other"));
}

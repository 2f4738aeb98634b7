//! What an editor is told while a policy is written.

use lint::editor::{complete, hover};
use policy::text::Source;

/// The texts that could stand at `|`.
fn offered(text: &str) -> Vec<String> {
    let at = text.find('|').expect("a place");
    let source = Source::named("p.json", text.replacen('|', "", 1));
    complete(&source, at)
        .into_iter()
        .map(|found| found.text)
        .collect()
}

fn resource(written: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sagemaker:StopTrainingJob","Resource":"{written}|"}}]}}"#
    )
}

#[test]
fn arns_go_on_from_what_is_written() {
    let found = offered(&resource(
        "arn:aws-cn:sagemaker:cn-north-1:123456789012:training-j",
    ));
    assert_eq!(
        found,
        ["arn:aws-cn:sagemaker:cn-north-1:123456789012:training-job/<TrainingJobName>"]
    );
    let found = offered(&resource("arn:aws:sagemaker:"));
    assert!(
        found.contains(&"arn:aws:sagemaker:*:<Account>:model/<ModelName>".to_owned()),
        "{found:?}"
    );
    assert_eq!(
        offered(&resource("arn:aws:sagemaker:::training-j")),
        [""; 0]
    );
    assert!(offered(&resource("arn:aws:s3:::")).contains(&"arn:aws:s3:::<BucketName>".to_owned()));
}

#[test]
fn conditions_on_arns_get_arns() {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},
        "Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sagemaker:us-west-2:111122223333:proc|"}}}]}"#;
    let wanted = "arn:aws:sagemaker:us-west-2:111122223333:processing-job/<ProcessingJobName>";
    assert_eq!(offered(trust), [wanted]);
}

#[test]
fn a_key_tells_which_actions_carry_it() {
    let text = r#"{"Condition":{"StringEquals":{"sagemaker:FileSystemId":"fs-1","aws:SourceIdentity":"a"}}}"#;
    let source = Source::named("p.json", text);
    let told = |key: &str| {
        let at = text.find(key).expect("a key") + 3;
        hover(&source, at).expect("a meaning").markdown
    };
    let own = told("sagemaker:FileSystemId");
    assert!(own.contains("`sagemaker:CreateTrainingJob`"), "{own}");
    assert!(!told("aws:SourceIdentity").contains("Carried"));
}

//! Condition keys from inputs (Service Authorization Reference, SageMaker), and what jobs become.

use serde_json::{Value, json};
use testkit::{ACCOUNT, REGION};

use testkit::team::{Team, arn, job, role, with};

/// Allows everything, but denies what a condition matches.
fn deny(team: &Team, operator: &str, key: &str, value: &Value) {
    team.allow(&json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*",
         "Condition": {operator: {key: value}}}
    ]));
}

#[test]
fn every_member_of_a_training_job_has_its_key() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    let kms = format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/k");
    let resources = |more: Value| {
        let plain = json!({"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1});
        json!({"ResourceConfig": with(plain, more)})
    };
    let groups = json!({"ResourceConfig": {"VolumeSizeInGB": 1, "InstanceGroups": [
        {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"},
        {"InstanceType": "ml.p3.2xlarge", "InstanceCount": 1, "InstanceGroupName": "b"}]}});
    let vpc = json!({"VpcConfig": {"SecurityGroupIds": ["sg-1", "sg-2"], "Subnets": ["subnet-1"]}});
    let output =
        |key: &str| json!({"OutputDataConfig": {"S3OutputPath": "s3://b/o", "KmsKeyId": key}});
    let cases = [
        (
            "ForAnyValue:StringEquals",
            "InstanceTypes",
            json!("ml.p3.2xlarge"),
            groups,
        ),
        (
            "ForAnyValue:StringEquals",
            "VpcSecurityGroupIds",
            json!("sg-2"),
            vpc.clone(),
        ),
        (
            "ForAnyValue:StringEquals",
            "VpcSubnets",
            json!("subnet-1"),
            vpc,
        ),
        (
            "ArnEquals",
            "VolumeKmsKeyArn",
            json!(kms),
            resources(json!({"VolumeKmsKeyId": "k"})),
        ),
        (
            "ArnEquals",
            "VolumeKmsKeyArn",
            json!(kms),
            resources(json!({"VolumeKmsKeyId": kms})),
        ),
        ("ArnEquals", "OutputKmsKeyArn", json!(kms), output("k")),
        (
            "Bool",
            "NetworkIsolation",
            json!("true"),
            json!({"EnableNetworkIsolation": true}),
        ),
        (
            "Bool",
            "InterContainerTrafficEncryption",
            json!("true"),
            json!({"EnableInterContainerTrafficEncryption": true}),
        ),
        (
            "NumericGreaterThan",
            "MaxRuntimeInSeconds",
            json!("3600"),
            json!({"StoppingCondition": {"MaxRuntimeInSeconds": 7200}}),
        ),
        (
            "NumericEquals",
            "KeepAlivePeriod",
            json!("9"),
            resources(json!({"KeepAlivePeriodInSeconds": 9})),
        ),
        (
            "Bool",
            "EnableRemoteDebug",
            json!("true"),
            json!({"RemoteDebugConfig": {"EnableRemoteDebug": true}}),
        ),
    ];
    for (number, (operator, key, value, members)) in cases.into_iter().enumerate() {
        deny(&team, operator, &format!("sagemaker:{key}"), &value);
        let plain = job(&format!("j{number}"), "Exec");
        let denied = team.call(&alice, "CreateTrainingJob", &with(plain.clone(), members));
        assert!(
            denied.error().1.contains("explicit deny"),
            "{key}: {}",
            denied.text()
        );
        let _ = team.call(&alice, "CreateTrainingJob", &plain).checked();
    }
}

#[test]
fn a_vpc_can_be_demanded() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    deny(&team, "Null", "sagemaker:VpcSubnets", &json!("true"));
    assert_eq!(
        team.call(&alice, "CreateTrainingJob", &job("a", "Exec"))
            .status,
        400
    );
    let vpc = json!({"VpcConfig": {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}});
    let _ = team
        .call(
            &alice,
            "CreateTrainingJob",
            &with(job("a", "Exec"), vpc.clone()),
        )
        .checked();
    let processing = |network: &Value| {
        json!({
            "ProcessingJobName": "p", "RoleArn": role("Exec"), "AppSpecification": {"ImageUri": "i"},
            "ProcessingResources": {"ClusterConfig":
                {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
            "NetworkConfig": network
        })
    };
    assert_eq!(
        team.call(&alice, "CreateProcessingJob", &processing(&json!({})))
            .status,
        400
    );
    let _ = team
        .call(&alice, "CreateProcessingJob", &processing(&vpc))
        .checked();
}

#[test]
fn every_directory_of_a_job_must_be_allowed() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    team.allow(&json!([
        {"Effect": "Allow", "Action": ["iam:PassRole", "sagemaker:AddTags"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": arn("training-job/*"),
         "Condition": {"StringEquals": {
            "sagemaker:FileSystemId": "fs-12345678", "sagemaker:FileSystemType": "FSxLustre",
            "sagemaker:FileSystemAccessMode": "rw",
            "sagemaker:FileSystemDirectoryPath": "/fsx/users/${aws:SourceIdentity}"}}}
    ]));
    let channels = |paths: &[&str]| {
        let channel = |path: &&str| {
            json!({"ChannelName": path.rsplit('/').next(), "DataSource": {
            "FileSystemDataSource": {"FileSystemId": "fs-12345678", "FileSystemType": "FSxLustre",
                "FileSystemAccessMode": "rw", "DirectoryPath": path}}})
        };
        let all: Vec<Value> = paths.iter().map(channel).collect();
        team.call(
            &alice,
            "CreateTrainingJob",
            &with(job("a", "Exec"), json!({"InputDataConfig": all})),
        )
    };
    for denied in [
        &["/fsx/users/bob"][..],
        &["/fsx/users/alice", "/fsx/users/bob"],
        &["/fsx/users/bob", "/fsx/users/alice"],
        &["/fsx/users/bob/../alice"],
    ] {
        assert_eq!(
            channels(denied).error().0,
            "AccessDeniedException",
            "{denied:?}"
        );
    }
    let none = team.call(&alice, "CreateTrainingJob", &job("a", "Exec"));
    assert_eq!(none.error().0, "AccessDeniedException");
    let _ = channels(&["/fsx/users/alice"]).checked();
}

#[test]
fn an_update_changes_what_it_names() {
    let team = Team::new();
    let _ = team.root("CreateTrainingJob", &job("a", "Exec")).checked();
    let update = json!({"TrainingJobName": "a", "ResourceConfig": {"KeepAlivePeriodInSeconds": 60},
        "RemoteDebugConfig": {"EnableRemoteDebug": true}});
    let _ = team.root("UpdateTrainingJob", &update).checked();
    let name = json!({"TrainingJobName": "a"});
    let shown = team.root("DescribeTrainingJob", &name).checked().json();
    let resources = json!({"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1,
        "KeepAlivePeriodInSeconds": 60});
    assert_eq!(shown["ResourceConfig"], resources);
    assert_eq!(
        shown["RemoteDebugConfig"],
        json!({"EnableRemoteDebug": true})
    );
}

#[test]
fn a_job_stops_once_and_goes_when_it_has_stopped() {
    let team = Team::new();
    let name = json!({"TrainingJobName": "a"});
    let _ = team.root("CreateTrainingJob", &job("a", "Exec")).checked();
    assert_eq!(
        team.root("DeleteTrainingJob", &name).error().0,
        "ResourceInUse"
    );
    let _ = team.root("StopTrainingJob", &name).checked();
    let shown = team.root("DescribeTrainingJob", &name).checked().json();
    assert_eq!(shown["TrainingJobStatus"], "Stopped");
    let transitions = shown["SecondaryStatusTransitions"].as_array().unwrap();
    let statuses: Vec<&Value> = transitions.iter().map(|it| &it["Status"]).collect();
    assert_eq!(statuses, ["Pending", "Stopping", "Stopped"]);
    for operation in ["StopTrainingJob", "UpdateTrainingJob"] {
        let text = "The request was rejected because the training job is in status Stopped.";
        assert_eq!(
            team.root(operation, &name).error(),
            ("ValidationException".to_owned(), text.to_owned())
        );
    }
    let (code, message) = team.root("CreateTrainingJob", &job("a", "Exec")).error();
    assert_eq!(code, "ResourceInUse");
    assert!(
        message.starts_with("Training job names must be unique"),
        "{message}"
    );
    let _ = team.root("DeleteTrainingJob", &name).checked();
    let _ = team.root("CreateTrainingJob", &job("a", "Exec")).checked();
}

#[test]
fn listings_are_filtered_sorted_and_paged() {
    let team = Team::new();
    for name in ["c", "a", "b", "other"] {
        team.world.clock.advance(jiff::SignedDuration::from_secs(1));
        let _ = team
            .root("CreateTrainingJob", &job(&format!("x-{name}"), "Exec"))
            .checked();
    }
    let _ = team
        .root("StopTrainingJob", &json!({"TrainingJobName": "x-b"}))
        .checked();
    let list = |input: Value| {
        let answer = team.root("ListTrainingJobs", &input).checked().json();
        let names = answer["TrainingJobSummaries"].as_array().unwrap().iter();
        let names: Vec<String> = names
            .map(|it| it["TrainingJobName"].as_str().unwrap().to_owned())
            .collect();
        (
            names.join(" "),
            answer["NextToken"].as_str().map(str::to_owned),
        )
    };
    assert_eq!(list(json!({})).0, "x-c x-a x-b x-other");
    assert_eq!(
        list(json!({"SortOrder": "Descending"})).0,
        "x-other x-b x-a x-c"
    );
    assert_eq!(list(json!({"SortBy": "Name"})).0, "x-a x-b x-c x-other");
    assert_eq!(
        list(json!({"SortBy": "Status", "SortOrder": "Descending"})).0,
        "x-b x-other x-c x-a"
    );
    assert_eq!(list(json!({"NameContains": "oth"})).0, "x-other");
    assert_eq!(list(json!({"StatusEquals": "Stopped"})).0, "x-b");
    assert_eq!(list(json!({"WarmPoolStatusEquals": "InUse"})).0, "");
    let now = team.world.platform.now().as_second();
    assert_eq!(list(json!({"CreationTimeAfter": now - 1})).0, "x-other");
    assert_eq!(list(json!({"CreationTimeBefore": now - 2})).0, "x-c");
    for (order, pages) in [
        ("Ascending", ["x-a x-b x-c", "x-other"]),
        ("Descending", ["x-other x-c x-b", "x-a"]),
    ] {
        let ask = json!({"SortBy": "Name", "SortOrder": order, "MaxResults": 3});
        let (first, next) = list(ask.clone());
        let (second, end) = list(with(ask.clone(), json!({"NextToken": next})));
        assert_eq!(([first.as_str(), second.as_str()], end), (pages, None));
        let other = with(
            json!({"SortBy": "CreationTime"}),
            json!({"NextToken": next}),
        );
        assert_eq!(
            team.root("ListTrainingJobs", &other).error().0,
            "ValidationException"
        );
    }
}

#[test]
fn tags_are_put_listed_and_taken_away_on_every_kind() {
    let team = Team::new();
    let _ = team.root("CreateTrainingJob", &job("x", "Exec")).checked();
    let _ = team
        .root("CreateModel", &json!({"ModelName": "x"}))
        .checked();
    for resource in [
        "training-job/x",
        "model/x",
        "domain/d-vision",
        "user-profile/d-vision/bob",
    ] {
        let named = json!({"ResourceArn": arn(resource)});
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        let put = with(named.clone(), json!({"Tags": tags}));
        assert_eq!(team.root("AddTags", &put).checked().json()["Tags"], tags);
        let take = with(named.clone(), json!({"TagKeys": ["a"]}));
        let _ = team.root("DeleteTags", &take).checked();
        let left = team.root("ListTags", &named).checked().json();
        assert_eq!(left["Tags"], json!([{"Key": "b", "Value": "2"}]));
    }
    for (resource, code) in [
        ("training-job/y", "ValidationException"),
        ("domain/d-none", "ResourceNotFound"),
        ("nonsense/x", "ValidationException"),
        ("user-profile/d-vision", "ValidationException"),
    ] {
        let answer = team.root("ListTags", &json!({"ResourceArn": arn(resource)}));
        assert_eq!(answer.error().0, code, "{resource}");
    }
    let foreign = team.call(
        team.world.other_root(),
        "ListTags",
        &json!({"ResourceArn": arn("model/x")}),
    );
    assert_eq!(foreign.error().0, "AccessDeniedException");
}

#[test]
fn tags_of_the_resource_are_keys_under_both_names() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    let tags = json!({"Tags": [{"Key": "team", "Value": "red"}]});
    let _ = team
        .root("CreateTrainingJob", &with(job("x", "Exec"), tags))
        .checked();
    for prefix in ["aws", "sagemaker"] {
        for (value, allowed) in [("red", true), ("blue", false)] {
            team.allow(
                &json!([{"Effect": "Allow", "Action": "sagemaker:DeleteTags", "Resource": "*",
                "Condition": {"StringEquals": {format!("{prefix}:ResourceTag/team"): value},
                    "ForAllValues:StringEquals": {"aws:TagKeys": "other"}}}]),
            );
            let ask = |key: &str| {
                let input = json!({"ResourceArn": arn("training-job/x"), "TagKeys": [key]});
                team.call(&alice, "DeleteTags", &input).status == 200
            };
            assert_eq!(
                (ask("other"), ask("team")),
                (allowed, false),
                "{prefix} {value}"
            );
        }
    }
}

#[test]
fn models_have_errors_of_their_own() {
    let team = Team::new();
    let model = json!({"ModelName": "m"});
    let error = |operation: &str| team.root(operation, &model).error();
    let missing = format!("Could not find model \"{}\".", arn("model/m"));
    assert_eq!(
        error("DescribeModel"),
        ("ValidationException".to_owned(), missing)
    );
    let _ = team.root("CreateModel", &model).checked();
    let twice = format!(
        "Cannot create already existing model \"{}\".",
        arn("model/m")
    );
    assert_eq!(
        error("CreateModel"),
        ("ValidationException".to_owned(), twice)
    );
    let _ = team.root("DeleteModel", &model).checked();
    let next = json!({"ProcessingJobName": "p"});
    let missing = "Could not find requested job with name: p".to_owned();
    assert_eq!(
        team.root("DescribeProcessingJob", &next).error(),
        ("ValidationException".to_owned(), missing)
    );
}

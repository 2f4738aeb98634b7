//! Jobs and models: ownership by tags, the roles they are given, and whom those roles trust (SageMaker Developer Guide).

use serde_json::{Value, json};
use testkit::{ACCOUNT, Credentials, World};

use testkit::team::{Team, arn, job, role, trust, with};

const OWN: &str = "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}";
const TAG: &str = "sagemaker:user-profile-arn";

/// The policies of a tenant: create and tag in one's own name, touch one's own, pass the role on.
fn own_jobs(team: &Team) {
    let guard = json!({format!("aws:RequestTag/{TAG}"): OWN});
    team.allow(&json!([
        {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": arn("training-job/*"),
         "Condition": {"StringEqualsIfExists": guard}},
        {"Effect": "Allow", "Action": "sagemaker:AddTags", "Resource": arn("training-job/*"),
         "Condition": {"StringEqualsIfExists": guard,
            "StringEquals": {"sagemaker:TaggingAction": "CreateTrainingJob"}}},
        {"Effect": "Allow", "Resource": arn("training-job/*"), "Action": [
            "sagemaker:DescribeTrainingJob", "sagemaker:UpdateTrainingJob", "sagemaker:StopTrainingJob"],
         "Condition": {"StringLike": {format!("sagemaker:ResourceTag/{TAG}"): OWN}}},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role("Exec"),
         "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}
    ]));
}

fn tags(team: &Team, resource: &str) -> Vec<(String, String)> {
    let answer = team
        .root("ListTags", &json!({"ResourceArn": arn(resource)}))
        .checked()
        .json();
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap().to_owned();
    answer["Tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| (text(tag, "Key"), text(tag, "Value")))
        .collect()
}

#[test]
fn jobs_belong_to_the_profile_that_made_them() {
    let team = Team::new();
    own_jobs(&team);
    let (alice, bob) = (
        team.studio("d-vision", "alice"),
        team.studio("d-vision", "bob"),
    );
    let _ = team
        .call(&alice, "CreateTrainingJob", &job("a", "Exec"))
        .checked();
    assert_eq!(
        tags(&team, "training-job/a"),
        [
            ("sagemaker:domain-arn".to_owned(), arn("domain/d-vision")),
            (TAG.to_owned(), arn("user-profile/d-vision/alice")),
        ]
    );
    let name = json!({"TrainingJobName": "a"});
    let shown = team
        .call(&alice, "DescribeTrainingJob", &name)
        .checked()
        .json();
    assert_eq!(shown["TrainingJobStatus"], "InProgress");
    assert_eq!(shown["SecondaryStatus"], "Pending", "nothing was started");
    for operation in [
        "DescribeTrainingJob",
        "StopTrainingJob",
        "UpdateTrainingJob",
    ] {
        let (code, message) = team.call(&bob, operation, &name).error();
        assert_eq!(code, "AccessDeniedException");
        assert_eq!(
            message,
            format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/Exec/SageMaker is not authorized to \
                 perform: sagemaker:{operation} on resource: {} because no identity-based policy \
                 allows the sagemaker:{operation} action",
                arn("training-job/a")
            )
        );
    }
    // A job that is not there looks the same to those who may not see it.
    let nothing = team.call(
        &bob,
        "DescribeTrainingJob",
        &json!({"TrainingJobName": "none"}),
    );
    assert_eq!(nothing.error().0, "AccessDeniedException");
    let _ = team.call(&alice, "StopTrainingJob", &name).checked();
}

#[test]
fn nobody_creates_in_the_name_of_another() {
    let team = Team::new();
    own_jobs(&team);
    let alice = team.studio("d-vision", "alice");
    let with_tag = |key: &str, profile: &str| {
        let value = arn(&format!("user-profile/d-vision/{profile}"));
        let tags = json!({"Tags": [{"Key": key, "Value": value}]});
        team.call(&alice, "CreateTrainingJob", &with(job("a", "Exec"), tags))
    };
    for key in [TAG, "SageMaker:User-Profile-Arn"] {
        let (code, message) = with_tag(key, "bob").error();
        assert_eq!(code, "AccessDeniedException", "{key}");
        assert!(message.contains("sagemaker:CreateTrainingJob"), "{message}");
    }
    let none = json!({"TrainingJobName": "a"});
    assert_eq!(
        team.root("DescribeTrainingJob", &none).error().0,
        "ValidationException"
    );
    let _ = with_tag(TAG, "alice").checked();
    assert_eq!(tags(&team, "training-job/a").len(), 2);
}

#[test]
fn two_keys_that_differ_in_case_only_are_refused() {
    let team = Team::new();
    let tags =
        json!({"Tags": [{"Key": TAG, "Value": "a"}, {"Key": TAG.to_uppercase(), "Value": "b"}]});
    let answer = team.root("CreateTrainingJob", &with(job("a", "Exec"), tags));
    assert_eq!(answer.error().0, "ValidationException");
}

#[test]
fn tagging_while_creating_is_no_tagging_afterwards() {
    let team = Team::new();
    own_jobs(&team);
    let alice = team.studio("d-vision", "alice");
    let _ = team
        .call(&alice, "CreateTrainingJob", &job("a", "Exec"))
        .checked();
    let tag = json!({"ResourceArn": arn("training-job/a"), "Tags": [{"Key": "k", "Value": "v"}]});
    let (_, message) = team.call(&alice, "AddTags", &tag).error();
    assert!(
        message.contains("sagemaker:AddTags on resource"),
        "{message}"
    );
    team.allow(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:AddTags", "Resource": "*",
         "Condition": {"Null": {"sagemaker:TaggingAction": "false"}}}]));
    let (_, message) = team
        .call(&alice, "CreateTrainingJob", &job("b", "Exec"))
        .error();
    assert!(
        message.contains("sagemaker:AddTags on resource"),
        "{message}"
    );
    let _ = team.call(&alice, "AddTags", &tag).checked();
}

#[test]
fn outside_studio_there_are_no_automatic_tags() {
    let team = Team::new();
    let _ = team.root("CreateTrainingJob", &job("a", "Exec")).checked();
    assert_eq!(tags(&team, "training-job/a"), []);
    let plain = team.world.user("plain");
    let _ = team.world.role("Plain", &account_trust(), &all());
    let session = team
        .world
        .assume(&plain_may(&team.world, &plain), &role("Plain"), &[]);
    let session = session.checked().credentials();
    let _ = team
        .call(&session, "CreateTrainingJob", &job("b", "Exec"))
        .checked();
    assert_eq!(tags(&team, "training-job/b"), []);
}

fn account_trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]})
}

fn all() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
}

fn plain_may(world: &World, plain: &Credentials) -> Credentials {
    world.put_policy("User", "plain", &all());
    plain.clone()
}

#[test]
fn the_role_must_be_passed_on() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    for (resource, service) in [
        (role("Other"), "sagemaker.amazonaws.com"),
        (role("*"), "glue.amazonaws.com"),
    ] {
        team.allow(
            &json!([{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource,
             "Condition": {"StringEquals": {"iam:PassedToService": service}}}]),
        );
        let (code, message) = team
            .call(&alice, "CreateTrainingJob", &job("a", "Exec"))
            .error();
        assert_eq!(code, "AccessDeniedException");
        let asked = format!("perform: iam:PassRole on resource: {}", role("Exec"));
        assert!(message.contains(&asked), "{message}");
    }
}

#[test]
fn a_role_can_be_passed_on_for_certain_jobs_only() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    team.allow(
        &json!([{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
         "Condition": {"ArnLike": {"iam:AssociatedResourceArn": arn("training-job/mine-*")}}}]),
    );
    let make = |name: &str| team.call(&alice, "CreateTrainingJob", &job(name, "Exec"));
    let _ = make("mine-1").checked();
    assert!(make("other").error().1.contains("iam:PassRole"));
}

#[test]
fn what_sagemaker_cannot_assume_creates_nothing() {
    let team = Team::new();
    let refused = |name: &str| {
        let (code, message) = team.root("CreateTrainingJob", &job("a", name)).error();
        assert_eq!(code, "ValidationException");
        assert_eq!(
            message,
            format!(
                "Could not assume role {}. Please ensure that the role exists and allows principal \
                 'sagemaker.amazonaws.com' to assume the role.",
                role(name)
            )
        );
        let none = team.root("DescribeTrainingJob", &json!({"TrainingJobName": "a"}));
        let text = "Requested resource not found.".to_owned();
        assert_eq!(none.error(), ("ValidationException".to_owned(), text));
    };
    refused("Missing");
    let other = trust(&["sts:AssumeRole"], &arn("training-job/b"));
    let _ = team.world.role("Narrow", &other, &Value::Null);
    refused("Narrow");
    let event = team.assumed();
    assert_eq!(event.error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(
        event.request_parameters.unwrap()["roleArn"],
        json!(role("Narrow"))
    );
}

/// Creates a resource of the kind with a role.
fn create(team: &Team, who: &Credentials, kind: &str, name: &str, role_name: &str) -> bool {
    let input = match kind {
        "TrainingJob" => job(name, role_name),
        "ProcessingJob" => json!({
            "ProcessingJobName": name,
            "RoleArn": role(role_name),
            "AppSpecification": {"ImageUri": "image"},
            "ProcessingResources": {"ClusterConfig":
                {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}}
        }),
        _ => json!({"ModelName": name, "ExecutionRoleArn": role(role_name),
            "PrimaryContainer": {"Image": "image"}}),
    };
    team.call(who, &format!("Create{kind}"), &input).status == 200
}

#[test]
fn each_feature_sends_its_own_source_arn() {
    // Pattern of the trust policy, and which of the features may use such a role.
    for (source, training, processing, model) in [
        ("*", true, true, true),
        ("training-job/*", true, false, false),
        ("training-job/x", true, false, false),
        ("training-job/y", false, false, false),
        ("processing-job/*", false, true, false),
        ("model/*", false, false, false),
        ("${*}", false, false, true),
    ] {
        let team = Team::new();
        let root = team.world.root();
        let _ = team
            .world
            .role("R", &trust(&["sts:AssumeRole"], &arn(source)), &Value::Null);
        let made = ["TrainingJob", "ProcessingJob", "Model"]
            .map(|kind| create(&team, root, kind, "x", "R"));
        assert_eq!(made, [training, processing, model], "{source}");
    }
    let team = Team::new();
    let elsewhere = "arn:aws:sagemaker:us-west-2:123456789012:*";
    let _ = team
        .world
        .role("R", &trust(&["sts:AssumeRole"], elsewhere), &Value::Null);
    assert!(!create(&team, team.world.root(), "TrainingJob", "x", "R"));
}

#[test]
fn jobs_inherit_the_name_and_models_do_not() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    for (kind, name) in [
        ("TrainingJob", Some("alice")),
        ("ProcessingJob", Some("alice")),
        ("Model", None),
    ] {
        assert!(create(&team, &alice, kind, "x", "Exec"));
        let parameters = team.assumed().request_parameters.unwrap();
        assert_eq!(
            parameters.get("sourceIdentity").and_then(Value::as_str),
            name,
            "{kind}"
        );
    }
    let _ = team.world.role(
        "Nameless",
        &trust(&["sts:AssumeRole"], &arn("*")),
        &Value::Null,
    );
    assert!(!create(&team, &alice, "TrainingJob", "y", "Nameless"));
    assert!(create(
        &team,
        team.world.root(),
        "TrainingJob",
        "y",
        "Nameless"
    ));
}

#[test]
fn session_tags_go_with_a_training_job_that_asks_for_them() {
    let team = Team::new();
    let plain = team.world.user("plain");
    let plain = plain_may(&team.world, &plain);
    let _ = team.world.role("Tagged", &account_trust(), &all());
    let tags = [
        ("Tags.member.1.Key", "tenant"),
        ("Tags.member.1.Value", "a"),
    ];
    let tenant = team
        .world
        .assume(&plain, &role("Tagged"), &tags)
        .checked()
        .credentials();
    let with_tag = |name: &str| {
        let tags =
            json!({"Tags": [{"Key": "sagemaker:EnableSessionTagChaining", "Value": "true"}]});
        team.call(&tenant, "CreateTrainingJob", &with(job(name, "Exec"), tags))
    };
    assert_eq!(
        with_tag("a").error().0,
        "ValidationException",
        "the role admits no tags"
    );
    let both = ["sts:AssumeRole", "sts:TagSession"];
    team.set_trust("Exec", &trust(&both, &arn("training-job/*")));
    let _ = with_tag("a").checked();
    let parameters = team.assumed().request_parameters.unwrap();
    assert_eq!(parameters["tags"], json!([{"key": "tenant", "value": "a"}]));
    let _ = team
        .call(&tenant, "CreateTrainingJob", &job("b", "Exec"))
        .checked();
    assert_eq!(team.assumed().request_parameters.unwrap().get("tags"), None);
}

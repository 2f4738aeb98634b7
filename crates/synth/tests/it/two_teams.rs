//! The use cases of two teams: own allowed, another's denied.

use crate::{Session, Tenancy};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

fn tenancy() -> Tenancy {
    Tenancy::example("two-teams.toml")
}

fn vision<'t>(tenancy: &'t Tenancy, profile: &str) -> Session<'t> {
    Session::studio(tenancy, (ACCOUNT, "VisionExecution"), "d-vision", profile)
}

fn speech<'t>(tenancy: &'t Tenancy, profile: &str) -> Session<'t> {
    Session::studio(tenancy, (ACCOUNT, "SpeechExecution"), "d-speech", profile)
}

fn arn(resource: &str) -> String {
    format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:{resource}")
}

fn object(key: &str) -> String {
    format!("arn:aws:s3:::ml-platform-data/{key}")
}

fn secret(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf")
}

#[test]
fn one_reaches_own_objects_and_no_neighbours() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    for action in [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
    ] {
        assert!(
            bob.may(action, &object("vision/users/bob/notes.txt")),
            "{action}"
        );
        for key in [
            "vision/users/alice/notes.txt",
            "vision/users/bobb/notes.txt",
            "vision/users/bo/notes.txt",
            "vision/users/bob",
            "vision/users/Bob/notes.txt",
            "vision/users/",
            "speech/users/bob/notes.txt",
            "bob/notes.txt",
        ] {
            assert!(!bob.may(action, &object(key)), "{action} {key}");
            assert!(
                !bob.may_with_every_permission(action, &object(key)),
                "{action} {key}"
            );
        }
    }
    assert!(!speech(&tenancy, "bob").may("s3:GetObject", &object("vision/users/bob/a")));
    // A job has the name, and that is what the prefix goes by.
    let job = Session::job(&tenancy, (ACCOUNT, "VisionExecution"), "bob");
    assert!(job.may("s3:GetObject", &object("vision/users/bob/a")));
    assert!(!job.may("s3:GetObject", &object("vision/users/alice/a")));
}

#[test]
fn without_a_name_nothing_goes() {
    let tenancy = tenancy();
    let nameless = vision(&tenancy, "bob").without("aws:SourceIdentity");
    for (action, resource) in [
        ("s3:GetObject", object("vision/users/bob/a")),
        ("s3:GetObject", object("shared/README.txt")),
        ("s3:GetObject", object("vision/users//a")),
        (
            "secretsmanager:GetSecretValue",
            secret("vision/users/bob/token"),
        ),
        ("sagemaker:ListTrainingJobs", "*".to_owned()),
        (
            "sagemaker:CreatePresignedDomainUrl",
            arn("user-profile/d-vision/bob"),
        ),
        (
            "iam:PassRole",
            format!("arn:aws:iam::{ACCOUNT}:role/VisionExecution"),
        ),
    ] {
        assert!(!nameless.may(action, &resource), "{action} {resource}");
    }
    let job = nameless
        .clone()
        .tagging(REGION, "d-vision", "bob")
        .on(REGION, "d-vision", "bob");
    for action in [
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeTrainingJob",
    ] {
        assert!(!job.may(action, &arn("training-job/a")), "{action}");
    }
    let everything = Session::bare(&tenancy, ACCOUNT, "VisionExecution");
    assert!(!everything.may_with_every_permission("s3:GetObject", &object("shared/README.txt")));
    assert!(
        !everything.may_with_every_permission("s3:ListBucket", "arn:aws:s3:::ml-platform-data")
    );
}

#[test]
fn listing_shows_what_is_below_own_folder() {
    let tenancy = tenancy();
    let bucket = "arn:aws:s3:::ml-platform-data";
    let bob = vision(&tenancy, "bob");
    for prefix in [
        "vision/users/bob/",
        "vision/users/bob/deep/",
        "shared/",
        "shared/a",
    ] {
        assert!(
            bob.clone()
                .set("s3:prefix", prefix)
                .may("s3:ListBucket", bucket),
            "{prefix}"
        );
    }
    // `vision/users/bob` would show what bobby has.
    for prefix in [
        "",
        "vision/",
        "vision/users/",
        "vision/users/bob",
        "vision/users/alice/",
        "shared",
    ] {
        let listing = bob.clone().set("s3:prefix", prefix);
        assert!(!listing.may("s3:ListBucket", bucket), "{prefix}");
        assert!(
            !listing.may_with_every_permission("s3:ListBucketVersions", bucket),
            "{prefix}"
        );
    }
    assert!(!bob.may("s3:ListBucket", bucket));
    assert!(!bob.may_with_every_permission("s3:ListBucket", bucket));
}

#[test]
fn what_is_shared_is_read_and_not_changed() {
    let tenancy = tenancy();
    for session in [vision(&tenancy, "bob"), speech(&tenancy, "carol")] {
        assert!(session.may("s3:GetObject", &object("shared/README.txt")));
        assert!(!session.may("s3:PutObject", &object("shared/README.txt")));
        assert!(!session.may("s3:GetObject", &object("sharedby/README.txt")));
    }
}

#[test]
fn one_reaches_own_secrets() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    for action in [
        "GetSecretValue",
        "PutSecretValue",
        "CreateSecret",
        "DeleteSecret",
    ] {
        let action = format!("secretsmanager:{action}");
        assert!(bob.may(&action, &secret("vision/users/bob/token")));
        for name in [
            "vision/users/alice/token",
            "vision/users/bobb/token",
            "vision/users/bob",
            "speech/users/bob/x",
        ] {
            assert!(!bob.may(&action, &secret(name)), "{action} {name}");
        }
    }
    let own = secret("vision/users/bob/token");
    assert!(bob.may_with_every_permission("secretsmanager:GetSecretValue", &own));
    let others = [
        vision(&tenancy, "alice"),
        vision(&tenancy, "bobb"),
        vision(&tenancy, "bob").without("aws:SourceIdentity"),
        speech(&tenancy, "bob"),
        Session::bare(&tenancy, ACCOUNT, "vision-service"),
    ];
    for other in others {
        assert!(!other.may_with_every_permission("secretsmanager:GetSecretValue", &own));
    }
    assert!(!bob.may("secretsmanager:PutResourcePolicy", &own));
    assert!(!bob.may("secretsmanager:ListSecrets", "*"));
}

#[test]
fn jobs_are_made_in_own_name_only() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    let own = bob.clone().tagging(REGION, "d-vision", "bob");
    for (action, resource) in [
        ("sagemaker:CreateTrainingJob", "training-job/a"),
        (
            "sagemaker:CreateHyperParameterTuningJob",
            "hyper-parameter-tuning-job/a",
        ),
        ("sagemaker:CreateProcessingJob", "processing-job/a"),
        ("sagemaker:CreateModel", "model/bob--a"),
        ("sagemaker:CreateEndpoint", "endpoint/a"),
    ] {
        assert!(own.may(action, &arn(resource)), "{action}");
        assert!(!bob.may(action, &arn(resource)), "{action} without tags");
        for (domain, profile) in [
            ("d-vision", "alice"),
            ("d-vision", "bobb"),
            ("d-speech", "bob"),
            ("d-vision", "*"),
        ] {
            let spoofed = bob.clone().tagging(REGION, domain, profile);
            assert!(
                !spoofed.may(action, &arn(resource)),
                "{action} as {domain}/{profile}"
            );
        }
        let half = own.clone().without("aws:RequestTag/sagemaker:domain-arn");
        assert!(
            !half.may(action, &arn(resource)),
            "{action} without the domain"
        );
        let outside = own
            .clone()
            .without("sagemaker:UserProfileName")
            .without("sagemaker:DomainId");
        assert!(
            !outside.may(action, &arn(resource)),
            "{action} outside Studio"
        );
        let shared_space = own.clone().without("sagemaker:UserProfileName");
        assert!(
            !shared_space.may(action, &arn(resource)),
            "{action} in a shared space"
        );
        let stranger = own
            .clone()
            .set("sagemaker:DomainId", "d-other")
            .tagging(REGION, "d-other", "bob");
        assert!(
            !stranger.may(action, &arn(resource)),
            "{action} from another domain"
        );
    }
}

#[test]
fn tags_come_with_creation_and_stay() {
    let tenancy = tenancy();
    let job = arn("training-job/a");
    let bob = vision(&tenancy, "bob").on(REGION, "d-vision", "bob");
    let keys = ["sagemaker:user-profile-arn", "sagemaker:domain-arn"];
    let tagging = bob
        .clone()
        .tagging(REGION, "d-vision", "bob")
        .list("aws:TagKeys", &keys);
    let creating = tagging
        .clone()
        .set("sagemaker:TaggingAction", "CreateTrainingJob");
    assert!(creating.may("sagemaker:AddTags", &job));
    assert!(!tagging.may("sagemaker:AddTags", &job));
    let otherwise = tagging.set("sagemaker:TaggingAction", "CreateDomain");
    assert!(!otherwise.may("sagemaker:AddTags", &job));
    let spoofed = bob
        .clone()
        .tagging(REGION, "d-vision", "alice")
        .set("sagemaker:TaggingAction", "CreateTrainingJob");
    assert!(!spoofed.may("sagemaker:AddTags", &job));
    for keys in [&keys[..], &["color"], &["color", "sagemaker:space-arn"]] {
        let rewriting = bob.clone().list("aws:TagKeys", keys);
        assert!(!rewriting.may("sagemaker:AddTags", &job), "{keys:?}");
        assert!(!rewriting.may("sagemaker:DeleteTags", &job), "{keys:?}");
    }
}

#[test]
fn jobs_are_their_owners() {
    let tenancy = tenancy();
    for (action, resource) in [
        ("sagemaker:DescribeTrainingJob", "training-job/a"),
        ("sagemaker:StopTrainingJob", "training-job/a"),
        ("sagemaker:UpdateTrainingJob", "training-job/a"),
        ("sagemaker:StopProcessingJob", "processing-job/a"),
        ("sagemaker:DeleteModel", "model/bob--a"),
        ("sagemaker:InvokeEndpoint", "endpoint/a"),
        ("sagemaker:DeleteEndpoint", "endpoint/a"),
        ("sagemaker:StopTransformJob", "transform-job/a"),
        ("sagemaker:ListTags", "training-job/a"),
    ] {
        let bob = vision(&tenancy, "bob");
        let resource = arn(resource);
        assert!(
            bob.clone()
                .on(REGION, "d-vision", "bob")
                .may(action, &resource),
            "{action}"
        );
        assert!(!bob.may(action, &resource), "{action} of nobody");
        for (domain, owner) in [
            ("d-vision", "alice"),
            ("d-vision", "bobb"),
            ("d-speech", "bob"),
        ] {
            let other = bob.clone().on(REGION, domain, owner);
            assert!(
                !other.may(action, &resource),
                "{action} of {domain}/{owner}"
            );
        }
        let job = Session::job(&tenancy, (ACCOUNT, "VisionExecution"), "bob");
        assert!(
            !job.on(REGION, "d-vision", "bob").may(action, &resource),
            "{action} in a job"
        );
    }
}

#[test]
fn what_is_served_and_transformed_is_ones_own_model() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob").tagging(REGION, "d-vision", "bob");
    assert!(!bob.may("sagemaker:CreateModel", &arn("model/a")));
    assert!(!bob.may("sagemaker:CreateModel", &arn("model/bobb--a")));
    assert!(!bob.may("sagemaker:CreateModel", &arn("model/bob-a")));
    for (action, resource) in [
        ("sagemaker:CreateEndpointConfig", "endpoint-config/a"),
        ("sagemaker:CreateTransformJob", "transform-job/a"),
    ] {
        let with = |model: &str| bob.clone().set("sagemaker:ModelArn", &arn(model));
        assert!(with("model/bob--a").may(action, &arn(resource)), "{action}");
        assert!(!bob.may(action, &arn(resource)), "{action} of no model");
        for model in [
            "model/alice--a",
            "model/bobb--a",
            "model/bob-x--a",
            "model/a",
        ] {
            assert!(
                !with(model).may(action, &arn(resource)),
                "{action} of {model}"
            );
        }
    }
    let config = arn("endpoint-config/a");
    assert!(
        bob.clone()
            .on(REGION, "d-vision", "bob")
            .may("sagemaker:CreateEndpoint", &config)
    );
    assert!(
        !bob.clone()
            .on(REGION, "d-vision", "alice")
            .may("sagemaker:CreateEndpoint", &config)
    );
    assert!(!bob.may("sagemaker:UpdateEndpoint", &config));
}

#[test]
fn jobs_see_own_directories_whole() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob").tagging(REGION, "d-vision", "bob");
    let mount = |id: &str, mode: &str, kind: &str, path: &str| {
        bob.clone()
            .set("sagemaker:FileSystemId", id)
            .set("sagemaker:FileSystemAccessMode", mode)
            .set("sagemaker:FileSystemType", kind)
            .set("sagemaker:FileSystemDirectoryPath", path)
            .may("sagemaker:CreateTrainingJob", &arn("training-job/a"))
    };
    let id = "fs-0123456789abcdef0";
    assert!(mount(id, "rw", "FSxLustre", "/fsx/vision/users/bob"));
    assert!(mount(id, "ro", "FSxLustre", "/fsx/vision/users/bob"));
    for path in [
        "/fsx/vision/users/alice",
        "/fsx/vision/users/bobb",
        "/fsx/vision/users/bob/../alice",
        "/fsx/vision/users/bob/",
        "/fsx/vision/users",
        "/",
    ] {
        assert!(!mount(id, "rw", "FSxLustre", path), "{path}");
    }
    assert!(!mount(
        "fs-00000000",
        "rw",
        "FSxLustre",
        "/fsx/vision/users/bob"
    ));
    assert!(!mount(id, "rw", "EFS", "/fsx/vision/users/bob"));
    let half = bob.clone().set("sagemaker:FileSystemId", id);
    assert!(!half.may("sagemaker:CreateTrainingJob", &arn("training-job/a")));
    let path = "/fsx/vision/users/alice";
    let other_half = bob.clone().set("sagemaker:FileSystemDirectoryPath", path);
    assert!(!other_half.may("sagemaker:CreateTrainingJob", &arn("training-job/a")));
    // Speech has no file system.
    let carol = speech(&tenancy, "carol")
        .tagging(REGION, "d-speech", "carol")
        .set("sagemaker:FileSystemId", id);
    assert!(!carol.may("sagemaker:CreateTrainingJob", &arn("training-job/a")));
}

#[test]
fn studio_is_ones_own() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    let open = "sagemaker:CreatePresignedDomainUrl";
    assert!(bob.may(open, &arn("user-profile/d-vision/bob")));
    for profile in ["d-vision/alice", "d-vision/bobb", "d-speech/bob"] {
        assert!(
            !bob.may(open, &arn(&format!("user-profile/{profile}"))),
            "{profile}"
        );
    }
    let owner = arn("user-profile/d-vision/bob");
    let space = |owner: &str, sharing: &str, arn: &str| {
        bob.clone()
            .set("sagemaker:OwnerUserProfileArn", owner)
            .set("sagemaker:SpaceSharingType", sharing)
            .may("sagemaker:CreateSpace", arn)
    };
    assert!(space(&owner, "Private", &arn("space/d-vision/lab")));
    assert!(!space(&owner, "Shared", &arn("space/d-vision/lab")));
    assert!(!space(
        &arn("user-profile/d-vision/alice"),
        "Private",
        &arn("space/d-vision/lab")
    ));
    assert!(!space(&owner, "Private", &arn("space/d-speech/lab")));
    for action in [
        "UpdateDomain",
        "UpdateUserProfile",
        "CreateUserProfile",
        "DeleteDomain",
    ] {
        assert!(
            !bob.may(&format!("sagemaker:{action}"), &arn("domain/d-vision")),
            "{action}"
        );
    }
}

#[test]
fn a_search_must_be_for_ones_own() {
    let tenancy = tenancy();
    let key = "sagemaker:SearchVisibilityCondition/Tags.sagemaker:user-profile-arn";
    let bob = vision(&tenancy, "bob");
    let search = |who: &str| bob.clone().set(key, &arn(who)).may("sagemaker:Search", "*");
    assert!(search("user-profile/d-vision/bob"));
    assert!(!search("user-profile/d-vision/alice"));
    assert!(!bob.may("sagemaker:Search", "*"));
}

#[test]
fn listings_are_opened_by_choice() {
    let tenancy = tenancy();
    assert!(vision(&tenancy, "bob").may("sagemaker:ListTrainingJobs", "*"));
    assert!(!vision(&tenancy, "bob").may("sagemaker:ListPipelines", "*"));
    assert!(!speech(&tenancy, "carol").may("sagemaker:ListTrainingJobs", "*"));
}

#[test]
fn only_the_teams_roles_are_passed_and_only_to_sagemaker() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let to = |service: &str| bob.clone().set("iam:PassedToService", service);
    let sagemaker = to("sagemaker.amazonaws.com");
    assert!(sagemaker.may("iam:PassRole", &role("VisionExecution")));
    assert!(sagemaker.may("iam:PassRole", &role("vision-service")));
    assert!(!sagemaker.may("iam:PassRole", &role("SpeechExecution")));
    assert!(!sagemaker.may("iam:PassRole", &role("VisionExecution2")));
    assert!(!to("ec2.amazonaws.com").may("iam:PassRole", &role("VisionExecution")));
    assert!(!bob.may("iam:PassRole", &role("VisionExecution")));
}

#[test]
fn what_has_no_name_reaches_what_is_shared_and_nothing_private() {
    let tenancy = tenancy();
    let endpoint = Session::bare(&tenancy, ACCOUNT, "vision-service");
    assert!(endpoint.may("s3:GetObject", &object("shared/model.tar.gz")));
    assert!(!endpoint.may("s3:GetObject", &object("vision/users/bob/model.tar.gz")));
    let everything =
        endpoint.may_with_every_permission("s3:GetObject", &object("vision/users/bob/a"));
    assert!(!everything);
    assert!(!endpoint.may("sagemaker:CreateTrainingJob", &arn("training-job/a")));
}

#[test]
fn a_role_that_was_given_too_much_changes_no_bucket() {
    let tenancy = tenancy();
    let bob = vision(&tenancy, "bob");
    let bucket = "arn:aws:s3:::ml-platform-data";
    for action in [
        "PutBucketPolicy",
        "DeleteBucketPolicy",
        "PutBucketAcl",
        "GetBucketPolicy",
        "DeleteBucket",
    ] {
        assert!(
            !bob.may_with_every_permission(&format!("s3:{action}"), bucket),
            "{action}"
        );
    }
    assert!(bob.may_with_every_permission("s3:GetBucketLocation", bucket));
    for action in [
        "PutObjectAcl",
        "GetObjectVersion",
        "RestoreObject",
        "BypassGovernanceRetention",
    ] {
        let other = object("vision/users/alice/a");
        assert!(
            !bob.may_with_every_permission(&format!("s3:{action}"), &other),
            "{action}"
        );
    }
}

/// A team whose requests may leave the ownership tags to SageMaker.
#[test]
fn tags_that_are_left_to_sagemaker_are_left_to_studio() {
    let text = std::fs::read_to_string(crate::folder().join("two-teams.toml")).unwrap();
    let text = text.replace(
        "execution_role = \"VisionExecution\"",
        "execution_role = \"VisionExecution\"\nownership = \"automatic\"",
    );
    let tenancy = Tenancy::of(&crate::read(&text));
    let bob = vision(&tenancy, "bob");
    let create =
        |session: &Session<'_>| session.may("sagemaker:CreateTrainingJob", &arn("training-job/a"));
    assert!(create(&bob));
    assert!(create(&bob.clone().tagging(REGION, "d-vision", "bob")));
    assert!(!create(&bob.clone().tagging(REGION, "d-vision", "alice")));
    assert!(!create(&bob.clone().tagging(REGION, "d-speech", "bob")));
    assert!(!create(&bob.clone().without("sagemaker:UserProfileName")));
    assert!(!create(&bob.clone().without("sagemaker:DomainId")));
    assert!(!create(&Session::job(
        &tenancy,
        (ACCOUNT, "VisionExecution"),
        "bob"
    )));
    assert!(!create(&bob.without("aws:SourceIdentity")));
}

//! What is synthesised for a tenancy is what the platform enforces: the use cases, walked call by call.

use std::path::Path;

use blueprint::Blueprint;
use serde_json::{Value, json};
use services::bootstrap;
use testkit::team::{arn, credentials, job, with};
use testkit::{Answer, Credentials, World, parts};

fn example(name: &str) -> Blueprint {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tenancies");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let read = |path: &Path| std::fs::read(path);
    blueprint::read(name, &text, &read).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The two teams on a platform.
struct Teams {
    world: World,
    people: Vec<(String, Credentials)>,
}

impl Teams {
    fn new() -> Teams {
        let world = World::new();
        let applied = bootstrap::apply(&world.platform, &example("two-teams.toml")).unwrap();
        let people = applied.new_keys.into_iter().map(|made| {
            let key = Credentials {
                access_key_id: made.key.id,
                secret: made.key.secret,
                token: None,
            };
            (made.user, key)
        });
        let people = people.collect();
        Teams { world, people }
    }

    fn person(&self, name: &str) -> &Credentials {
        let found = self.people.iter().find(|(known, _)| known == name);
        &found.unwrap().1
    }

    fn url(&self, who: &Credentials, domain: &str, profile: &str) -> Answer {
        let input = json!({"DomainId": domain, "UserProfileName": profile});
        self.sagemaker(who, "CreatePresignedDomainUrl", &input)
    }

    /// A Studio session, opened by the person of the profile's name.
    fn studio(&self, domain: &str, profile: &str) -> Credentials {
        let url = self
            .url(self.person(profile), domain, profile)
            .checked()
            .json();
        let url = url["AuthorizedUrl"].as_str().unwrap();
        let path = url
            .split_once("/_studio")
            .map(|(_, rest)| format!("/_studio{rest}"));
        let answer = self
            .world
            .send(parts("GET", &path.unwrap(), &[]), Vec::new().into());
        credentials(&answer.checked().json())
    }

    fn sagemaker(&self, who: &Credentials, operation: &str, input: &Value) -> Answer {
        self.world.json(who, "sagemaker", operation, input)
    }

    fn s3(&self, who: &Credentials, method: &str, path: &str) -> Answer {
        let path = format!("/ml-platform-data{path}");
        self.world
            .http(who, "s3", method, &path, &[], "text".into())
    }

    fn secret(&self, who: &Credentials, name: &str) -> Answer {
        let input = json!({"SecretId": name});
        self.world
            .json(who, "secretsmanager", "GetSecretValue", &input)
    }
}

pub(crate) fn is_refused(answer: &Answer) -> bool {
    let (code, _) = answer.error();
    code == "AccessDenied" || code == "AccessDeniedException"
}

#[test]
fn every_example_of_this_partition_is_applied_once() {
    for name in [
        "two-teams",
        "three-hundred",
        "feature-store",
        "emr",
        "organization",
    ] {
        let world = World::new();
        let blueprint = example(&format!("{name}.toml"));
        let applied = bootstrap::apply(&world.platform, &blueprint);
        let applied = applied.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(applied.changes > 5, "{name}");
        let again = bootstrap::apply(&world.platform, &blueprint).unwrap();
        assert_eq!(again.changes, 0, "{name}");
    }
}

/// Two teams whose account is bound from above.
#[test]
fn guard_rails_bind_whoever_is_no_administrator() {
    let world = World::new();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tenancies/two-teams.toml"),
    );
    let everything = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    let trust = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/admin"}, "Action": "sts:AssumeRole"}]}"#;
    let more = format!(
        "[organization]\nid = \"o-a1b2c3d4e5\"\nmanagement_account = \"999999999999\"\n[guard_rails]\n\
         wanted = [\"deputies\", \"domain_settings\", \"ownership_tags\", \"execution_roles\"]\n\
         administrators = [\"PlatformAdmin\"]\n\
         [[user]]\nname = \"admin\"\npolicies = [{{ name = \"all\", document = '{everything}' }}]\n\
         [[role]]\nname = \"PlatformAdmin\"\ntrust = '{trust}'\npolicies = [{{ name = \"all\", document = '{everything}' }}]\n"
    );
    let text = format!("{}\n{more}", text.unwrap());
    let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let blueprint = blueprint::read("test.toml", &text, &none).unwrap_or_else(|e| panic!("{e}"));
    let applied = bootstrap::apply(&world.platform, &blueprint).unwrap();
    let admin = applied
        .new_keys
        .iter()
        .find(|made| made.user == "admin")
        .unwrap();
    let admin = Credentials {
        access_key_id: admin.key.id.clone(),
        secret: admin.key.secret.clone(),
        token: None,
    };
    let settings = json!({"ExecutionRoleIdentityConfig": "DISABLED"});
    let input = json!({"DomainId": "d-vision", "DomainSettingsForUpdate": settings});
    let update = |who: &Credentials| world.json(who, "sagemaker", "UpdateDomain", &input);
    assert!(is_refused(&update(&admin)));
    let trust = [
        ("RoleName", "VisionExecution"),
        ("PolicyName", "x"),
        ("PolicyDocument", everything),
    ];
    assert!(is_refused(&world.query(
        &admin,
        "iam",
        "PutRolePolicy",
        &trust
    )));
    let _ = world.query(&admin, "iam", "ListUsers", &[]).checked();
    let role = "arn:aws:iam::123456789012:role/PlatformAdmin";
    let platform_admin = world.assume(&admin, role, &[]).checked().credentials();
    let _ = update(&platform_admin).checked();
    let again = bootstrap::apply(&world.platform, &blueprint).unwrap();
    assert!(
        again.changes > 0,
        "the domain is again what the blueprint says"
    );
    assert_eq!(
        bootstrap::apply(&world.platform, &blueprint)
            .unwrap()
            .changes,
        0
    );
    // Without a management account it would not be known whom the policies leave alone.
    let headless = text.replace("management_account = \"999999999999\"\n", "");
    let blueprint =
        blueprint::read("test.toml", &headless, &none).unwrap_or_else(|e| panic!("{e}"));
    let refused = bootstrap::apply(&World::new().platform, &blueprint).unwrap_err();
    assert!(
        refused.to_string().contains("management_account"),
        "{refused}"
    );
}

#[test]
fn people_open_their_own_studio() {
    let teams = Teams::new();
    let _ = teams.studio("d-vision", "alice");
    assert!(is_refused(&teams.url(
        teams.person("alice"),
        "d-vision",
        "bob"
    )));
    assert!(is_refused(&teams.url(
        teams.person("alice"),
        "d-speech",
        "carol"
    )));
}

#[test]
fn everybody_reaches_own_objects() {
    let teams = Teams::new();
    let (alice, carol) = (
        teams.studio("d-vision", "alice"),
        teams.studio("d-speech", "carol"),
    );
    let _ = teams
        .s3(&alice, "GET", "/vision/users/alice/notes.txt")
        .checked();
    let _ = teams
        .s3(&alice, "PUT", "/vision/users/alice/new.txt")
        .checked();
    let _ = teams
        .s3(&alice, "DELETE", "/vision/users/alice/new.txt")
        .checked();
    let _ = teams
        .s3(&alice, "GET", "?list-type=2&prefix=vision/users/alice/")
        .checked();
    let _ = teams.s3(&carol, "GET", "/shared/README.txt").checked();
    for (method, path) in [
        ("GET", "/vision/users/bob/notes.txt"),
        ("PUT", "/vision/users/bob/notes.txt"),
        ("DELETE", "/vision/users/bob/notes.txt"),
        ("PUT", "/vision/users/alicex/notes.txt"),
        ("PUT", "/shared/README.txt"),
        ("GET", "/speech/users/carol/notes.txt"),
        ("GET", "?list-type=2&prefix=vision/users/alice"),
        ("GET", "?list-type=2&prefix=vision/users/bob/"),
        ("GET", "?list-type=2"),
        ("GET", "?versions&prefix=vision/users/bob/"),
        ("GET", "?uploads"),
        ("DELETE", "?policy"),
    ] {
        assert!(
            is_refused(&teams.s3(&alice, method, path)),
            "{method} {path}"
        );
    }
    let copied = teams.world.http(
        &alice,
        "s3",
        "PUT",
        "/ml-platform-data/vision/users/alice/stolen.txt",
        &[(
            "x-amz-copy-source",
            "ml-platform-data/vision/users/bob/notes.txt",
        )],
        Vec::new().into(),
    );
    assert!(is_refused(&copied));
    assert!(is_refused(&teams.s3(
        teams.world.other_root(),
        "GET",
        "/vision/users/bob/notes.txt"
    )));
}

/// The bucket's key is used in the name of who asks, and its policy says for whom.
#[test]
fn objects_are_encrypted_with_the_buckets_key() {
    let teams = Teams::new();
    let alice = teams.studio("d-vision", "alice");
    let put = teams
        .s3(&alice, "PUT", "/vision/users/alice/sealed.txt")
        .checked();
    let how = put.headers.get("x-amz-server-side-encryption");
    assert_eq!(how.and_then(|it| it.to_str().ok()), Some("aws:kms"));
    let _ = teams
        .s3(&alice, "GET", "/vision/users/alice/sealed.txt")
        .checked();
    let alias = json!({"KeyId": "alias/ml-platform-data", "KeySpec": "AES_256"});
    let root = teams.world.root();
    let made = teams
        .world
        .json(root, "kms", "GenerateDataKey", &alias)
        .checked()
        .json();
    let blob = json!({"CiphertextBlob": made["CiphertextBlob"]});
    // Not outside of S3.
    assert!(is_refused(
        &teams.world.json(&alice, "kms", "Decrypt", &blob)
    ));
}

#[test]
fn everybody_reaches_own_secrets() {
    let teams = Teams::new();
    let alice = teams.studio("d-vision", "alice");
    let own = teams
        .secret(&alice, "vision/users/alice/token")
        .checked()
        .json();
    assert_eq!(own["SecretString"], "alice-token");
    assert!(is_refused(&teams.secret(&alice, "vision/users/bob/token")));
    let make = |name: &str| {
        let input = json!({"Name": name, "SecretString": "x", "ClientRequestToken": "0123456789012345678901234567890123"});
        teams
            .world
            .json(&alice, "secretsmanager", "CreateSecret", &input)
    };
    let _ = make("vision/users/alice/another").checked();
    assert!(is_refused(&make("vision/users/bob/another")));
    assert!(is_refused(&make("speech/users/alice/another")));
}

#[test]
fn everybody_has_own_jobs() {
    let teams = Teams::new();
    let (alice, bob) = (
        teams.studio("d-vision", "alice"),
        teams.studio("d-vision", "bob"),
    );
    let create =
        |who: &Credentials, input: &Value| teams.sagemaker(who, "CreateTrainingJob", input);
    let _ = create(&alice, &job("first", "VisionExecution")).checked();
    let name = json!({"TrainingJobName": "first"});
    let _ = teams
        .sagemaker(&alice, "DescribeTrainingJob", &name)
        .checked();
    for operation in [
        "DescribeTrainingJob",
        "StopTrainingJob",
        "DeleteTrainingJob",
    ] {
        assert!(
            is_refused(&teams.sagemaker(&bob, operation, &name)),
            "{operation}"
        );
    }
    let tagged = |key: &str, value: &str| {
        let tags = json!({"Tags": [{"Key": key, "Value": value}]});
        with(job("second", "VisionExecution"), tags)
    };
    let spoofed = tagged(
        "sagemaker:user-profile-arn",
        &arn("user-profile/d-vision/bob"),
    );
    assert!(is_refused(&create(&alice, &spoofed)));
    let spoofed = tagged("sagemaker:domain-arn", &arn("domain/d-speech"));
    assert!(is_refused(&create(&alice, &spoofed)));
    let own = tagged(
        "sagemaker:user-profile-arn",
        &arn("user-profile/d-vision/alice"),
    );
    let _ = create(&alice, &own).checked();
    let add = |who: &Credentials, key: &str| {
        let tags = json!([{"Key": key, "Value": arn("user-profile/d-vision/bob")}]);
        let input = json!({"ResourceArn": arn("training-job/first"), "Tags": tags});
        teams.sagemaker(who, "AddTags", &input)
    };
    for key in ["sagemaker:user-profile-arn", "color"] {
        assert!(is_refused(&add(&alice, key)), "{key}");
        assert!(is_refused(&add(&bob, key)), "{key}");
    }
    let delete = json!({"ResourceArn": arn("training-job/first"), "TagKeys": ["sagemaker:user-profile-arn"]});
    assert!(is_refused(&teams.sagemaker(&alice, "DeleteTags", &delete)));
    assert!(is_refused(&create(
        &alice,
        &job("third", "SpeechExecution")
    )));
    // A job would have a name, and the service role takes none: SageMaker cannot assume it.
    let (code, _) = create(&alice, &job("fourth", "vision-service")).error();
    assert_eq!(code, "ValidationException");
}

#[test]
fn models_are_under_own_names() {
    let teams = Teams::new();
    let alice = teams.studio("d-vision", "alice");
    let create = |name: &str, role: &str| {
        let role = format!("arn:aws:iam::123456789012:role/{role}");
        let input = json!({"ModelName": name, "ExecutionRoleArn": role});
        teams.sagemaker(&alice, "CreateModel", &input)
    };
    let _ = create("alice--cats", "vision-service").checked();
    assert!(is_refused(&create("bob--cats", "vision-service")));
    assert!(is_refused(&create("cats", "vision-service")));
}

#[test]
fn nobody_changes_what_names_are_made_of() {
    let teams = Teams::new();
    let alice = teams.studio("d-vision", "alice");
    let settings = json!({"ExecutionRoleIdentityConfig": "DISABLED"});
    let input = json!({"DomainId": "d-vision", "DomainSettingsForUpdate": settings});
    assert!(is_refused(&teams.sagemaker(&alice, "UpdateDomain", &input)));
    let input = json!({"DomainId": "d-vision", "UserProfileName": "mallory"});
    assert!(is_refused(&teams.sagemaker(
        &alice,
        "CreateUserProfile",
        &input
    )));
    let role = [
        ("RoleName", "VisionExecution"),
        ("PolicyName", "x"),
        ("PolicyDocument", "{}"),
    ];
    assert!(is_refused(&teams.world.query(
        &alice,
        "iam",
        "PutRolePolicy",
        &role
    )));
    let role = [
        ("RoleArn", "arn:aws:iam::123456789012:role/SpeechExecution"),
        ("RoleSessionName", "mallory"),
    ];
    assert!(is_refused(&teams.world.query(
        &alice,
        "sts",
        "AssumeRole",
        &role
    )));
}

//! Opening Studio: whose session it is, under which name, and what the trail says of it (SageMaker Developer Guide).

use serde_json::{Value, json};
use testkit::ACCOUNT;

use testkit::team::{Team, arn, credentials, policy, trust};

#[test]
fn a_session_works_under_the_name_of_its_profile() {
    let team = Team::new();
    let alice = team.studio("d-vision", "alice");
    team.allow(
        &json!([{"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*",
        "Condition": {"StringEquals": {
            "sagemaker:DomainId": "d-vision",
            "sagemaker:UserProfileName": "alice",
            "aws:SourceIdentity": "alice"
        }}}]),
    );
    let _ = team.call(&alice, "ListModels", &json!({})).checked();
    let called = team.world.last_event();
    assert_eq!(called.user_identity.source_identity(), Some("alice"));
    let session = called.user_identity.arn.clone().unwrap();
    assert_eq!(
        session,
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/Exec/SageMaker")
    );
    let bob = team.studio("d-vision", "bob");
    assert_eq!(
        team.call(&bob, "ListModels", &json!({})).error().0,
        "AccessDeniedException"
    );
}

#[test]
fn the_name_is_a_source_identity_only_where_the_domain_says_so() {
    let team = Team::new();
    let _ = team.studio("d-vision", "alice");
    let parameters = team.assumed().request_parameters.unwrap();
    assert_eq!(parameters["sourceIdentity"], "alice");
    assert_eq!(parameters["roleSessionName"], "SageMaker");
    let _ = team.studio("d-speech", "carol");
    assert_eq!(
        team.assumed()
            .request_parameters
            .unwrap()
            .get("sourceIdentity"),
        None
    );

    let change = |value: &str| {
        let input = json!({"DomainId": "d-speech",
            "DomainSettingsForUpdate": {"ExecutionRoleIdentityConfig": value}});
        let _ = team.root("UpdateDomain", &input).checked();
    };
    change("USER_PROFILE_NAME");
    let _ = team.studio("d-speech", "carol");
    assert_eq!(
        team.assumed().request_parameters.unwrap()["sourceIdentity"],
        "carol"
    );
    change("DISABLED");
    let _ = team.studio("d-speech", "carol");
    assert_eq!(
        team.assumed()
            .request_parameters
            .unwrap()
            .get("sourceIdentity"),
        None
    );
}

#[test]
fn the_role_is_assumed_by_sagemaker_and_the_trail_says_so() {
    let team = Team::new();
    let _ = team.studio("d-vision", "alice");
    let event = team.assumed();
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(json["userIdentity"]["type"], "AWSService");
    assert_eq!(json["userIdentity"]["invokedBy"], "sagemaker.amazonaws.com");
    let behalf = json!({"sourceArn": arn("*"), "sourceAccount": ACCOUNT,
        "askedBy": format!("arn:aws:iam::{ACCOUNT}:root")});
    assert_eq!(
        json["additionalEventData"], behalf,
        "who opened Studio for alice"
    );
    let text = json.to_string();
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_url_is_good_once_in_its_time_and_as_it_is() {
    let team = Team::new();
    let url = team.url("d-vision", "alice", &json!({}));
    let _ = team.follow(&url).checked();
    let again = team.follow(&url);
    assert_eq!(
        (again.status, again.error().0.as_str()),
        (403, "InvalidToken")
    );

    let late = team.url("d-vision", "alice", &json!({"ExpiresInSeconds": 5}));
    team.world.clock.advance(jiff::SignedDuration::from_secs(5));
    assert_eq!(team.follow(&late).error().0, "ExpiredToken");
    assert_eq!(
        team.world.last_event().error_code.as_deref(),
        Some("ExpiredToken")
    );

    let mut forged = team.url("d-vision", "alice", &json!({}));
    let last = if forged.ends_with('A') { 'B' } else { 'A' };
    forged.pop();
    forged.push(last);
    assert_eq!(team.follow(&forged).status, 403);
    assert_eq!(team.follow("/_studio/auth").status, 403);
}

#[test]
fn a_url_is_for_the_profile_that_was_there_when_it_was_made() {
    let team = Team::new();
    let url = team.url("d-vision", "alice", &json!({}));
    let profile = json!({"DomainId": "d-vision", "UserProfileName": "alice"});
    let _ = team.root("DeleteUserProfile", &profile).checked();
    assert_eq!(team.follow(&url).error().0, "AccessDeniedException");
    team.world.clock.advance(jiff::SignedDuration::from_secs(1));
    let _ = team.root("CreateUserProfile", &profile).checked();
    assert_eq!(team.follow(&url).error().0, "AccessDeniedException");
    let _ = team.studio("d-vision", "alice");
}

#[test]
fn the_trust_policy_must_name_the_literal_source_arn_of_studio() {
    let both = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    for (source, opens) in [
        (arn("*"), true),
        ("arn:aws:sagemaker:*:123456789012:*".to_owned(), true),
        (arn("${*}"), true),
        (arn("domain/d-vision"), false),
        (arn("user-profile/*"), false),
        (arn("training-job/*"), false),
    ] {
        let team = Team::new();
        team.set_trust("Exec", &trust(&both, &source));
        let answer = team.follow(&team.url("d-vision", "alice", &json!({})));
        assert_eq!(answer.status == 200, opens, "{source}: {}", answer.text());
    }
}

#[test]
fn propagation_demands_that_the_role_admits_a_source_identity() {
    let team = Team::new();
    team.set_trust("Exec", &trust(&["sts:AssumeRole"], &arn("*")));
    let open = |domain: &str, profile: &str| team.follow(&team.url(domain, profile, &json!({})));
    let (code, message) = open("d-vision", "alice").error();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("sts:SetSourceIdentity"), "{message}");
    let _ = open("d-speech", "carol").checked();
}

#[test]
fn a_profile_may_have_a_role_of_its_own() {
    let team = Team::new();
    let own = team
        .world
        .role("Own", &trust(&["sts:*"], &arn("*")), &Value::Null);
    let input = json!({"DomainId": "d-speech", "UserProfileName": "carol",
        "UserSettings": {"ExecutionRole": own}});
    let _ = team.root("UpdateUserProfile", &input).checked();
    let _ = team.studio("d-speech", "carol");
    assert_eq!(
        team.assumed().request_parameters.unwrap()["roleArn"],
        json!(own)
    );
}

#[test]
fn a_session_lasts_as_long_as_asked_and_as_the_role_admits() {
    let team = Team::new();
    let lasts = |more: &Value| {
        let answer = team
            .follow(&team.url("d-vision", "alice", more))
            .checked()
            .json();
        let end: jiff::Timestamp = answer["Expiration"].as_str().unwrap().parse().unwrap();
        end.as_second() - team.world.platform.now().as_second()
    };
    assert_eq!(lasts(&json!({})), 3_600, "the maximum of the role");
    assert_eq!(
        lasts(&json!({"SessionExpirationDurationInSeconds": 1_800})),
        1_800
    );
}

#[test]
fn credentials_suit_the_container_and_the_process_provider() {
    let team = Team::new();
    let url = team.url("d-vision", "alice", &json!({}));
    let answer = team.follow(&url).checked().json();
    assert_eq!(answer["Version"], 1);
    assert_eq!(answer["Token"], answer["SessionToken"]);
    let _ = team
        .world
        .query(&credentials(&answer), "sts", "GetCallerIdentity", &[])
        .checked();
}

#[test]
fn who_may_open_studio_is_decided_on_the_user_profile() {
    let team = Team::new();
    let human = team.world.user("alice");
    let own = arn("user-profile/*/${aws:username}");
    let may = policy(
        &json!([{"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl",
        "Resource": own}]),
    );
    team.world.put_policy("User", "alice", &may);
    let ask = |profile: &str| {
        let input = json!({"DomainId": "d-vision", "UserProfileName": profile});
        team.call(&human, "CreatePresignedDomainUrl", &input)
    };
    let url = ask("alice").checked().json();
    let recorded = team.world.last_event().response_elements.unwrap();
    assert_ne!(
        recorded["authorizedUrl"], url["AuthorizedUrl"],
        "a URL is as good as a password"
    );
    let (code, message) = ask("bob").error();
    assert_eq!(code, "AccessDeniedException");
    assert_eq!(
        message,
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
             sagemaker:CreatePresignedDomainUrl on resource: {} because no identity-based policy \
             allows the sagemaker:CreatePresignedDomainUrl action",
            arn("user-profile/d-vision/bob")
        )
    );
}

#[test]
fn spaces_are_not_built_and_say_so() {
    let team = Team::new();
    let input =
        json!({"DomainId": "d-vision", "UserProfileName": "alice", "SpaceName": "together"});
    let answer = team.root("CreatePresignedDomainUrl", &input);
    assert!(
        answer.error().1.contains("not implemented"),
        "{}",
        answer.text()
    );
}

#[test]
fn a_domain_with_profiles_stays() {
    let team = Team::new();
    let domain = json!({"DomainId": "d-speech"});
    let (code, message) = team.root("DeleteDomain", &domain).error();
    assert_eq!(code, "ResourceInUse");
    assert!(
        message.contains("UserProfile(s) are associated with it"),
        "{message}"
    );
    let profile = json!({"DomainId": "d-speech", "UserProfileName": "carol"});
    let _ = team.root("DeleteUserProfile", &profile).checked();
    let _ = team.root("DeleteDomain", &domain).checked();
    assert_eq!(
        team.root("DescribeDomain", &domain).error().0,
        "ResourceNotFound"
    );
    assert_eq!(
        team.root("CreateUserProfile", &profile).error().0,
        "ResourceNotFound"
    );
}

#[test]
fn a_domain_gets_an_id_and_passes_its_role_on() {
    let team = Team::new();
    let maker = team.world.user("maker");
    let may = |role: &str| {
        policy(&json!([
            {"Effect": "Allow", "Action": "sagemaker:CreateDomain", "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role,
             "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}
        ]))
    };
    let input = json!({"DomainName": "new", "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": testkit::team::role("Exec")}});
    team.world.put_policy(
        "User",
        "maker",
        &may("arn:aws:iam::123456789012:role/Other"),
    );
    let (_, message) = team.call(&maker, "CreateDomain", &input).error();
    assert!(
        message.contains("is not authorized to perform: iam:PassRole"),
        "{message}"
    );
    let iam = json!({"StringEquals": {"sagemaker:AuthMode": "IAM"}});
    let only_sso = policy(&json!([
        {"Effect": "Allow", "Action": ["sagemaker:CreateDomain", "iam:PassRole"], "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:CreateDomain", "Resource": "*", "Condition": iam},
    ]));
    team.world.put_policy("User", "maker", &only_sso);
    assert_eq!(team.call(&maker, "CreateDomain", &input).status, 400);
    team.world.put_policy("User", "maker", &may("*"));
    let made = team.call(&maker, "CreateDomain", &input).checked().json();
    let id = made["DomainId"].as_str().unwrap();
    assert!(id.starts_with("d-") && id.len() == 14, "{id}");
    assert_eq!(made["DomainArn"], json!(arn(&format!("domain/{id}"))));
    let shown = team
        .root("DescribeDomain", &json!({"DomainId": id}))
        .checked()
        .json();
    assert_eq!(
        (&shown["Status"], &shown["DomainName"]),
        (&json!("InService"), &json!("new"))
    );
    assert_eq!(
        shown.get("HomeEfsFileSystemId"),
        None,
        "there is no file system"
    );
}

#[test]
fn a_blueprint_is_applied_once() {
    let team = Team::new();
    assert_eq!(team.apply(), 0);
    let input = json!({"DomainId": "d-vision",
        "DomainSettingsForUpdate": {"ExecutionRoleIdentityConfig": "DISABLED"}});
    let _ = team.root("UpdateDomain", &input).checked();
    assert_eq!(team.apply(), 1, "the domain is as the blueprint says again");
}

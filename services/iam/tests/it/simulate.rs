//! IAM: simulations, context keys and identity providers (IAM API Reference).

use serde_json::{Value, json};
use testkit::documents::{allow, document, trust, user_arn};
use testkit::{ACCOUNT, Answer, World};

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input)
}

fn names(answer: &Answer, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let text = answer.text();
    let inner = |part: &str| part.split(&close).next().map(str::to_owned);
    text.split(&open).skip(1).filter_map(inner).collect()
}

/// The decision on one action, with these further parameters.
fn custom(world: &World, policy: &Value, action: &str, more: &[(&str, &str)]) -> Answer {
    let policy = policy.to_string();
    let mut input = vec![
        ("PolicyInputList.member.1", policy.as_str()),
        ("ActionNames.member.1", action),
    ];
    input.extend_from_slice(more);
    root(world, "SimulateCustomPolicy", &input)
}

fn decision(answer: Answer) -> String {
    answer.checked().xml("EvalDecision")
}

#[test]
fn a_custom_policy_is_decided_by_the_engine() {
    let world = World::new();
    let own = allow(&["s3:GetObject"], "arn:aws:s3:::b/${aws:username}/*");
    let file = [("ResourceArns.member.1", "arn:aws:s3:::b/alice/x")];
    let unnamed = custom(&world, &own, "s3:GetObject", &file).checked();
    assert_eq!(unnamed.xml("EvalDecision"), "implicitDeny");
    assert_eq!(
        names(&unnamed, "MissingContextValues")[1],
        "<member>aws:username</member>"
    );
    let named = [
        file[0],
        ("ContextEntries.member.1.ContextKeyName", "aws:username"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "alice"),
    ];
    let allowed = custom(&world, &own, "s3:GetObject", &named).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert_eq!(allowed.xml("SourcePolicyId"), "PolicyInputList.1");
    assert_eq!(allowed.xml("Line"), "1");
    let by_caller = [
        file[0],
        ("CallerArn", "arn:aws:iam::123456789012:user/alice"),
    ];
    assert_eq!(
        decision(custom(&world, &own, "s3:GetObject", &by_caller)),
        "allowed"
    );
    let wild = custom(&world, &own, "s3:Get*", &file);
    assert_eq!(wild.error().0, "InvalidInput");
    let deny = document(&json!([{"Effect": "Deny", "Action": "*", "Resource": "*"}]));
    assert_eq!(
        decision(custom(&world, &deny, "s3:GetObject", &[])),
        "explicitDeny"
    );
}

#[test]
fn the_policies_of_an_organization_in_the_input_bear_on_a_simulation() {
    let world = World::new();
    let own = allow(&["s3:*"], "*");
    let (all, other) = (
        allow(&["*"], "*").to_string(),
        allow(&["iam:*"], "*").to_string(),
    );
    let deny = json!([{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]);
    let deny = document(&deny).to_string();
    let decide = |levels: &[&[&str]]| {
        let mut names = Vec::new();
        for (level, texts) in (1..).zip(levels) {
            let list = format!("OrderedOrganizationPolicyInputList.member.{level}");
            for (number, text) in (1..).zip(*texts) {
                let name = format!("{list}.ServiceControlPolicyInputList.member.{number}");
                names.push((name, *text));
            }
        }
        let more: Vec<_> = names
            .iter()
            .map(|(name, text)| (name.as_str(), *text))
            .collect();
        custom(&world, &own, "s3:GetObject", &more).checked()
    };
    let allowed = decide(&[&[&all], &[&all, &other]]);
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert_eq!(allowed.xml("AllowedByOrganizations"), "true");
    // Each level must allow it, and a Deny at any decides.
    let without = decide(&[&[&all], &[&other]]);
    assert_eq!(without.xml("EvalDecision"), "implicitDeny");
    assert_eq!(without.xml("AllowedByOrganizations"), "false");
    assert_eq!(
        decide(&[&[&all, &deny], &[&all]]).xml("EvalDecision"),
        "explicitDeny"
    );
}

#[test]
fn a_boundary_and_a_policy_of_the_resource_bear_on_a_simulation() {
    let world = World::new();
    let all = allow(&["*"], "*");
    let narrow = allow(&["s3:*"], "*").to_string();
    let bounded = [(
        "PermissionsBoundaryPolicyInputList.member.1",
        narrow.as_str(),
    )];
    let denied = custom(&world, &all, "iam:ListUsers", &bounded).checked();
    assert_eq!(denied.xml("EvalDecision"), "implicitDeny");
    assert_eq!(denied.xml("AllowedByPermissionsBoundary"), "false");
    let nothing = allow(&["iam:ListUsers"], "*");
    let alice = user_arn("alice");
    let policy = document(&json!([{
        "Effect": "Allow", "Principal": {"AWS": alice}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    }]))
    .to_string();
    let input = [
        ("ResourceArns.member.1", "arn:aws:s3:::b/x"),
        ("ResourcePolicy", policy.as_str()),
        ("CallerArn", alice.as_str()),
    ];
    let allowed = custom(&world, &nothing, "s3:GetObject", &input).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert_eq!(allowed.xml("SourcePolicyType"), "resource");
    let without = custom(&world, &nothing, "s3:GetObject", &input[..2]);
    assert_eq!(without.error().0, "InvalidInput");
}

#[test]
fn a_principal_is_simulated_with_groups_tags_and_trust() {
    let world = World::new();
    let _ = world.user("alice");
    let _ = root(&world, "CreateGroup", &[("GroupName", "g")]).checked();
    let member = [("GroupName", "g"), ("UserName", "alice")];
    let _ = root(&world, "AddUserToGroup", &member).checked();
    world.put_policy(
        "Group",
        "g",
        &allow(&["iam:ListUsers", "sts:AssumeRole"], "*"),
    );
    let alice = user_arn("alice");
    let ask = |action: &str, more: &[(&str, &str)]| {
        let mut input = vec![
            ("PolicySourceArn", alice.as_str()),
            ("ActionNames.member.1", action),
        ];
        input.extend_from_slice(more);
        root(&world, "SimulatePrincipalPolicy", &input)
    };
    let allowed = ask("iam:ListUsers", &[]).checked();
    assert_eq!(allowed.xml("EvalDecision"), "allowed");
    assert_eq!(allowed.xml("SourcePolicyId"), "group_g_test");
    assert_eq!(allowed.xml("SourcePolicyType"), "group");
    assert_eq!(decision(ask("iam:ListRoles", &[])), "implicitDeny");
    let without = [("PolicyExclusionList.member.1.PolicyType", "inline")];
    assert_eq!(decision(ask("iam:ListUsers", &without)), "implicitDeny");
    let _ = world.role("Open", &trust(&alice, &["sts:AssumeRole"]), &json!(null));
    let bob = world.user("bob");
    let _ = bob;
    let _ = world.role(
        "Closed",
        &trust(&user_arn("bob"), &["sts:AssumeRole"]),
        &json!(null),
    );
    for (role, expected) in [("Open", "allowed"), ("Closed", "implicitDeny")] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
        let one = [("ResourceArns.member.1", arn.as_str())];
        assert_eq!(decision(ask("sts:AssumeRole", &one)), expected, "{role}");
    }
    let missing = [
        ("PolicySourceArn", "arn:aws:iam::123456789012:user/nobody"),
        ("ActionNames.member.1", "s3:GetObject"),
    ];
    assert_eq!(
        root(&world, "SimulatePrincipalPolicy", &missing).error().0,
        "NoSuchEntity"
    );
}

#[test]
fn results_stand_for_each_action_on_each_resource_in_pages() {
    let world = World::new();
    let policy = allow(&["s3:GetObject"], "arn:aws:s3:::a/*");
    let more = [
        ("ActionNames.member.2", "s3:PutObject"),
        ("ResourceArns.member.1", "arn:aws:s3:::a/x"),
        ("ResourceArns.member.2", "arn:aws:s3:::b/x"),
        ("MaxItems", "3"),
    ];
    let page = custom(&world, &policy, "s3:GetObject", &more).checked();
    let decisions = ["allowed", "implicitDeny", "implicitDeny"];
    assert_eq!(names(&page, "EvalDecision"), decisions);
    let marker = page.xml("Marker");
    let mut more = more.to_vec();
    more.push(("Marker", &marker));
    let last = custom(&world, &policy, "s3:GetObject", &more).checked();
    assert_eq!(names(&last, "EvalDecision"), ["implicitDeny"]);
}

#[test]
fn the_keys_that_policies_name_are_found() {
    let world = World::new();
    let policy = document(&json!([{
        "Effect": "Allow", "Action": "s3:*",
        "Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team, 'none'}/${*}",
        "Condition": {"StringLike": {"s3:prefix": ["${aws:username}/*"]}, "Bool": {"aws:SecureTransport": "true"}},
    }]))
    .to_string();
    let input = [("PolicyInputList.member.1", policy.as_str())];
    let found = root(&world, "GetContextKeysForCustomPolicy", &input).checked();
    assert_eq!(
        names(&found, "member"),
        [
            "aws:PrincipalTag/team",
            "aws:SecureTransport",
            "aws:username",
            "s3:prefix"
        ]
    );
}

#[test]
fn an_oidc_provider_is_known_by_its_url() {
    let world = World::new();
    let input = [
        ("Url", "https://token.example.com/realms/ml"),
        ("ClientIDList.member.1", "app"),
        (
            "ThumbprintList.member.1",
            "990F4193972F2BECF12DDEDA5237F9C952F20D9E",
        ),
    ];
    let arn = root(&world, "CreateOpenIDConnectProvider", &input)
        .checked()
        .xml("OpenIDConnectProviderArn");
    let expected = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com/realms/ml");
    assert_eq!(arn, expected);
    let again = root(&world, "CreateOpenIDConnectProvider", &input);
    assert_eq!(again.error().0, "EntityAlreadyExists");
    let named = [
        ("OpenIDConnectProviderArn", arn.as_str()),
        ("ClientID", "other"),
    ];
    let _ = root(&world, "AddClientIDToOpenIDConnectProvider", &named).checked();
    let got = root(&world, "GetOpenIDConnectProvider", &named[..1]).checked();
    assert_eq!(got.xml("Url"), "token.example.com/realms/ml");
    assert_eq!(
        names(&got, "member"),
        ["app", "other", "990f4193972f2becf12ddeda5237f9c952f20d9e"]
    );
    let _ = root(&world, "DeleteOpenIDConnectProvider", &named[..1]).checked();
    let _ = root(&world, "DeleteOpenIDConnectProvider", &named[..1]).checked();
    let gone = root(&world, "GetOpenIDConnectProvider", &named[..1]);
    assert_eq!(gone.error().0, "NoSuchEntity");
    for bad in [
        "http://token.example.com",
        "http://localhost:1@token.example.com",
        "https://token.example.com@elsewhere.example.com/realm",
    ] {
        let refused = root(&world, "CreateOpenIDConnectProvider", &[("Url", bad)]);
        assert_eq!(refused.error().0, "InvalidInput", "{bad}");
    }
}

#[test]
fn metadata_of_a_saml_provider_must_describe_one() {
    let world = World::new();
    let create = |document: &str| {
        let input = [("Name", "idp"), ("SAMLMetadataDocument", document)];
        root(&world, "CreateSAMLProvider", &input)
    };
    let padding = "x".repeat(1_000);
    let document = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"idp\" \
         validUntil=\"2030-01-01T00:00:00Z\"><IDPSSODescriptor/><!-- {padding} --></EntityDescriptor>"
    );
    let arn = create(&document).checked().xml("SAMLProviderArn");
    let got = root(&world, "GetSAMLProvider", &[("SAMLProviderArn", &arn)]).checked();
    assert_eq!(got.xml("ValidUntil"), "2030-01-01T00:00:00Z");
    assert_eq!(
        create(&format!("<a>{padding}</a>")).error().0,
        "InvalidInput"
    );
    let _ = root(&world, "DeleteSAMLProvider", &[("SAMLProviderArn", &arn)]).checked();
    let gone = root(&world, "DeleteSAMLProvider", &[("SAMLProviderArn", &arn)]);
    assert_eq!(gone.error().0, "NoSuchEntity");
}

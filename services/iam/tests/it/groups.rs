//! IAM: groups, instance profiles and policy versions (IAM API Reference).

use serde_json::json;
use testkit::documents::{allow, document, trust};
use testkit::{ACCOUNT, Answer, Credentials, World};

fn root(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input)
}

fn code(answer: &Answer) -> (String, String) {
    answer.error()
}

fn conflict(text: &str) -> (String, String) {
    ("DeleteConflict".to_owned(), text.to_owned())
}

fn may(world: &World, who: &Credentials, operation: &str) -> bool {
    world.query(who, "iam", operation, &[]).status == 200
}

fn managed(world: &World, name: &str, document: &serde_json::Value) -> String {
    let text = document.to_string();
    let input = [("PolicyName", name), ("PolicyDocument", text.as_str())];
    root(world, "CreatePolicy", &input).checked().xml("Arn")
}

fn names(answer: &Answer, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let text = answer.text();
    let inner = |part: &str| part.split(&close).next().map(str::to_owned);
    text.split(&open).skip(1).filter_map(inner).collect()
}

#[test]
fn policies_of_a_group_count_for_its_members_from_the_next_request_on() {
    let world = World::new();
    let alice = world.user("alice");
    let made = root(
        &world,
        "CreateGroup",
        &[("GroupName", "Ops"), ("Path", "/t/")],
    )
    .checked();
    assert_eq!(
        made.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:group/t/Ops")
    );
    assert!(made.xml("GroupId").starts_with("AGPA"));
    world.put_policy("Group", "Ops", &allow(&["iam:ListUsers"], "*"));
    let arn = managed(&world, "Roles", &allow(&["iam:ListRoles"], "*"));
    let attach = [("GroupName", "Ops"), ("PolicyArn", arn.as_str())];
    let _ = root(&world, "AttachGroupPolicy", &attach).checked();
    assert!(!may(&world, &alice, "ListUsers"));
    let member = [("GroupName", "Ops"), ("UserName", "alice")];
    let _ = root(&world, "AddUserToGroup", &member).checked();
    assert!(may(&world, &alice, "ListUsers") && may(&world, &alice, "ListRoles"));
    let _ = root(&world, "DetachGroupPolicy", &attach).checked();
    assert!(may(&world, &alice, "ListUsers") && !may(&world, &alice, "ListRoles"));
    let deny = document(&json!([{"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}]));
    world.put_policy("Group", "Ops", &deny);
    world.put_policy("User", "alice", &allow(&["iam:*"], "*"));
    assert!(!may(&world, &alice, "ListUsers") && may(&world, &alice, "ListRoles"));
    let _ = root(&world, "RemoveUserFromGroup", &member).checked();
    assert!(may(&world, &alice, "ListUsers"));
    assert_eq!(
        code(&root(&world, "RemoveUserFromGroup", &member)).0,
        "NoSuchEntity"
    );
}

#[test]
fn a_group_goes_when_it_is_empty() {
    let world = World::new();
    let _ = world.user("alice");
    let named = [("GroupName", "Ops")];
    let _ = root(&world, "CreateGroup", &named).checked();
    assert_eq!(
        code(&root(&world, "CreateGroup", &[("GroupName", "OPS")])),
        (
            "EntityAlreadyExists".into(),
            "Group with name OPS already exists.".into()
        )
    );
    let member = [("GroupName", "Ops"), ("UserName", "alice")];
    let _ = root(&world, "AddUserToGroup", &member).checked();
    let _ = root(&world, "AddUserToGroup", &member).checked();
    let text = "Cannot delete entity, must remove users from group first.";
    assert_eq!(code(&root(&world, "DeleteGroup", &named)), conflict(text));
    assert_eq!(
        names(&root(&world, "GetGroup", &named).checked(), "UserName"),
        ["alice"]
    );
    let rename = [
        ("GroupName", "Ops"),
        ("NewGroupName", "Operators"),
        ("NewPath", "/x/"),
    ];
    let _ = root(&world, "UpdateGroup", &rename).checked();
    let listed = root(&world, "ListGroupsForUser", &[("UserName", "alice")]).checked();
    assert_eq!(names(&listed, "GroupName"), ["Operators"]);
    let named = [("GroupName", "Operators")];
    assert_eq!(
        names(&root(&world, "GetGroup", &named).checked(), "UserName"),
        ["alice"]
    );
    let member = [("GroupName", "Operators"), ("UserName", "alice")];
    let _ = root(&world, "RemoveUserFromGroup", &member).checked();
    let _ = root(&world, "DeleteGroup", &named).checked();
    assert_eq!(
        code(&root(&world, "GetGroup", &named)).1,
        "The group with name Operators cannot be found."
    );
}

#[test]
fn a_renamed_user_keeps_its_keys_and_groups() {
    let world = World::new();
    let alice = world.user("alice");
    let _ = root(&world, "CreateGroup", &[("GroupName", "Ops")]).checked();
    let member = [("GroupName", "Ops"), ("UserName", "alice")];
    let _ = root(&world, "AddUserToGroup", &member).checked();
    world.put_policy("Group", "Ops", &allow(&["iam:ListUsers"], "*"));
    let rename = [("UserName", "alice"), ("NewUserName", "Alicia")];
    let _ = root(&world, "UpdateUser", &rename).checked();
    assert!(may(&world, &alice, "ListUsers"));
    let who = world
        .query(&alice, "sts", "GetCallerIdentity", &[])
        .checked();
    assert_eq!(
        who.xml("Arn"),
        format!("arn:aws:iam::{ACCOUNT}:user/Alicia")
    );
    let group = root(&world, "GetGroup", &[("GroupName", "Ops")]).checked();
    assert_eq!(names(&group, "UserName"), ["Alicia"]);
    assert_eq!(
        root(&world, "GetUser", &[("UserName", "alice")]).status,
        404
    );
    let delete = root(&world, "DeleteUser", &[("UserName", "Alicia")]);
    let text = "Cannot delete entity, must remove users from group first.";
    assert_eq!(code(&delete), conflict(text));
}

#[test]
fn groups_and_memberships_are_limited() {
    let world = World::new();
    let _ = world.user("alice");
    for number in 0..11 {
        let name = format!("G{number}");
        let _ = root(&world, "CreateGroup", &[("GroupName", &name)]).checked();
        let member = [("GroupName", name.as_str()), ("UserName", "alice")];
        let answer = root(&world, "AddUserToGroup", &member);
        if number < 10 {
            let _ = answer.checked();
        } else {
            let text = "Cannot exceed quota for GroupsPerUser: 10";
            assert_eq!(code(&answer), ("LimitExceeded".into(), text.into()));
        }
    }
    for number in 11..301 {
        let answer = root(
            &world,
            "CreateGroup",
            &[("GroupName", &format!("G{number}"))],
        );
        assert_eq!(
            answer.status,
            if number < 300 { 200 } else { 409 },
            "{number}"
        );
    }
    let summary = root(&world, "GetAccountSummary", &[]).checked().text();
    assert!(
        summary.contains("<key>Groups</key><value>300</value>"),
        "{summary}"
    );
}

#[test]
fn a_policy_has_five_versions_at_most_and_one_of_them_counts() {
    let world = World::new();
    let alice = world.user("alice");
    let arn = managed(&world, "P", &allow(&["iam:ListUsers"], "*"));
    let attach = [("UserName", "alice"), ("PolicyArn", arn.as_str())];
    let _ = root(&world, "AttachUserPolicy", &attach).checked();
    let text = allow(&["iam:ListRoles"], "*").to_string();
    let version = |default: &str| {
        let input = [
            ("PolicyArn", arn.as_str()),
            ("PolicyDocument", text.as_str()),
            ("SetAsDefault", default),
        ];
        root(&world, "CreatePolicyVersion", &input)
    };
    let on = |operation: &str, id: &str| {
        root(
            &world,
            operation,
            &[("PolicyArn", arn.as_str()), ("VersionId", id)],
        )
    };
    assert_eq!(version("false").checked().xml("VersionId"), "v2");
    assert!(may(&world, &alice, "ListUsers") && !may(&world, &alice, "ListRoles"));
    let _ = on("SetDefaultPolicyVersion", "v2").checked();
    assert!(!may(&world, &alice, "ListUsers") && may(&world, &alice, "ListRoles"));
    for id in ["v3", "v4", "v5"] {
        assert_eq!(version("true").checked().xml("VersionId"), id);
    }
    assert_eq!(code(&version("true")).0, "LimitExceeded");
    assert_eq!(
        code(&on("DeletePolicyVersion", "v5")),
        conflict("Cannot delete the default version of a policy.")
    );
    let _ = on("SetDefaultPolicyVersion", "v1").checked();
    let _ = on("DeletePolicyVersion", "v5").checked();
    assert_eq!(
        version("false").checked().xml("VersionId"),
        "v6",
        "numbers do not return"
    );
    let listed = root(&world, "ListPolicyVersions", &[("PolicyArn", &arn)]).checked();
    assert_eq!(names(&listed, "VersionId"), ["v6", "v4", "v3", "v2", "v1"]);
    assert_eq!(
        code(&on("SetDefaultPolicyVersion", "v9")).1,
        format!("Policy {arn} version v9 does not exist or is not attachable.")
    );
    let _ = root(&world, "DetachUserPolicy", &attach).checked();
    let delete = root(&world, "DeletePolicy", &[("PolicyArn", &arn)]);
    assert!(
        code(&delete)
            .1
            .starts_with("This policy has more than one version.")
    );
}

#[test]
fn whoever_uses_a_policy_is_found_from_it() {
    let world = World::new();
    let _ = world.user("alice");
    let _ = world.role("R", &trust("*", &["sts:AssumeRole"]), &json!(null));
    let _ = root(&world, "CreateGroup", &[("GroupName", "G")]).checked();
    let arn = managed(&world, "P", &allow(&["iam:ListUsers"], "*"));
    for (noun, name) in [("User", "alice"), ("Role", "R"), ("Group", "G")] {
        let member = format!("{noun}Name");
        let input = [(member.as_str(), name), ("PolicyArn", arn.as_str())];
        let _ = root(&world, &format!("Attach{noun}Policy"), &input).checked();
    }
    let boundary = [("RoleName", "R"), ("PermissionsBoundary", arn.as_str())];
    let _ = root(&world, "PutRolePermissionsBoundary", &boundary).checked();
    let got = root(&world, "GetPolicy", &[("PolicyArn", &arn)]).checked();
    assert_eq!(got.xml("AttachmentCount"), "3");
    assert_eq!(got.xml("PermissionsBoundaryUsageCount"), "1");
    let users = |more: &[(&str, &str)]| {
        let mut input = vec![("PolicyArn", arn.as_str())];
        input.extend_from_slice(more);
        let answer = root(&world, "ListEntitiesForPolicy", &input).checked();
        ["GroupName", "UserName", "RoleName"].map(|member| names(&answer, member).len())
    };
    assert_eq!(
        users(&[("PolicyUsageFilter", "PermissionsPolicy")]),
        [1, 1, 1]
    );
    assert_eq!(
        users(&[("PolicyUsageFilter", "PermissionsBoundary")]),
        [0, 0, 1]
    );
    assert_eq!(users(&[("EntityFilter", "User")]), [0, 1, 0]);
    let rename = [
        ("UserName", "alice"),
        ("NewUserName", "zoe"),
        ("NewPath", "/x/"),
    ];
    let _ = root(&world, "UpdateUser", &rename).checked();
    let input = [("PolicyArn", arn.as_str()), ("PathPrefix", "/x/")];
    let answer = root(&world, "ListEntitiesForPolicy", &input).checked();
    assert_eq!(names(&answer, "UserName"), ["zoe"]);
}

#[test]
fn an_instance_profile_holds_one_role_that_the_caller_may_pass() {
    let world = World::new();
    let alice = world.user("alice");
    let _ = world.role("R", &trust("*", &["sts:AssumeRole"]), &json!(null));
    let named = [("InstanceProfileName", "P")];
    let made = root(&world, "CreateInstanceProfile", &named).checked();
    assert!(made.xml("InstanceProfileId").starts_with("AIPA"));
    let add = [("InstanceProfileName", "P"), ("RoleName", "R")];
    world.put_policy(
        "User",
        "alice",
        &allow(&["iam:AddRoleToInstanceProfile"], "*"),
    );
    let denied = world.query(&alice, "iam", "AddRoleToInstanceProfile", &add);
    assert!(
        denied.error().1.contains("iam:PassRole"),
        "{}",
        denied.text()
    );
    // Which role may be passed can depend on its tags.
    let tag = [
        ("RoleName", "R"),
        ("Tags.member.1.Key", "level"),
        ("Tags.member.1.Value", "secret"),
    ];
    let _ = root(&world, "TagRole", &tag).checked();
    let secret = json!({"StringEquals": {"iam:ResourceTag/level": "secret"}});
    let rules = json!([
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*", "Condition": secret},
    ]);
    world.put_policy("User", "alice", &document(&rules));
    let denied = world.query(&alice, "iam", "AddRoleToInstanceProfile", &add);
    assert_eq!(denied.status, 403, "{}", denied.text());
    let _ = root(&world, "AddRoleToInstanceProfile", &add).checked();
    assert_eq!(
        code(&root(&world, "AddRoleToInstanceProfile", &add)).1,
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    );
    let of_role = root(&world, "ListInstanceProfilesForRole", &[("RoleName", "R")]).checked();
    assert_eq!(names(&of_role, "InstanceProfileName"), ["P"]);
    let text = "Cannot delete entity, must remove roles from instance profile first.";
    assert_eq!(
        code(&root(&world, "DeleteRole", &[("RoleName", "R")])),
        conflict(text)
    );
    assert_eq!(
        code(&root(&world, "DeleteInstanceProfile", &named)),
        conflict(text)
    );
    let _ = root(&world, "RemoveRoleFromInstanceProfile", &add).checked();
    let _ = root(&world, "DeleteInstanceProfile", &named).checked();
    let _ = root(&world, "DeleteRole", &[("RoleName", "R")]).checked();
}

#[test]
fn account_details_come_in_pages_that_hold_everything_once() {
    let world = World::new();
    for name in ["a", "b", "c"] {
        let _ = world.user(name);
        let _ = world.role(
            name,
            &trust("*", &["sts:AssumeRole"]),
            &allow(&["s3:*"], "*"),
        );
    }
    let _ = root(&world, "CreateGroup", &[("GroupName", "g")]).checked();
    let _ = managed(&world, "p", &allow(&["iam:ListUsers"], "*"));
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let attach = [("UserName", "a"), ("PolicyArn", admin)];
    let _ = root(&world, "AttachUserPolicy", &attach).checked();
    let mut seen = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut input = vec![("MaxItems", "2")];
        input.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = root(&world, "GetAccountAuthorizationDetails", &input).checked();
        let ids = ["UserId", "GroupId", "RoleId", "PolicyId"].map(|id| names(&page, id));
        assert!(ids.iter().flatten().count() <= 2);
        seen.extend(ids.into_iter().flatten());
        marker = page.find("Marker");
        if marker.is_none() {
            assert_eq!(page.xml("IsTruncated"), "false");
            break;
        }
    }
    assert_eq!(seen.len(), 3 + 1 + 3 + 2, "{seen:?}");
    let only = [("Filter.member.1", "Role")];
    let roles = root(&world, "GetAccountAuthorizationDetails", &only).checked();
    assert_eq!(names(&roles, "RoleName"), ["a", "b", "c"]);
    assert!(names(&roles, "UserName").is_empty());
    assert!(
        roles
            .text()
            .contains("<RolePolicyList><member><PolicyName>test</PolicyName>")
    );
}

#[test]
fn no_role_is_made_where_only_services_make_them() {
    let world = World::new();
    let text = trust("*", &["sts:AssumeRole"]).to_string();
    let input = [
        ("RoleName", "R"),
        ("Path", "/aws-service-role/x.amazonaws.com/"),
        ("AssumeRolePolicyDocument", text.as_str()),
    ];
    assert_eq!(code(&root(&world, "CreateRole", &input)).0, "InvalidInput");
}

#[test]
fn an_alias_belongs_to_one_account() {
    let world = World::new();
    let input = [("AccountAlias", "ml-platform")];
    let _ = root(&world, "CreateAccountAlias", &input).checked();
    let other = world.query(world.other_root(), "iam", "CreateAccountAlias", &input);
    assert_eq!(other.error().0, "EntityAlreadyExists");
    let listed = root(&world, "ListAccountAliases", &[]).checked();
    assert_eq!(names(&listed, "member"), ["ml-platform"]);
    let _ = root(&world, "DeleteAccountAlias", &input).checked();
    assert_eq!(
        code(&root(&world, "DeleteAccountAlias", &input)).0,
        "NoSuchEntity"
    );
    let none = root(&world, "GetAccountPasswordPolicy", &[]);
    assert_eq!(
        code(&none).1,
        format!("The Password Policy with domain name {ACCOUNT} cannot be found.")
    );
}

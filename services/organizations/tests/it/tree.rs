//! Organizations, units and accounts (Organizations API Reference).

use serde_json::{Value, json};
use testkit::{ACCOUNT, OTHER_ACCOUNT, World};

use crate::controls::Org;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;

#[test]
fn a_made_account_is_served_and_its_access_role_lets_the_management_account_in() {
    let org = Org::new();
    let input = json!({"Email": "ml@example.com", "AccountName": "ML"});
    let made = org.ask("CreateAccount", input.clone());
    let status = &made["CreateAccountStatus"];
    assert_eq!(status["State"], "SUCCEEDED");
    let id = json!({"CreateAccountRequestId": status["Id"]});
    let described = org.ask("DescribeCreateAccountStatus", id);
    assert_eq!(
        described["CreateAccountStatus"]["AccountId"],
        status["AccountId"]
    );
    let account = status["AccountId"].as_str().unwrap();
    let again = org.ask("CreateAccount", input);
    assert_eq!(
        again["CreateAccountStatus"]["FailureReason"],
        "EMAIL_ALREADY_EXISTS"
    );
    let admin = org.world.user("admin");
    let policy = testkit::documents::allow(&["sts:AssumeRole"], "*");
    org.world.put_policy("User", "admin", &policy);
    let role = format!("arn:aws:iam::{account}:role/OrganizationAccountAccessRole");
    let inside = org.world.assume(&admin, &role, &[]).checked().credentials();
    let made = org
        .world
        .query(&inside, "iam", "CreateUser", &[("UserName", "ana")])
        .checked();
    assert_eq!(made.xml("Arn"), format!("arn:aws:iam::{account}:user/ana"));
    let shown = org.ask("DescribeAccount", json!({"AccountId": account}));
    assert_eq!(shown["Account"]["JoinedMethod"], "CREATED");
    let path = format!("{}/{}/{account}/", org.id, org.root);
    assert_eq!(shown["Account"]["Paths"], json!([path]));
}

#[test]
fn only_the_management_account_manages() {
    let org = Org::new();
    let ask = |operation: &str| {
        let input = json!({});
        let answer = org
            .world
            .json(org.world.other_root(), "organizations", operation, &input);
        answer.json()["__type"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(ask("ListAccounts").ends_with("AccessDeniedException"));
    assert_eq!(ask("DescribeOrganization"), "");
    assert!(ask("CreateOrganization").ends_with("AlreadyInOrganizationException"));
    let lone = World::new();
    let none = lone.json(
        lone.root(),
        "organizations",
        "DescribeOrganization",
        &json!({}),
    );
    assert_eq!(none.error().0, "AWSOrganizationsNotInUseException");
}

#[test]
fn units_hold_units_and_accounts_and_go_when_they_are_empty() {
    let org = Org::new();
    let unit = |parent: &str, name: &str| {
        org.call(
            "CreateOrganizationalUnit",
            json!({"ParentId": parent, "Name": name}),
        )
    };
    let id = |made: &Value| {
        made["OrganizationalUnit"]["Id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut parents = vec![org.root.clone()];
    for depth in 1..=5 {
        let made = unit(parents.last().unwrap(), &format!("D{depth}")).checked();
        parents.push(id(&made.json()));
    }
    let deepest = parents.last().unwrap().clone();
    let refused = unit(&deepest, "D6");
    assert_eq!(refused.json()["Reason"], "OU_DEPTH_LIMIT_EXCEEDED");
    assert_eq!(
        unit(&org.root, "D1").error().0,
        "DuplicateOrganizationalUnitException"
    );
    let first = json!({"OrganizationalUnitId": parents[1]});
    let refused = org.call("DeleteOrganizationalUnit", first);
    assert_eq!(refused.error().0, "OrganizationalUnitNotEmptyException");
    org.ask(
        "MoveAccount",
        json!({
            "AccountId": OTHER_ACCOUNT, "SourceParentId": org.root, "DestinationParentId": deepest,
        }),
    );
    let parent = org.ask("ListParents", json!({"ChildId": OTHER_ACCOUNT}));
    assert_eq!(
        parent["Parents"],
        json!([{"Id": deepest, "Type": "ORGANIZATIONAL_UNIT"}])
    );
    let children = json!({"ParentId": org.root, "ChildType": "ACCOUNT"});
    let children = org.ask("ListChildren", children);
    assert_eq!(
        children["Children"],
        json!([{"Id": ACCOUNT, "Type": "ACCOUNT"}])
    );
    let listed = org.ask("ListAccountsForParent", json!({"ParentId": deepest}));
    assert_eq!(listed["Accounts"][0]["Id"], OTHER_ACCOUNT);
    org.ask(
        "RemoveAccountFromOrganization",
        json!({"AccountId": OTHER_ACCOUNT}),
    );
    for parent in parents.iter().skip(1).rev() {
        org.ask(
            "DeleteOrganizationalUnit",
            json!({"OrganizationalUnitId": parent}),
        );
    }
    org.ask("DeleteOrganization", json!({}));
    assert_eq!(
        org.call("ListRoots", json!({})).error().0,
        "AWSOrganizationsNotInUseException"
    );
}

#[test]
fn listings_come_in_pages() {
    let org = Org::new();
    for number in 0..25 {
        let email = format!("a{number}@example.com");
        let input = json!({"Email": email, "AccountName": format!("A{number}")});
        org.ask("CreateAccount", input);
    }
    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let input = match &token {
            Value::Null => json!({"MaxResults": 10}),
            token => json!({"MaxResults": 10, "NextToken": token}),
        };
        let page = org.ask("ListAccounts", input);
        let accounts = page["Accounts"].as_array().unwrap();
        assert!(accounts.len() <= 10);
        seen.extend(
            accounts
                .iter()
                .map(|it| it["Id"].as_str().unwrap().to_owned()),
        );
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 27);
}

#[test]
fn invitations_are_answered_once_by_whom_they_are_for() {
    let world = World::new();
    let ask = |management: bool, operation: &str, input: Value| {
        let who = if management {
            world.root()
        } else {
            world.other_root()
        };
        world.json(who, "organizations", operation, &input)
    };
    let _ = ask(true, "CreateOrganization", json!({})).checked();
    let target = json!({"Target": {"Type": "ACCOUNT", "Id": OTHER_ACCOUNT}});
    let invite = || ask(true, "InviteAccountToOrganization", target.clone());
    let first = invite().checked().json()["Handshake"]["Id"].clone();
    assert_eq!(invite().error().0, "DuplicateHandshakeException");
    let named = json!({"HandshakeId": first});
    assert_eq!(ask(true, "AcceptHandshake", named.clone()).status, 400);
    let _ = ask(false, "DeclineHandshake", named.clone()).checked();
    let late = ask(false, "AcceptHandshake", named);
    assert_eq!(late.error().0, "InvalidHandshakeTransitionException");
    let second = json!({"HandshakeId": invite().checked().json()["Handshake"]["Id"]});
    world
        .clock
        .advance(jiff::SignedDuration::from_hours(15 * 24));
    let expired = ask(false, "DescribeHandshake", second.clone())
        .checked()
        .json();
    assert_eq!(expired["Handshake"]["State"], "EXPIRED");
    assert_eq!(ask(false, "AcceptHandshake", second).status, 400);
}

#[test]
fn policies_are_listed_from_both_sides_and_stay_while_they_are_attached() {
    let org = Org::new();
    let content = testkit::documents::allow(&["*"], "*");
    let id = org.control("SERVICE_CONTROL_POLICY", "All", &content, &org.root);
    let targets = org.ask("ListTargetsForPolicy", json!({"PolicyId": id}));
    assert_eq!(targets["Targets"][0]["Type"], "ROOT");
    let listed = org.ask("ListPolicies", json!({"Filter": "SERVICE_CONTROL_POLICY"}));
    let names: Vec<&str> = listed["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["FullAWSAccess", "All"]);
    assert_eq!(
        org.call("DeletePolicy", json!({"PolicyId": id})).error().0,
        "PolicyInUseException"
    );
    let attach = json!({"PolicyId": id, "TargetId": org.root});
    let twice = org.call("AttachPolicy", attach.clone());
    assert_eq!(twice.error().0, "DuplicatePolicyAttachmentException");
    let fixed = org.call(
        "UpdatePolicy",
        json!({"PolicyId": "p-FullAWSAccess", "Name": "x"}),
    );
    assert_eq!(fixed.json()["Reason"], "IMMUTABLE_POLICY");
    org.ask("DetachPolicy", attach);
    org.ask("DeletePolicy", json!({"PolicyId": id}));
    let tags = json!({"ResourceId": OTHER_ACCOUNT, "Tags": [{"Key": "team", "Value": "ml"}]});
    org.ask("TagResource", tags);
    let held = org.ask("ListTagsForResource", json!({"ResourceId": OTHER_ACCOUNT}));
    assert_eq!(held["Tags"], json!([{"Key": "team", "Value": "ml"}]));
}

/// "Adding, updating, and removing tags" (Organizations User Guide).
#[test]
fn whoever_makes_something_with_tags_must_be_allowed_to_tag() {
    let org = Org::new();
    let admin = org.world.user("admin");
    let tags = json!([{"Key": "team", "Value": "red"}]);
    for (operation, input) in [
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": org.root, "Name": "unit"}),
        ),
        (
            "CreateAccount",
            json!({"Email": "a@example.com", "AccountName": "new"}),
        ),
        (
            "CreatePolicy",
            json!({"Type": "SERVICE_CONTROL_POLICY", "Name": "p", "Description": "",
                   "Content": POLICY}),
        ),
    ] {
        let create = format!("organizations:{operation}");
        let own = testkit::documents::allow(&[&create], "*");
        org.world.put_policy("User", "admin", &own);
        let mut input = input;
        input["Tags"] = tags.clone();
        let ask = || org.world.json(&admin, "organizations", operation, &input);
        let denied = ask();
        assert_eq!(denied.error().0, "AccessDeniedException", "{operation}");
        assert!(denied.error().1.contains("organizations:TagResource"));
        let both = testkit::documents::allow(&[&create, "organizations:TagResource"], "*");
        org.world.put_policy("User", "admin", &both);
        ask().checked();
    }
}

#[test]
fn the_type_of_a_policy_is_known_of_what_it_is_attached_to_too() {
    let org = Org::new();
    let admin = org.world.user("admin");
    let rules = json!([{"Effect": "Allow", "Action": "organizations:*", "Resource": "*",
        "Condition": {"StringEquals": {"organizations:PolicyType": "SERVICE_CONTROL_POLICY"}}}]);
    let policy = testkit::documents::document(&rules);
    org.world.put_policy("User", "admin", &policy);
    let made = org.ask(
        "CreatePolicy",
        json!({"Type": "SERVICE_CONTROL_POLICY", "Name": "p", "Description": "", "Content": POLICY}),
    );
    let id = &made["Policy"]["PolicySummary"]["Id"];
    let input = json!({"PolicyId": id, "TargetId": org.root});
    for operation in ["AttachPolicy", "DetachPolicy"] {
        org.world
            .json(&admin, "organizations", operation, &input)
            .checked();
    }
}

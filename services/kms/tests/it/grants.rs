//! Grants (KMS Developer Guide, "Grants in AWS KMS").

use serde_json::{Value, json};
use testkit::documents::{root_arn, user_arn};
use testkit::{Credentials, World};

use crate::{blob, call, key, refused, root};

struct Set {
    world: World,
    arn: String,
    grantee: Credentials,
}

fn set() -> Set {
    let world = World::new();
    let arn = key(&world, json!({}));
    let grantee = world.user("grantee");
    Set {
        world,
        arn,
        grantee,
    }
}

impl Set {
    #[track_caller]
    fn grant(&self, operations: Value, more: Value) -> Value {
        root(&self.world, "CreateGrant", self.wish(operations, more))
    }

    fn wish(&self, operations: Value, more: Value) -> Value {
        let mut input = json!({"KeyId": self.arn, "GranteePrincipal": user_arn("grantee"), "Operations": operations});
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    }

    fn encrypts(&self, context: Value) -> bool {
        let input =
            json!({"KeyId": self.arn, "Plaintext": blob("x"), "EncryptionContext": context});
        call(&self.world, &self.grantee, "Encrypt", input).status == 200
    }
}

#[test]
fn a_grant_counts_until_it_is_revoked_and_for_its_operations_alone() {
    let set = set();
    assert!(!set.encrypts(json!({})));
    let made = set.grant(json!(["Encrypt"]), json!({}));
    assert!(set.encrypts(json!({})));
    let input = json!({"KeyId": set.arn, "NumberOfBytes": 8});
    assert_eq!(
        refused(&set.world, &set.grantee, "GenerateDataKey", input),
        "AccessDeniedException"
    );
    let listed = root(&set.world, "ListGrants", json!({"KeyId": set.arn}));
    assert_eq!(listed["Grants"][0]["GrantId"], made["GrantId"]);
    assert_eq!(listed["Grants"][0]["IssuingAccount"], root_arn());
    let id = json!({"KeyId": set.arn, "GrantId": made["GrantId"]});
    root(&set.world, "RevokeGrant", id.clone());
    assert!(!set.encrypts(json!({})));
    assert_eq!(
        refused(&set.world, set.world.root(), "RevokeGrant", id),
        "NotFoundException"
    );
}

#[test]
fn a_constraint_binds_the_encryption_context_to_the_letter() {
    let subset = set();
    subset.grant(
        json!(["Encrypt"]),
        json!({"Constraints": {"EncryptionContextSubset": {"tenant": "a"}}}),
    );
    let equals = set();
    equals.grant(
        json!(["Encrypt"]),
        json!({"Constraints": {"EncryptionContextEquals": {"tenant": "a"}}}),
    );
    for (context, in_subset, in_equals) in [
        (json!({"tenant": "a"}), true, true),
        (json!({"tenant": "a", "more": "b"}), true, false),
        (json!({"Tenant": "a"}), false, false),
        (json!({"tenant": "A"}), false, false),
        (json!({}), false, false),
    ] {
        assert_eq!(subset.encrypts(context.clone()), in_subset, "{context}");
        assert_eq!(equals.encrypts(context.clone()), in_equals, "{context}");
    }
    let literal = set();
    let constraint =
        json!({"Constraints": {"EncryptionContextEquals": {"who": "${aws:username}"}}});
    literal.grant(json!(["Encrypt"]), constraint);
    assert!(!literal.encrypts(json!({"who": "grantee"})));
    assert!(literal.encrypts(json!({"who": "${aws:username}"})));
}

#[test]
fn who_may_grant_passes_on_no_more_than_it_has() {
    let set = set();
    let _ = set.world.user("other");
    set.grant(
        json!(["Encrypt", "CreateGrant"]),
        json!({"Constraints": {"EncryptionContextSubset": {"tenant": "a"}}}),
    );
    let pass_on = |operations: Value, constraint: Value| {
        let mut input = json!({"KeyId": set.arn, "GranteePrincipal": user_arn("other"), "Operations": operations});
        if !constraint.is_null() {
            input["Constraints"] = constraint;
        }
        call(&set.world, &set.grantee, "CreateGrant", input).status
    };
    let same = || json!({"EncryptionContextSubset": {"tenant": "a"}});
    assert_eq!(pass_on(json!(["Encrypt"]), same()), 200);
    let narrower = json!({"EncryptionContextEquals": {"tenant": "a", "more": "b"}});
    assert_eq!(pass_on(json!(["Encrypt"]), narrower), 200);
    for (operations, constraint) in [
        (json!(["Decrypt"]), same()),
        (json!(["Encrypt"]), Value::Null),
        (
            json!(["Encrypt"]),
            json!({"EncryptionContextSubset": {"tenant": "b"}}),
        ),
        (
            json!(["Encrypt"]),
            json!({"EncryptionContextSubset": {"more": "a"}}),
        ),
    ] {
        assert_eq!(pass_on(operations, constraint), 400);
    }
}

#[test]
fn a_grant_is_retired_by_those_whom_it_names() {
    let set = set();
    let (retiring, stranger) = (set.world.user("retiring"), set.world.user("stranger"));
    let made = set.grant(
        json!(["Encrypt"]),
        json!({"RetiringPrincipal": user_arn("retiring")}),
    );
    let by_id = json!({"KeyId": set.arn, "GrantId": made["GrantId"]});
    for who in [&stranger, &set.grantee] {
        assert_eq!(
            refused(&set.world, who, "RetireGrant", by_id.clone()),
            "AccessDeniedException"
        );
    }
    let other = set.grant(json!(["Decrypt"]), json!({}));
    let not_its_own = json!({"KeyId": set.arn, "GrantId": other["GrantId"]});
    assert_eq!(
        refused(&set.world, &retiring, "RetireGrant", not_its_own),
        "AccessDeniedException"
    );
    let listed = json!({"RetiringPrincipal": user_arn("retiring")});
    let listed = root(&set.world, "ListRetirableGrants", listed);
    assert_eq!(listed["Grants"].as_array().unwrap().len(), 1);
    let token = json!({"GrantToken": made["GrantToken"]});
    call(&set.world, &retiring, "RetireGrant", token.clone()).checked();
    assert!(!set.encrypts(json!({})));
    assert_eq!(
        refused(&set.world, &retiring, "RetireGrant", token),
        "InvalidGrantTokenException"
    );
}

#[test]
fn a_deny_in_the_key_policy_stands_above_grants() {
    let set = set();
    set.grant(json!(["Encrypt"]), json!({}));
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": root_arn()}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": user_arn("grantee")}, "Action": "kms:Encrypt", "Resource": "*"},
    ]});
    root(
        &set.world,
        "PutKeyPolicy",
        json!({"KeyId": set.arn, "Policy": policy.to_string()}),
    );
    assert!(!set.encrypts(json!({})));
}

#[test]
fn a_named_grant_is_made_once_and_what_cannot_be_is_refused() {
    let set = set();
    let named = || set.grant(json!(["Encrypt"]), json!({"Name": "n"}));
    let (first, again) = (named(), named());
    assert_eq!(first["GrantId"], again["GrantId"]);
    let other = set.grant(json!(["Encrypt", "Decrypt"]), json!({"Name": "n"}));
    assert_ne!(first["GrantId"], other["GrantId"]);
    for (operations, more, code) in [
        (json!(["GenerateMac"]), json!({}), "ValidationException"),
        (
            json!(["Encrypt"]),
            json!({"GranteePrincipal": "*"}),
            "ValidationException",
        ),
        (
            json!(["Encrypt"]),
            json!({"GranteePrincipal": "bob"}),
            "InvalidArnException",
        ),
        (
            json!(["Encrypt"]),
            json!({"GranteePrincipal": user_arn("nobody")}),
            "InvalidArnException",
        ),
        (
            json!(["Encrypt"]),
            json!({"GrantTokens": ["nonsense"]}),
            "InvalidGrantTokenException",
        ),
        (
            json!(["Encrypt"]),
            json!({"GranteeServicePrincipal": "a.amazonaws.com"}),
            "UnsupportedOperationException",
        ),
    ] {
        let input = set.wish(operations, more.clone());
        assert_eq!(
            refused(&set.world, set.world.root(), "CreateGrant", input),
            code,
            "{more}"
        );
    }
}

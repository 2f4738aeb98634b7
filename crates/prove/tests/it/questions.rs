//! Questions with known answers.

use crate::worlds::compiled;
use policy::{AccountId, PolicySet, PolicyType};
use prove::{Facts, Owner, Verdict, alone, no_new_access, not_granted, public, strangers};

fn statement(body: &str) -> PolicySet {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{body}]}}"#);
    compiled(&text, PolicyType::Identity)
}

fn on_own_prefix(suffix: &str) -> PolicySet {
    statement(&format!(
        r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/users/${{aws:SourceIdentity}}{suffix}"}}"#
    ))
}

fn new_access(old: &PolicySet, new: &PolicySet) -> Verdict {
    let [old, new] = [old, new].map(|set| alone(set, PolicyType::Identity, None));
    no_new_access(old, new).answer(&Facts::default())
}

#[test]
fn a_policy_grants_nothing_that_it_does_not() {
    let policy = on_own_prefix("/*");
    assert!(new_access(&policy, &policy).is_proved());
    let [open, closed] = [on_own_prefix("*"), on_own_prefix("/*")];
    assert!(new_access(&open, &closed).is_proved());
    let verdict = new_access(&closed, &open);
    let violation = verdict.violation().unwrap();
    assert_eq!(violation.request().action().as_str(), "s3:GetObject");
    assert_eq!(violation.blame().len(), 1);
}

#[test]
fn a_target_is_granted_or_not() {
    let admin = statement(
        r#"{"Effect":"Allow","Action":"iam:Pass*","Resource":"*"},
           {"Effect":"Deny","Action":"iam:*","Resource":"arn:aws:iam::*:role/Admin"}"#,
    );
    let target = |resource: &str| {
        statement(&format!(
            r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"{resource}"}}"#
        ))
    };
    let stage = alone(&admin, PolicyType::Identity, None);
    let facts = Facts::default();
    let on_admin = target("arn:aws:iam::111122223333:role/Admin");
    assert!(not_granted(stage, &on_admin).answer(&facts).is_proved());
    let on_other = target("arn:aws:iam::111122223333:role/*");
    let verdict = not_granted(stage, &on_other).answer(&facts);
    let violation = verdict.violation().unwrap();
    assert_eq!(violation.request().action().as_str(), "iam:PassRole");
}

/// Organizations User Guide, "Resource control policies".
#[test]
fn resource_control_policies_leave_the_giving_up_of_grants_alone() {
    let all = statement(r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#);
    let guard = compiled(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}}"#,
        PolicyType::ResourceControl,
    );
    let mut stage = alone(&all, PolicyType::Identity, None);
    stage.policies.resource_control = std::slice::from_ref(&guard);
    let verdict = |action: &str| {
        let target = statement(&format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#
        ));
        not_granted(stage, &target).answer(&Facts::default())
    };
    assert!(verdict("kms:RevokeGrant").is_proved());
    let given_up = verdict("kms:*");
    let violation = given_up
        .violation()
        .unwrap_or_else(|| panic!("{given_up:?}"));
    let action = violation.request().action().as_str();
    assert!(action.eq_ignore_ascii_case("kms:RetireGrant"), "{action}");
    let target = statement(r#"{"Effect":"Allow","Action":"kms:R*","Resource":"*"}"#);
    let kept = statement(r#"{"Effect":"Allow","NotAction":"kms:RetireGrant","Resource":"*"}"#);
    let mut question = not_granted(stage, &target);
    question.within.push(&kept);
    let certificate = question.certificate(&Facts::default()).unwrap();
    prove_checker::check(&serde_json::to_value(certificate).unwrap()).unwrap();
}

#[test]
fn a_bucket_is_public_or_not() {
    let verdict = |principal: &str, condition: &str| {
        let set = compiled(
            &format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject",
                "Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}]}}"#
            ),
            PolicyType::Resource,
        );
        let strangers = strangers(&set, None).unwrap();
        let stage = alone(&set, PolicyType::Resource, None);
        public(stage, &strangers).answer(&Facts::default()).name()
    };
    let everybody = r#""*""#;
    for (principal, condition) in [
        (
            everybody,
            r#""StringEquals":{"aws:PrincipalAccount":"111122223333"}"#,
        ),
        (
            everybody,
            r#""StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        ),
        (
            everybody,
            r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
        ),
        (everybody, r#""StringEquals":{"aws:SourceVpce":"vpce-1"}"#),
        (
            everybody,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}"#,
        ),
        (r#"{"AWS":"111122223333"}"#, ""),
        (r#"{"AWS":"arn:aws:iam::111122223333:role/r"}"#, ""),
        (r#"{"Service":"s.amazonaws.com"}"#, ""),
    ] {
        assert_eq!(
            verdict(principal, condition),
            "proved",
            "{principal} {condition}"
        );
    }
    for (principal, condition) in [
        (everybody, ""),
        (r#"{"AWS":"*"}"#, ""),
        (
            everybody,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}"#,
        ),
        (everybody, r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        (everybody, r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#),
        (
            everybody,
            r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        ),
        (everybody, r#""Bool":{"aws:SecureTransport":"true"}"#),
    ] {
        assert_eq!(
            verdict(principal, condition),
            "violated",
            "{principal} {condition}"
        );
    }
}

/// What a policy says of strangers to account 111122223333, whose it is.
fn of_strangers(statements: &str, kind: PolicyType) -> &'static str {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    let set = compiled(&text, kind);
    let owner = AccountId::parse("111122223333");
    let strangers = strangers(&set, owner).unwrap();
    let stage = alone(&set, kind, owner.map(Owner::Account));
    public(stage, &strangers).answer(&Facts::default()).name()
}

fn for_everybody(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{{{condition}}}}}"#
    )
}

#[test]
fn who_is_no_stranger_is_told_by_what_a_deny_leaves_alone_too() {
    let but = |condition: &str| {
        let deny = for_everybody(condition).replace("Allow", "Deny");
        of_strangers(
            &format!("{},{deny}", for_everybody("")),
            PolicyType::Resource,
        )
    };
    for closed in [
        r#""StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#,
        r#""StringNotEqualsIfExists":{"aws:PrincipalAccount":"111122223333"}"#,
        r#""StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
    ] {
        assert_eq!(but(closed), "proved", "{closed}");
    }
    for open in [
        r#""StringEquals":{"aws:PrincipalAccount":"444455556666"}"#,
        r#""StringNotLike":{"aws:PrincipalOrgID":"o-*"}"#,
        r#""NotIpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#,
    ] {
        assert_eq!(but(open), "violated", "{open}");
    }
}

#[test]
fn a_part_of_a_value_can_say_who_it_is() {
    let only = |condition: &str| of_strangers(&for_everybody(condition), PolicyType::Resource);
    for closed in [
        r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/*"}"#,
        r#""StringLike":{"aws:userid":"AROAEXAMPLEID00000000:*"}"#,
        r#""StringEquals":{"kms:CallerAccount":"111122223333"}"#,
        r#""StringEquals":{"aws:VpceOrgID":"o-a1b2c3d4e5"}"#,
        r#""Bool":{"elasticfilesystem:AccessedViaMountTarget":"true"}"#,
    ] {
        assert_eq!(only(closed), "proved", "{closed}");
    }
    for open in [
        r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/r-ab12/*"}"#,
        r#""StringLike":{"aws:userid":"*:bob"}"#,
        r#""StringNotEquals":{"aws:PrincipalAccount":"444455556666"}"#,
    ] {
        assert_eq!(only(open), "violated", "{open}");
    }
}

#[test]
fn whoever_has_an_account_with_a_shared_provider_is_a_stranger() {
    let trust = |provider: &str, condition: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity",
            "Condition":{{{condition}}}}}"#
        );
        of_strangers(&statement, PolicyType::Trust)
    };
    let github = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let claim = |name: &str, text: &str| {
        format!(r#""StringLike":{{"token.actions.githubusercontent.com:{name}":"{text}"}}"#)
    };
    for (provider, condition) in [
        (github, claim("sub", "repo:octo/main:*")),
        (
            "accounts.google.com",
            r#""StringEquals":{"accounts.google.com:aud":"66677788899900pro0"}"#.to_owned(),
        ),
        (
            "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE",
            String::new(),
        ),
    ] {
        assert_eq!(
            trust(provider, &condition),
            "proved",
            "{provider} {condition}"
        );
    }
    for (provider, condition) in [
        (github, String::new()),
        (github, claim("aud", "sts.amazonaws.com")),
        (github, claim("sub", "repo:*")),
        ("accounts.google.com", String::new()),
    ] {
        assert_eq!(
            trust(provider, &condition),
            "violated",
            "{provider} {condition}"
        );
    }
}

/// Whose the resource is says whose identity-based policies are in question: those of other accounts are supposed to allow.
#[test]
fn another_accounts_role_is_new_access_whoever_owns_the_bucket() {
    let bucket = |roles: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":[{roles}]}},"Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::b/*"}}]}}"#
        );
        compiled(&text, PolicyType::Resource)
    };
    let own = r#""arn:aws:iam::111122223333:role/own""#;
    let old = bucket(own);
    for added in [
        "arn:aws:iam::444455556666:role/x",
        "arn:aws:iam::444455556666:root",
    ] {
        let new = bucket(&format!(r#"{own},"{added}""#));
        let owner = AccountId::parse("111122223333").map(Owner::Account);
        let [old, new] = [&old, &new].map(|set| alone(set, PolicyType::Resource, owner));
        let verdict = no_new_access(old, new).answer(&Facts::default());
        let violation = verdict.violation().unwrap();
        let caller = violation.request().principal().account();
        assert_eq!(caller, AccountId::parse("444455556666"), "{added}");
        let back = no_new_access(new, old).answer(&Facts::default());
        assert!(back.is_proved(), "{added}");
    }
}

#[test]
fn the_account_of_a_resource_is_its_owners() {
    let own = for_everybody(r#""StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}"#);
    assert_eq!(of_strangers(&own, PolicyType::Resource), "proved");
    let set = compiled(
        &format!(r#"{{"Version":"2012-10-17","Statement":[{own}]}}"#),
        PolicyType::Resource,
    );
    let stage = alone(&set, PolicyType::Resource, None);
    let strangers = strangers(&set, None).unwrap();
    assert!(
        public(stage, &strangers)
            .answer(&Facts::default())
            .is_proved()
    );
    let at_home = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{
        "aws:ResourceAccount":"${aws:PrincipalAccount}"}}}"#;
    let anywhere = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    let [at_home, anywhere] = [statement(at_home), statement(anywhere)];
    let verdict = new_access(&at_home, &anywhere);
    let request = verdict.violation().unwrap().request();
    assert!(request.context().get("aws:ResourceAccount").is_none());
}

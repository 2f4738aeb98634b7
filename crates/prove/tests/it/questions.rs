//! Questions with known answers.

use crate::worlds::compiled;
use policy::{PolicySet, PolicyType};
use prove::{Facts, Verdict, alone, no_new_access, not_granted, public, strangers};

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
        let strangers = strangers(&set).unwrap();
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

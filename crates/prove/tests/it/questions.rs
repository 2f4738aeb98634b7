//! Questions with known answers.

use crate::worlds::compiled;
use policy::{PolicySet, PolicyType};
use prove::{Facts, Verdict, alone, no_new_access, not_granted, public};

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
    let bucket = |condition: &str| {
        compiled(
            &format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
                "Resource":"arn:aws:s3:::b/*"{condition}}}]}}"#
            ),
            PolicyType::Resource,
        )
    };
    let facts = Facts::default();
    let open = bucket("");
    let stage = alone(&open, PolicyType::Resource, None);
    assert!(public(stage).answer(&facts).violation().is_some());
    let closed = bucket(r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#);
    let stage = alone(&closed, PolicyType::Resource, None);
    assert!(public(stage).answer(&facts).is_proved());
}

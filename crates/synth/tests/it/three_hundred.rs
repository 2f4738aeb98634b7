//! 300 users in 12 domains: names repeat from domain to domain, and nobody reaches a namesake.

use crate::{Session, Tenancy, example};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

#[test]
fn there_are_300_in_12_domains() {
    let blueprint = example("three-hundred.toml");
    let domains = &blueprint.accounts[0].domains;
    assert_eq!(domains.len(), 12);
    let users: usize = domains
        .iter()
        .map(|domain| domain.user_profiles.len())
        .sum();
    assert_eq!(users, 300);
}

#[test]
fn everybody_reaches_what_is_theirs_and_no_namesakes() {
    let tenancy = Tenancy::example("three-hundred.toml");
    let blueprint = example("three-hundred.toml");
    let domains = &blueprint.accounts[0].domains;
    for (at, domain) in domains.iter().enumerate() {
        let other = &domains[(at + 1) % domains.len()];
        let role = format!("{}-execution", domain.name);
        for (number, profile) in domain.user_profiles.iter().enumerate().step_by(8) {
            let next = &domain.user_profiles[(number + 1) % 25].name;
            let name = &profile.name;
            let session = Session::studio(&tenancy, (ACCOUNT, &role), &domain.id, name);
            let object =
                |domain: &str, name: &str| format!("arn:aws:s3:::acme-ml/{domain}/users/{name}/a");
            assert!(session.may("s3:PutObject", &object(&domain.name, name)));
            assert!(!session.may("s3:PutObject", &object(&domain.name, next)));
            assert!(!session.may("s3:PutObject", &object(&domain.name, &format!("{name}x"))));
            assert!(!session.may("s3:GetObject", &object(&other.name, name)));
            let job = format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/a");
            let stop = |domain: &str, owner: &str| {
                let session = session.clone().on(REGION, domain, owner);
                session.may("sagemaker:StopTrainingJob", &job)
            };
            assert!(stop(&domain.id, name));
            assert!(!stop(&domain.id, next));
            assert!(!stop(&other.id, name));
        }
    }
}

#[test]
fn the_people_of_a_team_open_no_other_domain() {
    let tenancy = Tenancy::example("three-hundred.toml");
    let policies = &tenancy.plan.accounts[0].policies;
    let open = policies.iter().find(|it| it.name == "risk-open-studio");
    let text = open.unwrap().policy.text();
    assert!(
        text.contains("user-profile/d-risk/${aws:username}\""),
        "{text}"
    );
}

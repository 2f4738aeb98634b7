//! A blueprint with what is synthesised from it.

use crate::{example, examples, read};

#[test]
fn every_role_of_a_domain_is_described() {
    for name in examples() {
        let whole = synth::complete(&example(&name)).unwrap();
        for account in &whole.accounts {
            for domain in &account.domains {
                let role = domain.execution_role.rsplit('/').next().unwrap();
                let known = account.roles.iter().find(|known| known.name == role);
                let known = known.unwrap_or_else(|| panic!("{name}: {role}"));
                for arn in &known.managed_policies {
                    let policy = arn.rsplit('/').next().unwrap();
                    assert!(
                        account.policies.iter().any(|it| it.name == policy),
                        "{policy}"
                    );
                }
            }
        }
    }
}

#[test]
fn members_who_are_users_open_their_studio() {
    let whole = synth::complete(&example("two-teams.toml")).unwrap();
    let users = &whole.accounts[0].users;
    for (user, policy) in [("alice", "vision"), ("bob", "vision"), ("carol", "speech")] {
        let user = users.iter().find(|it| it.name == user).unwrap();
        assert_eq!(
            user.managed_policies,
            [format!(
                "arn:aws:iam::123456789012:policy/{policy}-open-studio"
            )]
        );
    }
}

#[test]
fn what_has_no_teams_stays_as_it_is() {
    let blueprint = read("region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n");
    assert_eq!(synth::complete(&blueprint).unwrap(), blueprint);
}

const TEAM: &str = "region = \"us-east-1\"\n[[account]]\nid = \"123456789012\"\n[[domain]]\nname = \"a\"\n\
                    [[team]]\nname = \"a\"\nfeatures = [\"studio\"]\n";

#[test]
fn a_name_that_is_taken_is_refused() {
    let document =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let text =
        format!("{TEAM}[[policy]]\nname = \"a-execution-workspace\"\ndocument = '{document}'\n");
    let problem = synth::complete(&read(&text)).unwrap_err().to_string();
    assert!(problem.contains("`a-execution-workspace`"), "{problem}");
}

#[test]
fn a_bucket_keeps_a_policy_of_its_own() {
    let own = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let team = TEAM.to_owned() + "storage = [{ bucket = \"data-of-a\" }]\n";
    let text = format!("{team}[[bucket]]\nname = \"data-of-a\"\npolicy = '{own}'\n");
    let blueprint = read(&text);
    let whole = synth::complete(&blueprint).unwrap();
    assert_eq!(whole.accounts[0].buckets, blueprint.accounts[0].buckets);
    let notes = synth::synthesise(&blueprint).unwrap().notes;
    assert!(
        notes.iter().any(|note| note.contains("`data-of-a`")),
        "{notes:?}"
    );
}

/// Without the domain's id nothing opens Studio, for a namesake in another domain would be met.
#[test]
fn a_domain_without_an_id_opens_for_nobody() {
    let whole = synth::complete(&read(&format!("{TEAM}[[user]]\nname = \"bob\"\n"))).unwrap();
    let policies = &whole.accounts[0].policies;
    assert!(policies.iter().all(|policy| policy.name != "a-open-studio"));
}

#[test]
fn the_instances_of_a_cluster_get_what_runs_work_in_names() {
    let whole = synth::complete(&example("emr.toml")).unwrap();
    let roles = &whole.accounts[0].roles;
    let role = roles
        .iter()
        .find(|role| role.name == "EmrInstances")
        .unwrap();
    let policy = "arn:aws:iam::123456789012:policy/spark-runtime-roles";
    assert_eq!(role.managed_policies, [policy]);
}

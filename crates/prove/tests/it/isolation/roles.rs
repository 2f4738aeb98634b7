//! Roles that others come to, and who names their sessions.

use policy::{PolicySet, PolicyType};
use prove::isolation::{Answer, Obligation, Role, answer};
use prove::tenancy::Tenancy;
use prove::{Facts, alone};

use super::{PREFIX, replayed, set, show, verdict};

/// Roles with the statements of their policies.
fn graph(roles: &[(&str, &[&str])]) -> Answer {
    let sets: Vec<PolicySet> = roles
        .iter()
        .map(|(_, own)| set(own, PolicyType::Identity))
        .collect();
    let roles: Vec<Role<'_>> = roles
        .iter()
        .zip(&sets)
        .map(|((name, _), set)| Role {
            name: (*name).to_owned(),
            stage: alone(set, PolicyType::Identity, None),
            trust: None,
        })
        .collect();
    answer(&roles, Tenancy::built_in(&sets), &Facts::default())
}

#[test]
fn every_role_that_a_session_can_come_to_is_looked_at() {
    let on = |role: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":["sts:AssumeRole","iam:PassRole"],"Resource":"arn:aws:iam::123456789012:role/{role}"}}"#
        )
    };
    let (jobs, any) = (on("Jobs"), on("*"));
    let open =
        r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::my-bucket/*"}"#;
    let both = graph(&[("Studio", &[PREFIX, &jobs]), ("Jobs", &[PREFIX])]);
    assert_eq!(both.verdict(None), "proved", "{}", show(&both));
    let alone = graph(&[("Studio", &[PREFIX, &jobs])]);
    assert_eq!(
        verdict(&alone, Obligation::Identity),
        "unknown",
        "{}",
        show(&alone)
    );
    let wide = graph(&[("Studio", &[PREFIX, &jobs]), ("Jobs", &[PREFIX, open])]);
    assert_eq!(
        verdict(&wide, Obligation::Access),
        "violated",
        "{}",
        show(&wide)
    );
    assert_eq!(replayed(&wide).role, "Jobs");
    let anywhere = graph(&[("Studio", &[PREFIX, &any]), ("Jobs", &[PREFIX])]);
    assert_eq!(
        verdict(&anywhere, Obligation::Identity),
        "violated",
        "{}",
        show(&anywhere)
    );
    replayed(&anywhere);
}

#[test]
fn nobody_but_a_service_chooses_the_name_of_a_session() {
    let trusted = |principal: &str, condition: &str| {
        let identity = set(&[PREFIX], PolicyType::Identity);
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{principal},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]{condition}}}"#
        );
        let trust = set(&[&statement], PolicyType::Trust);
        let role = Role {
            name: String::new(),
            stage: alone(&identity, PolicyType::Identity, None),
            trust: Some(alone(&trust, PolicyType::Trust, None)),
        };
        let answer = answer(&[role], Tenancy::built_in([&identity]), &Facts::default());
        verdict(&answer, Obligation::Identity)
    };
    let account = r#"{"AWS":"123456789012"}"#;
    assert_eq!(
        trusted(r#"{"Service":"sagemaker.amazonaws.com"}"#, ""),
        "proved"
    );
    assert_eq!(trusted(account, ""), "violated");
    let own = r#","Condition":{"StringEquals":{"sts:SourceIdentity":"${aws:username}"}}"#;
    assert_eq!(trusted(account, own), "proved");
}

/// The instances of a cluster give sessions the names that EMR tells them: that is trusted where it is said, of that role,
/// and of nobody who can become it.
#[test]
fn a_role_may_be_trusted_to_name_sessions() {
    let text = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n\
        [[owned]]\nresource = \"arn:aws:s3:::my-bucket/my_domain/users/${owner}/*\"\n\
        [[trusted]]\nrole = \"arn:aws:iam::123456789012:role/EmrInstances\"\nsource = \"EMR\"\n";
    let ask = |principal: &str, more: &[&str]| {
        let tenants = set(&[&[PREFIX], more].concat(), PolicyType::Identity);
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::123456789012:role/{principal}"}},
                "Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}"#
        );
        let trust = set(&[&statement], PolicyType::Trust);
        let onward = r#"{"Effect":"Allow","Action":["sts:AssumeRole","sts:SetSourceIdentity"],
                "Resource":"arn:aws:iam::123456789012:role/Runtime"}"#;
        let instances = set(&[onward], PolicyType::Identity);
        let none = set(&[], PolicyType::Trust);
        let role = |name: &str, identity, trust| Role {
            name: name.to_owned(),
            stage: alone(identity, PolicyType::Identity, None),
            trust: Some(alone(trust, PolicyType::Trust, None)),
        };
        let roles = [
            role("Runtime", &tenants, &trust),
            role("EmrInstances", &instances, &none),
        ];
        let tenancy = Tenancy::read("t.toml", text).unwrap();
        answer(&roles, tenancy, &Facts::default())
    };
    let sound = ask("EmrInstances", &[]);
    assert_eq!(sound.verdict(None), "proved", "{}", show(&sound));
    assert!(
        sound
            .to_text()
            .contains("role/EmrInstances` names sessions")
    );
    let other = ask("EmrInstances2", &[]);
    assert_eq!(verdict(&other, Obligation::Identity), "violated");
    let become_it = r#"{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::123456789012:role/Emr*"}"#;
    let reached = ask("EmrInstances", &[become_it]);
    assert_eq!(verdict(&reached, Obligation::Identity), "violated");
}

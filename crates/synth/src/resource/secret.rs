//! Policies of secrets.

use blueprint::{Account, Blueprint, Secret, Share, Shared};

use crate::place::Scope;
use crate::statement::Statement;

/// Everything that tells, changes or destroys a secret.
const ACTIONS: &[&str] = &["secretsmanager:*"];

/// The statements of a secret that lies where members or teams have theirs; none for any other.
pub(crate) fn secret(blueprint: &Blueprint, owner: &Account, secret: &Secret) -> Vec<Statement> {
    let teams: Vec<Scope<'_>> = Scope::of(blueprint, owner).collect();
    let roles = |keep: &dyn Fn(&Scope<'_>) -> bool| -> Vec<String> {
        let some = teams.iter().filter(|scope| keep(scope));
        some.flat_map(all_roles).collect()
    };
    for scope in &teams {
        for prefix in &scope.team.secrets {
            let Some(member) = member_of(&secret.name, prefix) else {
                continue;
            };
            let mut statements = vec![
                closed("OnlyItsOwner")
                    .when("ArnEquals", "aws:PrincipalArn", [scope.execution_role()])
                    .when("StringNotEquals", "aws:SourceIdentity", [member]),
            ];
            let mut others = roles(&|other| other.team.name != scope.team.name);
            if scope.has_service_role() {
                others.push(scope.service_role());
            }
            if !others.is_empty() {
                statements.push(closed("NoOtherTeam").when(
                    "ArnEquals",
                    "aws:PrincipalArn",
                    others,
                ));
            }
            return statements;
        }
    }
    let within = |share: &&Share| match &share.what {
        Shared::Secrets(prefix) => below(&secret.name, prefix).is_some(),
        _ => false,
    };
    let Some(share) = blueprint.shares.iter().find(within) else {
        return Vec::new();
    };
    let others = roles(&|other| !share.teams.contains(&other.team.name));
    match others.is_empty() {
        true => Vec::new(),
        false => vec![closed("NoOtherTeam").when("ArnEquals", "aws:PrincipalArn", others)],
    }
}

fn all_roles(scope: &Scope<'_>) -> Vec<String> {
    let service = scope.has_service_role().then(|| scope.service_role());
    std::iter::once(scope.execution_role())
        .chain(service)
        .collect()
}

fn closed(sid: &str) -> Statement {
    Statement::deny(sid)
        .everybody()
        .actions(ACTIONS.iter().copied())
        .resources(["*"])
}

fn below<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_prefix('/')
}

/// Whose a secret is, by its name.
fn member_of<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let (member, rest) = below(name, prefix)?.split_once('/')?;
    (!member.is_empty() && !rest.is_empty()).then_some(member)
}

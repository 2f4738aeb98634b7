//! EMR: the roles that steps and sessions run with, and the configuration that hands names on to them.

use blueprint::{Catalog, Cluster, Team};
use serde_json::{Value, json};

use crate::execution;
use crate::place::Scope;
use crate::statement::Statement;

/// The name of the role that a team's work on a cluster runs with.
pub(crate) fn runtime_role(team: &Team, cluster: &Cluster) -> String {
    format!("{}-{}-runtime", team.name, cluster.name)
}

/// The security configuration of a kind of cluster (EMR Management Guide, "Configure runtime roles").
pub(crate) fn security_configuration() -> Value {
    json!({
        "AuthorizationConfiguration": {
            "IAMConfiguration": {
                "EnableApplicationScopedIAMRole": true,
                "ApplicationScopedIAMRoleConfiguration": {"PropagateSourceIdentity": true}
            }
        }
    })
}

/// Who assumes a runtime role: the instances of its cluster, with the name of who runs something there. Whose name that is,
/// EMR tells them; nothing that IAM knows of instances binds it, and what is proved of runtime roles rests on it.
pub(crate) fn runtime_trust(scope: &Scope<'_>, cluster: &Cluster) -> Vec<Statement> {
    let roles = &scope.account.roles;
    let name = &cluster.instance_role;
    let known = roles.iter().find(|role| role.name == *name);
    let path = known.map_or("/", |role| role.path.as_str());
    let instances = scope
        .place
        .role(&format!("{}{name}", path.trim_start_matches('/')));
    let statement = Statement::allow("OwnClusterInSomebodysName")
        .principal("AWS", &[instances])
        .actions(["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"])
        .with("sts:SourceIdentity");
    vec![match &scope.team.user_profile_pattern {
        Some(pattern) => statement.when("StringLike", "sts:SourceIdentity", [pattern]),
        None => statement,
    }]
}

/// What runs on a cluster reaches what its user reaches of data, and nothing of SageMaker.
pub(crate) fn runtime_statements(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = vec![
        Statement::deny("NothingWithoutAName")
            .actions(["*"])
            .resources(["*"])
            .without("aws:SourceIdentity"),
    ];
    statements.extend(execution::runtime_data(scope));
    let catalogs: Vec<&Catalog> = scope
        .account
        .catalogs
        .iter()
        .filter(|catalog| scope.team.catalogs.contains(&catalog.name))
        .collect();
    if !catalogs.is_empty() {
        statements.push(execution::tables(scope, &catalogs));
    }
    statements
}

/// What the role of a cluster's instances needs so that work runs with runtime roles.
pub(crate) fn instance_statements(roles: &[String]) -> Vec<Statement> {
    vec![
        Statement::allow("WorkAsWhoAsks")
            .actions(["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"])
            .resources(roles.iter().cloned()),
    ]
}

//! Guard rails: what no policy within an account can allow again.

use blueprint::{Blueprint, Cluster, GuardRail};

use crate::emr;
use crate::place::Scope;
use crate::statement::Statement;

/// What an SCP denies everybody but administrators.
pub(crate) fn service_control(blueprint: &Blueprint) -> Vec<Statement> {
    let wanted = |rail| blueprint.guard_rails.wanted.contains(&rail);
    let mut statements = Vec::new();
    if wanted(GuardRail::DomainSettings) {
        statements.push(
            Statement::deny("KeepDomainSettings")
                .actions([
                    "sagemaker:CreateDomain",
                    "sagemaker:CreateUserProfile",
                    "sagemaker:DeleteDomain",
                    "sagemaker:DeleteUserProfile",
                    "sagemaker:UpdateDomain",
                    "sagemaker:UpdateUserProfile",
                ])
                .resources(["*"]),
        );
    }
    if wanted(GuardRail::OwnershipTags) {
        statements.push(
            Statement::deny("KeepOwnershipTags")
                .actions(["sagemaker:AddTags", "sagemaker:DeleteTags"])
                .resources(["*"])
                .when("ForAnyValue:StringLike", "aws:TagKeys", ["sagemaker:*"])
                .without("sagemaker:TaggingAction"),
        );
    }
    if wanted(GuardRail::ExecutionRoles) {
        statements.extend(keep_roles(blueprint));
    }
    if wanted(GuardRail::Trails) {
        statements.extend(keep_trails(blueprint));
    }
    let administrators = administrators(blueprint);
    if administrators.is_empty() {
        return statements;
    }
    let except = |statement: Statement| {
        statement.when(
            "ArnNotLike",
            "aws:PrincipalArn",
            administrators.iter().cloned(),
        )
    };
    statements.into_iter().map(except).collect()
}

fn administrators(blueprint: &Blueprint) -> Vec<String> {
    let arn = |role: &String| format!("arn:{}:iam::*:role/{role}", blueprint.partition);
    blueprint
        .guard_rails
        .administrators
        .iter()
        .map(arn)
        .collect()
}

/// Whoever changes a role's policies or who may assume it becomes everybody who works with it.
fn keep_roles(blueprint: &Blueprint) -> Vec<Statement> {
    let (mut roles, mut policies) = (Vec::new(), Vec::new());
    for scope in Scope::all(blueprint) {
        let mut names = vec![scope.team.execution_role.clone()];
        names.extend(
            scope
                .has_service_role()
                .then(|| scope.team.service_role.clone()),
        );
        let used = |cluster: &&Cluster| scope.team.clusters.contains(&cluster.name);
        let clusters = scope.account.clusters.iter().filter(used);
        names.extend(clusters.map(|cluster| emr::runtime_role(scope.team, cluster)));
        roles.extend(names.iter().map(|name| scope.place.role(name)));
        // The names of what the team has begin with the team's, unless the blueprint gives others.
        let team = &scope.team.name;
        names.retain(|name| !name.starts_with(&format!("{team}-")));
        names.push(team.clone());
        policies.extend(
            names
                .iter()
                .map(|name| scope.place.policy(&format!("{name}-*"))),
        );
    }
    if roles.is_empty() {
        return Vec::new();
    }
    vec![
        Statement::deny("KeepRoles")
            .actions([
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ])
            .resources(roles),
        Statement::deny("KeepPolicies")
            .actions([
                "iam:CreatePolicy",
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:SetDefaultPolicyVersion",
            ])
            .resources(policies),
    ]
}

fn keep_trails(blueprint: &Blueprint) -> Option<Statement> {
    let mut arns = Vec::new();
    for account in &blueprint.accounts {
        for trail in &account.trails {
            arns.push(format!(
                "arn:{}:cloudtrail:*:{}:trail/{}",
                blueprint.partition, account.id, trail.name
            ));
        }
    }
    (!arns.is_empty()).then(|| {
        Statement::deny("KeepTrails")
            .actions([
                "cloudtrail:DeleteTrail",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:StopLogging",
                "cloudtrail:UpdateTrail",
            ])
            .resources(arns)
    })
}

/// What an RCP denies AWS's own services when they act for a stranger (IAM User Guide, "The confused deputy problem").
/// Requests of services that do not say for whom they act are let through, for there are such integrations.
pub(crate) fn resource_control(blueprint: &Blueprint) -> Vec<Statement> {
    let rail = GuardRail::Deputies;
    let organization = blueprint.organization.as_ref();
    let Some(organization) = organization.filter(|_| blueprint.guard_rails.wanted.contains(&rail))
    else {
        return Vec::new();
    };
    let mut statement = Statement::deny("NoServiceForAStranger")
        .everybody()
        .actions(["kms:*", "s3:*", "secretsmanager:*", "sqs:*", "sts:*"])
        .resources(["*"])
        .when(
            "StringNotEqualsIfExists",
            "aws:SourceOrgID",
            [&organization.id],
        );
    if !organization.trusted_accounts.is_empty() {
        let trusted = organization.trusted_accounts.iter();
        statement = statement.when("StringNotEqualsIfExists", "aws:SourceAccount", trusted);
    }
    vec![
        statement
            .with("aws:SourceAccount")
            .when("Bool", "aws:PrincipalIsAWSService", ["true"]),
    ]
}

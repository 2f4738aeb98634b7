//! Clusters and catalogs.

use blueprint::{Catalog, Cluster};

use crate::emr;
use crate::place::Scope;
use crate::statement::Statement;

pub(super) fn statements(scope: &Scope<'_>) -> Vec<Statement> {
    let clusters: Vec<&Cluster> = scope
        .account
        .clusters
        .iter()
        .filter(|cluster| scope.team.clusters.contains(&cluster.name))
        .collect();
    let catalogs: Vec<&Catalog> = scope
        .account
        .catalogs
        .iter()
        .filter(|catalog| scope.team.catalogs.contains(&catalog.name))
        .collect();
    let mut statements = Vec::new();
    for (at, cluster) in clusters.iter().enumerate() {
        let ending = if at == 0 {
            String::new()
        } else {
            (at + 1).to_string()
        };
        statements.extend(own_cluster(scope, cluster, &ending));
    }
    if !catalogs.is_empty() {
        statements.extend(queries(scope, &catalogs));
    }
    statements
}

/// A cluster is its user's: it is tagged with the name, and with the team's, for another team may have a member of the
/// same name.
fn own_cluster(scope: &Scope<'_>, cluster: &Cluster, ending: &str) -> Vec<Statement> {
    let arn = scope.place.arn("elasticmapreduce", "cluster/*");
    let tag = format!("elasticmapreduce:ResourceTag/{}", cluster.tag);
    let own = |statement: Statement| {
        statement
            .resources([arn.clone()])
            .when("StringEquals", &tag, ["${aws:SourceIdentity}"])
            .when(
                "StringEquals",
                "elasticmapreduce:ResourceTag/team",
                [&scope.team.name],
            )
    };
    let runtime = scope.place.role(&emr::runtime_role(scope.team, cluster));
    vec![
        own(Statement::allow(&format!("OwnCluster{ending}")).actions([
            "elasticmapreduce:CancelSteps",
            "elasticmapreduce:CreatePersistentAppUI",
            "elasticmapreduce:DescribeCluster",
            "elasticmapreduce:DescribePersistentAppUI",
            "elasticmapreduce:DescribeStep",
            "elasticmapreduce:GetOnClusterAppUIPresignedURL",
            "elasticmapreduce:ListInstanceGroups",
            "elasticmapreduce:ListInstances",
            "elasticmapreduce:ListSteps",
        ])),
        own(
            Statement::allow(&format!("WorkOnOwnCluster{ending}")).actions([
                "elasticmapreduce:AddJobFlowSteps",
                "elasticmapreduce:GetClusterSessionCredentials",
                "elasticmapreduce:GetPersistentAppUIPresignedURL",
            ]),
        )
        .when("ArnEquals", "elasticmapreduce:ExecutionRoleArn", [runtime]),
    ]
}

/// Queries and the tables that they see. Athena reads and writes files as who asks: results go where the query says,
/// which is below one's own prefix or nowhere.
fn queries(scope: &Scope<'_>, catalogs: &[&Catalog]) -> Vec<Statement> {
    let place = scope.place;
    let workgroups = catalogs
        .iter()
        .map(|catalog| place.arn("athena", &format!("workgroup/{}", catalog.workgroup)));
    vec![
        Statement::allow("Query")
            .actions([
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ])
            .resources(workgroups),
        tables(scope, catalogs),
    ]
}

/// The tables, as Glue checks them: the catalog, the database and the table.
pub(crate) fn tables(scope: &Scope<'_>, catalogs: &[&Catalog]) -> Statement {
    let place = scope.place;
    let mut arns = vec![place.arn("glue", "catalog")];
    for catalog in catalogs {
        let database = &catalog.database;
        arns.push(place.arn("glue", &format!("database/{database}")));
        for table in &catalog.tables {
            arns.push(place.arn("glue", &format!("table/{database}/{table}")));
        }
    }
    Statement::allow("SeeTables")
        .actions([
            "glue:BatchGetPartition",
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTables",
        ])
        .resources(arns)
}

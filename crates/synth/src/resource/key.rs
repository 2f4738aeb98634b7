//! Key policies.

use blueprint::{Account, Blueprint, Bucket, Key};

use crate::execution::{self, Reach};
use crate::place::{Place, Scope};
use crate::statement::Statement;

/// The statements of a key: the account's own policies decide about it, and roles of other accounts that reach a bucket
/// encrypted with it use it, through S3 and in somebody's name.
pub(crate) fn key(blueprint: &Blueprint, owner: &Account, key: &Key) -> Vec<Statement> {
    let place = Place {
        partition: &blueprint.partition,
        region: &blueprint.region,
        account: &owner.id,
    };
    let encrypted = |bucket: &&Bucket| bucket.key.as_deref() == Some(key.name.as_str());
    let buckets: Vec<&str> = owner
        .buckets
        .iter()
        .filter(encrypted)
        .map(|bucket| bucket.name.as_str())
        .collect();
    let mut named = Vec::new();
    let mut elsewhere = Vec::new();
    for scope in Scope::all(blueprint) {
        let reaches = |reach: &Reach<'_>| buckets.contains(&reach.area.bucket.as_str());
        if !execution::reach(&scope).iter().any(reaches) {
            continue;
        }
        named.push(scope.execution_role());
        if scope.account.id != owner.id {
            elsewhere.push(scope.execution_role());
            elsewhere.extend(scope.has_service_role().then(|| scope.service_role()));
        }
    }
    let mut statements = vec![
        Statement::allow("AccountDecides")
            .principal("AWS", &[place.root()])
            .actions(["kms:*"])
            .resources(["*"]),
    ];
    if !elsewhere.is_empty() {
        statements.push(
            Statement::allow("TeamsOfOtherAccounts")
                .principal("AWS", &elsewhere)
                .actions(["kms:Decrypt", "kms:GenerateDataKey"])
                .resources(["*"])
                .when("StringEquals", "kms:ViaService", place.via("s3")),
        );
    }
    if !named.is_empty() {
        statements.push(
            Statement::deny("NobodyWithoutAName")
                .everybody()
                .actions(["kms:*"])
                .resources(["*"])
                .when("ArnEquals", "aws:PrincipalArn", named)
                .without("aws:SourceIdentity"),
        );
    }
    statements
}

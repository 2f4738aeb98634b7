//! One's own objects and secrets, and what the team shares with others.

use std::collections::BTreeMap;

use blueprint::{Area, Bucket, Share, Shared};

use crate::place::{Place, Scope};
use crate::statement::Statement;

/// Reading an object.
const READ: &[&str] = &["s3:GetObject"];
/// Writing an object, also in parts.
const WRITE: &[&str] = &[
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];

/// The actions on objects that a team gets.
pub(crate) fn objects(writable: bool) -> Vec<&'static str> {
    let write = if writable { WRITE } else { &[] };
    READ.iter().chain(write).copied().collect()
}

/// Actions on feature groups that others made.
const READ_RECORDS: &[&str] = &[
    "sagemaker:BatchGetRecord",
    "sagemaker:DescribeFeatureGroup",
    "sagemaker:DescribeFeatureMetadata",
    "sagemaker:GetRecord",
];
const WRITE_RECORDS: &[&str] = &["sagemaker:DeleteRecord", "sagemaker:PutRecord"];

const OWN_SECRET: &[&str] = &[
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RestoreSecret",
    "secretsmanager:UpdateSecret",
];

pub(super) fn statements(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = own_objects(scope);
    statements.extend(own_secrets(scope));
    statements.extend(shared(scope));
    statements.extend(no_own_under_shared_names(scope));
    statements.extend(catalog_data(scope));
    statements.extend(locations(scope));
    statements.extend(keys(scope, buckets_of(scope)));
    statements
}

/// A feature group is shared by its name: a member's own, made under such a name, would be open to all who share, and be
/// taken for theirs. Only teams that may change the shared ones make them.
fn no_own_under_shared_names(scope: &Scope<'_>) -> Option<Statement> {
    let mut names: Vec<&String> = Vec::new();
    let mut changed: Vec<&String> = Vec::new();
    for share in &scope.blueprint.shares {
        if let Shared::FeatureGroups(groups) = &share.what {
            names.extend(groups);
            let own = share.writable && share.teams.contains(&scope.team.name);
            changed.extend(groups.iter().filter(|_| own));
        }
    }
    names.retain(|name| !changed.contains(name));
    let arn = |name: &&String| scope.place.sagemaker(&format!("feature-group/{name}"));
    (scope.team.feature_store && !names.is_empty()).then(|| {
        Statement::deny("NoOwnFeaturesUnderSharedNames")
            .actions(["sagemaker:CreateFeatureGroup"])
            .resources(names.iter().map(arn))
    })
}

/// What a cluster works with in its user's name.
pub(crate) fn runtime(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = own_objects(scope);
    statements.extend(shared(scope));
    statements.extend(catalog_data(scope));
    statements.extend(locations(scope));
    statements.extend(keys(scope, buckets_of(scope)));
    statements
}

/// What the service role reaches: what is shared, and nothing of a member's.
pub(crate) fn service(scope: &Scope<'_>) -> Vec<Statement> {
    let areas = shares(scope).filter_map(|share| match &share.what {
        Shared::Objects(area) => Some(area.bucket.clone()),
        _ => None,
    });
    let buckets: Vec<String> = areas.collect();
    let mut statements = shared(scope);
    statements.extend(location_statement(scope.place, &buckets));
    statements.extend(keys(scope, buckets));
    statements
}

/// What this team shares.
fn shares<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Share> + use<'a> {
    let name = scope.team.name.as_str();
    let all = scope.blueprint.shares.as_slice();
    let of_team = move |share: &&Share| share.teams.iter().any(|team| team == name);
    // Who may change something may read it.
    let changed = move |share: &&Share| {
        let same = |other: &&Share| other.writable && other.what == share.what;
        !share.writable && all.iter().filter(of_team).any(|other| same(&other))
    };
    all.iter()
        .filter(of_team)
        .filter(move |share| !changed(share))
}

fn own_objects(scope: &Scope<'_>) -> Vec<Statement> {
    let storage = &scope.team.storage;
    if storage.is_empty() {
        return Vec::new();
    }
    let own = |area: &Area| format!("{}/${{aws:SourceIdentity}}", area.prefix);
    let arns = storage
        .iter()
        .map(|area| scope.place.objects(&area.bucket, &own(area)));
    let mut statements = vec![
        Statement::allow("OwnObjects")
            .actions(objects(true))
            .resources(arns),
    ];
    let by_bucket = by_bucket(storage.iter().map(|area| (area, own(area))));
    statements.extend(listing(scope.place, "ListOwn", by_bucket));
    statements
}

/// Prefixes by bucket, both in their order.
fn by_bucket<'a>(
    areas: impl Iterator<Item = (&'a Area, String)>,
) -> BTreeMap<&'a str, Vec<String>> {
    let mut by_bucket: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (area, prefix) in areas {
        by_bucket
            .entry(area.bucket.as_str())
            .or_default()
            .push(format!("{prefix}/*"));
    }
    by_bucket
}

/// Listing is by prefix, and the prefix ends with a slash: `users/bob` alone would show what `users/bobby` has.
fn listing(place: Place<'_>, sid: &str, buckets: BTreeMap<&str, Vec<String>>) -> Vec<Statement> {
    let many = buckets.len() > 1;
    let statement = |(at, (bucket, prefixes)): (usize, (&str, Vec<String>))| {
        let ending = if many {
            (at + 1).to_string()
        } else {
            String::new()
        };
        Statement::allow(&format!("{sid}{ending}"))
            .actions(["s3:ListBucket"])
            .resources([place.bucket(bucket)])
            .when("StringLike", "s3:prefix", prefixes)
    };
    buckets.into_iter().enumerate().map(statement).collect()
}

fn own_secrets(scope: &Scope<'_>) -> Option<Statement> {
    let secrets = &scope.team.secrets;
    let arn = |prefix: &String| {
        scope.place.arn(
            "secretsmanager",
            &format!("secret:{prefix}/${{aws:SourceIdentity}}/*"),
        )
    };
    (!secrets.is_empty()).then(|| {
        Statement::allow("OwnSecrets")
            .actions(OWN_SECRET.iter().copied())
            .resources(secrets.iter().map(arn))
    })
}

fn shared(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    for writable in [false, true] {
        let ending = if writable { "Change" } else { "Read" };
        let some: Vec<&Share> = shares(scope)
            .filter(|share| share.writable == writable)
            .collect();
        let areas = some.iter().filter_map(|share| match &share.what {
            Shared::Objects(area) => Some(area),
            _ => None,
        });
        let areas: Vec<&Area> = areas.collect();
        if !areas.is_empty() {
            let arns = areas
                .iter()
                .map(|area| scope.place.objects(&area.bucket, &area.prefix));
            statements.push(
                Statement::allow(&format!("{ending}SharedObjects"))
                    .actions(objects(writable))
                    .resources(arns),
            );
            let prefixes = areas.iter().map(|area| (*area, area.prefix.clone()));
            let sid = format!("ListSharedTo{ending}");
            statements.extend(listing(scope.place, &sid, by_bucket(prefixes)));
        }
        statements.extend(shared_secrets(scope, &some, writable));
        statements.extend(shared_features(scope, &some, writable));
    }
    statements
}

fn shared_secrets(scope: &Scope<'_>, shares: &[&Share], writable: bool) -> Option<Statement> {
    let prefixes = shares.iter().filter_map(|share| match &share.what {
        Shared::Secrets(prefix) => Some(prefix),
        _ => None,
    });
    let arns: Vec<String> = prefixes
        .map(|prefix| {
            scope
                .place
                .arn("secretsmanager", &format!("secret:{prefix}/*"))
        })
        .collect();
    let read = [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
    ];
    let write = ["secretsmanager:PutSecretValue"];
    let write = write.into_iter().filter(|_| writable);
    let ending = if writable { "Change" } else { "Read" };
    (!arns.is_empty()).then(|| {
        Statement::allow(&format!("{ending}SharedSecrets"))
            .actions(read.into_iter().chain(write))
            .resources(arns)
    })
}

fn shared_features(scope: &Scope<'_>, shares: &[&Share], writable: bool) -> Option<Statement> {
    let names = shares.iter().filter_map(|share| match &share.what {
        Shared::FeatureGroups(names) => Some(names),
        _ => None,
    });
    let arn = |name: &String| scope.place.sagemaker(&format!("feature-group/{name}"));
    let arns: Vec<String> = names.flatten().map(arn).collect();
    let write = if writable { WRITE_RECORDS } else { &[] };
    let ending = if writable { "Change" } else { "Read" };
    (!arns.is_empty()).then(|| {
        Statement::allow(&format!("{ending}SharedFeatures"))
            .actions(READ_RECORDS.iter().chain(write).copied())
            .resources(arns)
    })
}

/// The files of the tables that the team queries. Athena reads them as who asks.
fn catalog_data(scope: &Scope<'_>) -> Vec<Statement> {
    let areas: Vec<&Area> = catalog_areas(scope).collect();
    if areas.is_empty() {
        return Vec::new();
    }
    let arns = areas
        .iter()
        .map(|area| scope.place.objects(&area.bucket, &area.prefix));
    let mut statements = vec![
        Statement::allow("ReadTables")
            .actions(objects(false))
            .resources(arns),
    ];
    let prefixes = areas.iter().map(|area| (*area, area.prefix.clone()));
    statements.extend(listing(scope.place, "ListTables", by_bucket(prefixes)));
    statements
}

/// Where the files of the team's catalogs are.
fn catalog_areas<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Area> + use<'a> {
    let wanted = &scope.team.catalogs;
    let catalogs = scope.account.catalogs.iter();
    catalogs
        .filter(move |catalog| wanted.contains(&catalog.name))
        .flat_map(|catalog| &catalog.data)
}

/// What an area of the team is of, and whether it is each member's own.
#[derive(PartialEq)]
pub(crate) struct Reach<'a> {
    pub(crate) area: &'a Area,
    private: bool,
    pub(crate) writable: bool,
    table: bool,
}

impl Reach<'_> {
    /// Whether it is a writable or readable share of teams, and no table of a catalog.
    pub(crate) fn is_share(&self) -> bool {
        !self.private && !self.table
    }

    /// The prefix as policies have it.
    pub(crate) fn prefix(&self) -> String {
        match self.private {
            true => format!("{}/${{aws:SourceIdentity}}", self.area.prefix),
            false => self.area.prefix.clone(),
        }
    }
}

/// Everything in buckets that a team reaches.
pub(crate) fn reach<'a>(scope: &Scope<'a>) -> Vec<Reach<'a>> {
    let own = scope.team.storage.iter().map(|area| Reach {
        area,
        private: true,
        writable: true,
        table: false,
    });
    let shared = shares(scope).filter_map(|share| match &share.what {
        Shared::Objects(area) => Some(Reach {
            area,
            private: false,
            writable: share.writable,
            table: false,
        }),
        _ => None,
    });
    let tables = catalog_areas(scope).map(|area| Reach {
        area,
        private: false,
        writable: false,
        table: true,
    });
    own.chain(shared).chain(tables).collect()
}

fn buckets_of(scope: &Scope<'_>) -> Vec<String> {
    let mut names: Vec<String> = reach(scope)
        .iter()
        .map(|reach| reach.area.bucket.clone())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn locations(scope: &Scope<'_>) -> Option<Statement> {
    location_statement(scope.place, &buckets_of(scope))
}

fn location_statement(place: Place<'_>, buckets: &[String]) -> Option<Statement> {
    (!buckets.is_empty()).then(|| {
        Statement::allow("LocateBuckets")
            .actions(["s3:GetBucketLocation"])
            .resources(buckets.iter().map(|name| place.bucket(name)))
    })
}

/// The keys of the buckets, through S3 alone. A key is known by its alias, which it has before anybody knows its id.
fn keys(scope: &Scope<'_>, buckets: Vec<String>) -> Option<Statement> {
    let mut aliases = Vec::new();
    let mut arns = Vec::new();
    for account in &scope.blueprint.accounts {
        let used = |bucket: &&Bucket| buckets.contains(&bucket.name);
        for bucket in account.buckets.iter().filter(used) {
            let Some(key) = &bucket.key else { continue };
            aliases.push(format!("alias/{key}"));
            let place = Place {
                account: &account.id,
                region: &scope.blueprint.region,
                ..scope.place
            };
            arns.push(place.arn("kms", "key/*"));
        }
    }
    let place = Place {
        region: &scope.blueprint.region,
        ..scope.place
    };
    aliases.sort_unstable();
    aliases.dedup();
    (!aliases.is_empty()).then(|| {
        Statement::allow("UseKeysOfBuckets")
            .actions(["kms:Decrypt", "kms:GenerateDataKey"])
            .resources(arns)
            .when("StringEquals", "kms:ViaService", place.via("s3"))
            .when("ForAnyValue:StringEquals", "kms:ResourceAliases", aliases)
    })
}

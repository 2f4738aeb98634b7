//! Bucket policies.

use blueprint::{Account, Blueprint, Bucket, Cluster, GuardRail, Trail};

use crate::emr;
use crate::execution::{self, Reach};
use crate::place::{Place, Scope};
use crate::statement::Statement;

/// Roles that reach the same in one bucket, and are of one account.
struct Guest<'a> {
    /// What ends the names of their statements.
    label: String,
    roles: Vec<String>,
    account: &'a str,
    /// Whether its sessions have names.
    named: bool,
    reach: Vec<Reach<'a>>,
}

/// The statements of a bucket that teams use or a trail fills; none for any other.
pub(crate) fn bucket(blueprint: &Blueprint, owner: &Account, bucket: &Bucket) -> Vec<Statement> {
    let place = Place {
        partition: &blueprint.partition,
        region: &blueprint.region,
        account: &owner.id,
    };
    let guests = guests(blueprint, bucket);
    let mut statements = Vec::new();
    let named: Vec<String> = roles(&guests, true);
    if !named.is_empty() {
        statements.push(nobody_without_a_name(place, bucket, &named));
    }
    if !guests.is_empty() {
        let all: Vec<String> = [named, roles(&guests, false)].concat();
        statements.push(only_listings(place, bucket, &all));
    }
    for guest in &guests {
        statements.extend(only_theirs(place, bucket, guest));
    }
    for guest in guests.iter().filter(|guest| guest.account != owner.id) {
        statements.extend(from_elsewhere(place, bucket, guest));
    }
    statements.extend(of_trails(blueprint, place, bucket));
    if blueprint.guard_rails.wanted.contains(&GuardRail::Tls) && !statements.is_empty() {
        statements.push(only_with_tls(place, bucket));
    }
    statements
}

fn guests<'a>(blueprint: &'a Blueprint, bucket: &Bucket) -> Vec<Guest<'a>> {
    let mut guests: Vec<Guest<'a>> = Vec::new();
    for scope in Scope::all(blueprint) {
        let here = |reach: &Reach<'_>| reach.area.bucket == bucket.name;
        let all = || execution::reach(&scope).into_iter().filter(here);
        let team = scope.team.name.as_str();
        let account = scope.account.id.as_str();
        let mut add = |label: &str, role: String, named: bool, reach: Vec<Reach<'a>>| {
            let alike = |guest: &&mut Guest<'_>| {
                guest.account == account && guest.named == named && guest.reach == reach
            };
            if reach.is_empty() {
                return;
            }
            if let Some(guest) = guests.iter_mut().find(alike) {
                guest.roles.push(role);
                return;
            }
            guests.push(Guest {
                label: label_of(&[team, label], &guests),
                roles: vec![role],
                account,
                named,
                reach,
            });
        };
        add("", scope.execution_role(), true, all().collect());
        if scope.has_service_role() {
            let shared = all().filter(Reach::is_share).collect();
            add("service", scope.service_role(), false, shared);
        }
        let used = |cluster: &&Cluster| scope.team.clusters.contains(&cluster.name);
        for cluster in scope.account.clusters.iter().filter(used) {
            let role = scope.place.role(&emr::runtime_role(scope.team, cluster));
            add(&cluster.name, role, true, all().collect());
        }
    }
    guests
}

/// Names as one word, and another one than the guests before have.
fn label_of(names: &[&str], before: &[Guest<'_>]) -> String {
    let words = names.iter().flat_map(|name| name.split('-'));
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let label: String = words.map(capital).collect();
    let taken = |label: &str| before.iter().any(|guest| guest.label == label);
    let mut unique = label.clone();
    let mut number = 2;
    while taken(&unique) {
        unique = format!("{label}x{number}");
        number += 1;
    }
    unique
}

fn roles(guests: &[Guest<'_>], named: bool) -> Vec<String> {
    let some = guests.iter().filter(|guest| guest.named == named);
    some.flat_map(|guest| guest.roles.iter().cloned()).collect()
}

fn nobody_without_a_name(place: Place<'_>, bucket: &Bucket, roles: &[String]) -> Statement {
    let arn = place.bucket(&bucket.name);
    Statement::deny("NobodyWithoutAName")
        .everybody()
        .actions(["s3:*"])
        .resources([format!("{arn}/*"), arn])
        .when("ArnEquals", "aws:PrincipalArn", roles.iter().cloned())
        .without("aws:SourceIdentity")
}

/// The roles list and locate the bucket, and do nothing else with it: whoever changed its policy could do anything.
fn only_listings(place: Place<'_>, bucket: &Bucket, roles: &[String]) -> Statement {
    Statement::deny("OnlyListings")
        .everybody()
        .actions_except(&["s3:GetBucketLocation", "s3:ListBucket"])
        .resources([place.bucket(&bucket.name)])
        .when("ArnEquals", "aws:PrincipalArn", roles)
}

/// A team's role reaches no object and no listing beside its own, whatever its own policies say.
fn only_theirs(place: Place<'_>, bucket: &Bucket, guest: &Guest<'_>) -> Vec<Statement> {
    let objects = |reach: &Reach<'_>| place.objects(&bucket.name, &reach.prefix());
    let prefixes = guest.reach.iter().map(|it| format!("{}/*", it.prefix()));
    vec![
        Statement::deny(&format!("OnlyTheirObjects{}", guest.label))
            .everybody()
            .actions(["s3:*"])
            .except([place.bucket(&bucket.name)])
            .except(guest.reach.iter().map(objects))
            .when("ArnEquals", "aws:PrincipalArn", &guest.roles),
        Statement::deny(&format!("OnlyTheirListings{}", guest.label))
            .everybody()
            .actions(["s3:ListBucket"])
            .resources([place.bucket(&bucket.name)])
            .when("ArnEquals", "aws:PrincipalArn", &guest.roles)
            .when("StringNotLike", "s3:prefix", prefixes),
    ]
}

/// A role of another account needs the bucket's consent as well as its own policies'.
fn from_elsewhere(place: Place<'_>, bucket: &Bucket, guest: &Guest<'_>) -> Vec<Statement> {
    let arn = place.bucket(&bucket.name);
    let allow = |name: &str| {
        let statement =
            Statement::allow(&format!("{name}For{}", guest.label)).principal("AWS", &guest.roles);
        match guest.named {
            true => statement.with("aws:SourceIdentity"),
            false => statement,
        }
    };
    let prefixes = guest.reach.iter().map(|it| format!("{}/*", it.prefix()));
    let mut statements = vec![
        allow("List")
            .actions(["s3:ListBucket"])
            .resources([arn.clone()])
            .when("StringLike", "s3:prefix", prefixes),
        allow("Locate")
            .actions(["s3:GetBucketLocation"])
            .resources([arn]),
    ];
    for (writable, name) in [(false, "Read"), (true, "Change")] {
        let some = guest.reach.iter().filter(|it| it.writable == writable);
        let arns: Vec<String> = some
            .map(|it| place.objects(&bucket.name, &it.prefix()))
            .collect();
        if !arns.is_empty() {
            statements.push(
                allow(name)
                    .actions(execution::objects(writable))
                    .resources(arns),
            );
        }
    }
    statements
}

/// CloudTrail delivers for the trails that the blueprint names, and for no stranger's (CloudTrail User Guide, "Amazon
/// S3 bucket policy for CloudTrail").
fn of_trails(blueprint: &Blueprint, place: Place<'_>, bucket: &Bucket) -> Vec<Statement> {
    let mut trails = Vec::new();
    let mut folders = Vec::new();
    for account in &blueprint.accounts {
        let here = |trail: &&Trail| trail.bucket == bucket.name;
        for trail in account.trails.iter().filter(here) {
            let home = Place {
                account: &account.id,
                ..place
            };
            trails.push(home.arn("cloudtrail", &format!("trail/{}", trail.name)));
            let below = format!("AWSLogs/{}", account.id);
            folders.push(place.objects(&bucket.name, &below));
        }
    }
    if trails.is_empty() {
        return Vec::new();
    }
    let service = ["cloudtrail.amazonaws.com".to_owned()];
    let arn = place.bucket(&bucket.name);
    vec![
        Statement::allow("TrailsLookHere")
            .principal("Service", &service)
            .actions(["s3:GetBucketAcl"])
            .resources([arn.clone()])
            .when("ArnEquals", "aws:SourceArn", trails.clone()),
        Statement::allow("TrailsDeliverHere")
            .principal("Service", &service)
            .actions(["s3:PutObject"])
            .resources(folders)
            .when("ArnEquals", "aws:SourceArn", trails)
            .when(
                "StringEquals",
                "s3:x-amz-acl",
                ["bucket-owner-full-control"],
            ),
    ]
}

fn only_with_tls(place: Place<'_>, bucket: &Bucket) -> Statement {
    let arn = place.bucket(&bucket.name);
    Statement::deny("OnlyWithTls")
        .everybody()
        .actions(["s3:*"])
        .resources([format!("{arn}/*"), arn])
        .when("Bool", "aws:SecureTransport", ["false"])
}

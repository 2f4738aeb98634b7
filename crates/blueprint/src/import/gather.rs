//! What the exports say.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Export, ImportError};

/// Everything that was found, by account where that is known.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) partition: Option<String>,
    pub(super) accounts: BTreeSet<String>,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) users: Vec<(String, String)>,
    pub(super) domains: BTreeMap<String, Domain>,
    pub(super) buckets: BTreeSet<String>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) file_systems: BTreeMap<String, &'static str>,
    pub(super) aliases: BTreeSet<String>,
    pub(super) trails: BTreeMap<String, String>,
    pub(super) organization: Option<(String, String)>,
}

/// A role and the documents of its policies.
#[derive(Debug, Default)]
pub(super) struct Role {
    pub(super) documents: Vec<Value>,
    /// Names of managed policies whose documents were not exported.
    pub(super) unknown: Vec<String>,
    /// The ARN of its permissions boundary.
    pub(super) boundary: Option<String>,
}

/// A domain.
#[derive(Debug, Default)]
pub(super) struct Domain {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) name: String,
    pub(super) profiles: BTreeSet<String>,
    /// The ARN of its role.
    pub(super) role: Option<String>,
    /// Its `ExecutionRoleIdentityConfig`, where it was told.
    pub(super) names: Option<String>,
    /// User profiles with roles of their own.
    pub(super) own_roles: BTreeSet<String>,
}

/// Reads one export.
pub(super) fn gather(export: &Export<'_>, found: &mut Found) -> Result<(), ImportError> {
    let name = export.name;
    let json: Value = serde_json::from_str(export.text)
        .map_err(|error| ImportError(format!("`{name}` is not JSON: {error}")))?;
    let list = |key: &str| json.get(key).and_then(Value::as_array);
    let mut known = false;
    let mut with = |key: &str, take: &mut dyn FnMut(&Value)| {
        if let Some(entries) = list(key) {
            known = true;
            entries.iter().for_each(take);
        }
    };
    let policies = managed_policies(&json);
    with("RoleDetailList", &mut |it| role(it, &policies, found));
    with("UserDetailList", &mut |it| user(it, found));
    with("Domains", &mut |it| domain(it, found));
    with("UserProfiles", &mut |it| profile(it, found));
    with("Buckets", &mut |it| insert(&mut found.buckets, it, "Name"));
    with("SecretList", &mut |it| {
        insert(&mut found.secrets, it, "Name")
    });
    with("FileSystems", &mut |it| file_system(it, found));
    with("Aliases", &mut |it| {
        insert(&mut found.aliases, it, "AliasName")
    });
    with("trailList", &mut |it| {
        if let (Some(name), Some(bucket)) = (text(it, "Name"), text(it, "S3BucketName")) {
            found.trails.insert(name.to_owned(), bucket.to_owned());
        }
    });
    if list("Policies").is_some() || list("GroupDetailList").is_some() {
        known = true;
    }
    if let Some(it) = json.get("Organization") {
        known = true;
        let pair = (text(it, "Id"), text(it, "MasterAccountId"));
        if let (Some(id), Some(account)) = pair {
            found.organization = Some((id.to_owned(), account.to_owned()));
        }
    }
    if json.get("UserProfileName").is_some() {
        known = true;
        profile(&json, found);
    } else if json.get("DomainId").is_some() {
        known = true;
        domain(&json, found);
    }
    match known {
        true => Ok(()),
        false => Err(ImportError(format!(
            "`{name}` is nothing known: give the output of `get-account-authorization-details`, `list-domains`, \
             `describe-domain`, `list-user-profiles`, …"
        ))),
    }
}

fn text<'v>(json: &'v Value, key: &str) -> Option<&'v str> {
    json.get(key).and_then(Value::as_str)
}

fn insert(set: &mut BTreeSet<String>, json: &Value, key: &str) {
    set.extend(text(json, key).map(str::to_owned));
}

/// A document as the CLI shows it, or as the API sends it.
fn document(json: &Value) -> Option<Value> {
    match json {
        Value::Object(_) => Some(json.clone()),
        Value::String(encoded) => {
            let text = percent_decode_str(encoded).decode_utf8().ok()?;
            serde_json::from_str(&text).ok()
        }
        _ => None,
    }
}

/// The documents of managed policies, by ARN.
fn managed_policies(json: &Value) -> BTreeMap<String, Value> {
    let mut policies = BTreeMap::new();
    let all = json.get("Policies").and_then(Value::as_array);
    for policy in all.into_iter().flatten() {
        let versions = policy.get("PolicyVersionList").and_then(Value::as_array);
        let default =
            |it: &&Value| it.get("IsDefaultVersion").and_then(Value::as_bool) == Some(true);
        let version = versions.into_iter().flatten().find(default);
        let read = version.and_then(|it| document(it.get("Document")?));
        if let (Some(arn), Some(read)) = (text(policy, "Arn"), read) {
            policies.insert(arn.to_owned(), read);
        }
    }
    policies
}

/// Notes the account and partition of an ARN.
fn note_arn(arn: &str, found: &mut Found) -> Option<(String, String)> {
    let mut parts = arn.split(':').skip(1);
    let partition = parts.next()?;
    let (region, account) = (parts.nth(1)?, parts.next()?);
    if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) {
        found.accounts.insert(account.to_owned());
        found.partition.get_or_insert_with(|| partition.to_owned());
    }
    Some((region.to_owned(), account.to_owned()))
}

fn role(json: &Value, managed: &BTreeMap<String, Value>, found: &mut Found) {
    let Some(arn) = text(json, "Arn") else { return };
    let _ = note_arn(arn, found);
    let mut role = Role::default();
    let inline = json.get("RolePolicyList").and_then(Value::as_array);
    let documents = inline.into_iter().flatten();
    role.documents = documents
        .filter_map(|it| document(it.get("PolicyDocument")?))
        .collect();
    let attached = json
        .get("AttachedManagedPolicies")
        .and_then(Value::as_array);
    for policy in attached.into_iter().flatten() {
        let arn = text(policy, "PolicyArn").unwrap_or_default();
        match managed.get(arn) {
            Some(document) => role.documents.push(document.clone()),
            None => role.unknown.push(arn.to_owned()),
        }
    }
    let boundary = json.get("PermissionsBoundary");
    let boundary = boundary.and_then(|it| text(it, "PermissionsBoundaryArn"));
    role.boundary = boundary.map(str::to_owned);
    found.roles.insert(arn.to_owned(), role);
}

fn user(json: &Value, found: &mut Found) {
    let (Some(arn), Some(name)) = (text(json, "Arn"), text(json, "UserName")) else {
        return;
    };
    if let Some((_, account)) = note_arn(arn, found) {
        found.users.push((account, name.to_owned()));
    }
}

fn domain(json: &Value, found: &mut Found) {
    let Some(id) = text(json, "DomainId") else {
        return;
    };
    let place = text(json, "DomainArn").and_then(|arn| note_arn(arn, found));
    let domain = found.domains.entry(id.to_owned()).or_default();
    if let Some((region, account)) = place {
        (domain.region, domain.account) = (region, account);
    }
    if let Some(name) = text(json, "DomainName") {
        domain.name = name.to_owned();
    }
    let settings = json.get("DefaultUserSettings");
    if let Some(role) = settings.and_then(|it| text(it, "ExecutionRole")) {
        domain.role = Some(role.to_owned());
        // `describe-domain` leaves out what is not set.
        let names = json.get("DomainSettings");
        let names = names.and_then(|it| text(it, "ExecutionRoleIdentityConfig"));
        domain.names = Some(names.unwrap_or("DISABLED").to_owned());
    }
}

fn profile(json: &Value, found: &mut Found) {
    let (Some(id), Some(name)) = (text(json, "DomainId"), text(json, "UserProfileName")) else {
        return;
    };
    let place = text(json, "UserProfileArn").and_then(|arn| note_arn(arn, found));
    let domain = found.domains.entry(id.to_owned()).or_default();
    if let Some((region, account)) = place
        && domain.account.is_empty()
    {
        (domain.region, domain.account) = (region, account);
    }
    domain.profiles.insert(name.to_owned());
    let settings = json.get("UserSettings");
    if settings.and_then(|it| text(it, "ExecutionRole")).is_some() {
        domain.own_roles.insert(name.to_owned());
    }
}

fn file_system(json: &Value, found: &mut Found) {
    let Some(id) = text(json, "FileSystemId") else {
        return;
    };
    match text(json, "FileSystemType") {
        None => found.file_systems.insert(id.to_owned(), "EFS"),
        Some("LUSTRE") => found.file_systems.insert(id.to_owned(), "FSxLustre"),
        Some(_) => None,
    };
}

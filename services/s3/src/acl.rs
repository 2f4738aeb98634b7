//! Access-control lists (Amazon S3 User Guide, "Access control list (ACL) overview").
//!
//! A list says nothing while the bucket enforces its owner, which is how every bucket begins. Where
//! it counts, what it grants is written as a policy and asked of the engine beside the bucket's own.
//! Where lists count, an object may be another account's than its bucket: then its owner and its list let
//! others in, and the bucket's policy can only keep them out.

use platform::identity::Account;
use platform::{ApiError, Call};
use serde_json::json;
use store::{Key, Read, Scan};
use wire::value::Value;

use super::record::{Bucket, Object};
use super::settings::{Grant, Grantee, Ownership, Permission};
use super::{bucket, error, public_access};

const GROUPS: &str = "http://acs.amazonaws.com/groups/";

/// The most grants in a list.
const MOST: usize = 100;

/// What headers grant: member of the input, permission.
const HEADERS: [(&str, Permission); 5] = [
    ("GrantFullControl", Permission::FullControl),
    ("GrantRead", Permission::Read),
    ("GrantReadACP", Permission::ReadAcp),
    ("GrantWrite", Permission::Write),
    ("GrantWriteACP", Permission::WriteAcp),
];

impl Grantee {
    fn uri(&self) -> Option<String> {
        let group = match self {
            Self::Account(_) => return None,
            Self::AllUsers => "global/AllUsers",
            Self::AuthenticatedUsers => "global/AuthenticatedUsers",
            Self::LogDelivery => "s3/LogDelivery",
        };
        Some(format!("{GROUPS}{group}"))
    }

    fn group(uri: &str) -> Option<Self> {
        Some(match uri.strip_prefix(GROUPS)? {
            "global/AllUsers" => Self::AllUsers,
            "global/AuthenticatedUsers" => Self::AuthenticatedUsers,
            "s3/LogDelivery" => Self::LogDelivery,
            _ => return None,
        })
    }

    fn is_public(&self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }
}

impl Permission {
    fn as_str(self) -> &'static str {
        match self {
            Self::FullControl => "FULL_CONTROL",
            Self::Read => "READ",
            Self::Write => "WRITE",
            Self::ReadAcp => "READ_ACP",
            Self::WriteAcp => "WRITE_ACP",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = HEADERS.iter().map(|(_, permission)| *permission);
        all.into_iter().find(|it| it.as_str() == text)
    }

    /// What it allows: those of a bucket's list, those of an object's.
    fn actions(self, of_bucket: bool) -> &'static [&'static str] {
        match (self, of_bucket) {
            (Self::Read, true) => &[
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:ListBucketMultipartUploads",
            ],
            (Self::Write, true) => &["s3:PutObject", "s3:DeleteObject"],
            (Self::ReadAcp, true) => &["s3:GetBucketAcl"],
            (Self::WriteAcp, true) => &["s3:PutBucketAcl"],
            (Self::FullControl, true) => &[
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:ListBucketMultipartUploads",
                "s3:PutObject",
                "s3:DeleteObject",
                "s3:GetBucketAcl",
                "s3:PutBucketAcl",
            ],
            (Self::Read, false) => &["s3:GetObject", "s3:GetObjectVersion"],
            (Self::Write, false) => &[],
            (Self::ReadAcp, false) => &["s3:GetObjectAcl", "s3:GetObjectVersionAcl"],
            (Self::WriteAcp, false) => &["s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            (Self::FullControl, false) => &[
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:GetObjectAcl",
                "s3:GetObjectVersionAcl",
                "s3:PutObjectAcl",
                "s3:PutObjectVersionAcl",
            ],
        }
    }
}

/// Whether a list gives something to everyone.
pub(super) fn is_public(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| grant.to.is_public())
}

/// Whether a list lets the delivery of access logs in.
pub(super) fn grants_delivery(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| grant.to == Grantee::LogDelivery)
}

/// Whether lists count in this bucket.
pub(super) fn counts(bucket: &Bucket) -> bool {
    bucket.ownership != Some(Ownership::BucketOwnerEnforced)
}

/// The account that owns an object.
pub(super) fn owner_of<'o>(bucket: &'o Bucket, object: &'o Object) -> &'o str {
    let owner = object.standing.owner.as_deref();
    owner.filter(|_| counts(bucket)).unwrap_or(&bucket.account)
}

/// What a list grants to others than the owner, as a policy; `None` when that is nothing.
///
/// # Errors
/// When the state fails.
pub(super) fn as_policy(
    tx: &dyn Read,
    bucket: &Bucket,
    owner: &str,
    (grants, of_bucket): (&[Grant], bool),
) -> Result<Option<String>, ApiError> {
    if !counts(bucket) || grants.is_empty() {
        return Ok(None);
    }
    let ignore = is_public(grants) && public_access::of(tx, bucket)?.ignore_acls;
    let statements: Vec<serde_json::Value> = grants
        .iter()
        .filter(|grant| !(ignore && grant.to.is_public()))
        .filter_map(|grant| statement(owner, grant, of_bucket))
        .collect();
    Ok((!statements.is_empty())
        .then(|| json!({"Version": "2012-10-17", "Statement": statements}).to_string()))
}

fn statement(owner: &str, grant: &Grant, of_bucket: bool) -> Option<serde_json::Value> {
    let actions = grant.permission.actions(of_bucket);
    if actions.is_empty() {
        return None;
    }
    let (principal, condition) = match &grant.to {
        Grantee::Account(account) if account == owner => return None,
        Grantee::Account(account) => (json!({"AWS": account}), json!({})),
        Grantee::AllUsers => (json!("*"), json!({})),
        // Who does not sign has no principal.
        Grantee::AuthenticatedUsers => (
            json!("*"),
            json!({"Null": {"aws:PrincipalAccount": "false"}}),
        ),
        Grantee::LogDelivery => (json!({"Service": "logging.s3.amazonaws.com"}), json!({})),
    };
    Some(json!({
        "Effect": "Allow",
        "Principal": principal,
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }))
}

/// The list that a request asks for, of something that is `owner`'s: `None` when it says nothing. Owner first, as AWS shows it; a
/// list that says no more than that the owner has everything is empty.
///
/// # Errors
/// When the list is malformed, is not allowed in this bucket, or is public where that is blocked.
pub(super) fn asked(
    call: &Call<'_>,
    tx: &dyn Read,
    bucket: &Bucket,
    owner: &str,
) -> Result<Option<Vec<Grant>>, ApiError> {
    let input = call.input();
    let canned = input.str("ACL");
    let by_header = by_headers(call, tx)?;
    let by_body = match input.get("AccessControlPolicy") {
        Some(policy) => Some(by_body(policy, tx, owner)?),
        None => None,
    };
    let grants = match (canned, by_header.is_empty(), by_body) {
        (None, true, None) => return Ok(None),
        (Some(canned), true, None) => by_name(canned, bucket, owner)?,
        (None, false, None) => by_header,
        (None, true, Some(grants)) => grants,
        (Some(_), false, _) => {
            let text = "Specifying both Canned ACLs and Header Grants is not allowed";
            return Err(error::invalid_request(text));
        }
        _ => {
            let text = "This request contains unsupported content.";
            return Err(ApiError::new("UnexpectedContent", 400, text));
        }
    };
    if grants.len() > MOST {
        return Err(error::malformed_acl());
    }
    let owner_only = is_owner_only(&grants, owner);
    let harmless = owner_only && canned != Some("private");
    if !counts(bucket) && !harmless {
        return Err(not_supported());
    }
    if is_public(&grants) && public_access::of(tx, bucket)?.block_acls {
        return Err(public_access::blocked(
            call,
            bucket,
            "ACLs",
            "BlockPublicAcls",
        ));
    }
    Ok(Some(if owner_only { Vec::new() } else { grants }))
}

fn is_owner_only(grants: &[Grant], owner: &str) -> bool {
    let owner = |grant: &Grant| {
        grant.permission == Permission::FullControl
            && grant.to == Grantee::Account(owner.to_owned())
    };
    !grants.is_empty() && grants.iter().all(owner)
}

fn by_name(canned: &str, bucket: &Bucket, owner: &str) -> Result<Vec<Grant>, ApiError> {
    let grant = |to, permission| Grant { to, permission };
    let of_bucket = |permission| match owner == bucket.account {
        true => vec![],
        false => vec![grant(Grantee::Account(bucket.account.clone()), permission)],
    };
    let owner = grant(Grantee::Account(owner.to_owned()), Permission::FullControl);
    let more = match canned {
        "private" => vec![],
        "bucket-owner-full-control" => of_bucket(Permission::FullControl),
        "bucket-owner-read" => of_bucket(Permission::Read),
        "public-read" => vec![grant(Grantee::AllUsers, Permission::Read)],
        "public-read-write" => vec![
            grant(Grantee::AllUsers, Permission::Read),
            grant(Grantee::AllUsers, Permission::Write),
        ],
        "authenticated-read" => vec![grant(Grantee::AuthenticatedUsers, Permission::Read)],
        "log-delivery-write" => vec![
            grant(Grantee::LogDelivery, Permission::Write),
            grant(Grantee::LogDelivery, Permission::ReadAcp),
        ],
        other => return Err(error::not_built(&format!("the canned ACL `{other}`"))),
    };
    Ok([vec![owner], more].concat())
}

/// `id="…", uri="…"`.
fn by_headers(call: &Call<'_>, tx: &dyn Read) -> Result<Vec<Grant>, ApiError> {
    let mut grants = Vec::new();
    for (member, permission) in HEADERS {
        let Some(text) = call.input().str(member) else {
            continue;
        };
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (kind, value) = one.split_once('=').unwrap_or((one, ""));
            let value = value.trim().trim_matches('"');
            let to = match kind.trim() {
                "id" => account(tx, value)?,
                "uri" => group(value)?,
                "emailAddress" => return Err(no_email()),
                other => {
                    let text = "Argument format not recognized";
                    return Err(error::invalid_argument(member, other, text));
                }
            };
            grants.push(Grant { to, permission });
        }
    }
    Ok(grants)
}

fn by_body(policy: &Value, tx: &dyn Read, owner: &str) -> Result<Vec<Grant>, ApiError> {
    let named = policy.get("Owner").and_then(|owner| owner.str("ID"));
    if named.is_none() {
        return Err(error::malformed_acl());
    }
    if named != Some(bucket::canonical_id(owner).as_str()) {
        return Err(ApiError::access_denied("Access Denied"));
    }
    let one = |grant: &Value| {
        let permission = grant.str("Permission").and_then(Permission::parse);
        let permission = permission.ok_or_else(error::malformed_acl)?;
        let to = grant.get("Grantee").ok_or_else(error::malformed_acl)?;
        let to = match (to.str("ID"), to.str("URI"), to.str("EmailAddress")) {
            (Some(id), None, None) => account(tx, id)?,
            (None, Some(uri), None) => group(uri)?,
            (None, None, Some(_)) => return Err(no_email()),
            _ => return Err(error::malformed_acl()),
        };
        Ok(Grant { to, permission })
    };
    policy.list("Grants").iter().map(one).collect()
}

/// The account of a canonical user id.
///
/// # Errors
/// When the state fails.
pub(super) fn account_of(tx: &dyn Read, id: &str) -> Result<Option<String>, ApiError> {
    let all = tx.scan::<Account>(&Scan::under(&Key::default()))?;
    let mut all = all.iter().map(|entry| entry.key.name());
    Ok(all.find(|account| bucket::canonical_id(account) == id))
}

fn account(tx: &dyn Read, id: &str) -> Result<Grantee, ApiError> {
    account_of(tx, id)?
        .map(Grantee::Account)
        .ok_or_else(|| error::invalid_argument("CanonicalUser/ID", id, "Invalid id"))
}

fn group(uri: &str) -> Result<Grantee, ApiError> {
    Grantee::group(uri)
        .ok_or_else(|| error::invalid_argument("Group/URI", uri, "Invalid group uri"))
}

fn no_email() -> ApiError {
    let text = "The e-mail address you provided does not match any account on record.";
    ApiError::new("UnresolvableGrantByEmailAddress", 400, text)
}

/// A request to set a list without one.
pub(super) fn missing() -> ApiError {
    let text = "Your request was missing a required header";
    ApiError::new("MissingSecurityHeader", 400, text).with("MissingHeaderName", "x-amz-acl")
}

/// Lists do not count in this bucket.
pub(super) fn not_supported() -> ApiError {
    let text = "The bucket does not allow ACLs";
    ApiError::new("AccessControlListNotSupported", 400, text)
}

/// A bucket has or wants a list that its ownership does not let it have.
pub(super) fn invalid_with_ownership() -> ApiError {
    let text = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    ApiError::new("InvalidBucketAclWithObjectOwnership", 400, text)
}

/// A list as answers show it, of something that is `owner`'s.
pub(super) fn shown(bucket: &Bucket, owner: &str, grants: &[Grant]) -> Value {
    let owner_only = [Grant {
        to: Grantee::Account(owner.to_owned()),
        permission: Permission::FullControl,
    }];
    let grants = if grants.is_empty() || !counts(bucket) {
        &owner_only
    } else {
        grants
    };
    let show = |grant: &Grant| {
        let to = match &grant.to {
            Grantee::Account(account) => Value::map()
                .with("ID", bucket::canonical_id(account))
                .with("Type", "CanonicalUser"),
            group => Value::map()
                .with("Type", "Group")
                .with_some("URI", group.uri()),
        };
        Value::map()
            .with("Grantee", to)
            .with("Permission", grant.permission.as_str())
    };
    Value::map()
        .with("Owner", bucket::owner(owner))
        .with("Grants", grants.iter().map(show).collect::<Value>())
}

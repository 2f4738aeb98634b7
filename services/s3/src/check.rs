//! What must be allowed for operations of S3 (Service Authorization Reference, "Amazon S3").

use platform::{ApiError, Call, Check, Checks, Identity, Platform, Target, Transport};
use policy::{AccountId, Arn, ContextValue, PolicyType};
use std::borrow::Cow;
use std::sync::Arc;
use store::Read;

use super::record::{Bucket, Object};
use super::settings::Grant;
use super::{acl, error, public_access, versions};

/// The bucket that the input names, as of `tx`.
///
/// # Errors
/// There is none, or it lies in another region than the one that the request was signed for. As at
/// AWS both are told to whoever asks: names of buckets are known to all accounts.
pub(super) fn bucket_in(call: &Call<'_>, tx: &dyn Read) -> Result<Arc<Bucket>, ApiError> {
    let bucket = named_bucket(call, tx, call.text("Bucket")?, "ExpectedBucketOwner")?;
    if names_region(call) && bucket.region != call.region() {
        return Err(wrong_region(call.region(), &bucket.region));
    }
    Ok(bucket)
}

/// Whether the request says for which region it is: who does not sign names none, and neither does
/// version 2 of the signature. It is for the one in which its bucket lies then.
fn names_region(call: &Call<'_>) -> bool {
    !call.caller().is_nobody() && call.signature_version() != Some("AWS")
}

/// The bucket of this name, if it is the one that the member `owner` of the input expects.
fn named_bucket(
    call: &Call<'_>,
    tx: &dyn Read,
    name: &str,
    owner: &str,
) -> Result<Arc<Bucket>, ApiError> {
    let found = tx.shared::<Bucket>(&Bucket::key(name))?;
    let bucket = found.ok_or_else(|| error::no_such_bucket(name))?;
    match call.input().str(owner) {
        Some(expected) if expected != bucket.account => {
            Err(ApiError::access_denied("Access Denied"))
        }
        _ => Ok(bucket),
    }
}

/// The bucket of a copy's source. It may lie in another region.
pub(super) fn source_bucket(call: &Call<'_>, name: &str) -> Result<Arc<Bucket>, ApiError> {
    named_bucket(call, call.state(), name, "ExpectedSourceBucketOwner")
}

/// The bucket that the input names.
pub(super) fn bucket(call: &Call<'_>) -> Result<Arc<Bucket>, ApiError> {
    bucket_in(call, call.state())
}

fn wrong_region(signed: &str, needed: &str) -> ApiError {
    let text = format!(
        "The authorization header is malformed; the region '{signed}' is wrong; expecting \
         '{needed}'"
    );
    ApiError::new("AuthorizationHeaderMalformed", 400, text).with("Region", needed)
}

fn bucket_arn(platform: &Platform, name: &str) -> String {
    ["arn:", platform.partition(), ":s3:::", name].concat()
}

/// The bucket as a resource.
pub(super) fn bucket_target(call: &Call<'_>, bucket: &Bucket) -> Result<Target, ApiError> {
    target(call, bucket, None, &[]).map(|target| target.listed_as("AWS::S3::Bucket"))
}

/// An object of the bucket as a resource, whether it exists or not.
pub(super) fn object_target(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
) -> Result<Target, ApiError> {
    let within = bucket_arn(call.platform(), &bucket.name);
    Ok(target(call, bucket, Some(key), &[])?
        .listed_as("AWS::S3::Object")
        .listed_in("AWS::S3::Bucket", within))
}

/// The same with what the object's own access-control list grants. One that is another account's than its
/// bucket is that account's to give; the bucket's account can only keep callers from it (Amazon S3 User
/// Guide, "How Amazon S3 authorizes a request for an object operation").
pub(super) fn held_target(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    held: Option<&Object>,
) -> Result<Target, ApiError> {
    let grants = held.map_or(&[][..], |object| &object.standing.acl);
    let within = bucket_arn(call.platform(), &bucket.name);
    let target = match held.filter(|object| acl::owner_of(bucket, object) != bucket.account) {
        None => target(call, bucket, Some(key), grants)?,
        Some(object) => foreign_target(call, bucket, key, object)?,
    };
    Ok(target
        .listed_as("AWS::S3::Object")
        .listed_in("AWS::S3::Bucket", within))
}

/// What lets everyone through, where somebody else decides.
const EVERYONE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// An object that is another account's than its bucket, in the bucket, and by itself.
fn foreign_target(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    object: &Object,
) -> Result<Target, ApiError> {
    let platform = call.platform();
    let compiled = |texts: &[(&str, &str)]| platform.resource_policies(PolicyType::Resource, texts);
    let denials = denials(bucket)?;
    let mut policies = vec![("object owner", EVERYONE)];
    policies.extend(denials.as_deref().map(|text| (BUCKET_POLICY, text)));
    let own = object_of(call, bucket, key, object, &[])?;
    Ok(target(call, bucket, Some(key), &[])?
        .policy(compiled(&policies)?)
        .holding(own))
}

/// An object that is another account's than its bucket, as that account's alone.
fn object_of(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    object: &Object,
    more: &[(&str, &str)],
) -> Result<Target, ApiError> {
    let owner = acl::owner_of(bucket, object);
    let account = AccountId::parse(owner);
    let account = account.ok_or_else(|| ApiError::internal("an object without an owner"))?;
    let target = target(call, bucket, Some(key), &[])?
        .without_policy()
        .owned_by(account);
    let grants = (object.standing.acl.as_slice(), false);
    let granted = acl::as_policy(call.state(), bucket, owner, grants)?;
    let granted = granted.as_deref().map(|text| ("object ACL", text));
    let policies: Vec<(&str, &str)> = granted.into_iter().chain(more.iter().copied()).collect();
    if policies.is_empty() {
        return Ok(target);
    }
    let platform = call.platform();
    Ok(target.policy(platform.resource_policies(PolicyType::Resource, &policies)?))
}

/// What the bucket's policy denies, without what it allows.
fn denials(bucket: &Bucket) -> Result<Option<String>, ApiError> {
    let Some(policy) = &bucket.policy else {
        return Ok(None);
    };
    let mut policy: serde_json::Value =
        serde_json::from_str(policy.text()).map_err(ApiError::internal)?;
    let statements = match policy.get_mut("Statement") {
        Some(serde_json::Value::Array(statements)) => std::mem::take(statements),
        Some(one) => vec![one.take()],
        None => Vec::new(),
    };
    let denials: Vec<serde_json::Value> = statements
        .into_iter()
        .filter(|statement| {
            statement
                .get("Effect")
                .is_some_and(|effect| effect == "Deny")
        })
        .collect();
    if denials.is_empty() {
        return Ok(None);
    }
    let kept = policy.as_object_mut();
    let kept = kept.ok_or_else(|| ApiError::internal("a stored policy is no object"))?;
    kept.insert("Statement".to_owned(), denials.into());
    Ok(Some(policy.to_string()))
}

/// The bucket or object with this ARN, with the policies that count for callers of an account.
pub(super) fn find(
    call: &Call<'_>,
    arn: &Arn,
    asker: AccountId,
) -> Result<Option<Target>, ApiError> {
    let (name, key) = match arn.resource().split_once('/') {
        Some((name, key)) => (name, Some(key)),
        None => (arn.resource(), None),
    };
    let found = call.state().shared::<Bucket>(&Bucket::key(name))?;
    let Some(bucket) = found else {
        return Ok(None);
    };
    let held = match key {
        Some(key) => versions::object(call.state(), &bucket, key, None)?,
        None => None,
    };
    if let (Some(key), Some(object)) = (key, &held)
        && acl::owner_of(&bucket, object) != bucket.account
    {
        let writer = acl::owner_of(&bucket, object);
        let is_writers = |account: AccountId| account.as_str() == writer;
        // Whose object it is, is not to learn what the bucket's policy says: they are told of it as of
        // something of the bucket's account, and of others who ask for theirs, nothing of the policy.
        return match (is_writers(call.account()), is_writers(asker)) {
            (true, true) => foreign_target(call, &bucket, key, object).map(Some),
            (true, false) => object_of(call, &bucket, key, object, &[]).map(Some),
            (false, _) => {
                let denials = denials(&bucket)?;
                let denials = denials.as_deref().map(|text| (BUCKET_POLICY, text));
                let denials: Vec<(&str, &str)> = denials.into_iter().collect();
                object_of(call, &bucket, key, object, &denials).map(Some)
            }
        };
    }
    let grants = held.as_ref().map_or(&[][..], |object| &object.standing.acl);
    let stranger = asker.as_str() != bucket.account;
    target_for(call, &bucket, key, grants, stranger).map(Some)
}

fn target(
    call: &Call<'_>,
    bucket: &Bucket,
    key: Option<&str>,
    grants: &[Grant],
) -> Result<Target, ApiError> {
    let stranger = match call.caller().identity() {
        Identity::Nobody => true,
        Identity::Service(_) => false,
        _ => call.account().as_str() != bucket.account,
    };
    let target = target_for(call, bucket, key, grants, stranger)?;
    Ok(match names_region(call) {
        true => target,
        false => target.in_region(&bucket.region),
    })
}

fn target_for(
    call: &Call<'_>,
    bucket: &Bucket,
    key: Option<&str>,
    grants: &[Grant],
    stranger: bool,
) -> Result<Target, ApiError> {
    let platform = call.platform();
    let arn = match key {
        Some(key) => [&*bucket_arn(platform, &bucket.name), "/", key].concat(),
        None => bucket_arn(platform, &bucket.name),
    };
    let owner = bucket
        .owner()
        .ok_or_else(|| ApiError::internal("a bucket without an owner"))?;
    // S3 quotes resources in its denials.
    let target = Target::arn(&arn)?
        .owned_by(owner)
        .shown_quoted()
        .unexplained_to_others();
    let policies = policies(call.state(), bucket, grants, stranger)?;
    let kind = PolicyType::Resource;
    let set = match (policies.as_slice(), &bucket.policy) {
        ([], _) => return Ok(target),
        ([(BUCKET_POLICY, _)], Some(own)) => own.compiled(platform, kind, BUCKET_POLICY)?,
        (several, _) => {
            let named = several.iter().map(|(name, text)| (*name, text.as_ref()));
            platform.resource_policies(kind, &named.collect::<Vec<(&str, &str)>>())?
        }
    };
    Ok(target.policy(set))
}

/// What explanations call the policy of a bucket.
const BUCKET_POLICY: &str = "bucket policy";

/// The policies that count for a caller, who may be a stranger to the bucket's account: the bucket's own,
/// and what its access-control list grants.
fn policies<'b>(
    tx: &dyn Read,
    bucket: &'b Bucket,
    grants: &[Grant],
    stranger: bool,
) -> Result<Vec<(&'static str, Cow<'b, str>)>, ApiError> {
    let mut policies = Vec::new();
    if let Some(policy) = &bucket.policy {
        // A restricted bucket opens to nobody outside its account while its policy is public.
        let restricted = stranger && public_access::of(tx, bucket)?.restrict_buckets;
        if !restricted || !public_access::is_public(policy.text())? {
            policies.push((BUCKET_POLICY, Cow::Borrowed(policy.text())));
        }
    }
    if let Some(granted) = acl::as_policy(tx, bucket, &bucket.account, (&bucket.acl, true))? {
        policies.push(("bucket ACL", Cow::Owned(granted)));
    }
    if let Some(granted) = acl::as_policy(tx, bucket, &bucket.account, (grants, false))? {
        policies.push(("object ACL", Cow::Owned(granted)));
    }
    Ok(policies)
}

/// Asks for `action` with the keys that every request of S3 has.
pub(super) fn ask(
    call: &Call<'_>,
    action: &str,
    target: Target,
    bucket: &Bucket,
) -> Result<Check, ApiError> {
    ask_of(call, action, target, &bucket.account)
}

/// The same where there is no bucket: of something of the account `owner`.
pub(super) fn ask_of(
    call: &Call<'_>,
    action: &str,
    target: Target,
    owner: &str,
) -> Result<Check, ApiError> {
    let place = |presigned| {
        if presigned {
            "REST-QUERY-STRING"
        } else {
            "REST-HEADER"
        }
    };
    let signed = call.is_presigned();
    let place = |presigned| {
        if call.is_form() {
            "POST"
        } else {
            place(presigned)
        }
    };
    let tls = match &call.envelope().transport {
        Transport::Tls(tls) => tls.version.strip_prefix("TLSv"),
        Transport::Plain | Transport::Inside => None,
    };
    let age = call.signature_age().map(|age| age.as_millis().to_string());
    let header = |name: &str| {
        call.headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let fixed = ContextValue::fixed;
    let check = match call.action() {
        own if own.as_str() == action => Check::of(own, target),
        _ => Check::new(action, target)?,
    };
    Ok(check
        .key("s3:ResourceAccount", owner)
        .key_if("s3:authType", signed.map(place).map(fixed))
        .key_if("s3:signatureversion", call.signature_version().map(fixed))
        .key_if("s3:signatureAge", age)
        .key_if("s3:TlsVersion", tls.map(fixed))
        .key_if("s3:x-amz-content-sha256", header("x-amz-content-sha256")))
}

/// `action` on the bucket that the input names.
pub(super) fn on_bucket(call: &Call<'_>, action: &str) -> Result<Checks, ApiError> {
    let bucket = bucket(call)?;
    Ok(ask(call, action, bucket_target(call, &bucket)?, &bucket)?.into())
}

/// `s3:ListBucket` on a bucket, with the keys of a listing.
pub(super) fn listing(call: &Call<'_>, bucket: &Bucket) -> Result<Check, ApiError> {
    listing_of(call, "s3:ListBucket", bucket)
}

/// The same for another action.
pub(super) fn listing_of(
    call: &Call<'_>,
    action: &str,
    bucket: &Bucket,
) -> Result<Check, ApiError> {
    let input = call.input();
    let listed = matches!(
        call.operation(),
        "ListObjects" | "ListObjectsV2" | "ListObjectVersions"
    );
    let max_keys = listed.then(|| input.int("MaxKeys").unwrap_or(1_000).to_string());
    Ok(ask(call, action, bucket_target(call, bucket)?, bucket)?
        .key_if("s3:prefix", input.str("Prefix"))
        .key_if("s3:delimiter", input.str("Delimiter"))
        .key_if("s3:max-keys", max_keys))
}

/// What a caller is told about a key that is not there: who may not list the bucket learns nothing.
pub(super) fn missing(call: &Call<'_>, bucket: &Bucket, key: &str) -> ApiError {
    let listing = listing(call, bucket).and_then(|check| call.demand(&check));
    match listing {
        Ok(()) => error::no_such_key(key),
        Err(denied) => denied,
    }
}

/// What a caller is told about a version that is not there.
pub(super) fn missing_version(
    call: &Call<'_>,
    bucket: &Bucket,
    key: &str,
    version: &str,
) -> ApiError {
    let action = "s3:ListBucketVersions";
    let listing = listing_of(call, action, bucket).and_then(|check| call.demand(&check));
    match listing {
        Ok(()) => error::no_such_version(key, version),
        Err(denied) => denied,
    }
}

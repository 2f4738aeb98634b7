//! Buckets.

use platform::{ApiError, Call, Checks, Outcome, Permitted, Target, id};
use sha2::{Digest as _, Sha256};
use store::{Read, Scan};
use wire::value::Value;

use super::bytes::ObjectBytes;
use super::lock::Locking;
use super::record::{Bucket, Object};
use super::settings::{Grant, Ownership, Versioning};
use super::versions::Version;
use super::{acl, bucket_acl, check, error, multipart, public_access, tagging};
use platform::tags;

/// The region whose buckets have no location constraint.
const FIRST_REGION: &str = "us-east-1";

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let name = call.text("Bucket")?;
    let arn = format!("arn:{}:s3:::{name}", call.platform().partition());
    let target = Target::arn(&arn)?
        .shown_quoted()
        .listed_as("AWS::S3::Bucket");
    let input = call.input();
    let tags = tags::read(configuration(call), "Tags");
    let ask = |action: &str| check::ask_of(call, action, target.clone(), call.account().as_str());
    let check = ask("s3:CreateBucket")?
        .key_if("s3:locationconstraint", constraint(call))
        .key_if("s3:x-amz-object-ownership", input.str("ObjectOwnership"))
        .request_tags(&tags);
    let checks = Checks::from(bucket_acl::keys(call, check));
    // What is made together with the bucket needs the permission to make it.
    let mut more = Vec::new();
    if input.str("ACL").is_some_and(|acl| acl != "private") || bucket_acl::grants(call) {
        more.push(bucket_acl::keys(call, ask("s3:PutBucketAcl")?));
    }
    if input.str("ObjectOwnership").is_some() {
        more.push(ask("s3:PutBucketOwnershipControls")?);
    }
    if !tags.is_empty() {
        more.push(ask("s3:TagResource")?.request_tags(&tags));
    }
    if locks(call) {
        more.push(ask("s3:PutBucketObjectLockConfiguration")?);
        more.push(ask("s3:PutBucketVersioning")?);
    }
    Ok(checks.and_all(more))
}

/// Whether objects can be locked in a new bucket.
fn locks(call: &Call<'_>) -> bool {
    call.input().bool("ObjectLockEnabledForBucket") == Some(true)
}

fn configuration<'t>(call: &Call<'t>) -> &'t Value {
    static NONE: Value = Value::map();
    call.input()
        .get("CreateBucketConfiguration")
        .unwrap_or(&NONE)
}

fn constraint<'t>(call: &Call<'t>) -> Option<&'t str> {
    configuration(call)
        .str("LocationConstraint")
        .filter(|constraint| !constraint.is_empty())
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("Bucket")?;
    supported(call)?;
    let region = region(call)?;
    let id = id::lower(call.platform().random(), 26)?;
    let account = call.account();
    let mut bucket = Bucket::new(name, id, account.as_str(), region, call.time());
    bucket.tags = tags::read(configuration(call), "Tags");
    bucket.ownership = ownership(call)?;
    if locks(call) {
        bucket.versioning = Versioning::Enabled;
        bucket.lock = Some(Locking::ON);
    }
    call.write(|tx| {
        bucket.acl = granted(call, &*tx, &bucket)?;
        let held: Option<Bucket> = tx.get(&Bucket::key(name))?;
        match held {
            None => Ok(tx.put(&Bucket::key(name), &bucket)?),
            // There, making a bucket again is no error (Amazon S3 API Reference, "CreateBucket").
            Some(held)
                if held.account == bucket.account
                    && held.region == FIRST_REGION
                    && call.region() == FIRST_REGION =>
            {
                Ok(())
            }
            Some(held) => Err(taken(&held, &bucket)),
        }
    })?;
    Ok(Outcome::new(
        Value::map().with("Location", format!("/{name}")),
    ))
}

/// Refuses what new buckets cannot have here.
fn supported(call: &Call<'_>) -> Result<(), ApiError> {
    tagging::check_each(&tags::read(configuration(call), "Tags"))?;
    if configuration(call).get("Location").is_some() || configuration(call).get("Bucket").is_some()
    {
        return Err(error::not_built("a directory bucket"));
    }
    if call
        .input()
        .str("BucketNamespace")
        .is_some_and(|space| space != "global")
    {
        return Err(error::not_implemented("x-amz-bucket-namespace"));
    }
    Ok(())
}

fn ownership(call: &Call<'_>) -> Result<Option<Ownership>, ApiError> {
    match call.input().str("ObjectOwnership") {
        // Whoever asks for a private bucket by an access-control list goes on to use them, as S3 has it.
        None if call.input().str("ACL") == Some("private") => {
            Ok(Some(Ownership::BucketOwnerPreferred))
        }
        None => Ok(Some(Ownership::BucketOwnerEnforced)),
        Some(text) => match Ownership::parse(text) {
            Some(ownership) => Ok(Some(ownership)),
            None => {
                let text = "Invalid x-amz-object-ownership header";
                Err(ApiError::new("InvalidArgument", 400, text))
            }
        },
    }
}

/// The access-control list of a new bucket.
fn granted(call: &Call<'_>, tx: &dyn Read, bucket: &Bucket) -> Result<Vec<Grant>, ApiError> {
    if call.input().str("ACL") == Some("private") && !bucket_acl::grants(call) {
        return Ok(Vec::new());
    }
    // What is blocked for all new buckets is told otherwise than what is blocked for one.
    let mut open = bucket.clone();
    open.public_access = None;
    let asked =
        acl::asked(call, tx, &open, &open.account).map_err(|error| match acl::counts(bucket) {
            true => error,
            false => acl::invalid_with_ownership(),
        })?;
    let grants = asked.unwrap_or_default();
    if acl::is_public(&grants) && public_access::of(tx, bucket)?.block_acls {
        let text = "Bucket cannot have public ACLs set with BlockPublicAccess enabled";
        let code = "InvalidBucketAclWithBlockPublicAccessError";
        return Err(ApiError::new(code, 400, text));
    }
    Ok(grants)
}

/// The region that the bucket is to lie in: the one of the endpoint; from us-east-1, any.
fn region(call: &Call<'_>) -> Result<String, ApiError> {
    let signed = call.region();
    let illegal = |which: &str| {
        let text = format!(
            "The {which} location constraint is incompatible for the region specific endpoint \
             this request was sent to."
        );
        Err(ApiError::new(
            "IllegalLocationConstraintException",
            400,
            text,
        ))
    };
    match constraint(call) {
        None if signed == FIRST_REGION => Ok(signed.to_owned()),
        None => illegal("unspecified"),
        Some(FIRST_REGION) if signed == FIRST_REGION => {
            let text = "The specified location-constraint is not valid";
            Err(ApiError::new("InvalidLocationConstraint", 400, text)
                .with("LocationConstraint", FIRST_REGION))
        }
        Some("EU") if matches!(signed, FIRST_REGION | "eu-west-1") => Ok("eu-west-1".to_owned()),
        Some(asked) if signed == FIRST_REGION || asked == signed => {
            if is_region(asked) {
                Ok(asked.to_owned())
            } else {
                let text = "The specified location-constraint is not valid";
                Err(ApiError::new("InvalidLocationConstraint", 400, text)
                    .with("LocationConstraint", asked))
            }
        }
        Some(asked) => illegal(asked),
    }
}

/// Whether the text has the form of a region's name, such as `ap-southeast-2`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = parts.last().is_some_and(|part| part.parse::<u8>().is_ok());
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    (3..=4).contains(&parts.len()) && number && parts.iter().rev().skip(1).all(letters)
}

fn taken(held: &Bucket, wanted: &Bucket) -> ApiError {
    if held.account == wanted.account {
        let text = "Your previous request to create the named bucket succeeded and you already \
                    own it.";
        return ApiError::new("BucketAlreadyOwnedByYou", 409, text)
            .with("BucketName", held.name.as_str());
    }
    let text = "The requested bucket name is not available. The bucket namespace is shared by all \
                users of the system. Please select a different name and try again.";
    ApiError::new("BucketAlreadyExists", 409, text).with("BucketName", held.name.as_str())
}

pub(super) fn may_head(call: &Call<'_>) -> Result<Checks, ApiError> {
    check::on_bucket(call, "s3:ListBucket")
}

pub(super) fn head(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    Ok(Outcome::new(
        Value::map().with("BucketRegion", bucket.region.as_str()),
    ))
}

pub(super) fn may_locate(call: &Call<'_>) -> Result<Checks, ApiError> {
    check::on_bucket(call, "s3:GetBucketLocation")
}

pub(super) fn locate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    let region = bucket.region.as_str();
    let constraint = (region != FIRST_REGION).then_some(region);
    Ok(Outcome::new(
        Value::map().with_some("LocationConstraint", constraint),
    ))
}

pub(super) fn may_delete(call: &Call<'_>) -> Result<Checks, ApiError> {
    check::on_bucket(call, "s3:DeleteBucket")
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let gone = call.write(|tx| {
        let bucket = check::bucket_in(call, &*tx)?;
        let under = Scan::under(&store::Key::new([bucket.id.as_str()])).limit(1);
        if !tx.scan::<Version>(&under)?.is_empty() {
            let text = "The bucket you tried to delete is not empty. You must delete all versions \
                        in the bucket.";
            return Err(
                ApiError::new("BucketNotEmpty", 409, text).with("BucketName", bucket.name.as_str())
            );
        }
        if !tx.scan::<Object>(&under)?.is_empty() {
            let text = "The bucket you tried to delete is not empty";
            return Err(
                ApiError::new("BucketNotEmpty", 409, text).with("BucketName", bucket.name.as_str())
            );
        }
        tx.delete::<Bucket>(&Bucket::key(&bucket.name))?;
        multipart::remove_uploads(tx, &bucket)
    })?;
    let bytes: &ObjectBytes = call.platform().part()?;
    bytes.forget(gone);
    Ok(Outcome::empty())
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    // Policies name `arn:aws:s3:::*` or `*` here; denials name no resource.
    let all = Target::arn(&format!("arn:{}:s3:::*", call.platform().partition()))?;
    let owner = call.account();
    Ok(check::ask_of(
        call,
        "s3:ListAllMyBuckets",
        all.shown_as(""),
        owner.as_str(),
    )?
    .into())
}

/// All buckets of the caller's account, by name.
pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let prefix = input.str("Prefix").unwrap_or("");
    let account = call.account();
    let token = input.str("ContinuationToken");
    let after = platform::paging::begin(call, &[prefix], token).map_err(|_| {
        error::invalid_argument(
            "continuation-token",
            token.unwrap_or_default(),
            "The continuation token provided is incorrect",
        )
    })?;
    let all = call
        .state()
        .scan::<Bucket>(&Scan::stem(&store::Key::default(), prefix))?;
    let own = all.into_iter().map(|entry| entry.value).filter(|bucket| {
        bucket.account == account.as_str()
            && input
                .str("BucketRegion")
                .is_none_or(|region| bucket.region == region)
    });
    let size = usize::try_from(input.int("MaxBuckets").unwrap_or(10_000)).unwrap_or(1);
    let page = platform::paging::cut(
        call,
        &[prefix],
        own,
        |bucket| &bucket.name,
        after.as_deref(),
        size,
    )?;
    let show = |bucket: &Bucket| {
        Value::map()
            .with("Name", bucket.name.as_str())
            .with("CreationDate", bucket.created)
            .with("BucketRegion", bucket.region.as_str())
    };
    Ok(Outcome::new(
        Value::map()
            .with("Buckets", page.items.iter().map(show).collect::<Value>())
            .with("Owner", owner(account.as_str()))
            .with_some("ContinuationToken", page.next)
            .with_some("Prefix", input.str("Prefix")),
    ))
}

/// An account as the owner of buckets and objects: by its canonical user id, 64 digits that stand
/// for it in S3.
pub(super) fn owner(account: &str) -> Value {
    Value::map().with("ID", canonical_id(account))
}

/// The canonical user id of an account.
pub(super) fn canonical_id(account: &str) -> String {
    let digest = Sha256::new()
        .chain_update("canonical-user-id:")
        .chain_update(account)
        .finalize();
    hex::encode(digest)
}

#[cfg(test)]
mod tests {
    #[test]
    fn regions_are_told_from_other_words() {
        for good in ["eu-west-1", "ap-southeast-2", "us-gov-west-1"] {
            assert!(super::is_region(good), "{good}");
        }
        for bad in [
            "mars",
            "eu-west",
            "eu-west-x",
            "EU-west-1",
            "-west-1",
            "a/b-c-1",
            "",
        ] {
            assert!(!super::is_region(bad), "{bad}");
        }
    }
}

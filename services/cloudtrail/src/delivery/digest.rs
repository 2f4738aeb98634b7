//! Digest files: what was delivered, signed, each with the signature of the one before it
//! (CloudTrail User Guide, "CloudTrail digest file structure").

use jiff::Timestamp;
use platform::identity::to_second;
use platform::{ApiError, Platform};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wire::value::Map;

use super::job::Job;
use super::{Schedule, put};
use crate::keys::{self, SIGNATURE_ALGORITHM};
use crate::lease::Lease;
use crate::record::{Chain, Digest, LogFile, Trail};
use crate::show::iso;

const HASH_ALGORITHM: &str = "SHA-256";

/// A digest file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    aws_account_id: &'a str,
    digest_start_time: String,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    digest_s3_bucket: &'a str,
    #[serde(rename = "digestS3Object")]
    digest_s3_object: &'a str,
    digest_public_key_fingerprint: &'a str,
    digest_signature_algorithm: &'static str,
    newest_event_time: Option<String>,
    oldest_event_time: Option<String>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_digest_s3_bucket: Option<&'a str>,
    #[serde(rename = "previousDigestS3Object")]
    previous_digest_s3_object: Option<&'a str>,
    previous_digest_hash_value: Option<&'a str>,
    previous_digest_hash_algorithm: Option<&'static str>,
    previous_digest_signature: Option<&'a str>,
    log_files: Vec<Listed<'a>>,
}

/// A log file as a digest lists it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    #[serde(rename = "s3Bucket")]
    s3_bucket: &'a str,
    #[serde(rename = "s3Object")]
    s3_object: &'a str,
    hash_value: &'a str,
    hash_algorithm: &'static str,
    newest_event_time: String,
    oldest_event_time: String,
}

impl<'a> From<&'a LogFile> for Listed<'a> {
    fn from(file: &'a LogFile) -> Self {
        Self {
            s3_bucket: &file.bucket,
            s3_object: &file.object,
            hash_value: &file.hash,
            hash_algorithm: HASH_ALGORITHM,
            newest_event_time: iso(file.newest),
            oldest_event_time: iso(file.oldest),
        }
    }
}

/// Delivers the digests whose time has come, or with `last` those of everything that was delivered.
/// Whether nothing is left to be put into a digest.
pub(super) fn deliver_due(
    platform: &Platform,
    schedule: &Schedule,
    job: &mut Job,
    (lease, last): (&Lease, bool),
) -> Result<bool, ApiError> {
    if !job.trail.validation {
        return Ok(true);
    }
    let now = platform.now();
    let home = job.trail.region.clone();
    let has_home = job.progress.chains.iter().any(|chain| chain.region == home);
    if job.progress.is_logging && !has_home {
        job.keep_under(platform, lease, |progress| {
            progress.chains.push(Chain {
                region: home,
                since: to_second(now),
                plan: None,
                lists: None,
                previous: None,
                files: Vec::new(),
            });
        })?;
    }
    let mut complete = true;
    for chain in job.progress.chains.clone() {
        let due = now.duration_since(chain.since) >= schedule.digest;
        if chain.plan.is_none() && !due && !last {
            continue;
        }
        let end = chain.plan.unwrap_or_else(|| to_second(now));
        // Two digests never end in the same second, for their names tell no more.
        if end <= chain.since {
            complete = false;
            continue;
        }
        deliver(platform, job, lease, (&chain.region, end))?;
    }
    Ok(complete)
}

fn deliver(
    platform: &Platform,
    job: &mut Job,
    lease: &Lease,
    (region, end): (&str, Timestamp),
) -> Result<(), ApiError> {
    // What the digest lists is settled before its first byte goes out: whoever repeats it writes the same.
    change(platform, job, lease, region, |chain| {
        chain.plan = Some(end);
        chain.lists.get_or_insert(chain.files.len());
    })?;
    let chains = &mut job.progress.chains.iter();
    let Some(mut chain) = chains.find(|chain| chain.region == region).cloned() else {
        return Ok(());
    };
    let listed = chain.lists.unwrap_or(chain.files.len());
    chain.files.truncate(listed);
    let trail = job.trail.clone();
    let object = name(&trail, region, end);
    let key = keys::current(platform, region)?;
    let previous = chain.previous.as_ref();
    let file = File {
        aws_account_id: &trail.account,
        digest_start_time: iso(chain.since),
        digest_end_time: iso(end),
        digest_s3_bucket: &trail.bucket,
        digest_s3_object: &object,
        digest_public_key_fingerprint: key.fingerprint(),
        digest_signature_algorithm: SIGNATURE_ALGORITHM,
        newest_event_time: chain.files.iter().map(|file| file.newest).max().map(iso),
        oldest_event_time: chain.files.iter().map(|file| file.oldest).min().map(iso),
        previous_digest_s3_bucket: previous.map(|previous| previous.bucket.as_str()),
        previous_digest_s3_object: previous.map(|previous| previous.object.as_str()),
        previous_digest_hash_value: previous.map(|previous| previous.hash.as_str()),
        previous_digest_hash_algorithm: previous.map(|_| HASH_ALGORITHM),
        previous_digest_signature: previous.map(|previous| previous.signature.as_str()),
        log_files: chain.files.iter().map(Listed::from).collect(),
    };
    let json = serde_json::to_vec(&file).map_err(ApiError::internal)?;
    let hash = hex::encode(Sha256::digest(&json));
    let before = previous.map_or("null", |previous| previous.signature.as_str());
    let signed = format!(
        "{}\n{}/{object}\n{hash}\n{before}",
        file.digest_end_time, trail.bucket
    );
    let signature = key.sign(signed.as_bytes())?;
    let metadata = Map::new()
        .with("signature", signature.as_str())
        .with("signature-algorithm", SIGNATURE_ALGORITHM);
    put(platform, job, &object, &json, Some(metadata))?;
    let digest = Digest {
        bucket: trail.bucket,
        object,
        hash,
        signature,
    };
    change(platform, job, lease, region, |chain| {
        chain.since = end;
        chain.plan = None;
        chain.lists = None;
        chain.previous = Some(digest);
        chain.files.drain(..listed.min(chain.files.len()));
    })?;
    let now = platform.now();
    job.keep_under(platform, lease, |progress| progress.digested = Some(now))
}

fn change(
    platform: &Platform,
    job: &mut Job,
    lease: &Lease,
    region: &str,
    change: impl FnOnce(&mut Chain),
) -> Result<(), ApiError> {
    job.keep_under(platform, lease, |progress| {
        let mut chains = progress.chains.iter_mut();
        if let Some(chain) = chains.find(|chain| chain.region == region) {
            change(chain);
        }
    })
}

fn name(trail: &Trail, region: &str, end: Timestamp) -> String {
    let Trail {
        account,
        name,
        region: home,
        ..
    } = trail;
    let (day, second) = (end.strftime("%Y/%m/%d"), end.strftime("%Y%m%dT%H%M%SZ"));
    trail.object(&format!(
        "CloudTrail-Digest/{region}/{day}/{account}_CloudTrail-Digest_{region}_{name}_{home}_{second}.json.gz"
    ))
}

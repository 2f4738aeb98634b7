//! Delivery: log files and digest files into the buckets of trails.
//!
//! Each event comes into a trail's files exactly once. What a delivery covers, and the time in the
//! names of its files, is written down before the first file goes out ([`Plan`]); only after the last
//! has arrived does the trail's position move. A delivery that is interrupted anywhere is repeated
//! as it was: the same files with the same names, over those that may have arrived.

mod batch;
mod digest;
mod job;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use platform::identity::to_second;
use platform::{ApiError, Platform};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use trail::Position;

use crate::lease::Lease;
use crate::record::{Chain, LogFile, Plan};
use crate::{shared, trails};
use batch::Batch;
use job::Job;
pub(crate) use job::place as position_at;

/// How many events may wait for a trail's next delivery; more are delivered at once.
const CROWD: u64 = 5_000;

/// How long the deliveries of a trail that was deleted are tried.
const FAREWELL: SignedDuration = SignedDuration::from_hours(24);

/// How often trails deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The time between two deliveries of log files: 5 minutes at AWS.
    pub delivery: SignedDuration,
    /// The time between two digest files: an hour at AWS.
    pub digest: SignedDuration,
    /// How long the platform's own log is kept at least; `None` keeps it for good.
    pub retention: Option<SignedDuration>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            delivery: SignedDuration::from_mins(5),
            digest: SignedDuration::from_hours(1),
            retention: None,
        }
    }
}

/// Delivers what is due by now, of every trail. To be called every second or so, by one thread.
///
/// What goes wrong is kept in the trail's status and told to the operator, and tried again when the
/// trail is due next.
pub fn deliver(platform: &Platform, schedule: &Schedule) {
    share(platform);
    each_job(platform, |job| {
        if job.is_due(platform, schedule) {
            run(platform, schedule, job);
        }
    });
}

/// Delivers everything, due or not: before the process ends.
pub fn finish(platform: &Platform, schedule: &Schedule) {
    each_job(platform, |job| {
        if job.progress.is_logging || job.progress.draining {
            run(platform, schedule, job);
        }
    });
    share(platform);
}

/// Lets the other nodes look up what this one has recorded.
fn share(platform: &Platform) {
    if let Err(error) = shared::copy(platform) {
        platform.report(&format!(
            "events cannot be looked up by other nodes yet: {error}"
        ));
    }
}

/// Forgets what of the platform's own log is older than it has to be, and delivered.
pub fn forget(platform: &Platform, schedule: &Schedule) {
    if let Err(error) = shared::forget(platform) {
        platform.report(&format!("old events cannot be removed: {error}"));
    }
    let Some(kept) = schedule.retention else {
        return;
    };
    let Ok(older) = platform.now().checked_sub(kept) else {
        return;
    };
    if let Err(error) = platform.trail().forget(older, delivered(platform)) {
        platform.report(&format!("the log cannot forget what is old: {error}"));
    }
}

/// The position up to which no trail needs the log any more.
fn delivered(platform: &Platform) -> Position {
    let head = platform.trail().head().position;
    let Ok(jobs) = Job::all(platform) else {
        return Position::default();
    };
    let open = jobs
        .iter()
        .map(|job| &job.progress)
        .filter(|progress| progress.is_logging || progress.draining);
    let least = open.map(|progress| Position(progress.position)).min();
    least.unwrap_or(head).min(head)
}

fn each_job(platform: &Platform, mut work: impl FnMut(&mut Job)) {
    match Job::all(platform) {
        Ok(jobs) => jobs.into_iter().for_each(|mut job| work(&mut job)),
        Err(error) => platform.report(&format!("the trails cannot be read: {error}")),
    }
}

/// Delivers what there is for a trail.
fn run(platform: &Platform, schedule: &Schedule, job: &mut Job) {
    let outcome = log_files(platform, job);
    let now = platform.now();
    let failed = outcome.as_ref().err().map(ToString::to_string);
    tell(
        platform,
        job,
        job.progress.error.as_deref(),
        failed.as_deref(),
    );
    let looked = job.keep(platform, |progress| {
        progress.looked = Some(now);
        if matches!(outcome, Ok(true) | Err(_)) {
            progress.attempted = Some(now);
            progress.error.clone_from(&failed);
        }
        if matches!(outcome, Ok(true)) {
            progress.delivered = Some(now);
        }
    });
    let digests = looked.and_then(|()| digests(platform, schedule, job, outcome.is_ok()));
    if let Err(error) = digests {
        platform.report(&format!(
            "the state of trail `{}` cannot be kept: {error}",
            job.trail.name
        ));
    }
}

/// Tells the operator of a failure once, and of its end.
fn tell(platform: &Platform, job: &Job, before: Option<&str>, now: Option<&str>) {
    if before != now {
        let name = &job.trail.name;
        let bucket = &job.trail.bucket;
        platform.report(&match now {
            Some(reason) => format!("trail `{name}` cannot deliver to bucket `{bucket}`: {reason}"),
            None => format!("trail `{name}` delivers again to bucket `{bucket}`"),
        });
    }
}

/// Delivers log files up to what was in the log at the beginning. Whether there were any.
fn log_files(platform: &Platform, job: &mut Job) -> Result<bool, ApiError> {
    let head = platform.trail().head().position;
    let mut any = false;
    while job.progress.position < head.0 {
        let end = job
            .progress
            .plan
            .as_ref()
            .map_or(head, |plan| Position(plan.end));
        let fixed = job.progress.plan.is_some();
        let batch = Batch::collect(platform.trail(), job, end, fixed)?;
        if !batch.is_worth_it() && !fixed && !job.progress.draining {
            job.keep(platform, |progress| progress.position = batch.passed.0)?;
            break;
        }
        let plan = match job.progress.plan.clone() {
            Some(plan) => plan,
            None => Plan {
                end: batch.end.0,
                at: platform.now(),
            },
        };
        if !fixed && !batch.contents.is_empty() {
            job.keep(platform, |progress| progress.plan = Some(plan.clone()))?;
        }
        let files = upload(platform, job, &plan, batch)?;
        any |= !files.is_empty();
        job.keep(platform, |progress| {
            progress.position = plan.end;
            progress.plan = None;
        })?;
        if job.trail.validation {
            chain(platform, job, files, plan.at)?;
        }
    }
    Ok(any)
}

/// Adds delivered files to what the next digests list.
fn chain(
    platform: &Platform,
    job: &mut Job,
    files: Vec<LogFile>,
    at: Timestamp,
) -> Result<(), ApiError> {
    job.keep(platform, |progress| {
        for file in files {
            let held = progress
                .chains
                .iter_mut()
                .find(|chain| chain.region == file.region);
            match held {
                Some(chain) => chain.files.push(file),
                None => progress.chains.push(Chain {
                    region: file.region.clone(),
                    since: to_second(at),
                    plan: None,
                    lists: None,
                    previous: None,
                    files: vec![file],
                }),
            }
        }
    })
}

fn upload(
    platform: &Platform,
    job: &Job,
    plan: &Plan,
    batch: Batch,
) -> Result<Vec<LogFile>, ApiError> {
    let trail = &job.trail;
    let mut files = Vec::new();
    for (region, content) in batch.contents {
        let json = content.json();
        let (from, to) = (job.progress.position.to_string(), plan.end.to_string());
        let of_node = Some(job.node()).filter(|node| !node.is_empty());
        let parts = [&trail.id, &region, from.as_str(), to.as_str()].into_iter();
        let unique = unique(&parts.chain(of_node).collect::<Vec<_>>());
        let account = &trail.account;
        let (day, minute) = (
            plan.at.strftime("%Y/%m/%d"),
            plan.at.strftime("%Y%m%dT%H%MZ"),
        );
        let object = trail.object(&format!(
            "CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{minute}_{unique}.json.gz"
        ));
        let hash = hex::encode(Sha256::digest(&json));
        put(platform, job, &object, &json, None)?;
        files.push(LogFile {
            region,
            bucket: trail.bucket.clone(),
            object,
            hash,
            oldest: content.oldest,
            newest: content.newest,
        });
    }
    Ok(files)
}

/// Puts a file into the trail's bucket, compressed.
fn put(
    platform: &Platform,
    job: &Job,
    object: &str,
    json: &[u8],
    metadata: Option<wire::value::Map>,
) -> Result<(), ApiError> {
    let input = trails::object(&job.trail, object)
        .with("ContentType", "application/json")
        .with("ContentEncoding", "gzip")
        .with_some("Metadata", metadata);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let body = gzip.write_all(json).and_then(|()| gzip.finish());
    let body = Bytes::from(body.map_err(ApiError::internal)?);
    trails::ask_s3(platform, &job.trail, "PutObject", input, body).map(|_| ())
}

/// The end of a file's name: sixteen letters and digits that say from where to where it goes, so
/// that no other file has them.
fn unique(parts: &[&str]) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let hash = Sha256::digest(parts.join("\n"));
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len()).copied();
    let letters = hash.iter().filter_map(letter).take(16);
    letters.map(char::from).collect()
}

/// Delivers the digests that are due; the last ones when all events of a stopped trail are out.
fn digests(
    platform: &Platform,
    schedule: &Schedule,
    job: &mut Job,
    delivered: bool,
) -> Result<(), ApiError> {
    let now = platform.now();
    let since_stop = job.progress.stopped.map(|at| now.duration_since(at));
    // The last digest lists the files of all nodes, unless one stays away.
    let waits = job.progress.others_drain() && since_stop.is_some_and(|it| it < schedule.digest);
    let drained = job.progress.draining && delivered;
    let last = (drained || job.has_remains()) && !waits;
    let lease = match job.trail.validation {
        true => Lease::take(platform)?,
        false => Some(Lease::Alone),
    };
    let Some(lease) = lease else {
        // Another node makes the digests.
        return if drained {
            job.end(platform, false)
        } else {
            Ok(())
        };
    };
    let outcome = digest::deliver_due(platform, schedule, job, (&lease, last));
    let failed = outcome.as_ref().err().map(ToString::to_string);
    let before = job.progress.digest_error.clone();
    tell(platform, job, before.as_deref(), failed.as_deref());
    let over = matches!(outcome, Ok(true));
    if before != failed {
        job.keep(platform, |progress| {
            progress.digest_error.clone_from(&failed)
        })?;
    }
    let gone = job
        .retired_at()
        .is_some_and(|at| now.duration_since(at) > FAREWELL);
    if last && over || gone {
        job.end(platform, gone)?;
    }
    Ok(())
}

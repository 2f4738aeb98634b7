//! The events of one delivery.

use jiff::Timestamp;
use platform::ApiError;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use trail::{Log, Outline, Position};

use super::job::Job;
use crate::PRINCIPAL;
use crate::record::{Progress, Trail};

/// How many bytes of events one delivery takes at most, before compression.
const BYTES: usize = 16 << 20;

/// Services whose events are the same in all regions (CloudTrail User Guide, "Global service
/// events").
const GLOBAL: &[&str] = &[
    "iam.amazonaws.com",
    "organizations.amazonaws.com",
    "cloudfront.amazonaws.com",
];

/// What a delivery covers.
pub(super) struct Batch {
    /// The last position looked at.
    pub(super) end: Position,
    /// The position up to which nothing is for the trail.
    pub(super) passed: Position,
    /// The file of each region.
    pub(super) contents: BTreeMap<String, Content>,
    /// Whether there is anything beside events of deliveries.
    worth_it: bool,
    bytes: usize,
}

/// The events of a file.
pub(super) struct Content {
    records: Vec<u8>,
    pub(super) oldest: Timestamp,
    pub(super) newest: Timestamp,
}

impl Content {
    /// The file.
    pub(super) fn json(&self) -> Vec<u8> {
        [b"{\"Records\":[", self.records.as_slice(), b"]}"].concat()
    }

    fn push(&mut self, json: &[u8], time: Timestamp) {
        if !self.records.is_empty() {
            self.records.push(b',');
        }
        self.records.extend(json);
        self.oldest = self.oldest.min(time);
        self.newest = self.newest.max(time);
    }
}

impl Batch {
    /// Takes the job's events out of the log, up to the position `end`: all of them if that is
    /// `fixed`, or as many as one delivery takes.
    pub(super) fn collect(
        log: &dyn Log,
        job: &Job,
        end: Position,
        fixed: bool,
    ) -> Result<Self, ApiError> {
        let from = Position(job.progress.position);
        let mut batch = Self {
            end: from,
            passed: from,
            contents: BTreeMap::new(),
            worth_it: false,
            bytes: 0,
        };
        let mut unreadable = None;
        log.follow(from, &mut |position, json| {
            if position > end || !fixed && batch.bytes > BYTES {
                return ControlFlow::Break(());
            }
            batch.end = position;
            match serde_json::from_slice::<Outline<'_>>(json) {
                Ok(event) => batch.offer(job, position, &event, json),
                Err(error) => {
                    unreadable = Some(ApiError::internal(format!("record {position}: {error}")));
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })
        .map_err(ApiError::internal)?;
        unreadable.map_or(Ok(batch), Err)
    }

    fn offer(&mut self, job: &Job, position: Position, event: &Outline<'_>, json: &[u8]) {
        if takes(&job.trail, &job.progress, event) {
            self.bytes += json.len();
            self.worth_it |= !is_delivery(event);
            let time = event.event_time;
            let content = self.contents.entry(event.aws_region.to_string());
            let content = content.or_insert_with(|| Content {
                records: Vec::new(),
                oldest: time,
                newest: time,
            });
            content.push(json, time);
        } else if self.contents.is_empty() {
            self.passed = position;
        }
    }

    /// Whether there is anything to deliver. What deliveries themselves bring about waits for
    /// something else: a trail that takes the data events of its own bucket would never rest.
    pub(super) fn is_worth_it(&self) -> bool {
        self.worth_it
    }
}

fn takes(trail: &Trail, progress: &Progress, event: &Outline<'_>) -> bool {
    let source = event.event_source.as_ref();
    event.recipient_account_id == trail.account
        && (trail.multi_region || event.aws_region == trail.region)
        && (trail.global_events || !GLOBAL.contains(&source))
        && (trail.recursive != Some(false) || !is_delivery(event))
        && progress.was_logging(event.event_time)
        && trail.selection.takes(event)
}

/// Whether CloudTrail itself put something into a bucket.
fn is_delivery(event: &Outline<'_>) -> bool {
    event.user_identity.invoked_by.as_deref() == Some(PRINCIPAL)
        && event.event_source == "s3.amazonaws.com"
}

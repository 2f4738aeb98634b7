//! Ending objects by the lifecycles of their buckets.

use jiff::Timestamp;
use platform::identity::to_second;
use platform::{ApiError, Platform};
use store::{Entry, Key, Read, Record, Scan, Write};

use crate::bytes::ObjectBytes;
use crate::lifecycle::{Looked, after_days, ends};
use crate::multipart::{Upload, remove_parts};
use crate::record::{Bucket, Object};
use crate::settings::{Expiration, LifecycleRule, Versioning};
use crate::versions::{self, Version};

/// How many records are looked at together.
const SOME: usize = 500;

/// Carries out the lifecycles of all buckets as of now: ends current and older versions, delete
/// markers with nothing behind them, and uploads in parts that nobody finished. Returns how many were
/// ended. Call it from time to time; what is due is due at midnight (UTC).
///
/// # Errors
/// When the state fails; what was ended stays so.
pub fn expire(platform: &Platform) -> Result<usize, ApiError> {
    let now = platform.now();
    let buckets = platform
        .store()
        .read(|tx| tx.scan::<Bucket>(&Scan::under(&Key::default())))?;
    let mut ended = 0;
    for bucket in buckets.into_iter().map(|entry| entry.value) {
        if bucket.lifecycle.iter().any(|rule| rule.enabled) {
            let work = Work {
                platform,
                bucket,
                now,
            };
            ended += work.objects()? + work.versions()? + work.uploads()?;
        }
    }
    Ok(ended)
}

/// A bucket whose lifecycle is carried out.
struct Work<'p> {
    platform: &'p Platform,
    bucket: Bucket,
    now: Timestamp,
}

impl Work<'_> {
    fn rules(&self) -> impl Iterator<Item = &LifecycleRule> {
        self.bucket.lifecycle.iter().filter(|rule| rule.enabled)
    }

    /// Looks at the records of a kind, some at a time, and ends those that are due: `end` decides
    /// within the transaction, in which the record may have changed, and returns the pieces to
    /// forget.
    fn each<T: Record>(
        &self,
        is_due: impl Fn(&Entry<T>) -> bool,
        end: impl Fn(&mut dyn Write, &Bucket, &Key) -> Result<Option<Vec<String>>, ApiError>,
    ) -> Result<usize, ApiError> {
        let (store, root) = (self.platform.store(), Key::new([self.bucket.id.as_str()]));
        let bytes: &ObjectBytes = self.platform.part()?;
        let (mut ended, mut scan) = (0, Scan::under(&root).limit(SOME));
        loop {
            let some = store.read(|tx| tx.scan::<T>(&scan))?;
            let Some(last) = some.last().map(|entry| entry.key.clone()) else {
                return Ok(ended);
            };
            for entry in some.into_iter().filter(|entry| is_due(entry)) {
                let gone = store.write(|tx| match self.still(&*tx)? {
                    Some(bucket) => end(tx, &bucket, &entry.key),
                    None => Ok(None),
                })?;
                if let Some(gone) = gone {
                    bytes.forget(gone);
                    ended += 1;
                }
            }
            scan = Scan::under(&root).after(&last).limit(SOME);
        }
    }

    /// The bucket as of `tx`, if its lifecycle is the same.
    fn still(&self, tx: &dyn Read) -> Result<Option<Bucket>, ApiError> {
        let held: Option<Bucket> = tx.get(&Bucket::key(&self.bucket.name))?;
        Ok(
            held.filter(|held| {
                held.id == self.bucket.id && held.lifecycle == self.bucket.lifecycle
            }),
        )
    }

    fn is_over(&self, key: &str, object: &Object) -> bool {
        let looked = Looked {
            key,
            size: object.size(),
            tags: &object.tags,
        };
        let end = ends(&self.bucket.lifecycle, &looked, object.modified);
        end.is_some_and(|(end, _)| end <= self.now)
    }

    fn objects(&self) -> Result<usize, ApiError> {
        self.each::<Object>(
            |entry| self.is_over(&entry.key.name(), &entry.value),
            |tx, bucket, place| {
                let key = place.name();
                let held: Option<Object> = tx.get(place)?;
                if !held.is_some_and(|held| self.is_over(&key, &held)) {
                    return Ok(None);
                }
                let (random, time) = (self.platform.random(), to_second(self.now));
                let deleted = versions::delete_current(tx, random, bucket, &key, time)?;
                Ok(Some(deleted.gone))
            },
        )
    }

    fn versions(&self) -> Result<usize, ApiError> {
        if self.bucket.versioning == Versioning::Off {
            return Ok(0);
        }
        self.each::<Version>(
            |_| true,
            |tx, bucket, place| {
                let [_, key, _] = <[String; 3]>::try_from(place.parts())
                    .map_err(|_| ApiError::internal("a version without a place"))?;
                let held: Option<Version> = tx.get(place)?;
                let Some(held) = held else { return Ok(None) };
                if !self.is_version_over(&*tx, bucket, &key, &held)? {
                    return Ok(None);
                }
                let deleted = versions::delete_version(tx, bucket, &key, held.shown_id())?;
                Ok(Some(deleted.gone))
            },
        )
    }

    fn is_version_over(
        &self,
        tx: &dyn Read,
        bucket: &Bucket,
        key: &str,
        version: &Version,
    ) -> Result<bool, ApiError> {
        let all = versions::older_of(tx, bucket, key)?;
        let Some(since) = version.superseded else {
            // A current marker ends when nothing is behind it.
            return Ok(all.len() == 1 && self.is_marker_over(key, version));
        };
        if let Some(object) = &version.object
            && object.standing.lock.holds(self.now)
        {
            return Ok(false);
        }
        let newer = all
            .iter()
            .filter(|other| other.superseded.is_some() && other.number > version.number);
        let newer = newer.count();
        let fits = |rule: &LifecycleRule| match &version.object {
            Some(object) => rule.filter.fits(&Looked {
                key,
                size: object.size(),
                tags: &object.tags,
            }),
            None => rule.filter.fits_key(key),
        };
        Ok(self.rules().any(|rule| {
            rule.noncurrent.is_some_and(|noncurrent| {
                fits(rule)
                    && newer >= usize::try_from(noncurrent.keep).unwrap_or(usize::MAX)
                    && after_days(since, noncurrent.days) <= self.now
            })
        }))
    }

    fn is_marker_over(&self, key: &str, marker: &Version) -> bool {
        self.rules().any(|rule| {
            rule.filter.fits_key(key)
                && match rule.expiration {
                    Some(Expiration::DeleteMarker) => true,
                    // A rule by age ends such markers of that age too.
                    Some(Expiration::Days(days)) => after_days(marker.made, days) <= self.now,
                    Some(Expiration::Date(_)) | None => false,
                }
        })
    }

    fn uploads(&self) -> Result<usize, ApiError> {
        let over = |upload: &Upload| {
            self.rules().any(|rule| {
                rule.abort_days.is_some_and(|days| {
                    rule.filter.fits_key(&upload.key) && after_days(upload.begun, days) <= self.now
                })
            })
        };
        self.each::<Upload>(
            |entry| over(&entry.value),
            |tx, _, place| {
                let held: Option<Upload> = tx.get(place)?;
                let Some(held) = held.filter(&over) else {
                    return Ok(None);
                };
                tx.delete::<Upload>(place)?;
                Ok(Some(remove_parts(tx, &held.id)?))
            },
        )
    }
}

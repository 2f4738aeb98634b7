//! Listing versions (Amazon S3 API Reference, "ListObjectVersions").

use platform::{ApiError, Call, Checks, Outcome, Permitted};
use store::{Key, Read, Scan};
use wire::value::Value;

use super::list::{After as Beyond, Encoding, common, delimiter, size};
use super::record::{Bucket, Object};
use super::versions::{self, Version};
use super::{acl, bucket, check, error, object};

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    Ok(check::listing_of(call, "s3:ListBucketVersions", &bucket)?.into())
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
enum After {
    /// As in a listing of keys: after all versions of a key, or all keys with a beginning.
    Whole(Beyond),
    /// After the version of a key at this place.
    Version(String, String),
}

/// One entry.
struct Entry {
    key: String,
    place: String,
    latest: bool,
    what: What,
}

enum What {
    Object(Box<Object>),
    Marker(Box<Version>),
}

impl Entry {
    fn id(&self) -> &str {
        match &self.what {
            What::Object(object) => object.version_id(),
            What::Marker(marker) => marker.shown_id(),
        }
    }
}

/// A page.
#[derive(Default)]
struct Listed {
    entries: Vec<Entry>,
    prefixes: Vec<String>,
    more: bool,
}

impl Listed {
    fn len(&self) -> usize {
        self.entries.len() + self.prefixes.len()
    }
}

struct Query<'t> {
    prefix: &'t str,
    delimiter: Option<&'t str>,
    size: usize,
}

/// The next entries after a place, in their order; at most `limit`. Whether those are all.
fn next(
    tx: &dyn Read,
    bucket: &Bucket,
    prefix: &str,
    after: &After,
    limit: usize,
) -> Result<(Vec<Entry>, bool), ApiError> {
    let root = Key::new([bucket.id.as_str()]);
    let stem = || Scan::stem(&root, prefix).limit(limit);
    // No place sorts behind this.
    let end = "~";
    let (objects, older) = match after {
        After::Whole(Beyond::Start) => (stem(), stem()),
        After::Whole(Beyond::Prefix(past)) => {
            (stem().past_stem(&root, past), stem().past_stem(&root, past))
        }
        After::Whole(Beyond::Key(key)) => {
            let key = root.clone().child(key);
            (stem().after(&key), stem().after(&key.child(end)))
        }
        After::Version(key, place) => {
            let key = root.clone().child(key);
            (stem().after(&key), stem().after(&key.child(place)))
        }
    };
    let objects = tx.scan::<Object>(&objects)?;
    let older = tx.scan::<Version>(&older)?;
    let all = objects.len() < limit && older.len() < limit;
    let current = objects.into_iter().map(|entry| Entry {
        key: entry.key.name(),
        place: versions::place(entry.value.standing.number),
        latest: true,
        what: What::Object(Box::new(entry.value)),
    });
    let older = older.into_iter().filter_map(|entry| {
        let [_, key, place] = <[String; 3]>::try_from(entry.key.parts()).ok()?;
        let mut version = entry.value;
        Some(Entry {
            key,
            place,
            latest: version.superseded.is_none(),
            what: match version.object.take() {
                Some(object) => What::Object(Box::new(object)),
                None => What::Marker(Box::new(version)),
            },
        })
    });
    let mut entries: Vec<Entry> = current.chain(older).collect();
    entries.sort_by(|one, other| (&one.key, &one.place).cmp(&(&other.key, &other.place)));
    let all = all && entries.len() <= limit;
    entries.truncate(limit);
    Ok((entries, all))
}

/// Walks over the versions in their order. Keys with the same beginning up to the delimiter are one
/// entry, and are leapt over.
fn walk(
    tx: &dyn Read,
    bucket: &Bucket,
    query: &Query<'_>,
    mut after: After,
) -> Result<Listed, ApiError> {
    let mut listed = Listed::default();
    if query.size == 0 {
        return Ok(listed);
    }
    loop {
        // One more than fits tells whether there is more.
        let wanted = query.size - listed.len() + 1;
        let (entries, all) = next(tx, bucket, query.prefix, &after, wanted)?;
        let mut leap = None;
        for entry in entries {
            if listed.len() >= query.size {
                listed.more = true;
                return Ok(listed);
            }
            if let Some(prefix) = common(&entry.key, query.prefix, query.delimiter) {
                listed.prefixes.push(prefix.to_owned());
                leap = Some(prefix.to_owned());
                break;
            }
            after = After::Version(entry.key.clone(), entry.place.clone());
            listed.entries.push(entry);
        }
        match leap {
            Some(prefix) => after = After::Whole(Beyond::Prefix(prefix)),
            None if all => return Ok(listed),
            None => {}
        }
    }
}

/// Where the page of a request begins.
fn begin(call: &Call<'_>, bucket: &Bucket, query: &Query<'_>) -> Result<After, ApiError> {
    let input = call.input();
    let given = |name: &str| input.str(name).filter(|text| !text.is_empty());
    let (key, version) = (given("KeyMarker"), given("VersionIdMarker"));
    let Some(key) = key else {
        if let Some(version) = version {
            let text = "A version-id marker cannot be specified without a key marker.";
            return Err(error::invalid_argument("version-id-marker", version, text));
        }
        return Ok(After::Whole(Beyond::Start));
    };
    if let Some(version) = version {
        let place = match version {
            versions::NULL => match null_place(call.state(), bucket, key)? {
                Some(place) => place,
                None => return Ok(After::Whole(Beyond::Key(key.to_owned()))),
            },
            id => match versions::place_in(id) {
                Some(place) => place.to_owned(),
                None => {
                    let text = "Invalid version id specified";
                    return Err(error::invalid_argument("version-id-marker", id, text));
                }
            },
        };
        return Ok(After::Version(key.to_owned(), place));
    }
    Ok(After::Whole(
        match common(key, query.prefix, query.delimiter) {
            // The marker is itself a common prefix: the page before ended with it.
            Some(whole) if whole == key => Beyond::Prefix(key.to_owned()),
            _ => Beyond::Key(key.to_owned()),
        },
    ))
}

fn null_place(tx: &dyn Read, bucket: &Bucket, key: &str) -> Result<Option<String>, ApiError> {
    use versions::Found;
    Ok(
        match versions::find(tx, bucket, key, Some(versions::NULL))? {
            Some(Found::Object(object)) => Some(versions::place(object.standing.number)),
            Some(Found::Marker(marker) | Found::CurrentMarker(marker)) => {
                Some(versions::place(marker.number))
            }
            None => None,
        },
    )
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, input) = (check::bucket(call)?, call.input());
    let query = Query {
        prefix: input.str("Prefix").unwrap_or(""),
        delimiter: delimiter(call),
        size: size(call)?.1,
    };
    let listed = walk(call.state(), &bucket, &query, begin(call, &bucket, &query)?)?;
    let encoding = Encoding::of(call)?;
    let owner = bucket::owner(&bucket.account);
    let (mut versions, mut markers) = (Vec::new(), Vec::new());
    for entry in &listed.entries {
        let owner = match &entry.what {
            What::Object(object) if object.standing.owner.is_some() => {
                bucket::owner(acl::owner_of(&bucket, object))
            }
            _ => owner.clone(),
        };
        let shown = Value::map()
            .with("Key", encoding.write(&entry.key))
            .with("VersionId", entry.id())
            .with("IsLatest", entry.latest)
            .with("Owner", owner);
        match &entry.what {
            What::Object(object) => versions.push(shown_object(object, shown)),
            What::Marker(marker) => markers.push(shown.with("LastModified", marker.made)),
        }
    }
    let prefixes = listed.prefixes.iter();
    let prefixes = prefixes.map(|prefix| Value::map().with("Prefix", encoding.write(prefix)));
    let (next_key, next_version) = next_markers(&listed);
    let text = |name: &str| input.str(name).map(|text| encoding.write(text));
    Ok(Outcome::new(
        Value::map()
            .with("IsTruncated", listed.more)
            .with("KeyMarker", text("KeyMarker").unwrap_or_default())
            .with(
                "VersionIdMarker",
                input.str("VersionIdMarker").unwrap_or_default(),
            )
            .with_some("NextKeyMarker", next_key.map(|key| encoding.write(key)))
            .with_some("NextVersionIdMarker", next_version)
            .with("Name", bucket.name.as_str())
            .with("Prefix", text("Prefix").unwrap_or_default())
            .with_some(
                "Delimiter",
                query.delimiter.map(|text| encoding.write(text)),
            )
            .with("MaxKeys", size(call)?.0)
            .with_some("EncodingType", input.str("EncodingType"))
            .with("Versions", versions)
            .with("DeleteMarkers", markers)
            .with("CommonPrefixes", prefixes.collect::<Value>()),
    ))
}

fn shown_object(object: &Object, shown: Value) -> Value {
    shown
        .with("LastModified", object.modified)
        .with("ETag", object.quoted_etag())
        .with("ChecksumAlgorithm", vec![object.checksum.algorithm.name()])
        .with("ChecksumType", object.checksum.kind.name())
        .with("Size", i64::try_from(object.size()).unwrap_or(i64::MAX))
        .with("StorageClass", object::class(&object.headers))
}

/// Where the next page begins: what was listed last.
fn next_markers(listed: &Listed) -> (Option<&str>, Option<&str>) {
    if !listed.more {
        return (None, None);
    }
    let entry = listed.entries.last();
    let prefix = listed.prefixes.last().map(String::as_str);
    match entry {
        Some(entry) if prefix.is_none_or(|prefix| entry.key.as_str() > prefix) => {
            (Some(&entry.key), Some(entry.id()))
        }
        _ => (prefix, None),
    }
}

//! Listing objects (Amazon S3 API Reference, "ListObjectsV2" and "ListObjects").

use platform::{ApiError, Call, Checks, Outcome, Permitted, paging};
use store::{Entry, Key, Read, Scan};
use wire::value::Value;

use super::record::{Bucket, Object};
use super::{acl, bucket, check, error, object};

/// The most entries on a page.
const PAGE: usize = 1_000;

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bucket = check::bucket(call)?;
    Ok(check::listing(call, &bucket)?.into())
}

/// How many records are read at first where common prefixes are expected.
const STEP: usize = 2;

/// What is asked for.
struct Query<'t> {
    prefix: &'t str,
    delimiter: Option<&'t str>,
    after: After,
    size: usize,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum After {
    Start,
    /// After this key.
    Key(String),
    /// After every key that begins so.
    Prefix(String),
}

/// A page of a listing.
#[derive(Default)]
struct Listed {
    objects: Vec<(String, Object)>,
    prefixes: Vec<String>,
    /// What was listed last, when there is more.
    next: Option<After>,
}

impl Listed {
    fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }
}

/// Walks over the keys in their order. Keys with the same beginning up to the delimiter are one
/// entry, and are leapt over.
fn walk(tx: &dyn Read, bucket: &Bucket, query: &Query<'_>) -> Result<Listed, ApiError> {
    let root = Key::new([bucket.id.as_str()]);
    let mut listed = Listed::default();
    let mut after = query.after.clone();
    if query.size == 0 {
        return Ok(listed);
    }
    // Behind each common prefix few records are read at first: the next one may be near.
    let mut step = if query.delimiter.is_some() {
        STEP
    } else {
        PAGE + 1
    };
    loop {
        // One more than fits tells whether there is more.
        let wanted = step.min(query.size - listed.len() + 1);
        let stem = Scan::stem(&root, query.prefix).limit(wanted);
        let scan = match &after {
            After::Start => stem,
            After::Key(key) => stem.after(&root.clone().child(key)),
            After::Prefix(prefix) => stem.past_stem(&root, prefix),
        };
        let entries = tx.scan::<Object>(&scan)?;
        let exhausted = entries.len() < wanted;
        match take(&mut listed, entries, query) {
            Taken::Full(last) => {
                listed.next = Some(last);
                return Ok(listed);
            }
            Taken::Leap(prefix) => (after, step) = (After::Prefix(prefix), STEP),
            Taken::All(_) if exhausted => return Ok(listed),
            Taken::All(Some(last)) => (after, step) = (After::Key(last), step * 2),
            Taken::All(None) => return Ok(listed),
        }
    }
}

enum Taken {
    /// The page is full, and there is more after this.
    Full(After),
    /// A common prefix was met: go on behind it.
    Leap(String),
    /// All were taken; the last of them.
    All(Option<String>),
}

fn take(listed: &mut Listed, entries: Vec<Entry<Object>>, query: &Query<'_>) -> Taken {
    let mut last = None;
    for entry in entries {
        let key = entry.key.name();
        if listed.len() >= query.size {
            return Taken::Full(latest(listed));
        }
        if let Some(prefix) = common(&key, query.prefix, query.delimiter) {
            listed.prefixes.push(prefix.to_owned());
            return Taken::Leap(prefix.to_owned());
        }
        last = Some(key.clone());
        listed.objects.push((key, entry.value));
    }
    Taken::All(last)
}

/// What was listed last: keys and prefixes are each in order.
fn latest(listed: &Listed) -> After {
    let key = listed.objects.last().map(|(key, _)| key);
    match (key, listed.prefixes.last()) {
        (Some(key), Some(prefix)) if key > prefix => After::Key(key.clone()),
        (_, Some(prefix)) => After::Prefix(prefix.clone()),
        (Some(key), None) => After::Key(key.clone()),
        (None, None) => After::Start,
    }
}

/// The key's beginning up to the first delimiter behind the prefix.
pub(super) fn common<'k>(key: &'k str, prefix: &str, delimiter: Option<&str>) -> Option<&'k str> {
    let delimiter = delimiter?;
    let rest = key.strip_prefix(prefix)?;
    let end = prefix.len() + rest.find(delimiter)? + delimiter.len();
    key.get(..end)
}

/// How the answer writes names: as they are, or percent-encoded.
#[derive(Clone, Copy)]
pub(super) struct Encoding(bool);

impl Encoding {
    pub(super) fn of(call: &Call<'_>) -> Result<Self, ApiError> {
        match call.input().str("EncodingType") {
            None => Ok(Self(false)),
            Some("url") => Ok(Self(true)),
            Some(other) => Err(error::invalid_argument(
                "encoding-type",
                other,
                "Invalid Encoding Method specified in Request",
            )),
        }
    }

    pub(super) fn write(self, text: &str) -> String {
        if self.0 {
            wire::uri::encode_path(text)
        } else {
            text.to_owned()
        }
    }
}

pub(super) fn size(call: &Call<'_>) -> Result<(i64, usize), ApiError> {
    let asked = call.input().int("MaxKeys").unwrap_or(1_000);
    match usize::try_from(asked) {
        Ok(size) if asked <= i64::from(i32::MAX) => Ok((asked.min(1_000), size.min(PAGE))),
        _ => Err(error::invalid_argument(
            "max-keys",
            &asked.to_string(),
            "Argument maxKeys must be an integer between 0 and 2147483647",
        )),
    }
}

pub(super) fn delimiter<'t>(call: &Call<'t>) -> Option<&'t str> {
    call.input()
        .str("Delimiter")
        .filter(|text| !text.is_empty())
}

/// What both forms of the answer have in common.
fn answer(
    call: &Call<'_>,
    bucket: &Bucket,
    listed: &Listed,
    owners: bool,
) -> Result<Value, ApiError> {
    let (encoding, input) = (Encoding::of(call)?, call.input());
    let owner = owners.then(|| bucket::owner(&bucket.account));
    let owner_of = |object: &Object| match acl::owner_of(bucket, object) {
        same if same == bucket.account => owner.clone(),
        other => owners.then(|| bucket::owner(other)),
    };
    let show = |(key, object): &(String, Object)| {
        Value::map()
            .with("Key", encoding.write(key))
            .with("LastModified", object.modified)
            .with("ETag", object.quoted_etag())
            .with("ChecksumAlgorithm", vec![object.checksum.algorithm.name()])
            .with("ChecksumType", object.checksum.kind.name())
            .with("Size", i64::try_from(object.size()).unwrap_or(i64::MAX))
            .with("StorageClass", object::class(&object.headers))
            .with_some("Owner", owner_of(object))
    };
    let prefixes = listed.prefixes.iter();
    let prefixes = prefixes.map(|prefix| Value::map().with("Prefix", encoding.write(prefix)));
    let contents: Vec<Value> = listed.objects.iter().map(show).collect();
    Ok(Value::map()
        .with("IsTruncated", listed.next.is_some())
        .with("Contents", contents)
        .with("Name", bucket.name.as_str())
        .with("Prefix", encoding.write(input.str("Prefix").unwrap_or("")))
        .with_some(
            "Delimiter",
            delimiter(call).map(|text| encoding.write(text)),
        )
        .with("MaxKeys", size(call)?.0)
        .with("CommonPrefixes", prefixes.collect::<Value>())
        .with_some("EncodingType", input.str("EncodingType")))
}

/// Version 2: pages by sealed tokens.
pub(super) fn objects_v2(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, input) = (check::bucket(call)?, call.input());
    let prefix = input.str("Prefix").unwrap_or("");
    let filters = [bucket.id.as_str(), prefix, delimiter(call).unwrap_or("")];
    let token = input.str("ContinuationToken");
    let begun = paging::begin(call, &filters, token).map_err(|_| {
        let text = "The continuation token provided is incorrect";
        error::invalid_argument("continuation-token", token.unwrap_or_default(), text)
    })?;
    let start = input.str("StartAfter").filter(|text| !text.is_empty());
    let after = match (begun, start) {
        (Some(place), _) => unmark(&place),
        (None, Some(start)) => After::Key(start.to_owned()),
        (None, None) => After::Start,
    };
    let query = Query {
        prefix,
        delimiter: delimiter(call),
        after,
        size: size(call)?.1,
    };
    let listed = walk(call.state(), &bucket, &query)?;
    let next = match &listed.next {
        Some(last) => Some(paging::token(call, &filters, &mark(last))?),
        None => None,
    };
    let encoding = Encoding::of(call)?;
    let output = answer(
        call,
        &bucket,
        &listed,
        input.bool("FetchOwner") == Some(true),
    )?;
    Ok(Outcome::new(
        output
            .with("KeyCount", i64::try_from(listed.len()).unwrap_or(i64::MAX))
            .with_some("ContinuationToken", token)
            .with_some("NextContinuationToken", next)
            .with_some("StartAfter", start.map(|text| encoding.write(text))),
    ))
}

fn mark(after: &After) -> String {
    match after {
        After::Start => String::new(),
        After::Key(key) => format!("k{key}"),
        After::Prefix(prefix) => format!("p{prefix}"),
    }
}

fn unmark(text: &str) -> After {
    match (text.strip_prefix('k'), text.strip_prefix('p')) {
        (Some(key), _) => After::Key(key.to_owned()),
        (None, Some(prefix)) => After::Prefix(prefix.to_owned()),
        (None, None) => After::Start,
    }
}

/// Version 1: pages by names.
pub(super) fn objects(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (bucket, input) = (check::bucket(call)?, call.input());
    let prefix = input.str("Prefix").unwrap_or("");
    let marker = input.str("Marker").unwrap_or("");
    let size = size(call)?.1;
    let mut query = Query {
        prefix,
        delimiter: delimiter(call),
        after: After::Start,
        size,
    };
    query.after = match common(marker, prefix, query.delimiter) {
        _ if marker.is_empty() => After::Start,
        // The marker is itself a common prefix: the page before ended with it.
        Some(whole) if whole == marker => After::Prefix(marker.to_owned()),
        _ => After::Key(marker.to_owned()),
    };
    let listed = walk(call.state(), &bucket, &query)?;
    let encoding = Encoding::of(call)?;
    // Without a delimiter clients go on from the last key themselves.
    let next = match &listed.next {
        Some(After::Key(name) | After::Prefix(name)) if query.delimiter.is_some() => {
            Some(encoding.write(name))
        }
        _ => None,
    };
    let output = answer(call, &bucket, &listed, true)?;
    Ok(Outcome::new(
        output
            .with("Marker", encoding.write(marker))
            .with_some("NextMarker", next),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::{Algorithm, Checksum, Kind};
    use jiff::Timestamp;
    use std::collections::{BTreeMap, BTreeSet};
    use store::{Error, MemoryStore, Store};

    fn bucket() -> Bucket {
        let region = "us-east-1".to_owned();
        Bucket::new(
            "b",
            "id".into(),
            "111122223333",
            region,
            Timestamp::UNIX_EPOCH,
        )
    }

    fn filled(keys: &[&str]) -> MemoryStore {
        let object = Object {
            content: crate::record::Content::default(),
            etag: String::new(),
            modified: Timestamp::UNIX_EPOCH,
            headers: BTreeMap::new(),
            metadata: BTreeMap::new(),
            checksum: Checksum {
                algorithm: Algorithm::Crc32,
                sum: Algorithm::Crc32.sum(b""),
                kind: Kind::FullObject,
            },
            tags: Vec::new(),
            standing: crate::record::Standing::default(),
            encryption: crate::encryption::Encryption::default(),
        };
        let store = MemoryStore::new();
        let whole: &dyn Store = &store;
        whole
            .write(|tx| -> Result<(), Error> {
                keys.iter()
                    .try_for_each(|key| tx.put(&Object::key(&bucket(), key), &object))
            })
            .unwrap();
        store
    }

    /// All entries of a listing in their order, gathered page by page.
    fn all(store: &MemoryStore, prefix: &str, delimiter: Option<&str>, size: usize) -> Vec<String> {
        let (mut found, mut after) = (Vec::new(), After::Start);
        let tx = store.begin_read().unwrap();
        loop {
            let query = Query {
                prefix,
                delimiter,
                after: unmark(&mark(&after)),
                size,
            };
            let page = walk(&*tx, &bucket(), &query).unwrap();
            assert!(page.len() <= size);
            let mut entries: Vec<String> = page
                .objects
                .iter()
                .map(|(key, _)| key.clone())
                .chain(page.prefixes)
                .collect();
            entries.sort();
            found.extend(entries);
            match page.next {
                Some(next) => after = next,
                None => return found,
            }
        }
    }

    /// What a listing is by its definition.
    fn defined(keys: &[&str], prefix: &str, delimiter: Option<&str>) -> Vec<String> {
        let entry = |key: &&&str| {
            let rest = key.strip_prefix(prefix)?;
            Some(
                match delimiter.and_then(|d| rest.split_once(d).map(|(start, _)| (start, d))) {
                    Some((start, delimiter)) => format!("{prefix}{start}{delimiter}"),
                    None => (**key).to_owned(),
                },
            )
        };
        let entries: BTreeSet<String> = keys.iter().filter_map(|key| entry(&key)).collect();
        entries.into_iter().collect()
    }

    #[test]
    fn pages_of_any_size_add_up_to_the_whole_listing() {
        let keys = [
            "/",
            "//",
            "a",
            "a/",
            "a/..",
            "a/../b",
            "a/1",
            "a/1/x",
            "a/2",
            "a0",
            "aa/x",
            "b",
            "b//c",
            "b/c",
            "c\u{0}d",
            "d d",
            "e+e",
            "ä/ö",
            "ä/ü",
            "zz/zz/zz",
            "\u{10ffff}",
        ];
        let store = filled(&keys);
        for prefix in ["", "a", "a/", "a/1", "b/", "x", "ä", "/", "a/../"] {
            for delimiter in [None, Some("/"), Some("//"), Some("z"), Some("\u{0}")] {
                let expected = defined(&keys, prefix, delimiter);
                for size in [1, 2, 3, 7, 1_000] {
                    let found = all(&store, prefix, delimiter, size);
                    assert_eq!(found, expected, "{prefix:?} {delimiter:?} {size}");
                }
            }
        }
    }

    #[test]
    fn a_page_of_nothing_is_the_last() {
        let store = filled(&["a", "b"]);
        let tx = store.begin_read().unwrap();
        let query = Query {
            prefix: "",
            delimiter: None,
            after: After::Start,
            size: 0,
        };
        let page = walk(&*tx, &bucket(), &query).unwrap();
        assert!(page.len() == 0 && page.next.is_none());
    }
}

//! Pages of a listing.
//!
//! A token says after which name the next page begins. It is sealed for the caller, the operation and
//! everything the input asks for besides the page itself, and it is good for a day: it is opaque, and of
//! no use to anyone else or for any other question.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use store::{Key, Read, Record, Scan};
use wire::value::Value;

use crate::call::Call;
use crate::error::ApiError;

/// How long a token is good.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// Members of inputs that choose a page or how it is written, and not what is listed.
const OF_THE_PAGE: &[&str] = &[
    "ContinuationToken",
    "EncodingType",
    "FetchOwner",
    "Limit",
    "Marker",
    "MaxBuckets",
    "MaxItems",
    "MaxKeys",
    "MaxResults",
    "NextToken",
    "OptionalObjectAttributes",
    "PageSize",
    "StartAfter",
];
/// How many records are read at a time.
const CHUNK: usize = 256;
/// How many records are looked at for one page at most.
const EXAMINED: usize = 10_000;

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The token of the next page; none on the last.
    pub next: Option<String>,
}

/// The token of a page was not given out to this caller for this listing, or long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// The name after which the page of `token` begins.
///
/// # Errors
/// When the token is not one of this listing.
pub fn begin(
    call: &Call<'_>,
    filters: &[&str],
    token: Option<&str>,
) -> Result<Option<String>, InvalidToken> {
    let Some(token) = token else { return Ok(None) };
    let purpose = purpose(call, filters);
    let plain = call.platform().sealer().open(&purpose, token);
    let plain = plain.map_err(|_| InvalidToken)?;
    let (end, name) = plain.split_first_chunk().ok_or(InvalidToken)?;
    if call.time().as_second() > i64::from_be_bytes(*end) {
        return Err(InvalidToken);
    }
    let name = String::from_utf8(name.to_vec());
    name.map(Some).map_err(|_| InvalidToken)
}

/// The token of the page that begins after `name`.
///
/// # Errors
/// When the random source fails.
pub fn token(call: &Call<'_>, filters: &[&str], name: &str) -> Result<String, ApiError> {
    let platform = call.platform();
    let end = call.time().saturating_add(LIFETIME);
    let end = end.unwrap_or_else(|_| call.time()).as_second();
    let plain = [&end.to_be_bytes()[..], name.as_bytes()].concat();
    let purpose = purpose(call, filters);
    Ok(platform
        .sealer()
        .seal(platform.random(), &purpose, &plain)?)
}

/// Cuts a page out of all `items`, which are in the order of their names.
///
/// # Errors
/// When the random source fails.
pub fn cut<T>(
    call: &Call<'_>,
    filters: &[&str],
    items: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> &str,
    after: Option<&str>,
    size: usize,
) -> Result<Page<T>, ApiError> {
    let mut rest = items
        .into_iter()
        .filter(|item| after.is_none_or(|after| name(item) > after));
    let items: Vec<T> = rest.by_ref().take(size).collect();
    let next = match (rest.next(), items.last()) {
        (Some(_), Some(last)) => Some(token(call, filters, name(last))?),
        _ => None,
    };
    Ok(Page { items, next })
}

/// Reads a page of the records under a key out of the store, in the order of their keys, and nothing that
/// comes before or long after it: `size` of those that `show` does not leave out, from behind the name
/// `after`. Returns them with the name behind which the next page begins, if there is one.
///
/// Where `show` leaves out a great deal, a page may have fewer and still not be the last.
///
/// # Errors
/// What `show` returns, or when the store fails.
pub fn read<T: Record, R>(
    tx: &dyn Read,
    under: &Key,
    after: Option<&str>,
    size: usize,
    mut show: impl FnMut(T) -> Result<Option<R>, ApiError>,
) -> Result<(Vec<R>, Option<String>), ApiError> {
    let mut after = after.unwrap_or_default().to_owned();
    let mut shown = Vec::new();
    for round in 0..=EXAMINED.div_ceil(CHUNK) {
        // Mostly nothing is left out, and the first round ends the page.
        let limit = match round {
            0 => CHUNK.min(size.saturating_add(1)),
            _ => CHUNK,
        };
        let mut scan = Scan::under(under).limit(limit);
        if !after.is_empty() {
            scan = scan.after(&under.clone().child(&after));
        }
        let entries = tx.scan::<T>(&scan)?;
        let ended = entries.len() < limit;
        for entry in entries {
            let item = show(entry.value)?;
            if item.is_some() && shown.len() == size {
                return Ok((shown, Some(after)));
            }
            shown.extend(item);
            after = entry.key.name();
        }
        if ended {
            return Ok((shown, None));
        }
    }
    Ok((shown, Some(after)))
}

fn purpose(call: &Call<'_>, filters: &[&str]) -> String {
    let mut hasher = Sha256::new();
    let caller = call.caller();
    let (account, user) = (call.account(), caller.user_id());
    let who = [
        account.as_str(),
        user.as_str(),
        caller.source_identity().unwrap_or_default(),
        call.region(),
        call.operation(),
    ];
    for part in who.iter().chain(filters) {
        text(&mut hasher, part);
    }
    for (name, value) in sorted(call.input()) {
        if !OF_THE_PAGE.contains(&name) {
            text(&mut hasher, name);
            digest(&mut hasher, value);
        }
    }
    format!("page:{}", hex::encode(hasher.finalize()))
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text);
}

/// The entries of a map in the order of their names, which is not always the client's.
fn sorted(value: &Value) -> Vec<(&str, &Value)> {
    let map = value.as_map().into_iter();
    let mut entries: Vec<_> = map.flat_map(wire::value::Map::iter).collect();
    entries.sort_by_key(|(name, _)| *name);
    entries
}

fn digest(hasher: &mut Sha256, value: &Value) {
    match value {
        Value::List(values) => {
            hasher.update([b'[']);
            for value in values {
                digest(hasher, value);
            }
            hasher.update([b']']);
        }
        Value::Map(_) => {
            hasher.update([b'{']);
            for (name, value) in sorted(value) {
                text(hasher, name);
                digest(hasher, value);
            }
            hasher.update([b'}']);
        }
        plain => text(hasher, &format!("{plain:?}")),
    }
}

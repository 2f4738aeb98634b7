//! Where in a segment a look-up has to read.
//!
//! A segment is divided into blocks of whole records. Of each block the index knows the times of
//! its events and what they can be looked up by, as hashes: it only ever says where not to look.
//! That of a complete segment lies beside it with the ending `index`; it is made anew from the
//! segment when it is missing or damaged, and nothing depends on it but speed.
//!
//! Format, version 2: `palisade-index 2`, a line feed, then for each block in little-endian
//! numbers: position of the first record, number of records, offset, length, oldest and newest
//! time in seconds (64 bits each), the number of hashes and the hashes in order (32 bits each);
//! in the end a hash of everything before it (64 bits).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::format;
use crate::{Category, Draft, Event, Limits, Position, Query, event};

const MAGIC: &[u8] = b"palisade-index 2\n";

/// The size from which on a block gets no further records.
const BLOCK_BYTES: u64 = 128 << 10;

/// The blocks of a segment, oldest first.
pub(super) type Blocks = Vec<Arc<Block>>;

/// Some records next to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) first: Position,
    count: u64,
    pub(super) offset: u64,
    pub(super) len: u64,
    oldest: i64,
    newest: i64,
    /// Hashes of what the events can be looked up by; `None` when that is not known.
    terms: Option<Vec<u32>>,
}

/// What the index wants to know of a record: of its line in the segment.
#[derive(Debug, Clone)]
pub(super) struct Line<'a> {
    pub(super) position: Position,
    pub(super) offset: u64,
    pub(super) len: u64,
    /// The second of its event, and its terms; `None` when they are not known.
    pub(super) known: Option<(i64, &'a [u32])>,
}

impl Block {
    fn new(line: &Line<'_>) -> Block {
        Block {
            first: line.position,
            count: 0,
            offset: line.offset,
            len: 0,
            oldest: i64::MAX,
            newest: i64::MIN,
            terms: Some(Vec::new()),
        }
    }

    fn push(&mut self, line: &Line<'_>) {
        self.count += 1;
        self.len += line.len;
        match (line.known, &mut self.terms) {
            (Some((time, terms)), Some(held)) => {
                self.oldest = self.oldest.min(time);
                self.newest = self.newest.max(time);
                for term in terms {
                    if let Err(place) = held.binary_search(term) {
                        held.insert(place, *term);
                    }
                }
            }
            _ => self.terms = None,
        }
    }

    /// The position behind the last record.
    pub(super) fn end(&self) -> Position {
        Position(self.first.0.saturating_add(self.count))
    }

    /// Whether all events are known to be older.
    pub(super) fn is_older(&self, than: Timestamp) -> bool {
        self.terms.is_some() && self.newest < than.as_second()
    }

    /// Whether the query may find something here.
    pub(super) fn may_have(&self, query: &Query, terms: &[u32]) -> bool {
        let Some(held) = &self.terms else { return true };
        let begun = query
            .start
            .is_none_or(|start| start.as_second() <= self.newest);
        let ended = query.end.is_none_or(|end| self.oldest <= end.as_second());
        begun && ended && terms.iter().all(|term| held.binary_search(term).is_ok())
    }
}

/// Adds a record to the blocks of its segment.
pub(super) fn push(blocks: &mut Blocks, line: &Line<'_>) {
    match blocks.last_mut() {
        Some(last) if last.len < BLOCK_BYTES && last.terms.is_some() == line.known.is_some() => {
            Arc::make_mut(last).push(line);
        }
        _ => {
            let mut block = Block::new(line);
            block.push(line);
            blocks.push(Arc::new(block));
        }
    }
}

/// The blocks of a segment's bytes: with `parse` all about them, or just where they lie.
pub(super) fn scan(bytes: &[u8], previous: Position, parse: bool) -> Blocks {
    let mut blocks = Blocks::new();
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let mut offset = lines.next().map_or(0, <[u8]>::len) as u64;
    for (number, line) in (1..).zip(lines) {
        let event = parse
            .then(|| serde_json::from_slice::<Event>(format::json(line)).ok())
            .flatten();
        let known = event.map(|event| {
            let mut terms = Vec::new();
            add_terms(&Draft::from(&event), &Limits::default(), &mut terms);
            (event.event_time.as_second(), terms)
        });
        push(
            &mut blocks,
            &Line {
                position: Position(previous.0.saturating_add(number)),
                offset,
                len: line.len() as u64,
                known: known
                    .as_ref()
                    .map(|(time, terms)| (*time, terms.as_slice())),
            },
        );
        offset += line.len() as u64;
    }
    blocks
}

/// Adds what an event can be looked up by.
pub(crate) fn add_terms(draft: &Draft<'_>, limits: &Limits, terms: &mut Vec<u32>) {
    let base = Base::new(draft.recipient_account_id, draft.event_category);
    let read_only = if draft.read_only { "true" } else { "false" };
    let identity = draft.user_identity;
    let key = identity.access_key_id.as_deref();
    terms.extend_from_slice(&[
        base.term("", ""),
        base.term("EventId", &limits.cut(draft.event_id)),
        base.term("EventName", &limits.cut(draft.event_name)),
        base.term("ReadOnly", read_only),
        base.term("EventSource", &limits.cut(draft.event_source)),
    ]);
    terms.extend(identity.username().map(|name| base.term("Username", name)));
    terms.extend(key.map(|key| base.term("AccessKeyId", key)));
    let kinds = draft.resources.iter();
    let kinds = kinds.filter_map(|resource| resource.kind.as_deref());
    terms.extend(kinds.map(|kind| base.term("ResourceType", kind)));
    let names = event::resource_names(draft.resources);
    terms.extend(names.map(|name| base.term("ResourceName", name)));
}

/// What all events that a query finds can be looked up by.
pub(super) fn terms_sought(query: &Query) -> Vec<u32> {
    let Some(category) = query.category else {
        return Vec::new();
    };
    let base = Base::new(&query.account, category);
    let attributes = query.attributes.iter().map(|attribute| {
        let (name, value) = attribute.parts();
        base.term(name, value)
    });
    std::iter::once(base.term("", ""))
        .chain(attributes)
        .collect()
}

/// What every term of an event is bound to: the hash so far.
struct Base(u64);

impl Base {
    fn new(account: &str, category: Category) -> Base {
        Base(hash(hash(SEED, account.as_bytes()), &[category as u8]))
    }

    fn term(&self, name: &str, value: &str) -> u32 {
        let hash = hash(hash(self.0, name.as_bytes()), value.as_bytes());
        (hash ^ (hash >> 32)) as u32
    }
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;

/// Mixes a text into a hash, eight bytes at a time, and where it ends.
fn hash(hash: u64, bytes: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * FACTOR;
        (product as u64) ^ ((product >> 64) as u64)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words
        .iter()
        .fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let last = rest
        .iter()
        .fold(0, |last, byte| (last << 8) | u64::from(*byte));
    mix(mix(hash, last), SEED ^ bytes.len() as u64)
}

/// Where the index of a segment lies.
fn path(segment: &Path) -> PathBuf {
    segment.with_extension("index")
}

/// Writes the index beside its complete segment. Not being able to is no harm.
pub(super) fn keep(segment: &Path, blocks: &Blocks) {
    let mut out = MAGIC.to_vec();
    for block in blocks {
        let numbers = [block.first.0, block.count, block.offset, block.len];
        numbers
            .iter()
            .for_each(|number| out.extend(number.to_le_bytes()));
        out.extend(block.oldest.to_le_bytes());
        out.extend(block.newest.to_le_bytes());
        let Some(terms) = &block.terms else { return };
        let Ok(count) = u32::try_from(terms.len()) else {
            return;
        };
        out.extend(count.to_le_bytes());
        terms.iter().for_each(|term| out.extend(term.to_le_bytes()));
    }
    out.extend(hash(SEED, &out).to_le_bytes());
    let (path, unfinished) = (path(segment), segment.with_extension("index-new"));
    if std::fs::write(&unfinished, out).is_ok() {
        drop(std::fs::rename(unfinished, path));
    }
}

/// Reads the index of a complete segment; `None` when there is none that can be believed. Also how
/// many bytes were read.
pub(super) fn load(segment: &Path) -> Option<Blocks> {
    let bytes = std::fs::read(path(segment)).ok()?;
    let (body, sum) = bytes.split_last_chunk::<8>()?;
    if hash(SEED, body) != u64::from_le_bytes(*sum) {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut blocks = Blocks::new();
    while !rest.is_empty() {
        let block = Block {
            first: Position(take_u64(&mut rest)?),
            count: take_u64(&mut rest)?,
            offset: take_u64(&mut rest)?,
            len: take_u64(&mut rest)?,
            oldest: take_u64(&mut rest)?.cast_signed(),
            newest: take_u64(&mut rest)?.cast_signed(),
            terms: Some(take_terms(&mut rest)?),
        };
        blocks.push(Arc::new(block));
    }
    Some(blocks)
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (number, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*number)
}

fn take_u64(rest: &mut &[u8]) -> Option<u64> {
    take(rest).map(u64::from_le_bytes)
}

fn take_terms(rest: &mut &[u8]) -> Option<Vec<u32>> {
    let count = take(rest).map(u32::from_le_bytes)?;
    (0..count)
        .map(|_| take(rest).map(u32::from_le_bytes))
        .collect()
}

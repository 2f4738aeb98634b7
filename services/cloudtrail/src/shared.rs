//! Management events of all nodes, where several share the state.
//!
//! Each node has a log of its own. What of it can be looked up it copies into the state, a few events to a
//! [`Block`], every second and before it looks something up itself: so whichever node is asked finds
//! everything, also of a node that has gone away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use platform::{ApiError, Platform, id};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::io::{Read as _, Write as _};
use std::ops::ControlFlow;
use store::{Key, Read, Record, Scan, Write};
use trail::{Category, Event, Outline, Position, Query};

use crate::delivery::position_at;
use crate::lookup::DAYS;

/// The most seconds between two events of a block.
const SPAN: i64 = 60;
/// The most events of a block.
const EVENTS: usize = 200;
/// How many bytes of events are copied in one transaction.
const BYTES: usize = 1 << 20;
/// How many events that nobody can look up are passed over before it is written down.
const PASSED: u64 = 5_000;
/// How many blocks are read together, and how many a look-up reads at least before it gives what it found.
const SOME: usize = 64;
const ENOUGH: usize = 1_024;
/// Seconds are written so that later ones sort first.
const END_OF_TIME: i64 = 999_999_999_999;

/// Some events of one account and region, next to each other in the log of one node. Their key: account,
/// region, the last second in reverse, node, position of the last event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Block {
    /// The position of the first event, and how far each of the others lies behind it.
    first: u64,
    behind: Vec<u64>,
    /// Their JSON, a line each: gzip, in base 64.
    events: String,
}

impl Record for Block {
    const KIND: &'static str = "cloudtrail-events";
    const VERSION: u32 = 1;
}

/// How far a node has copied its log, under the node's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    position: u64,
    /// The id of the event there, by which this log is known from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// Which run of the node's program goes on with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<String>,
}

impl Record for Copied {
    const KIND: &'static str = "cloudtrail-copied";
    const VERSION: u32 = 2;

    /// Version 1 knew neither the event nor the run.
    fn upgrade(version: u32, json: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        (version == 1).then(|| serde_json::from_slice(json))
    }
}

/// One run of a node's program. A part of the platform.
struct Run(String);

/// Makes the platform the node with this name, which nobody else is from now on: a program that was it
/// before [is told](is_superseded).
///
/// # Errors
/// When this log is not the one that the node wrote: the data directory was copied, or lost its end. Two logs
/// under one name would give different events the same place.
pub fn as_node(platform: Platform, name: &str) -> Result<Platform, ApiError> {
    let platform = platform.with_node(name);
    let run = id::lower(platform.random(), 26)?;
    let begin = position_at(&platform, oldest(&platform))?;
    platform.store().write(|tx| {
        let key = Key::new([name]);
        let held: Option<Copied> = tx.get(&key)?;
        if let Some(held) = &held {
            is_own_log(&platform, name, held)?;
        }
        let (position, event) = held.map_or((begin, None), |held| (held.position, held.event));
        let run = Some(run.clone());
        let next = Copied {
            position,
            event,
            run,
        };
        Ok::<_, ApiError>(tx.put(&key, &next)?)
    })?;
    Ok(platform.with_part(Run(run)))
}

fn is_own_log(platform: &Platform, name: &str, held: &Copied) -> Result<(), ApiError> {
    let log = platform.trail();
    let there = log.read(Position(held.position), 1);
    let there = there.map_err(ApiError::internal)?;
    let same = match (&held.event, there.first()) {
        (Some(event), Some(record)) if record.position.0 == held.position => {
            record.event.event_id == *event
        }
        _ => true,
    };
    if same && log.head().position.0 >= held.position {
        return Ok(());
    }
    Err(ApiError::internal(format!(
        "the log in the data directory is not the one that the node `{name}` has written up to record {}: the \
         directory is a copy, or its end was lost. Give a new node an empty directory with `sealing-keys`; to go \
         on with this one under another name, remove its file `node`",
        held.position
    )))
}

/// Whether another program is this node by now. This one must answer nothing more.
pub fn is_superseded(platform: &Platform) -> bool {
    let (Some(node), Ok(run)) = (platform.node(), platform.part::<Run>()) else {
        return false;
    };
    let held = platform.store().read(|tx| tx.get(&Key::new([node])));
    // A state that cannot be read says nothing.
    held.is_ok_and(|held: Option<Copied>| !held.is_some_and(|held| held.is_by(Some(run))))
}

impl Copied {
    /// Whether this run goes on with it; who has none is not asked.
    fn is_by(&self, run: Option<&Run>) -> bool {
        run.is_none_or(|run| self.run.as_ref() == Some(&run.0))
    }
}

/// The id of an event, without the rest.
#[derive(Deserialize)]
struct Id<'t> {
    #[serde(rename = "eventID", borrow)]
    id: Cow<'t, str>,
}

/// The place of an event among those of all nodes, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    second: Reverse<i64>,
    node: String,
    position: Reverse<u64>,
}

impl Place {
    /// Before everything that happened in this second.
    fn begins(second: i64) -> Self {
        Self {
            second: Reverse(second),
            node: String::new(),
            position: Reverse(u64::MAX),
        }
    }

    /// As a text that [`parse`](Self::parse) reads.
    pub(crate) fn text(&self) -> String {
        format!("{} {} {}", self.second.0, self.position.0, self.node)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let second = parts.next()?.parse().ok()?;
        let position = parts.next()?.parse().ok()?;
        let node = parts.next()?.to_owned();
        Some(Self {
            second: Reverse(second),
            node,
            position: Reverse(position),
        })
    }
}

fn reversed(second: i64) -> String {
    format!("{:012}", END_OF_TIME.saturating_sub(second.max(0)))
}

/// Copies what this node's log has and the state has not.
///
/// # Errors
/// When the log or the state fails.
pub(crate) fn copy(platform: &Platform) -> Result<(), ApiError> {
    let Some(node) = platform.node() else {
        return Ok(());
    };
    while copy_some(platform, node)? {}
    Ok(())
}

/// Whether there may be more.
fn copy_some(platform: &Platform, node: &str) -> Result<bool, ApiError> {
    let (key, log) = (Key::new([node]), platform.trail());
    let held: Option<Copied> = platform.store().read(|tx| tx.get(&key))?;
    let run = platform.part::<Run>().ok();
    let from = match &held {
        Some(copied) if copied.is_by(run) => copied.position,
        Some(_) => {
            let text = format!("another program is the node `{node}` by now");
            return Err(ApiError::internal(text));
        }
        None => position_at(platform, oldest(platform))?,
    };
    if from >= log.head().position.0 {
        return Ok(false);
    }
    let mut gathered = Gathered::default();
    let (mut end, mut last) = (from, None);
    let mut unreadable = None;
    log.follow(Position(from), &mut |position, json| {
        if gathered.bytes > BYTES {
            return ControlFlow::Break(());
        }
        match serde_json::from_slice::<Outline<'_>>(json) {
            Ok(event) => gathered.offer(position, &event, json),
            Err(error) => {
                unreadable = Some(ApiError::internal(format!("record {position}: {error}")));
                return ControlFlow::Break(());
            }
        }
        end = position.0;
        let id = serde_json::from_slice::<Id<'_>>(json).ok();
        last = id.map(|id| id.id.into_owned());
        ControlFlow::Continue(())
    })
    .map_err(ApiError::internal)?;
    if let Some(error) = unreadable {
        return Err(error);
    }
    if gathered.groups.is_empty() && end - from < PASSED {
        return Ok(false);
    }
    platform.store().write(|tx| {
        // Two threads may have begun with the same events.
        if tx.get::<Copied>(&key)? == held {
            for group in &gathered.groups {
                group.put(tx, node)?;
            }
            let next = Copied {
                position: end,
                event: last,
                run: held.and_then(|held| held.run),
            };
            tx.put(&key, &next)?;
        }
        Ok::<_, ApiError>(true)
    })
}

fn oldest(platform: &Platform) -> Timestamp {
    let now = platform.now();
    now.checked_sub(DAYS).unwrap_or(now)
}

/// Events on their way into blocks.
#[derive(Default)]
struct Gathered {
    groups: Vec<Group>,
    bytes: usize,
}

struct Group {
    account: String,
    region: String,
    oldest: i64,
    newest: i64,
    positions: Vec<u64>,
    lines: Vec<u8>,
}

impl Gathered {
    fn offer(&mut self, position: Position, event: &Outline<'_>, json: &[u8]) {
        if event.event_category != Category::Management {
            return;
        }
        self.bytes += json.len();
        let second = event.event_time.as_second();
        let (account, region) = (&event.recipient_account_id, &event.aws_region);
        let fits = |group: &&mut Group| {
            group.account == **account
                && group.region == **region
                && group.positions.len() < EVENTS
                && group.newest.max(second) - group.oldest.min(second) <= SPAN
        };
        let group = match self.groups.iter_mut().rev().find(fits) {
            Some(group) => group,
            None => {
                self.groups.push(Group {
                    account: account.to_string(),
                    region: region.to_string(),
                    oldest: second,
                    newest: second,
                    positions: Vec::new(),
                    lines: Vec::new(),
                });
                let Some(group) = self.groups.last_mut() else {
                    return;
                };
                group
            }
        };
        group.oldest = group.oldest.min(second);
        group.newest = group.newest.max(second);
        group.positions.push(position.0);
        group.lines.extend_from_slice(json);
        group.lines.push(b'\n');
    }
}

impl Group {
    fn put(&self, tx: &mut dyn Write, node: &str) -> Result<(), ApiError> {
        let (Some(first), Some(last)) = (self.positions.first(), self.positions.last()) else {
            return Ok(());
        };
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let events = gzip.write_all(&self.lines).and_then(|()| gzip.finish());
        let block = Block {
            first: *first,
            behind: self.positions.iter().skip(1).map(|at| at - first).collect(),
            events: STANDARD.encode(events.map_err(ApiError::internal)?),
        };
        let (newest, last) = (reversed(self.newest), format!("{last:020}"));
        let parts = [&self.account, &self.region, newest.as_str(), node, &last];
        tx.put(&Key::new(parts), &block)?;
        Ok(())
    }
}

impl Block {
    /// The events with their positions.
    fn read(&self) -> Result<Vec<(u64, Event)>, ApiError> {
        let gzip = STANDARD.decode(&self.events).map_err(ApiError::internal)?;
        let mut lines = String::new();
        GzDecoder::new(gzip.as_slice())
            .read_to_string(&mut lines)
            .map_err(ApiError::internal)?;
        let behind = self.behind.iter().map(|behind| self.first + behind);
        let positions = std::iter::once(self.first).chain(behind);
        let events = positions.zip(lines.lines()).map(|(position, line)| {
            let event = serde_json::from_str(line).map_err(ApiError::internal)?;
            Ok((position, event))
        });
        events.collect()
    }
}

/// The events of a page, and where the next one begins.
pub(crate) struct Page {
    pub(crate) events: Vec<Event>,
    pub(crate) next: Option<Place>,
}

/// Looks events of all nodes up, the latest first, behind the place `before`.
///
/// # Errors
/// When the state fails.
pub(crate) fn look_up(
    tx: &dyn Read,
    query: &Query,
    before: Option<&Place>,
) -> Result<Page, ApiError> {
    let account_and_region = [&query.account, query.region.as_deref().unwrap_or_default()];
    let all = Scan::under(&Key::new(account_and_region)).limit(SOME);
    let end = query.end.map(Timestamp::as_second);
    let asked = before.map(|place| place.second.0);
    // A block holds events of some seconds: in one that ends later, there may be some.
    let from = [end, asked].into_iter().flatten().min();
    let from = from.map(|second| second.saturating_add(SPAN + 1));
    let mut scan = match from {
        Some(second) => all.clone().after(&Key::new(
            account_and_region
                .into_iter()
                .chain([reversed(second).as_str(), "~"]),
        )),
        None => all.clone(),
    };
    let mut found: Vec<(Place, Event)> = Vec::new();
    let mut read = 0;
    loop {
        let blocks = tx.scan::<Block>(&scan)?;
        let Some(last) = blocks.last() else {
            return Ok(page(found, query.max, None));
        };
        // Whatever comes behind this page is of that second or earlier.
        let (_, reached) = origin(&last.key)?;
        scan = all.clone().after(&last.key);
        read += blocks.len();
        for entry in &blocks {
            let (node, _) = origin(&entry.key)?;
            for (position, event) in entry.value.read()? {
                let place = Place {
                    second: Reverse(event.event_time.as_second()),
                    node: node.clone(),
                    position: Reverse(position),
                };
                if before.is_none_or(|before| place > *before) && query.admits(&event) {
                    found.push((place, event));
                }
            }
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found.truncate(query.max.saturating_add(1));
        let begun = query.start.is_some_and(|start| reached < start.as_second());
        let full = found.len() > query.max
            && found
                .last()
                .is_some_and(|(place, _)| place.second.0 > reached);
        if begun || full {
            return Ok(page(found, query.max, None));
        }
        let far = from.is_none_or(|from| reached < from - 2 * (SPAN + 1));
        if read >= ENOUGH && far {
            found.retain(|(place, _)| place.second.0 > reached);
            return Ok(page(found, query.max, Some(Place::begins(reached))));
        }
    }
}

/// The node of a block, and its last second.
fn origin(key: &Key) -> Result<(String, i64), ApiError> {
    let mut parts = key.parts().into_iter().skip(2);
    let second = parts.next().and_then(|second| second.parse::<i64>().ok());
    let read = parts.next().zip(second);
    let lost = || ApiError::internal("a block of events has a key that is none");
    let (node, second) = read.ok_or_else(lost)?;
    Ok((node, END_OF_TIME - second))
}

/// The first events of what was found, in order; behind them more of it, or what was not read.
fn page(mut found: Vec<(Place, Event)>, max: usize, unread: Option<Place>) -> Page {
    let more = found.len() > max;
    found.truncate(max);
    let last = found.last().map(|(place, _)| place.clone());
    Page {
        next: if more { last } else { unread },
        events: found.into_iter().map(|(_, event)| event).collect(),
    }
}

/// Removes events that can be looked up no longer.
///
/// # Errors
/// When the state fails.
pub(crate) fn forget(platform: &Platform) -> Result<(), ApiError> {
    if platform.node().is_none() {
        return Ok(());
    }
    let old = reversed(oldest(platform).as_second());
    let mut next = Scan::under(&Key::new([] as [&str; 0])).limit(1);
    loop {
        let first = platform.store().read(|tx| tx.scan::<Block>(&next))?;
        let Some(first) = first.first() else {
            return Ok(());
        };
        let prefix: Vec<String> = first.key.parts().into_iter().take(2).collect();
        let behind = |place: &str| Key::new(prefix.iter().map(String::as_str).chain([place]));
        let over = Scan::under(&Key::new(&prefix)).after(&behind(&old));
        while platform.store().write(|tx| {
            let some = tx.scan::<Block>(&over.clone().limit(SOME))?;
            for entry in &some {
                tx.delete::<Block>(&entry.key)?;
            }
            Ok::<_, ApiError>(some.len() == SOME)
        })? {}
        next = Scan::under(&Key::new([] as [&str; 0]))
            .after(&behind("~"))
            .limit(1);
    }
}

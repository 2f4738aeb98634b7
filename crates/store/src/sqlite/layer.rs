//! What commits changed that is not in the tables, as of each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;

use super::journal::{Batch, Rows};
use super::kept::{Id, parts, row_range};
use crate::Stored;
use crate::scan::Range;

/// What a row takes beside its id and value, about, in bytes.
const OVERHEAD: usize = 160;

/// Rows by their ids.
#[derive(Debug, Default)]
pub(super) struct Layer {
    rows: BTreeMap<Id, Row>,
    /// The commits that changed anything of a kind.
    marks: BTreeMap<String, Vec<u64>>,
    /// About how many bytes the rows take.
    size: usize,
    /// The latest commit.
    last: u64,
}

/// What a row was after the commits that changed it.
#[derive(Debug)]
struct Row {
    newest: (u64, Option<Stored>),
    /// What somebody may still see, in order.
    earlier: Vec<(u64, Option<Stored>)>,
}

impl Row {
    /// What it is as of commit `at`; `None` when it was not changed until then.
    fn as_of(&self, at: u64) -> Option<Option<&Stored>> {
        let mut changes = std::iter::once(&self.newest).chain(self.earlier.iter().rev());
        let found = changes.find(|(revision, _)| *revision <= at)?;
        Some(found.1.as_ref())
    }

    /// Forgets what only those could see who began before commit `oldest`. Returns about how many bytes that are.
    fn forget_before(&mut self, oldest: u64, id: &Id) -> usize {
        let unseen = match self.newest.0 <= oldest {
            true => self.earlier.len(),
            false => {
                let seen = |(revision, _): &(u64, _)| *revision <= oldest;
                self.earlier.iter().rposition(seen).unwrap_or(0)
            }
        };
        let gone = self.earlier.drain(..unseen);
        gone.map(|(_, stored)| size(id, stored.as_ref())).sum()
    }
}

impl Layer {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The latest commit in it; 0 when there is none.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// A commit changed these rows. Nobody reads as of one before `oldest`, nor will.
    pub(super) fn push(&mut self, revision: u64, rows: Rows, oldest: u64) {
        for (id, stored) in rows {
            let (kind, _) = parts(&id);
            match self.marks.get_mut(&*kind) {
                Some(marks) if marks.last() == Some(&revision) => {}
                Some(marks) => {
                    let unseen = marks.iter().rposition(|mark| *mark <= oldest);
                    marks.drain(..unseen.unwrap_or(0));
                    marks.push(revision);
                }
                None => drop(self.marks.insert(kind.into_owned(), vec![revision])),
            }
            self.size += size(&id, stored.as_ref());
            let newest = (revision, stored);
            match self.rows.get_mut(&id) {
                Some(row) => {
                    row.earlier.push(std::mem::replace(&mut row.newest, newest));
                    let gone = row.forget_before(oldest, &id);
                    self.size = self.size.saturating_sub(gone);
                }
                None => {
                    let earlier = Vec::new();
                    self.rows.insert(id, Row { newest, earlier });
                }
            }
        }
        self.last = revision;
    }

    /// A row as of commit `at`; `None` when it was not changed until then.
    pub(super) fn get(&self, id: &[u8], at: u64) -> Option<Option<Stored>> {
        let found = self.rows.get(id)?.as_of(at)?;
        Some(found.cloned())
    }

    /// The latest change of a kind as of commit `at`, if there was one.
    pub(super) fn mark(&self, kind: &str, at: u64) -> Option<u64> {
        let marks = self.marks.get(kind)?;
        marks.iter().rev().find(|mark| **mark <= at).copied()
    }

    /// Adds the kinds that were changed until commit `at`.
    pub(super) fn kinds(&self, at: u64, all: &mut BTreeSet<String>) {
        let changed = self.marks.iter();
        let changed = changed.filter(|(_, marks)| marks.first().is_some_and(|mark| *mark <= at));
        all.extend(changed.map(|(kind, _)| kind.clone()));
    }

    /// The rows of a kind in a range that were changed until commit `at`, in the range's direction.
    pub(super) fn within<'l>(&'l self, kind: &str, range: &Range, at: u64) -> Changes<'l> {
        let (lower, upper) = row_range(kind, range);
        if upper <= lower {
            return none();
        }
        let rows = self.rows.range(lower..upper);
        let rows = rows.filter_map(move |(id, row)| Some((id, row.as_of(at)?)));
        directed(rows, range)
    }

    /// The rows as the latest commit left them.
    pub(super) fn newest(&self) -> impl Iterator<Item = (&Id, Option<&Stored>)> {
        let rows = self.rows.iter();
        rows.map(|(id, row)| (id, row.newest.1.as_ref()))
    }

    /// The latest change of each kind.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&str, u64)> {
        let marks = self.marks.iter();
        marks.filter_map(|(kind, marks)| Some((kind.as_str(), *marks.last()?)))
    }
}

impl FromIterator<Batch> for Layer {
    fn from_iter<I: IntoIterator<Item = Batch>>(batches: I) -> Self {
        let mut layer = Self::default();
        for Batch { revision, rows } in batches {
            // Whoever reads it reads all of it.
            layer.push(revision, rows, revision);
        }
        layer
    }
}

fn size(id: &Id, stored: Option<&Stored>) -> usize {
    OVERHEAD + id.len() + stored.map_or(0, |stored| stored.json.len())
}

/// Changed rows in the direction of a scan.
pub(super) type Changes<'l> = Peekable<Box<dyn Iterator<Item = (&'l Id, Option<&'l Stored>)> + 'l>>;

fn none<'l>() -> Changes<'l> {
    let none: Box<dyn Iterator<Item = _>> = Box::new(std::iter::empty());
    none.peekable()
}

fn directed<'l>(
    rows: impl DoubleEndedIterator<Item = (&'l Id, Option<&'l Stored>)> + 'l,
    range: &Range,
) -> Changes<'l> {
    let rows: Box<dyn Iterator<Item = _>> = match range.descending {
        true => Box::new(rows.rev()),
        false => Box::new(rows),
    };
    rows.peekable()
}

/// The rows of a kind in a range that a transaction changed.
pub(super) fn own<'l>(rows: &'l Rows, kind: &str, range: &Range) -> Changes<'l> {
    let (lower, upper) = row_range(kind, range);
    if upper <= lower {
        return none();
    }
    let rows = rows.range(lower..upper);
    directed(rows.map(|(id, stored)| (id, stored.as_ref())), range)
}

/// A key in its encoded form, and what is under it by now.
pub(super) type Changed = (Vec<u8>, Option<Stored>);

/// What `layers` make of a range, the uppermost first: no more of it than a scan needs.
pub(super) fn changed<const N: usize>(mut layers: [Changes<'_>; N], range: &Range) -> Vec<Changed> {
    let (mut found, mut live) = (Vec::new(), 0);
    while live < range.limit {
        let ids = layers.iter_mut().filter_map(|layer| Some(layer.peek()?.0));
        let next = match range.descending {
            true => ids.max(),
            false => ids.min(),
        };
        let Some(id) = next else { break };
        let mut uppermost = None;
        for layer in &mut layers {
            let here = layer.next_if(|(other, _)| *other == id);
            uppermost = uppermost.or(here);
        }
        if let Some((_, stored)) = uppermost {
            live += usize::from(stored.is_some());
            found.push((parts(id).1.to_vec(), stored.cloned()));
        }
    }
    found
}

/// How many rows of the tables a scan needs where so much was changed: each change hides one of them at most.
pub(super) fn needed(range: &Range, changed: &[Changed]) -> usize {
    range.limit.saturating_add(changed.len())
}

/// The rows in a range: those `found` in the tables, with `changed` over them.
pub(super) fn merged(
    range: &Range,
    changed: Vec<Changed>,
    mut found: Vec<(Vec<u8>, Stored)>,
) -> Vec<(Vec<u8>, Stored)> {
    if changed.is_empty() {
        found.truncate(range.limit);
        return found;
    }
    let before = |one: &[u8], other: &[u8]| match range.descending {
        true => one > other,
        false => one < other,
    };
    let mut merged = Vec::with_capacity(found.len().min(range.limit));
    let mut found = found.into_iter().peekable();
    for (key, stored) in changed {
        while let Some(below) = found.next_if(|(below, _)| before(below, &key)) {
            merged.push(below);
        }
        // It is hidden.
        drop(found.next_if(|(below, _)| *below == key));
        merged.extend(stored.map(|stored| (key, stored)));
    }
    merged.extend(found);
    merged.truncate(range.limit);
    merged
}

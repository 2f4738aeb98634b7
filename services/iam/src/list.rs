//! Listings in pages.
//!
//! A page is read out of the store by the order of keys; nothing is read that comes before it. Where a
//! filter leaves out a great deal, a page may be short and still not be the last, as AWS says of its own.

use platform::paging;
use platform::{ApiError, Call, Check, Checks, Outcome, Target};
use std::ops::Range;
use store::{Key, Record};
use wire::value::Value;

use super::check;
use super::entity::Entity;

/// How many are on a page when the caller does not say.
const PAGE: i64 = 100;
/// Parts a section's name from the name after which it goes on. No name holds it.
const SEPARATOR: char = '\n';

/// `iam:ListRoles` on `role/`, with the path prefix that is asked for.
pub(super) fn may_list<E: Entity>(call: &Call<'_>) -> Result<Checks, ApiError> {
    may_list_all(call, E::NOUN)
}

/// As [`may_list`], for what ARNs call `noun`.
pub(super) fn may_list_all(call: &Call<'_>, noun: &str) -> Result<Checks, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let target = Target::arn(&check::arn(call, &format!("{noun}{path}")))?;
    Ok(Check::of(call.action(), target).into())
}

/// The page of `items` that the input asks for, as member `member` of the answer. `items` are in the
/// order of `name`, and few; `filter` tells listings of one operation apart.
pub(super) fn page<T>(
    call: &Call<'_>,
    member: &'static str,
    filter: &str,
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> Value,
) -> Result<Outcome, ApiError> {
    let mut pager = Pager::begin(call, filter)?;
    let items = items.iter().map(|item| (name(item).to_owned(), show(item)));
    let shown = pager.few("", items);
    pager.finish(Value::map().with(member, shown))
}

/// A page that is put together from one section or several, each in the order of its names.
pub(super) struct Pager<'c, 't> {
    call: &'c Call<'t>,
    filter: String,
    /// How many more fit on the page.
    room: usize,
    /// The section in which the page begins, and the name after which.
    begin: Option<(String, String)>,
    /// Where the next page begins.
    next: Option<String>,
}

impl<'c, 't> Pager<'c, 't> {
    pub(super) fn begin(call: &'c Call<'t>, filter: &str) -> Result<Self, ApiError> {
        let input = call.input();
        let marker = paging::begin(call, &[filter], input.str("Marker"))
            .map_err(|_| ApiError::validation("Invalid Marker."))?;
        let begin = marker
            .as_deref()
            .and_then(|text| text.split_once(SEPARATOR));
        Ok(Self {
            call,
            filter: filter.to_owned(),
            room: usize::try_from(input.int("MaxItems").unwrap_or(PAGE)).unwrap_or(1),
            begin: begin.map(|(section, after)| (section.to_owned(), after.to_owned())),
            next: None,
        })
    }

    /// Where the page goes on in this section; `None` when nothing of it is on the page.
    fn enter(&mut self, section: &str) -> Option<String> {
        if self.next.is_some() {
            return None;
        }
        match self.begin.take() {
            Some((begin, after)) if begin == section => Some(after),
            Some(other) => {
                self.begin = Some(other);
                None
            }
            None => Some(String::new()),
        }
    }

    fn stop(&mut self, section: &str, after: &str) {
        self.next = Some(format!("{section}{SEPARATOR}{after}"));
    }

    /// What of a few items, in the order of their names, is on the page.
    pub(super) fn few(
        &mut self,
        section: &str,
        items: impl Iterator<Item = (String, Value)>,
    ) -> Value {
        let Some(mut after) = self.enter(section) else {
            return Value::List(Vec::new());
        };
        let mut shown = Vec::new();
        for (name, item) in items {
            if !after.is_empty() && name <= after {
                continue;
            }
            if self.room == 0 {
                self.stop(section, &after);
                break;
            }
            self.room -= 1;
            shown.push(item);
            after = name;
        }
        Value::List(shown)
    }

    /// Which of so many numbered items are on the page.
    pub(super) fn numbered(&mut self, section: &str, count: usize) -> Range<usize> {
        let Some(after) = self.enter(section) else {
            return 0..0;
        };
        let begin = after.parse::<usize>().map_or(0, |last| last + 1).min(count);
        let end = begin.saturating_add(self.room).min(count);
        self.room -= end - begin;
        if end < count {
            self.stop(section, &end.saturating_sub(1).to_string());
        }
        begin..end
    }

    /// What of the records under a key is on the page. `show` may leave some out.
    pub(super) fn records<T: Record>(
        &mut self,
        section: &str,
        under: &Key,
        show: impl FnMut(T) -> Result<Option<Value>, ApiError>,
    ) -> Result<Value, ApiError> {
        let Some(after) = self.enter(section) else {
            return Ok(Value::List(Vec::new()));
        };
        let state = self.call.state();
        let (shown, more) = paging::read(state, under, Some(&after), self.room, show)?;
        self.room -= shown.len();
        if let Some(after) = more {
            self.stop(section, &after);
        }
        Ok(Value::List(shown))
    }

    /// The answer, with what tells how to go on.
    pub(super) fn finish(self, answer: Value) -> Result<Outcome, ApiError> {
        let next = self
            .next
            .map(|next| paging::token(self.call, &[&self.filter], &next))
            .transpose()?;
        Ok(Outcome::new(
            answer
                .with("IsTruncated", next.is_some())
                .with_some("Marker", next),
        ))
    }
}

/// All records under the account as member `member` of the answer, page by page.
pub(super) fn all<T: Record>(
    call: &Call<'_>,
    member: &'static str,
    filter: &str,
    show: impl FnMut(T) -> Result<Option<Value>, ApiError>,
) -> Result<Outcome, ApiError> {
    let under = platform::identity::of_account(call.account());
    let mut pager = Pager::begin(call, filter)?;
    let shown = pager.records("", &under, show)?;
    pager.finish(Value::map().with(member, shown))
}

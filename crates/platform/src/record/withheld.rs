//! Answers that wait until what happened stands in the trail.

use std::cell::RefCell;
use trail::{Entries, Submission};

use crate::platform::Platform;

/// What nobody gets to see before what happened stands in the trail. Only what was recorded can be written to a client:
///
/// ```compile_fail
/// # use bytes::Bytes;
/// # fn send(bytes: Bytes) {}
/// fn respond(withheld: platform::Withheld<Bytes>) {
///     send(withheld) // not recorded: does not compile
/// }
/// ```
///
/// nor is there another way to what it holds:
///
/// ```compile_fail
/// # use bytes::Bytes;
/// fn look(withheld: platform::Withheld<Bytes>) -> Bytes {
///     withheld.inner
/// }
/// ```
pub struct Withheld<T> {
    inner: T,
    entries: Entries,
}

/// The trail could not be written. There is no answer then, not even that something failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unrecorded {
    /// What the trail said.
    pub reason: String,
}

/// Who gets what was withheld, or why nobody will.
pub type Release<T> = Box<dyn FnOnce(Result<T, Unrecorded>) + Send>;

impl<T> Withheld<T> {
    pub(super) fn new(inner: T, entries: Entries) -> Self {
        Self { inner, entries }
    }

    /// What becomes of it.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Withheld<U> {
        Withheld {
            inner: change(self.inner),
            entries: self.entries,
        }
    }

    /// Waits until what happened stands in the trail.
    ///
    /// # Errors
    /// When the trail cannot be written.
    pub fn release(self, platform: &Platform) -> Result<T, Unrecorded> {
        match platform.trail().append(self.entries) {
            Ok(_) => Ok(self.inner),
            Err(error) => Err(unrecorded(error)),
        }
    }

    /// Leaves what happened to be recorded with the call on whose way it was asked.
    pub(crate) fn join(self, asked: &RefCell<Entries>) {
        asked.borrow_mut().append(self.entries);
    }
}

/// Has the trail write at once what happened to many, and gives each its own.
pub fn release_all<T: Send + 'static>(platform: &Platform, all: Vec<(Withheld<T>, Release<T>)>) {
    let submission = |(withheld, release): (Withheld<T>, Release<T>)| {
        let Withheld { inner, entries } = withheld;
        Submission {
            entries,
            done: Box::new(move |result| {
                release(result.map(|_| inner).map_err(unrecorded));
            }),
        }
    };
    platform
        .trail()
        .submit(all.into_iter().map(submission).collect());
}

pub(super) fn unrecorded(reason: impl std::fmt::Display) -> Unrecorded {
    Unrecorded {
        reason: reason.to_string(),
    }
}

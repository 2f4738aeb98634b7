//! Reading pieces, a little at a time.

use bytes::Bytes;
use object_store::ObjectStoreExt as _;
use platform::{ApiError, Source};
use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::epoch::Reading;
use super::{BytesError, Inner, location};
use crate::encryption::Stored;

/// How much is read at once of a file.
const FILE: u64 = 256 << 10;
/// How much is asked at once of a store that is far away.
const FAR: u64 = 4 << 20;

/// Some bytes of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) name: String,
    pub(crate) range: Range<u64>,
}

/// Gives the bytes of slices, one after the other.
pub(crate) struct Pieces {
    inner: Arc<Inner>,
    slices: VecDeque<Slice>,
    /// The file of the first slice.
    file: Option<File>,
    /// What came from far away and was not wanted yet.
    rest: Bytes,
    _reading: Option<Reading>,
}

impl Pieces {
    pub(super) fn new(inner: Arc<Inner>, slices: Vec<Slice>, reading: Option<Reading>) -> Self {
        let slices = slices.into_iter().filter(|slice| !slice.range.is_empty());
        Self {
            inner,
            slices: slices.collect(),
            file: None,
            rest: Bytes::new(),
            _reading: reading,
        }
    }

    /// Opens the file of the first slice, where pieces are files: from then on its bytes are there
    /// whatever is forgotten. Returns whether there is one.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn open(&mut self) -> Result<bool, BytesError> {
        let Some(first) = self.slices.front() else {
            return Ok(true);
        };
        if self.file.is_some() {
            return Ok(true);
        }
        if let Some(files) = &self.inner.files {
            self.file = files.open(&first.name)?;
            return Ok(self.file.is_some());
        }
        let at = location(&first.name);
        match self
            .inner
            .wait(|store| async move { store.head(&at).await })
        {
            Ok(_) => Ok(true),
            Err(BytesError::Missing) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Opens what comes next; `None` at the end.
    fn first(&mut self) -> Result<Option<&Slice>, BytesError> {
        if self.slices.is_empty() {
            return Ok(None);
        }
        if self.inner.files.is_some() && !self.open()? {
            return Err(BytesError::Missing);
        }
        Ok(self.slices.front())
    }

    /// Everything before `end` was read of the first slice.
    fn advance(&mut self, end: u64) {
        if let Some(slice) = self.slices.front_mut() {
            slice.range.start = end;
            if slice.range.is_empty() {
                self.slices.pop_front();
                self.file = None;
            }
        }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// When the store fails, or a piece is gone or shorter than it should be.
    fn read(&mut self) -> Result<Option<Bytes>, BytesError> {
        let Some(Slice { name, range }) = self.first()?.cloned() else {
            return Ok(None);
        };
        let most = if self.file.is_some() { FILE } else { FAR };
        let range = range.start..range.end.min(range.start.saturating_add(most));
        let data = match &self.file {
            Some(file) => from_file(file, &range)?,
            None => {
                let (at, range) = (location(&name), range.clone());
                self.inner
                    .wait(|store| async move { store.get_range(&at, range).await })?
            }
        };
        if data.len() as u64 != range.end - range.start {
            return Err(fewer(&name));
        }
        self.advance(range.end);
        Ok(Some(data))
    }

    /// The next bytes, as many as `into` has room for.
    ///
    /// # Errors
    /// As [`read`](Self::read), and when there are not so many.
    fn fill(&mut self, mut into: &mut [u8]) -> Result<(), BytesError> {
        while !into.is_empty() {
            let ended = || BytesError::Failed("an object has fewer bytes than it should".into());
            if !self.rest.is_empty() {
                let (some, more) = into.split_at_mut(self.rest.len().min(into.len()));
                some.copy_from_slice(&self.rest.split_to(some.len()));
                into = more;
                continue;
            }
            let range = self.first()?.ok_or_else(ended)?.range.clone();
            let Some(file) = &self.file else {
                self.rest = self.read()?.ok_or_else(ended)?;
                continue;
            };
            let have = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
            let (some, more) = into.split_at_mut(have.min(into.len()));
            file.read_exact_at(some, range.start)
                .map_err(|error| BytesError::Failed(error.to_string()))?;
            self.advance(range.start + some.len() as u64);
            into = more;
        }
        Ok(())
    }
}

fn fewer(name: &str) -> BytesError {
    BytesError::Failed(format!("`{name}` has fewer bytes than it should"))
}

fn from_file(file: &File, range: &Range<u64>) -> Result<Bytes, BytesError> {
    let size = usize::try_from(range.end - range.start).unwrap_or(0);
    let mut data = vec![0; size];
    file.read_exact_at(&mut data, range.start)
        .map_err(|error| BytesError::Failed(error.to_string()))?;
    Ok(data.into())
}

impl Source for Pieces {
    fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        Ok(self.read()?)
    }
}

impl Stored for Pieces {
    fn fill(&mut self, into: &mut [u8]) -> Result<(), ApiError> {
        Ok(Self::fill(self, into)?)
    }
}

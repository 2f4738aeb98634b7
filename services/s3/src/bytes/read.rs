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
    _reading: Option<Reading>,
}

impl Pieces {
    pub(super) fn new(inner: Arc<Inner>, slices: Vec<Slice>, reading: Option<Reading>) -> Self {
        let slices = slices.into_iter().filter(|slice| !slice.range.is_empty());
        Self {
            inner,
            slices: slices.collect(),
            file: None,
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

    /// The next bytes.
    ///
    /// # Errors
    /// When the store fails, or a piece is gone or shorter than it should be.
    fn read(&mut self) -> Result<Option<Bytes>, BytesError> {
        if self.slices.is_empty() {
            return Ok(None);
        }
        if self.inner.files.is_some() && !self.open()? {
            return Err(BytesError::Missing);
        }
        let Some(slice) = self.slices.front_mut() else {
            return Ok(None);
        };
        let most = if self.file.is_some() { FILE } else { FAR };
        let end = slice.range.end.min(slice.range.start.saturating_add(most));
        let range = slice.range.start..end;
        let data = match &self.file {
            Some(file) => from_file(file, &range)?,
            None => {
                let (at, range) = (location(&slice.name), range.clone());
                self.inner
                    .wait(|store| async move { store.get_range(&at, range).await })?
            }
        };
        if data.len() as u64 != range.end - range.start {
            return Err(BytesError::Failed(format!(
                "`{}` has fewer bytes than it should",
                slice.name
            )));
        }
        slice.range.start = end;
        if slice.range.is_empty() {
            self.slices.pop_front();
            self.file = None;
        }
        Ok(Some(data))
    }
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

//! Writing pieces: in bounded memory, and nothing is left of what is not kept.

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutPayload};
use platform::ApiError;
use std::sync::Arc;
use std::time::Instant;

use super::files::Unfinished;
use super::{BytesError, Inner, LONGEST_UPLOAD, location};
use crate::record::Piece;

/// How much is gathered before it is written.
const BATCH: u64 = 512 << 10;

/// Writes bytes that are not named yet. Dropped, it leaves nothing behind.
pub(crate) struct Writer {
    inner: Arc<Inner>,
    /// Of the first piece; those of the others are made of it.
    name: String,
    done: Fresh,
    gathered: Vec<Bytes>,
    size: u64,
    began: Instant,
    under_way: Option<UnderWay>,
}

/// A piece that is being written.
struct UnderWay {
    name: String,
    size: u64,
    /// Not there while it works.
    upload: Option<Upload>,
}

/// Where it goes.
enum Upload {
    File(Unfinished),
    Store(Box<dyn MultipartUpload>),
}

impl Writer {
    pub(super) fn new(inner: Arc<Inner>, name: String) -> Self {
        Self {
            name,
            done: Fresh::new(Arc::clone(&inner), Vec::new()),
            inner,
            gathered: Vec::new(),
            size: 0,
            began: Instant::now(),
            under_way: None,
        }
    }

    /// The name of the first piece, which nothing else has.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name of the next piece.
    fn next_name(&self) -> String {
        match self.done.pieces.len() {
            0 => self.name.clone(),
            number => format!("{}-{number}", self.name),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn write(&mut self, mut data: Bytes) -> Result<(), ApiError> {
        while !data.is_empty() {
            let begun = self.under_way.as_ref().map_or(0, |piece| piece.size);
            let room = self.inner.piece - begun - self.size;
            let take = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
            let some = data.split_to(take);
            self.size += some.len() as u64;
            self.gathered.push(some);
            if room == take as u64 {
                self.end_piece()?;
            } else if self.size >= BATCH && self.inner.piece > BATCH * 64 {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn take_gathered(&mut self) -> Vec<Bytes> {
        self.size = 0;
        std::mem::take(&mut self.gathered)
    }

    fn begin(&self, name: &str) -> Result<Upload, BytesError> {
        if let Some(files) = &self.inner.files {
            return Ok(Upload::File(files.begin(name)?));
        }
        let at = location(name);
        let upload = self
            .inner
            .wait(|store| async move { store.put_multipart(&at).await })?;
        Ok(Upload::Store(upload))
    }

    /// Writes what was gathered to the piece under way.
    fn flush(&mut self) -> Result<(), ApiError> {
        let mut piece = match self.under_way.take() {
            Some(piece) => piece,
            None => {
                let name = self.next_name();
                let upload = Some(self.begin(&name)?);
                UnderWay {
                    name,
                    size: 0,
                    upload,
                }
            }
        };
        let size = self.size;
        let gathered = self.take_gathered();
        let written = match piece.upload.take().ok_or_else(lost)? {
            Upload::File(mut file) => {
                file.write(&gathered).map_err(BytesError::from)?;
                Upload::File(file)
            }
            Upload::Store(mut upload) => self.inner.wait(|_| async move {
                let part = upload.put_part(gathered.into_iter().collect());
                match part.await {
                    Ok(()) => Ok(Upload::Store(upload)),
                    Err(error) => {
                        drop(upload.abort().await);
                        Err(error)
                    }
                }
            })?,
        };
        piece.upload = Some(written);
        piece.size += size;
        self.under_way = Some(piece);
        Ok(())
    }

    /// Ends the piece under way, or makes one of what was gathered.
    fn end_piece(&mut self) -> Result<(), ApiError> {
        if self.under_way.is_none() && self.inner.files.is_none() {
            let (name, size) = (self.next_name(), self.size);
            let at = location(&name);
            let payload: PutPayload = self.take_gathered().into_iter().collect();
            self.done.pieces.push(Piece { name, size });
            self.inner
                .wait(|store| async move { store.put(&at, payload).await.map(drop) })?;
            return Ok(());
        }
        if self.size > 0 {
            self.flush()?;
        }
        let Some(UnderWay { name, size, upload }) = self.under_way.take() else {
            return Ok(());
        };
        self.done.pieces.push(Piece { name, size });
        match (upload.ok_or_else(lost)?, &self.inner.files) {
            (Upload::File(file), Some(files)) => files.finish(file).map_err(BytesError::from)?,
            (Upload::File(_), None) => return Err(lost().into()),
            (Upload::Store(mut upload), _) => self
                .inner
                .wait(|_| async move { upload.complete().await.map(drop) })?,
        }
        Ok(())
    }

    /// Makes what was written durable.
    ///
    /// # Errors
    /// When the store fails, or it took so long that the next sweep of another program could take its
    /// pieces for what a crash left.
    pub(crate) fn finish(mut self) -> Result<Fresh, ApiError> {
        if self.inner.nodes && self.began.elapsed() > LONGEST_UPLOAD {
            let text = "Your socket connection to the server was not read from or written to within \
                        the timeout period.";
            return Err(ApiError::new("RequestTimeout", 400, text));
        }
        if self.under_way.is_some() || self.size > 0 {
            self.end_piece()?;
        }
        let inner = Arc::clone(&self.inner);
        Ok(std::mem::replace(
            &mut self.done,
            Fresh::new(inner, Vec::new()),
        ))
    }
}

fn lost() -> BytesError {
    BytesError::Failed("an upload failed before".to_owned())
}

impl Drop for Writer {
    fn drop(&mut self) {
        let upload = self.under_way.take().and_then(|piece| piece.upload);
        // A file removes itself.
        if let Some(Upload::Store(mut upload)) = upload {
            self.inner
                .handle
                .spawn(async move { drop(upload.abort().await) });
        }
    }
}

/// Pieces that no metadata names yet. Dropped, they are removed; [`keep`](Fresh::keep) them once the
/// metadata that names them is committed.
pub(crate) struct Fresh {
    inner: Arc<Inner>,
    pieces: Vec<Piece>,
}

impl Fresh {
    pub(super) fn new(inner: Arc<Inner>, pieces: Vec<Piece>) -> Self {
        Self { inner, pieces }
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Leaves them to the metadata, or to the next sweep.
    pub(crate) fn keep(mut self) {
        self.pieces.clear();
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let names = self.pieces.drain(..).map(|piece| piece.name);
        self.inner.remove_later(names.collect());
    }
}

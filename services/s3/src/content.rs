//! The bytes of objects: few are in the state, more are pieces in the object store, and of an object
//! that was uploaded in parts, each part has its own.

use bytes::Bytes;
use platform::{ApiError, Call, Flow, Platform, Receive, Source};
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;
use store::{Read, Write};
use wire::sigv4::{Trailers, decoded_length};

use crate::bytes::{Fresh, ObjectBytes, Pieces, Reading, Slice, Writer};
use crate::checksum::{Algorithm, Declared, Digests, Sums};
use crate::encryption::{self, DataKey, Encryption, Opening, Sealing, Stretch};
use crate::entity_tag::Sum;
use crate::multipart;
use crate::record::{Content, Inline, Piece};

/// Up to so many bytes lie in the state: making them durable there costs nothing beside the metadata.
pub(crate) const FEW: usize = 16 << 10;
/// The most bytes of an upload (Amazon S3 User Guide, "Uploading objects").
pub(crate) const MOST: u64 = 5 << 30;
/// Up to so many bytes are answered from memory.
const AT_ONCE: u64 = 256 << 10;

/// Takes bytes, sums them up and writes them down.
pub(crate) struct Intake {
    digests: Digests,
    md5: Sum,
    writer: Writer,
    /// What came, while it is few.
    few: Vec<Bytes>,
    /// Up to how many are few.
    most_few: u64,
    size: u64,
    encryption: Encryption,
    sealing: Option<Sealing>,
}

impl Intake {
    /// For the body of a call, checked against what its headers declare.
    ///
    /// # Errors
    /// When they make no sense, or the body would be too large.
    pub(crate) fn of(call: &Call<'_>, otherwise: Algorithm) -> Result<Self, ApiError> {
        let header = |name: &str| {
            let value = call.headers().get(name)?;
            value.to_str().ok()
        };
        let declared = Declared::read(header)?;
        let length = decoded_length(call.headers())
            .or_else(|| header("content-length").and_then(|text| text.parse().ok()));
        match length {
            Some(length) if length > MOST => return Err(too_large(length)),
            None if header("transfer-encoding").is_some() => {
                let text = "You must provide the Content-Length HTTP header.";
                return Err(ApiError::new("MissingContentLength", 411, text));
            }
            _ => {}
        }
        Self::new(call.platform(), Digests::new(declared, otherwise))
    }

    /// For bytes that nobody says anything of but `digests`.
    ///
    /// # Errors
    /// When the random source fails.
    pub(crate) fn new(platform: &Platform, digests: Digests) -> Result<Self, ApiError> {
        let bytes: &ObjectBytes = platform.part()?;
        Ok(Self {
            digests,
            md5: bytes.md5(),
            writer: bytes.writer(platform.random())?,
            few: Vec::new(),
            most_few: FEW as u64,
            size: 0,
            encryption: Encryption::default(),
            sealing: None,
        })
    }

    /// Seals what comes with this key, if there is one.
    ///
    /// # Errors
    /// When there should be one and is none, or it is none.
    pub(crate) fn encrypted(
        mut self,
        encryption: Encryption,
        key: Option<&DataKey>,
    ) -> Result<Self, ApiError> {
        if encryption.seals() != key.is_some() {
            return Err(ApiError::internal("bytes to be sealed without a key"));
        }
        self.sealing = key
            .map(|key| Sealing::new(key, self.writer.name()))
            .transpose()?;
        self.encryption = encryption;
        Ok(self)
    }

    /// The algorithm of the sum that the client sends.
    pub(crate) fn declared(&self) -> Option<Algorithm> {
        self.digests.declared()
    }

    /// Sums up by this algorithm too.
    pub(crate) fn and(mut self, algorithm: Algorithm) -> Self {
        self.digests = self.digests.and(algorithm);
        self
    }

    /// Never puts anything into the state, as for parts.
    pub(crate) fn apart(mut self) -> Self {
        self.most_few = 0;
        self
    }

    fn write(&mut self, data: Bytes) -> Result<(), ApiError> {
        let before = self.size;
        self.size += data.len() as u64;
        if self.size > MOST {
            return Err(too_large(self.size));
        }
        self.md5.update(data.clone())?;
        self.digests.update(&data);
        if self.size <= self.most_few {
            self.few.push(data);
            return Ok(());
        }
        if before <= self.most_few {
            for data in std::mem::take(&mut self.few) {
                self.pass(data)?;
            }
        }
        self.pass(data)
    }

    /// Hands bytes to the object store, sealed if they are to be.
    fn pass(&mut self, data: Bytes) -> Result<(), ApiError> {
        let Self {
            writer, sealing, ..
        } = self;
        match sealing {
            Some(sealing) => sealing.take(&data, |sealed| writer.write(sealed)),
            None => writer.write(data),
        }
    }

    fn finish(mut self, trailers: &Trailers) -> Result<Staged, ApiError> {
        let trailer = |name: &str| {
            let found = trailers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let mut sums = self.digests.finish(self.md5.finish()?, trailer)?;
        let name = self.writer.name().to_owned();
        let mut few = self.few.concat();
        if let Some(mut sealing) = self.sealing.take() {
            if !self.encryption.tells_md5() {
                sealing.etag().clone_into(&mut sums.md5);
            }
            if self.size <= self.most_few {
                few = encryption::seal(sealing, &few)?;
            } else {
                sealing.end(|sealed| self.writer.write(sealed))?;
            }
        }
        let body = if self.size <= self.most_few {
            Body::Few(Inline { bytes: few.into() })
        } else {
            Body::Pieces(self.writer.finish()?)
        };
        Ok(Staged {
            name,
            size: self.size,
            sums,
            body,
            encryption: self.encryption,
            sealed_for: None,
        })
    }

    /// Takes everything that `source` gives.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(crate) fn drain(mut self, source: &mut dyn Source) -> Result<Staged, ApiError> {
        while let Some(data) = source.next()? {
            self.write(data)?;
        }
        self.finish(&Trailers::new())
    }

    /// Takes these bytes.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn all(mut self, data: Bytes) -> Result<Staged, ApiError> {
        self.write(data)?;
        self.finish(&Trailers::new())
    }
}

fn too_large(size: u64) -> ApiError {
    let text = "Your proposed upload exceeds the maximum allowed size";
    ApiError::new("EntityTooLarge", 400, text)
        .with("ProposedSize", size.to_string())
        .with("MaxSizeAllowed", MOST.to_string())
}

impl Receive for Intake {
    fn take(&mut self, data: Bytes) -> Result<(), ApiError> {
        self.write(data)
    }

    fn end(self: Box<Self>, trailers: &Trailers) -> Result<Box<dyn Any + Send>, ApiError> {
        Ok(Box::new(self.finish(trailers)?))
    }
}

/// Bytes that were written and that no metadata names yet. Dropped, they are removed.
pub(crate) struct Staged {
    name: String,
    pub(crate) size: u64,
    pub(crate) sums: Sums,
    body: Body,
    pub(crate) encryption: Encryption,
    /// Whose bytes they are a copy of.
    sealed_for: Option<String>,
}

enum Body {
    Few(Inline),
    Pieces(Fresh),
}

impl Staged {
    /// Writes down what the state holds of them: in the place of the bytes that `replaced` has there, if these
    /// are to go, which changes fewer pages than another. They are sealed under a name of their own all the
    /// same. Returns what metadata says of them.
    ///
    /// # Errors
    /// When the state fails.
    pub(crate) fn put(
        &self,
        tx: &mut dyn Write,
        replaced: Option<&Content>,
    ) -> Result<Content, ApiError> {
        let mut content = Content {
            sealed: self.encryption.seals(),
            sealed_for: self.sealed_for.clone(),
            ..Content::default()
        };
        match &self.body {
            Body::Few(_) if self.size == 0 => {}
            Body::Few(inline) => {
                // What is not sealed has no other name than its place.
                let place = replaced.and_then(|replaced| replaced.inline.as_ref());
                let place = place.filter(|_| content.sealed);
                let name = place.map_or(&self.name, |place| &place.name);
                if place.is_some() && content.sealed_for.is_none() {
                    content.sealed_for = Some(self.name.clone());
                }
                tx.put(&Inline::key(name), inline)?;
                content.inline = Some(Piece {
                    name: name.clone(),
                    size: if content.sealed {
                        encryption::sealed_size(self.size)
                    } else {
                        self.size
                    },
                });
            }
            Body::Pieces(fresh) => content.pieces = fresh.pieces().to_vec(),
        }
        Ok(content)
    }

    /// Leaves them to the metadata that is committed by now, or to the next sweep.
    pub(crate) fn keep(self) {
        if let Body::Pieces(fresh) = self.body {
            fresh.keep();
        }
    }

    /// The same bytes once more, if that can be had without reading them. They are encrypted as before, with a
    /// key that both objects [share](Encryption::shares_bytes_with).
    ///
    /// # Errors
    /// When a store fails.
    pub(crate) fn again(
        call: &Call<'_>,
        tx: &dyn Read,
        (content, encryption): (&Content, Encryption),
        sums: Sums,
    ) -> Result<Option<Self>, ApiError> {
        let bytes: &ObjectBytes = call.platform().part()?;
        let random = call.platform().random();
        let name = bytes.writer(random)?.name().to_owned();
        let body = match (&content.inline, content.pieces.as_slice(), &content.parts) {
            (Some(piece), [], None) => match tx.get::<Inline>(&Inline::key(&piece.name))? {
                Some(inline) => Body::Few(inline),
                None => return Ok(None),
            },
            (None, pieces, None) => {
                let mut copies = Vec::with_capacity(pieces.len());
                for Piece { name, size } in pieces {
                    match bytes.duplicate(random, name)? {
                        Some(name) => copies.push(Piece { name, size: *size }),
                        None => {
                            drop(bytes.fresh(copies));
                            return Ok(None);
                        }
                    }
                }
                Body::Pieces(bytes.fresh(copies))
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            name,
            size: content.size(),
            sums,
            body,
            encryption,
            sealed_for: content.sealed_for().map(str::to_owned),
        }))
    }
}

/// Removes what the state holds of some bytes. Returns the pieces to forget when that is committed.
///
/// # Errors
/// When the state fails.
pub(crate) fn remove(tx: &mut dyn Write, content: &Content) -> Result<Vec<String>, ApiError> {
    remove_for(tx, content, None)
}

/// The same, without what is in the place of it by now, of the content `next`.
///
/// # Errors
/// When the state fails.
pub(crate) fn remove_for(
    tx: &mut dyn Write,
    content: &Content,
    next: Option<&Content>,
) -> Result<Vec<String>, ApiError> {
    let mut names: Vec<String> = content
        .pieces
        .iter()
        .map(|piece| piece.name.clone())
        .collect();
    let taken = next.and_then(|next| next.inline.as_ref());
    if let Some(inline) = &content.inline
        && taken.is_none_or(|taken| taken.name != inline.name)
    {
        tx.delete::<Inline>(&Inline::key(&inline.name))?;
    }
    if let Some(parts) = &content.parts {
        names.extend(multipart::remove_parts(tx, &parts.upload)?);
    }
    Ok(names)
}

/// Bytes to be read.
pub(crate) enum Reader {
    /// They are here.
    Here(Bytes),
    /// They come from the object store: so many.
    Pieces(u64, Pieces),
    /// The same, sealed.
    Sealed(u64, Opening<Pieces>),
}

impl Source for Reader {
    fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        match self {
            Self::Here(bytes) => Ok(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty())),
            Self::Pieces(_, pieces) => pieces.next(),
            Self::Sealed(_, opening) => opening.next(),
        }
    }
}

impl Reader {
    /// A body for an answer. What is small is read now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn answer(self) -> Result<Result<Bytes, Flow>, ApiError> {
        match self {
            Self::Here(bytes) => Ok(Ok(bytes)),
            Self::Pieces(length, pieces) => given(length, pieces),
            Self::Sealed(length, opening) => given(length, opening),
        }
    }

    /// The bytes in `range` as of `tx`, if nothing that is forgotten from now on can take them away. `key` is
    /// the one that they are sealed with.
    ///
    /// # Errors
    /// When a store fails, or the key is not theirs.
    pub(crate) fn at_once(
        call: &Call<'_>,
        tx: &dyn Read,
        content: &Content,
        range: &Range<u64>,
        key: Option<&DataKey>,
    ) -> Result<Option<Self>, ApiError> {
        if range.is_empty() {
            return Ok(Some(Self::Here(Bytes::new())));
        }
        if content.inline.is_some() {
            return few(tx, content, range, key).map(|bytes| Some(Self::Here(bytes)));
        }
        let bytes: &ObjectBytes = call.platform().part()?;
        if content.pieces.len() != 1 || content.parts.is_some() || !bytes.keeps_open() {
            return Ok(None);
        }
        let (slices, stretches) = own(content, range, key)?;
        let mut pieces = bytes.pieces(slices, None);
        Ok(pieces.open()?.then(|| Self::new(range, pieces, stretches)))
    }

    /// The bytes in `range` as of `tx`, which began after `reading`. `key` is the one that they are sealed
    /// with.
    ///
    /// # Errors
    /// When a store fails, or the key is not theirs.
    pub(crate) fn guarded(
        call: &Call<'_>,
        tx: &dyn Read,
        content: &Content,
        range: &Range<u64>,
        reading: Reading,
        key: Option<&DataKey>,
    ) -> Result<Self, ApiError> {
        if range.is_empty() {
            return Ok(Self::Here(Bytes::new()));
        }
        if content.inline.is_some() {
            return few(tx, content, range, key).map(Self::Here);
        }
        let bytes: &ObjectBytes = call.platform().part()?;
        let (mut slices, mut stretches) = (Vec::new(), Vec::new());
        match &content.parts {
            None => (slices, stretches) = own(content, range, key)?,
            Some(parts) => {
                for (content, range) in multipart::within(tx, parts, range)? {
                    let (more, sealed) = own(&content, &range, key)?;
                    slices.extend(more);
                    stretches.extend(sealed);
                }
            }
        }
        Ok(Self::new(
            range,
            bytes.pieces(slices, Some(reading)),
            stretches,
        ))
    }

    fn new(range: &Range<u64>, pieces: Pieces, stretches: Vec<Stretch>) -> Self {
        let length = range.end - range.start;
        if stretches.is_empty() {
            return Self::Pieces(length, pieces);
        }
        Self::Sealed(length, Opening::new(pieces, stretches))
    }
}

/// What is small is read now.
fn given(length: u64, mut source: impl Source + 'static) -> Result<Result<Bytes, Flow>, ApiError> {
    if length > AT_ONCE {
        return Ok(Err(Flow::new(length, Box::new(source))));
    }
    let mut all = Vec::new();
    while let Some(data) = source.next()? {
        if data.len() as u64 == length {
            return Ok(Ok(data));
        }
        all.extend_from_slice(&data);
    }
    Ok(Ok(all.into()))
}

/// The slices of a content's own pieces that hold a range, and how to open them where they are sealed.
fn own(
    content: &Content,
    range: &Range<u64>,
    key: Option<&DataKey>,
) -> Result<(Vec<Slice>, Vec<Stretch>), ApiError> {
    if !content.sealed {
        return Ok((cut(&content.pieces, range), Vec::new()));
    }
    let (key, name) = sealed_by(content, key)?;
    let stored = content.stored();
    let stretch = Stretch::new(key, name, range, stored)?;
    let (place, _) = encryption::chunks(range, stored);
    Ok((cut(&content.pieces, &place), vec![stretch]))
}

fn sealed_by<'c>(
    content: &'c Content,
    key: Option<&'c DataKey>,
) -> Result<(&'c DataKey, &'c str), ApiError> {
    let both = key.zip(content.sealed_for());
    both.ok_or_else(|| ApiError::internal("sealed bytes to be read without their key"))
}

fn few(
    tx: &dyn Read,
    content: &Content,
    range: &Range<u64>,
    key: Option<&DataKey>,
) -> Result<Bytes, ApiError> {
    let name = content.name().unwrap_or_default();
    let found: Option<Arc<Inline>> = tx.shared(&Inline::key(name))?;
    let lost = || ApiError::internal(format!("the bytes `{name}` are gone"));
    let found = found.ok_or_else(lost)?;
    let bytes = if content.sealed {
        let (key, name) = sealed_by(content, key)?;
        encryption::open(key, name, found.bytes.to_vec())?
    } else {
        found.bytes.clone()
    };
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let (start, end) = (place(range.start), place(range.end));
    if start > end || end > bytes.len() {
        return Err(lost());
    }
    Ok(bytes.slice(start..end))
}

/// The slices of pieces that lie in `range`.
fn cut(pieces: &[Piece], range: &Range<u64>) -> Vec<Slice> {
    let mut slices = Vec::new();
    let mut start = 0;
    for piece in pieces {
        let end = start + piece.size;
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            slices.push(Slice {
                name: piece.name.clone(),
                range: from - start..to - start,
            });
        }
        start = end;
    }
    slices
}

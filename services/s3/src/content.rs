//! The bytes of objects: few are in the state, more are pieces in the object store, and of an object
//! that was uploaded in parts, each part has its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use platform::{ApiError, Call, Flow, Platform, Receive, Source};
use std::any::Any;
use std::ops::Range;
use store::{Read, Write};
use wire::sigv4::{Trailers, decoded_length};

use crate::bytes::{Fresh, ObjectBytes, Pieces, Reading, Slice, Writer};
use crate::checksum::{Algorithm, Declared, Digests, Sums};
use crate::multipart;
use crate::record::{Content, Inline, Piece};

/// Up to so many bytes lie in the state: making them durable there costs nothing beside the metadata.
const FEW: u64 = 16 << 10;
/// The most bytes of an upload (Amazon S3 User Guide, "Uploading objects").
pub(crate) const MOST: u64 = 5 << 30;
/// Up to so many bytes are answered from memory.
const AT_ONCE: u64 = 256 << 10;

/// Takes bytes, sums them up and writes them down.
pub(crate) struct Intake {
    digests: Digests,
    writer: Writer,
    /// What came, while it is few.
    few: Vec<Bytes>,
    /// Up to how many are few.
    most_few: u64,
    size: u64,
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
            writer: bytes.writer(platform.random())?,
            few: Vec::new(),
            most_few: FEW,
            size: 0,
        })
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
        self.digests.update(&data);
        if self.size <= self.most_few {
            self.few.push(data);
            return Ok(());
        }
        if before <= self.most_few {
            for data in self.few.drain(..) {
                self.writer.write(data)?;
            }
        }
        self.writer.write(data)
    }

    fn finish(self, trailers: &Trailers) -> Result<Staged, ApiError> {
        let trailer = |name: &str| {
            let found = trailers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let sums = self.digests.finish(trailer)?;
        let name = self.writer.name().to_owned();
        let body = if self.size <= self.most_few {
            Body::Few(Inline {
                bytes: STANDARD.encode(self.few.concat()),
            })
        } else {
            Body::Pieces(self.writer.finish()?)
        };
        Ok(Staged {
            name,
            size: self.size,
            sums,
            body,
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
}

enum Body {
    Few(Inline),
    Pieces(Fresh),
}

impl Staged {
    /// Writes down what the state holds of them. Returns what metadata says of them.
    ///
    /// # Errors
    /// When the state fails.
    pub(crate) fn put(&self, tx: &mut dyn Write) -> Result<Content, ApiError> {
        let mut content = Content::default();
        match &self.body {
            Body::Few(_) if self.size == 0 => {}
            Body::Few(inline) => {
                tx.put(&Inline::key(&self.name), inline)?;
                content.inline = Some(Piece {
                    name: self.name.clone(),
                    size: self.size,
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

    /// The same bytes once more, if that can be had without reading them.
    ///
    /// # Errors
    /// When a store fails.
    pub(crate) fn again(
        call: &Call<'_>,
        tx: &dyn Read,
        content: &Content,
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
        }))
    }
}

/// Removes what the state holds of some bytes. Returns the pieces to forget when that is committed.
///
/// # Errors
/// When the state fails.
pub(crate) fn remove(tx: &mut dyn Write, content: &Content) -> Result<Vec<String>, ApiError> {
    let mut names: Vec<String> = content
        .pieces
        .iter()
        .map(|piece| piece.name.clone())
        .collect();
    if let Some(inline) = &content.inline {
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
}

impl Source for Reader {
    fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        match self {
            Self::Here(bytes) => Ok(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty())),
            Self::Pieces(_, pieces) => pieces.next(),
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
            Self::Pieces(length, mut pieces) if length <= AT_ONCE => {
                let mut all = Vec::new();
                while let Some(data) = pieces.next()? {
                    if data.len() as u64 == length {
                        return Ok(Ok(data));
                    }
                    all.extend_from_slice(&data);
                }
                Ok(Ok(all.into()))
            }
            Self::Pieces(length, pieces) => Ok(Err(Flow::new(length, Box::new(pieces)))),
        }
    }

    /// The bytes in `range` as of `tx`, if nothing that is forgotten from now on can take them away.
    ///
    /// # Errors
    /// When a store fails.
    pub(crate) fn at_once(
        call: &Call<'_>,
        tx: &dyn Read,
        content: &Content,
        range: &Range<u64>,
    ) -> Result<Option<Self>, ApiError> {
        if range.is_empty() {
            return Ok(Some(Self::Here(Bytes::new())));
        }
        if let Some(inline) = &content.inline {
            return few(tx, inline, range).map(|bytes| Some(Self::Here(bytes)));
        }
        let bytes: &ObjectBytes = call.platform().part()?;
        let ([piece], None) = (content.pieces.as_slice(), &content.parts) else {
            return Ok(None);
        };
        if !bytes.keeps_open() {
            return Ok(None);
        }
        let mut pieces = bytes.pieces(cut(std::slice::from_ref(piece), range), None);
        let length = range.end - range.start;
        Ok(pieces.open()?.then_some(Self::Pieces(length, pieces)))
    }

    /// The bytes in `range` as of `tx`, which began after `reading`.
    ///
    /// # Errors
    /// When a store fails.
    pub(crate) fn guarded(
        call: &Call<'_>,
        tx: &dyn Read,
        content: &Content,
        range: &Range<u64>,
        reading: Reading,
    ) -> Result<Self, ApiError> {
        if range.is_empty() {
            return Ok(Self::Here(Bytes::new()));
        }
        if let Some(inline) = &content.inline {
            return few(tx, inline, range).map(Self::Here);
        }
        let bytes: &ObjectBytes = call.platform().part()?;
        let slices = match &content.parts {
            Some(parts) => multipart::slices(tx, parts, range)?,
            None => cut(&content.pieces, range),
        };
        let length = range.end - range.start;
        Ok(Self::Pieces(length, bytes.pieces(slices, Some(reading))))
    }
}

fn few(tx: &dyn Read, inline: &Piece, range: &Range<u64>) -> Result<Bytes, ApiError> {
    let found: Option<Inline> = tx.get(&Inline::key(&inline.name))?;
    let bytes = found.and_then(|found| STANDARD.decode(found.bytes).ok());
    let lost = || ApiError::internal(format!("the bytes `{}` are gone", inline.name));
    let bytes = Bytes::from(bytes.ok_or_else(lost)?);
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let (start, end) = (place(range.start), place(range.end));
    if start > end || end > bytes.len() {
        return Err(lost());
    }
    Ok(bytes.slice(start..end))
}

/// The slices of pieces that lie in `range`.
pub(crate) fn cut(pieces: &[Piece], range: &Range<u64>) -> Vec<Slice> {
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

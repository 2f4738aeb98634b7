//! Bodies in `aws-chunked` encoding: the chunks taken apart, their signatures and trailer checked.
//!
//! Sources: "Signature calculations for the authorization header: transferring payload in multiple
//! chunks" and "… including trailing headers" in the Amazon S3 API Reference.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{AuthError, BodyRule, SigningKey, Verified, sha256, time};

/// The longest line: a chunk's head, or one header of the trailer.
const MAX_LINE: usize = 8 << 10;
/// The most headers in a trailer.
const MAX_TRAILERS: usize = 16;

/// Takes a body in chunks apart.
///
/// Data is handed on as it comes; whether a chunk is the one that was signed is known at its end. So
/// nothing may take effect before [`ChunkDecoder::finish`] is `Ok`.
#[derive(Debug)]
pub struct ChunkDecoder {
    signer: Option<ChunkSigner>,
    trailer_expected: Vec<String>,
    state: State,
    line: Vec<u8>,
    decoded: u64,
    declared: Option<u64>,
    trailers: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the line with the chunk's size.
    Head,
    /// In the data, with so many bytes left.
    Data(u64),
    /// In the line end behind the data.
    DataEnd,
    /// In the lines behind the last chunk.
    Trailer,
    Done,
}

/// What signs the chunks, each together with the signature before it.
struct ChunkSigner {
    key: SigningKey,
    stamp: String,
    previous: String,
    claimed: String,
    hash: Sha256,
    sign_trailer: bool,
    trailer_signature: Option<String>,
}

impl std::fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkSigner")
            .field("previous", &self.previous)
            .finish_non_exhaustive()
    }
}

impl ChunkSigner {
    fn check(&mut self, kind: &str, claimed: &str, parts: &[&str]) -> Result<(), AuthError> {
        let text = format!(
            "AWS4-HMAC-SHA256-{kind}\n{}\n{}\n{}\n{}",
            self.stamp,
            self.key.scope(),
            self.previous,
            parts.join("\n")
        );
        let expected = hex::encode(self.key.sign(text.as_bytes()));
        if !bool::from(expected.as_bytes().ct_eq(claimed.as_bytes())) {
            return Err(AuthError::ChunkMismatch);
        }
        self.previous = expected;
        Ok(())
    }

    fn check_chunk(&mut self) -> Result<(), AuthError> {
        let hash = hex::encode(std::mem::take(&mut self.hash).finalize());
        let claimed = std::mem::take(&mut self.claimed);
        self.check("PAYLOAD", &claimed, &[&hex::encode(sha256(b"")), &hash])
    }

    fn check_trailer(&mut self, trailers: &[(String, String)]) -> Result<(), AuthError> {
        let lines: String = trailers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let claimed = self
            .trailer_signature
            .take()
            .ok_or(AuthError::ChunkMismatch)?;
        self.check(
            "TRAILER",
            &claimed,
            &[&hex::encode(sha256(lines.as_bytes()))],
        )
    }
}

fn malformed(what: &str) -> AuthError {
    AuthError::Chunks(format!("the aws-chunked body is malformed: {what}"))
}

impl ChunkDecoder {
    /// A decoder for the body of this request; `None` when it is not in chunks.
    ///
    /// `declared` is `x-amz-decoded-content-length`, `trailer` is `x-amz-trailer`.
    #[must_use]
    pub fn new(verified: &Verified, declared: Option<u64>, trailer: Option<&str>) -> Option<Self> {
        let signer = match verified.body() {
            BodyRule::UnsignedChunks => None,
            BodyRule::SignedChunks { trailer } => Some(ChunkSigner {
                key: verified.key().clone(),
                stamp: time::basic(verified.signed_at()),
                previous: verified.signature().to_owned(),
                claimed: String::new(),
                hash: Sha256::new(),
                sign_trailer: trailer,
                trailer_signature: None,
            }),
            BodyRule::Covered | BodyRule::Sha256(_) | BodyRule::Unsigned => return None,
        };
        Some(Self::with(signer, declared, trailer))
    }

    /// A decoder for a body whose chunks nobody signed. The arguments are those of
    /// [`ChunkDecoder::new`].
    #[must_use]
    pub fn unsigned(declared: Option<u64>, trailer: Option<&str>) -> Self {
        Self::with(None, declared, trailer)
    }

    fn with(signer: Option<ChunkSigner>, declared: Option<u64>, trailer: Option<&str>) -> Self {
        let names = trailer
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase());
        Self {
            signer,
            trailer_expected: names.filter(|name| !name.is_empty()).collect(),
            state: State::Head,
            line: Vec::new(),
            decoded: 0,
            declared,
            trailers: Vec::new(),
        }
    }

    /// Takes the next bytes of the body; what they decode to goes to `out`, without copying.
    ///
    /// # Errors
    /// The encoding is malformed, or a chunk is not the one that was signed.
    pub fn feed(&mut self, mut input: Bytes, out: &mut Vec<Bytes>) -> Result<(), AuthError> {
        while !input.is_empty() {
            match self.state {
                State::Data(left) => {
                    let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let data = input.split_to(take);
                    self.data(left, data, out)?;
                }
                State::Done => return Err(malformed("bytes follow its end")),
                State::Head | State::DataEnd | State::Trailer => {
                    let end = input.iter().position(|byte| *byte == b'\n');
                    let take = end.map_or(input.len(), |end| end + 1);
                    if self.line.len().saturating_add(take) > MAX_LINE {
                        return Err(malformed("a line is too long"));
                    }
                    self.line.extend_from_slice(&input.split_to(take));
                    if end.is_some() {
                        let line = std::mem::take(&mut self.line);
                        let line = String::from_utf8(line).map_err(|_| malformed("not UTF-8"))?;
                        self.line(line.trim_end_matches(['\r', '\n']))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn data(&mut self, left: u64, data: Bytes, out: &mut Vec<Bytes>) -> Result<(), AuthError> {
        let size = data.len() as u64;
        self.decoded = self.decoded.saturating_add(size);
        if self
            .declared
            .is_some_and(|declared| self.decoded > declared)
        {
            return Err(AuthError::IncompleteBody);
        }
        if let Some(signer) = &mut self.signer {
            signer.hash.update(&data);
        }
        out.push(data);
        self.state = if left == size {
            State::DataEnd
        } else {
            State::Data(left - size)
        };
        Ok(())
    }

    fn line(&mut self, line: &str) -> Result<(), AuthError> {
        match self.state {
            State::Head => self.head(line),
            State::DataEnd if line.is_empty() => {
                self.state = State::Head;
                self.signer
                    .as_mut()
                    .map_or(Ok(()), ChunkSigner::check_chunk)
            }
            State::DataEnd => Err(malformed("a chunk is longer than its size")),
            State::Trailer if line.is_empty() => {
                self.state = State::Done;
                Ok(())
            }
            State::Trailer => self.trailer(line),
            State::Data(_) | State::Done => Err(malformed("a line where data belongs")),
        }
    }

    fn head(&mut self, line: &str) -> Result<(), AuthError> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let digits = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = u64::from_str_radix(size, 16).ok().filter(|_| digits);
        let size = size.ok_or_else(|| malformed("a chunk's size is no hexadecimal number"))?;
        if let Some(signer) = &mut self.signer {
            let claimed = extension.trim().strip_prefix("chunk-signature=");
            claimed
                .ok_or(AuthError::ChunkMismatch)?
                .clone_into(&mut signer.claimed);
            if size == 0 {
                signer.check_chunk()?;
            }
        }
        self.state = if size == 0 {
            State::Trailer
        } else {
            State::Data(size)
        };
        Ok(())
    }

    fn trailer(&mut self, line: &str) -> Result<(), AuthError> {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| malformed("a trailer has no colon"))?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
        if name == "x-amz-trailer-signature" {
            let Some(signer) = self.signer.as_mut().filter(|signer| signer.sign_trailer) else {
                return Err(AuthError::Trailer);
            };
            return match signer.trailer_signature.replace(value) {
                None => Ok(()),
                Some(_) => Err(AuthError::Trailer),
            };
        }
        let known = self.trailers.iter().any(|(known, _)| *known == name);
        // Nothing follows the signature, or it would not be covered.
        let sealed = self
            .signer
            .as_ref()
            .is_some_and(|signer| signer.trailer_signature.is_some());
        let announced = self.trailer_expected.contains(&name);
        if !announced || known || sealed || self.trailers.len() >= MAX_TRAILERS {
            return Err(AuthError::Trailer);
        }
        self.trailers.push((name, value));
        Ok(())
    }

    /// How many bytes there were so far.
    #[must_use]
    pub const fn decoded(&self) -> u64 {
        self.decoded
    }

    /// Ends the body; returns the headers of its trailer, checked against `x-amz-trailer`. What they
    /// say (a checksum) is for the caller to check.
    ///
    /// # Errors
    /// The body is cut off, has another length than declared, or its trailer is not the one that was
    /// announced and signed.
    pub fn finish(mut self) -> Result<Vec<(String, String)>, AuthError> {
        // The last line end may be missing when there is no trailer.
        let ended =
            self.state == State::Done || (self.state == State::Trailer && self.line.is_empty());
        if !ended
            || self
                .declared
                .is_some_and(|declared| declared != self.decoded)
        {
            return Err(AuthError::IncompleteBody);
        }
        let given = |name: &String| self.trailers.iter().any(|(known, _)| known == name);
        if !self.trailer_expected.iter().all(given) {
            return Err(AuthError::Trailer);
        }
        if let Some(signer) = self.signer.as_mut().filter(|signer| signer.sign_trailer) {
            signer.check_trailer(&self.trailers)?;
        }
        Ok(self.trailers)
    }
}

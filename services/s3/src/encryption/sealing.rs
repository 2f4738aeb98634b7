//! Sealing bytes while they come, so that any stretch of them can be opened by itself.
//!
//! Format: the bytes are cut into chunks of 64 KiB, the last one shorter, and each is sealed with
//! AES-256-GCM and followed by its tag. The key is the HMAC-SHA256 of the content's random name with the
//! object's data key, so that no key seals two contents; the nonce is the chunk's number, so that no key
//! seals two chunks with one nonce and none can stand in another's place. How many bytes there are is said
//! by the metadata.

use bytes::{Bytes, BytesMut};
use platform::{ApiError, Source};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use std::collections::VecDeque;
use std::ops::Range;

/// Bytes of a chunk, and of a sealed one.
const CHUNK: u64 = 64 << 10;
const TAG: u64 = 16;
const SEALED: u64 = CHUNK + TAG;
/// Chunks that are read and opened at once, and of how many buffers the memory is used again.
const AT_ONCE: u64 = 8;
const BUFFERS: usize = 3;

/// The key of an object, in the open.
#[derive(Clone)]
pub(crate) struct DataKey([u8; 32]);

impl DataKey {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The key that follows from another.
    pub(super) fn derived(from: &hmac::Key, what: &[u8]) -> Self {
        let mut key = [0; 32];
        for (byte, made) in key.iter_mut().zip(hmac::sign(from, what).as_ref()) {
            *byte = *made;
        }
        Self(key)
    }

    /// What follows from it for the content with this name.
    fn of(&self, purpose: &str, name: &str) -> Self {
        let own = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        Self::derived(&own, format!("{purpose}:{name}").as_bytes())
    }

    fn cipher(&self, name: &str) -> Result<LessSafeKey, ApiError> {
        let key = UnboundKey::new(&AES_256_GCM, &self.of("content", name).0);
        let key = key.map_err(|_| ApiError::internal("a data key of another length"))?;
        Ok(LessSafeKey::new(key))
    }
}

fn nonce(chunk: u64) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    let number = chunk.to_be_bytes();
    for (byte, digit) in nonce.iter_mut().rev().zip(number.iter().rev()) {
        *byte = *digit;
    }
    Nonce::assume_unique_for_key(nonce)
}

/// How many bytes so many sealed ones hold.
pub(crate) fn plain_size(sealed: u64) -> u64 {
    sealed - sealed.div_ceil(SEALED) * TAG
}

/// The sealed bytes that hold a range of a content of `sealed` bytes, and the number of their first
/// chunk.
pub(crate) fn chunks(range: &Range<u64>, sealed: u64) -> (Range<u64>, u64) {
    let first = range.start / CHUNK;
    let end = range.end.div_ceil(CHUNK).saturating_mul(SEALED);
    (first * SEALED..end.min(sealed), first)
}

/// How many bytes so many become when they are sealed.
pub(crate) fn sealed_size(plain: u64) -> u64 {
    plain + plain.div_ceil(CHUNK) * TAG
}

/// All that `sealing` makes of a few bytes.
///
/// # Errors
/// When they cannot be sealed.
pub(crate) fn seal(mut sealing: Sealing, plain: &[u8]) -> Result<Vec<u8>, ApiError> {
    let mut all = Vec::new();
    let mut keep = |sealed: Bytes| {
        all.extend_from_slice(&sealed);
        Ok(())
    };
    sealing.take(plain, &mut keep)?;
    sealing.end(&mut keep)?;
    Ok(all)
}

/// All that a few sealed bytes of the content `name` hold.
///
/// # Errors
/// When they are not what was sealed so.
pub(crate) fn open(key: &DataKey, name: &str, mut sealed: Vec<u8>) -> Result<Bytes, ApiError> {
    let size = sealed.len() as u64;
    let mut stretch = Stretch::new(key, name, &(0..plain_size(size)), size)?;
    let plain = stretch.open(&mut sealed)?;
    let sealed = Bytes::from(sealed);
    let mut pieces = plain.into_iter().map(|place| sealed.slice(place));
    match (pieces.next(), pieces.len()) {
        (None, _) => Ok(Bytes::new()),
        (Some(all), 0) => Ok(all),
        (Some(first), _) => Ok(std::iter::once(first)
            .chain(pieces)
            .collect::<Vec<_>>()
            .concat()
            .into()),
    }
}

/// Seals bytes in the order in which they come.
pub(crate) struct Sealing {
    cipher: LessSafeKey,
    /// What is in the place of the MD5 of the bytes, which would tell them.
    etag: String,
    gathered: Vec<u8>,
    next: u64,
}

impl Sealing {
    /// For the content with this name, which nothing else may have.
    ///
    /// # Errors
    /// When the key is none.
    pub(crate) fn new(key: &DataKey, name: &str) -> Result<Self, ApiError> {
        let DataKey([etag @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _]) =
            key.of("etag", name);
        Ok(Self {
            cipher: key.cipher(name)?,
            etag: hex::encode(etag),
            gathered: Vec::new(),
            next: 0,
        })
    }

    /// The entity tag.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// Takes bytes, and hands on what can be sealed.
    ///
    /// # Errors
    /// What `write` returns.
    pub(crate) fn take(
        &mut self,
        mut data: &[u8],
        mut write: impl FnMut(Bytes) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let chunk = size(CHUNK);
        while !data.is_empty() {
            let room = chunk - self.gathered.len();
            let (some, rest) = data.split_at(room.min(data.len()));
            if self.gathered.capacity() == 0 {
                // A chunk is filled once, also where its bytes come little by little.
                let whole = if self.next > 0 { chunk } else { some.len() };
                self.gathered.reserve_exact(whole + ring::aead::MAX_TAG_LEN);
            }
            self.gathered.extend_from_slice(some);
            data = rest;
            if self.gathered.len() == chunk {
                write(self.seal()?)?;
            }
        }
        Ok(())
    }

    /// Seals what is left.
    ///
    /// # Errors
    /// What `write` returns.
    pub(crate) fn end(
        &mut self,
        mut write: impl FnMut(Bytes) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        write(self.seal()?)
    }

    fn seal(&mut self) -> Result<Bytes, ApiError> {
        let mut chunk = std::mem::take(&mut self.gathered);
        let sealed =
            self.cipher
                .seal_in_place_append_tag(nonce(self.next), Aad::empty(), &mut chunk);
        sealed.map_err(|_| ApiError::internal("a chunk too long to be sealed"))?;
        self.next += 1;
        Ok(chunk.into())
    }
}

/// Some bytes of one content, as they are to be opened.
pub(crate) struct Stretch {
    cipher: LessSafeKey,
    /// The number of the next chunk.
    chunk: u64,
    /// Sealed bytes that are still to come.
    sealed: u64,
    /// Bytes to leave out at the beginning of the next chunk, and to give in all.
    skip: u64,
    left: u64,
}

impl Stretch {
    /// The bytes in `range` of the content `name`, which has `sealed` bytes.
    ///
    /// # Errors
    /// When the key is none.
    pub(crate) fn new(
        key: &DataKey,
        name: &str,
        range: &Range<u64>,
        sealed: u64,
    ) -> Result<Self, ApiError> {
        let (place, chunk) = chunks(range, sealed);
        Ok(Self {
            cipher: key.cipher(name)?,
            chunk,
            sealed: place.end.saturating_sub(place.start),
            skip: range.start - chunk * CHUNK,
            left: range.end.saturating_sub(range.start),
        })
    }

    /// Opens the next chunks where they lie, and returns where the wanted bytes of each are then.
    fn open(&mut self, sealed: &mut [u8]) -> Result<Vec<Range<usize>>, ApiError> {
        let changed =
            || ApiError::internal("sealed bytes of an object were changed, or are another's");
        let mut places = Vec::new();
        let mut start = 0;
        for chunk in sealed.chunks_mut(size(SEALED)) {
            let next = start + chunk.len();
            let opened = self
                .cipher
                .open_in_place(nonce(self.chunk), Aad::empty(), chunk);
            let length = opened.map_err(|_| changed())?.len();
            let skip = size(std::mem::take(&mut self.skip));
            let end = length.min(skip.saturating_add(size(self.left)));
            if skip > end {
                return Err(changed());
            }
            self.chunk += 1;
            self.left -= (end - skip) as u64;
            if skip < end {
                places.push(start + skip..start + end);
            }
            start = next;
        }
        Ok(places)
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// Sealed bytes where they lie.
pub(crate) trait Stored: Send {
    /// Fills `into` with the next of them.
    ///
    /// # Errors
    /// When there are not so many, or they cannot be read.
    fn fill(&mut self, into: &mut [u8]) -> Result<(), ApiError>;
}

/// Opens sealed bytes while they are read.
pub(crate) struct Opening<S> {
    from: S,
    stretches: VecDeque<Stretch>,
    /// What was opened and not given yet.
    opened: VecDeque<Bytes>,
    buffers: Buffers,
}

impl<S: Stored> Opening<S> {
    /// `from` gives the sealed bytes of the stretches, one after the other.
    pub(crate) fn new(from: S, stretches: Vec<Stretch>) -> Self {
        Self {
            from,
            stretches: stretches.into(),
            opened: VecDeque::new(),
            buffers: Buffers::default(),
        }
    }
}

impl<S: Stored> Source for Opening<S> {
    fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        loop {
            if let Some(data) = self.opened.pop_front() {
                return Ok(Some(data));
            }
            let Some(stretch) = self.stretches.front_mut() else {
                return Ok(None);
            };
            if stretch.sealed == 0 {
                if stretch.left > 0 {
                    return Err(ApiError::internal(
                        "an object has fewer bytes than it should",
                    ));
                }
                self.stretches.pop_front();
                continue;
            }
            let some = stretch.sealed.min(AT_ONCE * SEALED);
            let mut sealed = self.buffers.take(size(some));
            self.from.fill(&mut sealed)?;
            stretch.sealed -= some;
            let places = stretch.open(&mut sealed)?;
            let plain = sealed.freeze();
            let pieces = places.into_iter().map(|place| plain.slice(place));
            self.opened.extend(pieces);
            self.buffers.keep(plain);
        }
    }
}

/// Memory that is used again as soon as nobody holds what was in it: fresh memory costs as much as opening
/// what is read into it.
#[derive(Default)]
struct Buffers(Vec<Bytes>);

impl Buffers {
    fn take(&mut self, size: usize) -> BytesMut {
        let free = self.0.iter().position(Bytes::is_unique);
        match free.map(|at| self.0.swap_remove(at).try_into_mut()) {
            Some(Ok(mut buffer)) => {
                buffer.resize(size, 0);
                buffer
            }
            _ => BytesMut::zeroed(size),
        }
    }

    fn keep(&mut self, buffer: Bytes) {
        if self.0.len() < BUFFERS {
            self.0.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given<'a>(&'a [u8]);

    impl Stored for Given<'_> {
        fn fill(&mut self, into: &mut [u8]) -> Result<(), ApiError> {
            let few = || ApiError::internal("there are fewer");
            let (some, rest) = self.0.split_at_checked(into.len()).ok_or_else(few)?;
            into.copy_from_slice(some);
            self.0 = rest;
            Ok(())
        }
    }

    const KEY: DataKey = DataKey([7; 32]);

    fn sealed(name: &str, plain: &[u8], step: usize) -> Vec<u8> {
        let mut sealing = Sealing::new(&KEY, name).unwrap();
        let mut all = Vec::new();
        let mut keep = |data: Bytes| {
            all.extend_from_slice(&data);
            Ok(())
        };
        for some in plain.chunks(step) {
            sealing.take(some, &mut keep).unwrap();
        }
        sealing.end(&mut keep).unwrap();
        all
    }

    fn opened(
        key: &DataKey,
        name: &str,
        from: &[u8],
        range: Range<u64>,
    ) -> Result<Vec<u8>, ApiError> {
        let size = from.len() as u64;
        let (place, _) = chunks(&range, size);
        let place = usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap();
        let stretch = Stretch::new(key, name, &range, size)?;
        let mut opening = Opening::new(Given(&from[place]), vec![stretch]);
        let mut all = Vec::new();
        while let Some(data) = opening.next()? {
            all.extend_from_slice(&data);
        }
        Ok(all)
    }

    #[test]
    fn any_range_of_what_was_sealed_opens() {
        let chunk = usize::try_from(CHUNK).unwrap();
        for size in [
            1,
            100,
            chunk - 1,
            chunk,
            chunk + 1,
            3 * chunk,
            3 * chunk + 17,
            9 * chunk,
            9 * chunk + 1,
        ] {
            let plain: Vec<u8> = (0..size)
                .map(|at| u8::try_from(at % 251).unwrap())
                .collect();
            let bytes = sealed("a", &plain, 7_777);
            assert_eq!(plain_size(bytes.len() as u64), size as u64);
            assert_eq!(sealed_size(size as u64), bytes.len() as u64);
            assert_eq!(bytes, sealed("a", &plain, size), "however it comes");
            for (start, end) in [
                (0, size),
                (size / 2, size),
                (0, 1),
                (size - 1, size),
                (size / 3, size / 2 + 1),
            ] {
                let range = start as u64..end as u64;
                let got = opened(&KEY, "a", &bytes, range).unwrap();
                assert_eq!(got, plain[start..end], "{start}..{end} of {size}");
            }
        }
        assert_eq!(plain_size(0), 0);
    }

    #[test]
    fn nothing_else_opens() {
        let chunk = usize::try_from(CHUNK).unwrap();
        let plain = vec![1; 2 * chunk];
        let bytes = sealed("a", &plain, 10_000);
        let all = 0..plain.len() as u64;
        assert!(
            opened(&KEY, "b", &bytes, all.clone()).is_err(),
            "another content"
        );
        assert!(
            opened(&DataKey([8; 32]), "a", &bytes, all.clone()).is_err(),
            "another key"
        );
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let turned = [second, first].concat();
        assert!(
            opened(&KEY, "a", &turned, all.clone()).is_err(),
            "another order"
        );
        for at in [0, chunk, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(opened(&KEY, "a", &changed, all.clone()).is_err(), "{at}");
        }
        let short = &bytes[..bytes.len() - 1];
        assert!(opened(&KEY, "a", short, all).is_err(), "fewer bytes");
        assert!(!bytes.windows(64).any(|window| window == [1; 64]));
    }
}

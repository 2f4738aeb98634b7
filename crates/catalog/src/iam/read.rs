//! Reading the blob, every step checked: damaged bytes give `None`, never a panic.

/// A position in the blob, moving forward.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader(pub(super) &'static [u8]);

impl Reader {
    /// The bytes from `start` on.
    pub(super) fn at(bytes: &'static [u8], start: usize) -> Option<Self> {
        bytes.get(start..).map(Self)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number in seven-bit groups, lowest first, the top bit meaning that more follow. Three
    /// groups at most: every number in the blob is below 2²¹.
    pub(super) fn number(&mut self) -> Option<usize> {
        let mut value = 0usize;
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'static [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number, and that many bytes.
    pub(super) fn block(&mut self) -> Option<&'static [u8]> {
        let length = self.number()?;
        self.take(length)
    }
}

/// The `index`th of the little-endian 16-bit numbers in a table.
pub(super) fn u16_at(table: &[u8], index: usize) -> Option<usize> {
    let start = index.checked_mul(2)?;
    let bytes = table.get(start..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*bytes)))
}

/// The `index`th of the little-endian 32-bit numbers in a table.
pub(super) fn u32_at(table: &[u8], index: usize) -> Option<usize> {
    let start = index.checked_mul(4)?;
    let bytes = table.get(start..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

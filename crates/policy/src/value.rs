//! Numbers, instants and address ranges, as condition operators read them.
//!
//! Reading never rounds: what cannot be held exactly is refused, and the caller treats it as unreadable.

mod date;
mod ip;
mod number;

pub(crate) use date::Instant;
pub(crate) use ip::Address;
pub(crate) use ip::AddressRange;
pub(crate) use number::Number;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Decodes base64 text; `None` where it is none.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The base64 text of bytes.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Whether a text is well-formed, padded base64.
pub(crate) fn is_base64(text: &str) -> bool {
    base64_len(text.as_bytes()).is_some()
}

/// Whether a request's value for a binary key is `expected`: the value is base64; text that is not base64 stands for its
/// own bytes. Compares without allocating.
pub(crate) fn binary_equals(value: &str, expected: &[u8]) -> bool {
    let text = value.as_bytes();
    match base64_len(text) {
        Some(len) if len == expected.len() => {
            let mut chunks = text.chunks(4);
            expected.chunks(3).all(|want| {
                let mut decoded = [0_u8; 3];
                let chunk = chunks.next().unwrap_or(&[]);
                STANDARD
                    .decode_slice(chunk, &mut decoded)
                    .is_ok_and(|n| decoded.get(..n) == Some(want))
            })
        }
        Some(_) => false,
        None => text == expected,
    }
}

/// The decoded length of well-formed, padded base64.
fn base64_len(text: &[u8]) -> Option<usize> {
    let mut len = 0;
    let last = text.len().saturating_sub(4);
    for (index, chunk) in text.chunks(4).enumerate() {
        let mut decoded = [0_u8; 3];
        let n = STANDARD.decode_slice(chunk, &mut decoded).ok()?;
        if n < 3 && index * 4 != last {
            return None;
        }
        len += n;
    }
    Some(len)
}

/// Reads `true` or `false`, ignoring case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_values_are_base64_or_their_own_bytes() {
        assert!(binary_equals("QQ==", b"A"));
        assert!(binary_equals("A", b"A"));
        assert!(!binary_equals("qq==", b"A"));
        assert!(binary_equals("QUJDRA==", b"ABCD"));
        assert!(!binary_equals("QUJDRA==", b"ABC"));
        assert!(binary_equals("", b""));
        assert!(
            binary_equals("QQ==QQ==", b"QQ==QQ=="),
            "padding in the middle is not base64"
        );
    }
}

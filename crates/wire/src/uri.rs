//! Percent-encoding and query strings, as AWS reads them.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends the text with every byte encoded that is not unreserved (RFC 3986); `/` too unless
/// `keep_slash`.
pub(crate) fn encode_into(out: &mut String, text: &[u8], keep_slash: bool) {
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(*byte));
            }
            b'/' if keep_slash => out.push('/'),
            _ => {
                out.push('%');
                for digit in [byte >> 4, byte & 15] {
                    out.push(
                        HEX.get(usize::from(digit))
                            .map_or('0', |digit| char::from(*digit)),
                    );
                }
            }
        }
    }
}

/// The text percent-encoded as SigV4 does, `/` included.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(&mut out, text.as_bytes(), false);
    out
}

/// The text percent-encoded, but for `/`.
#[must_use]
pub fn encode_path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode_into(&mut out, text.as_bytes(), true);
    out
}

/// The bytes that a percent-encoded text stands for. An escape that is none stands for itself.
#[must_use]
pub fn decode(text: &str) -> Vec<u8> {
    decode_with(text, false)
}

fn decode_with(text: &str, plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, tail @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = tail;
                }
                _ => out.push(b'%'),
            },
            (b'+', _) if plus_is_space => out.push(b' '),
            _ => out.push(*byte),
        }
    }
    out
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// The parameters of a query string or form, decoded, in order; `+` is a space.
pub fn pairs(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode_with(name, true), decode_with(value, true))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_once_and_bad_ones_stay() {
        assert_eq!(decode("a%2Fb%252F+%zz%4"), b"a/b%2F+%zz%4");
        assert_eq!(encode("a/b ~é"), "a%2Fb%20~%C3%A9");
        assert_eq!(encode_path("/a b/"), "/a%20b/");
        let expected = [(&b"a"[..], &b"b c"[..]), (b"d", b""), (b"e", b"f=g")];
        let read: Vec<_> = pairs("a=b+c&d&&e=f=g").collect();
        assert!(read.iter().map(|(n, v)| (&n[..], &v[..])).eq(expected));
    }
}

//! The `Range` header (RFC 9110, section 14; one range, as S3 takes it).

use platform::ApiError;
use std::ops::Range;

/// The bytes of an object of `size` that the header asks for; `None` when it asks for all of them.
/// A header that S3 does not understand is ignored, as it is by S3.
///
/// # Errors
/// When no byte lies in the range: `InvalidRange`.
pub(super) fn read(header: Option<&str>, size: u64) -> Result<Option<Range<u64>>, ApiError> {
    let Some(header) = header else {
        return Ok(None);
    };
    let Some(asked) = parse(header) else {
        return Ok(None);
    };
    let range = match asked {
        Asked::From(first, last) => first..last.saturating_add(1).min(size),
        Asked::Last(count) => size.saturating_sub(count)..size,
    };
    if range.is_empty() {
        let text = "The requested range is not satisfiable";
        return Err(ApiError::new("InvalidRange", 416, text)
            .with("RangeRequested", header)
            .with("ActualObjectSize", size.to_string()));
    }
    Ok(Some(range))
}

enum Asked {
    From(u64, u64),
    Last(u64),
}

fn parse(header: &str) -> Option<Asked> {
    let (first, last) = header
        .trim()
        .strip_prefix("bytes=")?
        .trim()
        .split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    match (first, last) {
        ("", count) => number(count).map(Asked::Last),
        (first, "") => Some(Asked::From(number(first)?, u64::MAX)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From(first, last))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        for (header, size, expected) in [
            ("bytes=0-3", 10, Some(0..4)),
            ("bytes=4-", 10, Some(4..10)),
            ("bytes=-3", 10, Some(7..10)),
            ("bytes=-30", 10, Some(0..10)),
            ("bytes=8-99999999999999999999999", 10, Some(8..10)),
            ("bytes=3-2", 10, None),
            ("bytes=a-2", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("lines=0-1", 10, None),
            ("bytes=+1-2", 10, None),
            ("bytes=-", 10, None),
        ] {
            assert_eq!(read(Some(header), size).unwrap(), expected, "{header}");
        }
        assert_eq!(read(None, 10).unwrap(), None);
    }

    #[test]
    fn a_range_without_a_byte_is_refused() {
        for (header, size) in [
            ("bytes=10-", 10),
            ("bytes=-0", 10),
            ("bytes=0-", 0),
            ("bytes=-1", 0),
        ] {
            let error = read(Some(header), size).unwrap_err();
            assert!(error.message().contains("not satisfiable"), "{header}");
        }
    }
}

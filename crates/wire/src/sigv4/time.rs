//! The instant in `X-Amz-Date` and in `Date`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// `20150830T123600Z`
pub(super) fn parse_basic(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(date, 8) || !digits(time, 6) {
        return None;
    }
    let number = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
    let civil = DateTime::new(
        date.get(..4)?.parse().ok()?,
        number(date, 4, 6)?,
        number(date, 6, 8)?,
        number(time, 0, 2)?,
        number(time, 2, 4)?,
        number(time, 4, 6)?,
        0,
    );
    Some(civil.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `X-Amz-Date`'s form, or an HTTP date.
pub(super) fn parse_any(text: &str) -> Option<Timestamp> {
    parse_basic(text).or_else(|| {
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
        parsed.ok()
    })
}

/// `20150830T123600Z`
pub(super) fn basic(instant: Timestamp) -> String {
    let civil = TimeZone::UTC.to_datetime(instant);
    let pairs =
        |high: i32, middle: i8, low: i8| high * 10_000 + i32::from(middle) * 100 + i32::from(low);
    let date = pairs(civil.year().into(), civil.month(), civil.day());
    let time = pairs(civil.hour().into(), civil.minute(), civil.second());
    format!("{date:08}T{time:06}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_basic_form_is_read() {
        let instant = parse_basic("20150830T123600Z").unwrap();
        assert_eq!(basic(instant), "20150830T123600Z");
        assert_eq!(parse_any("Sun, 30 Aug 2015 12:36:00 GMT"), Some(instant));
        for bad in [
            "20150830T123600",
            "2015083T0123600Z",
            "20150830T-23600Z",
            "20151330T123600Z",
            "",
        ] {
            assert_eq!(parse_basic(bad), None, "{bad}");
        }
    }
}

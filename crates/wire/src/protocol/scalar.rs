//! Single values as text: in headers, query parameters, labels, forms and XML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::shapes::{Kind, Shape, TimestampFormat};
use jiff::Timestamp;

use super::Unreadable;
use crate::value::Value;

/// Reads the text of a value that is no structure, list or map. `format` is the one of the place
/// when the model names none.
pub(super) fn read(
    shape: Shape,
    named: Option<TimestampFormat>,
    format: TimestampFormat,
    text: &str,
) -> Result<Value, Unreadable> {
    let wrong = |kind| Unreadable::value("STRING_VALUE", kind);
    match shape.kind() {
        Kind::Integer => text
            .parse::<i32>()
            .map(Value::from)
            .map_err(|_| wrong("Integer")),
        Kind::Long => text
            .parse::<i64>()
            .map(Value::Int)
            .map_err(|_| wrong("Long")),
        Kind::Float | Kind::Double => read_float(text).ok_or_else(|| wrong("Double")),
        Kind::Boolean if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        Kind::Boolean if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        Kind::Boolean => Err(wrong("Boolean")),
        Kind::Timestamp => {
            let format = named.or(shape.timestamp_format()).unwrap_or(format);
            let read = read_timestamp(format, text).map(Value::Timestamp);
            read.ok_or_else(|| wrong("milliseconds since epoch"))
        }
        Kind::Blob => STANDARD
            .decode(text.trim())
            .map(|bytes| Value::Blob(bytes.into()))
            .map_err(|_| wrong("ByteBuffer")),
        Kind::String | Kind::Document => Ok(Value::String(text.to_owned())),
        Kind::Structure | Kind::List | Kind::Map => Err(wrong("a structure")),
    }
}

/// Writes a value that is no structure, list or map; `None` for those and for null.
pub(super) fn write(
    value: &Value,
    named: Option<TimestampFormat>,
    format: TimestampFormat,
    millis: bool,
) -> Option<String> {
    Some(match value {
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => write_float(*number),
        Value::String(text) => text.clone(),
        Value::Blob(bytes) => STANDARD.encode(bytes),
        Value::Timestamp(instant) => write_timestamp(named.unwrap_or(format), *instant, millis),
        Value::Null | Value::List(_) | Value::Map(_) => return None,
    })
}

/// Numbers, and the three that JSON and XML have names for.
pub(super) fn read_float(text: &str) -> Option<Value> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => text.parse::<f64>().ok().filter(|number| number.is_finite()),
    }
    .map(Value::Float)
}

pub(super) fn write_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned()
    } else {
        number.to_string()
    }
}

pub(super) fn read_timestamp(format: TimestampFormat, text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match format {
        TimestampFormat::Iso8601 => text.parse().ok(),
        TimestampFormat::Rfc822 => read_http_date(text),
        TimestampFormat::UnixTimestamp => from_seconds(text.parse().ok()?),
    }
}

/// An HTTP date, also with a fraction of a second.
fn read_http_date(text: &str) -> Option<Timestamp> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new();
    if let Ok(instant) = parser.parse_timestamp(text) {
        return Some(instant);
    }
    let (whole, rest) = text.split_once('.')?;
    let (fraction, zone) = rest.split_once(' ')?;
    let instant = parser.parse_timestamp(format!("{whole} {zone}")).ok()?;
    let nanos: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    instant
        .checked_add(jiff::SignedDuration::from_nanos(nanos))
        .ok()
}

/// Seconds since 1970, to the millisecond.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before"
)]
pub(super) fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let millis = (seconds * 1000.0).round();
    if !(millis.is_finite() && millis.abs() < 1e15) {
        return None;
    }
    Timestamp::from_millisecond(millis as i64).ok()
}

pub(super) fn write_timestamp(format: TimestampFormat, instant: Timestamp, millis: bool) -> String {
    let fraction = instant.as_millisecond().rem_euclid(1000);
    match format {
        TimestampFormat::Iso8601 => {
            let whole = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
            let text = Timestamp::from_second(whole).unwrap_or(instant).to_string();
            if millis || fraction != 0 {
                format!("{}.{fraction:03}Z", text.trim_end_matches('Z'))
            } else {
                text
            }
        }
        TimestampFormat::Rfc822 => http_date(instant),
        TimestampFormat::UnixTimestamp if fraction == 0 => {
            instant.as_millisecond().div_euclid(1000).to_string()
        }
        TimestampFormat::UnixTimestamp => {
            // From 1970 on whole and fraction are simply written beside each other.
            let millis = instant.as_millisecond();
            let sign = if millis < 0 { "-" } else { "" };
            format!(
                "{sign}{}.{:03}",
                (millis / 1000).abs(),
                (millis % 1000).abs()
            )
        }
    }
}

/// `Sun, 22 Nov 2026 05:00:00 GMT`
pub(crate) fn http_date(instant: Timestamp) -> String {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    printer
        .timestamp_to_rfc9110_string(&instant)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_they_are_read() {
        let instant: Timestamp = "2026-11-22T05:00:00.25Z".parse().unwrap();
        for (format, text) in [
            (TimestampFormat::Iso8601, "2026-11-22T05:00:00.250Z"),
            (TimestampFormat::UnixTimestamp, "1795323600.250"),
        ] {
            assert_eq!(write_timestamp(format, instant, false), text);
            assert_eq!(read_timestamp(format, text), Some(instant));
        }
        assert_eq!(http_date(instant), "Sun, 22 Nov 2026 05:00:00 GMT");
        let before: Timestamp = "1969-12-31T23:59:58.5Z".parse().unwrap();
        assert_eq!(
            write_timestamp(TimestampFormat::UnixTimestamp, before, false),
            "-1.500"
        );
        let text = write_timestamp(TimestampFormat::Iso8601, before, false);
        assert_eq!(text, "1969-12-31T23:59:58.500Z");
        assert_eq!(
            read_timestamp(TimestampFormat::Rfc822, "Sun, 02 Jan 2000 20:34:56.456 GMT"),
            "2000-01-02T20:34:56.456Z".parse().ok()
        );
        assert_eq!(from_seconds(1e300), None);
        assert_eq!(from_seconds(f64::NAN), None);
    }
}

//! The typed values of conditions: numbers, dates, addresses, binary.

use std::net::IpAddr;

/// What a second counts for in an instant.
const SECOND: i128 = 1_000_000_000_000_000_000;

/// Reads a decimal number exactly, as a multiple of 10⁻¹⁸: optional sign, digits, optional
/// fraction, optional exponent; at most 20 integer and 18 fraction digits.
pub(crate) fn number(text: &str) -> Option<i128> {
    let (negative, unsigned) = sign(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        None => (unsigned, 0),
        Some((mantissa, exponent)) => {
            let (down, digits) = sign(exponent);
            let size: i64 =
                (all_digits(digits) && digits.len() < 6).then(|| digits.parse().ok())??;
            (mantissa, if down { -size } else { size })
        }
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        None => (mantissa, ""),
        Some((whole, fraction)) if all_digits(fraction) => (whole, fraction),
        Some(_) => return None,
    };
    if !all_digits(whole) {
        return None;
    }
    // The value is 0.DIGITS × 10^point.
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_end_matches('0');
    let point = i64::try_from(whole.len()).ok()? - dropped + exponent;
    let length = i64::try_from(significant.len()).ok()?;
    if significant.is_empty() {
        return Some(0);
    }
    if point > 20 || length - point > 18 {
        return None;
    }
    let mut value: i128 = significant.parse().ok()?;
    for _ in 0..(18 + point - length) {
        value *= 10;
    }
    Some(if negative { -value } else { value })
}

/// Reads an instant, as a multiple of 10⁻¹⁸ seconds since 1970: the W3C profile of ISO 8601, or seconds since 1970.
/// A text of four digits is a year. Without an offset the time is UTC.
pub(crate) fn date(text: &str) -> Option<i128> {
    if fixed(text, 4).is_none()
        && let Some(seconds) = epoch(text)
    {
        return Some(seconds);
    }
    let (day, time) = match text.split_once('T') {
        None => (text, None),
        Some((day, time)) => (day, Some(time)),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let (year, month, day_of_month) = match parts.as_slice() {
        [y] if time.is_none() => (fixed(y, 4)?, 1, 1),
        [y, m] if time.is_none() => (fixed(y, 4)?, fixed(m, 2)?, 1),
        [y, m, d] => (fixed(y, 4)?, fixed(m, 2)?, fixed(d, 2)?),
        _ => return None,
    };
    let days = days_since_1970(year, month, day_of_month)?;
    let in_day = match time {
        None => 0,
        Some(time) => time_of_day(time)?,
    };
    Some(days * 86_400 * SECOND + in_day)
}

/// Seconds since 1970.
fn epoch(text: &str) -> Option<i128> {
    let (negative, unsigned) = sign(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        None => (unsigned, "0"),
        Some(parts) => parts,
    };
    if !all_digits(whole) || whole.len() > 20 {
        return None;
    }
    let value = whole.parse::<i128>().ok()? * SECOND + fraction_of_second(fraction)?;
    Some(if negative { -value } else { value })
}

/// Hours and minutes, optional seconds with an optional fraction, then `Z` or an offset or nothing.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        None => (text, "Z"),
        Some(at) => text.split_at(at),
    };
    let minutes_ahead = match offset.strip_prefix(['+', '-']) {
        None if offset == "Z" => 0,
        None => return None,
        Some(hours) => {
            let (hour, minute) = hours.split_once(':')?;
            let (hour, minute) = (fixed(hour, 2)?, fixed(minute, 2)?);
            if hour > 23 || minute > 59 {
                return None;
            }
            let size = hour * 60 + minute;
            if offset.starts_with('-') { -size } else { size }
        }
    };
    let (hour, minute, second, part) = match clock.split(':').collect::<Vec<_>>().as_slice() {
        [h, m] => (fixed(h, 2)?, fixed(m, 2)?, 0, 0),
        [h, m, s] => match s.split_once('.') {
            None => (fixed(h, 2)?, fixed(m, 2)?, fixed(s, 2)?, 0),
            Some((s, f)) => (
                fixed(h, 2)?,
                fixed(m, 2)?,
                fixed(s, 2)?,
                fraction_of_second(f)?,
            ),
        },
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(((hour * 60 + minute - minutes_ahead) * 60 + second) * SECOND + part)
}

fn days_since_1970(year: i128, month: i128, day: i128) -> Option<i128> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let before = usize::try_from(month - 1).ok()?;
    if !(1..=*lengths.get(before)?).contains(&day) {
        return None;
    }
    let of_years = |y: i128| 365 * y + (y + 3) / 4 - (y + 99) / 100 + (y + 399) / 400;
    let of_months: i128 = lengths.iter().take(before).sum();
    Some(of_years(year) - of_years(1970) + of_months + day - 1)
}

/// The digits after the point of a number of seconds.
fn fraction_of_second(digits: &str) -> Option<i128> {
    if !all_digits(digits) || digits.len() > 18 {
        return None;
    }
    format!("{digits:0<18}").parse().ok()
}

fn fixed(digits: &str, length: usize) -> Option<i128> {
    (all_digits(digits) && digits.len() == length).then(|| digits.parse().ok())?
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// Whether the text begins with a minus, and the text after its sign.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// `true` or `false`, in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A range of addresses as it stands in a policy: an address, optionally with a prefix length.
/// A bare address is a range of one. Bits after the prefix do not count.
pub(crate) fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match text.split_once('/') {
        None => (text, None),
        Some((address, prefix)) if all_digits(prefix) => (address, Some(prefix)),
        Some(_) => return None,
    };
    let address = self::address(address)?;
    let longest = bits(address).len();
    let prefix = match prefix {
        None => longest,
        Some(prefix) => prefix.parse().ok()?,
    };
    (prefix <= longest).then_some((address, u32::try_from(prefix).ok()?))
}

/// An address as it stands in a request: without a prefix length.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// Whether the range holds the address. The two families never match each other.
pub(crate) fn within(address: IpAddr, (network, prefix): (IpAddr, u32)) -> bool {
    let same_family = address.is_ipv4() == network.is_ipv4();
    let pairs = bits(address).into_iter().zip(bits(network));
    same_family && pairs.take(prefix as usize).all(|(a, b)| a == b)
}

fn bits(address: IpAddr) -> Vec<bool> {
    let bytes = match address {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1 == 1))
        .collect()
}

/// Decodes base64 (RFC 4648, section 4) with its padding.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text
        .strip_suffix("==")
        .or_else(|| text.strip_suffix('='))
        .unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bits = String::new();
    for c in digits.chars() {
        bits.push_str(&format!("{:06b}", ALPHABET.find(c)?));
    }
    let whole = bits.len() / 8 * 8;
    let (bytes, left) = bits.split_at(whole);
    if left.contains('1') {
        return None;
    }
    bytes
        .as_bytes()
        .chunks(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).ok()?, 2).ok())
        .collect()
}

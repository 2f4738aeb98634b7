//! Times and addresses as every request says them, written digit by digit: formatting is for other places.

use jiff::Timestamp;
use jiff::tz::Offset;
use std::net::IpAddr;

use crate::identity::to_second;

/// An instant to the second: `2026-11-22T05:00:00Z`.
pub(crate) fn second(instant: Timestamp) -> String {
    let instant = to_second(instant);
    let civil = Offset::UTC.to_datetime(instant);
    let Ok(year) = u16::try_from(civil.year()) else {
        return instant.to_string();
    };
    let fields = [
        (civil.month(), '-'),
        (civil.day(), 'T'),
        (civil.hour(), ':'),
        (civil.minute(), ':'),
        (civil.second(), 'Z'),
    ];
    let mut text = String::with_capacity(20);
    for number in [year / 100, year % 100] {
        two(&mut text, number);
    }
    text.push('-');
    for (number, behind) in fields {
        two(&mut text, number.unsigned_abs().into());
        text.push(behind);
    }
    text
}

/// An address: `192.0.2.1`.
pub(crate) fn address(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else {
        return address.to_string();
    };
    let mut text = String::with_capacity(15);
    for octet in address.octets() {
        if !text.is_empty() {
            text.push('.');
        }
        if octet >= 100 {
            text.push(digit((octet / 100).into()));
        }
        if octet >= 10 {
            text.push(digit((octet / 10).into()));
        }
        text.push(digit(octet.into()));
    }
    text
}

fn two(text: &mut String, number: u16) {
    text.push(digit(number / 10));
    text.push(digit(number));
}

/// The last digit of a number.
fn digit(number: u16) -> char {
    let digit = u8::try_from(number % 10).unwrap_or_default();
    char::from(b'0' + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_ever() {
        for at in [
            -1_500,
            0,
            1_795_384_000_999,
            951_782_399_000,
            -62_135_596_800_000,
            -62_198_755_200_000,
            253_402_207_199_000,
        ] {
            let instant = Timestamp::from_millisecond(at).unwrap();
            assert_eq!(second(instant), to_second(instant).to_string());
        }
    }

    #[test]
    fn addresses_are_written_as_ever() {
        let all = [
            "0.0.0.0",
            "127.0.0.1",
            "255.199.100.99",
            "10.9.20.200",
            "2001:db8::1",
        ];
        for text in all {
            let ip: IpAddr = text.parse().unwrap();
            assert_eq!(address(ip), text);
        }
    }
}

//! Instants: the W3C profile of ISO 8601, or seconds since 1970.

use super::Number;

/// An instant, in units of 10⁻¹⁸ seconds since 1970 (the unit of [`Number`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Number);

impl Instant {
    /// Reads a year, a month, a day, or a day with hours and minutes, seconds, a fraction and an offset (`Z`, `+02:00`; UTC
    /// where it is missing); or seconds since 1970. Four digits are a year.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match parse_iso(text) {
            Some(instant) => Some(instant),
            None => parse_epoch(text).map(Self),
        }
    }

    /// The least instant after this one.
    pub(crate) fn next(self) -> Option<Self> {
        self.0.next().map(Self)
    }

    /// The last instant before this one.
    pub(crate) fn previous(self) -> Option<Self> {
        self.0.previous().map(Self)
    }

    /// A second later.
    pub(crate) fn later_second(self) -> Option<Self> {
        self.0.plus(1).map(Self)
    }

    /// A second earlier.
    pub(crate) fn earlier_second(self) -> Option<Self> {
        self.0.plus(-1).map(Self)
    }

    /// A text that reads as this instant: date and time where it is a whole second of a year with four digits, else seconds
    /// since 1970.
    pub(crate) fn to_text(self) -> String {
        let dated = self.0.as_whole().and_then(iso_text);
        dated.unwrap_or_else(|| {
            let seconds = self.0.to_text();
            let point = if seconds.contains('.') { "" } else { ".0" };
            seconds + point
        })
    }

    /// Seconds since 1970 of an instant before this one.
    pub(crate) fn before(self) -> String {
        self.0.whole_below()
    }

    /// Seconds since 1970 of an instant after this one.
    pub(crate) fn after(self) -> String {
        self.0.whole_above()
    }
}

/// `YYYY-MM-DDThh:mm:ssZ` of a second since 1970.
fn iso_text(seconds: i64) -> Option<String> {
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // An average year is off by less than two: the right one is beside.
    let guess = 1970 + days / 365;
    let year = (0..=guess.min(9999))
        .rev()
        .find(|year| days_from_epoch(*year, 1, 1) <= days)?;
    if days_from_epoch(year + 1, 1, 1) <= days {
        return None;
    }
    let month = (1..=12)
        .rev()
        .find(|month| days_from_epoch(year, *month, 1) <= days)?;
    let day = days - days_from_epoch(year, month, 1) + 1;
    let (hours, minutes, rest) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{rest:02}Z"
    ))
}

fn parse_epoch(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { Number::parse(text) } else { None }
}

/// Takes exactly `count` digits from the front of `rest`.
fn digits(rest: &mut &str, count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    if !head.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    *rest = tail;
    head.parse().ok()
}

fn take(rest: &mut &str, wanted: char) -> bool {
    match rest.strip_prefix(wanted) {
        Some(tail) => {
            *rest = tail;
            true
        }
        None => false,
    }
}

fn parse_iso(text: &str) -> Option<Instant> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let (mut month, mut day) = (1, 1);
    if !rest.is_empty() {
        month = take(&mut rest, '-')
            .then(|| digits(&mut rest, 2))
            .flatten()?;
        if !rest.is_empty() {
            day = take(&mut rest, '-')
                .then(|| digits(&mut rest, 2))
                .flatten()?;
        }
    }
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let seconds = days_from_epoch(year, month, day) * 86_400;
    if rest.is_empty() {
        return instant(seconds, "");
    }
    let (of_day, fraction) = parse_time(rest)?;
    instant(seconds + of_day, fraction)
}

/// Reads `Thh:mm[:ss[.fraction]][Z|±hh:mm]` as seconds behind midnight UTC and the digits of the fraction.
fn parse_time(mut rest: &str) -> Option<(i64, &str)> {
    if !take(&mut rest, 'T') {
        return None;
    }
    let hours = digits(&mut rest, 2)?;
    let minutes = take(&mut rest, ':')
        .then(|| digits(&mut rest, 2))
        .flatten()?;
    let (mut seconds, mut fraction) = (0, "");
    if take(&mut rest, ':') {
        seconds = digits(&mut rest, 2)?;
        if take(&mut rest, '.') {
            let end = rest
                .bytes()
                .position(|b| !b.is_ascii_digit())
                .unwrap_or(rest.len());
            (fraction, rest) = rest.split_at_checked(end)?;
            if fraction.is_empty() {
                return None;
            }
        }
    }
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let offset = parse_offset(rest)?;
    Some((hours * 3600 + minutes * 60 + seconds - offset, fraction))
}

fn parse_offset(mut rest: &str) -> Option<i64> {
    if rest.is_empty() || rest == "Z" {
        return Some(0);
    }
    let sign = if take(&mut rest, '+') {
        1
    } else if take(&mut rest, '-') {
        -1
    } else {
        return None;
    };
    let hours = digits(&mut rest, 2)?;
    let minutes = take(&mut rest, ':')
        .then(|| digits(&mut rest, 2))
        .flatten()?;
    (rest.is_empty() && hours <= 23 && minutes <= 59)
        .then_some(sign * (hours * 3600 + minutes * 60))
}

fn instant(seconds: i64, fraction: &str) -> Option<Instant> {
    Number::from_parts(seconds, fraction).map(Instant)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let whole_years = year - 1;
    let leap_days =
        whole_years.div_euclid(4) - whole_years.div_euclid(100) + whole_years.div_euclid(400);
    let before_year = whole_years * 365 + leap_days - 719_162;
    let before_month: i64 = (1..month).map(|m| days_in_month(year, m)).sum();
    before_year + before_month + day - 1
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn forms_of_the_same_instant_are_equal() {
        let at = |text| Instant::parse(text).unwrap();
        assert_eq!(at("1970-01-01T00:00:00Z"), at("0"));
        assert_eq!(at("2026-11-22T00:00:00Z"), at("1795305600"));
        assert_eq!(at("2000"), at("2000-01-01T00:00Z"));
        assert_eq!(at("2000-03"), at("2000-03-01"));
        assert_eq!(at("2020-01-01T02:00:00+02:00"), at("2020-01-01"));
        assert_eq!(at("2020-01-01T00:00:00.500Z"), at("1577836800.5"));
        assert_eq!(at("1969-12-31T23:59:59.5Z"), at("-0.5"));
        assert!(at("2020-01-01T00:00:00Z") < at("2020-01-01T00:00:01Z"));
        assert!(at("2024-02-29") < at("2024-03-01"));
        assert!(at("0000-01-01T00:00:00+23:59") < at("0000-01-01"));
        assert!(at("9999-12-31T23:59:59.999999999999999999-23:59") > at("9999-12-31"));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for bad in [
            "",
            "yesterday",
            "2020-01-01T00:00:60Z",
            "2020-01-01t00:00:00z",
            "2020-13",
            "2023-02-29",
            "2020-01-01T",
            "2020-01-01T25:00Z",
            "2020-1-1",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00+2:00",
            "2020-01-01 00:00:00Z",
            "1e9",
            "2020-01-01T00:00:00.0000000000000000001Z",
            "202é",
        ] {
            assert_eq!(Instant::parse(bad), None, "{bad}");
        }
    }
}

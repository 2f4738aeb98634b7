//! Exact decimal numbers.

/// A decimal number with up to twenty integer and eighteen fraction digits, held exactly in units of 10⁻¹⁸.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(i128);

const FRACTION_DIGITS: i32 = 18;
const UNIT: i128 = 10_i128.pow(18);
const INTEGER_DIGITS: i32 = 20;

impl Number {
    /// Reads an optional sign, digits, an optional fraction and an optional exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let point_without_digits = mantissa.contains('.') && fraction.is_empty();
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || point_without_digits || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let mut value: i128 = 0;
        let mut place = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
        for digit in whole.bytes().chain(fraction.bytes()) {
            place = place.checked_sub(1)?;
            let digit = i128::from(digit - b'0');
            if digit != 0 {
                if !(-FRACTION_DIGITS..INTEGER_DIGITS).contains(&place) {
                    return None;
                }
                let scale = u32::try_from(place + FRACTION_DIGITS).ok()?;
                value += digit * 10_i128.checked_pow(scale)?;
            }
        }
        Some(Self(if negative { -value } else { value }))
    }

    /// The least number above this one.
    pub(crate) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The greatest number below this one.
    pub(crate) fn previous(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The number `count` above this one.
    pub(crate) fn plus(self, count: i64) -> Option<Self> {
        self.0.checked_add(i128::from(count) * UNIT).map(Self)
    }

    /// The whole number that this one is.
    pub(crate) fn as_whole(self) -> Option<i64> {
        let whole = (self.0.rem_euclid(UNIT) == 0).then(|| self.0.div_euclid(UNIT))?;
        i64::try_from(whole).ok()
    }

    /// The shortest decimal text.
    pub(crate) fn to_text(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let (whole, fraction) = (size / UNIT.unsigned_abs(), size % UNIT.unsigned_abs());
        if fraction == 0 {
            return format!("{sign}{whole}");
        }
        let digits = format!("{fraction:018}");
        format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
    }

    /// The greatest whole number below this one.
    pub(crate) fn whole_below(self) -> String {
        (self.0.div_euclid(UNIT) - i128::from(self.0.rem_euclid(UNIT) == 0)).to_string()
    }

    /// The least whole number above this one.
    pub(crate) fn whole_above(self) -> String {
        (self.0.div_euclid(UNIT) + 1).to_string()
    }

    /// The number `whole` plus the fraction whose decimal digits are given.
    pub(crate) fn from_parts(whole: i64, fraction: &str) -> Option<Self> {
        let mut value = i128::from(whole) * UNIT;
        let mut unit = UNIT;
        for digit in fraction.bytes() {
            unit /= 10;
            let digit = i128::from(digit.checked_sub(b'0')?);
            if digit != 0 && unit == 0 {
                return None;
            }
            value += digit * unit;
        }
        Some(Self(value))
    }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn numbers_compare_exactly() {
        let number = |text: &str| Number::parse(text).unwrap();
        assert_eq!(number("1.0"), number("1"));
        assert_eq!(number("1e2"), number("100"));
        assert_eq!(number("-0"), number("0"));
        assert_eq!(number("+5"), number("5"));
        assert_eq!(number("0.5e1"), number("5"));
        assert!(number("0.1") < number("0.10000000000000001"));
        assert!(number("-2") < number("-1.5"));
        assert!(number("99999999999999999999") > number("99999999999999999998.9"));
        let most = "99999999999999999999.999999999999999999";
        assert!(number(most) > number("99999999999999999999"));
        assert!(number(&format!("-{most}")) < number("-99999999999999999999"));
        assert_eq!(number(&format!("{}1", "0".repeat(10_000))), number("1"));
    }

    #[test]
    fn the_whole_numbers_beside_a_number() {
        let beside = |text| {
            let number = Number::parse(text).unwrap();
            (number.whole_below(), number.whole_above())
        };
        assert_eq!(beside("10"), ("9".to_owned(), "11".to_owned()));
        assert_eq!(beside("-0.5"), ("-1".to_owned(), "0".to_owned()));
    }

    #[test]
    fn what_is_no_number_or_cannot_be_held_is_refused() {
        for bad in [
            "",
            "-",
            "1.",
            ".5",
            "1e",
            "1e99999",
            "0x10",
            "1 ",
            "1_0",
            "NaN",
            "1.2.3",
            "1e30",
            "1e-19",
            "100000000000000000000",
            "0.0000000000000000001",
            "1e9999",
            "１",
        ] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }
}

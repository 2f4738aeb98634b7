//! The values of numbers, dates and addresses: how a value is judged, and one value of each kind that a condition tells
//! apart.

use super::{Condition, Truth};
use crate::condition::Operands;
use crate::request::Context;
use crate::value::{Address, AddressRange, Instant, Number, encode_base64, is_base64};
use std::net::IpAddr;

/// What no operator reads as a number, a date or an address.
const UNREADABLE: &str = "x";

impl Condition<'_> {
    /// Whether one value of the request matches any of the policy's, before the operator's `Not`; unknown where it cannot
    /// be read. Variables have no value here.
    #[must_use]
    pub fn matches_value(self, value: &str) -> Truth {
        let comparison = self.clause.operator.comparison;
        self.clause
            .operands
            .matches(comparison, value, &Context::default())
    }

    /// Values of the request among which is one of every kind that the condition tells apart, the simplest first: at each of
    /// the policy's values, beside it on both sides, and one that cannot be read. Together with the representatives of other
    /// conditions of the same type on the same key they stand for every kind that the conditions together tell apart. Of each
    /// kind there are up to `spares` more where it has as many. Empty for texts.
    #[must_use]
    pub fn representatives(self, spares: usize) -> Vec<String> {
        let mut texts = Vec::new();
        match &self.clause.operands {
            Operands::Number(numbers) => {
                for number in numbers {
                    let beside = [Some(*number), number.next(), number.previous()];
                    let whole = [number.whole_above(), number.whole_below()];
                    let exact = beside.into_iter().flatten().map(Number::to_text);
                    texts.extend(whole.into_iter().chain(exact));
                }
                texts = spelled(texts, spares, false);
                texts.retain(|text| Number::parse(text).is_some());
            }
            Operands::Instant(instants) => {
                for instant in instants {
                    texts.push(instant.to_text());
                    let beside = [instant.later_second(), instant.earlier_second()];
                    let exact = [instant.next(), instant.previous()];
                    let beside = beside.into_iter().chain(exact).flatten();
                    texts.extend(beside.map(Instant::to_text));
                }
                texts = spelled(texts, spares, true);
                texts.retain(|text| Instant::parse(text).is_some());
            }
            Operands::Addresses(ranges) => texts = addresses(ranges, spares),
            _ => return texts,
        }
        texts.push(UNREADABLE.to_owned());
        texts.extend((0..spares).map(|n| format!("{UNREADABLE}{n}")));
        texts
    }
}

/// Each text, and `spares` other spellings of the same number behind all of them.
fn spelled(texts: Vec<String>, spares: usize, dates: bool) -> Vec<String> {
    let mut all = texts.clone();
    for text in texts.iter().filter(|text| !text.contains(['T', ':'])) {
        for spare in 1..=spares {
            // Four digits would be a year.
            let zeros = "0".repeat(if dates { spare + 4 } else { spare });
            let (sign, digits) = match text.strip_prefix('-') {
                Some(digits) => ("-", digits),
                None => ("", text.as_str()),
            };
            all.push(format!("{sign}{zeros}{digits}"));
        }
    }
    for text in texts.iter().filter(|text| text.ends_with('Z')) {
        let bare = text.trim_end_matches('Z');
        let dot = if bare.contains('.') { "" } else { "." };
        all.extend((1..=spares).map(|spare| format!("{bare}{dot}{}Z", "0".repeat(spare))));
    }
    all
}

fn addresses(ranges: &[AddressRange], spares: usize) -> Vec<String> {
    let mut found: Vec<IpAddr> = Vec::new();
    for range in ranges {
        let (low, high) = range.bounds();
        found.push(low);
        found.extend(beside(high, 1));
        found.extend(beside(low, -1));
        found.push(high);
    }
    found.push(IpAddr::from([192, 0, 2, 1]));
    found.push(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]));
    let near = found.clone();
    for address in near {
        for step in 1..=i64::try_from(spares).unwrap_or(0) {
            found.extend(beside(address, step));
            found.extend(beside(address, -step));
        }
    }
    let texts = found.into_iter().map(|address| address.to_string());
    texts
        .filter(|text| Address::parse(text).is_some())
        .collect()
}

/// The address `step` further on, within its family.
fn beside(address: IpAddr, step: i64) -> Option<IpAddr> {
    match address {
        IpAddr::V4(own) => {
            let bits = i64::from(own.to_bits()).checked_add(step)?;
            Some(IpAddr::V4(u32::try_from(bits).ok()?.into()))
        }
        IpAddr::V6(own) => {
            let bits = own.to_bits().checked_add_signed(i128::from(step))?;
            Some(IpAddr::V6(bits.into()))
        }
    }
}

pub(super) fn binary_texts(bytes: &[u8]) -> Vec<String> {
    let mut texts = vec![encode_base64(bytes)];
    if let Ok(text) = std::str::from_utf8(bytes)
        && !is_base64(text)
    {
        texts.push(text.to_owned());
    }
    texts
}

#[cfg(test)]
mod tests {
    use crate::view::{self, Truth};
    use crate::{Document, NamedPolicy, PolicySet, PolicyType};

    fn with_condition<T>(condition: &str, use_it: impl Fn(view::Condition<'_>) -> T) -> T {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"a:B","Resource":"*",
            "Condition":{condition}}}}}"#
        );
        let document = Document::parse(&text, PolicyType::Identity).unwrap();
        let set = PolicySet::compile([NamedPolicy::new("p", document)]);
        let statement = view::statements(&set).next().unwrap();
        use_it(statement.conditions().next().unwrap())
    }

    /// How many representatives a condition takes, refuses and cannot read.
    fn counts(condition: &str) -> [bool; 3] {
        with_condition(condition, |condition| {
            let truths: Vec<Truth> = condition
                .representatives(0)
                .iter()
                .map(|text| condition.matches_value(text))
                .collect();
            [Truth::True, Truth::False, Truth::Unknown].map(|wanted| truths.contains(&wanted))
        })
    }

    #[test]
    fn every_kind_of_value_has_a_representative() {
        for condition in [
            r#"{"NumericLessThan":{"a:n":"5"}}"#,
            r#"{"NumericEquals":{"a:n":"0.000000000000000001"}}"#,
            r#"{"NumericGreaterThan":{"a:n":"-99999999999999999999"}}"#,
            r#"{"DateLessThan":{"a:n":"2026-01-01T00:00:00Z"}}"#,
            r#"{"DateEquals":{"a:n":"2026-01-01T00:00:00.5Z"}}"#,
            r#"{"DateGreaterThan":{"a:n":"1234.5"}}"#,
            r#"{"IpAddress":{"a:n":["10.0.0.0/8"]}}"#,
            r#"{"IpAddress":{"a:n":["0.0.0.0/0"]}}"#,
            r#"{"IpAddress":{"a:n":["2001:db8::/32"]}}"#,
        ] {
            assert_eq!(counts(condition), [true; 3], "{condition}");
        }
    }

    #[test]
    fn the_values_right_beside_a_value_are_represented() {
        with_condition(
            r#"{"NumericLessThan":{"a:n":["0", "0.000000000000000001"]}}"#,
            |condition| {
                let texts = condition.representatives(0);
                assert!(
                    texts.contains(&"-0.000000000000000001".to_owned()),
                    "{texts:?}"
                );
            },
        );
        with_condition(r#"{"IpAddress":{"a:n":"10.0.0.0/8"}}"#, |condition| {
            let texts = condition.representatives(0);
            for wanted in ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"] {
                assert!(texts.contains(&wanted.to_owned()), "{texts:?}");
            }
        });
    }

    #[test]
    fn spares_are_judged_alike() {
        with_condition(r#"{"NumericEquals":{"a:n":"5"}}"#, |condition| {
            let texts = condition.representatives(2);
            let matching = texts
                .iter()
                .filter(|t| condition.matches_value(t) == Truth::True);
            assert!(matching.count() >= 3, "{texts:?}");
        });
    }

    #[test]
    fn the_texts_of_bytes_are_those_that_match() {
        assert_eq!(view::binary_texts(b"A"), ["QQ==", "A"]);
        assert_eq!(view::binary_texts(b"QUJD"), ["UVVKRA=="]);
        with_condition(r#"{"BinaryEquals":{"a:n":"QQ=="}}"#, |condition| {
            for text in view::binary_texts(b"A") {
                assert_eq!(condition.matches_value(&text), Truth::True);
            }
        });
    }
}

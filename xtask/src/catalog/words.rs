//! The shared list of words that names are made of.

use std::collections::BTreeMap;

use crate::Result;

/// Codes below this are one byte; the others take two.
const SHORT_CODES: usize = 0xb0;

/// What ARN formats and key patterns repeat; each counts as one word.
const PHRASES: &[&str] = &[
    "arn:${Partition}:",
    ":${Region}:${Account}:",
    "::${Account}:",
    "/${",
    ":${",
    "${",
    "Id}",
    "Name}",
    "/${TagKey}",
];

/// The words and their numbers, the most frequent first.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    order: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Words {
    /// Collects the words of all these names.
    pub(super) fn collect<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in names {
            for word in split(name) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
        sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let order: Vec<String> = sorted
            .into_iter()
            .map(|(word, _)| word.to_owned())
            .collect();
        let numbers = order.iter().cloned().zip(0..).collect();
        Self { order, numbers }
    }

    /// The words in the order of their numbers.
    pub(super) fn order(&self) -> &[String] {
        &self.order
    }

    /// The codes of a name.
    pub(super) fn encode(&self, name: &str) -> Result<Vec<u8>> {
        let mut codes = Vec::new();
        for word in split(name) {
            let number = *self
                .numbers
                .get(word)
                .ok_or_else(|| format!("unknown word `{word}`"))?;
            match number.checked_sub(SHORT_CODES) {
                None => codes.push(u8::try_from(number)?),
                Some(long) => {
                    let [high, low] = u16::try_from(long)?.to_be_bytes();
                    let first = usize::from(high).saturating_add(SHORT_CODES);
                    codes.push(u8::try_from(first).map_err(|_| "too many words")?);
                    codes.push(low);
                }
            }
        }
        Ok(codes)
    }
}

/// Splits a name into words: phrases, `Camel`, `ABBREVIATIONS`, lower case, single marks.
fn split(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let (word, after) = rest.split_at_checked(first_word(rest))?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// The length of the first word.
fn first_word(text: &str) -> usize {
    let phrase = PHRASES
        .iter()
        .filter(|phrase| text.starts_with(**phrase))
        .map(|p| p.len())
        .max();
    if let Some(length) = phrase {
        return length;
    }
    let run =
        |from: usize, member: fn(&u8) -> bool| text.bytes().skip(from).take_while(member).count();
    let tail: fn(&u8) -> bool = |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match run(0, u8::is_ascii_uppercase) {
        0 => match run(0, tail) {
            0 => text.chars().next().map_or(0, char::len_utf8),
            length => length,
        },
        1 => run(1, tail).saturating_add(1),
        // The last capital begins the next word.
        upper
            if text
                .as_bytes()
                .get(upper)
                .is_some_and(u8::is_ascii_lowercase) =>
        {
            upper.saturating_sub(1)
        }
        upper => upper.saturating_add(run(upper, |byte| byte.is_ascii_digit())),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_split_at_capitals_marks_and_phrases() {
        let split = |name| super::split(name).collect::<Vec<_>>().join("|");
        assert_eq!(split("CreateAutoMLJobV2"), "Create|Auto|ML|Job|V2");
        assert_eq!(split("GetDBCluster"), "Get|DB|Cluster");
        assert_eq!(split("EC2"), "EC2");
        assert_eq!(
            split("arn:${Partition}:s3:::${BucketName}/${ObjectName}"),
            "arn:${Partition}:|s3|:|:|:${|Bucket|Name}|/${|Object|Name}"
        );
        assert_eq!(split("x-amz é"), "x|-|amz| |é");
        assert_eq!(split(""), "");
    }
}

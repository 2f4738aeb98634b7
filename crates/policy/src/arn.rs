//! Amazon Resource Names and account ids.

use std::fmt;
use std::sync::Arc;

/// An ARN: six parts separated by colons, the last of which may hold further colons.
///
/// Shape: `arn:partition:service:region:account:resource` (IAM User Guide, ARNs). Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: Arc<str>,
    colons: [u32; 5],
}

/// Why a text is not an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArnError {
    /// It does not begin with `arn:`.
    Prefix,
    /// It has fewer than six parts.
    Parts,
    /// It is longer than 4 GiB.
    Length,
}

impl std::error::Error for ArnError {}

impl fmt::Display for ArnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefix => "an ARN begins with `arn:`",
            Self::Parts => "an ARN has six parts: `arn:partition:service:region:account:resource`",
            Self::Length => "the ARN is too long",
        })
    }
}

/// The offsets of the first five colons of a text, if it has as many.
pub(crate) fn split_colons(text: &str) -> Option<[usize; 5]> {
    let mut colons = [0_usize; 5];
    let mut found = memchr::memchr_iter(b':', text.as_bytes());
    for slot in &mut colons {
        *slot = found.next()?;
    }
    Some(colons)
}

/// The six segments of a text that has at least five colons.
pub(crate) fn segments(text: &str) -> Option<[&str; 6]> {
    let [a, b, c, d, e] = split_colons(text)?;
    Some([
        text.get(..a)?,
        text.get(a + 1..b)?,
        text.get(b + 1..c)?,
        text.get(c + 1..d)?,
        text.get(d + 1..e)?,
        text.get(e + 1..)?,
    ])
}

impl Arn {
    /// Reads an ARN.
    ///
    /// # Errors
    /// Where the text does not begin with `arn:` or has fewer than six parts.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        if !text.starts_with("arn:") {
            return Err(ArnError::Prefix);
        }
        let found = split_colons(text).ok_or(ArnError::Parts)?;
        let mut colons = [0_u32; 5];
        for (slot, at) in colons.iter_mut().zip(found) {
            *slot = u32::try_from(at).map_err(|_| ArnError::Length)?;
        }
        Ok(Self {
            text: text.into(),
            colons,
        })
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The partition: `aws`, `aws-cn`, …
    #[must_use]
    pub fn partition(&self) -> &str {
        self.between(0)
    }

    /// The service: `s3`, `iam`, …
    #[must_use]
    pub fn service(&self) -> &str {
        self.between(1)
    }

    /// The region; empty for global resources.
    #[must_use]
    pub fn region(&self) -> &str {
        self.between(2)
    }

    /// The account; empty for S3 buckets and objects.
    #[must_use]
    pub fn account(&self) -> &str {
        self.between(3)
    }

    /// Everything behind the fifth colon.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.text.get(self.colons[4] as usize + 1..).unwrap_or("")
    }

    /// The same ARN with all but the resource in lower case, as patterns of resources compare it.
    pub(crate) fn with_lower_head(&self) -> Self {
        let (head, resource) = self
            .text
            .split_at_checked(self.colons[4] as usize)
            .unwrap_or((&self.text, ""));
        // Looked through to the end, which is faster than to stop.
        let upper = |found: bool, byte: u8| found | byte.is_ascii_uppercase();
        if !head.bytes().fold(false, upper) {
            return self.clone();
        }
        Self {
            text: (head.to_ascii_lowercase() + resource).into(),
            colons: self.colons,
        }
    }

    fn between(&self, index: usize) -> &str {
        match (self.colons.get(index), self.colons.get(index + 1)) {
            (Some(from), Some(to)) => self
                .text
                .get(*from as usize + 1..*to as usize)
                .unwrap_or(""),
            _ => "",
        }
    }
}

/// The partition that a region is in.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let mut own = partitions.iter();
    let own = own.find(|(start, _)| region.starts_with(start));
    own.map_or("aws", |(_, partition)| partition)
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arn({})", self.text)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An account id: twelve decimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// Reads an account id; `None` unless it is exactly twelve ASCII digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 12] = text.as_bytes().try_into().ok()?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then_some(Self(digits))
    }

    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_keeps_its_colons() {
        let arn =
            Arn::parse("arn:aws:secretsmanager:us-east-1:111122223333:secret:a/b-c:d").unwrap();
        assert_eq!(arn.partition(), "aws");
        assert_eq!(arn.service(), "secretsmanager");
        assert_eq!(arn.region(), "us-east-1");
        assert_eq!(arn.account(), "111122223333");
        assert_eq!(arn.resource(), "secret:a/b-c:d");
        assert_eq!(Arn::parse("arn:aws:s3:::b").unwrap().account(), "");
        assert_eq!(Arn::parse("arn:aws:s3:b"), Err(ArnError::Parts));
        assert_eq!(Arn::parse("urn:aws:s3:::b"), Err(ArnError::Prefix));
    }

    #[test]
    fn an_account_has_twelve_digits() {
        assert_eq!(
            AccountId::parse("111122223333").unwrap().as_str(),
            "111122223333"
        );
        assert_eq!(AccountId::parse("11112222333"), None);
        assert_eq!(AccountId::parse("11112222333x"), None);
    }
}

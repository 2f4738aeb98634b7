//! Condition keys.

use super::text::Text;

/// The type of a condition key's values, which decides the operators that make sense for it (IAM
/// User Guide, "IAM JSON policy elements: Condition operators").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// Text.
    String,
    /// An Amazon Resource Name.
    Arn,
    /// A number.
    Numeric,
    /// `true` or `false`.
    Bool,
    /// A date, as ISO 8601 or epoch seconds.
    Date,
    /// An IP address.
    IpAddress,
    /// Base64 text.
    Binary,
}

impl KeyType {
    /// Every type, in the order of its number in the tables.
    pub const ALL: [Self; 7] = [
        Self::String,
        Self::Arn,
        Self::Numeric,
        Self::Bool,
        Self::Date,
        Self::IpAddress,
        Self::Binary,
    ];

    /// The name that AWS's documentation uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::Arn => "ARN",
            Self::Numeric => "Numeric",
            Self::Bool => "Bool",
            Self::Date => "Date",
            Self::IpAddress => "IPAddress",
            Self::Binary => "Binary",
        }
    }
}

/// A condition key, or a pattern of keys such as `aws:ResourceTag/${TagKey}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionKey {
    name: Text,
    key_type: KeyType,
    multivalued: bool,
}

impl ConditionKey {
    pub(super) const fn new(name: Text, key_type: KeyType, multivalued: bool) -> Self {
        Self {
            name,
            key_type,
            multivalued,
        }
    }

    /// `form` has the type's number in bits 0-3 and "multivalued" in bit 4.
    pub(super) fn read(form: u8, name: Text) -> Option<Self> {
        let key_type = KeyType::ALL.get(usize::from(form & 0x0f))?;
        Some(Self::new(name, *key_type, form & 0x10 != 0))
    }

    /// Its name as AWS writes it, with its service's prefix.
    #[must_use]
    pub const fn name(self) -> Text {
        self.name
    }

    /// The type of its values.
    #[must_use]
    pub const fn key_type(self) -> KeyType {
        self.key_type
    }

    /// Whether a request can carry several values (so that a condition needs `ForAllValues` or
    /// `ForAnyValue`).
    #[must_use]
    pub const fn is_multivalued(self) -> bool {
        self.multivalued
    }

    /// Whether a name in a policy means this key, ignoring case and filling in placeholders.
    #[must_use]
    pub fn covers(self, name: &str) -> bool {
        self.name.covers(name)
    }
}

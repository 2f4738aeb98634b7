//! Identifiers: shapes as AWS gives them, from random bytes.

use policy::AccountId;

use crate::port::{Random, RandomError};

/// The letters of unique ids: upper-case letters and the digits 2 to 7 (base 32).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LOWER: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The four letters that tell what a unique id names (IAM User Guide, "Unique identifiers").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// A long-term access key, `AKIA…`.
    AccessKey,
    /// A temporary access key, `ASIA…`.
    TemporaryKey,
    /// A role, `AROA…`.
    Role,
    /// A user, `AIDA…`.
    User,
    /// A managed policy, `ANPA…`.
    ManagedPolicy,
    /// A group, `AGPA…`.
    Group,
    /// An instance profile, `AIPA…`.
    InstanceProfile,
}

impl Prefix {
    /// The four letters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessKey => "AKIA",
            Self::TemporaryKey => "ASIA",
            Self::Role => "AROA",
            Self::User => "AIDA",
            Self::ManagedPolicy => "ANPA",
            Self::Group => "AGPA",
            Self::InstanceProfile => "AIPA",
        }
    }
}

/// A unique id: four letters of [`Prefix`], then 17 of base 32, or 16 for access keys.
///
/// # Errors
/// When the random source fails.
pub fn unique(random: &dyn Random, prefix: Prefix) -> Result<String, RandomError> {
    let length = match prefix {
        Prefix::AccessKey | Prefix::TemporaryKey => 16,
        Prefix::Role
        | Prefix::User
        | Prefix::ManagedPolicy
        | Prefix::Group
        | Prefix::InstanceProfile => 17,
    };
    Ok(format!(
        "{}{}",
        prefix.as_str(),
        letters(random, BASE32, length)?
    ))
}

/// The id of a temporary access key, `ASIA…`, in which the account can be read as in AWS's: of its 80 bits
/// the first is set, the next 40 are the account's number, the rest are random.
///
/// # Errors
/// When the random source fails.
pub fn temporary_key(random: &dyn Random, account: AccountId) -> Result<String, RandomError> {
    let mut drawn = [0_u8; 5];
    random.fill(&mut drawn)?;
    let drawn = drawn
        .iter()
        .fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    let number: u128 = account.as_str().parse().unwrap_or_default();
    let bits = 1 << 79 | number << 39 | drawn >> 1;
    let letter = |at: u32| {
        let index = bits >> (75 - 5 * at) & 31;
        let letter = usize::try_from(index).ok().and_then(|at| BASE32.get(at));
        letter.copied().map_or('A', char::from)
    };
    let prefix = Prefix::TemporaryKey.as_str();
    Ok(prefix.chars().chain((0..16).map(letter)).collect())
}

/// The account in the id of a temporary access key.
#[must_use]
pub fn account_in_key(id: &str) -> Option<AccountId> {
    let letters = id.strip_prefix(Prefix::TemporaryKey.as_str())?;
    if letters.len() != 16 {
        return None;
    }
    let mut bits = 0_u128;
    for byte in letters.bytes() {
        let at = BASE32.iter().position(|letter| *letter == byte)?;
        bits = bits << 5 | u128::try_from(at).ok()?;
    }
    let number = bits >> 39 & ((1 << 40) - 1);
    AccountId::parse(&format!("{number:012}"))
}

/// A secret access key: 40 characters, 240 random bits.
///
/// # Errors
/// When the random source fails.
pub fn secret_key(random: &dyn Random) -> Result<String, RandomError> {
    letters(random, BASE64, 40)
}

/// `length` random lower-case letters and digits, five bits each.
///
/// # Errors
/// When the random source fails.
pub fn lower(random: &dyn Random, length: usize) -> Result<String, RandomError> {
    letters(random, LOWER, length)
}

/// A random (version 4) UUID, as request and event ids are.
///
/// # Errors
/// When the random source fails.
pub fn uuid(random: &dyn Random) -> Result<String, RandomError> {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes)?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut digits = [0_u8; 32];
    // Two digits a byte: there is room.
    let _room = hex::encode_to_slice(bytes, &mut digits);
    let digits = str::from_utf8(&digits).unwrap_or_default();
    let mut text = String::with_capacity(36);
    let mut begin = 0;
    for end in [8, 12, 16, 20, 32] {
        if begin > 0 {
            text.push('-');
        }
        text.push_str(digits.get(begin..end).unwrap_or_default());
        begin = end;
    }
    Ok(text)
}

/// Random letters of an alphabet whose size is a power of two, so that none is likelier than another.
fn letters<const N: usize>(
    random: &dyn Random,
    alphabet: &[u8; N],
    length: usize,
) -> Result<String, RandomError> {
    let mut bytes = vec![0_u8; length];
    random.fill(&mut bytes)?;
    let pick = |byte: u8| {
        alphabet
            .get(usize::from(byte) % N)
            .copied()
            .map_or('A', char::from)
    };
    Ok(bytes.into_iter().map(pick).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
            for (byte, value) in buffer.iter_mut().zip(0_u8..) {
                *byte = value.wrapping_mul(37);
            }
            Ok(())
        }
    }

    #[test]
    fn ids_have_the_shapes_of_aws() {
        let role = unique(&Counting, Prefix::Role).unwrap();
        assert!(role.starts_with("AROA") && role.len() == 21, "{role}");
        assert_eq!(unique(&Counting, Prefix::TemporaryKey).unwrap().len(), 20);
        assert_eq!(secret_key(&Counting).unwrap().len(), 40);
        let account = AccountId::parse("098765432101").unwrap();
        let key = temporary_key(&Counting, account).unwrap();
        assert!(key.starts_with("ASIA") && key.len() == 20, "{key}");
        assert_eq!(account_in_key(&key), Some(account));
        assert_eq!(account_in_key("ASIA1"), None);
        let uuid = uuid(&Counting).unwrap();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4', "{uuid}");
        assert!(b"89ab".contains(&uuid.as_bytes()[19]), "{uuid}");
    }
}

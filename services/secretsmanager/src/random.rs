//! Random passwords.

use platform::{ApiError, Call, Outcome, Permitted, Random};
use wire::value::Value;

use super::error;

/// The kinds of characters, and the members of the input that leave them out (Secrets Manager API
/// Reference, "GetRandomPassword").
const KINDS: &[(&str, &str)] = &[
    ("ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("ExcludeNumbers", "0123456789"),
    ("ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
];

const LENGTH: i64 = 32;

pub(super) fn password(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let length = input.int("PasswordLength").unwrap_or(LENGTH);
    let length = usize::try_from(length).map_err(ApiError::internal)?;
    let left_out = input.str("ExcludeCharacters").unwrap_or("");
    let kept = |letters: &str| -> Vec<u8> {
        letters
            .bytes()
            .filter(|letter| !left_out.contains(char::from(*letter)))
            .collect()
    };
    let kinds: Vec<Vec<u8>> = KINDS
        .iter()
        .filter(|(member, _)| input.bool(member) != Some(true))
        .map(|(_, letters)| kept(letters))
        .filter(|letters| !letters.is_empty())
        .collect();
    let mut alphabet = kinds.concat();
    if input.bool("IncludeSpace") == Some(true) {
        alphabet.extend(kept(" "));
    }
    if alphabet.is_empty() {
        return Err(error::parameter(
            "The password can't be generated: every character is excluded.",
        ));
    }
    let required = match input.bool("RequireEachIncludedType") {
        Some(false) => Vec::new(),
        _ => kinds,
    };
    if length < required.len() {
        return Err(error::parameter(
            "The password length is less than the number of required character types.",
        ));
    }
    let password = draw(call.platform().random(), &alphabet, &required, length)?;
    Ok(Outcome::new(Value::map().with("RandomPassword", password)))
}

/// One of all passwords of this length with at least one character of each kind, each as likely as any
/// other: draws until one has them all.
fn draw(
    random: &dyn Random,
    alphabet: &[u8],
    required: &[Vec<u8>],
    length: usize,
) -> Result<String, ApiError> {
    loop {
        let letters = letters(random, alphabet, length)?;
        let has = |kind: &Vec<u8>| letters.iter().any(|letter| kind.contains(letter));
        if required.iter().all(has) {
            return String::from_utf8(letters).map_err(ApiError::internal);
        }
    }
}

/// Letters of an alphabet, none likelier than another: bytes beyond the last whole multiple of its size are
/// drawn again.
fn letters(random: &dyn Random, alphabet: &[u8], length: usize) -> Result<Vec<u8>, ApiError> {
    let whole = 256 - 256 % alphabet.len().max(1);
    let mut letters = Vec::with_capacity(length);
    let mut bytes = [0; 64];
    while letters.len() < length {
        random.fill(&mut bytes)?;
        let fair = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < whole)
            .filter_map(|byte| alphabet.get(byte % alphabet.len()).copied());
        letters.extend(fair.take(length - letters.len()));
    }
    Ok(letters)
}

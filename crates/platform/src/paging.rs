//! Pages of a listing.
//!
//! A token says after which name the next page begins. It is sealed for the caller's account, the
//! operation and the filters, so that it is opaque and of no use anywhere else.

use sha2::{Digest as _, Sha256};

use crate::call::Call;
use crate::error::ApiError;

/// One page.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// The token of the next page; none on the last.
    pub next: Option<String>,
}

/// The token of a page was not given out for this listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidToken;

/// The name after which the page of `token` begins.
///
/// # Errors
/// When the token is not one of this listing.
pub fn begin(
    call: &Call<'_>,
    filters: &[&str],
    token: Option<&str>,
) -> Result<Option<String>, InvalidToken> {
    let Some(token) = token else { return Ok(None) };
    let plain = call
        .platform()
        .sealer()
        .open(&purpose(call, filters), token);
    let text = plain.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or(InvalidToken)
}

/// The token of the page that begins after `name`.
///
/// # Errors
/// When the random source fails.
pub fn token(call: &Call<'_>, filters: &[&str], name: &str) -> Result<String, ApiError> {
    let platform = call.platform();
    let sealed =
        platform
            .sealer()
            .seal(platform.random(), &purpose(call, filters), name.as_bytes())?;
    Ok(sealed)
}

/// Cuts a page out of all `items`, which are in the order of their names.
///
/// # Errors
/// When the random source fails.
pub fn cut<T>(
    call: &Call<'_>,
    filters: &[&str],
    items: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> &str,
    after: Option<&str>,
    size: usize,
) -> Result<Page<T>, ApiError> {
    let mut rest = items
        .into_iter()
        .filter(|item| after.is_none_or(|after| name(item) > after));
    let items: Vec<T> = rest.by_ref().take(size).collect();
    let next = match (rest.next(), items.last()) {
        (Some(_), Some(last)) => Some(token(call, filters, name(last))?),
        _ => None,
    };
    Ok(Page { items, next })
}

fn purpose(call: &Call<'_>, filters: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in [call.account().as_str(), call.region(), call.operation()]
        .iter()
        .chain(filters)
    {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    format!("page:{}", hex::encode(hasher.finalize()))
}

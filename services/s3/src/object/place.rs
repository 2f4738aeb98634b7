//! What is said of one object alone, and not copied with its metadata: its storage class, and where a
//! website sends who asks for it (Amazon S3 API Reference, "CopyObject").

use platform::ApiError;
use std::collections::BTreeMap;
use wire::value::Value;

use crate::error;

const CLASS: &str = "StorageClass";
const REDIRECT: &str = "WebsiteRedirectLocation";
/// What objects are where nobody says otherwise.
const STANDARD: &str = "STANDARD";

/// Classes whose objects are read at once. They are names here: what lies in them lies like all else.
const CLASSES: &[&str] = &[
    STANDARD,
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
];
/// Classes whose objects would have to be restored before they are read.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];
/// The longest redirect, in characters.
const LONGEST: usize = 2_048;

/// Refuses a class that objects of a bucket cannot have, and a redirect that leads nowhere.
pub(super) fn check(input: &Value) -> Result<(), ApiError> {
    match input.str(CLASS) {
        Some(class) if ARCHIVES.contains(&class) => {
            return Err(error::not_implemented("x-amz-storage-class"));
        }
        Some(class) if !CLASSES.contains(&class) => {
            let text = "The storage class you specified is not valid";
            return Err(ApiError::new("InvalidStorageClass", 400, text)
                .with("StorageClassRequested", class));
        }
        _ => {}
    }
    let invalid = |text: &str| Err(ApiError::new("InvalidRedirectLocation", 400, text));
    match input.str(REDIRECT) {
        Some(to) if to.chars().count() > LONGEST => {
            invalid("The length of website redirect location cannot exceed 2,048 characters.")
        }
        Some(to)
            if !["/", "http://", "https://"]
                .iter()
                .any(|it| to.starts_with(it)) =>
        {
            invalid(
                "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
            )
        }
        _ => Ok(()),
    }
}

/// Adds what the input says to the headers that an object keeps.
pub(super) fn add(input: &Value, kept: &mut BTreeMap<String, String>) {
    let said = [CLASS, REDIRECT].map(|name| (name, input.str(name)));
    for (name, value) in said {
        if let Some(value) = value.filter(|value| (name, *value) != (CLASS, STANDARD)) {
            kept.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The headers of a copy that keeps its metadata.
pub(super) fn copied(held: &BTreeMap<String, String>, input: &Value) -> BTreeMap<String, String> {
    let mut kept = held.clone();
    kept.retain(|name, _| name != CLASS && name != REDIRECT);
    add(input, &mut kept);
    kept
}

/// The storage class of what keeps these headers.
pub(crate) fn class(headers: &BTreeMap<String, String>) -> &str {
    headers.get(CLASS).map_or(STANDARD, String::as_str)
}

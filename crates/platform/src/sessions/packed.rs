//! How much room session policies and tags take, packed (IAM User Guide, "IAM and AWS STS quotas").
//!
//! AWS does not say how it packs. Here it is the deflated listing of all of them, in at most
//! [`ROOM`] bytes: policies within their own limit always fit, fifty long tags do not.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write as _;

use crate::error::ApiError;
use crate::identity::Tag;

/// The bytes that they may take.
const ROOM: u64 = 2_048;

/// The share of the room that is used, in percent; `None` when there is nothing to pack.
///
/// # Errors
/// `PackedPolicyTooLarge` when it does not suffice.
pub(super) fn percent(
    policy: Option<&str>,
    arns: &[String],
    tags: &[Tag],
) -> Result<Option<u64>, ApiError> {
    if policy.is_none() && arns.is_empty() && tags.is_empty() {
        return Ok(None);
    }
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    let texts = policy.into_iter().chain(arns.iter().map(String::as_str));
    let tags = tags.iter().flat_map(|tag| [tag.key.as_str(), &tag.value]);
    for text in texts.chain(tags) {
        packer
            .write_all(text.as_bytes())
            .and_then(|()| packer.write_all(&[0]))
            .map_err(ApiError::internal)?;
    }
    let size = packer.finish().map_err(ApiError::internal)?.len() as u64;
    let used = size.saturating_mul(100).div_ceil(ROOM);
    if used > 100 {
        let text =
            format!("Packed policy consumes {used}% of allotted space, please use smaller policy.");
        return Err(ApiError::new("PackedPolicyTooLarge", 400, text));
    }
    Ok(Some(used))
}

//! Checksums of bodies (Amazon S3 User Guide, "Checking object integrity").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use platform::ApiError;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::error;

/// An algorithm by which a client may check a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    /// As clients name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The member of inputs and outputs that holds a sum.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// The header that holds a sum.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The sum of `body`: base 64 of its bytes, the most significant first.
    pub(super) fn sum(self, body: &[u8]) -> String {
        let crc = |algorithm| crc_fast::checksum(algorithm, body).to_be_bytes();
        match self {
            Self::Crc32 => STANDARD.encode(low_half(crc(CrcAlgorithm::Crc32IsoHdlc))),
            Self::Crc32c => STANDARD.encode(low_half(crc(CrcAlgorithm::Crc32Iscsi))),
            Self::Crc64Nvme => STANDARD.encode(crc(CrcAlgorithm::Crc64Nvme)),
            Self::Sha1 => STANDARD.encode(Sha1::digest(body)),
            Self::Sha256 => STANDARD.encode(Sha256::digest(body)),
        }
    }
}

fn low_half(bytes: [u8; 8]) -> [u8; 4] {
    let [.., a, b, c, d] = bytes;
    [a, b, c, d]
}

/// A sum as it is kept with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    pub(super) sum: String,
}

impl Checksum {
    /// The sum of `body`.
    pub(super) fn of(algorithm: Algorithm, body: &[u8]) -> Self {
        Self {
            algorithm,
            sum: algorithm.sum(body),
        }
    }
}

/// The MD5 of `body` in hexadecimal: the entity tag of an object that was put in one piece.
pub(super) fn md5_hex(body: &[u8]) -> String {
    hex::encode(Md5::digest(body))
}

/// Checks `body` against every sum that `header` finds among the request's headers, `Content-MD5`
/// included. Returns the sum that the client gave, if one.
///
/// # Errors
/// `BadDigest` when one differs, `InvalidDigest` or `InvalidRequest` when one is no sum.
pub(super) fn verify<'t>(
    body: &[u8],
    header: impl Fn(&str) -> Option<&'t str>,
) -> Result<Option<Checksum>, ApiError> {
    if let Some(declared) = header("content-md5") {
        if STANDARD
            .decode(declared)
            .map_or(true, |bytes| bytes.len() != 16)
        {
            let text = "The Content-MD5 you specified is not valid.";
            return Err(ApiError::new("InvalidDigest", 400, text));
        }
        if declared != STANDARD.encode(Md5::digest(body)) {
            return Err(error::bad_digest(
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
    }
    let mut found = None;
    for algorithm in Algorithm::ALL {
        let Some(declared) = header(algorithm.header()) else {
            continue;
        };
        if found.is_some() {
            return Err(error::invalid_request(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not \
                 allowed.",
            ));
        }
        let computed = algorithm.sum(body);
        let length = |text: &str| STANDARD.decode(text).ok().map(|bytes| bytes.len());
        if length(declared) != length(&computed) {
            return Err(error::invalid_request(format!(
                "Value for {} header is invalid.",
                algorithm.header()
            )));
        }
        if declared != computed {
            return Err(error::bad_digest(format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            )));
        }
        found = Some(Checksum {
            algorithm,
            sum: computed,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::Fault;

    /// The check values of each algorithm's definition, over `123456789`.
    #[test]
    fn sums_are_those_of_the_definitions() {
        let of = |algorithm: Algorithm| {
            hex::encode(STANDARD.decode(algorithm.sum(b"123456789")).unwrap())
        };
        assert_eq!(of(Algorithm::Crc32), "cbf43926");
        assert_eq!(of(Algorithm::Crc32c), "e3069283");
        assert_eq!(of(Algorithm::Crc64Nvme), "ae8b14860a799888");
        assert_eq!(
            of(Algorithm::Sha1),
            "f7c3bc1d808e04732adf679965ccc34ca7ae3441"
        );
        assert!(of(Algorithm::Sha256).starts_with("15e2b0d3c33891eb"));
        assert_eq!(md5_hex(b"123456789"), "25f9e794323b453885f5181f1b624d0b");
    }

    fn code(headers: &[(&str, &str)]) -> String {
        let find = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, v)| *v)
        };
        match verify(b"123456789", find) {
            Ok(found) => found.map_or("none", |sum| sum.algorithm.name()).to_owned(),
            Err(error) => match error.fault() {
                Fault::Service { code, .. } => code.to_string(),
                _ => String::new(),
            },
        }
    }

    #[test]
    fn a_body_that_is_not_what_was_said_is_refused() {
        assert_eq!(code(&[]), "none");
        assert_eq!(code(&[("x-amz-checksum-crc32", "y/Q5Jg==")]), "CRC32");
        assert_eq!(code(&[("x-amz-checksum-crc32", "y/Q5Jw==")]), "BadDigest");
        assert_eq!(code(&[("x-amz-checksum-crc32", "y/Q5")]), "InvalidRequest");
        assert_eq!(code(&[("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==")]), "none");
        assert_eq!(
            code(&[("content-md5", "JfnnlDI7RTiF9RgfG2JNDA==")]),
            "BadDigest"
        );
        assert_eq!(code(&[("content-md5", "abc")]), "InvalidDigest");
        let two = [
            ("x-amz-checksum-crc32", "y/Q5Jg=="),
            ("x-amz-checksum-sha1", "x"),
        ];
        assert_eq!(code(&two), "InvalidRequest");
    }
}

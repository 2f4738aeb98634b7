//! Checksums of bodies (Amazon S3 User Guide, "Checking object integrity").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use platform::ApiError;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use wire::value::Value;

use super::error;

/// An algorithm by which a client may check a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
    Sha512,
    Md5,
}

impl Algorithm {
    pub(super) const ALL: [Self; 7] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
        Self::Sha512,
        Self::Md5,
    ];

    /// As clients name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
            Self::Md5 => "MD5",
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
            Self::Sha512 => "ChecksumSHA512",
            Self::Md5 => "ChecksumMD5",
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
            Self::Sha512 => "x-amz-checksum-sha512",
            Self::Md5 => "x-amz-checksum-md5",
        }
    }

    /// The sum of `body`.
    pub(super) fn sum(self, body: &[u8]) -> String {
        let mut summing = Summing::new(self);
        summing.update(body);
        summing.finish()
    }

    /// The algorithm that clients name so.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// How many bytes a sum has.
    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
            Self::Md5 => 16,
        }
    }

    /// Whether `text` has the form of a sum.
    pub(super) fn is_sum(self, text: &str) -> bool {
        STANDARD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == self.length())
    }
}

fn low_half(bytes: [u8; 8]) -> [u8; 4] {
    let [.., a, b, c, d] = bytes;
    [a, b, c, d]
}

/// What of an object a sum is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Its bytes.
    #[default]
    FullObject,
    /// The sums of its parts.
    Composite,
}

impl Kind {
    /// As clients name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

/// A sum as it is kept with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    /// In base 64; of parts, with their number behind a hyphen.
    pub(super) sum: String,
    #[serde(default)]
    pub(super) kind: Kind,
}

impl Checksum {
    fn full(algorithm: Algorithm, sum: String) -> Self {
        Self {
            algorithm,
            sum,
            kind: Kind::FullObject,
        }
    }

    /// The sum and its kind as members of an output.
    pub(super) fn show(&self, output: Value) -> Value {
        output
            .with(self.algorithm.member(), self.sum.as_str())
            .with("ChecksumType", self.kind.name())
    }
}

/// A sum that grows.
pub(super) enum Summing {
    Crc(Algorithm, crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
    Md5(Md5),
}

impl Summing {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| Self::Crc(algorithm, crc_fast::Digest::new(kind));
        match algorithm {
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Box::default()),
            Algorithm::Md5 => Self::Md5(Md5::new()),
        }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(data),
            Self::Sha1(hash) => hash.update(data),
            Self::Sha256(hash) => hash.update(data),
            Self::Sha512(hash) => hash.update(data),
            Self::Md5(hash) => hash.update(data),
        }
    }

    /// The sum: base 64 of its bytes, the most significant first.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Crc(algorithm, digest) => crc_text(algorithm, digest.finalize()),
            Self::Sha1(hash) => STANDARD.encode(hash.finalize()),
            Self::Sha256(hash) => STANDARD.encode(hash.finalize()),
            Self::Sha512(hash) => STANDARD.encode(hash.finalize()),
            Self::Md5(hash) => STANDARD.encode(hash.finalize()),
        }
    }
}

/// The sum of an object by the sums of its parts and their sizes: by them alone, or of its bytes.
/// `None` when one is no sum, or the algorithm cannot do it.
pub(super) fn combine(algorithm: Algorithm, kind: Kind, parts: &[(String, u64)]) -> Option<String> {
    let decoded = parts.iter().map(|(sum, size)| {
        let bytes = STANDARD.decode(sum).ok()?;
        Some((bytes, *size))
    });
    let decoded: Vec<(Vec<u8>, u64)> = decoded.collect::<Option<_>>()?;
    if kind == Kind::Composite {
        let all: Vec<u8> = decoded.into_iter().flat_map(|(bytes, _)| bytes).collect();
        return Some(format!("{}-{}", algorithm.sum(&all), parts.len()));
    }
    let crc = match algorithm {
        Algorithm::Crc32 => CrcAlgorithm::Crc32IsoHdlc,
        Algorithm::Crc32c => CrcAlgorithm::Crc32Iscsi,
        Algorithm::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
        Algorithm::Sha1 | Algorithm::Sha256 | Algorithm::Sha512 | Algorithm::Md5 => return None,
    };
    let value = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |value: u64, byte| value << 8 | u64::from(*byte))
    };
    let mut sums = decoded.iter().map(|(bytes, size)| (value(bytes), *size));
    let (first, _) = sums.next()?;
    let whole = sums.fold(first, |before, (sum, size)| {
        crc_fast::checksum_combine(crc, before, sum, size)
    });
    Some(crc_text(algorithm, whole))
}

/// The entity tag of an object of parts with these entity tags.
pub(super) fn etag_of_parts<'e>(etags: impl ExactSizeIterator<Item = &'e str>) -> Option<String> {
    let count = etags.len();
    let mut md5 = Md5::new();
    for etag in etags {
        md5.update(hex::decode(etag).ok()?);
    }
    Some(format!("{}-{count}", hex::encode(md5.finalize())))
}

fn crc_text(algorithm: Algorithm, value: u64) -> String {
    let bytes = value.to_be_bytes();
    match algorithm {
        Algorithm::Crc64Nvme => STANDARD.encode(bytes),
        _ => STANDARD.encode(low_half(bytes)),
    }
}

/// Sums that are not known here.
const UNKNOWN: [&str; 3] = [
    "x-amz-checksum-xxhash64",
    "x-amz-checksum-xxhash3",
    "x-amz-checksum-xxhash128",
];

/// What a client says of a body in its headers, before it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    md5: Option<String>,
    /// The sum; its text is in the trailer when it is not here.
    sum: Option<(Algorithm, Option<String>)>,
}

impl Declared {
    /// Reads the headers that `header` finds.
    ///
    /// # Errors
    /// `InvalidDigest` or `InvalidRequest` when one is no sum, or there are several.
    pub(super) fn read<'t>(header: impl Fn(&str) -> Option<&'t str>) -> Result<Self, ApiError> {
        let md5 = header("content-md5").map(str::to_owned);
        if md5.as_ref().is_some_and(|text| {
            STANDARD
                .decode(text)
                .map_or(true, |bytes| bytes.len() != 16)
        }) {
            let text = "The Content-MD5 you specified was invalid.";
            return Err(ApiError::new("InvalidDigest", 400, text)
                .with("Content-MD5", md5.unwrap_or_default()));
        }
        let trailer = header("x-amz-trailer").unwrap_or_default();
        let announced = |name: &str| {
            let mut names = trailer.split(',').map(str::trim);
            names.any(|announced| announced.eq_ignore_ascii_case(name))
        };
        if let Some(name) = UNKNOWN
            .iter()
            .find(|name| header(name).is_some() || announced(name))
        {
            return Err(error::not_implemented(name));
        }
        let mut sum = None;
        for algorithm in Algorithm::ALL {
            let given = header(algorithm.header());
            if given.is_none() && !announced(algorithm.header()) {
                continue;
            }
            if sum.is_some() {
                return Err(error::invalid_request(
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not \
                     allowed.",
                ));
            }
            if given.is_some_and(|text| !algorithm.is_sum(text)) {
                return Err(invalid_value(algorithm));
            }
            sum = Some((algorithm, given.map(str::to_owned)));
        }
        Ok(Self { md5, sum })
    }

    /// The algorithm of the sum.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.sum.as_ref().map(|(algorithm, _)| *algorithm)
    }
}

/// Refuses headers in the form of a sum of which there is no algorithm, where no other is sent, and a choice of
/// the SDK's that is not the algorithm of the sum that is sent.
pub(super) fn agree<'n>(
    mut headers: impl Iterator<Item = &'n str>,
    chosen: Option<&str>,
    declared: Option<Algorithm>,
) -> Result<(), ApiError> {
    let unknown = |name: &str| {
        name.starts_with("x-amz-checksum-")
            && !BESIDE.contains(&name)
            && !Algorithm::ALL.iter().any(|it| it.header() == name)
    };
    match (declared, chosen) {
        (None, _) if headers.any(unknown) => Err(error::invalid_request(
            "The algorithm type you specified in x-amz-checksum- header is invalid.",
        )),
        (Some(declared), Some(chosen)) if Algorithm::named(chosen) != Some(declared) => Err(
            error::invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid."),
        ),
        _ => Ok(()),
    }
}

/// Headers beside those that hold a sum.
const BESIDE: [&str; 3] = [
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
];

fn invalid_value(algorithm: Algorithm) -> ApiError {
    error::invalid_request(format!(
        "Value for {} header is invalid.",
        algorithm.header()
    ))
}

/// The sums of a body that is coming, but for its MD5.
pub(super) struct Digests {
    declared: Declared,
    algorithm: Algorithm,
    sum: Summing,
    also: Option<(Algorithm, Summing)>,
}

/// The sums of a body that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sums {
    /// In hexadecimal: the entity tag of an object that was put in one piece.
    pub(super) md5: String,
    /// By the algorithm of the client, or by the one that was asked for otherwise.
    pub(super) checksum: Checksum,
    /// By a further one.
    pub(super) also: Option<Checksum>,
}

impl Digests {
    /// Sums up what is to be what was declared; by `otherwise` where the client named no algorithm.
    pub(super) fn new(declared: Declared, otherwise: Algorithm) -> Self {
        let algorithm = declared.algorithm().unwrap_or(otherwise);
        Self {
            declared,
            algorithm,
            sum: Summing::new(algorithm),
            also: None,
        }
    }

    /// The algorithm of the sum that the client sends.
    pub(super) fn declared(&self) -> Option<Algorithm> {
        self.declared.algorithm()
    }

    /// Sums up by this algorithm too.
    pub(super) fn and(mut self, algorithm: Algorithm) -> Self {
        if self.algorithm != algorithm {
            self.also = Some((algorithm, Summing::new(algorithm)));
        }
        self
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.sum.update(data);
        if let Some((_, sum)) = &mut self.also {
            sum.update(data);
        }
    }

    /// The sums, if they and `md5` are those that the client gave. `trailer` finds what stood behind the
    /// body.
    ///
    /// # Errors
    /// `BadDigest` when one differs, `InvalidRequest` when one is no sum.
    pub(super) fn finish<'t>(
        self,
        md5: [u8; 16],
        trailer: impl Fn(&str) -> Option<&'t str>,
    ) -> Result<Sums, ApiError> {
        if self
            .declared
            .md5
            .is_some_and(|declared| declared != STANDARD.encode(md5))
        {
            return Err(error::bad_digest(
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
        let (algorithm, sum) = (self.algorithm, self.sum.finish());
        let given = match &self.declared.sum {
            Some((_, Some(given))) => Some(given.as_str()),
            Some((_, None)) => trailer(algorithm.header()),
            None => None,
        };
        match given {
            Some(given) if !algorithm.is_sum(given) => Err(invalid_value(algorithm)),
            Some(given) if given != sum => Err(error::bad_digest(format!(
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            ))),
            _ => Ok(Sums {
                md5: hex::encode(md5),
                checksum: Checksum::full(algorithm, sum),
                also: self
                    .also
                    .map(|(algorithm, also)| Checksum::full(algorithm, also.finish())),
            }),
        }
    }
}

/// Checks `body` against every sum that `header` finds among the request's headers, `Content-MD5`
/// included.
///
/// # Errors
/// `BadDigest` when one differs, `InvalidDigest` or `InvalidRequest` when one is no sum.
pub(super) fn verify<'t>(
    body: &[u8],
    header: impl Fn(&str) -> Option<&'t str>,
) -> Result<(), ApiError> {
    // What stood in a trailer is a header by now.
    let declared = Declared::read(|name| match name {
        "x-amz-trailer" => None,
        name => header(name),
    })?;
    if declared == Declared::default() {
        return Ok(());
    }
    let mut digests = Digests::new(declared, Algorithm::Crc32);
    digests.update(body);
    digests.finish(Md5::digest(body).into(), |_| None).map(drop)
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
        let mut digests = Digests::new(Declared::default(), Algorithm::Sha1);
        digests.update(b"12345");
        digests.update(b"6789");
        let md5 = Md5::digest(b"123456789").into();
        let sums = digests.finish(md5, |_| None).unwrap();
        assert_eq!(sums.md5, "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(sums.checksum.sum, Algorithm::Sha1.sum(b"123456789"));
    }

    fn code(headers: &[(&str, &str)]) -> String {
        let find = |name: &str| {
            headers
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, v)| *v)
        };
        match verify(b"123456789", find) {
            Ok(()) => "none".to_owned(),
            Err(error) => match error.fault() {
                Fault::Service { code, .. } => code.to_string(),
                _ => String::new(),
            },
        }
    }

    #[test]
    fn a_body_that_is_not_what_was_said_is_refused() {
        assert_eq!(code(&[]), "none");
        assert_eq!(code(&[("x-amz-checksum-crc32", "y/Q5Jg==")]), "none");
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

//! How objects' bytes are encrypted (Amazon S3 User Guide, "Protecting data with server-side
//! encryption").
//!
//! - `AES256`: with a key of S3's own, as every object that names none; nobody needs a permission for it.
//! - `aws:kms`: with a data key that KMS makes for each object, and gives back to whoever may have it.
//!   Both are asked on the caller's behalf, so that the key's policy decides, with `kms:ViaService`.
//! - With a key of the customer's, which comes with each request and is never kept: what is kept is a
//!   salted code of it, to tell it from others.
//!
//! The bytes are [sealed](sealing) before they are written anywhere.

mod customer;
mod kms;
mod own;
mod sealing;

pub(crate) use kms::key_arn;
pub use own::reseal;
pub(crate) use own::{OwnKey, OwnKeys};
pub(crate) use sealing::{
    DataKey, Opening, Sealing, Stored, Stretch, chunks, open, plain_size, seal, sealed_size,
};

use platform::{ApiError, Call};
use serde::{Deserialize, Serialize};
use store::Read;
use wire::value::Value;

use self::customer::CustomerKey;
use self::kms::KmsKey;
use super::error;
use super::record::Bucket;
use super::settings::ByDefault;

/// What S3 calls its own encryption, which every object has.
const S3: &str = "AES256";
/// The same of keys in KMS.
const KMS: &str = "aws:kms";
/// The member that says which is asked for, and its header.
const MEMBER: &str = "ServerSideEncryption";
const HEADER: &str = "x-amz-server-side-encryption";

/// How an object is encrypted, as it is kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// Answered as `AES256`, and not at all: in records of a time when S3 had no key of its own.
    #[default]
    S3,
    /// `AES256`, with S3's own key of this number.
    Own(u32),
    /// `aws:kms`.
    Kms(KmsKey),
    /// With a key of the customer's.
    Customer(CustomerKey),
}

/// What a request asks for, or the bucket where it says nothing.
enum Asked {
    S3,
    Kms(kms::Asked),
    Customer(customer::Key),
}

/// Whether the bucket takes no new bytes under keys of customers.
fn blocks(bucket: &Bucket) -> bool {
    bucket.encryption.blocks_customer_keys == Some(true)
}

fn asked(call: &Call<'_>, bucket: &Bucket) -> Result<Asked, ApiError> {
    let input = call.input();
    let named = input.str(MEMBER);
    if let Some(key) = customer::read(call, "")? {
        if let Some(named) = named {
            let text = "Server Side Encryption with Customer provided key is incompatible with the \
                        encryption method specified";
            return Err(error::invalid_argument(HEADER, named, text));
        }
        if blocks(bucket) {
            return Err(customer::blocked(call, bucket));
        }
        return Ok(Asked::Customer(key));
    }
    let by_default = match &bucket.encryption.by_default {
        ByDefault::S3 => None,
        ByDefault::Kms(key) => Some(key.as_deref()),
    };
    match (named, by_default) {
        (Some(KMS), _) => kms::Asked::read(call, bucket, input.str("SSEKMSKeyId")).map(Asked::Kms),
        (None, Some(key)) if !kms::is_named(input) => {
            kms::Asked::read(call, bucket, key).map(Asked::Kms)
        }
        (None | Some(S3), _) if kms::is_named(input) => {
            let text = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                        x-amz-server-side-encryption : aws:kms";
            Err(error::invalid_argument(
                HEADER,
                named.unwrap_or("null"),
                text,
            ))
        }
        (None | Some(S3), _) => Ok(Asked::S3),
        (Some("aws:kms:dsse"), _) => Err(error::not_built("encryption by `aws:kms:dsse`")),
        (Some(other), _) => {
            let text = "The encryption method specified is not supported";
            Err(error::invalid_argument(HEADER, other, text))
        }
    }
}

/// Refuses what no object can be encrypted with.
///
/// # Errors
/// AWS's, which say what is wrong with the request's headers.
pub(crate) fn supported(call: &Call<'_>, bucket: &Bucket) -> Result<(), ApiError> {
    asked(call, bucket).map(drop)
}

impl Encryption {
    /// How a new object under the key that the input names will be encrypted, with the key to do it. It
    /// must not be called in a write transaction.
    ///
    /// # Errors
    /// When the headers make no sense, or KMS does not give the caller a key.
    pub(crate) fn begin(
        call: &Call<'_>,
        bucket: &Bucket,
    ) -> Result<(Self, Option<DataKey>), ApiError> {
        Ok(match asked(call, bucket)? {
            Asked::S3 => {
                let (number, key) = own::current(call)?;
                (Self::Own(number), Some(key))
            }
            Asked::Kms(asked) => {
                let (kept, key) = KmsKey::make(call, bucket, &asked)?;
                (Self::Kms(kept), Some(key))
            }
            Asked::Customer(key) => {
                let (kept, key) = CustomerKey::make(call.platform(), &key)?;
                (Self::Customer(kept), Some(key))
            }
        })
    }

    /// The key for one more part of what was begun so. It must not be called in a write transaction.
    ///
    /// # Errors
    /// When the customer's key does not come with it, or KMS does not let the caller have the key.
    pub(crate) fn resume(
        &self,
        call: &Call<'_>,
        bucket: &Bucket,
    ) -> Result<Option<DataKey>, ApiError> {
        let given = customer::read(call, "")?;
        match (self, given) {
            (Self::Customer(_), Some(_)) if blocks(bucket) => Err(customer::blocked(call, bucket)),
            (Self::Customer(kept), Some(key)) => kept.open(&key).map(Some).ok_or_else(|| {
                let text =
                    "The provided encryption parameters did not match the ones used originally.";
                error::invalid_request(text)
            }),
            (Self::Customer(_), None) | (_, Some(_)) => Err(customer::other_parts()),
            (Self::Kms(kept), None) => kept.open(call, bucket).map(Some),
            (Self::Own(number), None) => own::numbered(call, *number).map(Some),
            (Self::S3, None) => Ok(None),
        }
    }

    /// Whether the request brings what it takes to know anything of the object beside its permission:
    /// the customer's key. `prefix` stands before the members that hold it.
    ///
    /// # Errors
    /// AWS's.
    pub(crate) fn unlock(&self, call: &Call<'_>, prefix: &str) -> Result<(), ApiError> {
        match self {
            Self::Customer(kept) => {
                let key = customer::read_for(call, prefix)?.ok_or_else(customer::missing)?;
                kept.open(&key).map(drop).ok_or_else(customer::wrong)
            }
            _ if customer::is_given(call.input(), prefix) => {
                customer::read(call, prefix)?;
                let text = "The encryption parameters are not applicable to this object.";
                Err(error::invalid_request(text))
            }
            _ => Ok(()),
        }
    }

    /// The key to read an object of `bucket`. It must not be called in a write transaction.
    ///
    /// # Errors
    /// When the customer's key does not come with the request, or KMS does not let the caller have the
    /// key.
    pub(crate) fn open(
        &self,
        call: &Call<'_>,
        bucket: &Bucket,
        prefix: &str,
    ) -> Result<Option<DataKey>, ApiError> {
        self.unlock(call, prefix)?;
        match self {
            Self::S3 => Ok(None),
            Self::Own(number) => own::numbered(call, *number).map(Some),
            Self::Kms(kept) => kept.open(call, bucket).map(Some),
            Self::Customer(kept) => {
                let key = customer::read_for(call, prefix)?.ok_or_else(customer::missing)?;
                kept.open(&key).map(Some).ok_or_else(customer::wrong)
            }
        }
    }

    /// Whether the caller may have the key, for what an answer says of the bytes themselves, such as their
    /// checksum.
    ///
    /// # Errors
    /// When KMS does not let them.
    pub(crate) fn reveal(&self, call: &Call<'_>, bucket: &Bucket) -> Result<(), ApiError> {
        match self {
            Self::Kms(kept) => kept.open(call, bucket).map(drop),
            Self::S3 | Self::Own(_) | Self::Customer(_) => Ok(()),
        }
    }

    /// Whether the key that the request names is, as of `tx`, still the one that was used: an alias may have
    /// been given another.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn is_still(&self, call: &Call<'_>, tx: &dyn Read) -> Result<(), ApiError> {
        match (self, call.input().str("SSEKMSKeyId")) {
            (Self::Kms(kept), Some(named)) if key_arn(call, tx, named)? != kept.arn => {
                let text = "A conflicting conditional operation is currently in progress against this \
                            resource. Please try again.";
                Err(ApiError::new("OperationAborted", 409, text))
            }
            _ => Ok(()),
        }
    }

    /// Whether the bytes are sealed.
    pub(crate) fn seals(&self) -> bool {
        !matches!(self, Self::S3)
    }

    /// Whether the entity tag is the MD5 of the bytes (Amazon S3 API Reference, "Object").
    pub(crate) fn tells_md5(&self) -> bool {
        matches!(self, Self::S3 | Self::Own(_))
    }

    /// Whether an object that is encrypted so may have the very bytes of one that is encrypted like `other`.
    pub(crate) fn shares_bytes_with(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Own(one), Self::Own(other)) if one == other)
    }

    /// Whether the customer's key is needed.
    pub(crate) fn is_customers(&self) -> bool {
        matches!(self, Self::Customer(_))
    }

    /// Adds what answers say of it.
    pub(crate) fn show(&self, call: &Call<'_>, output: Value) -> Value {
        match self {
            Self::S3 | Self::Own(_) => output.with(MEMBER, S3),
            Self::Kms(key) => output
                .with(MEMBER, KMS)
                .with("SSEKMSKeyId", key.arn.as_str())
                .with_some("BucketKeyEnabled", key.bucket_key.then_some(true)),
            Self::Customer(_) => output
                .with("SSECustomerAlgorithm", S3)
                .with_some("SSECustomerKeyMD5", call.input().str("SSECustomerKeyMD5")),
        }
    }

    /// The same where an object or an upload was begun: with the context that came with the request.
    pub(crate) fn show_begun(&self, call: &Call<'_>, output: Value) -> Value {
        let context = call.input().str("SSEKMSEncryptionContext");
        let context = context.filter(|_| matches!(self, Self::Kms(_)));
        self.show(call, output)
            .with_some("SSEKMSEncryptionContext", context)
    }
}

//! What a bucket is set to, beside its policy.

use jiff::Timestamp;
use platform::identity::Tag;
use serde::{Deserialize, Serialize};

/// Whether a bucket keeps the versions of its objects (Amazon S3 User Guide, "Using versioning in S3
/// buckets").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    /// It never did.
    #[default]
    Off,
    Enabled,
    /// It did, and keeps those that it has.
    Suspended,
}

/// The four settings of a public access block (Amazon S3 User Guide, "Blocking public access").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PublicAccess {
    pub(super) block_acls: bool,
    pub(super) ignore_acls: bool,
    pub(super) block_policy: bool,
    pub(super) restrict_buckets: bool,
}

impl PublicAccess {
    /// What new buckets begin with.
    pub(super) const BLOCKED: Self = Self {
        block_acls: true,
        ignore_acls: true,
        block_policy: true,
        restrict_buckets: true,
    };
    /// What counts where nothing is set.
    pub(super) const OPEN: Self = Self {
        block_acls: false,
        ignore_acls: false,
        block_policy: false,
        restrict_buckets: false,
    };

    /// What either blocks.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            block_acls: self.block_acls || other.block_acls,
            ignore_acls: self.ignore_acls || other.ignore_acls,
            block_policy: self.block_policy || other.block_policy,
            restrict_buckets: self.restrict_buckets || other.restrict_buckets,
        }
    }
}

/// Whose the objects are that others put, and whether access-control lists count (Amazon S3 User
/// Guide, "Controlling ownership of objects").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ownership {
    BucketOwnerEnforced,
    BucketOwnerPreferred,
    ObjectWriter,
}

impl Ownership {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "BucketOwnerEnforced" => Self::BucketOwnerEnforced,
            "BucketOwnerPreferred" => Self::BucketOwnerPreferred,
            "ObjectWriter" => Self::ObjectWriter,
            _ => return None,
        })
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}

/// Somebody's permission in an access-control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) to: Grantee,
    pub(super) permission: Permission,
}

/// Who is granted something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Grantee {
    /// An account, by its number.
    Account(String),
    /// Everyone, signed or not.
    AllUsers,
    /// Everyone who signs.
    AuthenticatedUsers,
    /// The service that delivers access logs.
    LogDelivery,
}

/// What is granted (Amazon S3 User Guide, "Access control list (ACL) overview").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Permission {
    FullControl,
    Read,
    Write,
    ReadAcp,
    WriteAcp,
}

/// A rule of what pages of other origins may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CorsRule {
    pub(super) id: Option<String>,
    pub(super) headers: Vec<String>,
    pub(super) methods: Vec<String>,
    pub(super) origins: Vec<String>,
    pub(super) expose: Vec<String>,
    pub(super) max_age: Option<i64>,
}

/// A rule of when objects end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LifecycleRule {
    pub(super) id: String,
    pub(super) enabled: bool,
    pub(super) filter: Filter,
    /// When current versions end.
    pub(super) expiration: Option<Expiration>,
    pub(super) noncurrent: Option<Noncurrent>,
    /// Days after which unfinished multipart uploads are given up.
    pub(super) abort_days: Option<u32>,
}

/// When the current version of an object ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Expiration {
    /// So many days after it was made.
    Days(u32),
    /// On that day.
    Date(Timestamp),
    /// When it is a delete marker and nothing else is left.
    DeleteMarker,
}

/// When older versions of an object end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noncurrent {
    /// Days after which a version ends that is not the current one.
    pub(super) days: u32,
    /// How many of them are kept all the same.
    pub(super) keep: u32,
}

/// Which objects a lifecycle rule is about. How it was written is kept, so that it reads back alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filter {
    /// The form in which it was given.
    pub(super) form: FilterForm,
    pub(super) prefix: Option<String>,
    pub(super) tags: Vec<Tag>,
    pub(super) larger: Option<u64>,
    pub(super) smaller: Option<u64>,
}

/// How a filter was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum FilterForm {
    /// As the rule's own `Prefix`, as was the way before 2016.
    Bare,
    /// As a `Filter` with at most one element.
    #[default]
    Single,
    /// As a `Filter` with `And`.
    And,
}

/// How new objects are encrypted where a request does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Encryption {
    pub(super) bucket_key: bool,
    #[serde(default)]
    pub(super) by_default: ByDefault,
    /// Whether keys of customers are turned away; none where that was never said.
    #[serde(default)]
    pub(super) blocks_customer_keys: Option<bool>,
}

/// What encrypts new objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ByDefault {
    /// `AES256`.
    #[default]
    S3,
    /// `aws:kms`, with this key as it was named; without, with the one that AWS manages.
    Kms(Option<String>),
}

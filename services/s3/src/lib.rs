//! Amazon S3: buckets and objects.
//!
//! Keys are characters and nothing else: `..`, `//` and `%00` name no path. Bytes lie apart from the
//! state under random names ([`ObjectBytes`]). Buckets have no versions and no access-control lists:
//! what depends on either is refused, not ignored. Sources of codes and texts: the Amazon S3 API
//! Reference and User Guide.

mod body;
mod bucket;
mod bucket_policy;
mod bytes;
mod check;
mod checksum;
mod condition;
mod content;
pub mod desired;
mod error;
mod list;
mod multipart;
mod object;
mod range;
mod record;
mod sweep;
mod tagging;

pub use self::bytes::{BytesError, ObjectBytes};
pub use self::sweep::sweep;

use platform::principal_ids;
use platform::{ApiError, Operation, Service};
use store::Write;

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateBucket", bucket::may_create, bucket::create),
    Operation::read("HeadBucket", bucket::may_head, bucket::head).unsigned(),
    Operation::write("DeleteBucket", bucket::may_delete, bucket::delete),
    Operation::read("ListBuckets", bucket::may_list, bucket::list),
    Operation::read("GetBucketLocation", bucket::may_locate, bucket::locate).unsigned(),
    Operation::write("PutBucketPolicy", bucket_policy::may, bucket_policy::put),
    Operation::read("GetBucketPolicy", bucket_policy::may, bucket_policy::get),
    Operation::write(
        "DeleteBucketPolicy",
        bucket_policy::may,
        bucket_policy::delete,
    ),
    Operation::read("ListObjectsV2", list::may, list::objects_v2)
        .on_data()
        .unsigned(),
    Operation::read("ListObjects", list::may, list::objects)
        .on_data()
        .unsigned(),
    Operation::write("PutObject", object::may_put, object::put)
        .receiving(object::receive)
        .on_data()
        .unsigned(),
    Operation::read("GetObject", object::may_get, object::get)
        .on_data()
        .unsigned(),
    Operation::read("HeadObject", object::may_get, object::head)
        .on_data()
        .unsigned(),
    Operation::write("CopyObject", object::may_copy, object::copy).on_data(),
    Operation::write("DeleteObject", object::may_delete, object::delete)
        .on_data()
        .unsigned(),
    Operation::write(
        "DeleteObjects",
        object::may_delete_many,
        object::delete_many,
    )
    .on_data(),
    Operation::read("GetObjectTagging", tagging::may, tagging::get)
        .on_data()
        .unsigned(),
    Operation::write("PutObjectTagging", tagging::may, tagging::put).on_data(),
    Operation::write("DeleteObjectTagging", tagging::may, tagging::delete).on_data(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "s3",
        principal: "s3.amazonaws.com",
        operations: OPERATIONS,
        doors: &[],
    }
}

/// Binds the policies that were stored by the names of their principals.
///
/// # Errors
/// When the store fails.
pub fn bind_policies(tx: &mut dyn Write, partition: &str) -> Result<(), ApiError> {
    principal_ids::bind_all::<record::Bucket>(tx, partition)
}

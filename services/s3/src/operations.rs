//! The operations that are built.

use platform::Operation;

use super::{
    bucket, bucket_acl, bucket_encryption, bucket_policy, config, content, cors, defaults,
    lifecycle, list, lock, multipart, object, object_acl, public_access, tagging, versions_list,
};

/// All of them, each with what S3 says beside its answers.
pub(super) static ALL: &[Operation] = &with_headers([
    Operation::write("CreateBucket", bucket::may_create, bucket::create),
    Operation::read("HeadBucket", bucket::may_head, bucket::head)
        .unsigned()
        .brief(),
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
    Operation::read(
        "GetBucketPolicyStatus",
        config::may,
        public_access::policy_status,
    ),
    Operation::read("GetPublicAccessBlock", config::may, public_access::get),
    Operation::write("PutPublicAccessBlock", config::may, public_access::put),
    Operation::write(
        "DeletePublicAccessBlock",
        config::may,
        public_access::delete,
    ),
    Operation::read(
        "GetBucketOwnershipControls",
        config::may,
        config::get_ownership,
    ),
    Operation::write(
        "PutBucketOwnershipControls",
        config::may,
        config::put_ownership,
    ),
    Operation::write(
        "DeleteBucketOwnershipControls",
        config::may,
        config::delete_ownership,
    ),
    Operation::read("GetBucketAcl", config::may, bucket_acl::get),
    Operation::write("PutBucketAcl", bucket_acl::may_put, bucket_acl::put),
    Operation::read("GetBucketVersioning", config::may, config::get_versioning),
    Operation::write("PutBucketVersioning", config::may, config::put_versioning),
    Operation::read("GetBucketEncryption", config::may, bucket_encryption::get),
    Operation::write("PutBucketEncryption", config::may, bucket_encryption::put),
    Operation::write(
        "DeleteBucketEncryption",
        config::may,
        bucket_encryption::delete,
    ),
    Operation::read("GetBucketCors", config::may, cors::get),
    Operation::write("PutBucketCors", config::may, cors::put),
    Operation::write("DeleteBucketCors", config::may, cors::delete),
    Operation::read(
        "GetBucketLifecycleConfiguration",
        config::may,
        lifecycle::get,
    ),
    Operation::write(
        "PutBucketLifecycleConfiguration",
        config::may,
        lifecycle::put,
    ),
    Operation::write("DeleteBucketLifecycle", config::may, lifecycle::delete),
    Operation::read("GetBucketTagging", config::may, config::get_tagging),
    Operation::write("PutBucketTagging", config::may, config::put_tagging),
    Operation::write("DeleteBucketTagging", config::may, config::delete_tagging),
    Operation::read(
        "GetBucketRequestPayment",
        config::may,
        defaults::get_payment,
    ),
    Operation::write(
        "PutBucketRequestPayment",
        config::may,
        defaults::put_payment,
    ),
    Operation::read("GetBucketLogging", config::may, defaults::empty),
    Operation::write("PutBucketLogging", config::may, defaults::put_logging),
    Operation::read(
        "GetBucketNotificationConfiguration",
        config::may,
        defaults::empty,
    ),
    Operation::write(
        "PutBucketNotificationConfiguration",
        config::may,
        defaults::put_notification,
    ),
    Operation::read(
        "GetBucketAccelerateConfiguration",
        config::may,
        defaults::empty,
    ),
    Operation::read("GetBucketWebsite", config::may, defaults::get_website),
    Operation::write("DeleteBucketWebsite", config::may, defaults::delete),
    Operation::read(
        "GetBucketReplication",
        config::may,
        defaults::get_replication,
    ),
    Operation::write("DeleteBucketReplication", config::may, defaults::delete),
    Operation::read("GetObjectLockConfiguration", config::may, lock::get),
    Operation::write("PutObjectLockConfiguration", config::may, lock::put),
    Operation::read(
        "ListBucketAnalyticsConfigurations",
        config::may,
        defaults::none,
    ),
    Operation::read(
        "ListBucketIntelligentTieringConfigurations",
        config::may,
        defaults::none,
    ),
    Operation::read(
        "ListBucketInventoryConfigurations",
        config::may,
        defaults::none,
    ),
    Operation::read(
        "ListBucketMetricsConfigurations",
        config::may,
        defaults::none,
    ),
    Operation::read("ListObjectsV2", list::may, list::objects_v2)
        .on_data()
        .unsigned(),
    Operation::read(
        "ListObjectVersions",
        versions_list::may,
        versions_list::list,
    )
    .on_data()
    .unsigned(),
    Operation::read("ListObjects", list::may, list::objects)
        .on_data()
        .unsigned(),
    Operation::write("PutObject", object::may_put, object::put)
        .receiving(object::receive)
        .brief_up_to(content::FEW)
        .on_data()
        .unsigned(),
    Operation::read("GetObject", object::may_get, object::get)
        .brief()
        .on_data()
        .unsigned(),
    Operation::read("HeadObject", object::may_get, object::head)
        .brief()
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
    Operation::read(
        "GetObjectAttributes",
        object::may_get_attributes,
        object::attributes,
    )
    .on_data()
    .unsigned(),
    Operation::write("CreateMultipartUpload", object::may_begin, multipart::begin)
        .on_data()
        .unsigned(),
    Operation::write("UploadPart", multipart::may_put_part, multipart::put_part)
        .receiving(multipart::receive_part)
        .on_data()
        .unsigned(),
    Operation::write(
        "UploadPartCopy",
        multipart::may_copy_part,
        multipart::copy_part,
    )
    .on_data(),
    Operation::write(
        "CompleteMultipartUpload",
        multipart::may_complete,
        multipart::complete,
    )
    .on_data()
    .unsigned(),
    Operation::write(
        "AbortMultipartUpload",
        multipart::may_abort,
        multipart::abort,
    )
    .on_data()
    .unsigned(),
    Operation::read(
        "ListParts",
        multipart::may_list_parts,
        multipart::list_parts,
    )
    .on_data()
    .unsigned(),
    Operation::read(
        "ListMultipartUploads",
        multipart::may_list_uploads,
        multipart::list_uploads,
    )
    .on_data()
    .unsigned(),
    Operation::read("GetObjectTagging", tagging::may, tagging::get)
        .on_data()
        .unsigned(),
    Operation::write("PutObjectTagging", tagging::may, tagging::put).on_data(),
    Operation::write("DeleteObjectTagging", tagging::may, tagging::delete).on_data(),
    Operation::read("GetObjectRetention", lock::may, lock::get_retention).on_data(),
    Operation::write("PutObjectRetention", lock::may, lock::put_retention).on_data(),
    Operation::read("GetObjectLegalHold", lock::may, lock::get_hold).on_data(),
    Operation::write("PutObjectLegalHold", lock::may, lock::put_hold).on_data(),
    Operation::read("GetObjectAcl", object_acl::may, object_acl::get)
        .on_data()
        .unsigned(),
    Operation::write("PutObjectAcl", object_acl::may, object_acl::put).on_data(),
]);

const fn with_headers<const N: usize>(mut rows: [Operation; N]) -> [Operation; N] {
    let mut at = 0;
    while at < N {
        #[expect(
            clippy::indexing_slicing,
            reason = "the loop ends before the array does"
        )]
        {
            rows[at].beside = Some(&cors::BESIDE);
        }
        at += 1;
    }
    rows
}

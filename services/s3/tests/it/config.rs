//! The settings of buckets (Amazon S3 API Reference; Service Authorization Reference, "Amazon S3").

use serde_json::json;
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{ACCOUNT, Answer, OTHER_ACCOUNT, World};

fn get(world: &World, bucket: &Bucket<'_>, what: &str) -> Answer {
    bucket.call(world.root(), "GET", what, &[], "")
}

fn put(world: &World, bucket: &Bucket<'_>, what: &str, body: &str) -> Answer {
    bucket.call(world.root(), "PUT", what, &[], body)
}

#[test]
fn a_new_bucket_has_aws_own_defaults() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for (what, holds) in [
        ("?versioning", "<VersioningConfiguration xmlns="),
        (
            "?publicAccessBlock",
            "<RestrictPublicBuckets>true</RestrictPublicBuckets>",
        ),
        (
            "?ownershipControls",
            "<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>",
        ),
        ("?encryption", "<SSEAlgorithm>AES256</SSEAlgorithm>"),
        ("?acl", "<Permission>FULL_CONTROL</Permission>"),
        ("?requestPayment", "<Payer>BucketOwner</Payer>"),
        ("?logging", "<BucketLoggingStatus xmlns="),
        ("?notification", "<NotificationConfiguration xmlns="),
        ("?accelerate", "<AccelerateConfiguration xmlns="),
        ("?inventory", "<IsTruncated>false</IsTruncated>"),
    ] {
        let answer = get(&world, &bucket, what).checked();
        assert!(answer.text().contains(holds), "{what}: {}", answer.text());
    }
    assert!(
        !get(&world, &bucket, "?versioning")
            .text()
            .contains("Status")
    );
    for (what, code) in [
        ("?policy", "NoSuchBucketPolicy"),
        ("?policyStatus", "NoSuchBucketPolicy"),
        ("?cors", "NoSuchCORSConfiguration"),
        ("?lifecycle", "NoSuchLifecycleConfiguration"),
        ("?tagging", "NoSuchTagSet"),
        ("?website", "NoSuchWebsiteConfiguration"),
        ("?replication", "ReplicationConfigurationNotFoundError"),
        ("?object-lock", "ObjectLockConfigurationNotFoundError"),
    ] {
        let answer = get(&world, &bucket, what);
        assert_eq!(
            (answer.status, answer.error().0.as_str()),
            (404, code),
            "{what}"
        );
        assert!(
            answer.text().contains("<BucketName>data</BucketName>"),
            "{what}"
        );
    }
}

#[test]
fn each_setting_has_an_action_of_its_own() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let alice = world.user("alice");
    for (method, what, action) in [
        ("GET", "?cors", "s3:GetBucketCORS"),
        ("DELETE", "?cors", "s3:PutBucketCORS"),
        ("GET", "?lifecycle", "s3:GetLifecycleConfiguration"),
        ("DELETE", "?lifecycle", "s3:PutLifecycleConfiguration"),
        ("GET", "?encryption", "s3:GetEncryptionConfiguration"),
        ("DELETE", "?encryption", "s3:PutEncryptionConfiguration"),
        ("GET", "?publicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        (
            "DELETE",
            "?publicAccessBlock",
            "s3:PutBucketPublicAccessBlock",
        ),
        (
            "DELETE",
            "?ownershipControls",
            "s3:PutBucketOwnershipControls",
        ),
        ("DELETE", "?tagging", "s3:PutBucketTagging"),
        ("GET", "?versioning", "s3:GetBucketVersioning"),
        ("GET", "?policyStatus", "s3:GetBucketPolicyStatus"),
        ("GET", "?acl", "s3:GetBucketAcl"),
        ("GET", "?object-lock", "s3:GetBucketObjectLockConfiguration"),
        ("GET", "?notification", "s3:GetBucketNotification"),
    ] {
        let denied = bucket.call(&alice, method, what, &[], "");
        let message = denied.error().1;
        assert!(
            message.contains(&format!("perform: {action} on resource")),
            "{message}"
        );
        let allow = json!([{"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::data"}]);
        world.put_policy("User", "alice", &document(&allow));
        assert_ne!(
            bucket.call(&alice, method, what, &[], "").status,
            403,
            "{method} {what}"
        );
        let other = json!([{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}]);
        world.put_policy("User", "alice", &document(&other));
    }
}

#[test]
fn what_is_set_reads_back() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for (what, body, holds) in [
        (
            "?tagging",
            "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>",
            "<Key>team</Key><Value>a</Value>",
        ),
        (
            "?cors",
            "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod>\
             <AllowedOrigin>*</AllowedOrigin><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>\
             </CORSConfiguration>",
            "<MaxAgeSeconds>5</MaxAgeSeconds>",
        ),
        (
            "?lifecycle",
            "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><And>\
             <Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>\
             <Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>",
            "<And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And>",
        ),
        (
            "?versioning",
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            "<Status>Enabled</Status>",
        ),
        (
            "?ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
             </OwnershipControls>",
            "ObjectWriter",
        ),
    ] {
        put(&world, &bucket, what, body).checked();
        let answer = get(&world, &bucket, what).checked();
        assert!(answer.text().contains(holds), "{what}: {}", answer.text());
    }
    for what in ["?tagging", "?cors", "?lifecycle", "?ownershipControls"] {
        bucket.call(world.root(), "DELETE", what, &[], "").checked();
        assert_eq!(get(&world, &bucket, what).status, 404, "{what}");
    }
}

#[test]
fn what_cannot_be_done_is_refused_and_not_pretended() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for (what, body) in [
        (
            "?versioning",
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>\
             </VersioningConfiguration>",
        ),
        (
            "?requestPayment",
            "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
        ),
        (
            "?logging",
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>b</TargetBucket>\
             <TargetPrefix>p</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
        ),
        (
            "?encryption",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>aws:kms:dsse</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
             </ServerSideEncryptionConfiguration>",
        ),
        (
            "?lifecycle",
            "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Transition>\
             <Days>1</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>\
             </LifecycleConfiguration>",
        ),
        (
            "?accelerate",
            "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
        ),
    ] {
        let refused = put(&world, &bucket, what, body);
        assert_eq!(
            (refused.status, refused.error().0.as_str()),
            (501, "NotImplemented"),
            "{what}"
        );
    }
}

#[test]
fn lifecycles_are_checked_as_aws_checks_them() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let rule = |inner: &str| {
        let status = "<Status>Enabled</Status>";
        let whole = format!(
            "<LifecycleConfiguration><Rule>{status}{inner}</Rule></LifecycleConfiguration>"
        );
        let answer = put(&world, &bucket, "?lifecycle", &whole);
        if answer.status == 200 {
            String::new()
        } else {
            answer.error().0
        }
    };
    for (inner, code) in [
        ("<Filter/><Expiration><Days>1</Days></Expiration>", ""),
        (
            "<Prefix></Prefix><Expiration><Days>1</Days></Expiration>",
            "",
        ),
        ("<Expiration><Days>1</Days></Expiration>", "MalformedXML"),
        (
            "<Filter/><Expiration><Days>0</Days></Expiration>",
            "InvalidArgument",
        ),
        ("<Filter/>", "InvalidRequest"),
        (
            "<Filter/><Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>",
            "InvalidArgument",
        ),
        (
            "<Filter/><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>",
            "",
        ),
        (
            "<Filter/><Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>",
            "MalformedXML",
        ),
        (
            "<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Expiration>\
             <ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
            "InvalidRequest",
        ),
        (
            "<Filter><And><Prefix>a</Prefix></And></Filter><Expiration><Days>1</Days></Expiration>",
            "MalformedXML",
        ),
        (
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
             <NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
            "InvalidArgument",
        ),
        (
            "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload>",
            "",
        ),
    ] {
        assert_eq!(rule(inner), code, "{inner}");
    }
}

fn everyone(action: &str) -> serde_json::Value {
    json!([{"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::data/*"}])
}

#[test]
fn public_policies_are_kept_out_and_then_told() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let refused = bucket.policy(&everyone("s3:GetObject"));
    assert_eq!(refused.status, 403);
    assert!(refused.error().1.ends_with(
        "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public \
         Access."
    ));
    bucket.open();
    bucket.policy(&everyone("s3:GetObject")).checked();
    let status = get(&world, &bucket, "?policyStatus").checked();
    assert!(
        status.text().contains("<IsPublic>true</IsPublic>"),
        "{}",
        status.text()
    );
    assert_eq!(world.unsigned("GET", "/data/k").text(), "hello");

    // Restricted: strangers are out, the own account is in.
    let only = |setting: &str| {
        let body = format!(
            "<PublicAccessBlockConfiguration><{setting}>true</{setting}></PublicAccessBlockConfiguration>"
        );
        put(&world, &bucket, "?publicAccessBlock", &body).checked();
    };
    only("RestrictPublicBuckets");
    assert_eq!(world.unsigned("GET", "/data/k").status, 403);
    assert_eq!(bucket.get(world.other_root(), "k").status, 403);
    assert_eq!(bucket.get(&world.user("alice"), "k").status, 200);
    only("IgnorePublicAcls");
    assert_eq!(world.unsigned("GET", "/data/k").status, 200);

    // A policy for known callers is not public.
    let known = json!([{"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT},
                        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}]);
    bucket.policy(&known).checked();
    only("RestrictPublicBuckets");
    assert_eq!(bucket.get(world.other_root(), "k").status, 200);
    let status = get(&world, &bucket, "?policyStatus").checked();
    assert!(status.text().contains("<IsPublic>false</IsPublic>"));
}

#[test]
fn lists_count_only_where_the_owner_is_not_enforced() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let acl = |value: &str| bucket.call(world.root(), "PUT", "?acl", &[("x-amz-acl", value)], "");
    assert_eq!(
        acl("public-read").error().0,
        "AccessControlListNotSupported"
    );
    assert_eq!(acl("private").error().0, "AccessControlListNotSupported");
    let own = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
               </OwnershipControls>";
    put(&world, &bucket, "?ownershipControls", own).checked();
    let blocked = acl("public-read");
    assert_eq!(blocked.status, 403);
    assert!(
        blocked.error().1.contains("BlockPublicAcls"),
        "{}",
        blocked.text()
    );
    bucket.open();
    assert_eq!(world.unsigned("GET", "/data").status, 403);
    acl("public-read").checked();
    assert_eq!(world.unsigned("GET", "/data").status, 200);
    assert_eq!(world.unsigned("GET", "/data?acl").status, 403);
    let shown = get(&world, &bucket, "?acl").checked();
    assert!(
        shown
            .text()
            .contains("http://acs.amazonaws.com/groups/global/AllUsers")
    );
    acl("authenticated-read").checked();
    assert_eq!(world.unsigned("GET", "/data").status, 403);
    assert_eq!(
        bucket.call(world.other_root(), "GET", "", &[], "").status,
        200
    );

    // Ignored lists stay, and count again when they are no longer ignored.
    let ignore = "<PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls>\
                  </PublicAccessBlockConfiguration>";
    put(&world, &bucket, "?publicAccessBlock", ignore).checked();
    assert_eq!(
        bucket.call(world.other_root(), "GET", "", &[], "").status,
        403
    );
    bucket.open();
    assert_eq!(
        bucket.call(world.other_root(), "GET", "", &[], "").status,
        200
    );
    let enforced = own.replace("ObjectWriter", "BucketOwnerEnforced");
    let refused = put(&world, &bucket, "?ownershipControls", &enforced);
    assert_eq!(refused.error().0, "InvalidBucketAclWithObjectOwnership");
    acl("private").checked();
    put(&world, &bucket, "?ownershipControls", &enforced).checked();
}

#[test]
fn a_list_names_accounts_by_their_canonical_ids() {
    let world = World::new();
    let headers = [("x-amz-object-ownership", "BucketOwnerPreferred")];
    world
        .http(world.root(), "s3", "PUT", "/data", &headers, "".into())
        .checked();
    let list = |who: &testkit::Credentials| world.http(who, "s3", "GET", "/data", &[], "".into());
    let owners = world.http(world.other_root(), "s3", "GET", "/", &[], "".into());
    let id = owners.xml("ID");
    let grant = format!("id=\"{id}\"");
    let acl = |grant: &str| {
        let headers = [("x-amz-grant-read", grant)];
        world.http(world.root(), "s3", "PUT", "/data?acl", &headers, "".into())
    };
    assert_eq!(list(world.other_root()).status, 403);
    acl(&grant).checked();
    assert_eq!(list(world.other_root()).status, 200);
    assert_eq!(acl("id=\"nobody\"").error().0, "InvalidArgument");
    assert_eq!(
        acl("emailAddress=\"a@b\"").error().0,
        "UnresolvableGrantByEmailAddress"
    );
    assert_ne!(ACCOUNT, OTHER_ACCOUNT);
}

#[test]
fn a_bucket_with_a_list_needs_more_than_the_permission_to_make_buckets() {
    let world = World::new();
    let alice = world.user("alice");
    let make = json!([{"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "*"}]);
    world.put_policy("User", "alice", &document(&make));
    let create = |name: &str, headers: &[(&str, &str)]| {
        world.http(&alice, "s3", "PUT", &format!("/{name}"), headers, "".into())
    };
    create("plain", &[]).checked();
    create("private", &[("x-amz-acl", "private")]).checked();
    let owned = [("x-amz-object-ownership", "ObjectWriter")];
    assert!(
        create("owned", &owned)
            .error()
            .1
            .contains("s3:PutBucketOwnershipControls")
    );
    let all = json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]);
    world.put_policy("User", "alice", &document(&all));
    create("owned", &owned).checked();
    let public = [("x-amz-acl", "public-read")];
    assert_eq!(
        create("public", &public).error().0,
        "InvalidBucketAclWithObjectOwnership"
    );
    let both = [owned[0], public[0]];
    assert_eq!(
        create("public", &both).error().0,
        "InvalidBucketAclWithBlockPublicAccessError"
    );
}

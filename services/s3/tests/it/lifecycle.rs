//! Lifecycles carried out (Amazon S3 User Guide, "Managing the lifecycle of objects").

use jiff::SignedDuration;
use s3::expire;
use testkit::World;
use testkit::bucket::Bucket;

fn set(world: &World, bucket: &Bucket<'_>, rules: &str) {
    let body = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
    bucket
        .call(world.root(), "PUT", "?lifecycle", &[], &body)
        .checked();
}

fn rule(inner: &str) -> String {
    format!("<Rule><ID>r</ID><Status>Enabled</Status>{inner}</Rule>")
}

fn days(world: &World, days: i64) {
    world.clock.advance(SignedDuration::from_hours(24 * days));
}

pub(crate) fn enable_versions(world: &World, bucket: &Bucket<'_>) {
    let body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    bucket
        .call(world.root(), "PUT", "?versioning", &[], body)
        .checked();
}

fn versions(world: &World, bucket: &Bucket<'_>) -> (usize, usize) {
    let answer = bucket
        .call(world.root(), "GET", "?versions", &[], "")
        .checked();
    let text = answer.text();
    (
        text.matches("<Version>").count(),
        text.matches("<DeleteMarker>").count(),
    )
}

#[test]
fn objects_end_when_their_time_is_over_and_no_sooner() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    set(
        &world,
        &bucket,
        &rule("<Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>2</Days></Expiration>"),
    );
    let put = bucket.put("tmp/a", "x").checked();
    let expected = "expiry-date=\"Mon, 05 Jan 2026 00:00:00 GMT\", rule-id=\"r\"";
    assert_eq!(put.headers["x-amz-expiration"], expected);
    assert_eq!(
        bucket.get(world.root(), "tmp/a").headers["x-amz-expiration"],
        expected
    );
    let kept = bucket.put("kept", "x").checked();
    assert!(!kept.headers.contains_key("x-amz-expiration"));
    days(&world, 2);
    assert_eq!(expire(&world.platform).unwrap(), 0);
    days(&world, 1);
    assert_eq!(expire(&world.platform).unwrap(), 1);
    assert_eq!(bucket.keys("?list-type=2"), ["kept"]);
    assert_eq!(expire(&world.platform).unwrap(), 0);
}

#[test]
fn older_versions_end_by_their_own_age_but_some_are_kept() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    enable_versions(&world, &bucket);
    set(
        &world,
        &bucket,
        &rule(
            "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
             <NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        ),
    );
    for body in ["one", "two", "three", "four"] {
        bucket.put("k", body).checked();
    }
    assert_eq!(expire(&world.platform).unwrap(), 0);
    days(&world, 3);
    assert_eq!(expire(&world.platform).unwrap(), 2);
    assert_eq!(versions(&world, &bucket), (2, 0));
    assert_eq!(bucket.get(world.root(), "k").text(), "four");
}

#[test]
fn with_versions_an_object_ends_by_a_marker_and_the_marker_when_it_is_alone() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    enable_versions(&world, &bucket);
    bucket.put("k", "x").checked();
    set(
        &world,
        &bucket,
        &rule(
            "<Filter/><Expiration><Days>1</Days></Expiration><NoncurrentVersionExpiration>\
             <NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>",
        ),
    );
    days(&world, 2);
    expire(&world.platform).unwrap();
    assert_eq!(versions(&world, &bucket), (1, 1));
    days(&world, 2);
    expire(&world.platform).unwrap();
    expire(&world.platform).unwrap();
    assert_eq!(versions(&world, &bucket), (0, 0));
}

#[test]
fn unfinished_uploads_are_given_up() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    set(
        &world,
        &bucket,
        &rule(
            "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload>",
        ),
    );
    bucket
        .call(world.root(), "POST", "/k?uploads", &[], "")
        .checked();
    let open = || {
        let answer = bucket
            .call(world.root(), "GET", "?uploads", &[], "")
            .checked();
        answer.text().matches("<UploadId>").count()
    };
    assert_eq!(open(), 1);
    days(&world, 2);
    assert_eq!(expire(&world.platform).unwrap(), 1);
    assert_eq!(open(), 0);
}

#[test]
fn a_list_of_an_object_lets_others_in_where_lists_count() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.open();
    let public = [("x-amz-acl", "public-read")];
    let refused = bucket.put_with("k", "x", &public);
    assert_eq!(refused.error().0, "AccessControlListNotSupported");
    bucket
        .put_with("k", "x", &[("x-amz-acl", "bucket-owner-full-control")])
        .checked();
    let own = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
               </OwnershipControls>";
    bucket
        .call(world.root(), "PUT", "?ownershipControls", &[], own)
        .checked();
    bucket.put_with("k", "x", &public).checked();
    bucket.put("private", "x").checked();
    assert_eq!(world.unsigned("GET", "/data/k").text(), "x");
    assert_eq!(world.unsigned("GET", "/data/private").status, 403);
    assert_eq!(world.unsigned("GET", "/data/k?acl").status, 403);
    let shown = bucket
        .call(world.root(), "GET", "/k?acl", &[], "")
        .checked();
    assert!(shown.text().contains("AllUsers"), "{}", shown.text());
    bucket
        .call(
            world.root(),
            "PUT",
            "/k?acl",
            &[("x-amz-acl", "private")],
            "",
        )
        .checked();
    assert_eq!(world.unsigned("GET", "/data/k").status, 403);
}

#[test]
fn encryption_is_what_every_object_has_and_policies_may_demand_it() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let name = "x-amz-server-side-encryption";
    let put = bucket.put_with("k", "x", &[(name, "AES256")]).checked();
    assert_eq!(put.headers[name], "AES256");
    assert_eq!(bucket.get(world.root(), "k").headers[name], "AES256");
    let demand = serde_json::json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::data/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}}]);
    bucket.policy(&demand).checked();
    assert_eq!(bucket.put("k", "x").status, 403);
    bucket.put_with("k", "x", &[(name, "AES256")]).checked();
}

//! Object Lock (Amazon S3 User Guide, "Locking objects with Object Lock").

use jiff::SignedDuration;
use serde_json::json;
use testkit::bucket::Bucket;
use testkit::documents::allow;
use testkit::{Answer, Credentials, World};

const BYPASS: &[(&str, &str)] = &[("x-amz-bypass-governance-retention", "true")];
const PROTECTED: &str = "Access Denied because object protected by object lock.";

/// A bucket whose objects can be locked.
fn locking(world: &World) -> Bucket<'_> {
    let headers = [("x-amz-bucket-object-lock-enabled", "true")];
    let root = world.root();
    world
        .http(root, "s3", "PUT", "/data", &headers, "".into())
        .checked();
    // It is there already, which is no error.
    Bucket::new(world, "data")
}

/// An instant so many days from now.
fn in_days(world: &World, days: i64) -> String {
    let now = world.platform.now();
    let then = now
        .checked_add(SignedDuration::from_hours(24 * days))
        .unwrap();
    then.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Puts the object `k` with these headers, and returns its version.
fn put(bucket: &Bucket<'_>, headers: &[(&str, &str)]) -> String {
    let put = bucket.put_with("k", "x", headers).checked();
    put.headers["x-amz-version-id"].to_str().unwrap().to_owned()
}

fn kept(bucket: &Bucket<'_>, mode: &str, until: &str) -> String {
    let headers = [
        ("x-amz-object-lock-mode", mode),
        ("x-amz-object-lock-retain-until-date", until),
    ];
    put(bucket, &headers)
}

fn retain(
    bucket: &Bucket<'_>,
    who: &Credentials,
    version: &str,
    inner: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let path = format!("/k?retention&versionId={version}");
    let body = format!("<Retention>{inner}</Retention>");
    bucket.call(who, "PUT", &path, headers, &body)
}

fn retention(mode: &str, until: &str) -> String {
    format!("<Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate>")
}

fn hold(bucket: &Bucket<'_>, who: &Credentials, version: &str, status: &str) -> Answer {
    let path = format!("/k?legal-hold&versionId={version}");
    let body = format!("<LegalHold><Status>{status}</Status></LegalHold>");
    bucket.call(who, "PUT", &path, &[], &body)
}

fn delete(
    bucket: &Bucket<'_>,
    who: &Credentials,
    version: &str,
    headers: &[(&str, &str)],
) -> Answer {
    bucket.call(
        who,
        "DELETE",
        &format!("/k?versionId={version}"),
        headers,
        "",
    )
}

#[test]
fn nobody_removes_what_compliance_keeps_before_its_time() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let version = kept(&bucket, "COMPLIANCE", &in_days(&world, 2));
    for headers in [&[][..], BYPASS] {
        let refused = delete(&bucket, root, &version, headers);
        assert_eq!(
            refused.error(),
            ("AccessDenied".to_owned(), PROTECTED.to_owned())
        );
    }
    let get = bucket.get(root, "k").checked();
    assert_eq!(get.headers["x-amz-object-lock-mode"], "COMPLIANCE");
    // A marker may stand before it, and a later version.
    bucket.call(root, "DELETE", "/k", &[], "").checked();
    put(&bucket, &[]);
    let list =
        format!("<Delete><Object><Key>k</Key><VersionId>{version}</VersionId></Object></Delete>");
    let many = bucket
        .call(root, "POST", "?delete", BYPASS, &list)
        .checked();
    assert_eq!(
        (many.xml("Code"), many.xml("Message")),
        ("AccessDenied".to_owned(), PROTECTED.to_owned())
    );
    let shorter = retention("COMPLIANCE", &in_days(&world, 1));
    assert_eq!(
        retain(&bucket, root, &version, &shorter, BYPASS).status,
        403
    );
    assert_eq!(retain(&bucket, root, &version, "", BYPASS).status, 403);
    let longer = retention("COMPLIANCE", &in_days(&world, 3));
    retain(&bucket, root, &version, &longer, &[]).checked();
    world.clock.advance(SignedDuration::from_hours(49));
    assert_eq!(delete(&bucket, root, &version, &[]).status, 403);
    world.clock.advance(SignedDuration::from_hours(24));
    delete(&bucket, root, &version, &[]).checked();
}

#[test]
fn governance_is_passed_over_by_who_may_and_says_so() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let alice = world.user("alice");
    let may = |actions: &[&str]| world.put_policy("User", "alice", &allow(actions, "*"));
    let version = kept(&bucket, "GOVERNANCE", &in_days(&world, 2));
    may(&["s3:DeleteObject*", "s3:PutObject*"]);
    assert_eq!(
        delete(&bucket, root, &version, &[]).status,
        403,
        "who may must say so"
    );
    assert_eq!(
        delete(&bucket, &alice, &version, BYPASS).status,
        403,
        "and who says so must be let"
    );
    let shorter = retention("GOVERNANCE", &in_days(&world, 1));
    assert_eq!(retain(&bucket, root, &version, &shorter, &[]).status, 403);
    assert_eq!(
        retain(&bucket, &alice, &version, &shorter, BYPASS).status,
        403
    );
    may(&[
        "s3:DeleteObject*",
        "s3:PutObject*",
        "s3:BypassGovernanceRetention",
    ]);
    retain(&bucket, &alice, &version, &shorter, BYPASS).checked();
    hold(&bucket, root, &version, "ON").checked();
    assert_eq!(
        delete(&bucket, &alice, &version, BYPASS).status,
        403,
        "a hold is no governance"
    );
    hold(&bucket, root, &version, "OFF").checked();
    delete(&bucket, &alice, &version, BYPASS).checked();
    // Each of several keys by itself, also where one is named twice.
    let [first, second, third] = ["GOVERNANCE", "GOVERNANCE", "COMPLIANCE"]
        .map(|mode| kept(&bucket, mode, &in_days(&world, 2)));
    let one =
        |version: &str| format!("<Object><Key>k</Key><VersionId>{version}</VersionId></Object>");
    let list = [&first, &first, &third]
        .map(|version| one(version))
        .concat();
    let list = format!("<Delete>{list}</Delete>");
    let many = bucket
        .call(&alice, "POST", "?delete", BYPASS, &list)
        .checked();
    assert_eq!(
        many.text().matches("<Deleted>").count(),
        2,
        "{}",
        many.text()
    );
    assert_eq!(many.text().matches("<Error>").count(), 1);
    let list = format!("<Delete>{}</Delete>", one(&second));
    may(&["s3:DeleteObject*"]);
    let many = bucket
        .call(&alice, "POST", "?delete", BYPASS, &list)
        .checked();
    assert_eq!(many.xml("Code"), "AccessDenied");
    // Where nothing is in the way, the header asks for nothing more.
    let free = put(&bucket, &[]);
    delete(&bucket, &alice, &free, BYPASS).checked();
}

#[test]
fn a_hold_has_no_end_but_the_one_it_is_given() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let version = put(&bucket, &[("x-amz-object-lock-legal-hold", "ON")]);
    world.clock.advance(SignedDuration::from_hours(24 * 400));
    assert_eq!(delete(&bucket, root, &version, BYPASS).status, 403);
    let path = format!("/k?legal-hold&versionId={version}");
    let shown = bucket.call(root, "GET", &path, &[], "").checked();
    assert_eq!(shown.xml("Status"), "ON");
    let alice = world.user("alice");
    world.put_policy(
        "User",
        "alice",
        &allow(&["s3:*Retention", "s3:GetObject"], "*"),
    );
    assert_eq!(hold(&bucket, &alice, &version, "OFF").status, 403);
    let told = bucket.get(&alice, "k").checked();
    assert!(
        !told.headers.contains_key("x-amz-object-lock-legal-hold"),
        "who may not ask is not told"
    );
    assert_eq!(
        bucket.get(root, "k").headers["x-amz-object-lock-legal-hold"],
        "ON"
    );
    hold(&bucket, root, &version, "OFF").checked();
    delete(&bucket, root, &version, &[]).checked();
}

#[test]
fn a_bucket_keeps_new_objects_by_default() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let set = |inner: &str| {
        let body = format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{inner}\
             </ObjectLockConfiguration>"
        );
        bucket.call(root, "PUT", "?object-lock", &[], &body)
    };
    let rule = |inner: &str| {
        set(&format!(
            "<Rule><DefaultRetention>{inner}</DefaultRetention></Rule>"
        ))
    };
    for (inner, code) in [
        ("<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidArgument"),
        (
            "<Mode>GOVERNANCE</Mode><Days>36501</Days>",
            "InvalidArgument",
        ),
        (
            "<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>",
            "MalformedXML",
        ),
        ("<Mode>GOVERNANCE</Mode>", "MalformedXML"),
        ("<Mode>NONE</Mode><Days>1</Days>", "MalformedXML"),
    ] {
        assert_eq!(rule(inner).error().0, code, "{inner}");
    }
    rule("<Mode>GOVERNANCE</Mode><Days>2</Days>").checked();
    let shown = bucket.call(root, "GET", "?object-lock", &[], "").checked();
    assert_eq!(
        (shown.xml("Mode"), shown.xml("Days")),
        ("GOVERNANCE".to_owned(), "2".to_owned())
    );
    let version = put(&bucket, &[]);
    let path = format!("/k?retention&versionId={version}");
    let shown = bucket.call(root, "GET", &path, &[], "").checked();
    assert_eq!(shown.xml("Mode"), "GOVERNANCE");
    assert_eq!(shown.xml("RetainUntilDate")[..19], in_days(&world, 2)[..19]);
    assert_eq!(delete(&bucket, root, &version, &[]).status, 403);
    let own = kept(&bucket, "COMPLIANCE", &in_days(&world, 1));
    let path = format!("/k?retention&versionId={own}");
    let shown = bucket.call(root, "GET", &path, &[], "").checked();
    assert_eq!(
        shown.xml("Mode"),
        "COMPLIANCE",
        "what the request says comes first"
    );
    let copied = bucket
        .put_with("copy", "", &[("x-amz-copy-source", "data/k")])
        .checked();
    let copied = copied.headers["x-amz-version-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let path = format!("/copy?retention&versionId={copied}");
    let shown = bucket.call(root, "GET", &path, &[], "").checked();
    assert_eq!(shown.xml("Mode"), "GOVERNANCE", "a copy is a new object");
    set("").checked();
    let free = put(&bucket, &[]);
    let path = format!("/k?retention&versionId={free}");
    let none = bucket.call(root, "GET", &path, &[], "");
    assert_eq!(none.error().0, "NoSuchObjectLockConfiguration");
    delete(&bucket, root, &free, &[]).checked();
    let suspend = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    let refused = bucket.call(root, "PUT", "?versioning", &[], suspend);
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (409, "InvalidBucketState")
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let later = in_days(&world, 1);
    let past = in_days(&world, -1);
    let (mode, until) = (
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
    );
    for headers in [
        &[(mode, "GOVERNANCE")][..],
        &[(until, later.as_str())],
        &[(mode, "NONE"), (until, &later)],
        &[(mode, "GOVERNANCE"), (until, &past)],
        &[("x-amz-object-lock-legal-hold", "MAYBE")],
    ] {
        assert_eq!(
            bucket.put_with("k", "x", headers).error().0,
            "InvalidArgument",
            "{headers:?}"
        );
    }
    let version = put(&bucket, &[]);
    let over = retain(
        &bucket,
        root,
        &version,
        &retention("GOVERNANCE", &past),
        &[],
    );
    assert_eq!(over.error().0, "InvalidArgument");
    let half = retain(&bucket, root, &version, "<Mode>GOVERNANCE</Mode>", &[]);
    assert_eq!(half.error().0, "MalformedXML");
    // A bucket without locks knows none of it.
    let other = Bucket::new(&world, "other");
    let headers = [("x-amz-object-lock-legal-hold", "ON")];
    let refused = other.put_with("k", "x", &headers);
    assert_eq!(
        refused.error().1,
        "Bucket is missing Object Lock Configuration"
    );
    other.put("k", "x").checked();
    let refused = other.call(root, "GET", "/k?retention", &[], "");
    assert_eq!(refused.error().0, "InvalidRequest");
    let refused = other.call(root, "GET", "?object-lock", &[], "");
    assert_eq!(refused.error().0, "ObjectLockConfigurationNotFoundError");
    let on = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>\
              </ObjectLockConfiguration>";
    let refused = other.call(root, "PUT", "?object-lock", &[], on);
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (409, "InvalidBucketState")
    );
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    other
        .call(root, "PUT", "?versioning", &[], enabled)
        .checked();
    other.call(root, "PUT", "?object-lock", &[], on).checked();
    other.put_with("k", "x", &headers).checked();
}

#[test]
fn to_lock_takes_permissions_of_their_own() {
    let world = World::new();
    let bucket = locking(&world);
    let alice = world.user("alice");
    let may = |actions: &[&str]| world.put_policy("User", "alice", &allow(actions, "*"));
    let until = in_days(&world, 10);
    let kept = [
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("x-amz-object-lock-retain-until-date", until.as_str()),
    ];
    let held = [("x-amz-object-lock-legal-hold", "ON")];
    let put = |headers: &[(&str, &str)]| {
        let begun = bucket
            .call(&alice, "POST", "/k?uploads", headers, "")
            .status;
        assert_eq!(bucket.call(&alice, "PUT", "/k", headers, "x").status, begun);
        begun
    };
    may(&["s3:PutObject"]);
    assert_eq!([put(&[]), put(&kept), put(&held)], [200, 403, 403]);
    may(&["s3:PutObject", "s3:PutObjectRetention"]);
    assert_eq!([put(&kept), put(&held)], [200, 403]);
    may(&["s3:PutObject", "s3:PutObjectLegalHold"]);
    assert_eq!([put(&kept), put(&held)], [403, 200]);
    // Policies may demand a mode and a measure of time.
    may(&["s3:*"]);
    for (operator, key, value, status) in [
        ("StringNotEquals", "s3:object-lock-mode", "COMPLIANCE", 403),
        ("StringNotEquals", "s3:object-lock-mode", "GOVERNANCE", 200),
        (
            "NumericGreaterThan",
            "s3:object-lock-remaining-retention-days",
            "9",
            403,
        ),
        (
            "NumericGreaterThan",
            "s3:object-lock-remaining-retention-days",
            "10",
            200,
        ),
        (
            "DateGreaterThan",
            "s3:object-lock-retain-until-date",
            "2026-01-02T00:00:00Z",
            403,
        ),
        (
            "DateGreaterThan",
            "s3:object-lock-retain-until-date",
            "2036-01-02T00:00:00Z",
            200,
        ),
    ] {
        let deny = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObjectRetention",
            "Resource": "arn:aws:s3:::data/*", "Condition": {operator: {key: value}}}]);
        bucket.policy(&deny).checked();
        assert_eq!(put(&kept), status, "{operator} {key} {value}");
        let path = "/k?retention";
        let body = format!("<Retention>{}</Retention>", retention("GOVERNANCE", &until));
        let set = bucket.call(&alice, "PUT", path, &[], &body);
        assert_eq!(set.status, status, "{operator} {key} {value}");
    }
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    // A bucket that locks needs the permissions for what it is made with.
    let make = || {
        let headers = [("x-amz-bucket-object-lock-enabled", "true")];
        world
            .http(&alice, "s3", "PUT", "/more", &headers, "".into())
            .status
    };
    may(&["s3:CreateBucket", "s3:PutBucketVersioning"]);
    assert_eq!(make(), 403);
    may(&["s3:CreateBucket", "s3:PutBucketObjectLockConfiguration"]);
    assert_eq!(make(), 403);
    may(&[
        "s3:CreateBucket",
        "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketVersioning",
    ]);
    assert_eq!(make(), 200);
}

#[test]
fn a_lifecycle_waits_for_what_is_locked() {
    let world = World::new();
    let (bucket, root) = (locking(&world), world.root());
    let rules = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/>\
                 <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
                 </NoncurrentVersionExpiration></Rule></LifecycleConfiguration>";
    bucket.call(root, "PUT", "?lifecycle", &[], rules).checked();
    let locked = kept(&bucket, "COMPLIANCE", &in_days(&world, 30));
    let free = put(&bucket, &[]);
    put(&bucket, &[]);
    world.clock.advance(SignedDuration::from_hours(24 * 5));
    s3::expire(&world.platform).unwrap();
    let there = |version: &str| {
        bucket
            .call(root, "GET", &format!("/k?versionId={version}"), &[], "")
            .status
    };
    assert_eq!((there(&locked), there(&free)), (200, 404));
    world.clock.advance(SignedDuration::from_hours(24 * 30));
    s3::expire(&world.platform).unwrap();
    assert_eq!(there(&locked), 404);
}

#[test]
fn a_version_that_cannot_be_is_an_error_of_its_key_alone() {
    for headers in [&[][..], BYPASS] {
        let world = World::new();
        let bucket = locking(&world);
        let version = put(&bucket, &[]);
        let list = format!(
            "<Delete><Object><Key>k</Key><VersionId>nope</VersionId></Object>\
             <Object><Key>k</Key><VersionId>{version}</VersionId></Object></Delete>"
        );
        let root = world.root();
        let answer = bucket.call(root, "POST", "?delete", headers, &list);
        let text = answer.checked().text();
        assert_eq!(text.matches("<Error>").count(), 1, "{text}");
        assert_eq!(text.matches("<Deleted>").count(), 1, "{text}");
        // Who may not delete does not learn what an id looks like.
        let alice = world.user("alice");
        let refused = bucket.call(&alice, "DELETE", "/k?versionId=nope", headers, "");
        assert_eq!(refused.error().0, "AccessDenied");
    }
}

//! S3 Control: what is blocked in all buckets of an account (Amazon S3 User Guide, "Blocking public access
//! to your Amazon S3 storage").

use serde_json::json;
use testkit::bucket::Bucket;
use testkit::documents::allow;
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

const PATH: &str = "/v20180820/configuration/publicAccessBlock";
const SETTINGS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

fn call(world: &World, who: &Credentials, method: &str, account: &str, body: &str) -> Answer {
    let headers = [("x-amz-account-id", account)];
    let body = body.to_owned().into();
    world.http(who, "s3control", method, PATH, &headers, body)
}

fn document(setting: &str) -> String {
    let name = "PublicAccessBlockConfiguration";
    let space = "http://awss3control.amazonaws.com/doc/2018-08-20/";
    format!("<{name} xmlns=\"{space}\"><{setting}>true</{setting}></{name}>")
}

/// Sets one of the settings and no other.
fn only(world: &World, setting: &str) {
    call(world, world.root(), "PUT", ACCOUNT, &document(setting)).checked();
}

#[test]
fn the_settings_of_an_account_are_put_shown_and_removed() {
    let world = World::new();
    let root = world.root();
    let get = || call(&world, root, "GET", ACCOUNT, "");
    let missing = get();
    assert_eq!(missing.status, 404);
    assert_eq!(missing.error().0, "NoSuchPublicAccessBlockConfiguration");
    assert_eq!(world.last_event().event_name, "GetAccountPublicAccessBlock");
    for setting in SETTINGS {
        only(&world, setting);
        let shown = get().checked();
        for other in SETTINGS {
            assert_eq!(
                shown.xml(other),
                (other == setting).to_string(),
                "{setting}"
            );
        }
    }
    let event = serde_json::to_value(&world.events()[1]).unwrap();
    assert_eq!(event["eventName"], "PutAccountPublicAccessBlock");
    assert_eq!(event["eventSource"], "s3.amazonaws.com");
    assert_eq!(event["requestParameters"]["x-amz-account-id"], ACCOUNT);
    call(&world, root, "DELETE", ACCOUNT, "").checked();
    assert_eq!(get().status, 404);
    let empty = call(&world, root, "PUT", ACCOUNT, "");
    assert_eq!(empty.error().0, "MissingRequestBodyError");
}

#[test]
fn only_the_account_itself_may_and_with_permission() {
    let world = World::new();
    let alice = world.user("alice");
    let body = document("BlockPublicAcls");
    assert_eq!(call(&world, &alice, "GET", ACCOUNT, "").status, 403);
    world.put_policy(
        "User",
        "alice",
        &allow(&["s3:GetAccountPublicAccessBlock"], "*"),
    );
    assert_eq!(call(&world, &alice, "GET", ACCOUNT, "").status, 404);
    assert_eq!(call(&world, &alice, "PUT", ACCOUNT, &body).status, 403);
    assert_eq!(call(&world, &alice, "DELETE", ACCOUNT, "").status, 403);
    world.put_policy(
        "User",
        "alice",
        &allow(&["s3:PutAccountPublicAccessBlock"], "*"),
    );
    call(&world, &alice, "PUT", ACCOUNT, &body).checked();
    call(&world, &alice, "DELETE", ACCOUNT, "").checked();
    let refused = call(&world, world.root(), "PUT", OTHER_ACCOUNT, &body);
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (403, "AccessDenied")
    );
    assert_eq!(
        call(&world, world.other_root(), "GET", OTHER_ACCOUNT, "").status,
        404
    );
}

#[test]
fn what_the_account_blocks_is_blocked_in_each_of_its_buckets() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.open();
    let root = world.root();
    let writer = "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
                  </OwnershipControls>";
    bucket
        .call(root, "PUT", "?ownershipControls", &[], writer)
        .checked();
    let public: &[(&str, &str)] = &[("x-amz-acl", "public-read")];
    bucket.put_with("listed", "x", public).checked();
    bucket.put("named", "x").checked();
    let everyone = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                           "Resource": "arn:aws:s3:::data/named"}]);
    bucket.policy(&everyone).checked();
    let seen =
        || ["listed", "named"].map(|key| world.unsigned("GET", &format!("/data/{key}")).status);
    assert_eq!(seen(), [200, 200]);
    only(&world, "IgnorePublicAcls");
    assert_eq!(seen(), [403, 200]);
    only(&world, "RestrictPublicBuckets");
    assert_eq!(seen(), [200, 403]);
    assert_eq!(bucket.get(world.other_root(), "named").status, 403);
    only(&world, "BlockPublicPolicy");
    assert_eq!(bucket.policy(&everyone).status, 403);
    assert_eq!(seen(), [200, 200], "what is there stays");
    bucket.put_with("other", "x", public).checked();
    only(&world, "BlockPublicAcls");
    bucket.policy(&everyone).checked();
    assert_eq!(bucket.put_with("other", "x", public).status, 403);
    assert_eq!(bucket.call(root, "PUT", "?acl", public, "").status, 403);
    // Those of other accounts are their own business.
    let theirs = |method: &str, path: &str, headers: &[(&str, &str)]| {
        world.http(world.other_root(), "s3", method, path, headers, "".into())
    };
    let owner = [("x-amz-object-ownership", "ObjectWriter")];
    theirs("PUT", "/theirs", &owner).checked();
    theirs("DELETE", "/theirs?publicAccessBlock", &[]).checked();
    theirs("PUT", "/theirs/k", public).checked();
    assert_eq!(world.unsigned("GET", "/theirs/k").status, 200);
    call(&world, root, "DELETE", ACCOUNT, "").checked();
    bucket.put_with("other", "x", public).checked();
}

#[test]
fn what_is_not_built_is_refused() {
    let world = World::new();
    let headers = [("x-amz-account-id", ACCOUNT)];
    let path = "/v20180820/accesspoint";
    let refused = world.http(world.root(), "s3control", "GET", path, &headers, "".into());
    assert_eq!(
        (refused.status, refused.error().0.as_str()),
        (501, "NotImplemented")
    );
    // Without the account it is a bucket.
    let bucket = world.http(world.root(), "s3", "GET", PATH, &[], "".into());
    assert_eq!(bucket.error().0, "NoSuchBucket");
}

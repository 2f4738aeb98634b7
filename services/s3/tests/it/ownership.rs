//! Whose objects are that other accounts put (Amazon S3 User Guide, "Controlling ownership of objects and
//! disabling ACLs for your bucket"), and accounts named by their canonical ids.

use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::{allow, root_arn};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, World};

const FULL: &[(&str, &str)] = &[("x-amz-acl", "bucket-owner-full-control")];

/// A bucket of the first account, open to the other one, with this ownership.
fn shared<'w>(world: &'w World, ownership: &str) -> Bucket<'w> {
    let bucket = Bucket::new(world, "data");
    owned_by(world, &bucket, ownership);
    bucket.policy(&json!([to_other("s3:*")])).checked();
    bucket
}

fn owned_by(world: &World, bucket: &Bucket<'_>, ownership: &str) {
    let body = format!(
        "<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule>\
         </OwnershipControls>"
    );
    bucket
        .call(world.root(), "PUT", "?ownershipControls", &[], &body)
        .checked();
}

fn to_other(action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}, "Action": action,
           "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]})
}

/// The canonical id of the account of these credentials.
fn canonical(world: &World, who: &Credentials) -> String {
    world
        .http(who, "s3", "GET", "/", &[], "".into())
        .checked()
        .xml("ID")
}

fn owner(answer: &Answer) -> String {
    let text = answer.text();
    let owner = text.split("<Owner>").nth(1).unwrap_or_default();
    let id = owner.split("<ID>").nth(1).unwrap_or_default();
    id.split("</ID>").next().unwrap_or_default().to_owned()
}

#[test]
fn an_object_is_its_writers_and_the_bucket_can_only_keep_others_out() {
    let world = World::new();
    let bucket = shared(&world, "ObjectWriter");
    let (mine, theirs) = (world.root(), world.other_root());
    bucket.call(theirs, "PUT", "/k", &[], "x").checked();
    let get = |who: &Credentials| bucket.get(who, "k").status;
    assert_eq!((get(theirs), get(mine)), (200, 403));
    for method in ["GET", "PUT"] {
        let headers: &[(&str, &str)] = if method == "PUT" { FULL } else { &[] };
        assert_eq!(bucket.call(mine, method, "/k?acl", headers, "").status, 403);
    }
    let acl = bucket.call(theirs, "GET", "/k?acl", &[], "").checked();
    assert_eq!(owner(&acl), canonical(&world, theirs));
    let listed = bucket.call(mine, "GET", "?list-type=2&fetch-owner=true", &[], "");
    assert_eq!(owner(&listed.checked()), canonical(&world, theirs));
    let listed = bucket.call(mine, "GET", "?versions", &[], "");
    assert_eq!(owner(&listed.checked()), canonical(&world, theirs));
    // What the bucket's policy allows is nothing here; what it denies counts.
    let everything = json!({"Effect": "Allow", "Principal": {"AWS": root_arn()}, "Action": "s3:*",
                            "Resource": "arn:aws:s3:::data/*"});
    bucket
        .policy(&json!([to_other("s3:*"), everything]))
        .checked();
    assert_eq!((get(theirs), get(mine)), (200, 403));
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                      "Resource": "arn:aws:s3:::data/*"});
    bucket.policy(&json!([to_other("s3:*"), deny])).checked();
    assert_eq!((get(theirs), get(mine)), (403, 403));
    // Without anything in the policy it is still its writer's.
    bucket.call(mine, "DELETE", "?policy", &[], "").checked();
    assert_eq!((get(theirs), get(mine)), (200, 403));
    let copy = [("x-amz-copy-source", "data/k")];
    assert_eq!(bucket.call(mine, "PUT", "/copy", &copy, "").status, 403);
    // The bucket's owner may always remove it.
    bucket.call(mine, "DELETE", "/k", &[], "").checked();
}

#[test]
fn the_writer_lets_the_buckets_owner_in_who_then_lets_in_whom_they_want() {
    let world = World::new();
    let bucket = shared(&world, "ObjectWriter");
    let (mine, theirs) = (world.root(), world.other_root());
    bucket.call(theirs, "PUT", "/k", FULL, "x").checked();
    let acl = bucket.call(mine, "GET", "/k?acl", &[], "").checked();
    assert_eq!(
        owner(&acl),
        canonical(&world, theirs),
        "it stays the writer's"
    );
    bucket.get(mine, "k").checked();
    let alice = world.user("alice");
    assert_eq!(
        bucket.get(&alice, "k").status,
        403,
        "by her own policies, too"
    );
    world.put_policy("User", "alice", &allow(&["s3:GetObject"], "*"));
    bucket.get(&alice, "k").checked();
    let reading = [("x-amz-acl", "bucket-owner-read")];
    bucket.call(theirs, "PUT", "/k?acl", &reading, "").checked();
    bucket.get(mine, "k").checked();
    assert_eq!(bucket.call(mine, "GET", "/k?acl", &[], "").status, 403);
    bucket
        .call(theirs, "PUT", "/k?acl", &[("x-amz-acl", "private")], "")
        .checked();
    assert_eq!(bucket.get(mine, "k").status, 403);
    // In their account, whom their policies let.
    bucket.call(mine, "PUT", "/own", &[], "x").checked();
    assert_eq!(
        bucket.get(theirs, "own").status,
        200,
        "by the bucket's policy"
    );
    bucket.call(mine, "DELETE", "?policy", &[], "").checked();
    assert_eq!(bucket.get(theirs, "own").status, 403);
    bucket.get(theirs, "k").checked();
}

#[test]
fn everyone_may_read_what_its_writer_gives_to_everyone() {
    let world = World::new();
    let bucket = shared(&world, "ObjectWriter");
    bucket.open();
    let public = [("x-amz-acl", "public-read")];
    bucket
        .call(world.other_root(), "PUT", "/k", &public, "x")
        .checked();
    assert_eq!(world.unsigned("GET", "/data/k").status, 200);
    bucket.get(world.root(), "k").checked();
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                      "Resource": "arn:aws:s3:::data/*"});
    bucket.policy(&json!([deny])).checked();
    assert_eq!(world.unsigned("GET", "/data/k").status, 403);
}

#[test]
fn where_the_buckets_owner_is_preferred_an_object_that_is_given_becomes_theirs() {
    let world = World::new();
    let bucket = shared(&world, "BucketOwnerPreferred");
    let (mine, theirs) = (world.root(), world.other_root());
    bucket.call(theirs, "PUT", "/k", &[], "x").checked();
    assert_eq!(bucket.get(mine, "k").status, 403);
    bucket.call(theirs, "PUT", "/given", FULL, "x").checked();
    let acl = bucket.call(mine, "GET", "/given?acl", &[], "").checked();
    assert_eq!(owner(&acl), canonical(&world, mine));
    bucket.get(mine, "given").checked();
    // In parts: whose it is, is said where it is begun.
    let begun = bucket
        .call(theirs, "POST", "/parts?uploads", &[], "")
        .checked();
    let path = format!("/parts?uploadId={}", begun.xml("UploadId"));
    let part = bucket.call(theirs, "PUT", &format!("{path}&partNumber=1"), &[], "x");
    let etag = part.checked().headers["etag"].to_str().unwrap().to_owned();
    let list = format!(
        "<CompleteMultipartUpload><Part><ETag>{etag}</ETag><PartNumber>1</PartNumber></Part>\
         </CompleteMultipartUpload>"
    );
    bucket.call(mine, "POST", &path, &[], &list).checked();
    assert_eq!(bucket.get(mine, "parts").status, 403);
    bucket.get(theirs, "parts").checked();
    // Enforced, everything is the bucket owner's, whoever put it.
    owned_by(&world, &bucket, "BucketOwnerEnforced");
    bucket.get(mine, "k").checked();
    bucket.get(mine, "parts").checked();
    bucket.call(mine, "DELETE", "?policy", &[], "").checked();
    assert_eq!(bucket.get(theirs, "k").status, 403);
    owned_by(&world, &bucket, "ObjectWriter");
    assert_eq!(bucket.get(mine, "k").status, 403);
}

#[test]
fn a_policy_may_name_an_account_by_its_canonical_id() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "x").checked();
    let id = canonical(&world, world.other_root());
    let rule = |effect: &str, element: &str, principal: Value| {
        json!([{"Effect": effect, element: principal, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::data/*"}])
    };
    assert_eq!(bucket.get(world.other_root(), "k").status, 403);
    let named = json!({"CanonicalUser": id});
    bucket
        .policy(&rule("Allow", "Principal", named.clone()))
        .checked();
    bucket.get(world.other_root(), "k").checked();
    let shown = bucket
        .call(world.root(), "GET", "?policy", &[], "")
        .checked()
        .json();
    let other = format!("arn:aws:iam::{OTHER_ACCOUNT}:root");
    let principal = &shown["Statement"][0]["Principal"];
    assert_eq!(*principal, json!({"AWS": other}), "as AWS shows it");
    // Beside others, in a list, and of those who are not meant.
    let many = json!({"AWS": [ACCOUNT], "CanonicalUser": [id], "Service": "a.amazonaws.com"});
    bucket.policy(&rule("Allow", "Principal", many)).checked();
    bucket.get(world.other_root(), "k").checked();
    let shown = bucket
        .call(world.root(), "GET", "?policy", &[], "")
        .checked()
        .json();
    let principal = &shown["Statement"][0]["Principal"]["AWS"];
    assert_eq!(*principal, json!([root_arn(), other]));
    let both = [
        rule("Allow", "Principal", json!({"AWS": OTHER_ACCOUNT})),
        rule("Deny", "NotPrincipal", named),
    ];
    let both: Vec<Value> = both.iter().map(|rule| rule[0].clone()).collect();
    bucket.policy(&json!(both)).checked();
    bucket.get(world.other_root(), "k").checked();
    assert_eq!(bucket.get(world.root(), "k").status, 403);
    let unknown = rule(
        "Allow",
        "Principal",
        json!({"CanonicalUser": "0".repeat(64)}),
    );
    let refused = bucket.policy(&unknown);
    assert_eq!(
        refused.error(),
        (
            "MalformedPolicy".to_owned(),
            "Invalid principal in policy".to_owned()
        )
    );
}

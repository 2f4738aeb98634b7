//! Versions of objects (Amazon S3 User Guide, "Using versioning in S3 buckets").

use serde_json::json;
use testkit::bucket::Bucket;
use testkit::documents::document;
use testkit::{Answer, World};

fn set(world: &World, bucket: &Bucket<'_>, status: &str) {
    let body =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    bucket
        .call(world.root(), "PUT", "?versioning", &[], &body)
        .checked();
}

fn versioned(world: &World) -> Bucket<'_> {
    let bucket = Bucket::new(world, "data");
    set(world, &bucket, "Enabled");
    bucket
}

fn id(answer: &Answer) -> String {
    answer.headers["x-amz-version-id"]
        .to_str()
        .unwrap()
        .to_owned()
}

/// What a listing of versions holds: key, id, latest; markers begin with `-`.
fn listed(world: &World, bucket: &Bucket<'_>, query: &str) -> Vec<(String, String, bool)> {
    let answer = bucket.call(world.root(), "GET", query, &[], "").checked();
    let text = answer.text();
    let between = |part: &str, tag: &str| {
        let rest = part.split_once(&format!("<{tag}>")).unwrap().1;
        rest.split_once('<').unwrap().0.to_owned()
    };
    let mut all: Vec<(String, String, bool)> = Vec::new();
    for (tag, sign) in [("<Version>", ""), ("<DeleteMarker>", "-")] {
        for part in text.split(tag).skip(1) {
            let key = format!("{sign}{}", between(part, "Key"));
            all.push((
                key,
                between(part, "VersionId"),
                between(part, "IsLatest") == "true",
            ));
        }
    }
    all
}

#[test]
fn each_put_makes_a_version_and_each_is_read_by_its_id() {
    let world = World::new();
    let bucket = versioned(&world);
    let ids: Vec<String> = ["one", "two", "three"]
        .iter()
        .map(|body| id(&bucket.put("k", body).checked()))
        .collect();
    assert_eq!(bucket.get(world.root(), "k").text(), "three");
    assert_eq!(id(&bucket.get(world.root(), "k")), ids[2]);
    for (id, body) in ids.iter().zip(["one", "two", "three"]) {
        let got = bucket.get(world.root(), &format!("k?versionId={id}"));
        assert_eq!(got.checked().text(), body);
    }
    let all = listed(&world, &bucket, "?versions");
    let expected: Vec<(String, String, bool)> = ids
        .iter()
        .rev()
        .enumerate()
        .map(|(at, id)| ("k".to_owned(), id.clone(), at == 0))
        .collect();
    assert_eq!(all, expected);
    assert_eq!(bucket.keys("?list-type=2"), ["k"]);
    let missing = bucket.get(world.root(), &format!("k?versionId={}", "0".repeat(32)));
    assert_eq!(
        (missing.status, missing.error().0.as_str()),
        (404, "NoSuchVersion")
    );
    let malformed = bucket.get(world.root(), "k?versionId=abc");
    assert_eq!(
        (malformed.status, malformed.error().0.as_str()),
        (400, "InvalidArgument")
    );
}

#[test]
fn a_delete_marker_hides_and_its_deletion_brings_back() {
    let world = World::new();
    let bucket = versioned(&world);
    let first = id(&bucket.put("k", "one").checked());
    let deleted = bucket.call(world.root(), "DELETE", "/k", &[], "").checked();
    assert_eq!(deleted.headers["x-amz-delete-marker"], "true");
    let marker = id(&deleted);
    let gone = bucket.get(world.root(), "k");
    assert_eq!((gone.status, gone.error().0.as_str()), (404, "NoSuchKey"));
    assert_eq!(gone.headers["x-amz-delete-marker"], "true");
    assert_eq!(id(&gone), marker);
    let head = bucket.call(world.root(), "HEAD", "/k", &[], "");
    assert_eq!((head.status, id(&head)), (404, marker.clone()));
    let of_marker = bucket.get(world.root(), &format!("k?versionId={marker}"));
    assert_eq!(
        (of_marker.status, of_marker.error().0.as_str()),
        (405, "MethodNotAllowed")
    );
    assert_eq!(of_marker.headers["allow"], "DELETE");
    assert!(bucket.keys("?list-type=2").is_empty());
    assert_eq!(
        listed(&world, &bucket, "?versions"),
        [
            ("k".to_owned(), first, false),
            ("-k".to_owned(), marker.clone(), true)
        ]
    );
    let path = format!("/k?versionId={marker}");
    let undone = bucket
        .call(world.root(), "DELETE", &path, &[], "")
        .checked();
    assert_eq!(undone.headers["x-amz-delete-marker"], "true");
    assert_eq!(bucket.get(world.root(), "k").text(), "one");
    // That there is no such version is no error.
    bucket
        .call(world.root(), "DELETE", &path, &[], "")
        .checked();
}

#[test]
fn deleting_the_current_version_makes_the_one_before_current() {
    let world = World::new();
    let bucket = versioned(&world);
    bucket.put("k", "one").checked();
    let second = id(&bucket.put("k", "two").checked());
    let path = format!("/k?versionId={second}");
    let answer = bucket
        .call(world.root(), "DELETE", &path, &[], "")
        .checked();
    assert_eq!(id(&answer), second);
    assert!(!answer.headers.contains_key("x-amz-delete-marker"));
    assert_eq!(bucket.get(world.root(), "k").text(), "one");
    let third = id(&bucket.put("k", "three").checked());
    assert_eq!(listed(&world, &bucket, "?versions")[0].1, third);
}

#[test]
fn a_suspended_bucket_has_one_null_version() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "before").checked();
    set(&world, &bucket, "Enabled");
    let kept = id(&bucket.put("k", "kept").checked());
    let null = bucket.get(world.root(), "k?versionId=null").checked();
    assert_eq!(
        (null.text().as_str(), id(&null).as_str()),
        ("before", "null")
    );
    set(&world, &bucket, "Suspended");
    assert_eq!(id(&bucket.put("k", "after").checked()), "null");
    let all = |at: usize| listed(&world, &bucket, "?versions")[at].1.clone();
    assert_eq!((all(0), all(1)), ("null".to_owned(), kept.clone()));
    assert_eq!(listed(&world, &bucket, "?versions").len(), 2);
    assert_eq!(bucket.get(world.root(), "k?versionId=null").text(), "after");

    // A deletion replaces the null version by a null marker.
    let deleted = bucket.call(world.root(), "DELETE", "/k", &[], "").checked();
    assert_eq!(id(&deleted), "null");
    assert_eq!(
        listed(&world, &bucket, "?versions"),
        [
            ("k".to_owned(), kept.clone(), false),
            ("-k".to_owned(), "null".to_owned(), true)
        ]
    );
    bucket
        .call(world.root(), "DELETE", "/k?versionId=null", &[], "")
        .checked();
    assert_eq!(bucket.get(world.root(), "k").text(), "kept");
}

#[test]
fn pages_of_versions_add_up() {
    let world = World::new();
    let bucket = versioned(&world);
    for key in ["a", "b/1", "b/2", "b/2", "c", "c", "d"] {
        bucket.put(key, "x").checked();
    }
    bucket.call(world.root(), "DELETE", "/a", &[], "").checked();
    bucket.call(world.root(), "DELETE", "/c", &[], "").checked();
    let whole = listed(&world, &bucket, "?versions");
    assert_eq!(whole.len(), 9);
    for delimiter in ["", "&delimiter=%2F"] {
        for size in 1..5 {
            let (mut found, mut markers) = (Vec::new(), String::new());
            for _ in 0..20 {
                let query = format!("?versions&max-keys={size}{delimiter}{markers}");
                let answer = bucket.call(world.root(), "GET", &query, &[], "").checked();
                let page = listed(&world, &bucket, &query);
                let prefixes = answer.text().matches("<CommonPrefixes>").count();
                assert!(page.len() + prefixes <= size, "{query}");
                found.extend(page);
                found.extend((0..prefixes).map(|_| ("b/".to_owned(), String::new(), false)));
                if answer.xml("IsTruncated") != "true" {
                    markers.clear();
                    break;
                }
                markers = format!(
                    "&key-marker={}",
                    wire::uri::encode(&answer.xml("NextKeyMarker"))
                );
                if answer.text().contains("<NextVersionIdMarker>") {
                    markers += &format!("&version-id-marker={}", answer.xml("NextVersionIdMarker"));
                }
            }
            found.sort();
            let mut expected = whole.clone();
            if !delimiter.is_empty() {
                expected.retain(|(key, ..)| !key.starts_with("b/"));
                expected.push(("b/".to_owned(), String::new(), false));
            }
            expected.sort();
            assert_eq!(found, expected, "{size} {delimiter}");
        }
    }
    let alone = bucket.call(
        world.root(),
        "GET",
        "?versions&version-id-marker=x",
        &[],
        "",
    );
    assert_eq!(alone.error().0, "InvalidArgument");
}

#[test]
fn versions_have_actions_and_a_key_of_their_own() {
    let world = World::new();
    let bucket = versioned(&world);
    let first = id(&bucket
        .put_with("k", "one", &[("x-amz-tagging", "stage=old")])
        .checked());
    let second = id(&bucket
        .put_with("k", "two", &[("x-amz-tagging", "stage=new")])
        .checked());
    let alice = world.user("alice");
    let allow = |action: &str, condition: serde_json::Value| {
        let statement = json!([{"Effect": "Allow", "Action": action, "Condition": condition,
                                "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}]);
        world.put_policy("User", "alice", &document(&statement));
    };
    let status = |method: &str, path: &str| bucket.call(&alice, method, path, &[], "").status;
    let of = |id: &str| format!("/k?versionId={id}");
    allow("s3:GetObject", json!({}));
    assert_eq!(
        (status("GET", "/k"), status("GET", &of(&first))),
        (200, 403)
    );
    allow("s3:GetObjectVersion", json!({}));
    assert_eq!(
        (status("GET", "/k"), status("GET", &of(&first))),
        (403, 200)
    );
    allow(
        "s3:GetObjectVersion",
        json!({"StringEquals": {"s3:VersionId": second}}),
    );
    assert_eq!(
        (status("GET", &of(&second)), status("GET", &of(&first))),
        (200, 403)
    );
    // The tags are those of the version.
    allow(
        "s3:GetObjectVersion",
        json!({"StringEquals": {"s3:ExistingObjectTag/stage": "old"}}),
    );
    assert_eq!(
        (status("GET", &of(&second)), status("GET", &of(&first))),
        (403, 200)
    );
    let tagging = |id: &str| format!("/k?tagging&versionId={id}");
    assert_eq!(status("GET", &tagging(&first)), 403);
    allow("s3:GetObjectVersionTagging", json!({}));
    let tags = bucket
        .call(&alice, "GET", &tagging(&first), &[], "")
        .checked();
    assert!(
        tags.text().contains("<Value>old</Value>"),
        "{}",
        tags.text()
    );
    allow("s3:DeleteObject", json!({}));
    assert_eq!(status("DELETE", &of(&first)), 403);
    allow("s3:DeleteObjectVersion", json!({}));
    assert_eq!(
        (status("DELETE", "/k"), status("DELETE", &of(&first))),
        (403, 204)
    );
    assert_eq!(status("GET", "?versions"), 403);
    allow(
        "s3:ListBucketVersions",
        json!({"StringEquals": {"s3:prefix": "k"}}),
    );
    assert_eq!(
        (
            status("GET", "?versions"),
            status("GET", "?versions&prefix=k")
        ),
        (403, 200)
    );
}

#[test]
fn many_versions_are_deleted_together_and_a_bucket_with_any_stays() {
    let world = World::new();
    let bucket = versioned(&world);
    let first = id(&bucket.put("k", "one").checked());
    bucket.put("l", "two").checked();
    let body = format!(
        "<Delete><Object><Key>k</Key><VersionId>{first}</VersionId></Object>\
         <Object><Key>l</Key></Object></Delete>"
    );
    let answer = bucket
        .call(world.root(), "POST", "?delete", &[], &body)
        .checked();
    assert!(
        answer.text().contains("<DeleteMarkerVersionId>"),
        "{}",
        answer.text()
    );
    assert!(
        answer
            .text()
            .contains(&format!("<VersionId>{first}</VersionId>"))
    );
    assert!(bucket.keys("?list-type=2").is_empty());
    let refused = bucket.call(world.root(), "DELETE", "", &[], "");
    assert_eq!(refused.error().0, "BucketNotEmpty");
    for (_, id, _) in listed(&world, &bucket, "?versions") {
        let path = format!("/l?versionId={id}");
        bucket
            .call(world.root(), "DELETE", &path, &[], "")
            .checked();
    }
    bucket.call(world.root(), "DELETE", "", &[], "").checked();
}

#[test]
fn who_may_not_read_tags_is_not_told_how_many_there_are() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket
        .put_with("k", "x", &[("x-amz-tagging", "a=1&b=2")])
        .checked();
    let alice = world.user("alice");
    let read = |actions: serde_json::Value| {
        let statement = json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
        world.put_policy("User", "alice", &document(&statement));
        bucket.get(&alice, "k").checked()
    };
    let answer = read(json!(["s3:GetObject"]));
    assert!(!answer.headers.contains_key("x-amz-tagging-count"));
    let answer = read(json!(["s3:GetObject", "s3:GetObjectTagging"]));
    assert_eq!(answer.headers["x-amz-tagging-count"], "2");
}

//! S3: who may do what (Service Authorization Reference, "Amazon S3"; Amazon S3 User Guide, "How
//! Amazon S3 authorizes a request").

use serde_json::json;
use testkit::bucket::{Bucket, keys};
use testkit::documents::document;
use testkit::{ACCOUNT, World, parts};

fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

#[test]
fn a_denial_is_told_in_the_words_of_s3() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let alice = world.user("alice");
    let denied = bucket.get(&alice, "k");
    assert_eq!(denied.status, 403);
    assert_eq!(
        denied.error(),
        (
            "AccessDenied".to_owned(),
            format!(
                "User: {} is not authorized to perform: s3:GetObject on resource: \
                 \"arn:aws:s3:::data/k\" because no identity-based policy allows the \
                 s3:GetObject action",
                user_arn("alice")
            )
        )
    );
    let event = world.last_event();
    assert_eq!(event.error_code.as_deref(), Some("AccessDenied"));
    assert_eq!(event.user_identity.arn, Some(user_arn("alice")));
    let head = bucket.call(&alice, "HEAD", "/k", &[], "");
    assert_eq!((head.status, head.body.len()), (403, 0));
    let all = world.http(&alice, "s3", "GET", "/", &[], "".into());
    assert!(
        all.error()
            .1
            .contains("perform: s3:ListAllMyBuckets because no"),
        "{}",
        all.text()
    );
    let every =
        json!([{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*"}]);
    world.put_policy("User", "alice", &document(&every));
    world
        .http(&alice, "s3", "GET", "/", &[], "".into())
        .checked();
}

#[test]
fn who_may_not_list_does_not_learn_what_is_missing() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let alice = world.user("alice");
    let read =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"});
    world.put_policy("User", "alice", &document(&json!([read])));
    let hidden = bucket.get(&alice, "none");
    assert_eq!(hidden.status, 403);
    assert!(
        hidden
            .error()
            .1
            .contains("s3:ListBucket on resource: \"arn:aws:s3:::data\"")
    );
    assert_eq!(bucket.call(&alice, "HEAD", "/none", &[], "").status, 403);
    let list =
        json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data"});
    world.put_policy("User", "alice", &document(&json!([read, list])));
    assert_eq!(bucket.get(&alice, "none").error().0, "NoSuchKey");
    assert_eq!(bucket.call(&alice, "HEAD", "/none", &[], "").status, 404);
}

#[test]
fn a_listing_is_decided_by_its_prefix() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for key in ["users/alice/1", "users/bob/1", "users/alice2/1"] {
        bucket.put(key, "x").checked();
    }
    let alice = world.user("alice");
    let list = json!([{
        "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data",
        "Condition": {"StringLike": {"s3:prefix": ["users/${aws:username}/*"]},
                      "NumericLessThanEquals": {"s3:max-keys": "100"}},
    }]);
    world.put_policy("User", "alice", &document(&list));
    let status = |query: &str| bucket.call(&alice, "GET", query, &[], "").status;
    let own = bucket.call(
        &alice,
        "GET",
        "?list-type=2&max-keys=9&prefix=users%2Falice%2F",
        &[],
        "",
    );
    assert_eq!(keys(&own.checked()), ["users/alice/1"]);
    for query in [
        "?list-type=2&max-keys=9",
        "?list-type=2&max-keys=9&prefix=",
        "?list-type=2&max-keys=9&prefix=users%2Fbob%2F",
        "?list-type=2&max-keys=9&prefix=users%2Falice",
        "?list-type=2&max-keys=9&prefix=users%2Falice2%2F",
        "?list-type=2&prefix=users%2Falice%2F",
        "?max-keys=9&prefix=users%2F",
    ] {
        assert_eq!(status(query), 403, "{query}");
    }
}

#[test]
fn many_keys_are_deleted_each_by_its_own_permission() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    for key in ["own/1", "own/2", "other/1"] {
        bucket.put(key, "x").checked();
    }
    let alice = world.user("alice");
    let own = json!([{"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::data/own/*"}]);
    world.put_policy("User", "alice", &document(&own));
    let delete = |keys: &[&str]| {
        let objects: String = keys
            .iter()
            .map(|key| format!("<Object><Key>{key}</Key></Object>"))
            .collect();
        bucket.call(
            &alice,
            "POST",
            "?delete",
            &[],
            &format!("<Delete>{objects}</Delete>"),
        )
    };
    let answer = delete(&["own/1", "other/1", "own/none"]).checked();
    let text = answer.text();
    assert_eq!(text.matches("<Deleted>").count(), 2, "{text}");
    assert!(
        text.contains("<Error><Key>other/1</Key><Code>AccessDenied</Code>"),
        "{text}"
    );
    assert_eq!(bucket.keys("?list-type=2"), ["other/1", "own/2"]);
    let event = serde_json::to_string(&world.events()[world.events().len() - 2]).unwrap();
    assert!(
        event.contains("DeleteObjects") && event.contains("other/1"),
        "{event}"
    );
    assert_eq!(
        delete(&["other/1"])
            .checked()
            .text()
            .matches("<Error>")
            .count(),
        1
    );
    assert_eq!(delete(&[]).error().0, "MalformedXML");
    let other = world.user("bob");
    let denied = bucket.call(
        &other,
        "POST",
        "?delete",
        &[],
        "<Delete><Object><Key>own/2</Key></Object></Delete>",
    );
    assert!(denied.checked().text().contains("AccessDenied"));
    assert_eq!(bucket.keys("?list-type=2"), ["other/1", "own/2"]);
}

#[test]
fn a_copy_reads_its_source_and_writes_its_target() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket
        .put_with(
            "a/1",
            "hello",
            &[("x-amz-meta-k", "v"), ("x-amz-tagging", "t=1")],
        )
        .checked();
    let alice = world.user("alice");
    let copy = |source: &str, target: &str| {
        bucket.call(&alice, "PUT", target, &[("x-amz-copy-source", source)], "")
    };
    let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": format!("arn:aws:s3:::data/{resource}")});
    let read = allow("s3:GetObject", "a/*");
    let write = allow("s3:PutObject", "b/*");
    let tags = [
        allow("s3:GetObjectTagging", "a/*"),
        allow("s3:PutObjectTagging", "b/*"),
    ];
    for (statements, action) in [
        (json!([write, tags[0], tags[1]]), "s3:GetObject on"),
        (json!([read, tags[0], tags[1]]), "s3:PutObject on"),
        (json!([read, write, tags[1]]), "s3:GetObjectTagging on"),
        (json!([read, write, tags[0]]), "s3:PutObjectTagging on"),
    ] {
        world.put_policy("User", "alice", &document(&statements));
        let denied = copy("/data/a%2F1", "/b/1");
        assert!(
            denied.error().1.contains(action),
            "{action}: {}",
            denied.text()
        );
    }
    world.put_policy(
        "User",
        "alice",
        &document(&json!([read, write, tags[0], tags[1]])),
    );
    copy("data/a/1", "/b/1").checked();
    let copied = bucket.get(world.root(), "b/1").checked();
    assert_eq!(
        (
            copied.text().as_str(),
            copied.headers["x-amz-meta-k"].to_str().unwrap()
        ),
        ("hello", "v")
    );
    assert_eq!(copy("data", "/b/1").error().0, "InvalidArgument");
    assert_eq!(copy("nobucket/k", "/b/1").error().0, "NoSuchBucket");
}

#[test]
fn tags_of_objects_and_requests_take_part() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket
        .put_with("mine", "x", &[("x-amz-tagging", "owner=alice")])
        .checked();
    bucket
        .put_with("theirs", "x", &[("x-amz-tagging", "owner=bob")])
        .checked();
    let alice = world.user("alice");
    let statement = |action: &str, key: &str| {
        json!({"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::data/*",
               "Condition": {"StringEquals": {key: "${aws:username}"}}})
    };
    let rules = json!([
        statement("s3:GetObject", "s3:ExistingObjectTag/owner"),
        statement("s3:PutObject", "s3:RequestObjectTag/owner"),
        statement("s3:PutObjectTagging", "s3:RequestObjectTag/owner"),
    ]);
    world.put_policy("User", "alice", &document(&rules));
    bucket.get(&alice, "mine").checked();
    assert_eq!(bucket.get(&alice, "theirs").status, 403);
    let put = |headers: &[(&str, &str)]| bucket.call(&alice, "PUT", "/new", headers, "x").status;
    assert_eq!(put(&[]), 403);
    assert_eq!(put(&[("x-amz-tagging", "owner=bob")]), 403);
    assert_eq!(put(&[("x-amz-tagging", "owner=alice")]), 200);
    let set = "<Tagging><TagSet><Tag><Key>owner</Key><Value>bob</Value></Tag></TagSet></Tagging>";
    assert_eq!(
        bucket.call(&alice, "PUT", "/mine?tagging", &[], set).status,
        403
    );
    let shown = bucket
        .call(world.root(), "GET", "/mine?tagging", &[], "")
        .checked();
    assert_eq!(shown.xml("Value"), "alice");
}

#[test]
fn a_bucket_policy_grants_across_accounts_only_together_with_the_callers_own() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.put("k", "hello").checked();
    let guest = world.other_root();
    assert_eq!(bucket.get(guest, "k").status, 403);
    let allow = json!([{"Effect": "Allow", "Principal": {"AWS": testkit::OTHER_ACCOUNT},
                        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}]);
    bucket.policy(&allow).checked();
    assert_eq!(bucket.get(guest, "k").checked().text(), "hello");
    let events = world.events();
    let last = &events[events.len() - 2..];
    let accounts: Vec<&str> = last
        .iter()
        .map(|it| it.recipient_account_id.as_str())
        .collect();
    assert_eq!(accounts, [testkit::OTHER_ACCOUNT, ACCOUNT]);
    let denied = bucket.call(guest, "PUT", "/k", &[], "x").error();
    assert_eq!(denied, ("AccessDenied".into(), "Access Denied".into()));

    let alice = world.user("alice");
    let direct = json!([{"Effect": "Allow", "Principal": {"AWS": user_arn("alice")},
                         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/k"}]);
    bucket.policy(&direct).checked();
    bucket.get(&alice, "k").checked();
    assert_eq!(bucket.get(guest, "k").status, 403);
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    assert_eq!(bucket.get(&alice, "k").status, 403);
}

#[test]
fn a_bucket_policy_locks_out_neither_its_owner_nor_lets_others_change_it() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let everything = |effect: &str, principal: serde_json::Value| {
        json!([{"Effect": effect, "Principal": principal, "Action": "s3:*",
                "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]}])
    };
    bucket
        .policy(&everything("Allow", json!({"AWS": testkit::OTHER_ACCOUNT})))
        .checked();
    for method in ["GET", "DELETE"] {
        let refused = bucket.call(world.other_root(), method, "?policy", &[], "");
        assert_eq!(
            (refused.status, refused.error().0.as_str()),
            (405, "MethodNotAllowed")
        );
    }
    bucket.policy(&everything("Deny", json!("*"))).checked();
    assert_eq!(bucket.put("k", "x").status, 403);
    bucket
        .call(world.root(), "GET", "?policy", &[], "")
        .checked();
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    bucket.put("k", "x").checked();
}

#[test]
fn a_bucket_policy_that_is_none_is_refused() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    let other = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                        "Resource": "arn:aws:s3:::other/*"}]);
    assert_eq!(
        bucket.policy(&other).error(),
        (
            "MalformedPolicy".into(),
            "Policy has invalid resource".into()
        )
    );
    let object = "arn:aws:s3:::data/*";
    let good =
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": object});
    for (name, value, sentence) in [
        ("Principal", None, "Missing required field Principal"),
        ("Effect", None, "Missing required field Effect"),
        ("Effect", Some(json!("allow")), "Invalid effect: allow"),
        ("Action", None, "Missing required field Action"),
        (
            "Action",
            Some(json!("iam:GetUser")),
            "Policy has invalid action",
        ),
        (
            "Action",
            Some(json!("s3:ListObjects")),
            "Policy has invalid action",
        ),
        (
            "Action",
            Some(json!("GetObject")),
            "Policy has invalid action",
        ),
        ("Resource", None, "Missing required field Resource"),
        (
            "Resource",
            Some(json!("data")),
            "Policy has invalid resource",
        ),
        ("Other", Some(json!(1)), "Unknown field Other"),
        (
            "Condition",
            Some(json!({"StringEquals": {"s3:none": "x"}})),
            "Policy has an invalid condition key",
        ),
    ] {
        let mut fields = good.as_object().cloned().unwrap_or_default();
        match value {
            Some(value) => drop(fields.insert(name.to_owned(), value)),
            None => drop(fields.remove(name)),
        }
        let refused = bucket.policy(&json!([fields])).error();
        assert_eq!(
            refused,
            ("MalformedPolicy".into(), sentence.into()),
            "{name}"
        );
    }
    let known = json!([{"Effect": "Deny", "Principal": "*", "Action": "S3:getobject", "Resource": object,
        "Condition": {"StringEquals": {"S3:existingobjecttag/Team": "a", "s3:x-amz-acl": "private"}}}]);
    bucket.policy(&known).checked();
    bucket
        .call(world.root(), "DELETE", "?policy", &[], "")
        .checked();
    assert_eq!(
        bucket.policy(&json!([])).error().1,
        "Could not parse the policy: Statement is empty!"
    );
    for text in ["{", "x", "{\"Statement\": 1}"] {
        let refused = bucket.call(world.root(), "PUT", "?policy", &[], text);
        assert_eq!(refused.error().0, "MalformedPolicy", "{text}");
    }
    let none = bucket.call(world.root(), "GET", "?policy", &[], "");
    assert_eq!(none.error().0, "NoSuchBucketPolicy");
}

#[test]
fn who_does_not_sign_may_what_a_bucket_policy_gives_to_everyone() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    bucket.open();
    bucket.put("public/k", "hello").checked();
    bucket.put("private/k", "secret").checked();
    let send = |method: &str, path: &str| world.send(parts(method, path, &[]), "".into());
    let denied = send("GET", "/data/public/k");
    assert_eq!(
        denied.error(),
        ("AccessDenied".into(), "Access Denied".into())
    );
    bucket
        .policy(
            &json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                         "Resource": "arn:aws:s3:::data/public/*"}]),
        )
        .checked();
    assert_eq!(send("GET", "/data/public/k").checked().text(), "hello");
    let event = world.last_event();
    assert_eq!(event.recipient_account_id, ACCOUNT);
    assert_eq!(
        event.user_identity.account_id.as_deref(),
        Some("ANONYMOUS_PRINCIPAL")
    );
    for (method, path) in [
        ("GET", "/data/private/k"),
        ("GET", "/data/public/none"),
        ("PUT", "/data/public/k"),
        ("DELETE", "/data/public/k"),
        ("GET", "/data?list-type=2"),
        ("GET", "/"),
        ("PUT", "/mine"),
        ("GET", "/data?policy"),
    ] {
        let answer = send(method, path);
        assert_eq!(
            (answer.status, answer.error().1.as_str()),
            (403, "Access Denied"),
            "{path}"
        );
    }
    let header = send("GET", "/data/public/k?response-content-type=text%2Fhtml");
    assert_eq!(header.error().0, "InvalidRequest");
    let signed_by_nobody = world.send(
        parts(
            "GET",
            "/data/public/k",
            &[("authorization", "AWS4-HMAC-SHA256 nonsense")],
        ),
        "".into(),
    );
    assert!(signed_by_nobody.status >= 400);
}

//! What is read or copied while it is overwritten is one object or the other, and never a failure.

use bytes::Bytes;
use s3::sweep;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::World;
use testkit::bucket::Bucket;

/// More than is kept in the state, so that the bytes are pieces that can be gone.
const SIZE: usize = 300_000;

fn put(world: &World, key: &str, letter: u8) {
    let path = format!("/data/{key}");
    let body = Bytes::from(vec![letter; SIZE]);
    world
        .http(world.root(), "s3", "PUT", &path, &[], body)
        .checked();
}

/// Overwrites `k` until `work` has ended.
fn while_overwritten(world: &World, work: impl FnOnce()) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for letter in (b'a'..=b'z').cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                put(world, "k", letter);
            }
        });
        work();
        over.store(true, Ordering::Relaxed);
    });
}

fn is_one_object(body: &[u8]) -> bool {
    body.len() == SIZE && body.iter().all(|byte| Some(byte) == body.first())
}

#[test]
fn a_read_gives_the_object_before_or_after() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    put(&world, "k", b'a');
    while_overwritten(&world, || {
        for _ in 0..50 {
            let got = bucket.get(world.root(), "k").checked();
            assert!(is_one_object(&got.body));
        }
    });
    assert_eq!(sweep(&world.platform, &mut || true).unwrap(), 0);
}

#[test]
fn a_copy_is_of_the_object_before_or_after() {
    let world = World::new();
    let bucket = Bucket::new(&world, "data");
    put(&world, "k", b'a');
    let source = [("x-amz-copy-source", "data/k")];
    let anew = [
        ("x-amz-copy-source", "data/k"),
        ("x-amz-checksum-algorithm", "SHA256"),
    ];
    while_overwritten(&world, || {
        for headers in [&source[..], &anew[..]].into_iter().cycle().take(20) {
            let copied = bucket.call(world.root(), "PUT", "/copy", headers, "");
            // A source that changes again and again is a conflict, which clients repeat.
            assert!(matches!(copied.status, 200 | 409), "{}", copied.text());
            if copied.status == 200 {
                assert!(is_one_object(&bucket.get(world.root(), "copy").body));
            }
        }
    });
    let copied = bucket.call(world.root(), "PUT", "/copy", &source, "");
    assert_eq!(copied.status, 200);
}

//! Keys order as tuples do, and no part can forge another key.

use proptest::prelude::*;
use store::Key;

fn parts() -> impl Strategy<Value = Vec<String>> {
    let tricky = prop_oneof![
        "[\u{0}\u{1}a/]{0,3}",
        "\\PC{0,4}",
        Just("\u{10FFFF}".to_owned())
    ];
    prop::collection::vec(tricky, 0..4)
}

proptest! {
    #[test]
    fn keys_compare_as_their_parts(a in parts(), b in parts()) {
        prop_assert_eq!(Key::new(&a).cmp(&Key::new(&b)), a.cmp(&b));
    }

    #[test]
    fn parts_are_read_back(a in parts()) {
        prop_assert_eq!(Key::new(&a).parts(), a);
    }
}

#[test]
fn a_part_cannot_hold_a_separator() {
    assert_ne!(Key::new(["a/b", "c"]), Key::new(["a", "b/c"]));
    assert_ne!(Key::new(["a\u{0}\u{1}b"]), Key::new(["a", "b"]));
    assert_ne!(Key::new(["a", ""]), Key::new(["a"]));
}

#[test]
fn keys_are_shown_to_people() {
    let key = Key::new(["123456789012", "us-east-1"]).child("a\nb");
    assert_eq!(key.to_string(), "123456789012/us-east-1/a\\nb");
    assert_eq!(key.name(), "a\nb");
}

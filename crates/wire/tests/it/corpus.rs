//! The inputs that the fuzzers started from and what they found, checked again.

use std::path::Path;

use crate::bodies;

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        body(&std::fs::read(path).unwrap());
        count += 1;
    }
    assert!(count >= 5, "the corpus of `{target}` is there");
}

macro_rules! replayed {
    ($($target:ident),*) => {$(
        #[test]
        fn $target() {
            replay(stringify!($target), bodies::$target);
        }
    )*};
}

replayed!(
    json, query, rest_json, rest_xml, routing, signature, form, chunks, validation
);

//! The inputs that the fuzzers started from and what they found, checked again.

use crate::bodies;
use std::path::Path;

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

#[test]
fn the_corpus_of_the_parser_is_replayed() {
    replay("parser", bodies::parser);
}

#[test]
fn the_corpus_of_the_pattern_matcher_is_replayed() {
    replay("pattern", bodies::pattern);
}

#[test]
fn the_corpus_of_the_evaluator_is_replayed() {
    replay("evaluator", bodies::evaluator);
}

//! Patterns, compiled when first needed.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use catalog::shapes::Shape;
use regex::{Regex, RegexBuilder};

/// The most memory that one compiled pattern may take; the generator of the tables uses the same.
const SIZE_LIMIT: usize = 1 << 20;
/// The most that its search cache may take in each thread.
const CACHE_LIMIT: usize = 256 << 10;

type Compiled = HashMap<&'static str, Option<Arc<Regex>>>;

static COMPILED: LazyLock<RwLock<Compiled>> = LazyLock::new(RwLock::default);

/// Whether the whole text is like the shape's pattern; true when it has none. A pattern that does
/// not compile matches nothing (a test compiles them all).
pub(super) fn matches(shape: Shape, text: &str) -> bool {
    let Some(pattern) = shape.regex() else {
        return true;
    };
    let known = COMPILED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(pattern)
        .cloned();
    let regex = known.unwrap_or_else(|| {
        let compiled = compile(pattern).map(Arc::new);
        let mut all = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
        all.entry(pattern).or_insert(compiled).clone()
    });
    regex.is_some_and(|regex| regex.is_match(text))
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(CACHE_LIMIT)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use catalog::shapes;

    #[test]
    fn every_pattern_of_the_tables_compiles() {
        let mut count = 0;
        for shape in shapes::services().iter().flat_map(shapes::Service::shapes) {
            if let Some(pattern) = shape.regex() {
                assert!(super::compile(pattern).is_some(), "{shape:?}: {pattern}");
                count += 1;
            }
        }
        assert!(count > 500, "{count}");
    }
}

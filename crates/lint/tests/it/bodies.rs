//! What the fuzzer feeds, and the corpus replays.

use lint::{Input, Options, fix};
use policy::text::Source;

/// Any bytes, as a file to check: answered, and fixed in a way that does not change when it is done again. The first byte
/// chooses the file's name.
pub(crate) fn check(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let name = match first % 4 {
        0 => "policy.json",
        1 => "template.yaml",
        2 => "trust.json",
        _ => "text",
    };
    let text = String::from_utf8_lossy(rest);
    let input = |text: &str| Input {
        source: Source::named(name, text),
        kind: None,
    };
    let options = Options::default();
    let once = fix(&input(&text), &options);
    let twice = fix(&input(&once.text), &options);
    assert_eq!(once.text, twice.text, "fixing twice is fixing once");
    let report = lint::check(&[input(&text)], &options);
    for finding in &report.findings {
        assert!(finding.span.start <= finding.span.end);
        assert!(
            finding.span.end as usize <= text.len(),
            "a place in the text"
        );
    }
}

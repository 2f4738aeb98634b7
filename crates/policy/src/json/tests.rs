use crate::document::Limits;
use crate::json::{Node, Value, parse_partly};
use crate::text::{Rejected, Source, Span};

fn read(text: &str) -> Result<Node, Rejected> {
    crate::json::parse(&Source::new(text), &Limits::default())
}

fn reasons(text: &str) -> Vec<String> {
    let rejected = read(text).unwrap_err();
    rejected.diagnostics.into_iter().map(|d| d.reason).collect()
}

#[test]
fn values_keep_their_places() {
    let node = read(r#" {"a": [1, "x\né\ud83d\ude00", true], "b": null}"#).unwrap();
    let list = node.get("a").unwrap().as_array().unwrap();
    assert_eq!(list[0].value, Value::Number("1".into()));
    assert_eq!(list[1].as_str(), Some("x\né😀"));
    assert_eq!(list[1].span, Span::new(11, 30));
    assert_eq!(node.get("b").unwrap().value, Value::Null);
}

#[test]
fn several_errors_are_reported_at_once() {
    assert_eq!(
        reasons("{\"a\": 01, \"b\": tru, \"c\": \"\\x\", \"d\": [1,], \"a\" 5}"),
        [
            "`01` is no JSON number",
            "`tru` is no JSON value",
            "unknown escape in a string",
            "a comma before the end of the list",
            "a colon is missing behind the key",
        ]
    );
}

#[test]
fn duplicate_keys_are_errors() {
    assert_eq!(
        reasons("{\"a\": 1,\n\"a\": 2}"),
        ["the key `a` stands twice in this object (first in line 1)"]
    );
}

#[test]
fn malformed_texts_are_refused() {
    for bad in [
        "",
        "  ",
        "{",
        "[",
        "\"",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "1 2",
        "nul",
        "'a'",
        "{a:1}",
        "[,]",
        "{,}",
        "\"\u{1}\"",
        "\"\\ud800\"",
        "\"\\u12\"",
        "1.",
        "-",
        "+1",
        ".5",
        "0x1",
        "[1]]",
        "\u{feff}{}",
        "// c\n{}",
        "{\"a\":1,}",
        "\"a\nb\"",
        "]",
        "}",
    ] {
        assert!(read(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn size_depth_and_count_are_bounded() {
    let small = Limits {
        bytes: 100,
        depth: 3,
        values: 5,
        diagnostics: 2,
    };
    let bounded = |text: &str| crate::json::parse(&Source::new(text), &small);
    assert!(bounded("[[[1]]]").is_ok());
    assert!(bounded("[[[[1]]]]").is_err());
    assert!(bounded("[1,2,3,4]").is_ok());
    assert!(bounded("[1,2,3,4,5]").is_err());
    assert!(bounded(&format!("\"{}\"", "x".repeat(200))).is_err());
    assert_eq!(bounded("[x,x,x,x]").unwrap_err().diagnostics.len(), 2);
    let deep = "[".repeat(1_000_000);
    assert!(read(&deep).is_err());
}

#[test]
fn what_is_sound_is_kept_beside_what_is_not() {
    let source = Source::new(r#"{"id": "x", "bad": [1, ?, 3], "worse" 1, "last": true"#);
    let (node, diagnostics) = parse_partly(&source, &Limits::default());
    let node = node.unwrap();
    assert_eq!(node.get("id").unwrap().as_str(), Some("x"));
    assert_eq!(node.get("bad").unwrap().as_array().unwrap().len(), 3);
    assert_eq!(node.get("last").unwrap().value, Value::Bool(true));
    assert_eq!(diagnostics.len(), 3);
}

use super::*;
use crate::document::template_for_tests as template;

fn context(pairs: &[(&str, &str)]) -> Context {
    Context::from_pairs(
        pairs
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect(),
    )
}

fn glob(pattern: &str, value: &str) -> bool {
    Pattern::new(&template(pattern)).matches(value, &Context::default()) == Match::Yes
}

/// The textbook definition, exponential and obviously right.
fn naive(pattern: &[char], value: &[char]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some(('*', rest)) => (0..=value.len()).any(|at| naive(rest, &value[at..])),
        Some(('?', rest)) => !value.is_empty() && naive(rest, &value[1..]),
        Some((c, rest)) => value.first() == Some(c) && naive(rest, &value[1..]),
    }
}

/// All words up to `len` over an alphabet.
fn words(alphabet: &[char], len: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..len {
        last = last
            .iter()
            .flat_map(|word| alphabet.iter().map(move |c| format!("{word}{c}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn wildcards_agree_with_the_definition_on_every_short_pattern() {
    let values = words(&['a', 'b'], 5);
    for pattern in words(&['a', 'b', '*', '?'], 5) {
        let compiled = Pattern::new(&template(&pattern));
        let chars: Vec<char> = pattern.chars().collect();
        for value in &values {
            let expected = naive(&chars, &value.chars().collect::<Vec<_>>());
            let found = compiled.matches(value, &Context::default()) == Match::Yes;
            assert_eq!(found, expected, "{pattern} on {value}");
        }
    }
}

#[test]
fn a_question_mark_is_one_character_not_one_byte() {
    assert!(glob("?", "ü"));
    assert!(glob("a?c", "a😀c"));
    assert!(glob("*?c", "üc"));
    assert!(glob("*?", "ü"));
    assert!(!glob("??", "ü"));
    assert!(glob("*é?*", "xéüy"));
}

#[test]
fn a_value_is_never_syntax() {
    let pattern = Pattern::new(&template("users/${aws:x}/*"));
    for evil in ["*", "?", "${*}", "a*b", "${aws:x}", "../", ""] {
        let context = context(&[("aws:x", evil)]);
        assert_eq!(
            pattern.matches(&format!("users/{evil}/f"), &context),
            Match::Yes
        );
        assert_eq!(
            pattern.matches("users/bob/f", &context),
            Match::No,
            "{evil}"
        );
        assert_eq!(
            pattern.matches("users/axb/f", &context),
            Match::No,
            "{evil}"
        );
    }
}

#[test]
fn a_variable_without_value_is_null_and_a_default_helps() {
    let many = Context::from_pairs(vec![(
        "aws:x".into(),
        ContextValue::Many(["a".into()].into()),
    )]);
    let plain = Pattern::new(&template("p${aws:x}"));
    assert_eq!(plain.matches("pa", &Context::default()), Match::Null);
    assert_eq!(plain.matches("pa", &many), Match::Null);
    assert!(plain.is_null(&many));
    let with_default = Pattern::new(&template("p${aws:x, 'd'}"));
    assert_eq!(with_default.matches("pd", &Context::default()), Match::Yes);
    assert_eq!(with_default.matches("pd", &many), Match::Yes);
    let with_empty = Pattern::new(&template("p${aws:x, ''}"));
    assert_eq!(with_empty.matches("p", &Context::default()), Match::Yes);
}

#[test]
fn equality_ignores_the_case_of_any_alphabet() {
    let pattern = Pattern::new(&template("Straße-${aws:x}"));
    let context = context(&[("aws:x", "ÄÖ")]);
    assert_eq!(
        pattern.equals_ignoring_case("sTRASSE-äö", &context),
        Match::No
    );
    assert_eq!(
        pattern.equals_ignoring_case("sTRAße-äö", &context),
        Match::Yes
    );
    assert_eq!(
        pattern.equals_ignoring_case("straße-äöx", &context),
        Match::No
    );
}

#[test]
fn crafted_patterns_stay_fast() {
    let pattern = Pattern::new(&template(&"*a".repeat(200)));
    assert_eq!(
        pattern.matches(&"a".repeat(100_000), &Context::default()),
        Match::Yes
    );
    let pattern = Pattern::new(&template(&format!("{}b", "*a".repeat(200))));
    assert_eq!(
        pattern.matches(&"a".repeat(100_000), &Context::default()),
        Match::No
    );
}

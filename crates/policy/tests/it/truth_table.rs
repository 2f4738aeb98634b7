//! Every operator with every modifier on every shape of request value, against a table that is written down (IAM User Guide,
//! "Condition operators", "Conditions with multiple context keys or values").

use policy::{
    Action, ContextValue, DenialKind, Document, NamedPolicy, Policies, PolicySet, PolicyType,
    Principal, Request, RequestBuilder, Resource, decide,
};

/// A comparison: its operators, a policy value, another that none of the request values meets, a request value that
/// meets the policy value, one that does not, and one that the operator cannot read.
struct Comparison {
    positive: &'static str,
    negated: Option<&'static str>,
    policy: &'static str,
    idle: &'static str,
    meets: &'static str,
    other: &'static str,
    unreadable: Option<&'static str>,
}

const fn row(
    positive: &'static str,
    negated: Option<&'static str>,
    values: [&'static str; 4],
    unreadable: Option<&'static str>,
) -> Comparison {
    let [policy, idle, meets, other] = values;
    Comparison {
        positive,
        negated,
        policy,
        idle,
        meets,
        other,
        unreadable,
    }
}

#[rustfmt::skip]
const COMPARISONS: &[Comparison] = &[
    row("StringEquals", Some("StringNotEquals"), ["a", "z", "a", "A"], None),
    row("StringEqualsIgnoreCase", Some("StringNotEqualsIgnoreCase"), ["Äb", "z", "äB", "b"], None),
    row("StringLike", Some("StringNotLike"), ["a*", "z?", "a", "A"], None),
    row("NumericEquals", Some("NumericNotEquals"), ["10", "-3", "1e1", "11"], Some("ten")),
    row("NumericLessThan", None, ["10", "-100", "9.5", "10"], Some("")),
    row("NumericLessThanEquals", None, ["10", "-100", "10", "10.1"], Some("1e400")),
    row("NumericLessThanEquals", None, ["10", "-100", "-3", "11"], Some("--1")),
    row("NumericGreaterThanEquals", None, ["10", "100", "10.5", "-11"], Some("1_0")),
    row("DateLessThanEquals", None, ["2020-01-01", "1999", "0", "2020-01-02"], Some("2020-01-01T")),
    row("DateGreaterThanEquals", None, ["2020-01-01", "2100", "2021", "0"], Some("1e9")),
    row("NumericGreaterThan", None, ["10", "100", "10.1", "10"], Some("10 ")),
    row("NumericGreaterThanEquals", None, ["10", "100", "10", "9"], Some("0x10")),
    row("DateEquals", Some("DateNotEquals"), ["2020-01-01T00:00:00Z", "1999", "1577836800", "2020-01-02"], Some("soon")),
    row("DateLessThan", None, ["2020-01-01", "1999", "2019", "2020-01-01"], Some("")),
    row("DateLessThanEquals", None, ["2020-01-01", "1999", "2020-01-01T01:00:00+01:00", "2020-01-02"], Some("2020-02-30")),
    row("DateGreaterThan", None, ["2020-01-01", "2100", "2020-01-01T00:00:00.1Z", "2020"], Some("2020-1-1")),
    row("DateGreaterThanEquals", None, ["2020-01-01", "2100", "2020", "2019"], Some("now")),
    row("Bool", None, ["true", "TRUE", "True", "false"], Some("yes")),
    row("BinaryEquals", None, ["QQ==", "Qg==", "QQ==", "qq=="], None),
    row("IpAddress", Some("NotIpAddress"), ["203.0.113.0/24", "::/0", "203.0.113.7", "203.0.114.7"], Some("203.0.113")),
    row("ArnEquals", Some("ArnNotEquals"), ["arn:aws:s3:::b/*", "arn:aws:s3:::z", "arn:aws:s3:::b/x", "arn:aws:s3:::c"], Some("arn:aws:s3")),
    row("ArnLike", Some("ArnNotLike"), ["arn:aws:*:::b", "arn:aws:s3:::z", "arn:aws:s3:::b", "arn:aws:s3:x::b"], Some("urn:aws:s3:::b")),
];

/// The shapes of a request value: `m` meets the policy value, `o` does not, `u` cannot be read. A list in brackets.
const SHAPES: [&str; 14] = [
    "absent", "m", "o", "u", "[]", "[m]", "[o]", "[u]", "[mm]", "[mo]", "[oo]", "[mu]", "[ou]",
    "[uu]",
];

/// Qualifier, whether negated, suffix, and the truth for each shape: true, false or unknown.
#[rustfmt::skip]
const TABLE: &[(&str, bool, &str, &str)] = &[
    //                                absent m o u  []  [m][o][u] [mm][mo][oo] [mu][ou][uu]
    ("",              false, "",         "F T F ?  F   F F F     F F F        F F F"),
    ("",              false, "IfExists", "T T F ?  T   F F F     F F F        F F F"),
    ("",              true,  "",         "T F T ?  T   F F F     F F F        F F F"),
    ("",              true,  "IfExists", "T F T ?  T   F F F     F F F        F F F"),
    ("ForAllValues:", false, "",         "T T F ?  T   T F ?     T F F        ? F ?"),
    ("ForAllValues:", false, "IfExists", "T T F ?  T   T F ?     T F F        ? F ?"),
    ("ForAllValues:", true,  "",         "T F T ?  T   F T ?     F F T        F ? ?"),
    ("ForAllValues:", true,  "IfExists", "T F T ?  T   F T ?     F F T        F ? ?"),
    ("ForAnyValue:",  false, "",         "F T F ?  F   T F ?     T T F        T ? ?"),
    ("ForAnyValue:",  false, "IfExists", "T T F ?  T   T F ?     T T F        T ? ?"),
    ("ForAnyValue:",  true,  "",         "F F T ?  F   F T ?     F T T        ? T ?"),
    ("ForAnyValue:",  true,  "IfExists", "T F T ?  T   F T ?     F T T        ? T ?"),
];

/// The same where the policy's list of values is empty.
#[rustfmt::skip]
const NO_VALUES: &[(&str, bool, &str, &str)] = &[
    ("",              false, "",         "F F F F  F   F F F     F F F        F F F"),
    ("",              false, "IfExists", "T F F F  T   F F F     F F F        F F F"),
    ("",              true,  "",         "T T T T  T   F F F     F F F        F F F"),
    ("",              true,  "IfExists", "T F F F  T   F F F     F F F        F F F"),
    ("ForAllValues:", false, "",         "T F F F  T   F F F     F F F        F F F"),
    ("ForAllValues:", false, "IfExists", "T F F F  T   F F F     F F F        F F F"),
    ("ForAllValues:", true,  "",         "T F F F  T   F F F     F F F        F F F"),
    ("ForAllValues:", true,  "IfExists", "T F F F  T   F F F     F F F        F F F"),
    ("ForAnyValue:",  false, "",         "F F F F  F   F F F     F F F        F F F"),
    ("ForAnyValue:",  false, "IfExists", "T F F F  T   F F F     F F F        F F F"),
    ("ForAnyValue:",  true,  "",         "F F F F  F   F F F     F F F        F F F"),
    ("ForAnyValue:",  true,  "IfExists", "T F F F  T   F F F     F F F        F F F"),
];

/// The request value of a shape; `None` where the operator can read everything.
fn value(shape: &str, comparison: &Comparison) -> Option<Option<ContextValue>> {
    let one = |letter: char| match letter {
        'm' => Some(comparison.meets),
        'o' => Some(comparison.other),
        _ => comparison.unreadable,
    };
    if shape == "absent" {
        return Some(None);
    }
    let Some(list) = shape.strip_prefix('[') else {
        return Some(Some(one(shape.chars().next()?)?.into()));
    };
    let letters = list.trim_end_matches(']').chars();
    let values: Option<Vec<String>> = letters.map(|l| one(l).map(str::to_owned)).collect();
    Some(Some(values?.into()))
}

/// A condition, once in an Allow and once in a Deny beside an Allow of everything.
struct Condition {
    allow: PolicySet,
    deny: PolicySet,
}

impl Condition {
    fn new(operator: &str, values: &[&str]) -> Self {
        let condition = format!("{{\"{operator}\": {{\"k:k\": {values:?}}}}}");
        let open = statement("Allow", "{}");
        Self {
            allow: set(&statement("Allow", &condition)),
            deny: set(&format!("{open}, {}", statement("Deny", &condition))),
        }
    }

    /// The truth of the condition, for which the Allow and the Deny must stand alike.
    fn truth(&self, value: Option<ContextValue>) -> char {
        let mut builder = request();
        if let Some(value) = value {
            builder = builder.set("K:K", value);
        }
        let request = builder.build();
        let by_allow = match kind(&self.allow, &request) {
            None => 'T',
            Some(DenialKind::Implicit) => 'F',
            Some(DenialKind::Indeterminate) => '?',
            Some(DenialKind::Explicit) => panic!("an Allow denied"),
        };
        let by_deny = match kind(&self.deny, &request) {
            Some(DenialKind::Explicit) => 'T',
            None => 'F',
            Some(DenialKind::Indeterminate) => '?',
            Some(DenialKind::Implicit) => panic!("the Allow of everything is lost"),
        };
        assert_eq!(
            by_allow, by_deny,
            "the same condition in an Allow and a Deny"
        );
        by_allow
    }
}

/// Walks one table; how many truths were looked at.
fn walk(table: &[(&str, bool, &str, &str)], values_of: impl Fn(&Comparison) -> Vec<&str>) -> usize {
    let mut count = 0;
    for comparison in COMPARISONS {
        let values = values_of(comparison);
        for (qualifier, negated, suffix, truths) in table {
            let base = match negated {
                false => comparison.positive,
                true => match comparison.negated {
                    Some(name) => name,
                    None => continue,
                },
            };
            let operator = format!("{qualifier}{base}{suffix}");
            let condition = Condition::new(&operator, &values);
            let truths: Vec<&str> = truths.split_whitespace().collect();
            assert_eq!(truths.len(), SHAPES.len());
            for (shape, expected) in SHAPES.iter().zip(truths) {
                if let Some(value) = value(shape, comparison) {
                    let found = condition.truth(value.clone());
                    assert_eq!(
                        found.to_string(),
                        expected,
                        "{operator} {values:?} on {shape}: {value:?}"
                    );
                    count += 1;
                }
            }
        }
    }
    count
}

#[test]
fn operators_qualifiers_negation_and_if_exists() {
    let cells = walk(TABLE, |comparison| vec![comparison.policy]);
    assert_eq!(
        cells,
        walk(TABLE, |comparison| vec![comparison.idle, comparison.policy])
    );
    assert_eq!(cells, 2_310);
}

#[test]
fn operators_on_no_policy_value() {
    walk(NO_VALUES, |_| Vec::new());
}

#[test]
fn null_asks_for_presence() {
    let shapes: [Option<ContextValue>; 6] = [
        None,
        Some("x".into()),
        Some("".into()),
        Some(Vec::<String>::new().into()),
        Some(vec!["x".to_owned()].into()),
        Some(vec![String::new()].into()),
    ];
    for qualifier in ["", "ForAllValues:", "ForAnyValue:"] {
        for (values, truths) in [
            (&["true"][..], "TFTTFF"),
            (&["false"], "FTFFTT"),
            (&["True", "FALSE"], "TTTTTT"),
            (&[], "FFFFFF"),
        ] {
            let condition = Condition::new(&format!("{qualifier}Null"), values);
            let found: String = shapes
                .iter()
                .map(|value| condition.truth(value.clone()))
                .collect();
            assert_eq!(found, truths, "{qualifier}Null {values:?}");
        }
    }
}

/// A value that is put into a pattern matches that value and no other, whatever characters it holds.
#[test]
fn a_substituted_value_is_never_syntax() {
    let evil = [
        "*",
        "?",
        "a*",
        "${*}",
        "${k:v}",
        "a:b",
        "b",
        "",
        "arn:aws:s3:::b",
        "arn:*:*:*:*:*",
    ];
    for (operator, pattern) in [
        ("StringEquals", "${k:v}"),
        ("StringLike", "x/${k:v}/y"),
        ("StringEqualsIgnoreCase", "${k:v}"),
        ("ArnLike", "arn:aws:s3:::${k:v}"),
        ("ArnEquals", "arn:aws:s3:${k:v}::b"),
        ("ArnEquals", "${k:v}"),
        ("ArnLike", "arn:aws:s3:::b/${k:v}/*"),
    ] {
        let set = set(&statement(
            "Allow",
            &format!("{{\"{operator}\": {{\"k:k\": \"{pattern}\"}}}}"),
        ));
        for value in evil {
            for other in evil {
                let asked = pattern.replace("/*", "/z").replace("${k:v}", other);
                let builder = request().set("k:v", value).set("k:k", asked.as_str());
                let allowed = kind(&set, &builder.build()).is_none();
                // In one of the first five segments a value with a colon would be two.
                let one_segment = !pattern.ends_with("}::b") || !value.contains(':');
                let is_arn = !operator.starts_with("Arn") || asked.splitn(6, ':').count() == 6;
                let expected = value == other && one_segment && is_arn;
                assert_eq!(
                    allowed, expected,
                    "{operator} {pattern}: {value} against {asked}"
                );
            }
        }
    }
}

/// Keys and operators are joined by "and": one that surely fails outweighs one that cannot be evaluated.
#[test]
fn conditions_are_joined_by_and() {
    let (implicit, unknown) = (Some(DenialKind::Implicit), Some(DenialKind::Indeterminate));
    for (condition, expected) in [
        (
            r#"{"StringEquals": {"k:t": "a"}, "NumericEquals": {"k:u": "1"}}"#,
            unknown,
        ),
        (
            r#"{"StringEquals": {"k:t": "b"}, "NumericEquals": {"k:u": "1"}}"#,
            implicit,
        ),
        (
            r#"{"NumericEquals": {"k:u": "1"}, "StringEquals": {"k:t": "b"}}"#,
            implicit,
        ),
        (r#"{"StringEquals": {"k:t": "a", "k:u": "y"}}"#, implicit),
        (r#"{"StringEquals": {"k:t": "a", "k:u": "x"}}"#, None),
        (r"{}", None),
    ] {
        let set = set(&statement("Allow", condition));
        let request = request().set("k:t", "a").set("k:u", "x").build();
        assert_eq!(kind(&set, &request), expected, "{condition}");
    }
}

fn statement(effect: &str, condition: &str) -> String {
    format!(
        "{{\"Effect\": \"{effect}\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": {condition}}}"
    )
}

fn set(statements: &str) -> PolicySet {
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}");
    let document = Document::parse(&text, PolicyType::Identity).unwrap();
    PolicySet::compile([NamedPolicy::new("p", document)])
}

fn request() -> RequestBuilder {
    Request::builder(
        Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap(),
        Action::parse("s3:GetObject").unwrap(),
        Resource::Any,
    )
}

fn kind(identity: &PolicySet, request: &Request) -> Option<DenialKind> {
    let policies = Policies {
        identity: Some(identity),
        ..Policies::default()
    };
    let denial = decide(&policies, request).denial();
    denial.map(|denial| denial.kind)
}

//! Questions that once took without end.

use crate::worlds::compiled;
use policy::PolicyType;
use prove::{Facts, alone, no_new_access};

fn both(old: &str, new: &str) -> &'static str {
    let policy = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        compiled(&text, PolicyType::Identity)
    };
    let [old, new] = [old, new].map(policy);
    let [old, new] = [&old, &new].map(|set| alone(set, PolicyType::Identity, None));
    no_new_access(old, new).answer(&Facts::none()).name()
}

const TEAM: &str = "${aws:PrincipalTag/team}";

fn when(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Action":["s3:PutObject","s3:?etObject"],"Resource":"arn:aws:s3:::*{TEAM}ba",
        "Condition":{{{condition}}}}}"#
    )
}

/// That a value is itself says nothing of a text, and of an ARN that it is one; neither is said again and again.
#[test]
fn a_value_that_is_compared_with_itself_is_decided() {
    let old = format!(
        r#"{{"Effect":"Allow","Action":"s3:?etObject","Resource":"arn:aws:s3:::*aa{TEAM}a/"}}"#
    );
    let own = |operator: &str| {
        when(&format!(
            r#""{operator}":{{"aws:PrincipalTag/team":["{TEAM}"]}}"#
        ))
    };
    for operator in [
        "StringLike",
        "StringEquals",
        "ArnLike",
        "ArnEquals",
        "ArnLikeIfExists",
    ] {
        assert_eq!(both(&old, &own(operator)), "violated", "{operator}");
    }
    assert_eq!(both(&old, &own("StringNotLike")), "proved");
    // A value that is no ARN is neither like itself nor unlike.
    assert_eq!(both(&old, &own("ArnNotLike")), "proved");
    let no_arn = format!(
        r#""ArnLike":{{"aws:PrincipalTag/team":"{TEAM}"}},"StringNotLike":{{"aws:PrincipalTag/team":"arn:*"}}"#
    );
    assert_eq!(both(&old, &when(&no_arn)), "proved");
    let some_arn = format!(
        r#""ArnLike":{{"aws:PrincipalTag/team":"{TEAM}"}},"StringLike":{{"aws:PrincipalTag/team":"arn:*"}}"#
    );
    assert_eq!(both(&old, &when(&some_arn)), "violated");
}

/// Many values in many patterns that cannot be cut.
#[test]
fn much_that_is_tied_together_comes_to_an_end() {
    let key = |n: usize| format!("${{aws:PrincipalTag/t{n}}}");
    let conditions = |operator: &str, order: &dyn Fn(usize) -> usize| {
        let one = |n: usize| {
            let (a, b, c) = (key(order(n)), key(order(n + 1)), key(order(n + 2)));
            format!(r#""aws:RequestTag/r{n}":["*{a}*{b}x*{c}","*{b}{a}*y{c}*"]"#)
        };
        let all: Vec<String> = (0..6).map(one).collect();
        format!(r#""{operator}":{{{}}}"#, all.join(","))
    };
    let statement = |effect: &str, condition: &str| {
        format!(
            r#"{{"Effect":"{effect}","Action":"s3:GetObject","Resource":"*","Condition":{{{condition}}}}}"#
        )
    };
    let new = statement("Allow", &conditions("StringLike", &|n| n));
    let old = format!(
        "{},{}",
        statement("Allow", &conditions("StringLike", &|n| 8 - n)),
        statement("Deny", &conditions("StringNotLike", &|n| (n * 3) % 7))
    );
    assert_eq!(both(&old, &new), "violated");
    assert_eq!(both(&new, &old), "violated");
}

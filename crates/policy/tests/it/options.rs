//! The readings that are options: each changes what it says it changes.

use policy::options::{
    EmptyString, ForAllNegatedMissing, NotResourceNullVariable, NullVariableNegated,
    PlainOperatorOnList,
};
use policy::text::Source;
use policy::{
    Action, ContextValue, Document, NamedPolicy, Options, Policies, PolicySet, PolicyType,
    Principal, Request, Resource, decide,
};

/// Whether an Allow statement with these members applies to a request for `arn:aws:s3:::b/x`.
fn applies(options: Options, members: &str, keys: &[(&'static str, ContextValue)]) -> bool {
    let text = format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": {{\"Effect\": \"Allow\", \"Action\": \"*\", {members}}}}}"
    );
    let document = Document::parse_source(&Source::new(text), PolicyType::Identity, &options);
    let set = PolicySet::compile_with([NamedPolicy::new("p", document.unwrap())], options);
    let mut request = Request::builder(
        Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap(),
        Action::parse("s3:GetObject").unwrap(),
        Resource::parse("arn:aws:s3:::b/x").unwrap(),
    );
    for (key, value) in keys {
        request = request.set(*key, value.clone());
    }
    let policies = Policies {
        identity: Some(&set),
        ..Policies::default()
    };
    decide(&policies, &request.build()).is_allow()
}

/// A condition, keys of the request, whether it holds by default, and whether it does otherwise.
type Row<'a> = (&'a str, &'a [(&'static str, ContextValue)], bool, bool);

/// A condition under the default and under another reading: with these keys, whether it holds.
fn check(other: Options, rows: &[Row<'_>]) {
    for (condition, keys, by_default, otherwise) in rows {
        let members = format!("\"Resource\": \"*\", \"Condition\": {{{condition}}}");
        let found = (
            applies(Options::default(), &members, keys),
            applies(other, &members, keys),
        );
        assert_eq!(found, (*by_default, *otherwise), "{condition} {keys:?}");
    }
}

fn list(values: &[&str]) -> ContextValue {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    values.into()
}

#[test]
fn a_null_variable_under_a_negated_operator() {
    let other = Options {
        null_variable_negated: NullVariableNegated::NeverMatches,
        ..Options::default()
    };
    let text = r#""StringNotEquals": {"k:k": "${k:v}"}"#;
    let arn = r#""ArnNotLike": {"k:k": ["arn:aws:s3:::a", "arn:aws:s3:::${k:v}"]}"#;
    let bucket = "arn:aws:s3:::b";
    check(
        other,
        &[
            (text, &[("k:k", "a".into())], true, false),
            (
                text,
                &[("k:k", "a".into()), ("k:v", "b".into())],
                true,
                true,
            ),
            (
                text,
                &[("k:k", "a".into()), ("k:v", "a".into())],
                false,
                false,
            ),
            (text, &[], true, true),
            (arn, &[("k:k", bucket.into())], true, false),
            (
                arn,
                &[("k:k", bucket.into()), ("k:v", "c".into())],
                true,
                true,
            ),
            (
                r#""StringEquals": {"k:k": ["${k:v}", "a"]}"#,
                &[("k:k", "a".into())],
                true,
                true,
            ),
        ],
    );
}

#[test]
fn for_all_values_negated_on_a_missing_key() {
    let other = Options {
        for_all_negated_missing: ForAllNegatedMissing::NeverMatches,
        ..Options::default()
    };
    check(
        other,
        &[
            (
                r#""ForAllValues:StringNotEquals": {"k:k": "a"}"#,
                &[],
                true,
                false,
            ),
            (
                r#""ForAllValues:StringNotEquals": {"k:k": "a"}"#,
                &[("k:k", list(&[]))],
                true,
                false,
            ),
            (
                r#""ForAllValues:StringNotEquals": {"k:k": "a"}"#,
                &[("k:k", list(&["b"]))],
                true,
                true,
            ),
            (
                r#""ForAllValues:StringNotEqualsIfExists": {"k:k": "a"}"#,
                &[],
                true,
                true,
            ),
            (
                r#""ForAllValues:StringEquals": {"k:k": "a"}"#,
                &[],
                true,
                true,
            ),
        ],
    );
}

#[test]
fn an_operator_without_qualifier_on_a_list() {
    let other = Options {
        plain_operator_on_list: PlainOperatorOnList::AnyValue,
        ..Options::default()
    };
    let values = [("k:k", list(&["a", "b"]))];
    check(
        other,
        &[
            (r#""StringEquals": {"k:k": "a"}"#, &values, false, true),
            (r#""StringEquals": {"k:k": "c"}"#, &values, false, false),
            (r#""StringNotEquals": {"k:k": "a"}"#, &values, false, true),
            (r#""StringNotEquals": {"k:k": []}"#, &values, false, true),
            (
                r#""StringNotEqualsIfExists": {"k:k": []}"#,
                &values,
                false,
                false,
            ),
        ],
    );
}

#[test]
fn null_on_an_empty_string() {
    let other = Options {
        empty_string: EmptyString::Value,
        ..Options::default()
    };
    let empty = [("k:k", "".into())];
    check(
        other,
        &[
            (r#""Null": {"k:k": "true"}"#, &empty, true, false),
            (r#""Null": {"k:k": "false"}"#, &empty, false, true),
            (r#""Null": {"k:k": "true"}"#, &[], true, true),
            (r#""StringEquals": {"k:k": ""}"#, &empty, true, true),
        ],
    );
}

#[test]
fn not_resource_with_a_null_variable() {
    let other = Options {
        not_resource_null_variable: NotResourceNullVariable::StatementNeverApplies,
        ..Options::default()
    };
    let null = r#""NotResource": ["arn:aws:s3:::${k:v}/*", "arn:aws:s3:::c"]"#;
    let listed = r#""NotResource": ["arn:aws:s3:::b/*", "arn:aws:s3:::${k:v}/*"]"#;
    for (members, keys, by_default, otherwise) in [
        (null, &[][..], true, false),
        (null, &[("k:v", "c".into())], true, true),
        (null, &[("k:v", "b".into())], false, false),
        (listed, &[], false, false),
        (
            r#""NotResource": "arn:aws:s3:::${k:v, 'c'}/*""#,
            &[],
            true,
            true,
        ),
        (
            r#""Resource": ["arn:aws:s3:::${k:v}/*", "arn:aws:s3:::b/*"]"#,
            &[],
            true,
            true,
        ),
    ] {
        let found = (
            applies(Options::default(), members, keys),
            applies(other, members, keys),
        );
        assert_eq!(found, (by_default, otherwise), "{members} {keys:?}");
    }
}

//! What an explanation says besides the verdict.

use policy::explain::{Applies, Change, Mismatch, StatementTrace};
use policy::text::Position;
use policy::{
    AccountId, Action, ContextValue, DenialKind, Document, Explanation, NamedPolicy, Policies,
    PolicySet, PolicyType, Principal, Request, RequestBuilder, Resource, explain,
};

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:SourceIdentity}/*",
   "Condition": {"StringEquals": {"aws:PrincipalTag/team": "${k:team, 'red'}"}}},
  {"Sid": "Put", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::${k:put}"},
  {"Sid": "Late", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
   "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}}]}"#;

fn set(text: &str) -> PolicySet {
    let document = Document::parse(text, PolicyType::Identity).unwrap_or_else(|e| panic!("{e}"));
    PolicySet::compile([NamedPolicy::new("access", document)])
}

fn request(resource: &str) -> RequestBuilder {
    Request::builder(
        Principal::parse("arn:aws:iam::111122223333:user/alice").unwrap(),
        Action::parse("s3:GetObject").unwrap(),
        Resource::parse(resource).unwrap(),
    )
}

fn identity(set: &PolicySet) -> Policies<'_> {
    Policies {
        identity: Some(set),
        ..Policies::default()
    }
}

fn sid<'a>(trace: &StatementTrace<'a>) -> &'a str {
    trace.statement.sid.as_ref().map_or("", |sid| &sid.value)
}

fn set_key(key: &str, value: impl Into<ContextValue>) -> Change {
    Change::Set {
        key: key.to_owned(),
        value: value.into(),
    }
}

fn changes(explanation: &Explanation<'_>) -> Vec<Vec<Change>> {
    let found = explanation.counterfactuals.iter();
    found.map(|one| one.changes.clone()).collect()
}

#[test]
fn an_implicit_denial_names_the_nearest_statement_and_what_is_missing() {
    let set = set(POLICY);
    let policies = identity(&set);
    let request = request("arn:aws:s3:::b/alice/x").build();
    let explanation = explain(&policies, &request);
    assert!(explanation.decided_by.is_none());
    let [nearest] = explanation.closest.as_slice() else {
        panic!("{:?}", explanation.closest)
    };
    assert_eq!(
        (sid(nearest), &*nearest.place.policy, nearest.place.number),
        ("Own", "access", 0)
    );
    assert_eq!(nearest.position(), Position { line: 2, column: 3 });
    assert!(matches!(nearest.mismatches[0], Mismatch::Resource));
    assert!(matches!(
        nearest.mismatches[1],
        Mismatch::Condition {
            value: None,
            unreadable: false,
            ..
        }
    ));
    assert_eq!(
        explanation.missing,
        [
            "aws:CurrentTime",
            "aws:PrincipalTag/team",
            "aws:SourceIdentity",
            "k:team"
        ],
        "keys of conditions and variables, of statements about the action only"
    );
    assert_eq!(explanation.lacking, [PolicyType::Identity]);
}

#[test]
fn a_mismatch_shows_both_values() {
    let set = set(POLICY);
    let policies = identity(&set);
    let request = request("arn:aws:s3:::b/alice/x")
        .set("aws:SourceIdentity", "alice")
        .set("aws:PrincipalTag/team", "blue")
        .build();
    let explanation = explain(&policies, &request);
    let [
        Mismatch::Condition {
            condition, value, ..
        },
    ] = &explanation.closest[0].mismatches[..]
    else {
        panic!()
    };
    assert_eq!(*value, Some(&"blue".into()));
    assert_eq!(condition.values[0].value.expanded(request.context()), "red");
    assert_eq!(
        changes(&explanation),
        [[set_key("aws:PrincipalTag/team", "red")]]
    );
}

#[test]
fn an_allowing_a_denying_and_an_unreadable_statement_are_named() {
    let set = set(POLICY);
    let policies = identity(&set);
    let at = |time: &str| {
        request("arn:aws:s3:::b/alice/x")
            .set("aws:SourceIdentity", "alice")
            .set("aws:PrincipalTag/team", "red")
            .set("aws:CurrentTime", time)
            .build()
    };
    for (time, kind, name, applies, line) in [
        ("2025-06-01", None, "Own", Applies::Yes, 2),
        (
            "2026-06-01",
            Some(DenialKind::Explicit),
            "Late",
            Applies::Yes,
            5,
        ),
        (
            "soon",
            Some(DenialKind::Indeterminate),
            "Late",
            Applies::Unknown,
            5,
        ),
    ] {
        let request = at(time);
        let explanation = explain(&policies, &request);
        assert_eq!(explanation.denial.map(|denial| denial.kind), kind);
        let decided = explanation.decided_by.as_ref().unwrap();
        assert_eq!(
            (sid(decided), decided.applies, decided.position().line),
            (name, applies, line)
        );
        let unreadable = |m: &Mismatch<'_>| {
            matches!(
                m,
                Mismatch::Condition {
                    unreadable: true,
                    ..
                }
            )
        };
        assert_eq!(
            decided.mismatches.iter().any(unreadable),
            applies == Applies::Unknown
        );
        let expected = match kind {
            None => vec![],
            Some(_) => vec![vec![Change::Remove {
                key: "aws:CurrentTime".to_owned(),
            }]],
        };
        assert_eq!(changes(&explanation), expected);
    }
}

#[test]
fn another_resource_would_pass() {
    let set = set(POLICY);
    let policies = identity(&set);
    let request = request("arn:aws:s3:::b/bob/y")
        .set("aws:SourceIdentity", "alice")
        .set("aws:PrincipalTag/team", "red")
        .build();
    let arn = "arn:aws:s3:::b/alice/x".to_owned();
    assert_eq!(
        changes(&explain(&policies, &request)),
        [[Change::Resource { arn }]]
    );
}

/// Every layer that would have to allow, in the order in which they are asked.
#[test]
fn all_layers_that_lack_an_allow_are_named() {
    use PolicyType::{Boundary, Identity, ServiceControl, Session, VpcEndpoint};
    let none = PolicySet::default();
    let policies = Policies {
        boundary: Some(&none),
        session: Some(&none),
        endpoint: Some(&none),
        service_control: std::slice::from_ref(&none),
        ..Policies::default()
    };
    let lacking = |request: &Request| explain(&policies, request).lacking;
    let own = request("arn:aws:s3:::b/x").build();
    let order = [VpcEndpoint, ServiceControl, Identity, Boundary, Session];
    assert_eq!(lacking(&own), order);
    let other = own
        .to_builder()
        .resource_account(AccountId::parse("999988887777").unwrap());
    let [endpoint, scp, rest @ ..] = order;
    let order: Vec<_> = [endpoint, scp, PolicyType::Resource]
        .into_iter()
        .chain(rest)
        .collect();
    assert_eq!(lacking(&other.build()), order);
}

/// A condition of an Allow, the key's value in the request, and the change with which it holds.
#[test]
fn what_would_meet_a_condition() {
    let one = |value: &str| set_key("k:k", value);
    let many = |value: &str| set_key("k:k", vec![value.to_owned()]);
    let remove = || Change::Remove {
        key: "k:k".to_owned(),
    };
    for (condition, value, change) in [
        (
            r#""StringEquals": {"k:k": ["a*", "b"]}"#,
            Some("c"),
            one("a*"),
        ),
        (r#""StringLike": {"k:k": "a*?"}"#, None, one("axx")),
        (
            r#""StringEqualsIgnoreCase": {"k:k": "${aws:username}"}"#,
            None,
            one("alice"),
        ),
        (r#""StringNotEquals": {"k:k": "a"}"#, Some("a"), remove()),
        (r#""NumericEquals": {"k:k": "10"}"#, None, one("10")),
        (r#""NumericLessThan": {"k:k": "10"}"#, Some("11"), one("9")),
        (
            r#""NumericGreaterThan": {"k:k": "-0.5"}"#,
            Some("-1"),
            one("0"),
        ),
        (
            r#""NumericGreaterThanEquals": {"k:k": "7"}"#,
            Some("x"),
            one("7"),
        ),
        (
            r#""DateLessThan": {"k:k": "2020-01-01T00:00:00Z"}"#,
            Some("2021"),
            one("1577836799"),
        ),
        (
            r#""DateGreaterThan": {"k:k": "2020-01-01T00:00:00.5Z"}"#,
            Some("2019"),
            one("1577836801"),
        ),
        (
            r#""DateEquals": {"k:k": "2020-01-01"}"#,
            Some("2021"),
            one("2020-01-01"),
        ),
        (r#""Bool": {"k:k": "true"}"#, Some("false"), one("true")),
        (r#""BinaryEquals": {"k:k": "QQ=="}"#, None, one("QQ==")),
        (
            r#""IpAddress": {"k:k": "203.0.113.0/24"}"#,
            Some("10.0.0.1"),
            one("203.0.113.0"),
        ),
        (
            r#""NotIpAddress": {"k:k": "10.0.0.0/8"}"#,
            Some("10.0.0.1"),
            remove(),
        ),
        (
            r#""ArnLike": {"k:k": "arn:aws:s3:::b?"}"#,
            None,
            one("arn:aws:s3:::bx"),
        ),
        (r#""Null": {"k:k": "true"}"#, Some("a"), remove()),
        (r#""Null": {"k:k": "false"}"#, None, one("x")),
        (
            r#""ForAnyValue:StringEquals": {"k:k": ["a", "b"]}"#,
            None,
            many("a"),
        ),
        (
            r#""ForAllValues:StringLike": {"k:k": "a"}"#,
            Some("b"),
            many("a"),
        ),
    ] {
        let set = set(&format!(
            "{{\"Version\": \"2012-10-17\", \"Statement\": {{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\", \
             \"Condition\": {{{condition}}}}}}}"
        ));
        let mut request = request("arn:aws:s3:::b/x");
        if let Some(value) = value {
            request = request.set("k:k", value);
        }
        let request = request.build();
        let policies = identity(&set);
        assert_eq!(
            changes(&explain(&policies, &request)),
            [[change]],
            "{condition}"
        );
    }
}

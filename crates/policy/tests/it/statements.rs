//! Policies of every type, made from a string of choices.

use crate::generate::Choices;
use policy::{Document, PolicyType};

/// A policy whose statements can be shuffled and added to.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) policy_type: PolicyType,
    pub(crate) version: Option<&'static str>,
    pub(crate) statements: Vec<String>,
}

impl Policy {
    pub(crate) fn text(&self) -> String {
        let version = self
            .version
            .map_or(String::new(), |v| format!("\"Version\": \"{v}\", "));
        format!(
            "{{{version}\"Statement\": [{}]}}",
            self.statements.join(", ")
        )
    }

    pub(crate) fn parse(&self) -> Document {
        let text = self.text();
        Document::parse(&text, self.policy_type).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

/// Keys that conditions, variables and requests name; some are spelt in several ways.
pub(crate) const KEYS: &[&str] = &[
    "aws:SourceIdentity",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "k:plain",
    "AWS:sourceidentity",
    "aws:PrincipalArn",
    "aws:userid",
    "aws:username",
];

/// A policy of a type, that it always accepts.
pub(crate) fn policy(c: &mut Choices<'_>, policy_type: PolicyType) -> Policy {
    let version = match policy_type {
        PolicyType::ResourceControl => Some("2012-10-17"),
        _ => [
            Some("2012-10-17"),
            Some("2012-10-17"),
            Some("2012-10-17"),
            Some("2008-10-17"),
            None,
        ][c.up_to(4)],
    };
    let variables = version == Some("2012-10-17");
    let count = c.up_to(4);
    let mut statements: Vec<String> = (0..count)
        .map(|_| statement(c, policy_type, None, variables))
        .collect();
    if !c.one_in(2) {
        statements.push(allow_all(policy_type));
    }
    Policy {
        policy_type,
        version,
        statements,
    }
}

/// A statement that allows everything to everyone, in the words of a layer.
pub(crate) fn allow_all(policy_type: PolicyType) -> String {
    let principal = if policy_type.has_principal() {
        "\"Principal\": \"*\", "
    } else {
        ""
    };
    let resource = if policy_type == PolicyType::Trust {
        ""
    } else {
        ", \"Resource\": \"*\""
    };
    format!("{{\"Effect\": \"Allow\", {principal}\"Action\": \"*\"{resource}}}")
}

/// A statement; `effect` is chosen where it is not given.
pub(crate) fn statement(
    c: &mut Choices<'_>,
    policy_type: PolicyType,
    effect: Option<&str>,
    variables: bool,
) -> String {
    let effect = effect.unwrap_or_else(|| if c.one_in(3) { "Deny" } else { "Allow" });
    let rcp = policy_type == PolicyType::ResourceControl;
    let mut parts = vec![format!("\"Effect\": \"{effect}\"")];
    if c.one_in(2) {
        parts.push(format!("\"Sid\": \"S{}\"", c.up_to(9)));
    }
    if policy_type.has_principal() && !(policy_type == PolicyType::VpcEndpoint && c.one_in(3)) {
        let not = !rcp && policy_type != PolicyType::Trust && c.one_in(5);
        let who = if rcp {
            "\"*\"".to_owned()
        } else {
            principals(c)
        };
        parts.push(format!(
            "\"{}Principal\": {who}",
            if not { "Not" } else { "" }
        ));
    }
    let not = !rcp && c.one_in(6);
    parts.push(format!(
        "\"{}Action\": {}",
        if not { "Not" } else { "" },
        actions(c, rcp)
    ));
    let may_lack = matches!(
        policy_type,
        PolicyType::Resource | PolicyType::Key | PolicyType::VpcEndpoint
    );
    if policy_type != PolicyType::Trust && !(may_lack && c.one_in(3)) {
        let not = c.one_in(6);
        parts.push(format!(
            "\"{}Resource\": {}",
            if not { "Not" } else { "" },
            resources(c, variables)
        ));
    }
    if c.one_in(2) {
        parts.push(format!("\"Condition\": {}", conditions(c, variables)));
    }
    format!("{{{}}}", parts.join(", "))
}

fn principals(c: &mut Choices<'_>) -> String {
    const FORMS: &[&str] = &[
        "\"*\"",
        "{\"AWS\": \"111122223333\"}",
        "{\"AWS\": \"*\"}",
        "{\"AWS\": [\"arn:aws:iam::111122223333:root\", \"arn:aws:iam::111122223333:user/alice\"]}",
        "{\"AWS\": \"arn:aws:iam::111122223333:role/team/Exec\"}",
        "{\"AWS\": \"arn:aws:iam::111122223333:role/Exec\", \"Service\": \"SageMaker.amazonaws.com\"}",
        "{\"AWS\": \"arn:aws:sts::111122223333:assumed-role/Exec/alice\"}",
        "{\"AWS\": [\"arn:aws:sts::111122223333:assumed-role/Exec/alice\", \"arn:aws:iam::111122223333:role/Exec\", \"111122223333\"]}",
        "{\"AWS\": \"arn:aws:sts::111122223333:federated-user/bob\"}",
        "{\"AWS\": \"AROAEXAMPLEEXAMPLE\"}",
        "{\"Service\": \"sagemaker.amazonaws.com\"}",
        "{\"Federated\": \"accounts.google.com\"}",
        "{\"CanonicalUser\": \"79a59df900b949e5\"}",
        "{\"AWS\": []}",
    ];
    c.pick(FORMS).to_owned()
}

/// Zero to three of them, or one without brackets.
fn list(c: &mut Choices<'_>, mut one: impl FnMut(&mut Choices<'_>) -> String) -> String {
    if !c.one_in(3) {
        return one(c);
    }
    let count = c.up_to(3);
    let items: Vec<String> = (0..count).map(|_| one(c)).collect();
    format!("[{}]", items.join(", "))
}

fn actions(c: &mut Choices<'_>, rcp: bool) -> String {
    const PATTERNS: &[&str] = &[
        "s3:*",
        "s3:GetObject",
        "*",
        "S3:get*",
        "s3:?etObject",
        "s3:Put*",
        "sagemaker:*",
        "sagemaker:Describe*Job",
        "sts:AssumeRole",
        "kms:*",
        "s3:*Object",
        "s3:List*",
        "iam:PassRole",
    ];
    let from = if rcp {
        &[PATTERNS[0], PATTERNS[1], PATTERNS[8], PATTERNS[3]][..]
    } else {
        PATTERNS
    };
    list(c, |c| quote(c.pick(from)))
}

fn resources(c: &mut Choices<'_>, variables: bool) -> String {
    const PATTERNS: &[&str] = &[
        "*",
        "arn:aws:s3:::b/*",
        "arn:aws:s3:::b",
        "arn:aws:s3:::b/${aws:SourceIdentity}/*",
        "arn:aws:s3:::b/${aws:username, 'alice'}/?",
        "arn:aws:s3:::b/${*}/ü",
        "arn:AWS:S3:*:*:b/*:*",
        "arn:aws:s3",
        "arn:aws:sagemaker:*:111122223333:training-job/${aws:PrincipalTag/team}-*",
        "arn:aws:sagemaker:us-east-?:*:training-job/*",
        "arn:aws:iam::*:role/*",
        "arn:aws:kms:*:*:key/*",
        "arn:aws:s3:::b/${aws:TagKeys}*",
        "arn:aws:s3:::*x",
    ];
    list(c, |c| match c.pick(PATTERNS) {
        pattern if pattern.contains("${") && !variables => quote("arn:aws:s3:::b/*"),
        pattern => quote(pattern),
    })
}

/// Operators with policy values that they can read.
const OPERATORS: &[(&[&str], &[&str])] = &[
    (
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        &[
            "alice",
            "a*",
            "",
            "*",
            "?lice",
            "${aws:username}",
            "${aws:SourceIdentity}",
            "${k:plain, 'alice'}",
            "${k:plain, ''}",
            "${*}",
            "*${aws:PrincipalTag/team}*",
            "BOB",
            "Ü",
            "x${$}{",
        ],
    ),
    (
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        &["10", "-1.5", "0", "1e1", "9.99900"],
    ),
    (
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        &[
            "2020-01-01T00:00:00Z",
            "1577836800",
            "2019-12-31T23:00:00-01:00",
            "2021",
        ],
    ),
    (&["Bool"], &["true", "false", "TRUE", "${k:plain}"]),
    (&["BinaryEquals"], &["QQ==", "", "YWxpY2U="]),
    (
        &["IpAddress", "NotIpAddress"],
        &[
            "203.0.113.0/24",
            "::/0",
            "0.0.0.0/0",
            "203.0.113.7",
            "2001:db8::/32",
        ],
    ),
    (
        &["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
        &[
            "arn:aws:s3:::b",
            "arn:aws:s3:::*",
            "*",
            "arn:*:iam::111122223333:role/*",
            "arn:aws:s3:::b/${aws:SourceIdentity}",
        ],
    ),
    (&["Null"], &["true", "false"]),
];

fn conditions(c: &mut Choices<'_>, variables: bool) -> String {
    let mut blocks: Vec<(String, String)> = Vec::new();
    for _ in 0..=c.up_to(2) {
        let (names, values) = OPERATORS[c.up_to(OPERATORS.len() - 1)];
        let base = c.pick(names);
        let qualifier = c.pick(&["", "", "ForAllValues:", "ForAnyValue:"]);
        let suffix = if base != "Null" && c.one_in(3) {
            "IfExists"
        } else {
            ""
        };
        let operator = format!("{qualifier}{base}{suffix}");
        let key = c.pick(KEYS);
        let values = list(c, |c| match c.pick(values) {
            value if value.contains("${") && !variables && base == "Bool" => quote("true"),
            value => quote(value),
        });
        if !blocks.iter().any(|(known, _)| *known == operator) {
            blocks.push((operator, format!("{{\"{key}\": {values}}}")));
        }
    }
    let blocks: Vec<String> = blocks
        .iter()
        .map(|(operator, block)| format!("\"{operator}\": {block}"))
        .collect();
    format!("{{{}}}", blocks.join(", "))
}

fn quote(text: &str) -> String {
    policy::json::quote(text)
}

//! Requests with their policies, made from a string of bytes: every byte is one choice, and the choice made where the bytes run
//! out is always the first. So random bytes make random cases, shorter strings make simpler ones, and a fuzzer's input is a case.

use policy::{
    AccountId, Action, ContextValue, Document, NamedPolicy, Policies, PolicySet, PolicyType,
    Principal, Request, Resource,
};

/// A string of choices.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn next(&mut self) -> usize {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                usize::from(*first)
            }
            None => 0,
        }
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.next() % from.len()]
    }

    /// Rarely true, and never where the bytes have run out.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.next() % n == n - 1
    }

    /// From zero to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.next() % (most + 1)
    }
}

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

/// The policies of every layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    pub(crate) identity: Option<Vec<Policy>>,
    pub(crate) boundary: Option<Vec<Policy>>,
    pub(crate) session: Option<Vec<Policy>>,
    pub(crate) resource: Option<Vec<Policy>>,
    pub(crate) endpoint: Option<Vec<Policy>>,
    pub(crate) service_control: Vec<Vec<Policy>>,
    pub(crate) resource_control: Vec<Vec<Policy>>,
    pub(crate) management_account: Option<AccountId>,
}

impl Layers {
    /// Every layer that is there, one entry for each level.
    pub(crate) fn sets_mut(&mut self) -> Vec<&mut Vec<Policy>> {
        let single = [
            &mut self.identity,
            &mut self.boundary,
            &mut self.session,
            &mut self.resource,
            &mut self.endpoint,
        ];
        let levels = self
            .service_control
            .iter_mut()
            .chain(&mut self.resource_control);
        single.into_iter().flatten().chain(levels).collect()
    }

    pub(crate) fn compile(&self) -> Compiled {
        let set = |policies: &Vec<Policy>| {
            let named = policies
                .iter()
                .map(|policy| NamedPolicy::new("p", policy.parse()));
            PolicySet::compile(named)
        };
        Compiled {
            identity: self.identity.as_ref().map(set),
            boundary: self.boundary.as_ref().map(set),
            session: self.session.as_ref().map(set),
            resource: self.resource.as_ref().map(set),
            endpoint: self.endpoint.as_ref().map(set),
            service_control: self.service_control.iter().map(set).collect(),
            resource_control: self.resource_control.iter().map(set).collect(),
            management_account: self.management_account,
        }
    }
}

/// The layers, compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) identity: Option<PolicySet>,
    pub(crate) boundary: Option<PolicySet>,
    pub(crate) session: Option<PolicySet>,
    pub(crate) resource: Option<PolicySet>,
    pub(crate) endpoint: Option<PolicySet>,
    pub(crate) service_control: Vec<PolicySet>,
    pub(crate) resource_control: Vec<PolicySet>,
    pub(crate) management_account: Option<AccountId>,
}

impl Compiled {
    pub(crate) fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.identity.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            endpoint: self.endpoint.as_ref(),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            management_account: self.management_account,
        }
    }
}

/// A request and its policies.
pub(crate) fn case(c: &mut Choices<'_>) -> (Request, Layers) {
    let request = request(c);
    let layers = layers(c, request.resource_policy_type());
    (request, layers)
}

const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:sts::111122223333:assumed-role/Exec/alice",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:iam::999988887777:user/alice",
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked",
    "sagemaker.amazonaws.com",
    "accounts.google.com",
    "anonymous",
];

fn principal(c: &mut Choices<'_>) -> Principal {
    match c.pick(PRINCIPALS) {
        "anonymous" => Principal::Anonymous,
        "sagemaker.amazonaws.com" => Principal::service("sagemaker.amazonaws.com"),
        "accounts.google.com" => Principal::Federated {
            provider: "accounts.google.com".into(),
        },
        arn => match (Principal::parse(arn).unwrap(), c.one_in(2)) {
            (Principal::FederatedUser { arn, account, .. }, true) => {
                let parent = "arn:aws:iam::111122223333:user/alice";
                let parent = policy::Arn::parse(parent).ok();
                Principal::FederatedUser {
                    arn,
                    parent,
                    account,
                }
            }
            (other, _) => other,
        },
    }
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "S3:listbucket",
    "sagemaker:DescribeTrainingJob",
    "sts:AssumeRole",
    "kms:Decrypt",
];

const RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*/ü",
    "*",
    "arn:aws:sagemaker:us-east-1:111122223333:training-job/alice-1",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:AWS:S3:::b/a:b",
];

/// Keys that conditions, variables and requests name; some are spelt in several ways.
const KEYS: &[&str] = &[
    "aws:SourceIdentity",
    "aws:PrincipalTag/team",
    "aws:TagKeys",
    "k:plain",
    "AWS:sourceidentity",
    "aws:PrincipalArn",
    "aws:userid",
    "aws:username",
];

/// Values of requests: of every type, unreadable for most, and full of what would be syntax in a policy.
const VALUES: &[&str] = &[
    "alice",
    "bob",
    "",
    "*",
    "a*",
    "?lice",
    "${*}",
    "${aws:userid}",
    "ALICE",
    "ü",
    "true",
    "FALSE",
    "10",
    "-1.5",
    "1e400",
    "9.999",
    "2020-01-01T00:00:00Z",
    "1577836800",
    "2020",
    "203.0.113.7",
    "2001:db8::1",
    "10.0.0.1/8",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/alice",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:s3",
    "QQ==",
    "A",
    "AROAEXAMPLEEXAMPLE:alice",
    "x y",
    "a:b",
];

fn value(c: &mut Choices<'_>) -> ContextValue {
    if !c.one_in(4) {
        return c.pick(VALUES).into();
    }
    let count = c.up_to(3);
    (0..count)
        .map(|_| c.pick(VALUES).to_owned())
        .collect::<Vec<_>>()
        .into()
}

pub(crate) fn request(c: &mut Choices<'_>) -> Request {
    let principal = principal(c);
    let action = Action::parse(c.pick(ACTIONS)).unwrap();
    let mut builder = Request::builder(
        principal,
        action,
        Resource::parse(c.pick(RESOURCES)).unwrap(),
    );
    if c.one_in(4) {
        let owner = c.pick(&["111122223333", "999988887777"]);
        builder = builder.resource_account(AccountId::parse(owner).unwrap());
    }
    for _ in 0..c.up_to(5) {
        let key = c.pick(KEYS);
        builder = if c.one_in(8) {
            builder.absent(key)
        } else {
            builder.set(key, value(c))
        };
    }
    builder.build()
}

fn layers(c: &mut Choices<'_>, resource_type: PolicyType) -> Layers {
    let mut optional = |policy_type, n: usize| (!c.one_in(n)).then(|| set(c, policy_type));
    let identity = optional(PolicyType::Identity, 8);
    let absent = |c: &mut Choices<'_>, policy_type| c.one_in(3).then(|| set(c, policy_type));
    let level = |c: &mut Choices<'_>, policy_type| -> Vec<_> {
        (0..c.up_to(2)).map(|_| set(c, policy_type)).collect()
    };
    Layers {
        identity,
        boundary: absent(c, PolicyType::Boundary),
        session: absent(c, PolicyType::Session),
        resource: (!c.one_in(2)).then(|| set(c, resource_type)),
        endpoint: absent(c, PolicyType::VpcEndpoint),
        service_control: level(c, PolicyType::ServiceControl),
        resource_control: level(c, PolicyType::ResourceControl),
        management_account: c
            .one_in(6)
            .then(|| AccountId::parse("111122223333").unwrap()),
    }
}

fn set(c: &mut Choices<'_>, policy_type: PolicyType) -> Vec<Policy> {
    let count = 1 + c.up_to(1);
    (0..count).map(|_| policy(c, policy_type)).collect()
}

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

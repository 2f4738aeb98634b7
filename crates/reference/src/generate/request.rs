//! Random requests.

use super::Random;
use crate::Json;

/// What policies a principal can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Principal {
    User,
    Session,
    FederatedUser,
    Root,
    /// Of no account: a service, an anonymous caller, a bearer of a token.
    Outside,
}

/// A request, and what the policies made for it have to know.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) principal: Principal,
    principal_json: Json,
    pub(super) action: &'static str,
    pub(super) resource: String,
    /// The type of policy that the resource has.
    pub(super) kind: &'static str,
    owner: Option<&'static str>,
    /// Single and multivalued keys.
    pub(super) context: Vec<(&'static str, Vec<String>, bool)>,
}

const PRINCIPALS: [(&str, Principal); 16] = [
    ("\"arn:aws:iam::111122223333:user/alice\"", Principal::User),
    ("\"arn:aws:iam::111122223333:user/alice\"", Principal::User),
    (
        "\"arn:aws:iam::111122223333:user/team/bob\"",
        Principal::User,
    ),
    (
        "\"arn:aws:iam::444455556666:user/mallory\"",
        Principal::User,
    ),
    (
        "\"arn:aws:sts::111122223333:assumed-role/Exec/alice\"",
        Principal::Session,
    ),
    (
        "\"arn:aws:sts::111122223333:assumed-role/Exec/alice\"",
        Principal::Session,
    ),
    (
        "\"arn:aws:sts::111122223333:assumed-role/Exec/bob\"",
        Principal::Session,
    ),
    (
        "\"arn:aws:sts::444455556666:assumed-role/Exec/alice\"",
        Principal::Session,
    ),
    (
        "\"arn:aws:iam::111122223333:role/Exec\"",
        Principal::Session,
    ),
    (
        "\"arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked\"",
        Principal::Session,
    ),
    (
        r#"{"arn":"arn:aws:sts::111122223333:federated-user/carol","parent":"arn:aws:iam::111122223333:user/alice"}"#,
        Principal::FederatedUser,
    ),
    (
        "\"arn:aws:sts::111122223333:federated-user/carol\"",
        Principal::FederatedUser,
    ),
    ("\"arn:aws:iam::111122223333:root\"", Principal::Root),
    (
        r#"{"service":"sagemaker.amazonaws.com"}"#,
        Principal::Outside,
    ),
    (r#"{"anonymous":true}"#, Principal::Outside),
    (r#"{"federated":"accounts.google.com"}"#, Principal::Outside),
];

const TARGETS: [(&str, &str, &str); 10] = [
    ("s3:GetObject", "arn:aws:s3:::b/alice/a", "resource"),
    ("s3:GetObject", "arn:aws:s3:::b/bob/a*b", "resource"),
    ("s3:PutObject", "arn:aws:s3:::b/ab", "resource"),
    (
        "sagemaker:StopTrainingJob",
        "arn:aws:sagemaker:us-west-2:111122223333:training-job/ab",
        "resource",
    ),
    (
        "sagemaker:StopTrainingJob",
        "arn:aws:sagemaker:us-west-2:444455556666:training-job/ab",
        "resource",
    ),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:alice/a-AbCdEf",
        "resource",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam::111122223333:role/Target",
        "trust",
    ),
    (
        "sts:AssumeRole",
        "arn:aws:iam::111122223333:role/a/Target",
        "trust",
    ),
    (
        "kms:Decrypt",
        "arn:aws:kms:us-west-2:111122223333:key/ab",
        "key",
    ),
    ("sagemaker:ListTrainingJobs", "*", "resource"),
];

/// Keys and what kind of value they hold.
pub(super) const KEYS: [(&str, Flavour); 14] = [
    ("k:a", Flavour::Text),
    ("k:b", Flavour::Text),
    ("aws:SourceIdentity", Flavour::Text),
    ("aws:username", Flavour::Text),
    ("aws:ResourceTag/Team", Flavour::Text),
    ("aws:TagKeys", Flavour::Text),
    ("k:n", Flavour::Number),
    ("k:m", Flavour::Number),
    ("aws:CurrentTime", Flavour::Date),
    ("aws:SourceIp", Flavour::Ip),
    ("aws:SecureTransport", Flavour::Bool),
    ("aws:SourceArn", Flavour::Arn),
    ("k:arn", Flavour::Arn),
    ("k:bytes", Flavour::Binary),
];

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Text,
    Number,
    Date,
    Ip,
    Bool,
    Arn,
    Binary,
}

impl Flavour {
    /// Values that a request may hold.
    pub(super) fn values(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "a", "b", "ab", "abc", "A", "AB", "", "*", "a*", "a?", "alice", "bob", "é",
            ],
            Self::Number => &[
                "0",
                "1",
                "1.0",
                "10",
                "-1",
                "1e1",
                "0.5",
                "10.0",
                "+1",
                "99999999999999999999",
            ],
            Self::Date => &[
                "2020",
                "2020-01",
                "2020-01-01",
                "2020-01-01T00:00:00Z",
                "2020-01-01T01:00:00+01:00",
                "1577836800",
                "1577836800.5",
                "10.5",
                "-2020",
                "2020.5",
                "2019-12-31T23:59:59.5Z",
                "2021-06-30T12:00Z",
            ],
            Self::Ip => &[
                "10.0.0.1",
                "10.0.0.2",
                "10.1.0.1",
                "192.168.1.1",
                "2001:db8::1",
                "2001:db8:1::1",
            ],
            Self::Bool => &["true", "false", "TRUE", "False"],
            Self::Arn => &[
                "arn:aws:s3:::b/a",
                "arn:aws:s3:::b/ab",
                "arn:aws:s3:::b/a/b",
                "arn:aws:sagemaker:us-west-2:111122223333:training-job/a",
                "arn:aws:sagemaker:us-west-2:111122223333:*",
                "arn:aws:sns:eu-west-1:444455556666:t:u",
                "arn:aws:iam::111122223333:role/Exec",
            ],
            Self::Binary => &["QQ==", "Qg==", "A", "B", "QUI="],
        }
    }
}

/// Values that no typed operator reads.
const UNREADABLE: [&str; 4] = ["x", "1,0", "arn:aws:s3", "2020-13-01"];

impl Request {
    pub(super) fn random(random: &mut Random) -> Self {
        let at = random.below(PRINCIPALS.len());
        let (text, principal) = PRINCIPALS
            .get(at)
            .copied()
            .unwrap_or(("null", Principal::User));
        let at = random.below(TARGETS.len());
        let (action, resource, kind) = TARGETS.get(at).copied().unwrap_or_default();
        let no_resource = resource == "*";
        let owner = match random.below(10) {
            _ if no_resource => None,
            0..3 => Some("111122223333"),
            3 => Some("444455556666"),
            _ => None,
        };
        let mut context = Vec::new();
        for (key, flavour) in KEYS {
            if random.chance(45) {
                continue;
            }
            let several = key == "aws:TagKeys" && random.chance(90) || random.chance(6);
            let count = if several { random.below(4) } else { 1 };
            let value = |random: &mut Random| match random.chance(8) {
                true => random.pick(&UNREADABLE).to_owned(),
                false => random.pick(flavour.values()).to_owned(),
            };
            context.push((key, (0..count).map(|_| value(random)).collect(), several));
        }
        let linked = text.contains("/Exec/") && random.chance(15);
        if linked {
            let path = format!(
                "arn:aws:iam::111122223333:role/{}",
                random.pick(&["team/Exec", "Other"])
            );
            context.push(("aws:PrincipalArn", vec![path], false));
        }
        if random.chance(10) {
            let id = match principal {
                Principal::Session => "AROACKCEVSQ6C2EXAMPLE:alice",
                _ => "AIDACKCEVSQ6C2EXAMPLE",
            };
            context.push(("aws:userid", vec![id.to_owned()], false));
        }
        Self {
            principal,
            principal_json: Json::parse(text).unwrap_or(Json::Null),
            action,
            resource: resource.to_owned(),
            kind,
            owner,
            context,
        }
    }

    /// Whether the resource's policy must allow whatever else does.
    pub(super) fn needs_resource_policy(&self) -> bool {
        self.kind != "resource" || self.owner == Some("444455556666")
    }

    pub(super) fn to_json(&self) -> Json {
        let mut case = Json::object([
            ("principal", self.principal_json.clone()),
            ("action", Json::text(self.action)),
            ("resource", Json::text(self.resource.as_str())),
        ]);
        if let Some(owner) = self.owner {
            case.set("resourceAccount", Json::text(owner));
        }
        let mut members = Vec::new();
        for (key, values, several) in &self.context {
            let mut values: Vec<Json> = values.iter().map(Json::text).collect();
            let value = match values.pop() {
                Some(only) if !several => only,
                last => Json::List(values.into_iter().chain(last).collect()),
            };
            members.push(((*key).to_owned(), value));
        }
        case.set("context", Json::Object(members));
        case
    }

    /// The single values of the context, with their keys.
    pub(super) fn singles(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.context
            .iter()
            .filter(|(.., several)| !several)
            .filter_map(|(key, values, _)| values.first().map(|value| (*key, value.as_str())))
    }
}

//! Random policies for a request.

use super::Random;
use super::condition;
use super::request::{Principal, Request};
use crate::Json;

/// A list of documents; each grants everything in a first statement so many times in a hundred.
pub(super) fn list(
    random: &mut Random,
    request: &Request,
    kind: &'static str,
    generous: usize,
    most: usize,
) -> Json {
    let count = 1 + random.below(most);
    Json::List(
        (0..count)
            .map(|_| document(random, request, kind, generous))
            .collect(),
    )
}

/// A document of a kind.
pub(super) fn document(
    random: &mut Random,
    request: &Request,
    kind: &'static str,
    generous: usize,
) -> Json {
    let version = match random.below(10) {
        _ if kind == "rcp" => Some("2012-10-17"),
        0 => Some("2008-10-17"),
        1 => None,
        _ => Some("2012-10-17"),
    };
    let maker = Maker {
        request,
        kind,
        variables: version == Some("2012-10-17"),
    };
    let mut statements = Vec::new();
    if random.chance(generous) {
        statements.push(maker.generous(random));
    }
    for _ in 0..random.below(3) {
        statements.push(maker.statement(random));
    }
    let statements = match statements.len() {
        1 if random.chance(40) => statements.remove(0),
        _ => Json::List(statements),
    };
    let mut document = Json::Object(Vec::new());
    if let Some(version) = version {
        document.set("Version", Json::text(version));
    }
    document.set("Statement", statements);
    if random.chance(2) {
        corrupt(random, &mut document);
    }
    document
}

/// Breaks a rule of form, so that refusals are compared too.
fn corrupt(random: &mut Random, document: &mut Json) {
    let statement = |text: &str| Json::parse(text).unwrap_or(Json::Null);
    let broken = random.pick(&[
        r#"{"Effect":"allow","Action":"s3:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s*:x","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*"}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:*:::b"}"#,
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Extra":1}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringEqual":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NumericEquals":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"DateEquals":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Null":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"k:a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"a":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"k:a":"x","K:A":"x"}}}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"NullIfExists":{"k:a":"true"}}}"#,
        r#"{"Effect":"Allow","Principal":"*","NotPrincipal":"*","Action":"s3:*","Resource":"*"}"#,
    ]);
    match random.below(4) {
        0 => document.set(
            "Version",
            Json::text(random.pick(&["2012-10-18", "", "2013"])),
        ),
        1 => document.set("Statements", Json::List(Vec::new())),
        _ => document.set("Statement", Json::List(vec![statement(broken)])),
    }
}

struct Maker<'a> {
    request: &'a Request,
    kind: &'static str,
    variables: bool,
}

impl Maker<'_> {
    fn names_principals(&self) -> bool {
        matches!(self.kind, "resource" | "trust" | "key" | "rcp" | "endpoint")
    }

    fn generous(&self, random: &mut Random) -> Json {
        let mut statement =
            Json::object([("Effect", Json::text("Allow")), ("Action", Json::text("*"))]);
        if self.names_principals() {
            let principal = match self.kind {
                "rcp" | "endpoint" => Json::text("*"),
                _ => self.principal(random),
            };
            statement.set("Principal", principal);
        }
        if self.kind != "trust" {
            statement.set("Resource", Json::text("*"));
        }
        if random.chance(8) {
            statement.set(
                "Condition",
                condition::block(random, self.request, self.variables),
            );
        }
        statement
    }

    fn statement(&self, random: &mut Random) -> Json {
        let allow = random.chance(62);
        let effect = if allow { "Allow" } else { "Deny" };
        let mut statement = Json::object([("Effect", Json::text(effect))]);
        if self.names_principals() && !(self.kind == "endpoint" && random.chance(40)) {
            let not = !matches!(self.kind, "trust" | "rcp") && random.chance(12);
            let principal = if self.kind == "rcp" {
                Json::text("*")
            } else {
                self.principal(random)
            };
            // Whether a star there lists anonymous callers too is nowhere said.
            let star = principal.to_string().contains("\"*\"");
            let not = not && !(star && self.request.principal == Principal::Outside);
            statement.set(if not { "NotPrincipal" } else { "Principal" }, principal);
        }
        let not = self.kind != "rcp" && random.chance(10);
        let actions = self.actions(random, allow);
        statement.set(if not { "NotAction" } else { "Action" }, actions);
        let optional = matches!(self.kind, "resource" | "key" | "endpoint");
        if self.kind != "trust" && !(optional && random.chance(20)) {
            let not = random.chance(12);
            statement.set(
                if not { "NotResource" } else { "Resource" },
                self.resources(random),
            );
        }
        if random.chance(if allow { 40 } else { 75 }) {
            statement.set(
                "Condition",
                condition::block(random, self.request, self.variables),
            );
        }
        statement
    }

    fn actions(&self, random: &mut Random, allow: bool) -> Json {
        let count = if random.chance(2) {
            0
        } else {
            1 + random.below(2)
        };
        let one = |random: &mut Random| {
            let action = self.request.action;
            let (service, name) = action.split_once(':').unwrap_or_default();
            match random.below(10) {
                0..3 => action.to_owned(),
                3 => action.to_lowercase(),
                4 => format!("{service}:*"),
                5..7 => format!("{service}:{}", blur(random, name)),
                7 if self.kind != "rcp" || allow => "*".to_owned(),
                _ => random
                    .pick(&[
                        "s3:GetObject",
                        "s3:*Object",
                        "sts:*",
                        "other:Action",
                        "S3:get*",
                        "sts:AssumeRol?",
                    ])
                    .to_owned(),
            }
        };
        let texts = (0..count).map(|_| one(random)).collect();
        random.single_or_list(texts)
    }

    fn resources(&self, random: &mut Random) -> Json {
        let count = if random.chance(2) {
            0
        } else {
            1 + random.below(2)
        };
        let texts = (0..count).map(|_| self.resource(random)).collect();
        random.single_or_list(texts)
    }

    fn resource(&self, random: &mut Random) -> String {
        let arn = match self.request.resource.as_str() {
            "*" => "arn:aws:s3:::b/a",
            arn => arn,
        };
        match random.below(12) {
            0..3 => "*".to_owned(),
            3 => arn.to_owned(),
            4..10 => self.blur_arn(random, arn),
            10 => {
                let parts = 3 + random.below(3);
                arn.split(':').take(parts).collect::<Vec<_>>().join(":")
            }
            _ => random
                .pick(&[
                    "arn:aws:s3:::b/*",
                    "arn:aws:s3:::other",
                    "arn:aws:kms:*:*:*",
                    "arn:aws:iam::*:role/*",
                ])
                .to_owned(),
        }
    }

    /// The ARN with wildcards here and there, and variables in its last part.
    fn blur_arn(&self, random: &mut Random, arn: &str) -> String {
        let mut parts: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
        for (index, part) in parts.iter_mut().enumerate() {
            match index {
                1 | 3 | 4 if random.chance(20) => *part = blur(random, part),
                2 | 3 if random.chance(5) => *part = part.to_uppercase(),
                5 if random.chance(45) => {
                    *part = condition::with_variable(random, self.request, part, self.variables)
                }
                5 if random.chance(80) => *part = blur(random, part),
                _ => {}
            }
        }
        parts.join(":")
    }

    fn principal(&self, random: &mut Random) -> Json {
        if random.chance(if self.request.principal == Principal::Outside {
            30
        } else {
            15
        }) {
            return match random.chance(50) {
                true => Json::text("*"),
                false => Json::object([("AWS", Json::text("*"))]),
            };
        }
        if random.chance(if self.request.principal == Principal::Outside {
            60
        } else {
            10
        }) {
            let service = random.pick(&[
                "sagemaker.amazonaws.com",
                "SageMaker.amazonaws.com",
                "ec2.amazonaws.com",
            ]);
            return match random.chance(60) {
                true => Json::object([("Service", Json::text(service))]),
                false => Json::object([("Federated", Json::text("accounts.google.com"))]),
            };
        }
        let count = if random.chance(2) {
            0
        } else {
            1 + random.below(3)
        };
        let one = |random: &mut Random| {
            random
                .pick(&[
                    "111122223333",
                    "111122223333",
                    "444455556666",
                    "arn:aws:iam::111122223333:root",
                    "arn:aws:iam::111122223333:user/alice",
                    "arn:aws:iam::111122223333:user/team/bob",
                    "arn:aws:iam::444455556666:user/mallory",
                    "arn:aws:iam::111122223333:role/Exec",
                    "arn:aws:iam::111122223333:role/Exec",
                    "arn:aws:iam::111122223333:role/team/Exec",
                    "arn:aws:sts::111122223333:assumed-role/Exec/alice",
                    "arn:aws:sts::111122223333:assumed-role/Exec/bob",
                    "arn:aws:sts::444455556666:assumed-role/Exec/alice",
                    "arn:aws:sts::111122223333:federated-user/carol",
                    "AIDACKCEVSQ6C2EXAMPLE",
                    "AROACKCEVSQ6C2EXAMPLE",
                ])
                .to_owned()
        };
        let texts = (0..count).map(|_| one(random)).collect();
        let aws = random.single_or_list(texts);
        Json::object([("AWS", aws)])
    }
}

/// The text with a run of it replaced by `*`, or a character by `?`.
pub(super) fn blur(random: &mut Random, text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let from = random.below(chars.len() + 1);
    let length = random.below(chars.len() + 1 - from);
    let (wildcard, length) = if random.chance(25) {
        ('?', 1)
    } else {
        ('*', length)
    };
    let before = chars.iter().take(from);
    let after = chars.iter().skip(from + length);
    let mut blurred: String = before.collect();
    blurred.push(wildcard);
    blurred.extend(after);
    blurred
}

//! What is timed.

use crate::Result;
use crate::peers;
use crate::subject::{Answer, Layers, Subject, compile, palisade, palisade_explains};
use policy::PolicyType;
use serde_json::{Value, json};

/// A policy as JSON.
pub(crate) type Document = Value;

/// A question and the engines that answer it, Palisade first.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) expected: Answer,
    /// The most nanoseconds that Palisade may take.
    pub(crate) target_ns: Option<f64>,
    pub(crate) subjects: Vec<Subject>,
}

/// A request as the scenario files hold it.
pub(crate) struct RequestJson {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) account: String,
    pub(crate) context: Vec<(String, String)>,
}

impl RequestJson {
    fn read(json: &Value) -> Result<Self> {
        let text = |name: &str| {
            Ok::<_, String>(
                json[name]
                    .as_str()
                    .ok_or(format!("`{name}` is missing"))?
                    .to_owned(),
            )
        };
        let context = json["context"].as_object().ok_or("`context` is missing")?;
        Ok(Self {
            principal: text("principal")?,
            action: text("action")?,
            resource: text("resource")?,
            account: text("resourceAccount")?,
            context: context
                .iter()
                .map(|(k, v)| (k.clone(), v.as_str().unwrap_or("").to_owned()))
                .collect(),
        })
    }
}

/// The files of the scenarios.
struct Files {
    policy: Document,
    allow: RequestJson,
    deny: RequestJson,
    layers: Value,
}

const CEDAR_A: &str = include_str!("../scenarios/a.cedar");
const CEDAR_B: &str = include_str!("../scenarios/b.cedar");

impl Files {
    fn read() -> Result<Self> {
        let a: Value = serde_json::from_str(include_str!("../scenarios/a.json"))?;
        Ok(Self {
            policy: a["policy"].clone(),
            allow: RequestJson::read(&a["allow"])?,
            deny: RequestJson::read(&a["deny"])?,
            layers: serde_json::from_str(include_str!("../scenarios/layers.json"))?,
        })
    }
}

const NAMES: &[&str] = &[
    "A-allow",
    "A-deny",
    "A-layers",
    "A-layers-deny",
    "A-explain-allow",
    "A-explain-deny",
    "B-1",
    "B-10",
    "B-100",
    "B-1000",
    "B-10000",
    "C-1000",
    "D-1000",
    "others-10",
    "others-10000",
];

/// Every scenario.
pub(crate) fn all() -> Result<Vec<Scenario>> {
    NAMES.iter().map(|name| one(name)).collect()
}

/// The scenario of a name.
pub(crate) fn one(name: &str) -> Result<Scenario> {
    let files = Files::read()?;
    let scenario = |what: &str, expected, target_ns, subjects| Scenario {
        name: name.to_owned(),
        what: what.to_owned(),
        expected,
        target_ns,
        subjects,
    };
    let number = |prefix: &str| {
        name.strip_prefix(prefix)
            .and_then(|digits| digits.parse::<usize>().ok())
    };
    if let Some(count) = number("B-") {
        let target = (count == 1_000).then_some(20_000.0);
        return Ok(scenario(
            "statements on the same action, the last matches",
            Answer::Allow,
            target,
            b(&files, count)?,
        ));
    }
    for (prefix, operator) in [("C-", "StringEquals"), ("D-", "StringLike")] {
        if let Some(count) = number(prefix) {
            let what = format!("as B, but told apart by a condition only ({operator})");
            return Ok(scenario(
                &what,
                Answer::Allow,
                None,
                alike(&files, count, operator)?,
            ));
        }
    }
    if let Some(count) = number("others-") {
        let policy = with_others(&files.policy, count);
        let layers = identity(&policy)?;
        let subjects = vec![
            palisade(layers, &files.allow)?,
            peers::iam_rs(&policy, &files.allow)?,
        ];
        return Ok(scenario(
            "scenario A with as many statements on other actions",
            Answer::Allow,
            None,
            subjects,
        ));
    }
    let a = |request| -> Result<Vec<Subject>> {
        Ok(vec![
            palisade(identity(&files.policy)?, request)?,
            peers::cedar(CEDAR_A, request)?,
            peers::iam_rs(&files.policy, request)?,
        ])
    };
    Ok(match name {
        "A-allow" => scenario(
            "ten statements, own training job",
            Answer::Allow,
            Some(500.0),
            a(&files.allow)?,
        ),
        "A-deny" => scenario(
            "the same, another user's",
            Answer::Deny,
            Some(500.0),
            a(&files.deny)?,
        ),
        "A-layers" => {
            let what = "A with boundary, session, three SCP levels and a resource policy";
            scenario(
                what,
                Answer::Allow,
                Some(1_500.0),
                vec![palisade(layered(&files)?, &files.allow)?],
            )
        }
        "A-layers-deny" => scenario(
            "the same, another user's",
            Answer::Deny,
            Some(1_500.0),
            vec![palisade(layered(&files)?, &files.deny)?],
        ),
        "A-explain-allow" => {
            let subjects = vec![palisade_explains(identity(&files.policy)?, &files.allow)?];
            scenario(
                "A explained in full",
                Answer::Allow,
                Some(20_000.0),
                subjects,
            )
        }
        "A-explain-deny" => {
            let subjects = vec![palisade_explains(identity(&files.policy)?, &files.deny)?];
            scenario(
                "the same, another user's, with counterfactuals",
                Answer::Deny,
                Some(20_000.0),
                subjects,
            )
        }
        _ => {
            return Err(format!("no scenario `{name}`; the names are {}", NAMES.join(", ")).into());
        }
    })
}

fn identity(policy: &Document) -> Result<Layers> {
    Ok(Layers {
        identity: compile(&[policy], PolicyType::Identity)?,
        ..Layers::default()
    })
}

fn layered(files: &Files) -> Result<Layers> {
    let one = |name: &str, policy_type| compile(&[&files.layers[name]], policy_type).map(Some);
    let levels = files.layers["scps"].as_array().ok_or("`scps` is missing")?;
    let level = |policies: &Value| {
        let policies = policies.as_array().ok_or("a level of `scps` is a list")?;
        compile(
            &policies.iter().collect::<Vec<_>>(),
            PolicyType::ServiceControl,
        )
    };
    Ok(Layers {
        identity: compile(&[&files.policy], PolicyType::Identity)?,
        boundary: one("boundary", PolicyType::Boundary)?,
        session: one("session", PolicyType::Session)?,
        resource: one("resourcePolicy", PolicyType::Resource)?,
        service_control: levels.iter().map(level).collect::<Result<_>>()?,
    })
}

/// Scenario B: `count` statements on the same action, of which the last is scenario A's first.
fn b(files: &Files, count: usize) -> Result<Vec<Subject>> {
    let last = count.saturating_sub(1);
    let mut statements: Vec<Value> = (0..last)
        .map(|number| {
            b_statement(
                number,
                &format!("arn:aws:sagemaker:*:*:training-job/team{number}-*"),
            )
        })
        .collect();
    statements.push(files.policy["Statement"][0].clone());
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let mut cedar: String = (0..last)
        .map(|number| CEDAR_B.replace("NUMBER", &number.to_string()))
        .collect();
    let first = CEDAR_A
        .find("@id(\"CreateTagged\")")
        .ok_or("the translation of A has changed")?;
    cedar.push_str(&CEDAR_A[..first]);
    Ok(vec![
        palisade(identity(&policy)?, &files.allow)?,
        peers::cedar(&cedar, &files.allow)?,
        peers::iam_rs(&policy, &files.allow)?,
    ])
}

/// Scenarios C and D: as B, but the resources do not tell the statements apart. Under `StringLike` nor does an index.
fn alike(files: &Files, count: usize, operator: &str) -> Result<Vec<Subject>> {
    let other = |number: usize| {
        let mut statement = b_statement(number, "arn:aws:sagemaker:*:*:training-job/*");
        let mut keys = statement["Condition"]["StringEquals"].take();
        if operator == "StringLike" {
            keys["sagemaker:ResourceTag/team"] = json!(format!("team{number}-*"));
        }
        statement["Condition"] = json!({operator: keys});
        statement
    };
    let mut statements: Vec<Value> = (1..count).map(other).collect();
    statements.push(files.policy["Statement"][0].clone());
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    Ok(vec![
        palisade(identity(&policy)?, &files.allow)?,
        peers::iam_rs(&policy, &files.allow)?,
    ])
}

fn b_statement(number: usize, resource: &str) -> Value {
    json!({
        "Sid": format!("S{number}"),
        "Effect": "Allow",
        "Action": ["sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"],
        "Resource": resource,
        "Condition": {"StringEquals": {
            "sagemaker:ResourceTag/team": format!("team{number}"),
            "aws:PrincipalTag/team": "${sagemaker:DomainId}",
        }},
    })
}

/// Scenario A's policy with `count` statements on other actions before it: of four, three name actions in full, one of them a
/// Deny, and one has a wildcard.
fn with_others(policy: &Document, count: usize) -> Document {
    let other = |number: usize| {
        let action = match number % 4 {
            0 => json!(format!("service{number}:Get*")),
            1 => json!([
                format!("service{number}:CreateThing"),
                format!("service{number}:DeleteThing")
            ]),
            _ => json!(format!("sagemaker:DescribeThing{number}")),
        };
        json!({
            "Sid": format!("Other{number}"),
            "Effect": if number % 4 == 3 { "Deny" } else { "Allow" },
            "Action": action,
            "Resource": "*",
        })
    };
    let mut statements: Vec<Value> = (0..count).map(other).collect();
    statements.extend(policy["Statement"].as_array().cloned().unwrap_or_default());
    json!({"Version": "2012-10-17", "Statement": statements})
}

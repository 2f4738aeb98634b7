//! What is asked, and what must be there first.

use crate::Result;
use crate::api::{self, Ask, Credentials, Request};
use crate::server::Server;
use http::Method;
use serde_json::json;
use std::sync::Arc;

/// One kind of request.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Whether a server that only knows objects answers it.
    objects: bool,
    /// Whether both it and its answer fit into a packet or two.
    pub(crate) small: bool,
    make: fn(usize) -> Ask<'static>,
}

/// Objects of each size; a connection keeps to its own.
const OBJECTS: usize = 64;
/// Keys in the bucket that is listed.
const KEYS: usize = 10_000;
const ACCOUNT: &str = "123456789012";

/// All of them.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "GetCallerIdentity",
        objects: false,
        small: true,
        make: |_| caller_identity(),
    },
    Scenario {
        name: "DescribeTrainingJob",
        objects: false,
        small: true,
        make: |_| describe_job(),
    },
    Scenario {
        name: "GetSecretValue",
        objects: false,
        small: true,
        make: |_| secret_value(),
    },
    Scenario {
        name: "GetObject 1 KiB",
        objects: true,
        small: true,
        make: |n| object(Method::GET, &path("small", n), 0),
    },
    Scenario {
        name: "PutObject 1 KiB",
        objects: true,
        small: true,
        make: |n| object(Method::PUT, &path("small", n), 1 << 10),
    },
    Scenario {
        name: "GetObject 8 MiB",
        objects: true,
        small: false,
        make: |n| object(Method::GET, &path("large", n), 0),
    },
    Scenario {
        name: "PutObject 8 MiB",
        objects: true,
        small: false,
        make: |n| object(Method::PUT, &path("large", n), 8 << 20),
    },
    Scenario {
        name: "ListObjectsV2, 1,000 of 10,000 keys",
        objects: false,
        small: false,
        make: |_| object(Method::GET, "/bench?list-type=2&prefix=ann%2Fmany%2F", 0),
    },
];

fn path(kind: &str, number: usize) -> String {
    // Eight large objects are enough to be more than a cache of one.
    let number = if kind == "large" { number % 8 } else { number };
    format!("/bench/ann/{kind}/{number}")
}

fn caller_identity() -> Ask<'static> {
    api::query(
        "sts",
        &[("Action", "GetCallerIdentity"), ("Version", "2011-06-15")],
    )
}

fn describe_job() -> Ask<'static> {
    sagemaker("DescribeTrainingJob", &json!({"TrainingJobName": "bench"}))
}

fn secret_value() -> Ask<'static> {
    const HEADERS: &[(&str, &str)] = &[
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "secretsmanager.GetSecretValue"),
    ];
    api::json(
        "secretsmanager",
        HEADERS,
        &json!({"SecretId": "users/ann/key"}),
    )
}

fn sagemaker(operation: &'static str, body: &serde_json::Value) -> Ask<'static> {
    let target: &'static str = format!("SageMaker.{operation}").leak();
    let headers = vec![
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", target),
    ];
    api::json("sagemaker", headers.leak(), body)
}

fn object(method: Method, path: &str, size: usize) -> Ask<'static> {
    let path: &'static str = path.to_owned().leak();
    Ask {
        service: "s3",
        method,
        path,
        headers: &[],
        body: vec![b'x'; size].into(),
    }
}

/// A server that has what the scenarios ask for.
pub(crate) struct Prepared {
    caller: Credentials,
    objects_only: bool,
}

impl Prepared {
    /// The requests of a scenario, signed now; `None` when the server does not answer such.
    pub(crate) fn requests(
        &self,
        server: &Server,
        scenario: &Scenario,
    ) -> Result<Option<Arc<[Request]>>> {
        if self.objects_only && !scenario.objects {
            return Ok(None);
        }
        let sign = |number| (scenario.make)(number).sign(server.address, &self.caller);
        let requests = (0..OBJECTS).map(sign).collect::<Result<Vec<_>>>()?;
        Ok(Some(requests.into()))
    }
}

/// Makes everything that the scenarios ask for.
pub(crate) async fn prepare(server: &Server) -> Result<Prepared> {
    let objects_only = server.name == "s3s-fs";
    let caller = if objects_only {
        server.root.clone()
    } else {
        tenant(server).await?
    };
    if !objects_only {
        object(Method::PUT, "/bench", 0)
            .send(server.address, &server.root)
            .await?;
        let secret = json!({"Name": "users/ann/key", "SecretString": "s3cret"});
        const HEADERS: &[(&str, &str)] = &[
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "secretsmanager.CreateSecret"),
        ];
        api::json("secretsmanager", HEADERS, &secret)
            .send(server.address, &server.root)
            .await?;
        sagemaker("CreateTrainingJob", &job())
            .send(server.address, &caller)
            .await?;
        for number in 0..KEYS {
            let key = format!("/bench/ann/many/{number:05}");
            object(Method::PUT, &key, 0)
                .send(server.address, &caller)
                .await?;
        }
    }
    for (kind, size) in [("small", 1 << 10), ("large", 8 << 20)] {
        for number in 0..OBJECTS {
            object(Method::PUT, &path(kind, number), size)
                .send(server.address, &caller)
                .await?;
        }
    }
    Ok(Prepared {
        caller,
        objects_only,
    })
}

/// A session of a role under the name of ann, with a policy of ten statements.
async fn tenant(server: &Server) -> Result<Credentials> {
    let iam = async |parameters: &[(&str, &str)]| {
        let all: Vec<_> = parameters
            .iter()
            .copied()
            .chain([("Version", "2010-05-08")])
            .collect();
        api::query("iam", &all)
            .send(server.address, &server.root)
            .await
    };
    let trust = |principal: serde_json::Value| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]
        }]})
        .to_string()
    };
    iam(&[("Action", "CreateUser"), ("UserName", "gate")]).await?;
    let made = iam(&[("Action", "CreateAccessKey"), ("UserName", "gate")]).await?;
    let gate = Credentials {
        access_key: element(&made, "AccessKeyId")?,
        secret: element(&made, "SecretAccessKey")?,
        token: None,
    };
    let exec = trust(json!({"Service": "sagemaker.amazonaws.com"}));
    iam(&[
        ("Action", "CreateRole"),
        ("RoleName", "Exec"),
        ("AssumeRolePolicyDocument", &exec),
    ])
    .await?;
    let people = trust(json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:user/gate")}));
    iam(&[
        ("Action", "CreateRole"),
        ("RoleName", "People"),
        ("AssumeRolePolicyDocument", &people),
    ])
    .await?;
    let policy = include_str!("../policy.json");
    iam(&[
        ("Action", "PutRolePolicy"),
        ("RoleName", "People"),
        ("PolicyName", "own"),
        ("PolicyDocument", policy),
    ])
    .await?;
    let may = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Resource": "*"}
    ]});
    let may = may.to_string();
    iam(&[
        ("Action", "PutUserPolicy"),
        ("UserName", "gate"),
        ("PolicyName", "gate"),
        ("PolicyDocument", &may),
    ])
    .await?;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/People");
    let session = api::query(
        "sts",
        &[
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &role),
            ("RoleSessionName", "ann"),
            ("SourceIdentity", "ann"),
        ],
    );
    let session = session.send(server.address, &gate).await?;
    Ok(Credentials {
        access_key: element(&session, "AccessKeyId")?,
        secret: element(&session, "SecretAccessKey")?,
        token: Some(element(&session, "SessionToken")?),
    })
}

/// The text of an element of XML that occurs once and holds no entities.
fn element(xml: &str, name: &str) -> Result<String> {
    let (_, rest) = xml
        .split_once(&format!("<{name}>"))
        .ok_or_else(|| format!("no `{name}` in {xml}"))?;
    let (text, _) = rest.split_once('<').ok_or("not closed")?;
    Ok(text.to_owned())
}

fn job() -> serde_json::Value {
    json!({
        "TrainingJobName": "bench",
        "RoleArn": format!("arn:aws:iam::{ACCOUNT}:role/Exec"),
        "AlgorithmSpecification": {
            "TrainingImage": format!("{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/train:1"),
            "TrainingInputMode": "File"
        },
        "OutputDataConfig": {"S3OutputPath": "s3://bench/ann/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": [{"Key": "owner", "Value": "ann"}]
    })
}

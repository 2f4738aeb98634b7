//! What a request costs among many users, roles and policies.

use crate::api::{self, Request};
use crate::scenario::{self, Prepared, Scenario};
use crate::server::Server;
use crate::{CONNECTIONS, Result, load, measure};
use serde_json::json;
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinSet;

/// The requests that are measured: one that reads only who asks, and one that is decided by ten statements.
const MEASURED: [&str; 2] = ["GetCallerIdentity", "DescribeTrainingJob"];
/// For how long each is measured.
const EACH: Duration = Duration::from_secs(3);
/// Requests that are signed at a time.
const BATCH: usize = 6_400;

/// Prints the table.
pub(crate) async fn print(palisade: &Path, count: usize) -> Result {
    let mut server = Server::plain(palisade).await?;
    let prepared = scenario::prepare(&server).await?;
    server.restart(palisade).await?;
    println!(
        "| users, roles and policies | start-up | idle memory | request | connections | requests/s | CPU a request |"
    );
    println!("|---:|---:|---:|---|---:|---:|---:|");
    rows(&server, &prepared, 0).await?;
    fill(&server, count).await?;
    server.restart(palisade).await?;
    rows(&server, &prepared, count).await
}

async fn rows(server: &Server, prepared: &Prepared, count: usize) -> Result {
    let (start_up, memory) = (server.start_up.as_millis(), server.memory()? >> 20);
    let measured = |scenario: &&Scenario| MEASURED.contains(&scenario.name);
    for scenario in scenario::ALL.iter().filter(measured) {
        let requests = prepared.requests(server, scenario)?.ok_or("no requests")?;
        for connections in CONNECTIONS {
            let cell = measure(server, scenario, &requests, connections, EACH).await?;
            println!(
                "| {count} each | {start_up} ms | {memory} MiB | {} | {connections} | {:.0} | {} µs |",
                cell.scenario,
                cell.timed.throughput,
                cell.cpu.as_micros() / u128::try_from(cell.timed.count.max(1))?,
            );
        }
    }
    Ok(())
}

/// Makes so many users, roles and policies, each by the operation for it.
async fn fill(server: &Server, count: usize) -> Result {
    let document = |principal: Option<&str>| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"});
        if let Some(principal) = principal {
            statement = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": principal}});
        }
        json!({"Version": "2012-10-17", "Statement": statement}).to_string()
    };
    let (policy, trust) = (document(None), document(Some("sagemaker.amazonaws.com")));
    let kinds: [(&str, &str, Option<(&str, &str)>); 3] = [
        ("CreateUser", "UserName", None),
        (
            "CreateRole",
            "RoleName",
            Some(("AssumeRolePolicyDocument", &trust)),
        ),
        (
            "CreatePolicy",
            "PolicyName",
            Some(("PolicyDocument", &policy)),
        ),
    ];
    for (operation, parameter, more) in kinds {
        eprintln!("{operation}, {count} times");
        let mut next = 0;
        while next < count {
            let batch = next..count.min(next + BATCH);
            next = batch.end;
            let requests = batch
                .map(|number| {
                    let name = format!("crowd-{number}");
                    let own = [
                        ("Action", operation),
                        ("Version", "2010-05-08"),
                        (parameter, &name),
                    ];
                    let parameters: Vec<_> = own.into_iter().chain(more).collect();
                    api::query("iam", &parameters).sign(server.address, &server.root)
                })
                .collect::<Result<Vec<Request>>>()?;
            let mut tasks: JoinSet<Result> = requests
                .chunks(BATCH / 64)
                .map(<[Request]>::to_vec)
                .map(|part| {
                    let address = server.address;
                    async move { load::some(address, &part, part.len()).await }
                })
                .collect();
            while let Some(ended) = tasks.join_next().await {
                ended??;
            }
        }
    }
    Ok(())
}

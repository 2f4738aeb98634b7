//! `palisade studio-session`: the credentials of a Studio session, for `credential_process`.

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::http::request::{Builder, Parts};
use hyper_util::rt::TokioIo;
use platform::Clock as _;
use serde_json::{Value, json};
use server::SystemClock;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use wire::sigv4::{Payload, Signer};

use crate::connect::Server;

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens Studio as a user and prints the session's credentials.
///
/// It asks for a presigned URL with the access key of a profile in a file for the AWS clients, and
/// redeems it. The AWS clients run it by themselves for profiles that name it as their
/// `credential_process`; `palisade serve BLUEPRINT` writes such profiles.
#[derive(Debug, Args)]
pub(crate) struct StudioSession {
    /// The file with the profile; $AWS_CONFIG_FILE or ~/.aws/config when it is not given
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The profile whose access key opens Studio
    #[arg(long = "as", value_name = "PROFILE")]
    user: String,
    /// The domain
    #[arg(long, value_name = "ID")]
    domain_id: String,
    /// The user profile
    #[arg(long, value_name = "NAME")]
    user_profile_name: String,
}

impl StudioSession {
    /// Prints the credentials.
    pub(crate) fn run(self) -> ExitCode {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let result = match runtime {
            Ok(runtime) => runtime.block_on(async {
                let waited = tokio::time::timeout(PATIENCE, self.session()).await;
                waited.unwrap_or_else(|_| Err("the server does not answer".to_owned()))
            }),
            Err(error) => Err(error.to_string()),
        };
        match result {
            Ok(text) if crate::print(&format!("{text}\n")) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(problem) => {
                eprintln!("palisade: {problem}");
                ExitCode::FAILURE
            }
        }
    }

    async fn session(&self) -> Result<String, String> {
        let profile = self.profile()?;
        let member = |name: &str| {
            let missing = || format!("the profile `{}` has no `{name}`", self.user);
            profile.get(name).map(String::as_str).ok_or_else(missing)
        };
        let endpoint = member("endpoint_url")?;
        let server = Server::parse(endpoint).ok_or_else(|| {
            format!("`{endpoint}` is no endpoint: `http://HOST:PORT` or `https://HOST:PORT`")
        })?;
        let target = Target {
            server,
            ca_bundle: profile.get("ca_bundle").map(PathBuf::from),
        };
        let signer = Signer {
            access_key: member("aws_access_key_id")?.to_owned(),
            secret: member("aws_secret_access_key")?.to_owned(),
            session_token: None,
            region: member("region")?.to_owned(),
            service: "sagemaker".to_owned(),
        };
        let url = self.presigned_url(&target, &signer).await?;
        let path = url.strip_prefix(&target.server.url);
        let path = path.ok_or_else(|| format!("`{url}` is not a URL of `{endpoint}`"))?;
        let parts = target.parts(Request::get(path))?;
        target.send(parts, Bytes::new()).await
    }

    fn profile(&self) -> Result<HashMap<String, String>, String> {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let home = || variable("HOME").map(|home| home.join(".aws").join("config"));
        let path = self
            .config
            .clone()
            .or_else(|| variable("AWS_CONFIG_FILE"))
            .or_else(home);
        let path = path.ok_or("name the file with the profile: `--config FILE`")?;
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("`{}`: {error}", path.display()))?;
        crate::aws_config::profile(&text, &self.user)
            .ok_or_else(|| format!("`{}` has no profile `{}`", path.display(), self.user))
    }

    async fn presigned_url(&self, target: &Target, signer: &Signer) -> Result<String, String> {
        let input = json!({"DomainId": self.domain_id, "UserProfileName": self.user_profile_name});
        let body = Bytes::from(input.to_string());
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "SageMaker.CreatePresignedDomainUrl");
        let mut parts = target.parts(request)?;
        signer
            .sign(&mut parts, SystemClock.now(), Payload::Bytes(&body))
            .map_err(|error| error.to_string())?;
        let answer = target.send(parts, body).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        let url = answer.get("AuthorizedUrl").and_then(Value::as_str);
        url.map(str::to_owned)
            .ok_or_else(|| "the answer has no `AuthorizedUrl`".to_owned())
    }
}

/// The server, and what it is trusted by.
struct Target {
    server: Server,
    ca_bundle: Option<PathBuf>,
}

impl Target {
    fn parts(&self, request: Builder) -> Result<Parts, String> {
        let request = request
            .header("host", &self.server.authority)
            .body(())
            .map_err(|error| error.to_string())?;
        Ok(request.into_parts().0)
    }

    /// Sends a request and returns the body of an answer that is no error.
    async fn send(&self, parts: Parts, body: Bytes) -> Result<String, String> {
        let said = |error: hyper::Error| format!("`{}`: {error}", self.server.url);
        let stream = self.server.connect(self.ca_bundle.as_deref()).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(said)?;
        let driven = tokio::spawn(connection);
        let request = Request::from_parts(parts, Full::new(body));
        let response = sender.send_request(request).await.map_err(said)?;
        let status = response.status();
        let body = response
            .into_body()
            .collect()
            .await
            .map_err(said)?
            .to_bytes();
        driven.abort();
        let text = String::from_utf8_lossy(&body).into_owned();
        if status.is_success() {
            Ok(text)
        } else {
            Err(refusal(&text))
        }
    }
}

/// The text of an error.
fn refusal(body: &str) -> String {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let message = json
        .get("message")
        .or_else(|| json.get("Message"))
        .and_then(Value::as_str);
    message.unwrap_or(body).to_owned()
}

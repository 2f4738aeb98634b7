//! The bytes of objects in an S3-compatible store elsewhere, which the server asks with one key of its
//! own.

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::TokioExecutor;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::options::StartError;

/// How long an answer may take to begin, and how long one request is repeated.
const ANSWER: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(20);
const RETRIES: usize = 4;

/// Where objects' bytes lie, if not on the local disk.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    bucket: String,
    prefix: String,
    endpoint: Option<String>,
    region: String,
    /// The server's own.
    pub credentials: RemoteCredentials,
}

/// The credentials by which the server asks another store.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteCredentials {
    /// The access key's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The session token of temporary ones.
    pub token: Option<String>,
}

impl fmt::Debug for RemoteCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteCredentials")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl Remote {
    /// Reads `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`.
    ///
    /// # Errors
    /// When it is written otherwise.
    pub fn parse(url: &str, credentials: RemoteCredentials) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "`{url}` {why}; write `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`, of which only \
                 the bucket is needed"
            )
        };
        let rest = url
            .strip_prefix("s3://")
            .ok_or_else(|| wrong("does not begin with `s3://`"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(wrong("names no bucket"));
        }
        let mut remote = Self {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: None,
            region: "us-east-1".to_owned(),
            credentials,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("endpoint", value)) if value.contains("://") => {
                    remote.endpoint = Some(value.trim_end_matches('/').to_owned());
                }
                Some(("endpoint", _)) => return Err(wrong("has an endpoint that is no URL")),
                Some(("region", value)) => value.clone_into(&mut remote.region),
                _ => return Err(wrong(&format!("has the unknown parameter `{pair}`"))),
            }
        }
        Ok(remote)
    }

    /// The store.
    ///
    /// # Errors
    /// When the parameters make no sense, or no certificate is trusted here.
    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, StartError> {
        let refuse =
            |reason: String| StartError::Platform(format!("cannot use `{self:?}`: {reason}"));
        let RemoteCredentials { id, secret, token } = &self.credentials;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_http_connector(Connector(trusted().map_err(&refuse)?))
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: RETRIES,
                retry_timeout: PATIENCE,
            });
        if let Some(token) = token {
            builder = builder.with_token(token);
        }
        if let Some(endpoint) = &self.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        let store = builder.build().map_err(|error| refuse(error.to_string()))?;
        Ok(if self.prefix.is_empty() {
            Arc::new(store)
        } else {
            Arc::new(PrefixStore::new(store, Path::from(self.prefix.as_str())))
        })
    }
}

/// The authorities that this machine trusts.
fn trusted() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// Makes the client of a store.
#[derive(Debug)]
struct Connector(ClientConfig);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(self.0.clone())
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(HttpClient::new(Service(client)))
    }
}

#[derive(Debug)]
struct Service(Client<HttpsConnector<Tcp>, HttpRequestBody>);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = tokio::time::timeout(ANSWER, self.0.request(request))
            .await
            .map_err(|error| HttpError::new(HttpErrorKind::Timeout, error))?;
        let answer = answer.map_err(|error| {
            let kind = if error.is_connect() {
                HttpErrorKind::Connect
            } else {
                HttpErrorKind::Request
            };
            HttpError::new(kind, error)
        })?;
        Ok(answer.map(|body| {
            let broken = |error| HttpError::new(HttpErrorKind::Interrupted, error);
            HttpResponseBody::new(body.map_err(broken))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Remote, String> {
        let credentials = RemoteCredentials {
            id: "AKIA".to_owned(),
            secret: "secret".to_owned(),
            token: None,
        };
        Remote::parse(url, credentials)
    }

    #[test]
    fn a_place_is_a_url() {
        let remote = parse("s3://b/a/b/?endpoint=http://h:1/&region=eu-west-1").unwrap();
        assert_eq!(
            (remote.bucket.as_str(), remote.prefix.as_str()),
            ("b", "a/b")
        );
        assert_eq!(remote.endpoint.as_deref(), Some("http://h:1"));
        assert_eq!(remote.region, "eu-west-1");
        assert_eq!(parse("s3://b").unwrap().prefix, "");
        for wrong in [
            "b",
            "s3:///p",
            "s3://b?endpoint=h",
            "s3://b?x=y",
            "s3://b?region",
        ] {
            assert!(
                parse(wrong).unwrap_err().contains("write `s3://"),
                "{wrong}"
            );
        }
        assert!(!format!("{:?}", parse("s3://b")).contains("secret"));
    }
}

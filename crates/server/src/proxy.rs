//! A proxy for clients whose endpoints cannot be set: SDKs that call `sts.us-east-1.amazonaws.com` whatever they are told.
//!
//! A client that has it as its proxy for HTTPS asks for a connection to one of AWS's names and gets one to this server, under a
//! certificate for that name from the server's own authority. Nothing is carried to anywhere else.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::http::uri;
use hyper::server::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io::{Error, Result};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use crate::options::StartError;
use crate::tls::authority::Authority;
use crate::tls::{as_server, shake};

/// Certificates that are kept at a time, for names that clients choose.
const KEPT: usize = 1_024;
/// How long one is used, well within its life.
const USED: Duration = Duration::from_secs(24 * 60 * 60);
/// Bytes of the head of a request for a connection. hyper takes no less.
const HEAD: usize = 8 << 10;

const NOT_AWS: &str = "This proxy leads to AWS's own names only, and those lead to this server: \
    put other hosts into NO_PROXY.\n";
const NOT_CONNECT: &str =
    "This is a proxy for HTTPS: set HTTPS_PROXY to it, not HTTP_PROXY or an endpoint.\n";

/// Issues certificates for AWS's names, and lets their callers in.
pub(crate) struct Proxy {
    authority: Authority,
    configs: Mutex<HashMap<String, (Instant, Arc<ServerConfig>)>>,
}

/// A name that was asked for, and the connection that is to lead there.
type Asked = (String, OnUpgrade);

impl Proxy {
    /// A proxy under the authority in `directory`, which is made when it is not there.
    pub(crate) fn open(directory: &Path) -> std::result::Result<Self, StartError> {
        let authority = Authority::open(directory)?;
        Ok(Self {
            authority,
            configs: Mutex::default(),
        })
    }

    /// Lets a client through to the name that it asks for, as the server of that name.
    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
    ) -> Result<(TlsStream<TokioIo<Upgraded>>, platform::Tls)> {
        let (sender, mut asked) = mpsc::channel(1);
        let service = hyper::service::service_fn(move |request| {
            let answer = answer(request, &sender);
            async { Ok::<_, Infallible>(answer) }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await
            .map_err(Error::other)?;
        let turned_away = || Error::other("no connection was asked for that leads here");
        let (name, upgrade) = asked.try_recv().map_err(|_| turned_away())?;
        let stream = TokioIo::new(upgrade.await.map_err(Error::other)?);
        shake(self.config(&name)?, stream).await
    }

    /// How the server shows itself as `name`.
    fn config(&self, name: &str) -> Result<Arc<ServerConfig>> {
        let configs = || self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((issued, config)) = configs().get(name)
            && issued.elapsed() < USED
        {
            return Ok(Arc::clone(config));
        }
        let identity = self.authority.issue(&[name.to_owned()]);
        let config = as_server(identity.map_err(Error::other)?).map_err(Error::other)?;
        let mut configs = configs();
        if configs.len() >= KEPT {
            configs.clear();
        }
        configs.insert(name.to_owned(), (Instant::now(), Arc::clone(&config)));
        Ok(config)
    }
}

/// Answers a client of the proxy, and notes the name that it gets through to.
fn answer(mut request: Request<Incoming>, asked: &mpsc::Sender<Asked>) -> Response<Full<Bytes>> {
    if request.method() != Method::CONNECT {
        return turned_away(StatusCode::METHOD_NOT_ALLOWED, NOT_CONNECT);
    }
    let Some(name) = request.uri().authority().and_then(aws_name) else {
        return turned_away(StatusCode::FORBIDDEN, NOT_AWS);
    };
    match asked.try_send((name, hyper::upgrade::on(&mut request))) {
        Ok(()) => Response::new(Full::default()),
        Err(_) => turned_away(StatusCode::BAD_REQUEST, NOT_CONNECT),
    }
}

/// One of AWS's names in the form that certificates have, when a client asks for its port of HTTPS.
fn aws_name(authority: &uri::Authority) -> Option<String> {
    let name = authority.host().to_ascii_lowercase();
    let spelt = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let sound = name.len() <= 253 && name.bytes().all(spelt) && wire::route::is_aws(&name);
    (sound && authority.port_u16() == Some(443)).then_some(name)
}

fn turned_away(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

//! TLS: the server's certificate, its renewal, and the handshake.

pub(crate) mod authority;

use platform::Platform;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{CipherSuite, ProtocolVersion, ServerConfig, version};
use tokio_rustls::server::TlsStream;

use crate::options::{Certificate, StartError};
use crate::private;
use authority::Authority;

/// How often the certificate is read or issued anew without being asked: well within the life of
/// one that this server issues.
const RENEWAL: Duration = Duration::from_secs(24 * 60 * 60);

/// What a client is told that speaks plain HTTP where TLS is expected.
const PLAINTEXT: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\
    content-type: text/plain\r\ncontent-length: 60\r\n\r\n\
    This server speaks HTTPS: begin the endpoint with https://\r\n";

/// The server's side of TLS. New connections use the certificate of the latest successful
/// [`Tls::reload`]; those under way keep theirs.
pub(crate) struct Tls {
    source: Certificate,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads or issues the certificate.
    pub(crate) fn new(source: Certificate) -> Result<Self, StartError> {
        let config = RwLock::new(configure(&source)?);
        Ok(Self { source, config })
    }

    /// Reads or issues the certificate anew. When that fails the one before it stays.
    fn reload(&self) -> Result<(), StartError> {
        let config = configure(&self.source)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Agrees on the keys of a connection. A client that begins with plain HTTP is told so.
    pub(crate) async fn accept(
        &self,
        mut stream: TcpStream,
    ) -> std::io::Result<(TlsStream<TcpStream>, platform::Tls)> {
        let mut first = [0];
        // A handshake begins with the type of its record, 22: no letter.
        if stream.peek(&mut first).await? == 1 && first.iter().all(u8::is_ascii_alphabetic) {
            stream.write_all(PLAINTEXT).await?;
            stream.shutdown().await?;
            return Err(std::io::Error::other("plain HTTP where TLS is expected"));
        }
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        shake(config, stream).await
    }
}

/// The server's side of a handshake.
pub(crate) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    config: Arc<ServerConfig>,
    stream: S,
) -> std::io::Result<(TlsStream<S>, platform::Tls)> {
    let stream = TlsAcceptor::from(config).accept(stream).await?;
    let (_, session) = stream.get_ref();
    let agreed = session
        .protocol_version()
        .zip(session.negotiated_cipher_suite())
        .map(|(version, suite)| agreed(version, suite.suite()));
    let agreed = agreed.ok_or_else(|| std::io::Error::other("an unfinished handshake"))?;
    Ok((stream, agreed))
}

/// Reads the certificate again whenever the process gets SIGHUP, and once a day.
pub(crate) struct Renewal {
    hangup: Signal,
}

impl Renewal {
    /// Listens for the signal, which ends the process otherwise.
    pub(crate) fn new() -> std::io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        Ok(Self { hangup })
    }

    /// Runs until it is dropped.
    pub(crate) async fn run(mut self, tls: Arc<Tls>, platform: Arc<Platform>) {
        loop {
            let asked = tokio::select! {
                _ = self.hangup.recv() => true,
                () = tokio::time::sleep(RENEWAL) => false,
            };
            match tls.reload() {
                Ok(()) if asked => platform.report("the certificate was read again"),
                Ok(()) => {}
                Err(error) => platform.report(&format!(
                    "the certificate cannot be renewed, the one before it stays: {error}"
                )),
            }
        }
    }
}

/// Where cryptography comes from, in one place.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn configure(source: &Certificate) -> Result<Arc<ServerConfig>, StartError> {
    let (path, identity) = match source {
        Certificate::Files { chain, key } => (chain, read(chain, key)?),
        Certificate::Own { directory, names } => (
            directory,
            Authority::open(directory)?
                .issue(&authority::own_names(names))
                .map_err(|error| cannot_issue(directory, &error))?,
        ),
    };
    as_server(identity).map_err(|error| refused(path, error.to_string()))
}

/// How the server shows itself with a certificate.
pub(crate) fn as_server(
    (chain, key): Identity,
) -> Result<Arc<ServerConfig>, tokio_rustls::rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn cannot_issue(directory: &Path, error: &rcgen::Error) -> StartError {
    refused(directory, format!("no certificate can be issued: {error}"))
}

/// A certificate with its chain, and the private key.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn read(chain: &Path, key: &Path) -> Result<Identity, StartError> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(chain, error.to_string()))?;
    if certificates.is_empty() {
        let reason = "it holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)";
        return Err(refused(chain, reason.to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        let reason = format!("it holds no private key in PEM form: {error}");
        refused(key, reason)
    })?;
    private::check(key)?;
    Ok((certificates, secret))
}

fn refused(path: &Path, reason: String) -> StartError {
    StartError::Data {
        path: path.to_owned(),
        reason,
    }
}

/// What was agreed on, as CloudTrail writes it: suites of TLS 1.3 by their registered names, those
/// of TLS 1.2 as OpenSSL calls them.
fn agreed(version: ProtocolVersion, suite: CipherSuite) -> platform::Tls {
    let name = suite.as_str().unwrap_or("unknown");
    let (version, cipher_suite) = match version {
        ProtocolVersion::TLSv1_3 => ("TLSv1.3", name.replacen("TLS13_", "TLS_", 1)),
        _ => {
            let name = name.replacen("TLS_", "", 1).replace("_WITH_", "_");
            ("TLSv1.2", name.replace("AES_", "AES").replace('_', "-"))
        }
    };
    platform::Tls {
        version,
        cipher_suite: cipher_suite.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_the_names_that_cloudtrail_writes() {
        let names = |version, suite| {
            let tls = agreed(version, suite);
            (tls.version, tls.cipher_suite.to_string())
        };
        assert_eq!(
            names(
                ProtocolVersion::TLSv1_3,
                CipherSuite::TLS13_AES_128_GCM_SHA256
            ),
            ("TLSv1.3", "TLS_AES_128_GCM_SHA256".to_owned())
        );
        assert_eq!(
            names(
                ProtocolVersion::TLSv1_2,
                CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
            ),
            ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256".to_owned())
        );
    }
}

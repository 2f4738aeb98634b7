//! Documents of identity providers, over HTTP/1.1.
//!
//! The certificate of a host is one that an authority trusts that the machine trusts. Only where it is
//! not, the host is known by a thumbprint: SHA-1 of the last certificate that it presents, under which
//! the rest of its chain must stand (IAM User Guide, "Obtain the thumbprint for an OpenID Connect
//! identity provider").

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONNECTION, HOST};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use sts::{Fetch, FetchError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

use crate::tls;

/// How long a document may take, from the look-up of the host to the last byte.
const TIME: Duration = Duration::from_secs(5);
/// The longest document, in bytes.
const LONGEST: usize = 256 << 10;

/// Gets documents over the network.
#[derive(Default)]
pub(crate) struct Web {
    /// The authorities that the machine trusts, read when they are needed.
    trusted: OnceLock<Arc<RootCertStore>>,
}

impl Fetch for Web {
    fn get(&self, url: &str, thumbprints: &[String]) -> Result<Vec<u8>, FetchError> {
        let uri: Uri = url.parse().map_err(|_| unreachable("it is no URL"))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(unreachable)?;
        let asked = async {
            let asked = tokio::time::timeout(TIME, self.ask(&uri, thumbprints)).await;
            asked.map_err(|_| unreachable(format!("not within {} seconds", TIME.as_secs())))?
        };
        runtime.block_on(asked)
    }
}

fn unreachable(reason: impl std::fmt::Display) -> FetchError {
    FetchError::Unreachable(reason.to_string())
}

impl Web {
    async fn ask(&self, uri: &Uri, thumbprints: &[String]) -> Result<Vec<u8>, FetchError> {
        let host = uri.host().ok_or_else(|| unreachable("there is no host"))?;
        let secure = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port))
            .await
            .map_err(unreachable)?;
        if !secure {
            return exchange(stream, uri).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(unreachable)?;
        let connector = TlsConnector::from(self.configure(thumbprints)?);
        let stream = connector.connect(name, stream).await.map_err(refused)?;
        exchange(stream, uri).await
    }

    fn configure(&self, thumbprints: &[String]) -> Result<Arc<ClientConfig>, FetchError> {
        let provider = tls::provider();
        let trusted = self.trusted.get_or_init(|| {
            let mut trusted = RootCertStore::empty();
            trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(trusted)
        });
        let verifier = Verifier {
            trusted: Arc::clone(trusted),
            thumbprints: thumbprints.to_vec(),
            provider: Arc::clone(&provider),
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unreachable)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Arc::new(config))
    }
}

/// Whether it was the certificate.
fn refused(error: std::io::Error) -> FetchError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => FetchError::Untrusted,
        _ => unreachable(error),
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    uri: &Uri,
) -> Result<Vec<u8>, FetchError> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(unreachable)?;
    // It ends with the exchange, or with the runtime when the time is over.
    tokio::spawn(connection);
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(HOST, host)
        .header(ACCEPT, "application/json")
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(unreachable)?;
    let response = sender.send_request(request).await.map_err(unreachable)?;
    if response.status() != StatusCode::OK {
        return Err(unreachable(format!("the status is {}", response.status())));
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    Ok(body.map_err(unreachable)?.to_bytes().to_vec())
}

/// Believes what the machine trusts, and else what has a known thumbprint.
#[derive(Debug)]
struct Verifier {
    trusted: Arc<RootCertStore>,
    thumbprints: Vec<String>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn verify(
        &self,
        roots: Arc<RootCertStore>,
        (end_entity, intermediates): (&CertificateDer<'_>, &[CertificateDer<'_>]),
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let provider = Arc::clone(&self.provider);
        WebPkiServerVerifier::builder_with_provider(roots, provider)
            .build()
            .map_err(|_| unknown())?
            .verify_server_cert(end_entity, intermediates, server_name, &[], now)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let chain = (end_entity, intermediates);
        let refused = match self.verify(Arc::clone(&self.trusted), chain, server_name, now) {
            Ok(verified) => return Ok(verified),
            Err(refused) => refused,
        };
        let top = intermediates.last().unwrap_or(end_entity);
        let thumbprint = hex::encode(Sha1::digest(top));
        if !self.thumbprints.contains(&thumbprint) {
            return Err(refused);
        }
        if intermediates.is_empty() {
            // The host's own certificate is the known one. No path leads to it.
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let mut known = RootCertStore::empty();
        known.add(top.clone().into_owned())?;
        self.verify(Arc::new(known), chain, server_name, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

    fn thumbprint(certificate: &CertificateDer<'_>) -> Vec<String> {
        vec![hex::encode(Sha1::digest(certificate))]
    }

    /// The certificates of an authority and of a host below it, and the host's key.
    fn chain() -> (CertificateDer<'static>, CertificateDer<'static>, Vec<u8>) {
        let (above, below) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let top = authority.self_signed(&above).unwrap();
        let issuer = Issuer::new(authority, above);
        let host = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = host.signed_by(&below, &issuer).unwrap();
        (leaf.der().clone(), top.der().clone(), below.serialize_der())
    }

    /// A host that answers the given number of connections with `answer`. Gives its port.
    fn host(
        chain: Vec<CertificateDer<'static>>,
        key: Vec<u8>,
        times: usize,
        answer: &'static str,
    ) -> u16 {
        let key = PrivateKeyDer::try_from(key).unwrap();
        let config = ServerConfig::builder_with_provider(tls::provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming().take(times).flatten() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream);
                let mut request = [0; 1_024];
                if stream.read(&mut request).is_ok() {
                    drop(stream.write_all(answer.as_bytes()));
                    stream.conn.send_close_notify();
                    drop(stream.flush());
                }
            }
        });
        port
    }

    const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

    #[test]
    fn a_host_is_known_by_the_last_certificate_of_its_chain() {
        let (leaf, top, key) = chain();
        let port = host(vec![leaf.clone(), top.clone()], key, 4, OK);
        let web = Web::default();
        let url = format!("https://localhost:{port}/keys");
        assert_eq!(web.get(&url, &thumbprint(&top)), Ok(b"{}".to_vec()));
        for unknown in [Vec::new(), thumbprint(&leaf)] {
            assert_eq!(web.get(&url, &unknown), Err(FetchError::Untrusted));
        }
        let elsewhere = format!("https://127.0.0.1:{port}/keys");
        assert_eq!(
            web.get(&elsewhere, &thumbprint(&top)),
            Err(FetchError::Untrusted)
        );
    }

    #[test]
    fn a_known_authority_vouches_only_for_what_it_signed() {
        let (_, top, _) = chain();
        let (leaf, _, key) = chain();
        let port = host(vec![leaf, top.clone()], key, 1, OK);
        let url = format!("https://localhost:{port}/keys");
        let got = Web::default().get(&url, &thumbprint(&top));
        assert_eq!(got, Err(FetchError::Untrusted));
    }

    #[test]
    fn no_redirection_is_followed() {
        let (leaf, top, key) = chain();
        let moved =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let port = host(vec![leaf, top.clone()], key, 1, moved);
        let url = format!("https://localhost:{port}/keys");
        let got = Web::default().get(&url, &thumbprint(&top));
        assert!(matches!(got, Err(FetchError::Unreachable(_))), "{got:?}");
    }
}

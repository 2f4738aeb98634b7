//! Reaching a server as its client.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A server as the AWS clients name one in `endpoint_url`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// The URL without a path.
    pub(crate) url: String,
    /// The name or address, and the port if the URL has one: the `Host` header.
    pub(crate) authority: String,
    tls: bool,
}

/// Both directions of a connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Server {
    /// Reads an endpoint's URL.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let url = url.trim_end_matches('/');
        let (scheme, authority) = url.split_once("://")?;
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        (!authority.is_empty() && !authority.contains(['/', '?', '#', '@'])).then(|| Self {
            url: url.to_owned(),
            authority: authority.to_owned(),
            tls,
        })
    }

    /// The name or address alone, and the port.
    fn host(&self) -> (&str, u16) {
        let default = if self.tls { 443 } else { 80 };
        let (host, port) = match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(default)),
            _ => (self.authority.as_str(), default),
        };
        (host.trim_start_matches('[').trim_end_matches(']'), port)
    }

    /// Connects; a certificate must be under one in `ca_bundle`, or under one that the system
    /// trusts when there is none.
    pub(crate) async fn connect(
        &self,
        ca_bundle: Option<&Path>,
    ) -> Result<Box<dyn Stream>, String> {
        let (host, port) = self.host();
        let stream = TcpStream::connect((host, port)).await.map_err(|error| {
            format!(
                "`{}` cannot be reached: {error}; is the server running?",
                self.url
            )
        })?;
        drop(stream.set_nodelay(true));
        if !self.tls {
            return Ok(Box::new(stream));
        }
        let name =
            ServerName::try_from(host.to_owned()).map_err(|error| format!("`{host}`: {error}"))?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(trusted(ca_bundle)?)
            .with_no_client_auth();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
        let stream = stream.await.map_err(|error| {
            format!(
                "`{}` is not trusted: {error}; name the certificates to trust with `ca_bundle` in \
                 the profile, or AWS_CA_BUNDLE",
                self.url
            )
        })?;
        Ok(Box::new(stream))
    }
}

fn trusted(ca_bundle: Option<&Path>) -> Result<RootCertStore, String> {
    let given = ca_bundle
        .map(Path::to_owned)
        .or_else(|| std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from));
    let mut roots = RootCertStore::empty();
    let certificates: Vec<_> = match given {
        Some(path) => CertificateDer::pem_file_iter(&path)
            .and_then(Iterator::collect::<Result<_, _>>)
            .map_err(|error| format!("`{}`: {error}", path.display()))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(certificates);
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_scheme_and_an_authority() {
        let host = |url: &str| {
            let server = Server::parse(url)?;
            let (host, port) = server.host();
            Some((host.to_owned(), port))
        };
        assert_eq!(host("https://h/"), Some(("h".to_owned(), 443)));
        assert_eq!(host("http://h"), Some(("h".to_owned(), 80)));
        assert_eq!(host("https://[::1]:4566"), Some(("::1".to_owned(), 4566)));
        assert_eq!(host("http://[::1]"), Some(("::1".to_owned(), 80)));
        for bad in ["", "ftp://h", "h:80", "http://", "http://u@h", "http://h/x"] {
            assert_eq!(Server::parse(bad), None, "{bad}");
        }
    }
}

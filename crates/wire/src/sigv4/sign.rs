//! Signing: for our own calls to others, for links that we hand out, and for tests.

use http::{HeaderName, HeaderValue, Uri, header, request::Parts};
use jiff::Timestamp;

use super::canonical::head;
use super::{ALGORITHM, Scope, SigningKey, UNSIGNED_PAYLOAD, key::sha256, time};
use crate::uri;

/// Credentials and where they are used.
#[derive(Clone)]
pub struct Signer {
    /// The access key's id.
    pub access_key: String,
    /// Its secret.
    pub secret: String,
    /// The session token of temporary credentials.
    pub session_token: Option<String>,
    /// The region to sign for.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

/// What to sign of the body.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'b> {
    /// Its hash.
    Bytes(&'b [u8]),
    /// Nothing; only S3 accepts that.
    Unsigned,
    /// This value of `x-amz-content-sha256`, for a body in chunks; only S3 accepts that.
    Declared(&'b str),
}

/// A request that cannot be signed: a header or the URI would not be valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsignable;

impl std::fmt::Display for Unsignable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the credentials or the URI hold characters that HTTP does not allow")
    }
}

impl std::error::Error for Unsignable {}

impl Payload<'_> {
    fn hash(self) -> String {
        match self {
            Self::Bytes(bytes) => hex::encode(sha256(bytes)),
            Self::Unsigned => UNSIGNED_PAYLOAD.to_owned(),
            Self::Declared(value) => value.to_owned(),
        }
    }
}

impl Signer {
    fn scope(&self, stamp: &str) -> Scope {
        Scope {
            version: super::Version::V4,
            date: stamp.get(..8).unwrap_or_default().to_owned(),
            region: self.region.clone(),
            service: self.service.clone(),
        }
    }

    fn signature(&self, mut canonical: Vec<u8>, hash: &str, stamp: &str, scope: &Scope) -> String {
        canonical.extend_from_slice(hash.as_bytes());
        let digest = hex::encode(sha256(&canonical));
        let text = format!("{ALGORITHM}\n{stamp}\n{scope}\n{digest}");
        hex::encode(SigningKey::derive(&self.secret, scope).sign(text.as_bytes()))
    }

    /// Signs in the `Authorization` header, over the host and all headers that are there.
    ///
    /// # Errors
    /// The credentials hold characters that no header may hold.
    pub fn sign(
        &self,
        parts: &mut Parts,
        now: Timestamp,
        payload: Payload<'_>,
    ) -> Result<(), Unsignable> {
        let stamp = time::basic(now);
        let hash = payload.hash();
        let mut set = |name: &'static str, value: &str| {
            let value = HeaderValue::from_str(value).map_err(|_| Unsignable)?;
            parts.headers.insert(HeaderName::from_static(name), value);
            Ok(())
        };
        set("x-amz-date", &stamp)?;
        if let Some(token) = &self.session_token {
            set("x-amz-security-token", token)?;
        }
        let scope = self.scope(&stamp);
        if scope.is_s3() {
            set("x-amz-content-sha256", &hash)?;
        }
        let mut names: Vec<&str> = parts.headers.keys().map(HeaderName::as_str).collect();
        names.retain(|name| !["authorization", "user-agent", "host"].contains(name));
        names.push("host");
        names.sort_unstable();
        let signature = self.signature(head(parts, &names, scope.is_s3()), &hash, &stamp, &scope);
        let value = format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            self.access_key,
            names.join(";")
        );
        let value = HeaderValue::from_str(&value).map_err(|_| Unsignable)?;
        parts.headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }

    /// Signs in the query, over the host only, for a number of seconds. S3 links leave the body
    /// unsigned; for other services it is `body`.
    ///
    /// # Errors
    /// The URI would not be valid.
    pub fn presign(
        &self,
        parts: &mut Parts,
        now: Timestamp,
        expires: u32,
        body: &[u8],
    ) -> Result<(), Unsignable> {
        let stamp = time::basic(now);
        let scope = self.scope(&stamp);
        let mut query = parts.uri.query().unwrap_or_default().to_owned();
        let mut add = |name: &str, value: &str| {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            uri::encode_into(&mut query, value.as_bytes(), false);
        };
        add("X-Amz-Algorithm", ALGORITHM);
        add("X-Amz-Credential", &format!("{}/{scope}", self.access_key));
        add("X-Amz-Date", &stamp);
        add("X-Amz-Expires", &expires.to_string());
        add("X-Amz-SignedHeaders", "host");
        if let Some(token) = &self.session_token {
            add("X-Amz-Security-Token", token);
        }
        set_query(parts, &query)?;
        let payload = if scope.is_s3() {
            Payload::Unsigned
        } else {
            Payload::Bytes(body)
        };
        let canonical = head(parts, &["host"], scope.is_s3());
        let signature = self.signature(canonical, &payload.hash(), &stamp, &scope);
        query.push_str("&X-Amz-Signature=");
        query.push_str(&signature);
        set_query(parts, &query)
    }
}

fn set_query(parts: &mut Parts, query: &str) -> Result<(), Unsignable> {
    let mut pieces = parts.uri.clone().into_parts();
    let text = format!("{}?{query}", parts.uri.path());
    pieces.path_and_query = Some(text.parse().map_err(|_| Unsignable)?);
    parts.uri = Uri::from_parts(pieces).map_err(|_| Unsignable)?;
    Ok(())
}

//! JSON Web Tokens in the compact form (RFC 7515, RFC 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value as Json};

use super::jwk::Algorithm;

/// A token that was taken apart, not yet believed.
pub(super) struct Token<'t> {
    algorithm: Algorithm,
    key_id: Option<String>,
    claims: Map<String, Json>,
    signed: &'t str,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Takes a token apart. `None` when it is none, or not one with a signature of a public key: there is
    /// no way to `none` or to a shared secret.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header = object(header)?;
        // A header that must be understood is one that this program does not know.
        if header.contains_key("crit") || header.contains_key("b64") {
            return None;
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Json::String(id)) => Some(id.clone()),
            Some(_) => return None,
        };
        Some(Self {
            algorithm: Algorithm::parse(header.get("alg")?.as_str()?)?,
            key_id,
            claims: object(claims)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The id of the key that is said to have signed.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// What the token says, which means nothing before its signature is verified.
    pub(super) fn claims(&self) -> &Map<String, Json> {
        &self.claims
    }

    /// What is signed.
    pub(super) fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

fn object(part: &str) -> Option<Map<String, Json>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    match serde_json::from_slice(&bytes).ok()? {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str) -> String {
        let [header, claims] = [header, "{}"].map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.AAAA")
    }

    #[test]
    fn only_public_keys_sign() {
        assert!(Token::parse(&token(r#"{"alg":"RS256","kid":"a"}"#)).is_some());
        for bad in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"rs256"}"#,
            r#"{"alg":"RS256","crit":["exp"]}"#,
            r#"{"alg":"RS256","kid":7}"#,
            r#"{"kid":"a"}"#,
            "[]",
        ] {
            assert!(Token::parse(&token(bad)).is_none(), "{bad}");
        }
        let good = token(r#"{"alg":"RS256"}"#);
        for bad in [
            "",
            "a.b.c",
            "..",
            &format!("{good}="),
            &format!("x.{good}"),
            "{}.{}.{}",
        ] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }
}

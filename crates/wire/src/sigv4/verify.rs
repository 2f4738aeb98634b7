//! Believing a signature.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    ALGORITHM, AuthError, MAX_SKEW, Place, Scope, SignedRequest, SigningKey, UNSIGNED_PAYLOAD,
    Version, time, v2,
};

/// A request whose signature is right. Only [`SignedRequest::verify`] makes it.
#[derive(Clone, Debug)]
pub struct Verified {
    access_key: String,
    scope: Scope,
    session_token: Option<String>,
    presigned: bool,
    body: BodyRule,
    time: Timestamp,
    signature: String,
    key: SigningKey,
}

/// What the signature says about the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// The body was hashed and is covered.
    Covered,
    /// The body's SHA-256 must be this; [`BodyRule::check`] it before anything takes effect.
    Sha256([u8; 32]),
    /// The client did not sign the body.
    Unsigned,
    /// The body is `aws-chunked`: each chunk is signed, and the trailer too if there is one.
    SignedChunks {
        /// Whether headers follow the last chunk.
        trailer: bool,
    },
    /// The body is `aws-chunked` with a trailer; neither is signed.
    UnsignedChunks,
}

impl BodyRule {
    fn read(declared: &str) -> Result<Self, AuthError> {
        match declared {
            UNSIGNED_PAYLOAD => Ok(Self::Unsigned),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(Self::UnsignedChunks),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Ok(Self::SignedChunks { trailer: false }),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
                Ok(Self::SignedChunks { trailer: true })
            }
            hash => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(hash, &mut bytes)
                    .map_err(|_| AuthError::PayloadHash(hash.to_owned()))?;
                Ok(Self::Sha256(bytes))
            }
        }
    }

    /// Compares the hash of the body that came with the one that was signed.
    ///
    /// # Errors
    /// They differ. Bodies in chunks and unsigned ones have no hash, and pass.
    pub fn check(self, body: &[u8; 32]) -> Result<(), AuthError> {
        match self {
            Self::Sha256(declared) if !bool::from(declared[..].ct_eq(&body[..])) => {
                Err(AuthError::PayloadMismatch {
                    declared: hex::encode(declared),
                    computed: hex::encode(body),
                })
            }
            _ => Ok(()),
        }
    }
}

impl SignedRequest {
    /// Believes the request, or says why not: signed by this key, over this body, at about this
    /// time.
    ///
    /// `body` is the SHA-256 of the whole body. Services other than S3 need it. S3 signs what the
    /// client declares: without `body` the caller checks [`Verified::body`] when it has read it.
    ///
    /// # Errors
    /// The signature is another one, the request is too old, too early or expired, or the body is
    /// not the declared one.
    pub fn verify(
        self,
        key: &SigningKey,
        now: Timestamp,
        body: Option<&[u8; 32]>,
    ) -> Result<Verified, AuthError> {
        if self.scope.version == Version::V2 {
            return v2::verify(self, key, now);
        }
        let (hash, rule) = self.payload(body)?;
        let request = Sha256::new()
            .chain_update(&self.canonical)
            .chain_update(hash.as_bytes());
        let to_sign = [
            ALGORITHM,
            &time::basic(self.time),
            &self.scope.parts().join("/"),
            &hex::encode(request.finalize()),
        ]
        .join("\n");
        let expected = key.sign(to_sign.as_bytes());
        let mut claimed = [0; 32];
        let well_formed = hex::decode_to_slice(&self.signature, &mut claimed).is_ok();
        let same = bool::from(expected[..].ct_eq(&claimed[..]));
        if !(well_formed && same && *key.scope() == self.scope) {
            let canonical = [self.canonical.as_slice(), hash.as_bytes()].concat();
            return Err(AuthError::Mismatch {
                canonical_request: String::from_utf8_lossy(&canonical).into_owned(),
                access_key: self.access_key,
                signature: self.signature,
                string_to_sign: to_sign,
            });
        }
        check_time(self.time, self.place, now)?;
        if let Some(body) = body {
            rule.check(body)?;
        }
        Ok(self.believed(key, rule))
    }

    /// What the checks before have shown.
    pub(super) fn believed(self, key: &SigningKey, body: BodyRule) -> Verified {
        Verified {
            access_key: self.access_key,
            scope: self.scope,
            session_token: self.session_token,
            presigned: self.place != Place::Header,
            body,
            time: self.time,
            signature: self.signature,
            key: key.clone(),
        }
    }

    /// The last line of the canonical request, and what it promises.
    fn payload(&self, body: Option<&[u8; 32]>) -> Result<(Cow<'_, str>, BodyRule), AuthError> {
        if self.scope.is_s3() {
            let declared = self
                .declared
                .as_deref()
                .ok_or(AuthError::PayloadHashMissing)?;
            return Ok((declared.into(), BodyRule::read(declared)?));
        }
        let body = body.ok_or(AuthError::BodyNeeded)?;
        Ok((hex::encode(body).into(), BodyRule::Covered))
    }
}

fn check_time(signed: Timestamp, place: Place, now: Timestamp) -> Result<(), AuthError> {
    let age = now.duration_since(signed);
    if age < -MAX_SKEW {
        return Err(AuthError::TooEarly {
            signed,
            now,
            presigned: place != Place::Header,
        });
    }
    match place {
        Place::Header if age > MAX_SKEW => Err(AuthError::TooLate { signed, now }),
        Place::Query { expires } if age > SignedDuration::from_secs(expires.into()) => {
            Err(AuthError::LinkExpired {
                signed,
                expires,
                now,
            })
        }
        _ => Ok(()),
    }
}

impl Verified {
    /// The id of the key that signed.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The scope that was signed for.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The session token that was signed along.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// Whether the signature stood in the query.
    #[must_use]
    pub const fn is_presigned(&self) -> bool {
        self.presigned
    }

    /// When the client signed; version 2 does not say.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        (self.scope.version == Version::V4).then_some(self.time)
    }

    /// The time in the signature, which every signature of a chunk repeats.
    pub(super) const fn signed_at(&self) -> Timestamp {
        self.time
    }

    /// What the signature says about the body.
    #[must_use]
    pub const fn body(&self) -> BodyRule {
        self.body
    }

    /// The signature itself (context key `s3:signatureAge` and chunk signatures begin from it).
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// The key, for the signatures of chunks.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }
}

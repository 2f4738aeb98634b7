//! Signatures of forms by which browsers upload to S3 (POST policies).
//!
//! ```text
//! fields ─ parse_form ─▶ Option<SignedForm> ─ verify(secret, now) ─▶ PostPolicy ─ check ─▶ SizeRange
//! ```
//!
//! A form is signed over its policy alone: the conditions there say what the rest of the form may be.
//! Source: "Browser-based uploads using POST", Amazon S3 API Reference.

mod policy;

pub use policy::{PostPolicy, SizeRange};

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;

use super::parse::credential_scope;
use super::{ALGORITHM, AuthError, MAX_EXPIRES, MAX_SKEW, Scope, SigningKey, Version, time, v2};

/// The fields of a form, as they came before the file.
type Fields = [(String, String)];

/// A form that says who signed it, not yet believed.
#[derive(Clone, Debug)]
pub struct SignedForm {
    access_key: String,
    session_token: Option<String>,
    scope: Scope,
    /// When it was signed; version 2 does not say.
    time: Option<Timestamp>,
    signature: String,
    /// The policy as it was sent, in base64.
    policy: String,
}

/// Reads the signature of a form. `None`: it has neither a signature nor a policy (an anonymous upload).
///
/// `fields` are the names and values before the file, in the order of the form; case does not count in
/// names.
///
/// # Errors
/// Fields of the signature are absent, repeated or malformed.
pub fn parse_form(fields: &Fields) -> Result<Option<SignedForm>, AuthError> {
    let marks = [
        "policy",
        "signature",
        "awsaccesskeyid",
        "x-amz-signature",
        "x-amz-credential",
        "x-amz-algorithm",
    ];
    let given = |name: &str| {
        fields
            .iter()
            .any(|(field, _)| field.eq_ignore_ascii_case(name))
    };
    if !marks.iter().any(|mark| given(mark)) {
        return Ok(None);
    }
    let old = given("awsaccesskeyid") || given("signature");
    if old && (given("x-amz-signature") || given("x-amz-credential") || given("x-amz-algorithm")) {
        return Err(AuthError::TwoMechanisms);
    }
    let policy = need(fields, "policy")?.to_owned();
    let session_token = once(fields, "x-amz-security-token")?.map(str::to_owned);
    if old {
        return Ok(Some(SignedForm {
            access_key: need(fields, "AWSAccessKeyId")?.to_owned(),
            session_token,
            scope: Scope::old(),
            time: None,
            signature: need(fields, "signature")?.to_owned(),
            policy,
        }));
    }
    let algorithm = need(fields, "X-Amz-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(AuthError::Algorithm(algorithm.to_owned()));
    }
    let (access_key, scope) = credential_scope(need(fields, "X-Amz-Credential")?)?;
    if scope.service != "s3" {
        return Err(AuthError::Scope(format!(
            "incorrect service \"{}\". This endpoint belongs to \"s3\".",
            scope.service
        )));
    }
    let date = need(fields, "X-Amz-Date")?;
    let instant = time::parse_basic(date).filter(|_| date.starts_with(scope.date.as_str()));
    let instant = instant.ok_or_else(|| {
        AuthError::QueryParameters(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\", and its day \
             that of the credential"
                .to_owned(),
        )
    })?;
    Ok(Some(SignedForm {
        access_key,
        session_token,
        scope,
        time: Some(instant),
        signature: need(fields, "X-Amz-Signature")?.to_owned(),
        policy,
    }))
}

/// The one value of a field.
fn once<'f>(fields: &'f Fields, name: &str) -> Result<Option<&'f str>, AuthError> {
    let mut found = fields
        .iter()
        .filter(|(field, _)| field.eq_ignore_ascii_case(name));
    let value = found.next().map(|(_, value)| value.as_str());
    if found.next().is_some() {
        let text = format!("the form has more than one field `{name}`");
        return Err(AuthError::QueryParameters(text));
    }
    Ok(value)
}

fn need<'f>(fields: &'f Fields, name: &'static str) -> Result<&'f str, AuthError> {
    once(fields, name)?
        .filter(|value| !value.is_empty())
        .ok_or(AuthError::FormField(name))
}

impl SignedForm {
    /// The id of the key that signed, for the look-up of its secret.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The session token of temporary credentials.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// By which version it is signed.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.scope.version
    }

    /// The region that the client signed for; version 2 names none.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        Some(self.scope.region.as_str()).filter(|region| !region.is_empty())
    }

    /// When it was signed; version 2 does not say.
    #[must_use]
    pub const fn time(&self) -> Option<Timestamp> {
        self.time
    }

    /// Believes the form's policy, or says why not: signed with this secret, and not over.
    ///
    /// # Errors
    /// The signature is another one, the policy is malformed or has expired, or the signature is more
    /// than seven days old.
    pub fn verify(&self, secret: &str, now: Timestamp) -> Result<PostPolicy, AuthError> {
        let key = SigningKey::derive(secret, &self.scope);
        let signed = match self.scope.version {
            Version::V2 => v2::is_signed(&key, self.policy.as_bytes(), &self.signature),
            Version::V4 => {
                let mut claimed = [0; 32];
                let well_formed = hex::decode_to_slice(&self.signature, &mut claimed).is_ok();
                let expected = key.sign(self.policy.as_bytes());
                well_formed && bool::from(expected[..].ct_eq(&claimed[..]))
            }
        };
        if !signed {
            return Err(AuthError::Mismatch {
                access_key: self.access_key.clone(),
                signature: self.signature.clone(),
                string_to_sign: self.policy.clone(),
                canonical_request: String::new(),
            });
        }
        if let Some(signed) = self.time {
            let age = now.duration_since(signed);
            if age < -MAX_SKEW {
                return Err(AuthError::TooEarly {
                    signed,
                    now,
                    presigned: true,
                });
            }
            if age > SignedDuration::from_secs(MAX_EXPIRES.into()) {
                return Err(AuthError::PolicyRefuses("Policy expired.".to_owned()));
            }
        }
        PostPolicy::read(&self.policy, now)
    }
}

/// Puts the file's name in the place of `${filename}` in the fields, as S3 does before it looks at
/// the policy. Of a name with folders only what follows the last slash or backslash counts.
pub fn expand_filename(fields: &mut Fields, filename: &str) {
    let name = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept = ["policy", "signature", "x-amz-signature"];
    for (field, value) in fields {
        if !kept.iter().any(|kept| field.eq_ignore_ascii_case(kept)) {
            *value = value.replace("${filename}", name);
        }
    }
}

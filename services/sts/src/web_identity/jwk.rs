//! The public keys of an issuer (RFC 7517, RFC 7518).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::{Map, Value as Json};

use super::token::Token;

/// The most keys of one issuer that are kept.
const KEYS: usize = 64;

/// How a token is signed. AWS also knows ES512, whose curve the cryptography at hand does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
    Es384,
}

impl Algorithm {
    /// The algorithm that `alg` names.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            _ => return None,
        })
    }
}

/// A key that may verify signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerifyingKey {
    id: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
}

/// The keys in a set of keys. Those that cannot verify signatures are left out.
pub(super) fn read_set(json: &Json) -> Option<Vec<VerifyingKey>> {
    let keys = json.get("keys")?.as_array()?;
    let keys = keys
        .iter()
        .filter_map(|key| VerifyingKey::read(key.as_object()?));
    Some(keys.take(KEYS).collect())
}

impl VerifyingKey {
    fn read(members: &Map<String, Json>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Json::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let algorithm = match text("alg") {
            Some(name) => Some(Algorithm::parse(name)?),
            None => None,
        };
        let point = |size: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            (x.len() == size && y.len() == size).then(|| [&[4], x.as_slice(), &y].concat())
        };
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => Material::Rsa {
                modulus: unpadded(bytes("n")?),
                exponent: unpadded(bytes("e")?),
            },
            ("EC", Some("P-256")) => Material::P256(point(32)?),
            ("EC", Some("P-384")) => Material::P384(point(48)?),
            _ => return None,
        };
        Some(Self {
            id: text("kid").map(str::to_owned),
            algorithm,
            material,
        })
    }

    /// Whether the token names this key. One that names none may be of any.
    pub(super) fn is_named_by(&self, token: &Token<'_>) -> bool {
        token
            .key_id()
            .is_none_or(|id| self.id.as_deref() == Some(id))
    }

    /// Whether this key signed the token. A key is good for the algorithms of its kind only, and where it
    /// names one, for that.
    pub(super) fn signed(&self, token: &Token<'_>) -> bool {
        let algorithm = token.algorithm();
        if self.algorithm.is_some_and(|own| own != algorithm) {
            return false;
        }
        let verified = match (&self.material, algorithm) {
            (Material::Rsa { modulus, exponent }, algorithm) => {
                let parameters = match algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Es256 | Algorithm::Es384 => return false,
                };
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(parameters, token.signed(), token.signature())
            }
            (Material::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(token.signed(), token.signature())
            }
            (Material::P384(point), Algorithm::Es384) => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point)
                    .verify(token.signed(), token.signature())
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

/// A number without leading zeros, which some issuers write.
fn unpadded(number: Vec<u8>) -> Vec<u8> {
    number.into_iter().skip_while(|byte| *byte == 0).collect()
}

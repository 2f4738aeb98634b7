//! An issuer of tokens, for tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::identity::OidcProvider;
use policy::AccountId;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use testkit::{ACCOUNT, Answer, World, parts};

pub(crate) const ISSUER: &str = "https://idp.example.com/realms/ml";
pub(crate) const NAME: &str = "idp.example.com/realms/ml";
pub(crate) const CLIENT: &str = "platform";
const KEYS: &str = "https://idp.example.com/keys";

/// A key that signs, with the id under which the issuer publishes it.
pub(crate) enum Key {
    Rsa(RsaKeyPair, &'static str),
    Ec(EcdsaKeyPair, &'static str),
}

impl Key {
    pub(crate) fn rsa(id: &'static str) -> Self {
        let key = include_bytes!("../data/issuer-rsa.pk8");
        Self::Rsa(RsaKeyPair::from_pkcs8(key).unwrap(), id)
    }

    pub(crate) fn ec(id: &'static str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self::Ec(
            EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random).unwrap(),
            id,
        )
    }

    fn id(&self) -> &str {
        match self {
            Self::Rsa(_, id) | Self::Ec(_, id) => id,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(..) => "RS256",
            Self::Ec(..) => "ES256",
        }
    }

    pub(crate) fn published(&self) -> Value {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(key, id) => {
                let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({"kty": "RSA", "kid": id, "use": "sig", "alg": "RS256",
                    "n": b64(&public.n), "e": b64(&public.e)})
            }
            Self::Ec(key, id) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "kid": id, "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..])})
            }
        }
    }

    /// A token with these claims, or with another header.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let [header, claims] =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{header}.{claims}");
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(key, _) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(
                    &RSA_PKCS1_SHA256,
                    &random,
                    signed.as_bytes(),
                    &mut signature,
                )
                .unwrap();
                signature
            }
            Self::Ec(key, _) => key
                .sign(&random, signed.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(
            &json!({"alg": self.algorithm(), "kid": self.id(), "typ": "JWT"}),
            claims,
        )
    }
}

/// A platform whose first account knows the issuer.
pub(crate) fn world(keys: &[&Key]) -> World {
    let world = World::new();
    publish(&world, keys);
    provide(&world, ISSUER);
    world
}

/// Makes this issuer known to the first account.
pub(crate) fn provide(world: &World, issuer: &str) {
    let provider = OidcProvider {
        issuer: issuer.to_owned(),
        client_ids: vec![CLIENT.to_owned()],
        thumbprints: Vec::new(),
        created: world.platform.now(),
        tags: Vec::new(),
    };
    let key = OidcProvider::key(AccountId::parse(ACCOUNT).unwrap(), provider.name());
    world
        .platform
        .store()
        .write(|tx| tx.put(&key, &provider))
        .unwrap();
}

/// Has the issuer publish these keys.
pub(crate) fn publish(world: &World, keys: &[&Key]) {
    publish_as(world, ISSUER, keys);
}

/// Has this issuer publish these keys.
pub(crate) fn publish_as(world: &World, issuer: &str, keys: &[&Key]) {
    let discovery = json!({"issuer": issuer, "jwks_uri": KEYS});
    world.web.put(
        &format!("{issuer}/.well-known/openid-configuration"),
        &discovery,
    );
    let keys: Vec<Value> = keys.iter().map(|key| key.published()).collect();
    world.web.put(KEYS, &json!({"keys": keys}));
}

/// Claims that are in force now, with these members changed or added; null takes one away.
pub(crate) fn claims(world: &World, more: &Value) -> Value {
    let now = world.platform.now().as_second();
    let mut claims =
        json!({"iss": ISSUER, "sub": "user:alice", "aud": CLIENT, "iat": now, "exp": now + 300});
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

/// Brings a token, unsigned as SDKs do.
pub(crate) fn bring(world: &World, role: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15".to_owned();
    let input = [
        ("RoleArn", role),
        ("RoleSessionName", "app1"),
        ("WebIdentityToken", token),
    ];
    for (name, value) in input.iter().chain(more) {
        form.push_str(&format!("&{name}={}", wire::uri::encode(value)));
    }
    let headers = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    world.send(parts("POST", "/", &headers), form.into())
}

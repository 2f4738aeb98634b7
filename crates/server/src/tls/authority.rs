//! An authority of the server's own, for where no other issues certificates: tests, CI, one machine.
//!
//! The authority is made once and kept, because its clients trust it: `ca.pem` is for them, and
//! `ca-key.pem` for its owner alone. The server's certificate is issued anew at each start and each
//! renewal, and its key is never on disk.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use std::collections::HashSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use super::{Identity, refused};
use crate::options::StartError;
use crate::private;

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";

/// How this machine calls itself. A client accepts `*` only before two labels or more.
const OWN: [&str; 5] = [
    "localhost",
    "s3.localhost",
    "*.s3.localhost",
    "127.0.0.1",
    "::1",
];

/// How long the authority is good, in days. Its owner removes it to make a new one.
const AUTHORITY_DAYS: i32 = 3650;
/// How long a certificate is good, in days.
const SERVER_DAYS: i32 = 90;

/// The file in `directory` by which clients trust the authority.
pub(crate) fn bundle(directory: &Path) -> PathBuf {
    let path = directory.join(CERTIFICATE);
    std::path::absolute(&path).unwrap_or(path)
}

/// This machine's own names and these, with those at which buckets stand.
pub(super) fn own_names(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = OWN.map(str::to_owned).to_vec();
    for name in names {
        if name.parse::<std::net::IpAddr>().is_err() {
            all.extend([format!("s3.{name}"), format!("*.s3.{name}")]);
        }
        all.push(name.clone());
    }
    let mut seen = HashSet::new();
    all.retain(|name| seen.insert(name.clone()));
    all
}

/// An authority that issues certificates.
pub(crate) struct Authority {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    /// The authority in `directory`, which is made when it is not there.
    pub(crate) fn open(directory: &Path) -> Result<Self, StartError> {
        let (certificate, key) = load(directory)?;
        Ok(Self { certificate, key })
    }

    /// A new certificate for these names, of which the first is its subject.
    pub(crate) fn issue(&self, names: &[String]) -> Result<Identity, rcgen::Error> {
        let mut wanted = CertificateParams::new(names)?;
        wanted.distinguished_name = name(names.first().map_or("localhost", String::as_str));
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.use_authority_key_identifier_extension = true;
        lasting(&mut wanted, SERVER_DAYS);
        let own = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let issuer = Issuer::new(authority_params(), &self.key);
        let certificate = wanted.signed_by(&own, &issuer)?;
        let secret = PrivatePkcs8KeyDer::from(own.serialize_der());
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        Ok((chain, secret.into()))
    }
}

/// The authority in `directory`.
fn load(directory: &Path) -> Result<(CertificateDer<'static>, KeyPair), StartError> {
    let (certificate, key) = (directory.join(CERTIFICATE), directory.join(KEY));
    // The certificate is written last: without it, what is there was not finished.
    let pem = match fs::read(&certificate) {
        Ok(pem) => pem,
        Err(error) if error.kind() == ErrorKind::NotFound => return make(directory),
        Err(error) => return Err(refused(&certificate, error.to_string())),
    };
    let found = CertificateDer::from_pem_slice(&pem)
        .map_err(|error| refused(&certificate, error.to_string()))?;
    let secret = PrivatePkcs8KeyDer::from_pem_file(&key)
        .map_err(|error| refused(&key, error.to_string()))?;
    private::check(&key)?;
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&secret, &PKCS_ECDSA_P256_SHA256)
        .map_err(|error| refused(&key, error.to_string()))?;
    Ok((found, pair))
}

fn make(directory: &Path) -> Result<(CertificateDer<'static>, KeyPair), StartError> {
    let cannot = |error: rcgen::Error| refused(directory, error.to_string());
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(cannot)?;
    let made = authority_params().self_signed(&key).map_err(cannot)?;
    private::directory(directory).map_err(|error| refused(directory, error.to_string()))?;
    for (file, label, der) in [
        (KEY, "PRIVATE KEY", key.serialized_der()),
        (CERTIFICATE, "CERTIFICATE", made.der().as_ref()),
    ] {
        let path = directory.join(file);
        private::write(&path, &pem(label, der))
            .map_err(|error| refused(&path, error.to_string()))?;
    }
    Ok((made.der().clone(), key))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name("Palisade, this server's own authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    lasting(&mut params, AUTHORITY_DAYS);
    params
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// Good from yesterday on, for clocks that are behind, and for so many days.
fn lasting(params: &mut CertificateParams, days: i32) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let day = |offset: i32| {
        let date = today.saturating_add(offset.days());
        let month = u8::try_from(date.month()).unwrap_or(1);
        let day = u8::try_from(date.day()).unwrap_or(1);
        rcgen::date_time_ymd(i32::from(date.year()), month, day)
    };
    params.not_before = day(-1);
    params.not_after = day(days);
}

/// The textual form of RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (count, letter) in (1..).zip(encoded.chars()) {
        text.push(letter);
        if count % 64 == 0 {
            text.push('\n');
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

//! Credentials of kinds that there are none of here: passwords, MFA devices, certificates, SSH keys.
//!
//! They cannot be made, which answers that it is not built; asked what there is, the answer is none.

use platform::identity::User;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use wire::value::Value;

use super::entity::{need, no_such};
use super::{check, key};

/// The operation's action on the user that the input names, or on the caller.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    match call.input().str("UserName") {
        Some(_) => check::on::<User>(call),
        None => key::may(call),
    }
}

fn none(call: &Call<'_>, member: &'static str) -> Result<Outcome, ApiError> {
    if let Some(name) = call.input().str("UserName") {
        need::<User>(call.state(), call.account(), name)?;
    }
    Ok(Outcome::new(
        Value::map()
            .with(member, Value::List(Vec::new()))
            .with("IsTruncated", false),
    ))
}

pub(super) fn mfa_devices(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "MFADevices")
}

pub(super) fn virtual_mfa_devices(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "VirtualMFADevices")
}

pub(super) fn signing_certificates(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "Certificates")
}

pub(super) fn ssh_keys(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "SSHPublicKeys")
}

pub(super) fn server_certificates(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "ServerCertificateMetadataList")
}

pub(super) fn service_credentials(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    none(call, "ServiceSpecificCredentials")
}

/// Nobody signs in with a password here.
pub(super) fn login_profile(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let user: User = match call.input().str("UserName") {
        Some(name) => need(call.state(), call.account(), name)?,
        None => match super::user::named(call)? {
            Some(name) => need(call.state(), call.account(), &name)?,
            None => return Err(no_such("Login Profile for the root user cannot be found.")),
        },
    };
    Err(no_such(format!(
        "Login Profile for User {} cannot be found.",
        user.name
    )))
}

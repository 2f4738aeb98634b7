//! From a `SecretId` to a secret.

use platform::{ApiError, Call};
use std::sync::Arc;
use store::Read;

use super::error;
use super::record::Secret;

/// Letters of the suffix behind a secret's name in its ARN, with the hyphen.
const SUFFIX: usize = 7;

/// What stands for the suffix of a secret that does not exist. Patterns such as `NAME-??????` match
/// it as they match any suffix.
const UNKNOWN_SUFFIX: &str = "-??????";

/// What a `SecretId` says.
pub(super) struct SecretId<'t> {
    /// As it was given.
    pub(super) given: &'t str,
    account: String,
    region: String,
    /// The name, or in an ARN the name and perhaps the suffix.
    name: &'t str,
    is_arn: bool,
}

/// Reads the `SecretId` of the input: a name, or an ARN with or without its suffix.
pub(super) fn read<'t>(call: &Call<'t>) -> Result<SecretId<'t>, ApiError> {
    parse(call, call.text("SecretId")?)
}

/// Reads a name, or an ARN with or without its suffix.
pub(super) fn parse<'t>(call: &Call<'_>, given: &'t str) -> Result<SecretId<'t>, ApiError> {
    let parts: Vec<&str> = given.splitn(7, ':').collect();
    let (account, region, name, is_arn) = match parts.as_slice() {
        [
            "arn",
            partition,
            "secretsmanager",
            region,
            account,
            "secret",
            name,
        ] if *partition == call.platform().partition() => {
            ((*account).to_owned(), (*region).to_owned(), *name, true)
        }
        _ => (
            call.account().to_string(),
            call.region().to_owned(),
            given,
            false,
        ),
    };
    if !is_valid(name) {
        return Err(invalid());
    }
    Ok(SecretId {
        given,
        account,
        region,
        name,
        is_arn,
    })
}

/// Whether a secret may be called so.
pub(super) fn is_valid(name: &str) -> bool {
    (1..=512 + SUFFIX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-/_+=.@!".contains(&byte))
}

pub(super) fn invalid() -> ApiError {
    ApiError::validation(
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the \
         following: -/_+=.@!",
    )
}

impl SecretId<'_> {
    /// The account whose secret it is.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// The secret, as of `tx`, if there is one. One whose time of deletion has come is none.
    pub(super) fn find(
        &self,
        call: &Call<'_>,
        tx: &dyn Read,
    ) -> Result<Option<Arc<Secret>>, ApiError> {
        if self.region != call.region() {
            return Ok(None);
        }
        self.held(call, tx)
    }

    /// The same in whichever region it is.
    pub(super) fn held(
        &self,
        call: &Call<'_>,
        tx: &dyn Read,
    ) -> Result<Option<Arc<Secret>>, ApiError> {
        let at = |name: &str| -> Result<Option<Arc<Secret>>, ApiError> {
            let found = tx.shared::<Secret>(&Secret::key(&self.account, &self.region, name))?;
            Ok(found.filter(|secret| secret.is_there(call.time())))
        };
        let whole = self
            .name
            .len()
            .checked_sub(SUFFIX)
            .and_then(|end| self.name.get(..end));
        if let (true, Some(name)) = (self.is_arn, whole)
            && let Some(secret) = at(name)?
            && secret.arn == self.given
        {
            return Ok(Some(secret));
        }
        at(self.name)
    }

    /// The ARN that the secret would have.
    pub(super) fn would_be(&self, partition: &str) -> String {
        let Self {
            account,
            region,
            name,
            ..
        } = self;
        let arn = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}");
        let complete = self.is_arn
            && name
                .len()
                .checked_sub(SUFFIX)
                .and_then(|at| name.as_bytes().get(at))
                == Some(&b'-');
        if complete { arn } else { arn + UNKNOWN_SUFFIX }
    }
}

/// The secret that the input names, as of `tx`.
///
/// # Errors
/// When there is none.
pub(super) fn secret(call: &Call<'_>, tx: &dyn Read) -> Result<Arc<Secret>, ApiError> {
    read(call)?.find(call, tx)?.ok_or_else(error::not_found)
}

/// The secret that the input names, unless its deletion was asked for.
///
/// # Errors
/// When there is none, or it is marked for deletion.
pub(super) fn usable(call: &Call<'_>, tx: &dyn Read) -> Result<Arc<Secret>, ApiError> {
    let secret = secret(call, tx)?;
    if secret.deletion.is_some() {
        Err(error::marked())
    } else {
        Ok(secret)
    }
}

/// The key of a secret's record, from its ARN.
pub(super) fn key(secret: &Secret) -> Result<store::Key, ApiError> {
    let mut parts = secret.arn.split(':').skip(3);
    match (parts.next(), parts.next()) {
        (Some(region), Some(account)) => Ok(Secret::key(account, region, &secret.name)),
        _ => Err(ApiError::internal(format!(
            "`{}` is no ARN of a secret",
            secret.arn
        ))),
    }
}

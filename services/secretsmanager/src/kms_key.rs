//! The KMS key that a call names.

use platform::{ApiError, Call, Check, KeyAlias};
use policy::Arn;
use store::Read;

use super::error;
use super::seal::DEFAULT_KEY;

/// The ARN of the KMS key, or of the alias, that the input names; none where it is the default.
///
/// # Errors
/// When it cannot be one.
pub(super) fn given(call: &Call<'_>, account: &str) -> Result<Option<String>, ApiError> {
    let Some(text) = call.input().str("KmsKeyId") else {
        return Ok(None);
    };
    if text.is_empty() || text == DEFAULT_KEY {
        return Ok(None);
    }
    let (partition, region) = (call.platform().partition(), call.region());
    let arn = if text.starts_with("arn:") {
        text.to_owned()
    } else if text.starts_with("alias/") {
        format!("arn:{partition}:kms:{region}:{account}:{text}")
    } else {
        format!("arn:{partition}:kms:{region}:{account}:key/{text}")
    };
    match Arn::parse(&arn) {
        Ok(parsed) if parsed.service() == "kms" => {
            let default = parsed.resource() == DEFAULT_KEY && parsed.account() == account;
            Ok((!default).then_some(arn))
        }
        _ => Err(error::parameter(format!(
            "The KMS key {text} is not a valid key ID, key ARN, alias name or alias ARN."
        ))),
    }
}

/// The condition keys about the KMS key in the request: as it is named, and the key's own ARN, also where an
/// alias was named.
pub(super) fn keys(call: &Call<'_>, check: Check, account: &str) -> Result<Check, ApiError> {
    let check = check.key_if("secretsmanager:KmsKeyId", call.input().str("KmsKeyId"));
    let arn = match given(call, account)? {
        Some(arn) => Some(resolved(call.state(), &arn)?),
        None => None,
    };
    Ok(check.key_if("secretsmanager:KmsKeyArn", arn))
}

/// The ARN of the key behind the ARN of an alias.
fn resolved(tx: &dyn Read, arn: &str) -> Result<String, ApiError> {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, region, account, name] = parts.as_slice() else {
        return Ok(arn.to_owned());
    };
    let alias: Option<KeyAlias> = match name.starts_with("alias/") {
        true => tx.get(&KeyAlias::key(account, region, name))?,
        false => None,
    };
    let Some(alias) = alias else {
        return Ok(arn.to_owned());
    };
    parts.pop();
    Ok(format!("{}:key/{}", parts.join(":"), alias.key))
}

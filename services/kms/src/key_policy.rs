//! Key policies (KMS Developer Guide, "Key policies in AWS KMS").

use platform::principal_ids::{self, BoundPolicy};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Platform};
use policy::{Document, PolicySet, PolicyType};
use serde_json::json;
use std::sync::Arc;
use store::Read;
use wire::value::Value;

use super::record::Key;
use super::{check, error};

/// The one policy that a key has.
const NAME: &str = "default";
/// Bytes of a key policy (KMS Developer Guide, "Resource quotas").
const LONGEST: usize = 32_768;

/// The policy of a key that is made without: it leaves everything to the account's own policies.
pub(super) fn default(platform: &Platform, account: &str) -> String {
    let root = format!("arn:{}:iam::{account}:root", platform.partition());
    json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
    .to_string()
}

/// How explanations call it.
const SHOWN: &str = "key policy";

/// A key's policy and its grants, compiled.
pub(super) fn with_grants(
    platform: &Platform,
    policy: &BoundPolicy,
    grants: Option<&str>,
) -> Result<Arc<PolicySet>, ApiError> {
    match grants {
        None => policy.compiled(platform, PolicyType::Key, SHOWN),
        Some(grants) => {
            let all = [(SHOWN, policy.text()), ("grants", grants)];
            platform.resource_policies(PolicyType::Key, &all)
        }
    }
}

/// A key policy that no key has yet, compiled.
pub(super) fn compiled(platform: &Platform, text: &str) -> Result<Arc<PolicySet>, ApiError> {
    platform.resource_policy(PolicyType::Key, SHOWN, text)
}

/// A policy that is to become a key's.
///
/// # Errors
/// When it is none, or would not let its author change it again, unless that check is waived.
pub(super) fn accept(
    call: &Call<'_>,
    tx: &dyn Read,
    key: &Key,
    text: &str,
) -> Result<BoundPolicy, ApiError> {
    if text.len() > LONGEST {
        return Err(error::limit("The policy is longer than 32768 bytes."));
    }
    Document::parse(text, PolicyType::Key)
        .map_err(|rejected| error::malformed_policy(rejected.to_string()))?;
    let bound = bind(tx, call.platform(), text)?;
    if call.input().bool("BypassPolicyLockoutSafetyCheck") == Some(true) {
        return Ok(bound);
    }
    let set = compiled(call.platform(), bound.text())?;
    let target = check::bare(call, key)?.policy(set);
    let again = check::of_key(Check::new("kms:PutKeyPolicy", target)?, key);
    if call.passes_resource_policy(&check::of_call(call, again)) {
        return Ok(bound);
    }
    Err(error::malformed_policy(
        "The new key policy will not allow you to update the key policy in the future.",
    ))
}

/// A key policy with its principals bound.
pub(super) fn bind(
    tx: &dyn Read,
    platform: &Platform,
    text: &str,
) -> Result<BoundPolicy, ApiError> {
    principal_ids::bind(tx, platform.partition(), PolicyType::Key, text).map_err(|unbound| {
        unbound.or(|_| {
            error::malformed_policy(
                "Policy contains a statement with one or more invalid principals.",
            )
        })
    })
}

/// Keys have one policy, which is called `default`.
fn named(call: &Call<'_>) -> Result<(), ApiError> {
    match call.input().str("PolicyName") {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(error::not_found("No such policy exists")),
    }
}

pub(super) fn may_put(call: &Call<'_>) -> Result<Checks, ApiError> {
    let bypass = call.input().bool("BypassPolicyLockoutSafetyCheck");
    Ok(check::on_own_key(call)?
        .key("kms:BypassPolicyLockoutSafetyCheck", bypass == Some(true))
        .into())
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    named(call)?;
    let text = call.text("Policy")?;
    call.write(|tx| {
        let mut key = check::own_to_change(call, &*tx)?;
        key.not_pending(call.platform())?;
        key.policy = accept(call, &*tx, &key, text)?;
        tx.put(&key.own_key(), &key)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    named(call)?;
    let key = check::own(call, call.state())?;
    let policy = key
        .policy
        .shown(call.state(), call.platform().partition())?;
    Ok(Outcome::new(
        Value::map().with("Policy", policy).with("PolicyName", NAME),
    ))
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    check::own(call, call.state())?;
    Ok(Outcome::new(
        Value::map()
            .with("PolicyNames", vec![NAME])
            .with("Truncated", false),
    ))
}

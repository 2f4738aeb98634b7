//! Bucket policies.

use platform::principal_ids::{self, BoundPolicy};
use platform::{ApiError, Call, Checks, Identity, Outcome, Permitted};
use policy::document::PrincipalEntry;
use policy::{Document, PolicyType};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::Arc;
use store::Read;
use wire::value::Value;

use super::policy_words::{self, malformed};
use super::record::Bucket;
use super::{acl, check, public_access};

/// The longest bucket policy, in bytes (Amazon S3 User Guide, "Policies and permissions").
const LONGEST: usize = 20 * 1024;

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let mut bucket = check::bucket(call)?;
    if matches!(call.caller().identity(), Identity::Root) && is_owner(call, &bucket) {
        // The owner's root user is never locked out of the policy by the policy.
        Arc::make_mut(&mut bucket).policy = None;
    }
    let target = check::bucket_target(call, &bucket)?;
    let action = format!("s3:{}", call.operation());
    Ok(check::ask(call, &action, target, &bucket)?.into())
}

fn is_owner(call: &Call<'_>, bucket: &Bucket) -> bool {
    call.account().as_str() == bucket.account
}

/// The bucket that the input names, as of `tx`, if it is the caller's account's.
///
/// # Errors
/// When it is not: others may do nothing with a policy, whatever it says.
fn own_bucket(call: &Call<'_>, tx: &dyn Read) -> Result<Arc<Bucket>, ApiError> {
    let bucket = check::bucket_in(call, tx)?;
    if is_owner(call, &bucket) {
        return Ok(bucket);
    }
    let text = "The specified method is not allowed against this resource.";
    Err(ApiError::new("MethodNotAllowed", 405, text))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    super::body::verify(call)?;
    let text = call.text("Policy")?;
    call.write(|tx| {
        let mut bucket = Arc::unwrap_or_clone(own_bucket(call, &*tx)?);
        let partition = call.platform().partition();
        let bound = bind(&*tx, text, partition, &bucket.name)?;
        public_access::may_hold(call, &*tx, &bucket, text)?;
        bucket.policy = Some(bound);
        tx.put(&Bucket::key(&bucket.name), &bucket)?;
        Ok(Outcome::empty().status(204))
    })
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = own_bucket(call, call.state())?;
    let missing = || {
        ApiError::new(
            "NoSuchBucketPolicy",
            404,
            "The bucket policy does not exist",
        )
        .with("BucketName", bucket.name.as_str())
    };
    let policy = bucket.policy.as_ref().ok_or_else(missing)?;
    let shown = policy.shown(call.state(), call.platform().partition())?;
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let mut bucket = Arc::unwrap_or_clone(own_bucket(call, &*tx)?);
        bucket.policy = None;
        tx.put(&Bucket::key(&bucket.name), &bucket)?;
        Ok(Outcome::empty())
    })
}

/// The policy of this bucket in `text`, with its principals bound.
///
/// # Errors
/// When it is none, or names a principal that does not exist.
pub(super) fn bind(
    tx: &dyn Read,
    text: &str,
    partition: &str,
    bucket: &str,
) -> Result<BoundPolicy, ApiError> {
    let document = examine(text, partition, bucket)?;
    let text = with_accounts(tx, &document, text, partition)?;
    principal_ids::bind(tx, partition, PolicyType::Resource, &text)
        .map_err(|unbound| unbound.or(|principal| unknown("AWS", principal)))
}

fn unknown(kind: &str, principal: &str) -> ApiError {
    malformed("Invalid principal in policy").with("Detail", format!("\"{kind}\" : \"{principal}\""))
}

/// The text with accounts in the place of their canonical user ids: both name the same (Amazon S3 User
/// Guide, "Principals for bucket policies").
///
/// # Errors
/// When an id is no account's.
fn with_accounts<'t>(
    tx: &dyn Read,
    document: &Document,
    text: &'t str,
    partition: &str,
) -> Result<Cow<'t, str>, ApiError> {
    let mut principals = document.statements.iter().flat_map(|statement| {
        let element = statement.principal.iter();
        element.flat_map(|element| &element.entries)
    });
    if !principals.any(|entry| matches!(entry.value, PrincipalEntry::CanonicalUser(_))) {
        return Ok(Cow::Borrowed(text));
    }
    let mut policy: Json = serde_json::from_str(text).map_err(ApiError::internal)?;
    for statement in each_mut(policy.get_mut("Statement")) {
        for element in ["Principal", "NotPrincipal"] {
            let Some(Json::Object(kinds)) = statement.get_mut(element) else {
                continue;
            };
            let Some(mut ids) = kinds.remove("CanonicalUser") else {
                continue;
            };
            let mut named = kinds
                .remove("AWS")
                .map_or_else(Vec::new, |named| match named {
                    Json::Array(named) => named,
                    one => vec![one],
                });
            for id in each_mut(Some(&mut ids)) {
                let id = id.as_str().unwrap_or_default();
                let account = acl::account_of(tx, id)?;
                let account = account.ok_or_else(|| unknown("CanonicalUser", id))?;
                named.push(format!("arn:{partition}:iam::{account}:root").into());
            }
            let named = match <[Json; 1]>::try_from(named) {
                Ok([one]) => one,
                Err(named) => named.into(),
            };
            kinds.insert("AWS".to_owned(), named);
        }
    }
    Ok(Cow::Owned(policy.to_string()))
}

/// The values of a list, or the one value that stands for a list of one.
fn each_mut(list: Option<&mut Json>) -> impl Iterator<Item = &mut Json> {
    let (many, one) = match list {
        Some(Json::Array(many)) => (many.iter_mut(), None),
        one => ([].iter_mut(), one),
    };
    many.chain(one)
}

/// Refuses a text that is no policy of this bucket.
fn examine(text: &str, partition: &str, bucket: &str) -> Result<Document, ApiError> {
    if text.len() > LONGEST {
        return Err(ApiError::new(
            "PolicyTooLarge",
            400,
            format!("Policy exceeds the maximum allowed document size of {LONGEST} bytes."),
        ));
    }
    if !text.trim_start().starts_with('{') {
        let text = "Policies must be valid JSON and the first byte must be '{'";
        return Err(malformed(text));
    }
    let document = Document::parse(text, PolicyType::Resource)
        .map_err(|rejected| policy_words::rejected(&rejected))?;
    policy_words::check(&document)?;
    for statement in &document.statements {
        let resources = statement.resources.as_ref();
        let resources = resources.ok_or_else(|| malformed("Missing required field Resource"))?;
        let patterns = resources.patterns.iter().map(|it| it.value.text.as_str());
        if !patterns.clone().all(|it| is_within(it, partition, bucket)) {
            return Err(malformed("Policy has invalid resource"));
        }
        let actions = &statement.actions;
        let applies = |action: &str| patterns.clone().any(|it| may_apply(action, it));
        if !actions.not && !resources.not {
            let mut named = actions.patterns.iter().map(|it| it.value.text.as_str());
            if !named.all(applies) {
                let text = "Action does not apply to any resource(s) in statement";
                return Err(malformed(text));
            }
        }
    }
    Ok(document)
}

/// Whether an action can ever be asked on a resource that the pattern matches: of those that are
/// known, some act on buckets and some on objects.
fn may_apply(action: &str, pattern: &str) -> bool {
    let Some(known) = catalog::action(action) else {
        return true;
    };
    let acts_on = |kind: &str| {
        let mut types = known.resources();
        types.any(|it| it.resource_type().name().eq_ignore_case(kind))
    };
    let wild = pattern.contains(['*', '?']);
    let bucket = !pattern.contains('/');
    match (acts_on("bucket"), acts_on("object")) {
        (true, false) => bucket,
        (false, true) => wild || !bucket,
        _ => true,
    }
}

/// Whether a pattern is about the bucket or what is in it, as far as its text says.
fn is_within(pattern: &str, partition: &str, bucket: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let Some(rest) = pattern.strip_prefix(&format!("arn:{partition}:s3:::")) else {
        return false;
    };
    let named = rest.split_once('/').map_or(rest, |(named, _)| named);
    match named.split_once(['*', '?']) {
        Some((start, _)) => bucket.starts_with(start),
        None => named == bucket,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_about_its_own_bucket() {
        for good in [
            "*",
            "arn:aws:s3:::mine",
            "arn:aws:s3:::mine/a/*",
            "arn:aws:s3:::m*/a",
        ] {
            assert!(is_within(good, "aws", "mine"), "{good}");
        }
        for bad in [
            "arn:aws:s3:::mine2",
            "arn:aws:s3:::other/mine",
            "arn:aws:sqs:::mine",
            "x",
        ] {
            assert!(!is_within(bad, "aws", "mine"), "{bad}");
        }
    }

    fn refusal(text: &str) -> String {
        examine(text, "aws", "mine")
            .err()
            .map(|error| error.message().to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn what_is_no_policy_of_the_bucket_is_refused() {
        let with = |member: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:*",{member}}}]}}"#
            )
        };
        let own = r#""Resource":"arn:aws:s3:::mine/*""#;
        assert_eq!(refusal(&with(&format!(r#"{own},"Principal":"*""#))), "");
        assert!(refusal(&with(own)).contains("Principal"));
        let other = r#""Principal":"*","Resource":"arn:aws:s3:::theirs/*""#;
        assert_eq!(refusal(&with(other)), "Policy has invalid resource");
        assert_eq!(
            refusal(&with(r#""Principal":"*""#)),
            "Missing required field Resource"
        );
        let foreign = "Action does not apply to any resource(s) in statement";
        for (action, resource, expected) in [
            ("s3:GetObject", "mine", foreign),
            ("s3:ListBucket", "mine/*", foreign),
            ("s3:GetObject", "mine*", ""),
            ("s3:ListBucket", "mine", ""),
            ("s3:Get*", "mine", ""),
            ("s3:Unheard", "mine", "Policy has invalid action"),
        ] {
            let text = with(&format!(
                r#""Principal":"*","Resource":"arn:aws:s3:::{resource}""#
            ));
            let text = text.replace("s3:*", action);
            assert_eq!(refusal(&text), expected, "{action} {resource}");
        }
        assert!(refusal("nonsense").contains("first byte"));
        assert!(!refusal("{").is_empty());
    }
}

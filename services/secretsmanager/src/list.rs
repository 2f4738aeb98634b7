//! Describing and listing secrets.

use jiff::Timestamp;
use platform::{ApiError, Call, Outcome, Permitted, paging, tags};
use store::{Key, Scan};
use wire::value::{Map, Value};

use super::record::{Accessed, Secret, Version};
use super::{error, filter, name};

/// Items on a page unless the input says how many, and at most.
const MOST: usize = 100;

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::secret(call, call.state())?;
    Ok(Outcome::new(show(call, &secret, "VersionIdsToStages")?))
}

/// A secret, its versions with labels under the member `versions`.
fn show(call: &Call<'_>, secret: &Secret, versions: &'static str) -> Result<Value, ApiError> {
    let stages = |(id, version): (&String, &Version)| (id.clone(), version.stages.clone());
    let labelled: Map = secret
        .versions
        .iter()
        .filter(|(_, version)| !version.stages.is_empty())
        .map(stages)
        .collect();
    let read = accessed(call, secret)?;
    let tagged = !secret.tags.is_empty();
    Ok(Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
        .with_some("Description", secret.description.as_deref())
        .with_some("KmsKeyId", secret.kms_key.as_deref())
        .with("LastChangedDate", secret.changed)
        .with_some("LastAccessedDate", read)
        .with_some("DeletedDate", secret.deletion)
        .with_some("Tags", tagged.then(|| tags::write(&secret.tags)))
        .with_some(versions, (!labelled.is_empty()).then_some(labelled))
        .with("CreatedDate", secret.created))
}

/// The day on which the secret's value was last read.
fn accessed(call: &Call<'_>, secret: &Secret) -> Result<Option<Timestamp>, ApiError> {
    let read: Option<Accessed> = call.state().get(&Accessed::key(&secret.arn))?;
    Ok(read.map(|read| read.day))
}

/// Every secret of the account in the region, by name.
pub(super) fn all(call: &Call<'_>) -> Result<Vec<Secret>, ApiError> {
    let under = Key::new([call.account().as_str(), call.region()]);
    let entries = call.state().scan::<Secret>(&Scan::under(&under))?;
    let secrets = entries.into_iter().map(|entry| entry.value);
    Ok(secrets
        .filter(|secret| secret.is_there(call.time()))
        .collect())
}

/// All secrets of the account in the region, newest first unless asked otherwise.
pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let planned = input.bool("IncludePlannedDeletion") == Some(true);
    let filters = input.list("Filters");
    filter::check(filters)?;
    let mut secrets = Vec::new();
    for secret in all(call)? {
        let shown = planned || secret.deletion.is_none();
        if shown && filter::admit(filters, &secret, call.region()) {
            secrets.push((accessed(call, &secret)?, secret));
        }
    }
    let by = input.str("SortBy").unwrap_or("created-date");
    secrets.sort_by(|(read_a, a), (read_b, b)| {
        let order = match by {
            "name" => a.name.cmp(&b.name),
            "last-changed-date" => a.changed.cmp(&b.changed),
            "last-accessed-date" => read_a.cmp(read_b),
            _ => a.created.cmp(&b.created),
        };
        order.then_with(|| a.arn.cmp(&b.arn))
    });
    if input.str("SortOrder") == Some("desc") {
        secrets.reverse();
    }
    let filters = [
        format!("{filters:?}"),
        planned.to_string(),
        by.to_owned(),
        input.str("SortOrder").unwrap_or("").to_owned(),
    ];
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    let secrets: Vec<Secret> = secrets.into_iter().map(|(_, secret)| secret).collect();
    let (page, next) = page(call, &filters, secrets, |secret| &secret.arn, MOST)?;
    let shown = page
        .iter()
        .map(|secret| show(call, secret, "SecretVersionsToStages"))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Outcome::new(
        Value::map()
            .with("SecretList", shown)
            .with_some("NextToken", next),
    ))
}

/// The page that begins behind the secret or version whose name the token holds.
pub(super) fn page<T>(
    call: &Call<'_>,
    filters: &[&str],
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
    most: usize,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let input = call.input();
    let after = paging::begin(call, filters, input.str("NextToken")).map_err(|_| {
        ApiError::new(
            "InvalidNextTokenException",
            400,
            "The NextToken value is invalid.",
        )
    })?;
    let size = match input.int("MaxResults") {
        Some(size) => usize::try_from(size).unwrap_or(1).min(most),
        None => most,
    };
    let mut rest = items.into_iter();
    if let Some(after) = &after {
        rest.by_ref().find(|item| name(item) == after);
    }
    let page: Vec<T> = rest.by_ref().take(size).collect();
    let next = match (rest.next(), page.last()) {
        (Some(_), Some(last)) => Some(paging::token(call, filters, name(last))?),
        _ => None,
    };
    Ok((page, next))
}

pub(super) fn versions(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::secret(call, call.state())?;
    if secret.deletion.is_some() {
        return Err(error::marked());
    }
    let all = call.input().bool("IncludeDeprecated") == Some(true);
    let kept = secret
        .versions
        .iter()
        .filter(|(_, version)| all || !version.stages.is_empty());
    let filters = [secret.arn.as_str(), if all { "all" } else { "" }];
    let (page, next) = page(call, &filters, kept.collect(), |(id, _)| id.as_str(), MOST)?;
    let entry = |(id, version): &(&String, &Version)| {
        let stages = (!version.stages.is_empty()).then(|| version.stages.clone());
        let key = version.kms_key.as_deref().unwrap_or("DefaultEncryptionKey");
        Value::map()
            .with("VersionId", id.as_str())
            .with_some("VersionStages", stages)
            .with("CreatedDate", version.created)
            .with("KmsKeyIds", vec![key])
    };
    Ok(Outcome::new(
        Value::map()
            .with("Versions", page.iter().map(entry).collect::<Value>())
            .with_some("NextToken", next)
            .with("ARN", secret.arn.as_str())
            .with("Name", secret.name.as_str()),
    ))
}

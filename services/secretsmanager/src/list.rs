//! Describing and listing secrets.

use platform::{ApiError, Call, Outcome, Permitted, paging};
use store::{Key, Scan};
use wire::value::{Map, Value};

use super::record::{Secret, Version};
use super::{error, name};
use platform::tags;

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let secret = name::secret(call, call.state())?;
    Ok(Outcome::new(show(&secret, "VersionIdsToStages")))
}

/// A secret, its versions with labels under the member `versions`.
fn show(secret: &Secret, versions: &'static str) -> Value {
    let stages = |(id, version): (&String, &Version)| (id.clone(), version.stages.clone());
    let labelled: Map = secret
        .versions
        .iter()
        .filter(|(_, version)| !version.stages.is_empty())
        .map(stages)
        .collect();
    Value::map()
        .with("ARN", secret.arn.as_str())
        .with("Name", secret.name.as_str())
        .with_some("Description", secret.description.as_deref())
        .with("LastChangedDate", secret.changed)
        .with_some("DeletedDate", secret.deletion)
        .with("Tags", tags::write(&secret.tags))
        .with_some(versions, (!labelled.is_empty()).then_some(labelled))
        .with("CreatedDate", secret.created)
}

/// All secrets of the account in the region, newest first unless asked otherwise.
pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let planned = input.bool("IncludePlannedDeletion") == Some(true);
    let under = Key::new([call.account().as_str(), call.region()]);
    let mut secrets: Vec<Secret> = call
        .state()
        .scan::<Secret>(&Scan::under(&under))?
        .into_iter()
        .map(|entry| entry.value)
        .filter(|secret| {
            secret
                .deletion
                .is_none_or(|due| planned && call.time() < due)
        })
        .filter(|secret| {
            input
                .list("Filters")
                .iter()
                .all(|filter| admits(filter, secret))
        })
        .collect();
    let by = input.str("SortBy").unwrap_or("created-date");
    secrets.sort_by(|a, b| {
        let order = match by {
            "name" => a.name.cmp(&b.name),
            "last-changed-date" => a.changed.cmp(&b.changed),
            _ => a.created.cmp(&b.created),
        };
        order.then_with(|| a.arn.cmp(&b.arn))
    });
    if input.str("SortOrder") != Some("asc") {
        secrets.reverse();
    }
    let filters = [
        format!("{:?}", input.list("Filters")),
        planned.to_string(),
        by.to_owned(),
    ];
    let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
    let (page, next) = page(call, &filters, secrets, |secret| &secret.arn)?;
    let shown = page
        .iter()
        .map(|secret| show(secret, "SecretVersionsToStages"));
    Ok(Outcome::new(
        Value::map()
            .with("SecretList", shown.collect::<Value>())
            .with_some("NextToken", next),
    ))
}

/// Whether a secret passes a filter: one of its values matches, or none of those with `!`.
fn admits(filter: &Value, secret: &Secret) -> bool {
    let key = filter.str("Key").unwrap_or("all");
    let matches = |wanted: &str| {
        let exact = |text: &str| text.starts_with(wanted);
        let loose = |text: &str| text.to_lowercase().starts_with(&wanted.to_lowercase());
        let description = secret.description.as_deref().unwrap_or("");
        let words = || {
            let all = secret
                .tags
                .iter()
                .flat_map(|tag| [tag.key.as_str(), tag.value.as_str()]);
            all.chain([secret.name.as_str(), description])
        };
        match key {
            "name" => exact(&secret.name),
            "description" => loose(description),
            "tag-key" => secret.tags.iter().any(|tag| exact(&tag.key)),
            "tag-value" => secret.tags.iter().any(|tag| exact(&tag.value)),
            "all" => wanted.split_whitespace().all(|word| {
                let word = word.to_lowercase();
                words().any(|text| text.to_lowercase().contains(&word))
            }),
            _ => false,
        }
    };
    let values = || filter.list("Values").iter().filter_map(Value::as_str);
    let forbidden = || values().filter_map(|value| value.strip_prefix('!'));
    let mut wanted = values().filter(|value| !value.starts_with('!')).peekable();
    !forbidden().any(matches) && (wanted.peek().is_none() || wanted.any(matches))
}

/// The page that begins behind the secret or version whose name the token holds.
fn page<T>(
    call: &Call<'_>,
    filters: &[&str],
    items: Vec<T>,
    name: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let input = call.input();
    let after = paging::begin(call, filters, input.str("NextToken")).map_err(|_| {
        ApiError::new(
            "InvalidNextTokenException",
            400,
            "The NextToken value is invalid.",
        )
    })?;
    let size = usize::try_from(input.int("MaxResults").unwrap_or(100)).unwrap_or(1);
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
    let (page, next) = page(call, &filters, kept.collect(), |(id, _)| id.as_str())?;
    let entry = |(id, version): &(&String, &Version)| {
        let stages = (!version.stages.is_empty()).then(|| version.stages.clone());
        Value::map()
            .with("VersionId", id.as_str())
            .with_some("VersionStages", stages)
            .with("CreatedDate", version.created)
    };
    Ok(Outcome::new(
        Value::map()
            .with("Versions", page.iter().map(entry).collect::<Value>())
            .with_some("NextToken", next)
            .with("ARN", secret.arn.as_str())
            .with("Name", secret.name.as_str()),
    ))
}

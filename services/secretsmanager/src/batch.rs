//! Reading many values at once. Each is decided by itself, with the permission to read it.

use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted};
use policy::Action;
use wire::value::Value;

use super::record::CURRENT;
use super::{check, error, filter, list, name, value};

/// Secrets in an answer (Secrets Manager API Reference, "BatchGetSecretValue").
const MOST: usize = 20;

pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let own = check::on_nothing(call)?;
    if call.input().list("Filters").is_empty() {
        return Ok(own);
    }
    // Who has secrets found must be allowed to list them.
    let listing = Check::new("secretsmanager:ListSecrets", platform::Target::any())?;
    Ok(own.and(listing))
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let (ids, filters) = (input.list("SecretIdList"), input.list("Filters"));
    let (ids, next) = match (ids.is_empty(), filters.is_empty()) {
        (false, true) if input.get("MaxResults").is_some() => {
            return Err(error::parameter(
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is \
                 provided.",
            ));
        }
        (false, true) => {
            let ids = ids.iter().filter_map(Value::as_str);
            (ids.map(str::to_owned).collect(), None)
        }
        (true, false) => found(call, filters)?,
        _ => {
            return Err(error::parameter(
                "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
            ));
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match one(call, &id) {
            Ok(found) => values.push(found),
            Err(refused) => errors.push(entry(&id, refused)?),
        }
    }
    Ok(Outcome::new(
        Value::map()
            .with("SecretValues", values)
            .with_some("NextToken", next)
            .with("Errors", errors),
    ))
}

/// The ARNs of the secrets on the page that the input asks for.
fn found(call: &Call<'_>, filters: &[Value]) -> Result<(Vec<String>, Option<String>), ApiError> {
    filter::check(filters)?;
    let all = list::all(call)?.into_iter();
    let passing = all
        .filter(|secret| secret.deletion.is_none())
        .filter(|secret| filter::admit(filters, secret, call.region()))
        .map(|secret| secret.arn);
    let told = format!("{filters:?}");
    list::page(call, &[&told], passing.collect(), |arn: &String| arn, MOST)
}

/// The current value of a secret.
fn one(call: &Call<'_>, id: &str) -> Result<Value, ApiError> {
    let id = name::parse(call, id)?;
    let action = Action::parse("secretsmanager:GetSecretValue").map_err(ApiError::internal)?;
    let check = check::of(call, &action, &id)?;
    call.demand(&check.key("secretsmanager:VersionStage", CURRENT))?;
    let secret = id.find(call, call.state())?.ok_or_else(error::not_found)?;
    if secret.deletion.is_some() {
        return Err(error::marked());
    }
    value::show(call, &secret, None, None)
}

/// What is said of a secret whose value cannot be given.
///
/// # Errors
/// When the platform failed, which is no matter of one secret.
fn entry(id: &str, refused: ApiError) -> Result<Value, ApiError> {
    let code = match refused.fault() {
        Fault::AccessDenied => "AccessDeniedException",
        Fault::Validation => "ValidationException",
        Fault::Service { code, .. } => code,
        Fault::Unsupported | Fault::Internal => return Err(refused),
    };
    Ok(Value::map()
        .with("SecretId", id)
        .with("ErrorCode", code)
        .with("Message", refused.message()))
}

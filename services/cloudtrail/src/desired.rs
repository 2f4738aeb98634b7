//! Trails as a blueprint wants them.

use platform::ApiError;
use platform::desired::Wanting;
use serde_json::Value as Json;
use wire::value::Value;

use crate::name::Named;
use crate::record::{Progress, Trail};
use crate::selection::Selection;
use crate::{logging, selectors, trails};

/// Makes a trail of all regions with digest files, and has it log. Whether its bucket takes what it delivers shows in
/// `GetTrailStatus`.
///
/// # Errors
/// When its selectors are none, and when the account has as many trails as it may.
pub fn trail(wanting: &mut Wanting<'_>, wanted: &blueprint::Trail) -> Result<(), ApiError> {
    let platform = wanting.platform;
    let named = Named {
        account: wanting.account,
        region: wanting.region.to_owned(),
        name: wanted.name.clone(),
        by_arn: false,
    };
    let old = trails::find(&*wanting.tx, &named)?;
    let mut new = match &old {
        Some(old) => old.clone(),
        None => {
            let new = trails::fresh(platform, named, Vec::new())?;
            trails::refuse_duplicates(&*wanting.tx, &new)?;
            new
        }
    };
    new.bucket.clone_from(&wanted.bucket);
    new.multi_region = true;
    new.global_events = true;
    new.validation = true;
    if let Some(selectors) = &wanted.selectors {
        new.selection = selection(&wanted.name, selectors)?;
    }
    let key = new.own_key();
    wanting.put::<Trail>(&key, old.as_ref(), &new)?;
    let held: Option<Progress> = wanting.tx.get(&key)?;
    let now = || Progress::from_now(platform);
    let mut progress = held.clone().unwrap_or_else(now);
    logging::begin(&mut progress, platform, platform.now());
    wanting.put(&key, held.as_ref(), &progress)
}

fn selection(trail: &str, selectors: &str) -> Result<Selection, ApiError> {
    let given = serde_json::from_str(selectors).map_err(|error| {
        ApiError::validation(format!("the selectors of the trail `{trail}`: {error}"))
    })?;
    selectors::read(&Value::map().with("AdvancedEventSelectors", member(given)))
}

/// A value of an input as JSON writes it. Selectors have no numbers.
fn member(json: Json) -> Value {
    match json {
        Json::Null | Json::Number(_) => Value::Null,
        Json::Bool(truth) => Value::from(truth),
        Json::String(text) => Value::from(text),
        Json::Array(all) => all.into_iter().map(member).collect(),
        Json::Object(members) => members
            .into_iter()
            .fold(Value::map(), |value, (name, json)| {
                value.with(name, member(json))
            }),
    }
}

//! Domains and user profiles as a blueprint wants them.

use blueprint::IdentityConfig;
use platform::ApiError;
use platform::identity::Tag;
use serde_json::{Value as Json, json};

use super::item::{self, Item, State};
use super::kept;
use super::kinds::{DOMAIN, USER_PROFILE};
use super::row::Row;
use platform::desired::Wanting;
use platform::tags;

/// Makes a domain with its user profiles, or makes them what is wanted.
pub fn domain(wanting: &mut Wanting<'_>, wanted: &blueprint::Domain) -> Result<(), ApiError> {
    let identity = match wanted.execution_role_identity_config {
        IdentityConfig::Disabled => "DISABLED",
        IdentityConfig::UserProfileName => "USER_PROFILE_NAME",
    };
    let settings = json!({
        "DomainName": wanted.name,
        "AuthMode": "IAM",
        "DefaultUserSettings": {"ExecutionRole": wanted.execution_role},
        "DomainSettings": {"ExecutionRoleIdentityConfig": identity},
    });
    let tags = tags::wanted(&wanted.tags);
    let names = vec![wanted.id.clone()];
    let region = wanted.region.as_str();
    settle(wanting, (&DOMAIN, region), names, settings, Some(tags))?;
    for profile in &wanted.user_profiles {
        let names = vec![wanted.id.clone(), profile.name.clone()];
        let settings = json!({"UserSettings": {"ExecutionRole": profile.execution_role}});
        settle(wanting, (&USER_PROFILE, region), names, settings, None)?;
    }
    Ok(())
}

/// Puts `settings` over what there is; a null takes a setting away.
fn settle(
    wanting: &mut Wanting<'_>,
    (row, region): (&Row, &str),
    names: Vec<String>,
    settings: Json,
    tags: Option<Vec<Tag>>,
) -> Result<(), ApiError> {
    let key = item::Place {
        account: wanting.account,
        region,
    }
    .key(row, &names);
    let old: Option<Item> = wanting.tx.get(&key)?;
    let now = wanting.platform.now();
    let mut new = old.clone().unwrap_or_else(|| Item {
        names,
        created: now,
        modified: now,
        tags: Vec::new(),
        input: Json::Null,
        states: vec![State {
            status: "InService".to_owned(),
            since: now,
        }],
    });
    kept::merge(&mut new.input, settings);
    without_nulls(&mut new.input);
    new.tags = tags.unwrap_or(new.tags);
    if old.as_ref() != Some(&new) {
        new.modified = now;
    }
    wanting.put(&key, old.as_ref(), &new)
}

fn without_nulls(json: &mut Json) {
    if let Json::Object(members) = json {
        members.retain(|_, value| !value.is_null());
        members.values_mut().for_each(without_nulls);
    }
}

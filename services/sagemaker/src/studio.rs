//! Opening Studio: a presigned URL, and the session that it is redeemed for.
//!
//! A URL is a sealed ticket. It can be redeemed once, within its lifetime, by whoever holds it;
//! SageMaker then assumes the execution role of the user profile, under the profile's name where the
//! domain says so, and the answer holds the session's credentials. Sealed tickets need no record; one
//! that was redeemed leaves one until it would have expired.

use jiff::{SignedDuration, Timestamp};
use platform::identity::Role;
use platform::sessions::{DEFAULT_SECONDS, ServiceAssumption};
use platform::{
    ApiError, Call, Checks, Door, Outcome, Page, Permitted, Platform, Session, Studio, Visit, id,
};
use policy::{AccountId, Arn};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Key, Read, Record, Scan, Write};
use wire::value::Value;

use super::assume::{SESSION_NAME, STUDIO};
use super::item::{Item, Place};
use super::kinds::{DOMAIN, USER_PROFILE, UserProfile};
use super::named;

/// Where URLs are redeemed.
pub(super) const DOOR: Door = Door {
    path: "/_studio/auth",
    event: "RedeemPresignedDomainUrl",
    open: redeem,
    show,
};

/// How long a URL lasts when nothing is said, in seconds.
const URL_SECONDS: i64 = 300;
/// How long a Studio session lasts when nothing is said, in seconds.
const SESSION_SECONDS: i64 = 43_200;
/// The shortest source identity that STS takes.
const SHORTEST_IDENTITY: usize = 2;
/// For what tickets are sealed.
const PURPOSE: &str = "studio-url";
const VERSION: u32 = 1;

/// What a URL says.
#[derive(Serialize, Deserialize)]
struct Ticket {
    version: u32,
    id: String,
    account: String,
    region: String,
    domain_id: String,
    user_profile_name: String,
    /// When the user profile was made: a later one of the same name is another.
    profile_created: Timestamp,
    expires: Timestamp,
    session_seconds: i64,
    /// The ARN of who asked for the URL.
    asked_by: String,
}

/// A ticket that was redeemed.
#[derive(Serialize, Deserialize)]
pub(super) struct Spent {
    expires: Timestamp,
}

impl Record for Spent {
    const KIND: &'static str = "sagemaker-spent-url";
    const VERSION: u32 = 1;
}

pub(super) fn may_presign(call: &Call<'_>) -> Result<Checks, ApiError> {
    named::may::<UserProfile>(call)
}

pub(super) fn presign(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    if input.get("SpaceName").is_some() {
        let what = "CreatePresignedDomainUrl with SpaceName";
        return Err(ApiError::unsupported(what));
    }
    let profile = named::get(call, &USER_PROFILE)?;
    let domain = Place::of(call).find(call.state(), &DOMAIN, &outer(&profile))?;
    if domain.as_ref().and_then(|domain| domain.text("AuthMode")) != Some("IAM") {
        return Err(ApiError::validation(
            "CreatePresignedDomainUrl is only for domains with AuthMode IAM.",
        ));
    }
    let seconds = input.int("ExpiresInSeconds").unwrap_or(URL_SECONDS);
    let platform = call.platform();
    let ticket = Ticket {
        version: VERSION,
        id: id::uuid(platform.random())?,
        account: call.account().to_string(),
        region: call.region().to_owned(),
        domain_id: call.text("DomainId")?.to_owned(),
        user_profile_name: call.text("UserProfileName")?.to_owned(),
        profile_created: profile.created,
        expires: after(call.time(), seconds)?,
        session_seconds: input
            .int("SessionExpirationDurationInSeconds")
            .unwrap_or(SESSION_SECONDS),
        asked_by: call.caller().arn().to_owned(),
    };
    let plain = serde_json::to_vec(&ticket).map_err(ApiError::internal)?;
    let token = platform.sealer().seal(platform.random(), PURPOSE, &plain)?;
    let url = format!("{}{}?token={token}", call.endpoint(), DOOR.path);
    Ok(Outcome::new(Value::map().with("AuthorizedUrl", url)))
}

fn after(instant: Timestamp, seconds: i64) -> Result<Timestamp, ApiError> {
    instant
        .checked_add(SignedDuration::from_secs(seconds))
        .map_err(ApiError::internal)
}

/// The names of the domain that a profile belongs to.
fn outer(profile: &Item) -> Vec<String> {
    profile
        .names
        .iter()
        .take(DOMAIN.names.len())
        .cloned()
        .collect()
}

/// Why a URL is not redeemed.
fn refused(code: &'static str, text: &'static str) -> ApiError {
    ApiError::new(code, 403, text)
}

/// Marks the ticket of a URL as used, and says which session it is for.
fn redeem(visit: &Visit<'_>, tx: &mut dyn Write) -> Result<ServiceAssumption, ApiError> {
    let platform = visit.platform();
    let token = visit.parameter("token").unwrap_or_default();
    let ticket = open(platform, token)
        .ok_or_else(|| refused("InvalidToken", "The URL is not one of this platform."))?;
    let now = platform.now();
    if ticket.expires <= now {
        let text = "The URL has expired: create another one.";
        return Err(refused("ExpiredToken", text));
    }
    for entry in tx.scan::<Spent>(&Scan::under(&Key::new::<&str>([])))? {
        if entry.value.expires <= now {
            tx.delete::<Spent>(&entry.key)?;
        }
    }
    let spent = Spent {
        expires: ticket.expires,
    };
    if !tx.insert(&Key::new([&ticket.id]), &spent)? {
        let text = "The URL was used before: create another one.";
        return Err(refused("InvalidToken", text));
    }
    session(platform, &*tx, ticket)
}

fn open(platform: &Platform, token: &str) -> Option<Ticket> {
    let plain = platform.sealer().open(PURPOSE, token).ok()?;
    let ticket: Ticket = serde_json::from_slice(&plain).ok()?;
    (ticket.version == VERSION).then_some(ticket)
}

/// The Studio session of a user profile.
fn session(
    platform: &Platform,
    tx: &dyn Read,
    ticket: Ticket,
) -> Result<ServiceAssumption, ApiError> {
    let gone = || {
        refused(
            "AccessDeniedException",
            "The user profile does not exist any more.",
        )
    };
    let account = AccountId::parse(&ticket.account).ok_or_else(gone)?;
    let place = Place {
        account,
        region: &ticket.region,
    };
    let names = [ticket.domain_id.clone(), ticket.user_profile_name.clone()];
    let profile = place
        .find(tx, &USER_PROFILE, &names)?
        .filter(|profile| profile.created == ticket.profile_created)
        .ok_or_else(gone)?;
    let domain = place
        .find(tx, &DOMAIN, &outer(&profile))?
        .ok_or_else(gone)?;
    let role_arn = profile
        .text("UserSettings.ExecutionRole")
        .or_else(|| domain.text("DefaultUserSettings.ExecutionRole"))
        .ok_or_else(|| {
            let text = "The user profile and its domain have no execution role.";
            refused("ValidationException", text)
        })?;
    let propagates =
        domain.text("DomainSettings.ExecutionRoleIdentityConfig") == Some("USER_PROFILE_NAME");
    if propagates && ticket.user_profile_name.len() < SHORTEST_IDENTITY {
        let text = "The name of the user profile is too short for a source identity.";
        return Err(refused("ValidationException", text));
    }
    Ok(ServiceAssumption {
        caller: STUDIO.caller(platform.partition(), &ticket.region, account, ""),
        role_arn: role_arn.to_owned(),
        session_name: SESSION_NAME.to_owned(),
        region: ticket.region.clone(),
        duration: Some(seconds(tx, role_arn, ticket.session_seconds)?),
        source_identity: propagates.then(|| ticket.user_profile_name.clone()),
        tags: Vec::new(),
        transitive: Vec::new(),
        studio: Some(Studio {
            region: ticket.region,
            domain_id: ticket.domain_id,
            user_profile_name: Some(ticket.user_profile_name),
            space_name: None,
        }),
        asked_by: Some(ticket.asked_by),
    })
}

/// As long as was asked for and as the role allows.
fn seconds(tx: &dyn Read, role_arn: &str, asked: i64) -> Result<i64, ApiError> {
    let arn = Arn::parse(role_arn).map_err(ApiError::internal)?;
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let role: Option<Role> = match AccountId::parse(arn.account()) {
        Some(account) => tx.get(&Role::key(account, name))?,
        None => None,
    };
    Ok(asked.min(role.map_or(DEFAULT_SECONDS, |role| role.max_session_duration)))
}

/// Credentials in the shape of the container provider (`Token`) and of `credential_process`
/// (`Version`, `SessionToken`) at once.
fn show(_: &Visit<'_>, session: &Session) -> Page {
    Page::json(&json!({
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.token,
        "Token": session.token,
        "Expiration": platform::identity::to_second(session.expires).to_string(),
    }))
}

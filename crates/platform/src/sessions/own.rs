//! Sessions that users and the root user ask for on their own behalf: `GetSessionToken`, and
//! `GetFederationToken` for somebody whom they know.

use super::draft::Draft;
use super::{Wish, packed};
use crate::authorize::Permitted;
use crate::call::Call;
use crate::caller::Identity;
use crate::error::ApiError;
use crate::identity::KeyOwner;
use crate::session::{Bearer, Claims, Session};

/// How long such a session lasts when nothing is said, in seconds.
const DEFAULT_SECONDS: i64 = 43_200;
/// The longest such session of the root user, in seconds; whoever asks for more gets this.
const ROOT_SECONDS: i64 = 3_600;

/// Who asks, with a long-term key.
///
/// # Errors
/// When it is no user and not the root user, or with temporary credentials.
fn owner(call: &Call<'_>) -> Result<KeyOwner, ApiError> {
    match (call.caller().identity(), call.caller().claims()) {
        (Identity::Root, None) => Ok(KeyOwner::Root),
        (Identity::User(user), None) => Ok(KeyOwner::User {
            name: user.name.clone(),
            id: user.id.clone(),
        }),
        _ => Err(ApiError::access_denied(format!(
            "Cannot call {} with session credentials",
            call.operation()
        ))),
    }
}

fn seconds(owner: &KeyOwner, asked: Option<i64>) -> i64 {
    let asked = asked.unwrap_or(DEFAULT_SECONDS);
    match owner {
        KeyOwner::Root => asked.min(ROOT_SECONDS),
        KeyOwner::User { .. } => asked,
    }
}

/// A session of the caller (`GetSessionToken`): as the caller, until the access key ends with which it
/// was asked for.
///
/// # Errors
/// When the caller has no long-term key.
pub fn of_caller(
    call: &Permitted<Call<'_>>,
    duration: Option<i64>,
    token_size: Option<usize>,
) -> Result<Session, ApiError> {
    let (owner, caller) = (owner(call)?, call.caller());
    let seconds = seconds(&owner, duration);
    let bearer = Bearer::Owner {
        owner,
        key: caller.access_key_id().to_owned(),
    };
    let named = (caller.arn().to_owned(), caller.user_id());
    Draft::new(call.account(), bearer, call.time(), seconds)?.seal(
        call.platform(),
        named,
        None,
        token_size,
    )
}

/// A session of the federated user `name` (`GetFederationToken`), with the policies and tags of `wish`
/// and its duration; the rest of it says nothing.
///
/// # Errors
/// When the caller has no long-term key, or the policies or tags are malformed or too large.
pub fn federated(call: &Permitted<Call<'_>>, name: &str, wish: Wish) -> Result<Session, ApiError> {
    let owner = owner(call)?;
    wish.validate(None)?;
    let packed = packed::percent(wish.policy.as_deref(), &wish.policy_arns, &wish.tags)?;
    let seconds = seconds(&owner, wish.duration);
    let (account, partition) = (call.account(), call.platform().partition());
    let named = (
        format!("arn:{partition}:sts::{account}:federated-user/{name}"),
        format!("{account}:{name}"),
    );
    let bearer = Bearer::Federated {
        name: name.to_owned(),
        owner,
    };
    let draft = Draft::new(account, bearer, call.time(), seconds)?;
    let claims = Claims {
        policy: wish.policy,
        policy_arns: wish.policy_arns,
        tags: wish.tags,
        ..draft.claims
    };
    Draft { claims }.seal(call.platform(), named, packed, wish.token_size)
}

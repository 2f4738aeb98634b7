//! A change is authorized by the very state that it changes: `Permitted::write` asks again.

use platform::identity::{AccessKey, KeyStatus, User};
use platform::{ApiError, Call, Check, Checks, Operation, Outcome, Permitted, Service, Target};
use serde_json::json;
use testkit::{Credentials, World};

fn may(_: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::new("iam:EnableOutboundWebIdentityFederation", Target::any())?.into())
}

/// Takes the caller's policies away between authorization and change, as another request might.
fn race(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = User::key(call.account(), "alice");
    call.platform().store().write(|tx| {
        let user: Option<User> = tx.get(&key)?;
        let mut user = user.ok_or_else(|| ApiError::internal("no alice"))?;
        user.policies.inline.clear();
        tx.put(&key, &user).map_err(ApiError::from)
    })?;
    call.write(|tx| {
        tx.delete::<User>(&key)?;
        Ok(Outcome::empty())
    })
}

/// Takes the caller's key away between authorization and change.
fn race_key(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = AccessKey::key(call.caller().access_key_id());
    call.platform().store().write(|tx| {
        let held: Option<AccessKey> = tx.get(&key)?;
        let held = held.ok_or_else(|| ApiError::internal("no key"))?;
        let status = KeyStatus::Inactive;
        tx.put(&key, &AccessKey { status, ..held })
            .map_err(ApiError::from)
    })?;
    call.write(|tx| {
        tx.delete::<User>(&User::key(call.account(), "alice"))?;
        Ok(Outcome::empty())
    })
}

/// A world where alice may enable federation, which loses her policies, and disable it, which loses her
/// key.
fn world() -> (World, Credentials) {
    static RACE: &[Operation] = &[
        Operation::write("EnableOutboundWebIdentityFederation", may, race),
        Operation::write("DisableOutboundWebIdentityFederation", may, race_key),
    ];
    let mut services = services::all();
    services.retain(|service| service.api != "iam");
    let mut iam = services::all()
        .into_iter()
        .find(|service| service.api == "iam")
        .unwrap();
    let all: Vec<Operation> = iam
        .operations
        .iter()
        .chain(RACE)
        .map(|operation| Operation { ..*operation })
        .collect();
    iam = Service {
        operations: Box::leak(all.into_boxed_slice()),
        ..iam
    };
    services.push(iam);
    let world = World::with_services(services);
    let alice = world.user("alice");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:EnableOutboundWebIdentityFederation", "Resource": "*"}
    ]});
    world.put_policy("User", "alice", &policy);
    (world, alice)
}

#[test]
fn a_key_that_is_gone_before_the_change_changes_nothing() {
    let (world, alice) = world();
    let answer = world.query(&alice, "iam", "DisableOutboundWebIdentityFederation", &[]);
    assert_eq!(answer.error().0, "AccessDenied");
    let _ = world
        .query(world.root(), "iam", "GetUser", &[("UserName", "alice")])
        .checked();
}

#[test]
fn a_permission_that_is_gone_before_the_change_changes_nothing() {
    let (world, alice) = world();
    let answer = world.query(&alice, "iam", "EnableOutboundWebIdentityFederation", &[]);
    assert_eq!(answer.error().0, "AccessDenied");
    let _ = world
        .query(world.root(), "iam", "GetUser", &[("UserName", "alice")])
        .checked();
}

//! Invitations: how an account that was there before comes into an organization.

use jiff::{SignedDuration, Timestamp};
use platform::identity::{Account, of_account};
use platform::organization::{Member, Organization, touch};
use platform::{ApiError, Call, Checks, Outcome, Permitted, Target, id};
use policy::AccountId;
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Write};
use wire::value::Value;

use super::account::Address;
use super::place::{self, check, in_organization, managed, need};
use super::{error, index, list};

/// How long an invitation stands.
const STANDS: SignedDuration = SignedDuration::from_hours(15 * 24);

/// An invitation. Its record stands under its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Handshake {
    id: String,
    organization: String,
    management: String,
    account: String,
    state: State,
    notes: Option<String>,
    asked: Timestamp,
    expires: Timestamp,
}

impl Record for Handshake {
    const KIND: &'static str = "organizations-handshake";
    const VERSION: u32 = 1;
}

/// A handshake, found from an account or organization that takes part in it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HandshakeOf {
    id: String,
}

impl Record for HandshakeOf {
    const KIND: &'static str = "organizations-handshake-of";
    const VERSION: u32 = 1;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Open,
    Canceled,
    Accepted,
    Declined,
    Expired,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Canceled => "CANCELED",
            Self::Accepted => "ACCEPTED",
            Self::Declined => "DECLINED",
            Self::Expired => "EXPIRED",
        }
    }
}

impl Handshake {
    fn state(&self, now: Timestamp) -> State {
        match self.state {
            State::Open if self.expires <= now => State::Expired,
            state => state,
        }
    }

    fn arn(&self, call: &Call<'_>) -> String {
        let partition = call.platform().partition();
        let Self {
            management,
            organization,
            id,
            ..
        } = self;
        format!("arn:{partition}:organizations::{management}:handshake/{organization}/invite/{id}")
    }

    fn show(&self, call: &Call<'_>) -> Value {
        let party = |kind: &str, id: &str| Value::map().with("Id", id).with("Type", kind);
        let of_organization = self.organization.trim_start_matches("o-");
        let parties: Value = [
            party("ORGANIZATION", of_organization),
            party("ACCOUNT", &self.account),
        ]
        .into_iter()
        .collect();
        let resource =
            |kind: &str, value: &str| Value::map().with("Type", kind).with("Value", value);
        let mut resources = vec![
            resource("ORGANIZATION", &self.organization),
            resource("ACCOUNT", &self.account),
        ];
        resources.extend(self.notes.iter().map(|notes| resource("NOTES", notes)));
        Value::map()
            .with("Id", self.id.as_str())
            .with("Arn", self.arn(call))
            .with("Parties", parties)
            .with("State", self.state(call.time()).as_str())
            .with("RequestedTimestamp", self.asked)
            .with("ExpirationTimestamp", self.expires)
            .with("Action", "INVITE")
            .with("Resources", Value::List(resources))
    }
}

fn missing() -> ApiError {
    error::no_such("HandshakeNotFoundException", "a handshake")
}

fn violation(reason: &'static str, text: &str) -> ApiError {
    ApiError::new("HandshakeConstraintViolationException", 400, text).with("Reason", reason)
}

pub(super) fn may_invite(call: &Call<'_>) -> Result<Checks, ApiError> {
    let Some(organization) = managed(call)? else {
        return place::may(call);
    };
    let arn = match call.input().get("Target").and_then(|it| it.str("Id")) {
        Some(id) if AccountId::parse(id).is_some() => {
            let rest = format!("{}/{id}", organization.id);
            Some(in_organization(call, &organization, "account", &rest))
        }
        _ => None,
    };
    let target = arn
        .as_deref()
        .map_or_else(|| Ok(Target::any()), Target::arn)?;
    super::tag::of_new(check(call, target)?.into(), call, arn)
}

/// The operation's action on the handshake that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let held: Option<Handshake> = call.state().get(&Key::new([call.text("HandshakeId")?]))?;
    let target = match held {
        Some(handshake) => {
            let owner = AccountId::parse(&handshake.management);
            let target = Target::arn(&handshake.arn(call))?;
            // Both sides decide for themselves: it is as much the one's as the other's.
            match owner {
                Some(owner) if owner != call.account() => target.owned_by(call.account()),
                _ => target,
            }
        }
        None => Target::any(),
    };
    Ok(check(call, target)?.into())
}

pub(super) fn invite(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = format!("h-{}", id::lower(call.platform().random(), 10)?);
    let handshake = call.write(|tx| {
        let organization = need(&*tx, call)?;
        let account = invited(&*tx, call)?;
        let already = tx.get::<Member>(&Member::key(account))?;
        if already.is_some() {
            return Err(violation(
                "ALREADY_IN_AN_ORGANIZATION",
                "The account is already a member of an organization.",
            ));
        }
        for other in of_party(&*tx, account.as_str())? {
            let same = other.organization == organization.id;
            if same && other.state(call.time()) == State::Open {
                return Err(error::conflict(
                    "DuplicateHandshakeException",
                    "A handshake with the same action and target already exists.",
                ));
            }
        }
        let handshake = Handshake {
            id,
            organization: organization.id,
            management: organization.management,
            account: account.to_string(),
            state: State::Open,
            notes: call.input().str("Notes").map(str::to_owned),
            asked: call.time(),
            expires: call.time().saturating_add(STANDS).unwrap_or(Timestamp::MAX),
        };
        put(tx, &handshake)?;
        for party in [&handshake.account, &handshake.organization] {
            let of = HandshakeOf {
                id: handshake.id.clone(),
            };
            tx.put(&Key::new([party, &handshake.id]), &of)?;
        }
        Ok(handshake)
    })?;
    one(call, &handshake)
}

fn put(tx: &mut dyn Write, handshake: &Handshake) -> Result<(), ApiError> {
    Ok(tx.put(&Key::new([&handshake.id]), handshake)?)
}

fn one(call: &Call<'_>, handshake: &Handshake) -> Result<Outcome, ApiError> {
    Ok(Outcome::new(
        Value::map().with("Handshake", handshake.show(call)),
    ))
}

/// The account that is invited, by its id or its address.
fn invited(tx: &dyn Read, call: &Call<'_>) -> Result<AccountId, ApiError> {
    let target = call.input().get("Target").unwrap_or(&Value::Null);
    let id = target.str("Id").unwrap_or_default();
    let unknown = || {
        error::invalid(
            "INVALID_PARTY_TYPE_TARGET",
            "You specified an invalid value.",
        )
    };
    let account = match target.str("Type") {
        Some("ACCOUNT") => AccountId::parse(id),
        Some("EMAIL") => {
            let held: Option<Address> = tx.get(&Address::key(id))?;
            held.and_then(|held| AccountId::parse(&held.account))
        }
        _ => return Err(unknown()),
    };
    let account = account.ok_or_else(unknown)?;
    let held: Option<Account> = tx.get(&of_account(account))?;
    held.map(|_| account).ok_or_else(unknown)
}

fn of_party(tx: &dyn Read, party: &str) -> Result<Vec<Handshake>, ApiError> {
    let under = store::Scan::under(&Key::new([party]));
    let mut all = Vec::new();
    for entry in tx.scan::<HandshakeOf>(&under)? {
        all.extend(tx.get::<Handshake>(&Key::new([&entry.value.id]))?);
    }
    Ok(all)
}

/// The handshake that the input names, if the caller's account takes part in it.
fn find(tx: &dyn Read, call: &Call<'_>) -> Result<Handshake, ApiError> {
    let held: Option<Handshake> = tx.get(&Key::new([call.text("HandshakeId")?]))?;
    let account = call.account();
    held.filter(|it| it.account == account.as_str() || it.management == account.as_str())
        .ok_or_else(missing)
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    one(call, &find(call.state(), call)?)
}

/// Ends an invitation; `by_account` tells whose part that is.
fn end(
    call: &Permitted<Call<'_>>,
    by_account: bool,
    state: State,
    then: impl FnOnce(&mut dyn Write, &Handshake) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let ended = call.write(|tx| {
        let mut handshake = find(&*tx, call)?;
        let party = match by_account {
            true => &handshake.account,
            false => &handshake.management,
        };
        if party != call.account().as_str() {
            return Err(error::not_management());
        }
        match handshake.state(call.time()) {
            State::Open => {}
            now if now == state => {
                return Err(error::conflict(
                    "HandshakeAlreadyInStateException",
                    "The specified handshake is already in the requested state.",
                ));
            }
            _ => {
                return Err(error::conflict(
                    "InvalidHandshakeTransitionException",
                    "You can't perform the operation on the handshake in its current state.",
                ));
            }
        }
        handshake.state = state;
        put(tx, &handshake)?;
        then(tx, &handshake)?;
        Ok(handshake)
    })?;
    one(call, &ended)
}

/// The invited account joins below the root.
pub(super) fn accept(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    end(call, true, State::Accepted, |tx, handshake| {
        let account = call.account();
        if tx.get::<Member>(&Member::key(account))?.is_some() {
            return Err(violation(
                "ALREADY_IN_AN_ORGANIZATION",
                "The account is already a member of an organization.",
            ));
        }
        let key = Organization::key(&handshake.organization);
        let organization: Option<Organization> = tx.get(&key)?;
        let organization = organization.ok_or_else(missing)?;
        let member = Member {
            organization: organization.id.clone(),
            parent: organization.root.clone(),
            name: account.to_string(),
            email: None,
            invited: true,
            joined: call.time(),
            tags: Vec::new(),
        };
        index::put_member(tx, account, None, &member)?;
        index::attach_defaults(tx, &organization, account.as_str())?;
        Ok(touch(tx)?)
    })
}

pub(super) fn decline(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    end(call, true, State::Declined, |_, _| Ok(()))
}

pub(super) fn cancel(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    end(call, false, State::Canceled, |_, _| Ok(()))
}

pub(super) fn list_of_account(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    listed(call, call.account().as_str())
}

pub(super) fn list_of_organization(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    listed(call, &need(call.state(), call)?.id)
}

fn listed(call: &Permitted<Call<'_>>, party: &str) -> Result<Outcome, ApiError> {
    list::page(
        call,
        "Handshakes",
        party,
        &Key::new([party]),
        |it: HandshakeOf| {
            let held: Option<Handshake> = call.state().get(&Key::new([&it.id]))?;
            Ok(held.map(|handshake| handshake.show(call)))
        },
    )
}

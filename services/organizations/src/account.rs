//! The accounts of an organization.

use jiff::Timestamp;
use platform::id::{self, Prefix};
use platform::identity::{self, Account, Attachments, Role, of_account};
use platform::organization::{Member, Organization};
use platform::principal_ids;
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use policy::{AccountId, PolicyType};
use serde::{Deserialize, Serialize};
use store::{Key, Read, Record, Write};
use wire::value::Value;

use super::index::{self, AccountOf, Child, ChildKind};
use super::place::{self, Node, change, in_organization, need};
use super::{error, list, unit};

/// The role by which the management account gets into an account that it made, unless it asks for
/// another.
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";
/// What that role may do.
const ACCESS_POLICY: &str = "AdministratorAccess";

/// How a request for an account went. Its record stands under the organization's id and its own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Creation {
    id: String,
    name: String,
    time: Timestamp,
    /// The account, or why there is none.
    result: Result<String, String>,
}

impl Record for Creation {
    const KIND: &'static str = "organizations-creation";
    const VERSION: u32 = 1;
}

/// Whose address it is. Its record stands under the address in lower case.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Address {
    pub(super) account: String,
}

impl Record for Address {
    const KIND: &'static str = "organizations-address";
    const VERSION: u32 = 1;
}

impl Address {
    pub(super) fn key(email: &str) -> Key {
        Key::new([email.to_lowercase()])
    }
}

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let checks = place::may_manage(call)?;
    super::tag::of_new(checks, call, place::any(call, "account")?)
}

/// The operation's action on the account that the input names, or on a member's own account.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["AccountId"])
}

pub(super) fn may_move(call: &Call<'_>) -> Result<Checks, ApiError> {
    let members = ["AccountId", "SourceParentId", "DestinationParentId"];
    place::may_manage_on(call, &members)
}

/// Makes the account at once, with the role by which the management account gets in.
pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (email, name) = (call.text("Email")?, call.text("AccountName")?);
    let random = call.platform().random();
    let request = format!("car-{}", id::lower(random, 32)?);
    let (role_id, tags) = (id::unique(random, Prefix::Role)?, super::tag::read(call)?);
    let creation = change(call, |tx, organization| {
        let mut creation = Creation {
            id: request,
            name: name.to_owned(),
            time: call.time(),
            result: Err("EMAIL_ALREADY_EXISTS".to_owned()),
        };
        if tx.get::<Address>(&Address::key(email))?.is_none() {
            let account = vacant(&*tx, call)?;
            let member = Member {
                organization: organization.id.clone(),
                parent: organization.root.clone(),
                name: name.to_owned(),
                email: Some(email.to_owned()),
                invited: false,
                joined: call.time(),
                tags,
            };
            make(tx, call, organization, account, role_id)?;
            index::put_member(tx, account, None, &member)?;
            index::attach_defaults(tx, organization, account.as_str())?;
            let address = Address {
                account: account.to_string(),
            };
            tx.put(&Address::key(email), &address)?;
            creation.result = Ok(account.to_string());
        }
        let key = Key::new([&organization.id, &creation.id]);
        tx.put(&key, &creation)?;
        Ok(creation)
    })?;
    Ok(Outcome::new(
        Value::map().with("CreateAccountStatus", status(&creation)),
    ))
}

/// The number of an account that nobody has.
fn vacant(tx: &dyn Read, call: &Call<'_>) -> Result<AccountId, ApiError> {
    for _ in 0..64 {
        let mut bytes = [0_u8; 8];
        call.platform().random().fill(&mut bytes)?;
        let number = u64::from_le_bytes(bytes) % 900_000_000_000 + 100_000_000_000;
        let Some(account) = AccountId::parse(&number.to_string()) else {
            continue;
        };
        let held = tx.get::<Account>(&of_account(account))?.is_some();
        if !held && tx.get::<Member>(&Member::key(account))?.is_none() {
            return Ok(account);
        }
    }
    Err(ApiError::internal("no vacant account number was found"))
}

/// Makes an account whose root user has no key, with the role that lets the management account in.
fn make(
    tx: &mut dyn Write,
    call: &Call<'_>,
    organization: &Organization,
    account: AccountId,
    role_id: String,
) -> Result<(), ApiError> {
    let record = Account {
        created: call.time(),
        root_keys: Vec::new(),
    };
    tx.put(&of_account(account), &record)?;
    let partition = call.platform().partition();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:{partition}:iam::{}:root"}},"Action":"sts:AssumeRole"}}]}}"#,
        organization.management
    );
    let trust = principal_ids::bind(&*tx, partition, PolicyType::Trust, &trust)
        .map_err(|unbound| unbound.or(|principal| ApiError::internal(principal)))?;
    let role = Role {
        name: call
            .input()
            .str("RoleName")
            .unwrap_or(ACCESS_ROLE)
            .to_owned(),
        path: "/".to_owned(),
        id: role_id,
        created: call.time(),
        description: None,
        max_session_duration: 3_600,
        trust,
        tags: Vec::new(),
        policies: Attachments {
            managed: vec![format!("arn:{partition}:iam::aws:policy/{ACCESS_POLICY}")],
            ..Attachments::default()
        },
    };
    Ok(identity::save(tx, account, None, &role)?)
}

fn status(creation: &Creation) -> Value {
    let shown = Value::map()
        .with("Id", creation.id.as_str())
        .with("AccountName", creation.name.as_str())
        .with("RequestedTimestamp", creation.time)
        .with("CompletedTimestamp", creation.time);
    match &creation.result {
        Ok(account) => shown
            .with("State", "SUCCEEDED")
            .with("AccountId", account.as_str()),
        Err(reason) => shown
            .with("State", "FAILED")
            .with("FailureReason", reason.as_str()),
    }
}

pub(super) fn describe_creation(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let id = call.text("CreateAccountRequestId")?;
    let creation: Option<Creation> = call.state().get(&Key::new([&organization.id, id]))?;
    let creation = creation.ok_or_else(|| {
        error::no_such(
            "CreateAccountStatusNotFoundException",
            "a create account request",
        )
    })?;
    Ok(Outcome::new(
        Value::map().with("CreateAccountStatus", status(&creation)),
    ))
}

pub(super) fn list_creations(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let states: Vec<&str> = call
        .input()
        .list("States")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let under = Key::new([&organization.id]);
    let filter = states.join(" ");
    list::page(
        call,
        "CreateAccountStatuses",
        &filter,
        &under,
        |it: Creation| {
            let shown = status(&it);
            let state = shown.str("State").unwrap_or_default();
            let wanted = states.is_empty() || states.contains(&state);
            Ok(wanted.then_some(shown))
        },
    )
}

fn missing() -> ApiError {
    error::no_such("AccountNotFoundException", "an account")
}

/// The account of the organization that the input names.
pub(super) fn named(
    tx: &dyn Read,
    call: &Call<'_>,
    organization: &Organization,
) -> Result<(AccountId, Member), ApiError> {
    match Node::find(tx, organization, call.text("AccountId")?)? {
        Some(Node::Account(id, member)) => Ok((id, *member)),
        _ => Err(missing()),
    }
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let (id, member) = named(call.state(), call, &organization)?;
    let shown = show(call, &organization, id, &member)?;
    Ok(Outcome::new(Value::map().with("Account", shown)))
}

fn show(
    call: &Call<'_>,
    organization: &Organization,
    account: AccountId,
    member: &Member,
) -> Result<Value, ApiError> {
    let id = &organization.id;
    let way = unit::path(call.state(), organization, &member.parent)?.join("/");
    let paths: Value = [Value::from(format!("{id}/{way}/{account}/"))]
        .into_iter()
        .collect();
    let joined = if member.invited { "INVITED" } else { "CREATED" };
    Ok(Value::map()
        .with("Id", account.as_str())
        .with(
            "Arn",
            in_organization(call, organization, "account", &format!("{id}/{account}")),
        )
        .with_some("Email", member.email.as_deref())
        .with("Name", member.name.as_str())
        .with("Status", "ACTIVE")
        .with("State", "ACTIVE")
        .with("Paths", paths)
        .with("JoinedMethod", joined)
        .with("JoinedTimestamp", member.joined))
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let under = Key::new([&organization.id]);
    list::page(call, "Accounts", "", &under, |it: AccountOf| {
        by_id(call, &organization, &it.account)
    })
}

pub(super) fn list_of_parent(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (organization, parent) = (need(call.state(), call)?, call.text("ParentId")?);
    unit::parent_of(call.state(), &organization, parent)?;
    let under = Child::of_parent(&organization.id, parent, ChildKind::Account);
    list::page(call, "Accounts", parent, &under, |it: Child| {
        by_id(call, &organization, &it.id)
    })
}

fn by_id(
    call: &Call<'_>,
    organization: &Organization,
    id: &str,
) -> Result<Option<Value>, ApiError> {
    match Node::find(call.state(), organization, id)? {
        Some(Node::Account(id, member)) => show(call, organization, id, &member).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn move_to(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (from, to) = (
        call.text("SourceParentId")?,
        call.text("DestinationParentId")?,
    );
    change(call, |tx, organization| {
        let (id, old) = named(&*tx, call, organization)?;
        let parent =
            |id: &str| Node::find(&*tx, organization, id).map(|it| it.filter(Node::is_parent));
        if parent(from)?.is_none() || old.parent != from {
            let code = "SourceParentNotFoundException";
            return Err(error::no_such(code, "a source parent"));
        }
        if parent(to)?.is_none() {
            let code = "DestinationParentNotFoundException";
            return Err(error::no_such(code, "a destination parent"));
        }
        if from == to {
            return Err(error::conflict(
                "DuplicateAccountException",
                "The account is already in the destination parent.",
            ));
        }
        let new = Member {
            parent: to.to_owned(),
            ..old.clone()
        };
        index::put_member(tx, id, Some(&old), &new)?;
        Ok(Outcome::empty())
    })
}

/// Lets an account go. It stays, outside of the organization.
pub(super) fn remove(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |tx, organization| {
        let (id, member) = named(&*tx, call, organization)?;
        go(tx, organization, id, &member)
    })
}

/// The caller's account leaves.
pub(super) fn leave(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |tx, organization| {
        let member: Option<Member> = tx.get(&Member::key(call.account()))?;
        go(
            tx,
            organization,
            call.account(),
            &member.ok_or_else(missing)?,
        )
    })
}

fn go(
    tx: &mut dyn Write,
    organization: &Organization,
    account: AccountId,
    member: &Member,
) -> Result<Outcome, ApiError> {
    if organization.management == account.as_str() {
        return Err(error::conflict(
            "MasterCannotLeaveOrganizationException",
            "You can't remove the management account from the organization.",
        ));
    }
    index::drop_member(tx, account, member)?;
    Ok(Outcome::empty())
}

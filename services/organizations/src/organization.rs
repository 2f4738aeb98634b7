//! The organization itself, its root, and the types of policies in force.

use platform::organization::{ControlType, Member, Organization, touch};
use platform::{ApiError, Call, Checks, Outcome, Permitted, id};
use store::{Key, Scan};
use wire::value::Value;

use super::index::{self, AccountOf};
use super::place::{self, change, in_organization, need};
use super::{error, list};

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, random) = (call.account(), call.platform().random());
    let all_features = call.input().str("FeatureSet") != Some("CONSOLIDATED_BILLING");
    let enabled = match all_features {
        true => vec![ControlType::ServiceControl],
        false => Vec::new(),
    };
    let organization = Organization {
        id: format!("o-{}", id::lower(random, 10)?),
        management: account.to_string(),
        root: format!("r-{}", id::lower(random, 4)?),
        all_features,
        enabled,
    };
    let member = Member {
        organization: organization.id.clone(),
        parent: organization.root.clone(),
        name: "Management account".to_owned(),
        email: None,
        invited: true,
        joined: call.time(),
        tags: Vec::new(),
    };
    call.write(|tx| {
        if tx.get::<Member>(&Member::key(account))?.is_some() {
            return Err(error::conflict(
                "AlreadyInOrganizationException",
                "The AWS account is already a member of an organization.",
            ));
        }
        tx.put(&Organization::key(&organization.id), &organization)?;
        index::attach_defaults(tx, &organization, &organization.root)?;
        index::put_member(tx, account, None, &member)?;
        index::attach_defaults(tx, &organization, account.as_str())?;
        Ok(touch(tx)?)
    })?;
    Ok(Outcome::new(
        Value::map().with("Organization", show(call, &organization)),
    ))
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    Ok(Outcome::new(
        Value::map().with("Organization", show(call, &organization)),
    ))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |tx, organization| {
        let under = Key::new([&organization.id]);
        let accounts = tx.scan::<AccountOf>(&Scan::under(&under).limit(2))?;
        let units = tx.scan::<platform::organization::Unit>(&Scan::under(&under).limit(1))?;
        let policies = Scan::under(&under).limit(1);
        let policies = tx.scan::<platform::organization::ControlPolicy>(&policies)?;
        if accounts.len() > 1 || !units.is_empty() || !policies.is_empty() {
            return Err(error::conflict(
                "OrganizationNotEmptyException",
                "To delete an organization you must first remove all member accounts (except the \
                 management account), organizational units and policies.",
            ));
        }
        let key = Member::key(call.account());
        if let Some(member) = tx.get::<Member>(&key)? {
            index::drop_member(tx, call.account(), &member)?;
        }
        disable(tx, organization, &ControlType::ALL)?;
        tx.delete::<Organization>(&Organization::key(&organization.id))?;
        Ok(Outcome::empty())
    })
}

fn show(call: &Call<'_>, organization: &Organization) -> Value {
    let Organization { id, management, .. } = organization;
    let account = format!("{id}/{management}");
    let features = match organization.all_features {
        true => "ALL",
        false => "CONSOLIDATED_BILLING",
    };
    // AWS lists service control policies here whether or not they are enabled in the root.
    let available = organization.all_features.then(|| {
        Value::map()
            .with("Type", ControlType::ServiceControl.as_str())
            .with("Status", "ENABLED")
    });
    Value::map()
        .with("Id", id.as_str())
        .with(
            "Arn",
            in_organization(call, organization, "organization", id),
        )
        .with("FeatureSet", features)
        .with(
            "MasterAccountArn",
            in_organization(call, organization, "account", &account),
        )
        .with("MasterAccountId", management.as_str())
        .with(
            "AvailablePolicyTypes",
            available.into_iter().collect::<Value>(),
        )
}

pub(super) fn list_roots(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    Ok(list::all("Roots", [show_root(call, &organization)]))
}

fn show_root(call: &Call<'_>, organization: &Organization) -> Value {
    let Organization { id, root, .. } = organization;
    let types = organization.enabled.iter().map(|kind| {
        Value::map()
            .with("Type", kind.as_str())
            .with("Status", "ENABLED")
    });
    Value::map()
        .with("Id", root.as_str())
        .with(
            "Arn",
            in_organization(call, organization, "root", &format!("{id}/{root}")),
        )
        .with("Name", "Root")
        .with("PolicyTypes", types.collect::<Value>())
}

/// The operation's action on the root that the input names, with the type of policies.
pub(super) fn may_on_root(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["RootId"])
}

pub(super) fn enable_type(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change_types(call, |tx, organization, kind| {
        if organization.enabled.contains(&kind) {
            return Err(error::conflict(
                "PolicyTypeAlreadyEnabledException",
                "The specified policy type is already enabled.",
            ));
        }
        organization.enabled.push(kind);
        for target in index::everything(&*tx, organization)? {
            let full = kind.full_access().id;
            index::attach(tx, &organization.id, &target, (kind, full))?;
        }
        Ok(())
    })
}

/// Detaches every policy of the type, as AWS does.
pub(super) fn disable_type(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change_types(call, |tx, organization, kind| {
        if !organization.enabled.contains(&kind) {
            return Err(not_enabled());
        }
        organization.enabled.retain(|held| *held != kind);
        disable(tx, organization, &[kind])
    })
}

pub(super) fn not_enabled() -> ApiError {
    error::conflict(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
    )
}

fn disable(
    tx: &mut dyn store::Write,
    organization: &Organization,
    kinds: &[ControlType],
) -> Result<(), ApiError> {
    for target in index::everything(&*tx, organization)? {
        index::detach_kinds(tx, &organization.id, &target, kinds)?;
    }
    Ok(())
}

fn change_types(
    call: &Permitted<Call<'_>>,
    body: impl FnOnce(&mut dyn store::Write, &mut Organization, ControlType) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    let kind = place::kind(call, "PolicyType")?;
    let root = call.text("RootId")?;
    let organization = change(call, |tx, held| {
        if held.root != root {
            return Err(error::no_such("RootNotFoundException", "a root"));
        }
        if !held.all_features {
            return Err(error::conflict(
                "PolicyTypeNotAvailableForOrganizationException",
                "The policy type is not available: the organization has not all features enabled.",
            ));
        }
        let mut new = held.clone();
        body(tx, &mut new, kind)?;
        tx.put(&Organization::key(&new.id), &new)?;
        Ok(new)
    })?;
    Ok(Outcome::new(
        Value::map().with("Root", show_root(call, &organization)),
    ))
}

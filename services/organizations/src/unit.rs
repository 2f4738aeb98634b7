//! Organizational units.

use platform::organization::{Organization, Unit};
use platform::{ApiError, Call, Checks, Outcome, Permitted, id};
use store::{Read, Scan};
use wire::value::Value;

use super::index::{self, Child, ChildKind};
use super::place::{self, Node, change, in_organization, need};
use super::{error, list};

/// How deep units can lie below the root (Organizations User Guide, "Quotas").
const DEPTH: usize = 5;

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let checks = place::may_manage_on(call, &["ParentId"])?;
    super::tag::of_new(checks, call, place::any(call, "ou")?)
}

/// The operation's action on the unit that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["OrganizationalUnitId"])
}

pub(super) fn may_on_parent(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["ParentId"])
}

pub(super) fn may_on_child(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["ChildId"])
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (parent, name) = (call.text("ParentId")?, call.text("Name")?);
    let suffix = id::lower(call.platform().random(), 8)?;
    let tags = super::tag::read(call)?;
    let shown = change(call, |tx, organization| {
        let at = parent_of(&*tx, organization, parent)?;
        if path(&*tx, organization, at.id())?.len() > DEPTH {
            return Err(error::constraint(
                "OU_DEPTH_LIMIT_EXCEEDED",
                "You have exceeded the depth limit for organizational units.",
            ));
        }
        unique(&*tx, organization, parent, name, None)?;
        let root = organization.root.trim_start_matches("r-");
        let unit = Unit {
            id: format!("ou-{root}-{suffix}"),
            name: name.to_owned(),
            parent: parent.to_owned(),
            tags,
        };
        index::put_unit(tx, &organization.id, &unit)?;
        index::attach_defaults(tx, organization, &unit.id)?;
        show(&*tx, call, organization, &unit)
    })?;
    Ok(Outcome::new(Value::map().with("OrganizationalUnit", shown)))
}

/// The root or unit with this id.
pub(super) fn parent_of(
    tx: &dyn Read,
    organization: &Organization,
    id: &str,
) -> Result<Node, ApiError> {
    let node = Node::find(tx, organization, id)?;
    node.filter(Node::is_parent)
        .ok_or_else(|| error::no_such("ParentNotFoundException", "a parent"))
}

/// Refuses a second unit of a name in one parent.
fn unique(
    tx: &dyn Read,
    organization: &Organization,
    parent: &str,
    name: &str,
    but: Option<&str>,
) -> Result<(), ApiError> {
    let under = Child::of_parent(&organization.id, parent, ChildKind::Unit);
    for child in tx.scan::<Child>(&Scan::under(&under))? {
        let id = child.value.id;
        let unit: Option<Unit> = tx.get(&Unit::key(&organization.id, &id))?;
        if unit.is_some_and(|unit| unit.name == name) && but != Some(&id) {
            return Err(error::conflict(
                "DuplicateOrganizationalUnitException",
                "An OU with the same name already exists.",
            ));
        }
    }
    Ok(())
}

/// The ids from the root down to the root or unit `id`.
pub(super) fn path(
    tx: &dyn Read,
    organization: &Organization,
    id: &str,
) -> Result<Vec<String>, ApiError> {
    let mut path = vec![id.to_owned()];
    let mut at = id.to_owned();
    while at != organization.root && path.len() <= DEPTH + 1 {
        let unit: Option<Unit> = tx.get(&Unit::key(&organization.id, &at))?;
        at = unit.ok_or_else(missing)?.parent;
        path.push(at.clone());
    }
    path.reverse();
    Ok(path)
}

fn missing() -> ApiError {
    error::no_such(
        "OrganizationalUnitNotFoundException",
        "an organizational unit",
    )
}

fn find(tx: &dyn Read, call: &Call<'_>, organization: &Organization) -> Result<Unit, ApiError> {
    let id = call.text("OrganizationalUnitId")?;
    let unit: Option<Unit> = tx.get(&Unit::key(&organization.id, id))?;
    unit.ok_or_else(missing)
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let unit = find(call.state(), call, &organization)?;
    let shown = show(call.state(), call, &organization, &unit)?;
    Ok(Outcome::new(Value::map().with("OrganizationalUnit", shown)))
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let shown = change(call, |tx, organization| {
        let mut unit = find(&*tx, call, organization)?;
        if let Some(name) = call.input().str("Name") {
            unique(&*tx, organization, &unit.parent, name, Some(&unit.id))?;
            name.clone_into(&mut unit.name);
        }
        index::put_unit(tx, &organization.id, &unit)?;
        show(&*tx, call, organization, &unit)
    })?;
    Ok(Outcome::new(Value::map().with("OrganizationalUnit", shown)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |tx, organization| {
        let unit = find(&*tx, call, organization)?;
        for kind in [ChildKind::Unit, ChildKind::Account] {
            let under = Child::of_parent(&organization.id, &unit.id, kind);
            if !tx.scan::<Child>(&Scan::under(&under).limit(1))?.is_empty() {
                return Err(error::conflict(
                    "OrganizationalUnitNotEmptyException",
                    "The specified OU is not empty. Move all accounts to another root or to other \
                     OUs, remove all child OUs, and try the operation again.",
                ));
            }
        }
        index::drop_unit(tx, &organization.id, &unit)?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (organization, parent) = (need(call.state(), call)?, call.text("ParentId")?);
    parent_of(call.state(), &organization, parent)?;
    let under = Child::of_parent(&organization.id, parent, ChildKind::Unit);
    list::page(call, "OrganizationalUnits", parent, &under, |it: Child| {
        let unit: Option<Unit> = call.state().get(&Unit::key(&organization.id, &it.id))?;
        unit.map(|unit| show(call.state(), call, &organization, &unit))
            .transpose()
    })
}

fn show(
    tx: &dyn Read,
    call: &Call<'_>,
    organization: &Organization,
    unit: &Unit,
) -> Result<Value, ApiError> {
    let id = &organization.id;
    let path = path(tx, organization, &unit.id)?.join("/");
    Ok(Value::map()
        .with("Id", unit.id.as_str())
        .with(
            "Arn",
            in_organization(call, organization, "ou", &format!("{id}/{}", unit.id)),
        )
        .with("Name", unit.name.as_str())
        .with("Path", format!("{id}/{path}/")))
}

/// What is in a root or unit.
pub(super) fn children(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (organization, parent) = (need(call.state(), call)?, call.text("ParentId")?);
    let kind = match call.text("ChildType")? {
        "ACCOUNT" => ChildKind::Account,
        _ => ChildKind::Unit,
    };
    parent_of(call.state(), &organization, parent)?;
    let under = Child::of_parent(&organization.id, parent, kind);
    let filter = format!("{parent} {}", kind.as_str());
    list::page(call, "Children", &filter, &under, |it: Child| {
        let shown = Value::map().with("Id", it.id);
        Ok(Some(shown.with("Type", kind.as_str())))
    })
}

/// What an account or unit is in: one root or unit.
pub(super) fn parents(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let child = Node::find(call.state(), &organization, call.text("ChildId")?)?;
    let parent = match child {
        Some(Node::Unit(unit)) => unit.parent,
        Some(Node::Account(_, member)) => member.parent,
        Some(Node::Root(_)) | None => {
            return Err(error::no_such("ChildNotFoundException", "a child"));
        }
    };
    let kind = match parent == organization.root {
        true => "ROOT",
        false => "ORGANIZATIONAL_UNIT",
    };
    let shown = Value::map().with("Id", parent).with("Type", kind);
    Ok(list::all("Parents", [shown]))
}

//! Policies attached to roots, units and accounts.

use platform::organization::{Attachment, ControlType, Organization};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use store::{Read, Scan};
use wire::value::Value;

use super::index::{self, AttachedTo};
use super::organization::not_enabled;
use super::place::{self, Node, arn, change, need};
use super::policy::{find, missing, own_summary, summary};
use super::{error, list};

/// How many policies of a type can be attached to one root, unit or account.
const ATTACHED: usize = 5;

/// The operation's action on the policy and on what it is attached to.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["PolicyId", "TargetId"])
}

pub(super) fn may_on_target(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["TargetId"])
}

/// The type of the policy that the input names, which must be enabled.
fn enabled(
    tx: &dyn Read,
    call: &Call<'_>,
    organization: &Organization,
) -> Result<ControlType, ApiError> {
    let kind = kind_of(tx, organization, call.text("PolicyId")?)?.ok_or_else(missing)?;
    match organization.enabled.contains(&kind) {
        true => Ok(kind),
        false => Err(not_enabled()),
    }
}

fn kind_of(
    tx: &dyn Read,
    organization: &Organization,
    id: &str,
) -> Result<Option<ControlType>, ApiError> {
    let mut own = ControlType::ALL.into_iter();
    match own.find(|kind| kind.full_access().id == id) {
        Some(kind) => Ok(Some(kind)),
        None => Ok(find(tx, organization, id)?.map(|policy| policy.kind)),
    }
}

fn target(tx: &dyn Read, call: &Call<'_>, organization: &Organization) -> Result<Node, ApiError> {
    Node::find(tx, organization, call.text("TargetId")?)?
        .ok_or_else(|| error::no_such("TargetNotFoundException", "a target"))
}

fn count(
    tx: &dyn Read,
    organization: &Organization,
    target: &Node,
    kind: ControlType,
) -> Result<usize, ApiError> {
    let under = Attachment::of_target(&organization.id, target.id(), kind);
    Ok(tx.scan::<Attachment>(&Scan::under(&under))?.len())
}

pub(super) fn attach(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("PolicyId")?;
    change(call, |tx, organization| {
        let target = target(&*tx, call, organization)?;
        let kind = enabled(&*tx, call, organization)?;
        let held = count(&*tx, organization, &target, kind)?;
        if !index::attach(tx, &organization.id, target.id(), (kind, id))? {
            return Err(error::conflict(
                "DuplicatePolicyAttachmentException",
                "The selected policy is already attached to the specified target.",
            ));
        }
        if held >= ATTACHED {
            return Err(error::constraint(
                "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You have attached the maximum number of policies of this type to the target.",
            ));
        }
        Ok(Outcome::empty())
    })
}

pub(super) fn detach(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let id = call.text("PolicyId")?;
    change(call, |tx, organization| {
        let target = target(&*tx, call, organization)?;
        let kind = enabled(&*tx, call, organization)?;
        if kind == ControlType::ResourceControl && id == kind.full_access().id {
            return Err(error::invalid(
                "NON_DETACHABLE_POLICY",
                "You can't detach the policy RCPFullAWSAccess.",
            ));
        }
        let held = count(&*tx, organization, &target, kind)?;
        if !index::detach(tx, &organization.id, target.id(), (kind, id))? {
            return Err(error::conflict(
                "PolicyNotAttachedException",
                "The policy isn't attached to the specified target in the specified root.",
            ));
        }
        if held <= 1 {
            return Err(error::constraint(
                "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                "You cannot remove the last policy attached to the specified target. You must have \
                 at least one attached at all times.",
            ));
        }
        Ok(Outcome::empty())
    })
}

/// The policies of a type that are attached to a root, unit or account itself.
pub(super) fn of_target(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let kind = place::kind(call, "Filter")?;
    let target = target(call.state(), call, &organization)?;
    let under = Attachment::of_target(&organization.id, target.id(), kind);
    let filter = format!("{} {}", target.id(), kind.as_str());
    list::page(call, "Policies", &filter, &under, |it: Attachment| {
        if it.policy == kind.full_access().id {
            return own_summary(call, &organization, kind).map(Some);
        }
        let policy = find(call.state(), &organization, &it.policy)?;
        Ok(policy.map(|policy| summary(call, &organization, &policy)))
    })
}

/// What a policy is attached to.
pub(super) fn targets(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (organization, id) = (need(call.state(), call)?, call.text("PolicyId")?);
    kind_of(call.state(), &organization, id)?.ok_or_else(missing)?;
    let under = AttachedTo::of_policy(&organization.id, id);
    list::page(call, "Targets", id, &under, |it: AttachedTo| {
        let node = Node::find(call.state(), &organization, &it.target)?;
        let show = |node: Node| -> Result<Value, ApiError> {
            Ok(Value::map()
                .with("TargetId", node.id())
                .with("Arn", arn(call, &organization, node.id())?)
                .with("Name", node.name())
                .with("Type", node.kind()))
        };
        node.map(show).transpose()
    })
}

/// Service and resource control policies have no merged form; of the types that do, there are none.
pub(super) fn effective(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    need(call.state(), call)?;
    let kind = call.text("PolicyType")?;
    Err(error::conflict(
        "EffectivePolicyNotFoundException",
        &format!("There is no effective policy of the type {kind}: it is not enabled."),
    ))
}

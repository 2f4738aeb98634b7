//! Policies that bound from above.

use catalog::service;
use platform::organization::{ControlPolicy, ControlType, Organization};
use platform::{ApiError, Call, Checks, Outcome, Permitted, Target, id};
use policy::Document;
use policy::document::{Effect, PrincipalEntry, Version};
use store::{Key, Read, Scan};
use wire::value::Value;

use super::index::AttachedTo;
use super::place::{self, change, check, in_organization, managed, need};
use super::{error, list};

/// How long a policy may be (Organizations User Guide, "Quotas").
const CHARACTERS: usize = 5_120;

/// The operation's action on the policy that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_on(call, &["PolicyId"])
}

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let organization = managed(call)?;
    let kind = call.input().str("Type");
    let check = check(call, Target::any())?.key_if("organizations:PolicyType", kind);
    let arn = |organization: Organization| {
        let kind = kind.unwrap_or_default().to_lowercase();
        let rest = format!("{}/{kind}/*", organization.id);
        in_organization(call, &organization, "policy", &rest)
    };
    super::tag::of_new(check.into(), call, organization.map(arn))
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    place::may_manage_type(call, "Filter")
}

/// The policy with this id, unless it is one of AWS's own.
pub(super) fn find(
    tx: &dyn Read,
    organization: &Organization,
    id: &str,
) -> Result<Option<ControlPolicy>, ApiError> {
    Ok(tx.get(&ControlPolicy::key(&organization.id, id))?)
}

pub(super) fn missing() -> ApiError {
    error::no_such("PolicyNotFoundException", "a policy")
}

/// The ARN of the policy with this id, whether or not it is there.
pub(super) fn arn(
    tx: &dyn Read,
    call: &Call<'_>,
    organization: &Organization,
    id: &str,
) -> Result<String, ApiError> {
    let own = ControlType::ALL
        .into_iter()
        .find(|kind| kind.full_access().id == id);
    if let Some(kind) = own {
        let partition = call.platform().partition();
        let kind = kind.as_str().to_lowercase();
        return Ok(format!(
            "arn:{partition}:organizations::aws:policy/{kind}/{id}"
        ));
    }
    let kind = find(tx, organization, id)?.map_or(ControlType::ServiceControl, |it| it.kind);
    Ok(arn_of(call, organization, kind, id))
}

fn arn_of(call: &Call<'_>, organization: &Organization, kind: ControlType, id: &str) -> String {
    let rest = format!("{}/{}/{id}", organization.id, kind.as_str().to_lowercase());
    in_organization(call, organization, "policy", &rest)
}

/// The document in the input, if it is a policy of this type.
fn read<'t>(call: &Call<'t>, kind: ControlType) -> Result<&'t str, ApiError> {
    let text = call.text("Content")?;
    let document = Document::parse(text, kind.policy_type())
        .map_err(|rejected| error::malformed(rejected.to_string()))?;
    if text.chars().count() > CHARACTERS {
        return Err(error::constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You have exceeded the maximum size of a policy, 5120 characters.",
        ));
    }
    if kind == ControlType::ResourceControl {
        check_resource_control(&document)?;
    }
    Ok(text)
}

/// A policy of resources can only deny, to everyone, what services support (Organizations User Guide,
/// "RCP syntax").
fn check_resource_control(document: &Document) -> Result<(), ApiError> {
    let refuse = |text: &str| Err(error::malformed(text));
    if !matches!(&document.version, Some(version) if version.value == Version::V2012) {
        return refuse("a resource control policy needs the version `2012-10-17`");
    }
    for statement in &document.statements {
        if statement.effect.value != Effect::Deny {
            return refuse("a resource control policy can only deny");
        }
        let everyone = |principal: &policy::document::PrincipalElement| {
            let mut entries = principal.entries.iter();
            !principal.not && entries.all(|entry| entry.value == PrincipalEntry::Everyone)
        };
        if !statement.principal.as_ref().is_some_and(everyone) {
            return refuse("a resource control policy needs `\"Principal\": \"*\"`");
        }
        if statement.actions.not {
            return refuse("a resource control policy cannot have `NotAction`");
        }
        for pattern in &statement.actions.patterns {
            let (prefix, _) = pattern.value.text.split_once(':').unwrap_or(("", ""));
            if !service(prefix).is_some_and(|service| service.supports_rcp()) {
                let text = &pattern.value.text;
                return refuse(&format!(
                    "`{text}`: no service that resource control policies know"
                ));
            }
        }
    }
    Ok(())
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let kind = place::kind(call, "Type")?;
    let (name, text) = (call.text("Name")?, read(call, kind)?);
    let suffix = id::lower(call.platform().random(), 8)?;
    let tags = super::tag::read(call)?;
    let shown = change(call, |tx, organization| {
        unique(&*tx, organization, kind, name, None)?;
        let policy = ControlPolicy {
            id: format!("p-{suffix}"),
            name: name.to_owned(),
            description: call.text("Description")?.to_owned(),
            kind,
            document: text.to_owned(),
            tags,
        };
        tx.put(&ControlPolicy::key(&organization.id, &policy.id), &policy)?;
        Ok(show(call, organization, &policy))
    })?;
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

fn unique(
    tx: &dyn Read,
    organization: &Organization,
    kind: ControlType,
    name: &str,
    but: Option<&str>,
) -> Result<(), ApiError> {
    let under = Scan::under(&Key::new([&organization.id]));
    let mut held = tx.scan::<ControlPolicy>(&under)?.into_iter();
    let same = |it: &ControlPolicy| it.name == name && it.kind == kind && Some(&*it.id) != but;
    match kind.full_access().name == name || held.any(|entry| same(&entry.value)) {
        true => Err(error::conflict(
            "DuplicatePolicyException",
            "A policy with the same name already exists.",
        )),
        false => Ok(()),
    }
}

/// AWS's own cannot be changed.
fn changeable(
    tx: &dyn Read,
    call: &Call<'_>,
    organization: &Organization,
) -> Result<ControlPolicy, ApiError> {
    let id = call.text("PolicyId")?;
    if ControlType::ALL
        .iter()
        .any(|kind| kind.full_access().id == id)
    {
        return Err(error::invalid(
            "IMMUTABLE_POLICY",
            "You specified a policy that is managed by AWS and cannot be changed.",
        ));
    }
    find(tx, organization, id)?.ok_or_else(missing)
}

pub(super) fn update(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let shown = change(call, |tx, organization| {
        let mut policy = changeable(&*tx, call, organization)?;
        if let Some(name) = input.str("Name") {
            unique(&*tx, organization, policy.kind, name, Some(&policy.id))?;
            name.clone_into(&mut policy.name);
        }
        if let Some(text) = input.str("Description") {
            text.clone_into(&mut policy.description);
        }
        if input.str("Content").is_some() {
            read(call, policy.kind)?.clone_into(&mut policy.document);
        }
        tx.put(&ControlPolicy::key(&organization.id, &policy.id), &policy)?;
        Ok(show(call, organization, &policy))
    })?;
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    change(call, |tx, organization| {
        let policy = changeable(&*tx, call, organization)?;
        let under = AttachedTo::of_policy(&organization.id, &policy.id);
        if !tx
            .scan::<AttachedTo>(&Scan::under(&under).limit(1))?
            .is_empty()
        {
            return Err(error::conflict(
                "PolicyInUseException",
                "The policy is attached to one or more entities. You must detach it from all \
                 roots, OUs, and accounts before performing this operation.",
            ));
        }
        tx.delete::<ControlPolicy>(&ControlPolicy::key(&organization.id, &policy.id))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn describe(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let id = call.text("PolicyId")?;
    let own = ControlType::ALL
        .into_iter()
        .find(|kind| kind.full_access().id == id);
    let shown = match own {
        Some(kind) => Value::map()
            .with("PolicySummary", own_summary(call, &organization, kind)?)
            .with("Content", kind.full_access().document),
        None => {
            let policy = find(call.state(), &organization, id)?.ok_or_else(missing)?;
            show(call, &organization, &policy)
        }
    };
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

/// All policies of a type, AWS's own among them.
pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let organization = need(call.state(), call)?;
    let kind = place::kind(call, "Filter")?;
    let under = Key::new([&organization.id]);
    let first = own_summary(call, &organization, kind)?;
    let show = |it: ControlPolicy| Ok((it.kind == kind).then(|| summary(call, &organization, &it)));
    list::page_behind(call, "Policies", kind.as_str(), &under, Some(first), show)
}

pub(super) fn summary(
    call: &Call<'_>,
    organization: &Organization,
    policy: &ControlPolicy,
) -> Value {
    Value::map()
        .with("Id", policy.id.as_str())
        .with("Arn", arn_of(call, organization, policy.kind, &policy.id))
        .with("Name", policy.name.as_str())
        .with("Description", policy.description.as_str())
        .with("Type", policy.kind.as_str())
        .with("AwsManaged", false)
}

/// The policy of AWS's own that bounds nothing.
pub(super) fn own_summary(
    call: &Call<'_>,
    organization: &Organization,
    kind: ControlType,
) -> Result<Value, ApiError> {
    let full = kind.full_access();
    Ok(Value::map()
        .with("Id", full.id)
        .with("Arn", arn(call.state(), call, organization, full.id)?)
        .with("Name", full.name)
        .with("Description", full.description)
        .with("Type", kind.as_str())
        .with("AwsManaged", true))
}

fn show(call: &Call<'_>, organization: &Organization, policy: &ControlPolicy) -> Value {
    Value::map()
        .with("PolicySummary", summary(call, organization, policy))
        .with("Content", policy.document.as_str())
}

//! Managed policies.

use platform::identity::{
    ManagedPolicy, PolicyVersion, Role, Tag, User, aws_managed_document, of_account,
    parse_policy_arn, to_second,
};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, id};
use policy::PolicyType;
use store::{Read, Scan};
use wire::value::Value;

use super::entity::{Entity, no_such};
use super::{check, document, list, quota};
use platform::tags;

const TRAIL_TYPE: &str = "AWS::IAM::Policy";

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let path = call.input().str("Path").unwrap_or("/");
    let arn = check::arn(call, &format!("policy{path}{}", call.text("PolicyName")?));
    let target = Target::arn(&arn)?.listed_as(TRAIL_TYPE);
    let creation = Check::new(&check::action(call), target.clone())?;
    let tags = tags::read(call.input(), "Tags");
    check::with_tags(creation, "iam:TagPolicy", target, &tags)
}

/// The operation's own action on the policy that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let arn = call.text("PolicyArn")?;
    let tags = find(call.state(), call, arn)?.map_or_else(Vec::new, |policy| policy.tags);
    let target = Target::arn(arn)?.tagged("iam", &tags).listed_as(TRAIL_TYPE);
    Ok(Check::new(&check::action(call), target)?.into())
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    let path = call.input().str("PathPrefix").unwrap_or("/");
    let target = Target::arn(&check::arn(call, &format!("policy{path}")))?;
    Ok(Check::new(&check::action(call), target)?.into())
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("PolicyName")?);
    let input = call.input();
    let text = document::read(call, "PolicyDocument", PolicyType::Identity)?;
    if quota::characters(text) > quota::POLICY_CHARACTERS {
        return Err(quota::exceeded("PolicySize", quota::POLICY_CHARACTERS));
    }
    let tags: Vec<Tag> = tags::read(input, "Tags");
    quota::tags("policy", &[], &tags)?;
    let first = PolicyVersion {
        id: "v1".to_owned(),
        document: text.to_owned(),
        created: call.time(),
    };
    let policy = ManagedPolicy {
        name: name.to_owned(),
        path: input.str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::ManagedPolicy)?,
        created: call.time(),
        description: input.str("Description").map(str::to_owned),
        default_version: first.id.clone(),
        versions: vec![first],
        tags,
    };
    call.write(|tx| {
        if tx.insert(&ManagedPolicy::key(account, name), &policy)? {
            Ok(())
        } else {
            let text =
                format!("A policy called {name} already exists. Duplicate names are not allowed.");
            Err(ApiError::new("EntityAlreadyExists", 409, text))
        }
    })?;
    Ok(Outcome::new(
        Value::map().with("Policy", show(call, &policy, Uses::default())),
    ))
}

/// The customer managed policy with this ARN in the caller's account.
fn find(tx: &dyn Read, call: &Call<'_>, arn: &str) -> Result<Option<ManagedPolicy>, ApiError> {
    let Some((account, name)) = parse_policy_arn(arn) else {
        return Ok(None);
    };
    if account != call.account() {
        return Ok(None);
    }
    let policy: Option<ManagedPolicy> = tx.get(&ManagedPolicy::key(account, &name))?;
    Ok(policy.filter(|policy| policy.arn(call.platform().partition(), account) == arn))
}

fn missing(arn: &str) -> ApiError {
    no_such(format!("Policy {arn} was not found."))
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    let uses = uses(call.state(), call, arn)?;
    if aws_managed_document(call.platform().partition(), arn).is_some() {
        let shown = show_aws(arn, uses);
        return Ok(Outcome::new(Value::map().with("Policy", shown)));
    }
    let policy = find(call.state(), call, arn)?.ok_or_else(|| missing(arn))?;
    let tags = (!policy.tags.is_empty()).then(|| tags::write(&policy.tags));
    let shown = show(call, &policy, uses)
        .with_some("Description", policy.description.as_deref())
        .with_some("Tags", tags);
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

pub(super) fn get_version(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (arn, id) = (call.text("PolicyArn")?, call.text("VersionId")?);
    let no_version = || {
        no_such(format!(
            "Policy {arn} version {id} does not exist or is not attachable."
        ))
    };
    let version = match aws_managed_document(call.platform().partition(), arn) {
        Some(text) if id == "v1" => Value::map()
            .with("Document", document::write(text))
            .with("VersionId", "v1")
            .with("IsDefaultVersion", true),
        Some(_) => return Err(no_version()),
        None => {
            let policy = find(call.state(), call, arn)?.ok_or_else(|| missing(arn))?;
            let version = policy.version(id).ok_or_else(no_version)?;
            Value::map()
                .with("Document", document::write(&version.document))
                .with("VersionId", id)
                .with("IsDefaultVersion", policy.default_version == id)
                .with("CreateDate", to_second(version.created))
        }
    };
    Ok(Outcome::new(Value::map().with("PolicyVersion", version)))
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    call.write(|tx| {
        let policy = find(&*tx, call, arn)?.ok_or_else(|| missing(arn))?;
        let uses = uses(&*tx, call, arn)?;
        if uses.attached + uses.bounding > 0 {
            let text = "Cannot delete a policy attached to entities.";
            return Err(ApiError::new("DeleteConflict", 409, text));
        }
        tx.delete::<ManagedPolicy>(&ManagedPolicy::key(call.account(), &policy.name))?;
        Ok(Outcome::empty())
    })
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let path = input.str("PathPrefix").unwrap_or("/");
    let (scope, attached) = (
        input.str("Scope").unwrap_or("All"),
        input.bool("OnlyAttached"),
    );
    let mut policies = Vec::new();
    if scope != "AWS" {
        let under = Scan::under(&of_account(call.account()));
        for entry in call.state().scan::<ManagedPolicy>(&under)? {
            let policy = entry.value;
            let arn = policy.arn(call.platform().partition(), call.account());
            let uses = uses(call.state(), call, &arn)?;
            if policy.path.starts_with(path) && (attached != Some(true) || uses.attached > 0) {
                policies.push((policy.name.clone(), show(call, &policy, uses)));
            }
        }
    }
    policies.sort_by(|(a, _), (b, _)| a.cmp(b));
    let filter = format!("{scope} {attached:?} {path}");
    list::page(
        call,
        "Policies",
        &filter,
        policies,
        |(name, _)| name,
        |(_, shown)| shown.clone(),
    )
}

/// How often a managed policy is in use.
#[derive(Clone, Copy, Default)]
struct Uses {
    attached: i64,
    bounding: i64,
}

fn uses(tx: &dyn Read, call: &Call<'_>, arn: &str) -> Result<Uses, ApiError> {
    let mut uses = Uses::default();
    count(list::scan::<Role>(tx, call)?, arn, &mut uses);
    count(list::scan::<User>(tx, call)?, arn, &mut uses);
    Ok(uses)
}

fn count<E: Entity>(entities: Vec<E>, arn: &str, uses: &mut Uses) {
    for entity in entities {
        let held = entity.policies();
        uses.attached += i64::from(held.managed.iter().any(|managed| managed == arn));
        uses.bounding += i64::from(held.boundary.as_deref() == Some(arn));
    }
}

fn show(call: &Call<'_>, policy: &ManagedPolicy, uses: Uses) -> Value {
    let changed = policy
        .versions
        .last()
        .map_or(policy.created, |version| version.created);
    Value::map()
        .with("PolicyName", policy.name.as_str())
        .with("PolicyId", policy.id.as_str())
        .with(
            "Arn",
            policy.arn(call.platform().partition(), call.account()),
        )
        .with("Path", policy.path.as_str())
        .with("DefaultVersionId", policy.default_version.as_str())
        .with("AttachmentCount", uses.attached)
        .with("PermissionsBoundaryUsageCount", uses.bounding)
        .with("IsAttachable", true)
        .with("CreateDate", to_second(policy.created))
        .with("UpdateDate", to_second(changed))
}

fn show_aws(arn: &str, uses: Uses) -> Value {
    Value::map()
        .with("PolicyName", arn.rsplit('/').next().unwrap_or(arn))
        .with("Arn", arn)
        .with("Path", "/")
        .with("DefaultVersionId", "v1")
        .with("AttachmentCount", uses.attached)
        .with("PermissionsBoundaryUsageCount", uses.bounding)
        .with("IsAttachable", true)
}

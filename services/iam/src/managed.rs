//! Managed policies and their versions.

use platform::identity::{
    AwsManaged, ManagedPolicy, PolicyVersion, Tag, Uses, aws_managed, parse_policy_arn, to_second,
};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, id};
use policy::PolicyType;
use store::{Read, Write};
use wire::value::Value;

use super::entity::{already, conflict, no_such};
use super::tag::Taggable;
use super::{check, document, list, quota};
use platform::tags;

const TRAIL_TYPE: &str = "AWS::IAM::Policy";

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let path = call.input().str("Path").unwrap_or("/");
    let arn = check::arn(call, &format!("policy{path}{}", call.text("PolicyName")?));
    let target = Target::arn(&arn)?.listed_as(TRAIL_TYPE);
    let creation = Check::of(call.action(), target.clone());
    let tags = tags::read(call.input(), "Tags");
    check::with_tags(creation, "iam:TagPolicy", target, &tags)
}

fn target(call: &Call<'_>) -> Result<Target, ApiError> {
    let arn = call.text("PolicyArn")?;
    let tags = find(call.state(), call, arn)?.map_or_else(Vec::new, |policy| policy.tags);
    Ok(Target::arn(arn)?.tagged("iam", &tags).listed_as(TRAIL_TYPE))
}

/// The operation's own action on the policy that the input names.
pub(super) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), target(call)?).into())
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (account, name) = (call.account(), call.text("PolicyName")?);
    let input = call.input();
    let text = read(call)?;
    let tags: Vec<Tag> = tags::read(input, "Tags");
    quota::tags("policy", &[], &tags)?;
    let mut policy = ManagedPolicy {
        name: name.to_owned(),
        path: input.str("Path").unwrap_or("/").to_owned(),
        id: id::unique(call.platform().random(), id::Prefix::ManagedPolicy)?,
        created: call.time(),
        description: input.str("Description").map(str::to_owned),
        default_version: String::new(),
        latest: 0,
        versions: Vec::new(),
        tags,
    };
    policy.add_version(text, call.time(), true);
    call.write(|tx| {
        if tx
            .get::<ManagedPolicy>(&ManagedPolicy::key(account, name))?
            .is_some()
        {
            return Err(already(format!(
                "A policy called {name} already exists. Duplicate names are not allowed."
            )));
        }
        Ok(policy.save(tx, account, None)?)
    })?;
    let tags = (!policy.tags.is_empty()).then(|| tags::write(&policy.tags));
    let shown = show(call, &policy, Uses::default()).with_some("Tags", tags);
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

/// The document in the input, if it is not too long.
fn read<'t>(call: &Call<'t>) -> Result<&'t str, ApiError> {
    let text = document::read(call, "PolicyDocument", PolicyType::Identity)?;
    match quota::characters(text) > quota::POLICY_CHARACTERS {
        true => Err(quota::exceeded("PolicySize", quota::POLICY_CHARACTERS)),
        false => Ok(text),
    }
}

/// The customer managed policy with this ARN in the caller's account.
pub(super) fn find(
    tx: &dyn Read,
    call: &Call<'_>,
    arn: &str,
) -> Result<Option<ManagedPolicy>, ApiError> {
    let Some((account, name)) = parse_policy_arn(arn) else {
        return Ok(None);
    };
    if account != call.account() {
        return Ok(None);
    }
    let policy: Option<ManagedPolicy> = tx.get(&ManagedPolicy::key(account, &name))?;
    Ok(policy.filter(|policy| policy.arn(call.platform().partition(), account) == arn))
}

/// The customer managed policy that the input names, to be changed. AWS's own cannot be.
fn need(tx: &dyn Read, call: &Call<'_>) -> Result<ManagedPolicy, ApiError> {
    let arn = call.text("PolicyArn")?;
    find(tx, call, arn)?.ok_or_else(|| missing(arn))
}

pub(super) fn missing(arn: &str) -> ApiError {
    no_such(format!("Policy {arn} was not found."))
}

fn no_version(arn: &str, id: &str) -> ApiError {
    no_such(format!(
        "Policy {arn} version {id} does not exist or is not attachable."
    ))
}

/// The policy of AWS's own with this ARN.
pub(super) fn of_aws(call: &Call<'_>, arn: &str) -> Option<&'static AwsManaged> {
    aws_managed(call.platform().partition(), arn)
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    let uses = Uses::of(call.state(), call.account(), arn)?;
    if let Some(policy) = of_aws(call, arn) {
        let shown = show_aws(call, policy, uses).with("Tags", Value::List(Vec::new()));
        return Ok(Outcome::new(Value::map().with("Policy", shown)));
    }
    let policy = need(call.state(), call)?;
    let shown = show(call, &policy, uses)
        .with_some("Description", policy.description.as_deref())
        .with("Tags", tags::write(&policy.tags));
    Ok(Outcome::new(Value::map().with("Policy", shown)))
}

pub(super) fn get_version(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (arn, id) = (call.text("PolicyArn")?, call.text("VersionId")?);
    let version = match of_aws(call, arn) {
        Some(policy) if id == "v1" => aws_version(policy),
        Some(_) => return Err(no_version(arn, id)),
        None => {
            let policy = need(call.state(), call)?;
            let version = policy.version(id).ok_or_else(|| no_version(arn, id))?;
            show_version(&policy, version)
        }
    };
    Ok(Outcome::new(Value::map().with("PolicyVersion", version)))
}

pub(super) fn create_version(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let text = read(call)?;
    let default = call.input().bool("SetAsDefault").unwrap_or(false);
    let id = call.write(|tx| {
        let old = need(&*tx, call)?;
        if old.versions.len() >= quota::VERSIONS {
            return Err(ApiError::new(
                "LimitExceeded",
                409,
                "A managed policy can have up to 5 versions. Before you create a new version, you \
                 must delete an existing version.",
            ));
        }
        let mut new = old.clone();
        let id = new.add_version(text, call.time(), default);
        new.save(tx, call.account(), Some(&old))?;
        Ok(id)
    })?;
    let version = Value::map()
        .with("VersionId", id)
        .with("IsDefaultVersion", default)
        .with("CreateDate", to_second(call.time()));
    Ok(Outcome::new(Value::map().with("PolicyVersion", version)))
}

pub(super) fn delete_version(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (arn, id) = (call.text("PolicyArn")?, call.text("VersionId")?);
    change(call, |policy| {
        policy.version(id).ok_or_else(|| no_version(arn, id))?;
        if policy.default_version == id {
            return Err(conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.retain(|version| version.id != id);
        Ok(())
    })
}

pub(super) fn set_default(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (arn, id) = (call.text("PolicyArn")?, call.text("VersionId")?);
    change(call, |policy| {
        policy.version(id).ok_or_else(|| no_version(arn, id))?;
        id.clone_into(&mut policy.default_version);
        Ok(())
    })
}

fn change(
    call: &Permitted<Call<'_>>,
    change: impl FnOnce(&mut ManagedPolicy) -> Result<(), ApiError>,
) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let old = need(&*tx, call)?;
        let mut new = old.clone();
        change(&mut new)?;
        new.save(tx, call.account(), Some(&old))?;
        Ok(Outcome::empty())
    })
}

/// The versions of a policy, latest first, without their documents.
pub(super) fn list_versions(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    let versions = match of_aws(call, arn) {
        Some(policy) => vec![("v1".to_owned(), aws_version(policy))],
        None => {
            let policy = need(call.state(), call)?;
            let shown = policy.versions.iter().rev();
            shown
                .map(|it| (it.id.clone(), show_version(&policy, it)))
                .collect()
        }
    };
    // Ids of any number of digits, in the order of the list.
    let order: Vec<_> = (0_usize..)
        .zip(versions)
        .map(|(at, (_, shown))| (format!("{at:04}"), shown))
        .collect();
    let bare = |shown: &Value| {
        Value::map()
            .with_some("VersionId", shown.str("VersionId"))
            .with_some("IsDefaultVersion", shown.bool("IsDefaultVersion"))
            .with_some("CreateDate", shown.timestamp("CreateDate"))
    };
    list::page(
        call,
        "Versions",
        arn,
        order,
        |(at, _)| at,
        |(_, it)| bare(it),
    )
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let arn = call.text("PolicyArn")?;
    call.write(|tx| {
        let policy = need(&*tx, call)?;
        if Uses::of(&*tx, call.account(), arn)? != Uses::default() {
            return Err(conflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            return Err(conflict(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy.",
            ));
        }
        policy.remove(tx, call.account())?;
        Ok(Outcome::empty())
    })
}

pub(super) fn show(call: &Call<'_>, policy: &ManagedPolicy, uses: Uses) -> Value {
    let changed = policy.versions.iter().map(|version| version.created).max();
    Value::map()
        .with("PolicyName", policy.name.as_str())
        .with("PolicyId", policy.id.as_str())
        .with(
            "Arn",
            policy.arn(call.platform().partition(), call.account()),
        )
        .with("Path", policy.path.as_str())
        .with("DefaultVersionId", policy.default_version.as_str())
        .with("AttachmentCount", count(uses.attached))
        .with("PermissionsBoundaryUsageCount", count(uses.bounding))
        .with("IsAttachable", true)
        .with("CreateDate", to_second(policy.created))
        .with("UpdateDate", to_second(changed.unwrap_or(policy.created)))
}

pub(super) fn show_aws(call: &Call<'_>, policy: &AwsManaged, uses: Uses) -> Value {
    let created = policy.created();
    Value::map()
        .with("PolicyName", policy.name)
        .with("PolicyId", policy.id())
        .with("Arn", policy.arn(call.platform().partition()))
        .with("Path", policy.path)
        .with("DefaultVersionId", "v1")
        .with("AttachmentCount", count(uses.attached))
        .with("PermissionsBoundaryUsageCount", count(uses.bounding))
        .with("IsAttachable", true)
        .with("CreateDate", created)
        .with("UpdateDate", created)
}

pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn show_version(policy: &ManagedPolicy, version: &PolicyVersion) -> Value {
    Value::map()
        .with("Document", document::write(&version.document))
        .with("VersionId", version.id.as_str())
        .with("IsDefaultVersion", policy.default_version == version.id)
        .with("CreateDate", to_second(version.created))
}

pub(super) fn aws_version(policy: &AwsManaged) -> Value {
    Value::map()
        .with("Document", document::write(policy.document))
        .with("VersionId", "v1")
        .with("IsDefaultVersion", true)
        .with("CreateDate", policy.created())
}

impl Taggable for ManagedPolicy {
    const NOUN: &'static str = "policy";

    fn of(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError> {
        need(tx, call)
    }
    fn target(call: &Call<'_>) -> Result<Target, ApiError> {
        target(call)
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn tags(&self) -> &[Tag] {
        &self.tags
    }
    fn tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
    fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError> {
        Ok(tx.put(&Self::key(call.account(), &self.name), self)?)
    }
}

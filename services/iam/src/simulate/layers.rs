//! Everything that bears on a simulated request.

use platform::identity::{
    Attachments, Group, PolicyHolder, Role, Tag, User, aws_managed, managed_document,
};
use platform::organization::Controls;
use platform::{ApiError, Call};
use policy::explain::StatementTrace;
use policy::{
    AccountId, Action, Arn, ContextValue, Document, NamedPolicy, Policies, PolicySet, PolicyType,
    Principal, Request, Resource,
};
use std::sync::Arc;
use wire::value::Value;

use super::super::entity::{find, missing};
use super::input::{self, invalid};
use super::stored::{Stored, Wanted};

/// A policy with what the API says of where it comes from.
pub(super) struct Sourced {
    name: String,
    source: &'static str,
    pub(super) document: Document,
}

/// Whose policies are simulated.
pub(super) enum Source {
    User(Box<User>, Vec<Group>),
    Group(Group),
    Role(Box<Role>),
}

impl Source {
    pub(super) fn find(call: &Call<'_>) -> Result<Self, ApiError> {
        Self::of_arn(call, call.text("PolicySourceArn")?)
    }

    fn of_arn(call: &Call<'_>, text: &str) -> Result<Self, ApiError> {
        let unusable = || invalid(format!("Invalid Entity Arn: {text}"));
        let arn = Arn::parse(text).map_err(|_| unusable())?;
        let (kind, path) = arn.resource().split_once('/').ok_or_else(unusable)?;
        let name = path.rsplit('/').next().unwrap_or(path);
        if arn.service() != "iam" || arn.account() != call.account().as_str() {
            return Err(unusable());
        }
        let (state, account) = (call.state(), call.account());
        match kind {
            "user" => {
                let user: Option<User> = find(state, account, name)?;
                let user = user.ok_or_else(|| missing::<User>(name))?;
                let groups = user.groups.iter().map(|name| find(state, account, name));
                let groups = groups.collect::<Result<Vec<Option<Group>>, _>>()?;
                Ok(Self::User(
                    Box::new(user),
                    groups.into_iter().flatten().collect(),
                ))
            }
            "group" => {
                let group: Option<Group> = find(state, account, name)?;
                Ok(Self::Group(group.ok_or_else(|| missing::<Group>(name))?))
            }
            "role" => {
                let role: Option<Role> = find(state, account, name)?;
                let role = role.ok_or_else(|| missing::<Role>(name))?;
                Ok(Self::Role(Box::new(role)))
            }
            _ => Err(unusable()),
        }
    }

    /// The policies that are attached, inline and managed ones, without those that the input leaves out.
    pub(super) fn documents(&self, call: &Call<'_>) -> Result<Vec<Sourced>, ApiError> {
        let mut all = Vec::new();
        match self {
            Self::User(user, groups) => {
                add(call, &**user, &mut all)?;
                for group in groups {
                    add(call, group, &mut all)?;
                }
            }
            Self::Group(group) => add(call, group, &mut all)?,
            Self::Role(role) => add(call, &**role, &mut all)?,
        }
        Ok(all)
    }

    fn policies(&self) -> &Attachments {
        match self {
            Self::User(user, _) => &user.policies,
            Self::Group(group) => &group.policies,
            Self::Role(role) => &role.policies,
        }
    }

    /// The principal, if it is one.
    fn principal(&self, call: &Call<'_>) -> Result<Option<Principal>, ApiError> {
        let (partition, account) = (call.platform().partition(), call.account());
        let arn = match self {
            Self::User(user, _) => user.arn(partition, account),
            Self::Role(role) => role.arn(partition, account),
            Self::Group(_) => return Ok(None),
        };
        Principal::parse(&arn).map(Some).map_err(ApiError::internal)
    }

    fn keys(&self) -> Vec<(String, ContextValue)> {
        let tags = match self {
            Self::User(user, _) => &user.tags,
            Self::Role(role) => &role.tags,
            Self::Group(_) => return Vec::new(),
        };
        let key = |tag: &Tag| {
            let name = format!("aws:PrincipalTag/{}", tag.key);
            (name, tag.value.as_str().into())
        };
        tags.iter().map(key).collect()
    }

    /// `aws:userid`; of a role's session the name is made up.
    fn user_id(&self) -> Option<String> {
        match self {
            Self::User(user, _) => Some(user.id.to_string()),
            Self::Role(role) => Some(format!("{}:simulated", role.id)),
            Self::Group(_) => None,
        }
    }
}

/// Whom `CallerArn` names: users alone can be (IAM API Reference, "SimulatePrincipalPolicy").
fn caller(arn: &str) -> Result<Principal, ApiError> {
    match Principal::parse(arn) {
        Ok(user @ Principal::User { .. }) => Ok(user),
        Ok(_) => Err(invalid(format!(
            "Invalid Input CallerArn: {arn} is not the ARN of an IAM user"
        ))),
        Err(error) => Err(invalid(format!("Invalid Input CallerArn: {error}"))),
    }
}

/// The `aws:userid` of a user of the caller's account, if there is one.
fn user_id(call: &Call<'_>, principal: &Principal) -> Result<Option<String>, ApiError> {
    let Principal::User { arn, .. } = principal else {
        return Ok(None);
    };
    if arn.account() != call.account().as_str() {
        return Ok(None);
    }
    let name = arn.resource().rsplit('/').next().unwrap_or_default();
    let user: Option<User> = find(call.state(), call.account(), name)?;
    let partition = call.platform().partition();
    let user = user.filter(|user| user.arn(partition, call.account()) == arn.as_str());
    Ok(user.map(|user| user.id.to_string()))
}

/// The owner of resources that the input names.
fn owner(call: &Call<'_>) -> Result<Option<AccountId>, ApiError> {
    let Some(owner) = call.input().str("ResourceOwner") else {
        return Ok(None);
    };
    let id = match Arn::parse(owner) {
        Ok(arn) if arn.service() == "iam" && arn.resource() == "root" => {
            AccountId::parse(arn.account())
        }
        Ok(_) => None,
        Err(_) => AccountId::parse(owner),
    };
    id.map(Some)
        .ok_or_else(|| invalid(format!("Invalid Input ResourceOwner: {owner}")))
}

/// The texts of the policies that are attached to the user, group or role with this ARN.
pub(in super::super) fn documents_of(call: &Call<'_>, arn: &str) -> Result<Vec<String>, ApiError> {
    let held = Source::of_arn(call, arn)?.documents(call)?;
    let text = |policy: &Sourced| policy.document.source.text().to_owned();
    Ok(held.iter().map(text).collect())
}

/// Whether the input leaves out a policy of this type.
fn excluded(
    call: &Call<'_>,
    kind: &str,
    arn: Option<&str>,
    inline: Option<(&str, &str, &str)>,
) -> bool {
    call.input()
        .list("PolicyExclusionList")
        .iter()
        .any(|entry| {
            let by_type = entry.str("PolicyType") == Some(kind);
            let by_arn = arn.is_some() && entry.str("PolicyArn") == arn;
            let by_name = entry.get("InlinePolicyIdentifier").is_some_and(|it| {
                let named = it.str("AttachmentType").zip(it.str("AttachmentName"));
                let named = named.zip(it.str("PolicyName"));
                named.is_some_and(|((noun, holder), name)| inline == Some((noun, holder, name)))
            });
            by_type || by_arn || by_name
        })
}

/// Adds the policies of a user, group or role.
fn add<H: PolicyHolder>(
    call: &Call<'_>,
    holder: &H,
    all: &mut Vec<Sourced>,
) -> Result<(), ApiError> {
    let held = holder.policies();
    for (name, text) in &held.inline {
        let named = (H::NOUN, holder.name(), name.as_str());
        if excluded(call, "inline", None, Some(named)) {
            continue;
        }
        let name = format!("{}_{}_{name}", H::NOUN, holder.name());
        all.push(Sourced {
            document: input::read(&name, text, PolicyType::Identity)?,
            name,
            source: H::NOUN,
        });
    }
    let partition = call.platform().partition();
    for arn in &held.managed {
        let source = match aws_managed(partition, arn) {
            Some(_) => "aws-managed",
            None => "user-managed",
        };
        if excluded(call, source, Some(arn), None) {
            continue;
        }
        let text = managed_document(call.state(), partition, call.account(), arn)?;
        if let Some(text) = text {
            let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
            all.push(Sourced {
                document: input::read(&name, &text, PolicyType::Identity)?,
                name,
                source,
            });
        }
    }
    Ok(())
}

/// The layers of a simulation.
pub(super) struct Layers {
    pub(super) identity: PolicySet,
    pub(super) boundary: Option<PolicySet>,
    /// The policy of the resource in the input.
    pub(super) resource: Option<PolicySet>,
    controls: Option<Arc<Controls>>,
    /// The service control policies in the input, level by level.
    hierarchy: Option<Vec<PolicySet>>,
    without: [bool; 2],
    sources: Vec<(String, &'static str)>,
    principal: Principal,
    /// Whether somebody is named whose keys follow from who it is.
    named: bool,
    keys: Vec<(String, ContextValue)>,
    /// The principal's `aws:userid`, where it is known.
    user_id: Option<String>,
    /// An identity and a resource that leave everything open, to see what other layers allow.
    open: [PolicySet; 2],
}

impl Layers {
    pub(super) fn custom(call: &Call<'_>) -> Result<Self, ApiError> {
        Self::new(call, None)
    }

    pub(super) fn of_principal(call: &Call<'_>) -> Result<Self, ApiError> {
        Self::new(call, Some(&Source::find(call)?))
    }

    fn new(call: &Call<'_>, source: Option<&Source>) -> Result<Self, ApiError> {
        let mut held = match source {
            Some(source) => source.documents(call)?,
            None => Vec::new(),
        };
        let given = input::policies(call, "PolicyInputList", PolicyType::Identity)?;
        held.extend(given.into_iter().map(|(name, document)| Sourced {
            name,
            source: "none",
            document,
        }));
        let sources = held.iter().map(|it| (it.name.clone(), it.source)).collect();
        let identity = held
            .into_iter()
            .map(|it| NamedPolicy::new(it.name, it.document));
        let own = match source {
            Some(source) => source.principal(call)?,
            None => None,
        };
        let (principal, user_id) = match call.input().str("CallerArn") {
            Some(arn) => {
                let caller = caller(arn)?;
                let id = user_id(call, &caller)?;
                (Some(caller), id)
            }
            None => (own, source.and_then(Source::user_id)),
        };
        let resource = resource_policy(call, principal.is_some())?;
        let named = principal.is_some();
        let somebody = format!(
            "arn:{}:iam::{}:user/x",
            call.platform().partition(),
            call.account()
        );
        let principal = match principal {
            Some(principal) => principal,
            None => Principal::parse(&somebody).map_err(ApiError::internal)?,
        };
        let controls = match (source, principal.account()) {
            (Some(_), Some(account)) if account == call.account() => {
                call.platform().controls(call.state(), account)?
            }
            _ => None,
        };
        let account = principal.account().unwrap_or_else(|| call.account());
        let open = [everything(), left_to(account.as_str())];
        Ok(Self {
            identity: PolicySet::compile(identity),
            boundary: boundary(call, source)?,
            resource,
            controls,
            hierarchy: input::hierarchy(call)?,
            without: ["scp", "rcp"].map(|kind| excluded(call, kind, None, None)),
            sources,
            principal,
            named,
            keys: source.map_or_else(Vec::new, Source::keys),
            user_id,
            open,
        })
    }

    /// Policies that allow everything.
    pub(super) fn open(&self) -> Policies<'_> {
        let [identity, resource] = &self.open;
        Policies {
            identity: Some(identity),
            resource: Some(resource),
            ..Policies::default()
        }
    }

    pub(super) fn in_organization(&self) -> bool {
        self.controls.is_some() || self.hierarchy.is_some()
    }

    pub(super) fn service_control(&self) -> &[PolicySet] {
        if let Some(given) = &self.hierarchy {
            return given;
        }
        let [without, _] = self.without;
        let controls = self.controls.as_deref().filter(|_| !without);
        controls.map_or(&[], Controls::service_control)
    }

    pub(super) fn resource_control<'c>(&self, owner: Option<&'c Controls>) -> &'c [PolicySet] {
        let [_, without] = self.without;
        let owner = owner.filter(|_| self.controls.is_some() && !without);
        owner.map_or(&[], Controls::resource_control)
    }

    /// The request of one action on one resource.
    pub(super) fn request(
        &self,
        call: &Call<'_>,
        (action, resource): (&Action, &Resource),
        stored: &Stored,
        entries: &[(String, ContextValue)],
    ) -> Result<Request, ApiError> {
        let mut request =
            Request::builder(self.principal.clone(), action.clone(), resource.clone())
                .set("aws:CurrentTime", call.time().to_string())
                .set("aws:EpochTime", call.time().as_second().to_string());
        if let Some(controls) = &self.controls {
            request = request
                .set("aws:PrincipalOrgID", controls.organization())
                .set("aws:PrincipalOrgPaths", vec![controls.path().to_owned()]);
        }
        // Nothing is known of a caller whom nobody named.
        if !self.named {
            for key in [
                "aws:username",
                "aws:PrincipalArn",
                "aws:PrincipalType",
                "aws:userid",
            ] {
                request = request.absent(key);
            }
            if self.resource.is_none() {
                // Whom no policy of a resource could name, none keeps out either.
                request = request.resource_policy_type(PolicyType::Resource);
            }
        }
        for (name, value) in stored.keys() {
            request = request.set(&name, value);
        }
        for (name, value) in self.keys.iter().chain(entries) {
            request = request.set(name, value.clone());
        }
        // By it policies of resources know who it is, so that nobody passes for somebody else.
        if let Some(id) = &self.user_id {
            request = request.set("aws:userid", id.as_str());
        }
        if let Some(id) = self.owner_of(call, resource, stored)? {
            request = request.resource_account(id);
        }
        Ok(request.build())
    }

    /// The owner of a resource whose ARN does not tell it.
    fn owner_of(
        &self,
        call: &Call<'_>,
        resource: &Resource,
        stored: &Stored,
    ) -> Result<Option<AccountId>, ApiError> {
        let told = owner(call)?;
        let in_arn = match resource {
            Resource::Arn(arn) => AccountId::parse(arn.account()),
            Resource::Any => None,
        };
        Ok(if in_arn.is_some() {
            None
        } else {
            told.or_else(|| stored.owner())
        })
    }

    /// What is kept of the resource, where somebody is named and the input brings no policy of its own.
    ///
    /// With condition keys in the input another account's policy is not asked: there are those with which
    /// nobody could try it, such as an address that is not theirs.
    pub(super) fn stored(
        &self,
        call: &Call<'_>,
        action: &Action,
        resource: &Resource,
        entries: &[(String, ContextValue)],
    ) -> Result<Stored, ApiError> {
        let asker = self.principal.account().filter(|_| self.named);
        let Some(asker) = asker.filter(|_| self.resource.is_none()) else {
            return Ok(Stored::default());
        };
        let wanted = Wanted {
            action,
            resource,
            asker,
            owner: owner(call)?,
        };
        let stored = Stored::find(call, &wanted)?;
        Ok(match entries {
            [] => stored,
            _ => stored.told(),
        })
    }

    /// A statement as results list it.
    pub(super) fn show(&self, trace: &StatementTrace<'_>) -> Value {
        let name = &*trace.place.policy;
        let source = self.sources.iter().find(|(held, _)| held == name);
        let source = match trace.place.policy_type {
            PolicyType::Identity => source.map_or("none", |(_, source)| *source),
            PolicyType::Resource | PolicyType::Trust | PolicyType::Key => "resource",
            _ => "none",
        };
        let place = |at: policy::text::Position| {
            Value::map()
                .with("Line", i64::from(at.line))
                .with("Column", i64::from(at.column))
        };
        Value::map()
            .with("SourcePolicyId", name)
            .with("SourcePolicyType", source)
            .with("StartPosition", place(trace.position()))
            .with("EndPosition", place(trace.end()))
    }
}

/// The policy of the resource in the input. Who calls must be known where there is one.
fn resource_policy(call: &Call<'_>, named: bool) -> Result<Option<PolicySet>, ApiError> {
    let Some(text) = call.input().str("ResourcePolicy") else {
        return Ok(None);
    };
    if !named {
        return Err(invalid(
            "CallerArn is required when ResourcePolicy is specified",
        ));
    }
    let document = input::read("ResourcePolicy", text, PolicyType::Resource)?;
    let policy = NamedPolicy::new("ResourcePolicy", document);
    Ok(Some(PolicySet::compile([policy])))
}

/// The boundary in the input, else that of whose policies are simulated.
fn boundary(call: &Call<'_>, source: Option<&Source>) -> Result<Option<PolicySet>, ApiError> {
    let member = "PermissionsBoundaryPolicyInputList";
    let given = input::policies(call, member, PolicyType::Boundary)?;
    if given.len() > 1 {
        return Err(invalid(
            "Only one permissions boundary policy can be simulated",
        ));
    }
    if !given.is_empty() {
        let named = given
            .into_iter()
            .map(|(name, document)| NamedPolicy::new(name, document));
        return Ok(Some(PolicySet::compile(named)));
    }
    let held = source.and_then(|source| source.policies().boundary.as_deref());
    let Some(arn) = held.filter(|arn| !excluded(call, "permission-boundary", Some(arn), None))
    else {
        return Ok(None);
    };
    let partition = call.platform().partition();
    let text = managed_document(call.state(), partition, call.account(), arn)?;
    // A boundary whose policy is gone bounds to nothing.
    let documents = match text {
        Some(text) => vec![input::read(arn, &text, PolicyType::Boundary)?],
        None => Vec::new(),
    };
    let named = documents
        .into_iter()
        .map(|document| NamedPolicy::new(arn, document));
    Ok(Some(PolicySet::compile(named)))
}

/// What everybody may, as far as their own policies go.
fn everything() -> PolicySet {
    let text =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let document = Document::parse(text, PolicyType::Identity).ok();
    PolicySet::compile(document.map(|document| NamedPolicy::new("everything", document)))
}

/// A policy of a resource that leaves everything to the policies of an account.
fn left_to(account: &str) -> PolicySet {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}]}}"#
    );
    let document = Document::parse(&text, PolicyType::Resource).ok();
    PolicySet::compile(document.map(|document| NamedPolicy::new("everything", document)))
}

//! A case: who asks for what, with which context, under which policies.

use crate::document::{DocumentKind, Policy};
use crate::options::Options;
use crate::pattern::{is_arn, segments};
use crate::{Json, Refusal};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The root user of an account.
    Root { arn: String },
    /// An IAM user.
    User { arn: String },
    /// A session of a role; `session` is its ARN, when the session name is known.
    Role {
        arn: String,
        session: Option<String>,
    },
    /// A session made with `sts:GetFederationToken`; `parent` is who made it, when known.
    FederatedUser { arn: String, parent: Option<String> },
    /// An AWS service calling for itself.
    Service { name: String },
    /// Nobody who signed.
    Anonymous,
    /// A caller who has proved an identity to an identity provider only.
    Federated { provider: String },
}

/// The value or values of a context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Of a single-valued key.
    One(String),
    /// Of a multivalued key (also with one value or none).
    Many(Vec<String>),
}

/// The context keys of the request that are present. Names compare ignoring case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context(Vec<(String, Option<Value>)>);

impl Context {
    /// The value of a key; `None` when it is absent.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(name, _)| same_key(name, key));
        found.and_then(|(_, value)| value.as_ref())
    }

    fn mentions(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| same_key(name, key))
    }

    /// Adds a key that follows from the principal, unless the case itself says something about it.
    fn derive(&mut self, key: &str, value: impl Into<String>) {
        if !self.mentions(key) {
            self.0
                .push((key.to_owned(), Some(Value::One(value.into()))));
        }
    }

    fn single(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Value::One(value)) => Some(value),
            _ => None,
        }
    }
}

fn same_key(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// A request with all the policies that may have a say in it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) caller: Caller,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) resource_account: Option<String>,
    pub(crate) management_account: Option<String>,
    pub(crate) context: Context,
    pub(crate) identity: Vec<Policy>,
    pub(crate) boundary: Option<Policy>,
    pub(crate) session: Vec<Policy>,
    pub(crate) resource_kind: DocumentKind,
    pub(crate) resource_policy: Option<Policy>,
    pub(crate) scps: Vec<Vec<Policy>>,
    pub(crate) rcps: Vec<Vec<Policy>>,
    pub(crate) endpoint: Option<Policy>,
}

const MEMBERS: [&str; 16] = [
    "id",
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "context",
    "identity",
    "boundary",
    "session",
    "resourcePolicy",
    "resourcePolicyType",
    "scps",
    "rcps",
    "endpoint",
    "managementAccount",
    "options",
];

fn bad(detail: impl Into<String>) -> Refusal {
    Refusal::new("case", detail)
}

impl Case {
    /// Reads a case, and every policy in it.
    pub(crate) fn read(json: &Json) -> Result<Self, Refusal> {
        let Json::Object(members) = json else {
            return Err(bad("a case is an object"));
        };
        for (name, _) in members {
            if !MEMBERS.contains(&name.as_str()) {
                return Err(bad(format!("unknown member `{name}`")));
            }
        }
        let action = text(json, "action")?.ok_or_else(|| bad("no `action`"))?;
        if action
            .split_once(':')
            .is_none_or(|(service, name)| service.is_empty() || name.is_empty())
        {
            return Err(bad(format!("action `{action}` is not `service:name`")));
        }
        if action.contains(['*', '?']) {
            return Err(bad(format!("`{action}` is not one action")));
        }
        let resource = text(json, "resource")?.unwrap_or_else(|| "*".to_owned());
        if resource != "*" && !is_arn(&resource) {
            return Err(bad(format!("resource `{resource}` is not an ARN")));
        }
        let mut context = read_context(json.get("context"))?;
        let caller = read_caller(json.get("principal"), &context)?;
        let stated = text(json, "resourceAccount")?;
        if stated.as_ref().is_some_and(|account| !is_account(account)) {
            return Err(bad("`resourceAccount` is not an account"));
        }
        let in_arn = part(&resource, 4)
            .filter(|a| is_account(a))
            .map(str::to_owned);
        let known_account = stated.or(in_arn);
        derive_keys(&mut context, &caller);
        if let Some(account) = known_account.as_ref().filter(|_| resource != "*") {
            context.derive("aws:ResourceAccount", account.as_str());
        }
        let resource_kind = resource_kind(json, &action, &resource)?;
        let options = Options::read(json.get("options"))?;
        let policy = |name, kind| {
            json.get(name)
                .map(|p| read_policy(p, kind, options))
                .transpose()
        };
        Ok(Self {
            identity: policies(json.get("identity"), DocumentKind::Identity, options)?,
            boundary: policy("boundary", DocumentKind::Boundary)?,
            session: policies(json.get("session"), DocumentKind::Session, options)?,
            resource_policy: policy("resourcePolicy", resource_kind)?,
            scps: levels(json.get("scps"), DocumentKind::Scp, options)?,
            rcps: levels(json.get("rcps"), DocumentKind::Rcp, options)?,
            endpoint: policy("endpoint", DocumentKind::Endpoint)?,
            resource_account: known_account.or_else(|| caller.account().map(str::to_owned)),
            management_account: text(json, "managementAccount")?,
            caller,
            action,
            resource,
            resource_kind,
            context,
        })
    }

    /// The unique id of the user or role, as far as `aws:userid` tells it.
    pub(crate) fn unique_id(&self) -> Option<&str> {
        let id = self.context.single("aws:userid")?;
        match self.caller {
            Caller::User { .. } => Some(id),
            Caller::Role { .. } => id.split(':').next(),
            _ => None,
        }
    }
}

impl Caller {
    /// The account of a caller that belongs to one.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Self::Root { arn }
            | Self::User { arn }
            | Self::Role { arn, .. }
            | Self::FederatedUser { arn, .. } => part(arn, 4),
            _ => None,
        }
    }

    /// Service-linked roles live under their own path (IAM User Guide, "Service-linked roles").
    pub(crate) fn is_service_linked(&self) -> bool {
        matches!(self, Self::Role { arn, .. }
            if part(arn, 5).is_some_and(|r| r.starts_with("role/aws-service-role/")))
    }
}

/// One of the six parts of an ARN.
fn part(arn: &str, index: usize) -> Option<&str> {
    segments(arn).get(index).copied()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

fn text(json: &Json, name: &str) -> Result<Option<String>, Refusal> {
    match json.get(name) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad(format!("`{name}` is not a string"))),
    }
}

fn read_context(json: Option<&Json>) -> Result<Context, Refusal> {
    let mut context = Context::default();
    let members = match json {
        None => return Ok(context),
        Some(Json::Object(members)) => members,
        Some(_) => return Err(bad("`context` is not an object")),
    };
    for (key, value) in members {
        if context.mentions(key) {
            return Err(bad(format!("context key `{key}` stands twice")));
        }
        let value = match value {
            Json::Null => None,
            Json::List(items) => Some(Value::Many(
                items.iter().map(scalar).collect::<Result<_, _>>()?,
            )),
            single => Some(Value::One(scalar(single)?)),
        };
        context.0.push((key.clone(), value));
    }
    Ok(context)
}

/// A context value: numbers and booleans are their JSON text.
fn scalar(json: &Json) -> Result<String, Refusal> {
    match json {
        Json::Text(text) | Json::Number(text) => Ok(text.clone()),
        Json::Bool(value) => Ok(value.to_string()),
        _ => Err(bad("a context value is a string, a number or a boolean")),
    }
}

fn read_caller(json: Option<&Json>, context: &Context) -> Result<Caller, Refusal> {
    match json {
        Some(Json::Text(arn)) => caller_of_arn(arn, None, context),
        Some(Json::Object(members)) => match members.as_slice() {
            [(name, Json::Text(service))] if name == "service" => Ok(Caller::Service {
                name: service.clone(),
            }),
            [(name, Json::Bool(true))] if name == "anonymous" => Ok(Caller::Anonymous),
            [(name, Json::Text(provider))] if name == "federated" => Ok(Caller::Federated {
                provider: provider.clone(),
            }),
            [(name, Json::Text(arn))] if name == "arn" => caller_of_arn(arn, None, context),
            [(name, Json::Text(arn)), (other, Json::Text(parent))]
                if name == "arn" && other == "parent" =>
            {
                caller_of_arn(arn, Some(parent.clone()), context)
            }
            _ => Err(bad("not a principal")),
        },
        _ => Err(bad("no `principal`")),
    }
}

fn caller_of_arn(arn: &str, parent: Option<String>, context: &Context) -> Result<Caller, Refusal> {
    if is_account(arn) {
        return Ok(Caller::Root {
            arn: format!("arn:aws:iam::{arn}:root"),
        });
    }
    let segments = segments(arn);
    let ["arn", partition, service, "", account, name] = segments.as_slice() else {
        return Err(bad(format!("principal `{arn}` is not an ARN")));
    };
    if !is_account(account) {
        return Err(bad(format!("principal `{arn}` has no account")));
    }
    let arn = arn.to_owned();
    match (*service, name.split_once('/')) {
        ("iam", None) if *name == "root" => Ok(Caller::Root { arn }),
        ("iam", Some(("user", _))) => Ok(Caller::User { arn }),
        ("iam", Some(("role", _))) => Ok(Caller::Role { arn, session: None }),
        ("sts", Some(("federated-user", _))) => Ok(Caller::FederatedUser { arn, parent }),
        ("sts", Some(("assumed-role", rest))) => {
            let Some((role, _)) = rest.split_once('/') else {
                return Err(bad(format!("`{arn}` has no session name")));
            };
            // The session's ARN leaves out the path of the role; `aws:PrincipalArn` has it.
            let prefix = format!("arn:{partition}:iam::{account}:role/");
            let with_path = context.single("aws:PrincipalArn").filter(|a| {
                a.strip_prefix(prefix.as_str())
                    .is_some_and(|p| p.rsplit('/').next() == Some(role))
            });
            let role_arn = with_path.map_or_else(|| format!("{prefix}{role}"), str::to_owned);
            Ok(Caller::Role {
                arn: role_arn,
                session: Some(arn),
            })
        }
        _ => Err(bad(format!("`{arn}` is not a user, role, root or session"))),
    }
}

/// The keys that follow from the principal (IAM User Guide, "Global condition keys", and the table
/// of principal values in "Policy variables").
fn derive_keys(context: &mut Context, caller: &Caller) {
    if let Some(account) = caller.account() {
        context.derive("aws:PrincipalAccount", account);
        context.derive("aws:PrincipalIsAWSService", "false");
    }
    match caller {
        Caller::Root { arn } => {
            context.derive("aws:PrincipalArn", arn.as_str());
            context.derive("aws:PrincipalType", "Account");
            context.derive("aws:userid", caller.account().unwrap_or_default());
        }
        Caller::User { arn } => {
            context.derive("aws:PrincipalArn", arn.as_str());
            context.derive("aws:PrincipalType", "User");
            context.derive("aws:username", arn.rsplit('/').next().unwrap_or_default());
        }
        Caller::Role { arn, .. } => {
            context.derive("aws:PrincipalArn", arn.as_str());
            context.derive("aws:PrincipalType", "AssumedRole");
        }
        Caller::FederatedUser { arn, .. } => {
            context.derive("aws:PrincipalArn", arn.as_str());
            context.derive("aws:PrincipalType", "FederatedUser");
            let account = caller.account().unwrap_or_default();
            let name = arn.rsplit('/').next().unwrap_or_default();
            context.derive("aws:userid", format!("{account}:{name}"));
        }
        Caller::Service { name } => {
            context.derive("aws:PrincipalIsAWSService", "true");
            context.derive("aws:PrincipalServiceName", name.as_str());
        }
        Caller::Anonymous => context.derive("aws:PrincipalType", "Anonymous"),
        Caller::Federated { .. } => {}
    }
}

/// What kind of policy the resource has: a role's trust policy for `sts:` actions on the role, a
/// key policy on a KMS key, an ordinary one otherwise; the case may say so itself.
fn resource_kind(json: &Json, action: &str, resource: &str) -> Result<DocumentKind, Refusal> {
    let service = action.split(':').next().unwrap_or_default();
    let of = |name: &str, prefix: &str| {
        part(resource, 2) == Some(name) && part(resource, 5).is_some_and(|r| r.starts_with(prefix))
    };
    match text(json, "resourcePolicyType")?.as_deref() {
        Some("resource") => Ok(DocumentKind::Resource),
        Some("trust") => Ok(DocumentKind::Trust),
        Some("key") => Ok(DocumentKind::Key),
        Some(other) => Err(bad(format!("`{other}` is not a type of resource policy"))),
        None if service.eq_ignore_ascii_case("sts") && of("iam", "role/") => {
            Ok(DocumentKind::Trust)
        }
        None if of("kms", "key/") => Ok(DocumentKind::Key),
        None => Ok(DocumentKind::Resource),
    }
}

fn read_policy(json: &Json, kind: DocumentKind, options: Options) -> Result<Policy, Refusal> {
    match json.get("document") {
        Some(document) => Policy::read(document, kind, options),
        None => Policy::read(json, kind, options),
    }
}

fn policies(
    json: Option<&Json>,
    kind: DocumentKind,
    options: Options,
) -> Result<Vec<Policy>, Refusal> {
    match json {
        None => Ok(Vec::new()),
        Some(Json::List(items)) => items
            .iter()
            .map(|p| read_policy(p, kind, options))
            .collect(),
        Some(single) => Ok(vec![read_policy(single, kind, options)?]),
    }
}

fn levels(
    json: Option<&Json>,
    kind: DocumentKind,
    options: Options,
) -> Result<Vec<Vec<Policy>>, Refusal> {
    match json {
        None => Ok(Vec::new()),
        Some(Json::List(levels)) => levels
            .iter()
            .map(|level| match level {
                Json::List(_) => policies(Some(level), kind, options),
                _ => Err(bad("a level is a list of policies")),
            })
            .collect(),
        Some(_) => Err(bad("levels are a list of lists of policies")),
    }
}

//! Reading a case: the JSON object that describes one request and its policies.

mod options;
mod policies;

use crate::{Answer, Files};
use policy::json::{self, Member, Node, Value};
use policy::text::{Diagnostic, Rejected, Source, Span};
use policy::{
    AccountId, Action, ContextValue, Options, Policies, PolicySet, PolicyType, Principal, Request,
    RequestBuilder, Resource,
};

/// One request and the policies that bear on it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The caller's name for the case, as JSON; `null` without one.
    pub id: serde_json::Value,
    /// The request.
    pub request: Request,
    identity: Option<PolicySet>,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<PolicySet>,
    endpoint: Option<PolicySet>,
    service_control: Vec<PolicySet>,
    resource_control: Vec<PolicySet>,
    management_account: Option<AccountId>,
}

/// A case that cannot be answered.
#[derive(Clone, Debug)]
pub struct CaseError {
    /// The case's `id`, as far as it could be read.
    pub id: serde_json::Value,
    /// What is wrong, in the texts where it is wrong; never empty.
    pub rejected: Vec<Rejected>,
}

impl std::error::Error for CaseError {}

impl std::fmt::Display for CaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, rejected) in self.rejected.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            rejected.fmt(f)?;
        }
        Ok(())
    }
}

const MEMBERS: &[&str] = &[
    "id",
    "principal",
    "action",
    "resource",
    "resourceAccount",
    "resourcePolicyType",
    "managementAccount",
    "context",
    "identity",
    "boundary",
    "session",
    "resourcePolicy",
    "scps",
    "rcps",
    "endpoint",
    "options",
];

impl Case {
    /// Reads a case from JSON text.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(source: &Source, files: Files<'_>) -> Result<Self, CaseError> {
        let limits = Options::default().limits;
        let (node, diagnostics) = json::parse_partly(source, &limits);
        match node {
            Some(node) if diagnostics.is_empty() => Self::from_node(source, &node, files),
            node => Err(CaseError {
                id: node.as_ref().map_or(serde_json::Value::Null, id_of),
                rejected: vec![Rejected::new(source.clone(), diagnostics)],
            }),
        }
    }

    /// Reads a case out of a larger JSON text.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn from_node(source: &Source, node: &Node, files: Files<'_>) -> Result<Self, CaseError> {
        let mut reader = Reader {
            source,
            files,
            options: Options::default(),
            diagnostics: Vec::new(),
            elsewhere: Vec::new(),
        };
        let case = reader.case(node);
        match case {
            Some(case) if reader.diagnostics.is_empty() && reader.elsewhere.is_empty() => Ok(case),
            _ => {
                let mut rejected = Vec::new();
                if !reader.diagnostics.is_empty() {
                    rejected.push(Rejected::new(source.clone(), reader.diagnostics));
                }
                rejected.append(&mut reader.elsewhere);
                Err(CaseError {
                    id: id_of(node),
                    rejected,
                })
            }
        }
    }

    /// The policies, layer by layer.
    #[must_use]
    pub fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.identity.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            endpoint: self.endpoint.as_ref(),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            management_account: self.management_account,
        }
    }

    /// Decides the request and says why.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer::new(
            self.id.clone(),
            &policy::explain(&self.policies(), &self.request),
        )
    }
}

/// The `id` of a case, where it is readable.
pub(crate) fn id_of(node: &Node) -> serde_json::Value {
    match node.get("id").map(|id| &id.value) {
        Some(Value::String(text)) => text.clone().into(),
        Some(Value::Number(text)) => serde_json::from_str(text).unwrap_or(serde_json::Value::Null),
        Some(Value::Bool(value)) => (*value).into(),
        _ => serde_json::Value::Null,
    }
}

struct Reader<'a> {
    source: &'a Source,
    files: Files<'a>,
    options: Options,
    diagnostics: Vec<Diagnostic>,
    /// What is wrong in files that the case names.
    elsewhere: Vec<Rejected>,
}

impl Reader<'_> {
    fn error(&mut self, span: Span, reason: impl Into<String>, fix: impl Into<String>) {
        self.diagnostics
            .push(Diagnostic::new(span, reason).with_fix(fix));
    }

    fn case(&mut self, node: &Node) -> Option<Case> {
        let Some(members) = node.as_object() else {
            let reason = format!("a case is an object, not {}", node.kind());
            self.error(
                node.span,
                reason,
                "write { \"principal\": …, \"action\": … }",
            );
            return None;
        };
        self.check_members(members, MEMBERS, "a case");
        if let Some(options) = node.get("options") {
            self.read_options(options);
        }
        let request = self.request(node);
        let management_account = node
            .get("managementAccount")
            .and_then(|node| self.account(node, "managementAccount"));
        let resource_type = request
            .as_ref()
            .map_or(PolicyType::Resource, Request::resource_policy_type);
        let case = Case {
            id: id_of(node),
            identity: self.layer(node.get("identity"), "identity", PolicyType::Identity),
            boundary: self.single(node.get("boundary"), "boundary", PolicyType::Boundary),
            session: self
                .layer(node.get("session"), "session", PolicyType::Session)
                .filter(|set| !set.policies().is_empty()),
            resource: self.single(node.get("resourcePolicy"), "resourcePolicy", resource_type),
            endpoint: self.single(node.get("endpoint"), "endpoint", PolicyType::VpcEndpoint),
            service_control: self.levels(node.get("scps"), "scps", PolicyType::ServiceControl),
            resource_control: self.levels(node.get("rcps"), "rcps", PolicyType::ResourceControl),
            management_account,
            request: request?,
        };
        Some(case)
    }

    fn request(&mut self, node: &Node) -> Option<Request> {
        let principal = match node.get("principal") {
            Some(principal) => self.principal(principal),
            None => {
                let fix = "add an ARN, {\"service\": \"…\"} or {\"anonymous\": true}";
                self.error(node.span, "the case has no `principal`", fix);
                None
            }
        };
        let action = match node.get("action") {
            Some(action) => self.text(action, "action").and_then(|text| {
                let parsed = Action::parse(text);
                parsed
                    .map_err(|e| self.error(action.span, e.to_string(), "name one action"))
                    .ok()
            }),
            None => {
                self.error(
                    node.span,
                    "the case has no `action`",
                    "add \"action\": \"service:Name\"",
                );
                None
            }
        };
        let resource = match node.get("resource") {
            None => Some(Resource::Any),
            Some(resource) => self.text(resource, "resource").and_then(|text| {
                let fix = "write an ARN of six parts, or \"*\" for an action without a resource";
                let parsed = Resource::parse(text);
                parsed
                    .map_err(|e| self.error(resource.span, format!("`{text}`: {e}"), fix))
                    .ok()
            }),
        };
        let owner = node
            .get("resourceAccount")
            .and_then(|n| self.account(n, "resourceAccount"));
        let kind = node
            .get("resourcePolicyType")
            .and_then(|node| self.resource_policy_type(node));
        let mut builder = Request::builder(principal?, action?, resource?);
        if let Some(owner) = owner {
            builder = builder.resource_account(owner);
        }
        if let Some(kind) = kind {
            builder = builder.resource_policy_type(kind);
        }
        if let Some(context) = node.get("context") {
            builder = self.context(context, builder)?;
        }
        Some(builder.build())
    }

    fn resource_policy_type(&mut self, node: &Node) -> Option<PolicyType> {
        match self.text(node, "resourcePolicyType")? {
            "resource" => Some(PolicyType::Resource),
            "trust" => Some(PolicyType::Trust),
            "key" => Some(PolicyType::Key),
            other => {
                let reason = format!("`{other}` is no type of resource policy");
                self.error(
                    node.span,
                    reason,
                    "write \"resource\", \"trust\" or \"key\"",
                );
                None
            }
        }
    }

    fn principal(&mut self, node: &Node) -> Option<Principal> {
        if let Some(text) = node.as_str() {
            return self.principal_arn(node, text);
        }
        let fix =
            "write an ARN, {\"service\": \"sagemaker.amazonaws.com\"} or {\"anonymous\": true}";
        let Some(members) = node.as_object() else {
            self.error(node.span, format!("{} names no caller", node.kind()), fix);
            return None;
        };
        self.check_members(
            members,
            &["service", "anonymous", "federated", "arn", "parent"],
            "a principal",
        );
        let principal = match members.iter().find(|member| member.key.value != "parent") {
            Some(Member { key, value }) => match (key.value.as_str(), &value.value) {
                ("service", Value::String(name)) if name.contains('.') => Principal::service(name),
                ("anonymous", Value::Bool(true)) => Principal::Anonymous,
                ("federated", Value::String(provider)) if !provider.is_empty() => {
                    Principal::Federated {
                        provider: provider.as_str().into(),
                    }
                }
                ("arn", Value::String(arn)) => self.principal_arn(value, arn)?,
                _ => {
                    self.error(value.span, "this names no caller", fix);
                    return None;
                }
            },
            None => {
                self.error(node.span, "the principal is empty", fix);
                return None;
            }
        };
        let kinds = members
            .iter()
            .filter(|member| member.key.value != "parent")
            .count();
        if kinds > 1 {
            self.error(node.span, "a request has one caller", fix);
        }
        match (principal, node.get("parent")) {
            (principal, None) => Some(principal),
            (Principal::FederatedUser { arn, account, .. }, Some(parent)) => {
                let text = self.text(parent, "parent")?;
                match Principal::parse(text) {
                    Ok(Principal::User { arn: user, .. } | Principal::Root { arn: user, .. }) => {
                        Some(Principal::FederatedUser {
                            arn,
                            parent: Some(user),
                            parent_id: None,
                            account,
                        })
                    }
                    _ => {
                        let reason = format!("`{text}` is no user and no root");
                        self.error(parent.span, reason, "name who called GetFederationToken");
                        None
                    }
                }
            }
            (_, Some(parent)) => {
                self.error(
                    parent.span,
                    "only a federated user has a parent",
                    "remove it",
                );
                None
            }
        }
    }

    fn principal_arn(&mut self, node: &Node, text: &str) -> Option<Principal> {
        let fix = "write the ARN of a user, role, assumed role, federated user or root";
        Principal::parse(text)
            .map_err(|error| self.error(node.span, error.to_string(), fix))
            .ok()
    }

    fn context(&mut self, node: &Node, mut builder: RequestBuilder) -> Option<RequestBuilder> {
        let Some(members) = node.as_object() else {
            let reason = format!("`context` is an object, not {}", node.kind());
            self.error(
                node.span,
                reason,
                "write { \"aws:SourceIdentity\": \"alice\" }",
            );
            return None;
        };
        let mut seen = std::collections::HashSet::new();
        for Member { key, value } in members {
            let name = key.value.as_str();
            if !name.contains(':') {
                let fix = "write `service:name`, such as `aws:SourceIdentity`";
                self.error(key.span, format!("`{name}` is no condition key"), fix);
            }
            if !seen.insert(name.to_ascii_lowercase()) {
                let reason =
                    format!("the condition key `{name}` stands twice; its case does not count");
                self.error(key.span, reason, "keep one");
            }
            builder = match self.context_value(value)? {
                Some(value) => builder.set(name.to_owned(), value),
                None => builder.absent(name.to_owned()),
            };
        }
        Some(builder)
    }

    /// The inner `None` is `null`: the key is absent.
    #[expect(
        clippy::option_option,
        reason = "absent and unreadable are different answers"
    )]
    fn context_value(&mut self, node: &Node) -> Option<Option<ContextValue>> {
        if let Some(elements) = node.as_array() {
            let values: Option<Vec<String>> = elements
                .iter()
                .map(|element| self.scalar(element))
                .collect();
            return values.map(|values| Some(values.into()));
        }
        if node.value == Value::Null {
            return Some(None);
        }
        self.scalar(node).map(|value| Some(value.into()))
    }

    fn scalar(&mut self, node: &Node) -> Option<String> {
        match &node.value {
            Value::String(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                let reason = format!("a context value is not {}", node.kind());
                self.error(
                    node.span,
                    reason,
                    "write a string, a number, a boolean or a list of them",
                );
                None
            }
        }
    }

    fn account(&mut self, node: &Node, what: &str) -> Option<AccountId> {
        let text = self.text(node, what)?;
        let account = AccountId::parse(text);
        if account.is_none() {
            let reason = format!("`{text}` is no account id");
            self.error(node.span, reason, "write its twelve digits as a string");
        }
        account
    }

    fn text<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            let reason = format!("`{what}` is a string, not {}", node.kind());
            self.error(node.span, reason, "put it in double quotes");
        }
        text
    }

    fn check_members(&mut self, members: &[Member], known: &[&str], what: &str) {
        for member in members {
            let name = member.key.value.as_str();
            if !known.contains(&name) {
                let fix = format!("remove it; {what} has {}", known.join(", "));
                self.error(
                    member.key.span,
                    format!("`{name}` is no member of {what}"),
                    fix,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::answer;

    /// A grant is given up whatever resource control policies say; nothing else of KMS is.
    #[test]
    fn grants_are_retired_under_every_resource_control_policy() {
        let case = |action: &str| {
            format!(
                r#"{{"principal": "arn:aws:iam::111122223333:user/alice", "action": "{action}",
                "resource": "arn:aws:kms:us-east-1:111122223333:key/a",
                "resourcePolicy": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow",
                    "Principal": {{"AWS": "arn:aws:iam::111122223333:user/alice"}}, "Action": "kms:*", "Resource": "*"}}}},
                "rcps": [[{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*",
                    "Action": "kms:*", "Resource": "*"}}}}]]}}"#
            )
        };
        let allows = |action| answer(&case(action)).is_ok_and(|answer| answer.is_allow());
        assert!(allows("kms:RetireGrant"));
        assert!(!allows("kms:RevokeGrant"));
    }
}

//! The roles of an account, from what `aws iam get-account-authorization-details` prints.

use percent_encoding::percent_decode_str;
use policy::document::Document;
use policy::json::{self, Node, Value};
use policy::text::{Rejected, Source};
use policy::{NamedPolicy, Options, PolicyType};

/// A role, with all that is attached to it.
pub(super) struct ExportedRole {
    pub(super) name: String,
    pub(super) identity: Vec<NamedPolicy>,
    pub(super) trust: NamedPolicy,
    pub(super) boundary: Option<NamedPolicy>,
}

/// The roles of an export; `None` when the file is none. Service-linked roles, which nobody works with, are left out.
///
/// # Errors
/// What is wrong with the file or a policy in it, policies that are attached and not in the file, and what is not the whole
/// account: nothing could be said of what is missing.
pub(super) fn roles(path: &str, text: &str) -> Result<Option<Vec<ExportedRole>>, String> {
    let source = Source::named(path, text);
    let (Some(root), faults) = json::parse_partly(&source, &lint::sources::LIMITS) else {
        return Ok(None);
    };
    let Some(list) = root.get("RoleDetailList").and_then(Node::as_array) else {
        return Ok(None);
    };
    if !faults.is_empty() {
        return Err(Rejected::new(source, faults).to_string());
    }
    let is_true = |node: &Node| node.value == Value::Bool(true);
    if root.get("IsTruncated").is_some_and(is_true) || root.get("NextToken").is_some() {
        return Err(format!(
            "{path}: it is one page of several: export without `--max-items` and `--no-paginate`"
        ));
    }
    let file = File {
        source: &source,
        policies: root.elements("Policies"),
    };
    let own = |role: &&Node| !role.text("Path").starts_with("/aws-service-role/");
    let roles = list.iter().filter(own).map(|role| file.role(role));
    let roles = roles.collect::<Result<Vec<_>, _>>()?;
    match roles.is_empty() {
        true => Err(format!(
            "{path}: there are no roles in it that anybody works with"
        )),
        false => Ok(Some(roles)),
    }
}

struct File<'f> {
    source: &'f Source,
    policies: &'f [Node],
}

impl File<'_> {
    fn role(&self, role: &Node) -> Result<ExportedRole, String> {
        let name = role.text("RoleName").to_owned();
        let mut identity = Vec::new();
        for policy in role.elements("RolePolicyList") {
            let title = format!("role {name}, inline policy {}", policy.text("PolicyName"));
            identity.push(self.document(
                policy.get("PolicyDocument"),
                &title,
                PolicyType::Identity,
            )?);
        }
        for attached in role.elements("AttachedManagedPolicies") {
            identity.push(self.managed(attached.text("PolicyArn"), &name, PolicyType::Identity)?);
        }
        let title = format!("role {name}, trust policy");
        let trust = self.document(
            role.get("AssumeRolePolicyDocument"),
            &title,
            PolicyType::Trust,
        )?;
        let boundary = role.get("PermissionsBoundary").map(|boundary| {
            let arn = boundary.text("PermissionsBoundaryArn");
            self.managed(arn, &name, PolicyType::Boundary)
        });
        Ok(ExportedRole {
            identity,
            trust,
            boundary: boundary.transpose()?,
            name,
        })
    }

    /// The version of a managed policy that is in force.
    fn managed(&self, arn: &str, role: &str, kind: PolicyType) -> Result<NamedPolicy, String> {
        let policy = self
            .policies
            .iter()
            .find(|policy| policy.text("Arn") == arn);
        let in_force = policy.and_then(|policy| {
            let in_force = |version: &&Node| {
                let flag = version.get("IsDefaultVersion");
                flag.is_some_and(|flag| flag.value == Value::Bool(true))
            };
            policy.elements("PolicyVersionList").iter().find(in_force)
        });
        let Some(version) = in_force else {
            let file = self.source.name().unwrap_or_default();
            return Err(format!(
                "{file}: `{arn}` of role {role} is not in it: export without `--filter`, which leaves out AWS's own policies"
            ));
        };
        self.document(version.get("Document"), &format!("policy {arn}"), kind)
    }

    fn document(
        &self,
        node: Option<&Node>,
        title: &str,
        kind: PolicyType,
    ) -> Result<NamedPolicy, String> {
        let file = self.source.name().unwrap_or_default();
        let name = format!("{file}, {title}");
        let Some(node) = node else {
            return Err(format!("{name}: there is no document"));
        };
        let line = self.source.position(node.span.start).line;
        let text = match node.as_str() {
            Some(encoded) => percent_decode_str(encoded)
                .decode_utf8()
                .map_err(|error| format!("{name}: line {line}: {error}"))?
                .into_owned(),
            None => self.source.slice(node.span).to_owned(),
        };
        let source = Source::named(name.as_str(), text).starting_at_line(line);
        let document = Document::parse_source(&source, kind, &Options::default());
        Ok(NamedPolicy::new(
            name,
            document.map_err(|error| error.to_string())?,
        ))
    }
}

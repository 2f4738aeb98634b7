//! `aws iam get-account-authorization-details`: every user, group, role and customer-managed policy of an account.

use super::File;
use crate::kind::{Holder, Kind};
use policy::PolicyType;
use policy::json::Node;

pub(super) fn is_export(node: &Node) -> bool {
    ["UserDetailList", "GroupDetailList", "RoleDetailList"]
        .iter()
        .any(|name| node.get(name).is_some())
        || list(node, "Policies")
            .iter()
            .any(|policy| policy.get("PolicyVersionList").is_some())
}

impl File<'_> {
    pub(super) fn authorization_details(&mut self, node: &Node) {
        for user in list(node, "UserDetailList") {
            let name = format!("user {}", text(user, "UserName"));
            self.inline(user, "UserPolicyList", Holder::User, &name);
        }
        for group in list(node, "GroupDetailList") {
            let name = format!("group {}", text(group, "GroupName"));
            self.inline(group, "GroupPolicyList", Holder::Group, &name);
        }
        for role in list(node, "RoleDetailList") {
            let name = format!("role {}", text(role, "RoleName"));
            // AWS alone changes what service-linked roles may do and who they trust.
            if text(role, "Path").starts_with("/aws-service-role/") {
                continue;
            }
            if let Some(trust) = role.get("AssumeRolePolicyDocument") {
                let kind = Kind::of(PolicyType::Trust);
                self.policy_or_text(trust, Some(kind), format!("{name} trust policy"));
            }
            self.inline(role, "RolePolicyList", Holder::Role, &name);
        }
        for policy in list(node, "Policies") {
            let is_of_aws = text(policy, "Arn").split(':').nth(4) == Some("aws");
            if is_of_aws {
                continue;
            }
            let name = format!("policy {}", text(policy, "PolicyName"));
            for version in list(policy, "PolicyVersionList") {
                let is_default = version.get("IsDefaultVersion");
                let is_default =
                    is_default.is_some_and(|value| value.value == policy::json::Value::Bool(true));
                if let Some(document) = version.get("Document").filter(|_| is_default) {
                    let kind = Kind::identity(Holder::Managed);
                    self.policy_or_text(document, Some(kind), name.clone());
                }
            }
        }
    }

    fn inline(&mut self, node: &Node, name: &str, holder: Holder, owner: &str) {
        for policy in list(node, name) {
            if let Some(document) = policy.get("PolicyDocument") {
                let name = format!("{owner} inline policy {}", text(policy, "PolicyName"));
                self.policy_or_text(document, Some(Kind::identity(holder)), name);
            }
        }
    }
}

fn list<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    node.get(name).and_then(Node::as_array).unwrap_or(&[])
}

fn text<'n>(node: &'n Node, name: &str) -> &'n str {
    node.get(name).and_then(Node::as_str).unwrap_or("")
}

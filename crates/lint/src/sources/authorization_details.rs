//! `aws iam get-account-authorization-details`: every user, group, role and customer-managed policy of an account.

use super::File;
use crate::kind::{Holder, Kind};
use policy::PolicyType;
use policy::json::Node;

pub(super) fn is_export(node: &Node) -> bool {
    ["UserDetailList", "GroupDetailList", "RoleDetailList"]
        .iter()
        .any(|name| node.get(name).is_some())
        || node
            .elements("Policies")
            .iter()
            .any(|policy| policy.get("PolicyVersionList").is_some())
}

impl File<'_> {
    pub(super) fn authorization_details(&mut self, node: &Node) {
        for user in node.elements("UserDetailList") {
            let name = format!("user {}", user.text("UserName"));
            self.inline(user, "UserPolicyList", Holder::User, &name);
        }
        for group in node.elements("GroupDetailList") {
            let name = format!("group {}", group.text("GroupName"));
            self.inline(group, "GroupPolicyList", Holder::Group, &name);
        }
        for role in node.elements("RoleDetailList") {
            let name = format!("role {}", role.text("RoleName"));
            // AWS alone changes what service-linked roles may do and who they trust.
            if role.text("Path").starts_with("/aws-service-role/") {
                continue;
            }
            if let Some(trust) = role.get("AssumeRolePolicyDocument") {
                let kind = Kind::of(PolicyType::Trust);
                self.policy_or_text(trust, Some(kind), format!("{name} trust policy"));
            }
            self.inline(role, "RolePolicyList", Holder::Role, &name);
        }
        for policy in node.elements("Policies") {
            let is_of_aws = policy.text("Arn").split(':').nth(4) == Some("aws");
            if is_of_aws {
                continue;
            }
            let name = format!("policy {}", policy.text("PolicyName"));
            for version in policy.elements("PolicyVersionList") {
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
        for policy in node.elements(name) {
            if let Some(document) = policy.get("PolicyDocument") {
                let name = format!("{owner} inline policy {}", policy.text("PolicyName"));
                self.policy_or_text(document, Some(Kind::identity(holder)), name);
            }
        }
    }
}

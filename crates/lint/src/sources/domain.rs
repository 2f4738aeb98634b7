//! Studio domains, whose setting decides whether sessions have names.
//!
//! Sources: CloudFormation's resource type reference, the Terraform AWS provider's documentation, SageMaker's API reference
//! (DescribeDomain).

use super::File;
use crate::model::one_or_many;
use policy::json::{Node, Value};
use policy::text::Span;

/// A Studio domain that a template describes.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its address or logical name.
    pub name: String,
    /// The setting's place, or one that stands for the domain.
    pub span: Span,
    /// Whether its sessions carry the user profile's name; `None` where that is only known at deployment.
    pub is_named: Option<bool>,
}

/// Whether a file is what `aws sagemaker describe-domain` prints.
pub(super) fn is_described(node: &Node) -> bool {
    ["DomainId", "DefaultUserSettings"]
        .iter()
        .all(|name| node.get(name).is_some())
}

impl File<'_> {
    /// Notes a domain as it is. What is not set is left out, and off.
    pub(super) fn described_domain(&mut self, node: &Node) {
        let name = ["DomainName", "DomainId"];
        let name = name.iter().find_map(|name| node.get(name)?.as_str());
        let name = name.unwrap_or_default().to_owned();
        self.domain("AWS::SageMaker::Domain", &name, node);
    }

    /// Notes a resource if it is a domain.
    pub(super) fn domain(&mut self, kind: &str, name: &str, body: &Node) {
        let (settings, setting) = match kind {
            "AWS::SageMaker::Domain" => ("DomainSettings", "ExecutionRoleIdentityConfig"),
            "aws_sagemaker_domain" => ("domain_settings", "execution_role_identity_config"),
            _ => return,
        };
        let blocks = body.get(settings).map_or(&[][..], one_or_many);
        let found = blocks.iter().find_map(|block| block.get(setting));
        let computed = blocks.iter().any(|block| {
            let members = block.as_object().unwrap_or(&[]);
            members
                .iter()
                .any(|member| member.key.value.starts_with("Fn::") || member.key.value == "Ref")
        });
        let is_named = match found.map(|node| &node.value) {
            Some(Value::String(text)) if text.contains("${") => None,
            Some(Value::String(text)) => Some(text == "USER_PROFILE_NAME"),
            Some(Value::Null) => Some(false),
            Some(_) => None,
            None => (!computed).then_some(false),
        };
        let first = body.as_object().and_then(|members| members.first());
        let head = first.map_or(body.span, |member| member.key.span);
        self.reading.domains.push(Domain {
            name: name.to_owned(),
            span: found.map_or(head, |node| node.span),
            is_named,
        });
    }
}

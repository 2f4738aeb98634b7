//! `Principal` and `NotPrincipal`.

use super::{Reader, closest, one_or_many};
use crate::arn::{AccountId, Arn};
use crate::document::PolicyType;
use crate::document::element::{PrincipalElement, PrincipalEntry};
use crate::json::{Member, Node};
use crate::text::Spanned;

const KINDS: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

impl Reader<'_> {
    /// The inner `None` says that the statement rightly has no principal.
    #[expect(
        clippy::option_option,
        reason = "missing and wrong are different answers"
    )]
    pub(super) fn principal_element(&mut self, node: &Node) -> Option<Option<PrincipalElement>> {
        let (not, value) = self.either(node, "Principal", "NotPrincipal")?;
        let name = if not { "NotPrincipal" } else { "Principal" };
        let Some(value) = value else {
            if !self.policy_type.has_principal() || self.policy_type == PolicyType::VpcEndpoint {
                return Some(None);
            }
            let reason = format!(
                "the statement has no `Principal`, which a {} needs",
                self.policy_type
            );
            self.error(node.span, reason, "add \"Principal\": { … }");
            return None;
        };
        let article = self.policy_type.article();
        if !self.policy_type.has_principal() {
            let reason = format!(
                "{article} {} has no `{name}`: it is attached to whom it is for",
                self.policy_type
            );
            self.error(value.span, reason, "remove the element");
            return None;
        }
        if not
            && matches!(
                self.policy_type,
                PolicyType::Trust | PolicyType::ResourceControl
            )
        {
            let reason = format!("{article} {} has no `NotPrincipal`", self.policy_type);
            self.error(
                value.span,
                reason,
                "use `Principal`, and a condition on aws:PrincipalArn",
            );
            return None;
        }
        let entries = self.principal_entries(value)?;
        if self.policy_type == PolicyType::ResourceControl
            && !matches!(entries.as_slice(), [one] if one.value == PrincipalEntry::Everyone)
        {
            let reason = "the principal of a resource control policy is \"*\"";
            self.error(
                value.span,
                reason,
                "write \"Principal\": \"*\" and narrow it by conditions",
            );
            return None;
        }
        Some(Some(PrincipalElement {
            not,
            span: value.span,
            entries,
        }))
    }

    fn principal_entries(&mut self, node: &Node) -> Option<Vec<Spanned<PrincipalEntry>>> {
        if let Some(text) = node.as_str() {
            if text == "*" {
                return Some(vec![Spanned::new(PrincipalEntry::Everyone, node.span)]);
            }
            let reason = format!("`{text}` alone is no principal");
            self.error(
                node.span,
                reason,
                format!("write {{\"AWS\": \"{text}\"}}, or \"*\""),
            );
            return None;
        }
        let members = self.object(node, "a principal")?;
        Some(
            members
                .iter()
                .flat_map(|member| self.entries_of_kind(member))
                .collect(),
        )
    }

    fn entries_of_kind(&mut self, member: &Member) -> Vec<Spanned<PrincipalEntry>> {
        let kind = member.key.value.as_str();
        if !KINDS.contains(&kind) {
            let reason = format!("`{kind}` is no kind of principal");
            let fix = match closest(kind, KINDS) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("write one of {}", KINDS.join(", ")),
            };
            self.error(member.key.span, reason, fix);
            return Vec::new();
        }
        let nodes = one_or_many(&member.value);
        nodes
            .iter()
            .filter_map(|node| self.entry(kind, node))
            .collect()
    }

    fn entry(&mut self, kind: &str, node: &Node) -> Option<Spanned<PrincipalEntry>> {
        let text = self.string(node, kind)?;
        let value = text.value;
        let entry = match kind {
            "AWS" => aws_entry(&value),
            _ if value.is_empty() => Err("the name is empty"),
            _ if value.contains(['*', '?']) => Err("a principal has no wildcards"),
            "Service" if !value.contains('.') => {
                Err("a service principal is `service.amazonaws.com`")
            }
            "Service" => Ok(PrincipalEntry::Service(value.to_ascii_lowercase())),
            "Federated" => Ok(PrincipalEntry::Federated(value.clone())),
            _ => Ok(PrincipalEntry::CanonicalUser(value.clone())),
        };
        match entry {
            Ok(entry) => Some(Spanned::new(entry, text.span)),
            Err(reason) => {
                let fix = "name an account, an IAM or STS ARN, a service, a provider, or \"*\"";
                self.error(text.span, format!("`{value}`: {reason}"), fix);
                None
            }
        }
    }
}

/// Reads what stands under `"AWS"` (IAM User Guide, "Principal").
fn aws_entry(text: &str) -> Result<PrincipalEntry, &'static str> {
    if text == "*" {
        return Ok(PrincipalEntry::EveryoneAws);
    }
    if AccountId::parse(text).is_some() {
        return Ok(PrincipalEntry::Account(text.to_owned()));
    }
    let unique_id = text.len() >= 16
        && text.starts_with('A')
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if unique_id {
        return Ok(PrincipalEntry::UniqueId(text.to_owned()));
    }
    if text.contains("${") {
        return Err("variables are not allowed in principals");
    }
    if text.contains(['*', '?']) {
        return Err("a principal has no wildcards, but for \"*\" alone");
    }
    let arn = Arn::parse(text)
        .map_err(|_| "a principal is an account id, an ARN, a unique id or \"*\"")?;
    // An identity with which CloudFront reads buckets, and which no caller of ours is (CloudFront Developer Guide, "Use an
    // origin access identity"). AWS keeps it as a canonical user.
    if (arn.service(), arn.account()) == ("iam", "cloudfront")
        && arn
            .resource()
            .starts_with("user/CloudFront Origin Access Identity ")
    {
        return Ok(PrincipalEntry::CanonicalUser(text.to_owned()));
    }
    if AccountId::parse(arn.account()).is_none() {
        return Err("the ARN names no account of twelve digits");
    }
    let (kind, name) = arn
        .resource()
        .split_once('/')
        .unwrap_or((arn.resource(), ""));
    match (arn.service(), kind) {
        ("iam", "root") if name.is_empty() => Ok(PrincipalEntry::Account(arn.account().to_owned())),
        ("iam", "user" | "role") | ("sts", "federated-user") if !name.is_empty() => {
            Ok(PrincipalEntry::Arn(text.to_owned()))
        }
        ("sts", "assumed-role") if name.contains('/') => Ok(PrincipalEntry::Arn(text.to_owned())),
        _ => Err("only users, roles, sessions and account roots are principals"),
    }
}

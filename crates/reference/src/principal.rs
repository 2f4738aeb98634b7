//! The `Principal` and `NotPrincipal` elements (IAM User Guide, "Principal", "NotPrincipal").

use crate::case::{Caller, Case};
use crate::document::strings;
use crate::{Json, Refusal};

/// One principal that an element names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalEntry {
    /// `"*"`
    Everyone,
    /// A whole account, by its number.
    Account(String),
    /// A user, role or session, by its ARN or unique id.
    Aws(String),
    Service(String),
    Federated(String),
    CanonicalUser,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalElement {
    pub(crate) not: bool,
    pub(crate) entries: Vec<PrincipalEntry>,
}

/// How closely an Allow with a principal concerns the caller. Ordered: more is closer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closeness {
    /// Another principal is meant.
    #[default]
    None,
    /// Only the caller's account is named: its identity-based policies decide.
    Account,
    /// The role of the session is named (of a federated user: the user who made the session).
    Role,
    /// The caller itself is named, or everyone.
    Caller,
}

fn wrong<T>(detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new("principal-form", detail))
}

impl PrincipalElement {
    pub(crate) fn read(json: &Json, not: bool, variables: bool) -> Result<Self, Refusal> {
        let mut entries = Vec::new();
        match json {
            Json::Text(text) if text == "*" => entries.push(PrincipalEntry::Everyone),
            Json::Text(text) => return wrong(format!("`{text}` is not `*`")),
            Json::Object(members) => {
                for (class, value) in members {
                    for text in strings(value, "Principal")? {
                        if variables && text.contains("${") {
                            return Err(Refusal::new("variable-place", "variable in a principal"));
                        }
                        entries.push(read_entry(class, text)?);
                    }
                }
            }
            _ => return Err(Refusal::new("wrong-type", "`Principal`")),
        }
        Ok(Self { not, entries })
    }
}

fn read_entry(class: &str, text: String) -> Result<PrincipalEntry, Refusal> {
    if text.contains(['*', '?']) && !(class == "AWS" && text == "*") {
        return wrong(format!("wildcard in `{text}`"));
    }
    match class {
        "AWS" if text == "*" => Ok(PrincipalEntry::Everyone),
        "AWS" => read_aws(text),
        "Service" => Ok(PrincipalEntry::Service(text)),
        "Federated" => Ok(PrincipalEntry::Federated(text)),
        "CanonicalUser" => Ok(PrincipalEntry::CanonicalUser),
        _ => wrong(format!("`{class}` is not a class of principals")),
    }
}

fn read_aws(text: String) -> Result<PrincipalEntry, Refusal> {
    if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
        return Ok(PrincipalEntry::Account(text));
    }
    if text.len() >= 16
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    {
        return Ok(PrincipalEntry::Aws(text));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => {
            Ok(PrincipalEntry::Account((*account).to_owned()))
        }
        ["arn", _, "iam", "", _, name]
            if name.starts_with("user/") || name.starts_with("role/") =>
        {
            Ok(PrincipalEntry::Aws(text))
        }
        ["arn", _, "sts", "", _, name]
            if name.starts_with("assumed-role/") || name.starts_with("federated-user/") =>
        {
            Ok(PrincipalEntry::Aws(text))
        }
        _ => wrong(format!("`{text}` is not a principal")),
    }
}

/// How closely one entry concerns the caller.
fn closeness(entry: &PrincipalEntry, case: &Case) -> Closeness {
    let when = |found: bool, closeness| if found { closeness } else { Closeness::None };
    match (entry, &case.caller) {
        (PrincipalEntry::Everyone, _) => Closeness::Caller,
        (PrincipalEntry::Account(account), caller) => when(
            caller.account() == Some(account.as_str()),
            Closeness::Account,
        ),
        (PrincipalEntry::Aws(name), Caller::User { arn }) => {
            let id = case.unique_id() == Some(name.as_str());
            when(name == arn || id, Closeness::Caller)
        }
        (PrincipalEntry::Aws(name), Caller::Role { session, .. })
            if session.as_ref() == Some(name) =>
        {
            Closeness::Caller
        }
        (PrincipalEntry::Aws(name), Caller::Role { arn, .. }) => {
            let id = case.unique_id() == Some(name.as_str());
            when(name == arn || id, Closeness::Role)
        }
        (PrincipalEntry::Aws(name), Caller::FederatedUser { arn, .. }) if name == arn => {
            Closeness::Caller
        }
        (PrincipalEntry::Aws(name), Caller::FederatedUser { parent, .. }) => {
            when(parent.as_ref() == Some(name), Closeness::Role)
        }
        (PrincipalEntry::Service(name), Caller::Service { name: caller }) => {
            when(name.eq_ignore_ascii_case(caller), Closeness::Caller)
        }
        (PrincipalEntry::Federated(name), Caller::Federated { provider }) => {
            when(name == provider, Closeness::Caller)
        }
        _ => Closeness::None,
    }
}

/// How closely a statement with this element concerns the caller.
pub(crate) fn concerns(element: &PrincipalElement, allow: bool, case: &Case) -> Closeness {
    let found: Vec<Closeness> = element.entries.iter().map(|e| closeness(e, case)).collect();
    let closest = found.iter().copied().max().unwrap_or(Closeness::None);
    if !element.not {
        return closest;
    }
    let everyone = element.entries.contains(&PrincipalEntry::Everyone);
    let exempt = if allow {
        closest != Closeness::None
    } else {
        every_level(&found, everyone, case)
    };
    if exempt {
        Closeness::None
    } else {
        Closeness::Caller
    }
}

/// Whether `NotPrincipal` of a Deny exempts the caller: it must name every level of its identity
/// (account, then user or role, then session), and whoever has a boundary is never exempt.
fn every_level(found: &[Closeness], everyone: bool, case: &Case) -> bool {
    let levels: &[Closeness] = match &case.caller {
        Caller::Anonymous => return false,
        _ if case.boundary.is_some() => return false,
        _ if everyone => return true,
        Caller::Root { .. } => &[Closeness::Account],
        Caller::User { .. } => &[Closeness::Account, Closeness::Caller],
        Caller::Role { session: None, .. } => &[Closeness::Account, Closeness::Role],
        Caller::Role { .. } => &[Closeness::Account, Closeness::Role, Closeness::Caller],
        Caller::FederatedUser {
            parent: Some(parent),
            ..
        } if !parent.ends_with(":root") => {
            &[Closeness::Account, Closeness::Role, Closeness::Caller]
        }
        Caller::FederatedUser { .. } => &[Closeness::Account, Closeness::Caller],
        Caller::Service { .. } | Caller::Federated { .. } => &[Closeness::Caller],
    };
    levels.iter().all(|level| found.contains(level))
}

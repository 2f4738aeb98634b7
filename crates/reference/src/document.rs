//! Policy documents: what may stand in which kind, and what is refused.

use crate::condition::Condition;
use crate::options::{Language, Options};
use crate::pattern::{self, Piece};
use crate::principal::{PrincipalElement, PrincipalEntry};
use crate::{Json, Refusal};

/// The kinds of policy document. They differ in the elements they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    Identity,
    Boundary,
    Session,
    Scp,
    Rcp,
    Resource,
    Trust,
    Key,
    Endpoint,
}

impl DocumentKind {
    /// Policies that say for whom they are.
    fn has_principal(self) -> bool {
        !matches!(
            self,
            Self::Identity | Self::Boundary | Self::Session | Self::Scp
        )
    }

    /// Policies attached to (or given with) an identity pad a short ARN with `*`.
    pub(crate) fn pads_short_arns(self) -> bool {
        matches!(self, Self::Identity | Self::Boundary | Self::Session)
    }
}

/// A policy: its statements, in order.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) statements: Vec<Statement>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`: a list and whether it is the complement.
#[derive(Debug, Clone)]
pub(crate) struct Listed<T> {
    pub(crate) not: bool,
    pub(crate) entries: Vec<T>,
}

/// A statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) allow: bool,
    /// `None`: everyone (identity-side policies, and endpoint policies that say nothing).
    pub(crate) principal: Option<PrincipalElement>,
    pub(crate) actions: Listed<String>,
    /// `None`: every resource (trust policies, and resource policies that leave it out).
    pub(crate) resources: Option<Listed<Vec<Piece>>>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) kind: DocumentKind,
    pub(crate) options: Options,
}

fn wrong<T>(rule: &'static str, detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(rule, detail))
}

/// A string or a list of strings.
pub(crate) fn strings(json: &Json, element: &str) -> Result<Vec<String>, Refusal> {
    let one = |item: &Json| match item {
        Json::Text(text) => Ok(text.clone()),
        _ => wrong(
            "wrong-type",
            format!("`{element}` holds something that is not a string"),
        ),
    };
    match json {
        Json::List(items) => items.iter().map(one).collect(),
        single => Ok(vec![one(single)?]),
    }
}

impl Policy {
    /// Reads a document of a kind (IAM User Guide, "Grammar of the IAM JSON policy language").
    pub(crate) fn read(json: &Json, kind: DocumentKind, options: Options) -> Result<Self, Refusal> {
        let Json::Object(members) = json else {
            return wrong("wrong-type", "a policy is an object");
        };
        for (name, value) in members {
            match (name.as_str(), value) {
                // Only policies attached to resources have an `Id` (IAM User Guide, "Id").
                ("Id", _) if !kind.has_principal() => return wrong("unknown-element", "`Id`"),
                ("Statement", _) | ("Version" | "Id", Json::Text(_)) => {}
                ("Version" | "Id", _) => return wrong("wrong-type", format!("`{name}`")),
                _ => return wrong("unknown-element", format!("`{name}`")),
            }
        }
        // Without `Version` a policy is in the language of 2008, which has no variables.
        let variables = match json.get("Version") {
            Some(Json::Text(version)) if version == "2012-10-17" => true,
            Some(Json::Text(version)) if version == "2008-10-17" => false,
            Some(_) => return wrong("version", "neither 2012-10-17 nor 2008-10-17"),
            None => options.unversioned_is_2012,
        };
        let language = Language { variables, options };
        let stated = json.get("Version").is_some();
        if kind == DocumentKind::Rcp && !(variables && stated) {
            return wrong(
                "rcp",
                "a resource control policy is in the language of 2012-10-17",
            );
        }
        let statements = match json.get("Statement") {
            None => return wrong("statement-missing", "no `Statement`"),
            Some(Json::List(items)) => items
                .iter()
                .map(|item| Statement::read(item, kind, language))
                .collect(),
            Some(single) => Statement::read(single, kind, language).map(|s| vec![s]),
        };
        Ok(Self {
            statements: statements?,
        })
    }
}

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Statement {
    fn read(json: &Json, kind: DocumentKind, language: Language) -> Result<Self, Refusal> {
        let Json::Object(members) = json else {
            return wrong("wrong-type", "a statement is an object");
        };
        for (name, value) in members {
            if !ELEMENTS.contains(&name.as_str()) {
                return wrong("unknown-element", format!("`{name}`"));
            }
            if name == "Sid" && !matches!(value, Json::Text(_)) {
                return wrong("wrong-type", "`Sid`");
            }
        }
        let allow = match json.get("Effect") {
            Some(Json::Text(effect)) if effect == "Allow" => true,
            Some(Json::Text(effect)) if effect == "Deny" => false,
            Some(Json::Text(_)) | None => return wrong("effect", "neither `Allow` nor `Deny`"),
            Some(_) => return wrong("wrong-type", "`Effect`"),
        };
        let statement = Self {
            allow,
            principal: read_principal(json, kind, language.variables)?,
            actions: read_actions(json, language.variables)?,
            resources: read_resources(json, kind, language.variables)?,
            conditions: match json.get("Condition") {
                None => Vec::new(),
                Some(block) => Condition::read_block(block, language)?,
            },
            kind,
            options: language.options,
        };
        if kind == DocumentKind::Rcp {
            statement.check_rcp()?;
        }
        Ok(statement)
    }

    /// Organizations User Guide, "RCP syntax".
    fn check_rcp(&self) -> Result<(), Refusal> {
        let everyone = |p: &PrincipalElement| !p.not && p.entries == [PrincipalEntry::Everyone];
        if !self.principal.as_ref().is_some_and(everyone) {
            return wrong("rcp", "`Principal` of a resource control policy is `\"*\"`");
        }
        if self.actions.not {
            return wrong("rcp", "`NotAction` in a resource control policy");
        }
        if !self.allow && self.actions.entries.iter().any(|action| action == "*") {
            return wrong("rcp", "a Deny of a resource control policy on every action");
        }
        Ok(())
    }
}

/// One of two elements that exclude each other; with whether it is the `Not…` one.
fn one_of<'a>(
    json: &'a Json,
    names: [&'static str; 2],
    rule: &'static str,
) -> Result<Option<(bool, &'a Json)>, Refusal> {
    let [plain, not] = names;
    match (json.get(plain), json.get(not)) {
        (Some(_), Some(_)) => wrong(rule, format!("both `{plain}` and `{not}`")),
        (Some(value), None) => Ok(Some((false, value))),
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

fn read_principal(
    json: &Json,
    kind: DocumentKind,
    variables: bool,
) -> Result<Option<PrincipalElement>, Refusal> {
    use DocumentKind as K;
    let found = one_of(json, ["Principal", "NotPrincipal"], "principal-choice")?;
    match (found, kind) {
        (Some(_), K::Identity | K::Boundary | K::Session | K::Scp) => wrong(
            "principal-choice",
            "a principal in a policy that is attached to identities",
        ),
        (None, K::Identity | K::Boundary | K::Session | K::Scp | K::Endpoint) => Ok(None),
        (None, K::Resource | K::Trust | K::Key | K::Rcp) => {
            wrong("principal-choice", "no principal")
        }
        (Some((true, _)), K::Trust) => wrong("trust", "`NotPrincipal` in a trust policy"),
        (Some((true, _)), K::Rcp) => wrong("rcp", "`NotPrincipal` in a resource control policy"),
        (Some((not, value)), _) => PrincipalElement::read(value, not, variables).map(Some),
    }
}

fn read_actions(json: &Json, variables: bool) -> Result<Listed<String>, Refusal> {
    let Some((not, value)) = one_of(json, ["Action", "NotAction"], "action-choice")? else {
        return wrong("action-choice", "neither `Action` nor `NotAction`");
    };
    let entries = strings(value, "Action")?;
    for action in &entries {
        if variables && action.contains("${") {
            return wrong("variable-place", format!("variable in action `{action}`"));
        }
        let form = action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && !service.contains(['*', '?'])
        });
        if action != "*" && !form {
            return wrong("action-form", format!("`{action}` is not `service:name`"));
        }
    }
    Ok(Listed { not, entries })
}

fn read_resources(
    json: &Json,
    kind: DocumentKind,
    variables: bool,
) -> Result<Option<Listed<Vec<Piece>>>, Refusal> {
    use DocumentKind as K;
    let found = one_of(json, ["Resource", "NotResource"], "resource-choice")?;
    let (not, value) = match (found, kind) {
        (Some(_), K::Trust) => return wrong("trust", "a resource in a trust policy"),
        (None, K::Trust | K::Resource | K::Key | K::Endpoint) => return Ok(None),
        (None, _) => return wrong("resource-choice", "neither `Resource` nor `NotResource`"),
        (Some(found), _) => found,
    };
    let entries = strings(value, "Resource")?;
    let entries: Result<_, _> = entries
        .iter()
        .map(|text| read_resource(text, variables))
        .collect();
    Ok(Some(Listed {
        not,
        entries: entries?,
    }))
}

/// `*` or the pattern of an ARN. The service part has no wildcards, and variables stand after the
/// fifth colon only.
fn read_resource(text: &str, variables: bool) -> Result<Vec<Piece>, Refusal> {
    if text != "*" && !text.starts_with("arn:") {
        return wrong(
            "resource-form",
            format!("`{text}` is neither `*` nor an ARN"),
        );
    }
    let pieces = pattern::read(text, variables)?;
    for (index, segment) in pattern::piece_segments(&pieces).iter().enumerate() {
        if index < 5 && segment.iter().any(|p| matches!(p, Piece::Variable { .. })) {
            return wrong(
                "variable-place",
                format!("variable before the fifth colon of `{text}`"),
            );
        }
        if index == 2
            && segment
                .iter()
                .any(|p| matches!(p, Piece::One | Piece::Many))
        {
            return wrong(
                "service-wildcard",
                format!("wildcard in the service of `{text}`"),
            );
        }
    }
    Ok(pieces)
}

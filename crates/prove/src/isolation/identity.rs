//! Identity integrity: whether a session can come to another session that bears another's name, or to a role of which
//! nothing was proved.

use super::breach::{Breach, More};
use super::scope::{About, Scope};
use super::{Asked, Obligation, Role};
use crate::tenancy::{Mark, Template};
use crate::verdict::Verdict;
use policy::view::{self, ResourceText, Token};
use policy::{Effect, Resource};

/// What changes users, roles and their policies (IAM, access level "Permissions management").
const REWRITES: &[&str] = &[
    "iam:Put*Policy",
    "iam:Attach*Policy",
    "iam:Detach*Policy",
    "iam:Delete*Policy",
    "iam:Create*",
    "iam:Update*",
    "iam:Set*",
    "iam:Put*Boundary",
    "iam:Delete*Boundary",
    "iam:AddUserToGroup",
    "iam:AddRoleToInstanceProfile",
    "iam:TagRole",
    "iam:TagUser",
    "iam:UntagRole",
    "iam:UntagUser",
];

/// What changes the name that sessions of Studio bear, and the roles they work with.
const SETTINGS: &[&str] = &[
    "sagemaker:CreateDomain",
    "sagemaker:UpdateDomain",
    "sagemaker:CreateUserProfile",
    "sagemaker:UpdateUserProfile",
];

impl<'p> Asked<'_, 'p> {
    pub(super) fn identity(&mut self, role: &Role<'p>, scope: &Scope<'p>) {
        self.never(
            role,
            scope,
            REWRITES,
            "no tenant changes users, roles or their policies",
        );
        self.never(
            role,
            scope,
            SETTINGS,
            "no tenant changes which name sessions of Studio bear and which role they work with",
        );
        self.presigned(role, scope);
        for (action, claim, hint) in [
            (
                "sts:AssumeRole",
                "no tenant assumes a role of which nothing was proved",
                "nothing here grants it; a role that sessions may go on to needs a proof of its own, and a trust \
                 policy with `sts:SetSourceIdentity`, so that they keep their name",
            ),
            (
                "iam:PassRole",
                "no tenant hands on a role of which nothing was proved",
                "nothing here grants it; a role that is handed to a job works with policies of its own, which need \
                 a proof of their own",
            ),
        ] {
            match scope.mentions(action) {
                true => self.leads(role, scope, action, claim),
                false => self.need(Obligation::Identity, action, hint.to_owned()),
            }
        }
        self.session_tags(role, scope);
    }

    fn never(&mut self, role: &Role<'p>, scope: &Scope<'p>, actions: &[&str], claim: &str) {
        let breach = Breach {
            actions: Some(actions.iter().map(|action| (*action).to_owned()).collect()),
            ..self.breach()
        };
        let finding = self.ask_of(Obligation::Identity, role, scope, claim.to_owned(), &breach);
        self.findings.push(finding);
    }

    /// A URL that opens Studio as somebody else.
    fn presigned(&mut self, role: &Role<'p>, scope: &Scope<'p>) {
        let number = |name: &str| {
            self.tenancy
                .identity
                .iter()
                .position(|key| key.key.eq_ignore_ascii_case(name))
        };
        let (Some(_), Some(_)) = (
            number("sagemaker:DomainId"),
            number("sagemaker:UserProfileName"),
        ) else {
            return;
        };
        let name_of = |key: &str| {
            let identity = self
                .tenancy
                .identity
                .iter()
                .find(|own| own.key.eq_ignore_ascii_case(key));
            identity.map_or_else(String::new, |own| own.name.clone())
        };
        let text = format!(
            "arn:*:sagemaker:*:*:user-profile/${{owner.{}}}/${{owner.{}}}",
            name_of("sagemaker:DomainId"),
            name_of("sagemaker:UserProfileName")
        );
        let Ok(template) = Template::parse(&text, &self.tenancy.identity) else {
            return;
        };
        let breach = Breach {
            actions: Some(vec!["sagemaker:CreatePresignedDomainUrl".to_owned()]),
            theirs: vec![Mark::Resource(template)],
            ..self.breach()
        };
        let claim = "no tenant opens Studio as another".to_owned();
        let finding = self.ask_of(Obligation::Identity, role, scope, claim, &breach);
        self.findings.push(finding);
    }

    /// An edge of the graph of roles.
    fn leads(&mut self, role: &Role<'p>, scope: &Scope<'p>, action: &str, claim: &str) {
        let mut known: Vec<String> = Vec::new();
        // Who comes to a role that names sessions would name them.
        let is_trusted = |name: &str| {
            let end = format!("/{name}");
            let mut trusted = self.tenancy.trusted.iter();
            trusted.any(|trusted| trusted.role.ends_with(&end))
        };
        let others = self.roles.iter().filter(|role| !role.name.is_empty());
        for other in others.filter(|role| !is_trusted(&role.name)) {
            known.push(format!("arn:*:iam::*:role/{}", other.name));
            known.push(format!("arn:*:iam::*:role/*/{}", other.name));
        }
        let breach = |known: &[String]| Breach {
            actions: Some(vec![action.to_owned()]),
            more: vec![
                More::Resource(vec!["arn:*:iam::*:role/*".to_owned()]),
                More::NotResource(known.to_vec()),
            ],
            ..self.breach()
        };
        let mut finding = self.ask_of(
            Obligation::Identity,
            role,
            scope,
            claim.to_owned(),
            &breach(&known),
        );
        // A role that is named leads somewhere that was not looked at; any role at all is a breach.
        let mut named = Vec::new();
        while let Verdict::Violated(replayed) = &finding.verdict {
            let Resource::Arn(arn) = replayed.request().resource() else {
                break;
            };
            let arn = arn.as_str().to_owned();
            if !literal_resources(role).contains(&arn) || named.contains(&arn) {
                break;
            }
            known.push(arn.clone());
            named.push(arn);
            finding = self.ask_of(
                Obligation::Identity,
                role,
                scope,
                claim.to_owned(),
                &breach(&known),
            );
        }
        if finding.verdict.is_proved() && !named.is_empty() {
            finding.verdict = Verdict::Unknown {
                reason: format!(
                    "it leads to {}, whose policies were not given: give each role a folder of its name with all its policies",
                    named.join(" and ")
                ),
            };
        }
        self.findings.push(finding);
    }

    /// Tags of sessions that say who somebody is.
    fn session_tags(&mut self, role: &Role<'p>, scope: &Scope<'p>) {
        for key in self.tenancy.keys() {
            let Some(tag) = key
                .get("aws:PrincipalTag/".len()..)
                .filter(|_| key.to_ascii_lowercase().starts_with("aws:principaltag/"))
            else {
                continue;
            };
            if !scope.mentions("sts:TagSession") {
                continue;
            }
            let breach = Breach {
                actions: Some(vec!["sts:TagSession".to_owned()]),
                more: vec![More::Differs(
                    format!("aws:RequestTag/{tag}"),
                    key.to_owned(),
                )],
                ..self.breach()
            };
            let claim = format!("no tenant gives a session another's `{tag}`");
            let finding = self.ask_of(Obligation::Identity, role, scope, claim, &breach);
            self.findings.push(finding);
        }
    }

    /// Who may start sessions of the role under which name. Services set what the platform tells them; others must not
    /// choose.
    pub(super) fn trust(&mut self, role: &Role<'p>) {
        let Some(stage) = role.trust else {
            self.need(
                Obligation::Identity,
                "sts:SetSourceIdentity",
                "no trust policy was given; it decides who may start sessions, and under which name".to_owned(),
            );
            return;
        };
        let is_source_identity = |key: &str| key.eq_ignore_ascii_case("aws:SourceIdentity");
        if !self.tenancy.keys().any(is_source_identity) {
            return;
        }
        let trusted = self.tenancy.trusted.iter();
        let trusted: Vec<String> = trusted.map(|trusted| trusted.role.clone()).collect();
        let mut more = vec![
            More::Absent("aws:SourceIdentity".to_owned()),
            More::Person,
            More::Differs("sts:SourceIdentity".to_owned(), "aws:username".to_owned()),
        ];
        more.extend((!trusted.is_empty()).then_some(More::NotRole(trusted)));
        let breach = Breach {
            actions: Some(vec!["sts:SetSourceIdentity".to_owned()]),
            more,
            ..self.breach()
        };
        let claim = "nobody chooses the name that a session bears".to_owned();
        let asked = (Obligation::Identity, role, &stage);
        let finding = self.ask_shared(asked, claim, &breach, About::all(&stage));
        self.findings.push(finding);
    }
}

/// The ARNs that a role's policies name without wildcards.
fn literal_resources(role: &Role<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for statement in role
        .stage
        .policies
        .identity
        .into_iter()
        .flat_map(view::statements)
    {
        if statement.effect() != Effect::Allow {
            continue;
        }
        for pattern in statement
            .resources()
            .into_iter()
            .flat_map(|resources| resources.patterns)
        {
            let ResourceText::Segments(segments) = pattern else {
                continue;
            };
            let literal = |text: &view::Text<'_>| match text.tokens().as_slice() {
                [] => Some(String::new()),
                [Token::Literal(text)] => Some((*text).to_owned()),
                _ => None,
            };
            let parts: Option<Vec<String>> = segments.iter().map(literal).collect();
            found.extend(parts.map(|parts| format!("arn:{}", parts.join(":"))));
        }
    }
    found
}

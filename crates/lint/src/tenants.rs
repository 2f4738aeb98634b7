//! Calls of a tenant, put to the policies of a run: what the rules about ownership ask the engine.
//!
//! The tenant is called `alice`, and the neighbour whose things are not theirs is `bob`.

use crate::deputy;
use crate::model::{self, Condition, Policy, Statement};
use crate::owners;
use crate::text;
use policy::document::Comparison;
use policy::json::{Member, Node, Value};
use policy::text::Spanned;
use policy::{
    AccountId, Action, Document, Effect, NamedPolicy, Options, Policies, PolicySet, PolicyType,
    Principal, Request, Resource, decide,
};
use std::collections::{BTreeMap, BTreeSet};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-west-2";
const DOMAIN: &str = "d-abc123";
/// Who asks.
pub(crate) const SELF: &str = "alice";
/// Somebody else.
pub(crate) const OTHER: &str = "bob";

/// The policies of a run, as the engine reads them.
#[derive(Debug)]
pub struct Run<'a> {
    policies: &'a [Policy],
    sets: Vec<Option<PolicySet>>,
    /// Who holds each policy.
    holders: Vec<Option<&'a str>>,
    /// The policies attached to callers by who holds them, those of unknown holders under `None`.
    held: BTreeMap<Option<&'a str>, Vec<usize>>,
    /// What is denied to those who hold policies that deny, with everything else allowed; under `None`, what anybody is.
    denies: BTreeMap<Option<&'a str>, PolicySet>,
    /// What is denied to all others.
    denies_of_most: PolicySet,
    /// By service, the tags that say who owns something.
    pub(crate) owned: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Run<'a> {
    /// Nothing where no policy of the run speaks of owners or names.
    pub(crate) fn new(policies: &'a [Policy]) -> Option<Self> {
        let owned = owned(policies);
        if owned.is_empty() && !policies.iter().any(owners::is_for_tenants) {
            return None;
        }
        let holders: Vec<Option<&str>> = policies.iter().map(owners::holder).collect();
        let mut run = Self {
            policies,
            sets: Vec::with_capacity(policies.len()),
            holders,
            held: BTreeMap::new(),
            denies: BTreeMap::new(),
            denies_of_most: PolicySet::default(),
            owned,
        };
        let mut denying: BTreeMap<Option<&str>, Vec<NamedPolicy>> = BTreeMap::new();
        for (index, (policy, holder)) in policies.iter().zip(&run.holders).enumerate() {
            let document = document(policy);
            let callers = policy.kind.is_for_callers()
                || policy.kind.policy_type == PolicyType::ServiceControl;
            if let Some(denies) = document.as_ref().filter(|_| callers).and_then(denies) {
                denying.entry(*holder).or_default().push(denies);
            }
            run.sets.push(document.map(compiled));
            if policy.kind.policy_type == PolicyType::Identity {
                run.held.entry(*holder).or_default().push(index);
            }
        }
        run.denies.insert(None, all_but(denying.values().flatten()));
        let unheld = denying.get(&None);
        for (holder, denies) in denying.iter().filter(|(holder, _)| holder.is_some()) {
            let set = all_but(unheld.into_iter().flatten().chain(denies));
            run.denies.insert(*holder, set);
        }
        run.denies_of_most = all_but(unheld.into_iter().flatten());
        Some(run)
    }

    /// The policies of the run.
    pub(crate) fn policies(&self) -> &'a [Policy] {
        self.policies
    }

    /// The policies that are attached to callers, with what they are called by their place in the run.
    pub(crate) fn of_callers(&self) -> impl Iterator<Item = (usize, &'a Policy)> {
        let identity = |policy: &&Policy| policy.kind.policy_type == PolicyType::Identity;
        let all = self.policies.iter().enumerate();
        all.filter(move |(_, policy)| identity(policy))
    }

    /// Who holds the policy at this place in the run, where its file tells.
    pub(crate) fn holder(&self, index: usize) -> Option<&'a str> {
        self.holders.get(index).copied().flatten()
    }

    /// Whether a policy allows a call that nothing in the run denies its holder. What is not understood is not allowed.
    pub(crate) fn allows(&self, index: usize, request: &Request) -> bool {
        let own = self.sets.get(index).and_then(Option::as_ref);
        own.is_some_and(|own| self.is_allowed(own, self.holder(index), request))
    }

    /// Whether any policy that may be the same caller's allows a call.
    pub(crate) fn somebody_allows(&self, index: usize, request: &Request) -> bool {
        let allows = |indices: &Vec<usize>| {
            let mut indices = indices.iter();
            indices.any(|index| self.allows(*index, request))
        };
        match self.holder(index) {
            None => self.held.values().any(allows),
            holder => [None, holder]
                .into_iter()
                .filter_map(|holder| self.held.get(&holder))
                .any(allows),
        }
    }

    fn is_allowed(&self, own: &PolicySet, holder: Option<&str>, request: &Request) -> bool {
        let policies = Policies {
            identity: Some(own),
            boundary: self.denies.get(&holder).or(Some(&self.denies_of_most)),
            ..Policies::default()
        };
        decide(&policies, request).is_allow()
    }
}

fn compiled(document: Document) -> PolicySet {
    PolicySet::compile([NamedPolicy::new("the policy", document)])
}

/// What a policy denies.
fn denies(document: &Document) -> Option<NamedPolicy> {
    let is_deny = |statement: &policy::document::Statement| statement.effect.value == Effect::Deny;
    if !document.statements.iter().any(is_deny) {
        return None;
    }
    let mut document = document.clone();
    document.statements.retain(is_deny);
    Some(NamedPolicy::new("denies", document))
}

/// Everything is allowed but what these deny.
fn all_but<'p>(denying: impl Iterator<Item = &'p NamedPolicy>) -> PolicySet {
    let everything =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let everything = Document::parse(everything, PolicyType::Identity).ok();
    let everything = everything.map(|document| NamedPolicy::new("everything", document));
    PolicySet::compile(denying.cloned().chain(everything))
}

/// The policy with every text that is only known at deployment taken for some text.
fn document(policy: &Policy) -> Option<Document> {
    let node = filled(&policy.node);
    Document::from_node(
        &policy.source,
        &node,
        PolicyType::Identity,
        &Options::default(),
    )
    .ok()
}

fn filled(node: &Node) -> Node {
    let text = |text: &str| sampled(text);
    let value = match &node.value {
        Value::String(written) => Value::String(text(written)),
        Value::Array(elements) => Value::Array(elements.iter().map(filled).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member {
                    key: Spanned::new(text(&member.key.value), member.key.span),
                    value: filled(&member.value),
                })
                .collect(),
        ),
        plain => plain.clone(),
    };
    Node {
        span: node.span,
        value,
    }
}

fn sampled(written: &str) -> String {
    let known = written.replace(text::UNKNOWN, "unknown");
    model::sampled(&known).unwrap_or(known)
}

/// By service, the tags whose values say who owns something.
fn owned(policies: &[Policy]) -> BTreeMap<String, BTreeSet<String>> {
    let mut owned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for policy in policies
        .iter()
        .filter(|policy| policy.kind.is_for_callers())
    {
        for statement in policy.allows() {
            for condition in statement
                .conditions
                .iter()
                .filter(|condition| condition.is_positive())
            {
                let Some(tag) = owner_tag(condition) else {
                    continue;
                };
                for pattern in statement.action_patterns() {
                    let service = pattern.prefix().to_ascii_lowercase();
                    owned.entry(service).or_default().insert(tag.to_owned());
                }
            }
        }
    }
    owned
}

/// The tag of a resource that a condition compares with a person, or with what SageMaker tags with.
pub(crate) fn owner_tag(condition: &Condition) -> Option<&str> {
    let lower = condition.key.value.to_ascii_lowercase();
    let tag = owners::tag_of(&condition.key.value).filter(|_| lower.contains("resourcetag/"))?;
    let person = condition
        .values
        .iter()
        .any(|value| owners::has_person(&value.text.value));
    let automatic = tag.starts_with("sagemaker:") && tag.ends_with("-arn");
    (person || automatic).then_some(tag)
}

/// Resources of somebody else's that a statement's patterns take in, as far as they can be told.
pub(crate) fn resources(statement: &Statement, service: &str, kind: &str) -> Vec<String> {
    let any = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}/example");
    let Some(element) = statement.resources.as_ref().filter(|element| !element.not) else {
        return vec![any];
    };
    let one = |pattern: &str| match pattern {
        "*" => any.clone(),
        pattern => example(pattern, OTHER),
    };
    element
        .values
        .iter()
        .map(|text| one(&sampled(&text.value)))
        .take(8)
        .collect()
}

/// A text that a pattern matches: variables are those of a person, wildcards some text.
fn example(pattern: &str, person: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    for variable in owners::keys(pattern) {
        out.push_str(pattern.get(at..variable.range.0).unwrap_or(""));
        out.push_str(&value_of(variable.key, person));
        at = variable.range.1;
    }
    out.push_str(pattern.get(at..).unwrap_or(""));
    let parts: Vec<&str> = out.splitn(6, ':').collect();
    if let ["arn", partition, service, region, account, resource] = parts.as_slice() {
        let or = |part: &str, otherwise: &str| match part {
            "*" => otherwise.to_owned(),
            part => part.replace(['*', '?'], "x"),
        };
        return format!(
            "arn:{}:{}:{}:{}:{}",
            or(partition, "aws"),
            or(service, "sagemaker"),
            or(region, REGION),
            or(account, ACCOUNT),
            resource.replace('*', "example").replace('?', "x")
        );
    }
    out.replace('*', "example").replace('?', "x")
}

fn value_of(key: &str, person: &str) -> String {
    match key.to_ascii_lowercase().as_str() {
        "sagemaker:domainid" => DOMAIN.to_owned(),
        "aws:principalaccount" | "aws:resourceaccount" => ACCOUNT.to_owned(),
        _ => person.to_owned(),
    }
}

/// What a tag of ownership says where a person is the owner, as the condition on it writes it.
fn tag_value(tag: &str, person: &str, resource: &str, written: Option<&str>) -> String {
    if let Some(written) = written {
        return example(&sampled(written), person);
    }
    let head: Vec<&str> = resource.splitn(6, ':').take(5).collect();
    let head = head.join(":");
    match tag {
        "sagemaker:user-profile-arn" => format!("{head}:user-profile/{DOMAIN}/{person}"),
        "sagemaker:domain-arn" if person == OTHER => format!("{head}:domain/d-another"),
        "sagemaker:domain-arn" => format!("{head}:domain/{DOMAIN}"),
        "sagemaker:space-arn" => format!("{head}:space/{DOMAIN}/{person}"),
        _ => person.to_owned(),
    }
}

/// A call of `alice`'s from Studio.
pub(crate) struct Call<'s> {
    /// The action.
    pub(crate) action: &'s str,
    /// The resource.
    pub(crate) resource: &'s str,
    /// The statement whose other conditions the call meets.
    pub(crate) statement: &'s Statement,
    /// Keys that it has.
    pub(crate) keys: Vec<(String, Vec<String>)>,
}

impl<'s> Call<'s> {
    pub(crate) fn new(action: &'s str, resource: &'s str, statement: &'s Statement) -> Self {
        Self {
            action,
            resource,
            statement,
            keys: Vec::new(),
        }
    }

    /// Sets a key.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.keys.push((key.to_owned(), vec![value.to_owned()]));
        self
    }

    /// The resource is somebody's, in the caller's domain unless the tag is the domain's.
    pub(crate) fn on(mut self, tag: &str, owner: &str) -> Self {
        const DOMAINS: &str = "sagemaker:domain-arn";
        let service = self.action.split(':').next().unwrap_or("");
        let others = (tag != DOMAINS).then_some((DOMAINS, SELF));
        for (tag, owner) in others.into_iter().chain([(tag, owner)]) {
            let value = tag_value(tag, owner, self.resource, None);
            for prefix in [service, "aws"] {
                let key = format!("{prefix}:ResourceTag/{tag}");
                self.keys.push((key, vec![value.clone()]));
            }
        }
        self
    }

    /// The request tags it as somebody's.
    pub(crate) fn tagging(mut self, tag: &str, owner: &str) -> Self {
        let written = self.written(tag).filter(|text| owners::has_person(text));
        let value = tag_value(tag, owner, self.resource, written.as_deref());
        self.keys
            .push((format!("aws:RequestTag/{tag}"), vec![value]));
        self.tag_keys(tag)
    }

    pub(crate) fn tag_keys(mut self, tag: &str) -> Self {
        match self.keys.iter_mut().find(|(key, _)| key == "aws:TagKeys") {
            Some((_, values)) => values.push(tag.to_owned()),
            None => self
                .keys
                .push(("aws:TagKeys".to_owned(), vec![tag.to_owned()])),
        }
        self
    }

    /// The value of a tag as the statement writes it.
    fn written(&self, tag: &str) -> Option<String> {
        let on_tag = |condition: &&Condition| owners::tag_of(&condition.key.value) == Some(tag);
        let condition = self.statement.conditions.iter().find(on_tag)?;
        condition
            .values
            .first()
            .map(|value| value.text.value.clone())
    }

    /// The request; `None` where a sample is no ARN.
    pub(crate) fn request(&self) -> Option<Request> {
        let head: Vec<&str> = self.resource.splitn(6, ':').collect();
        let partition = head.get(1).copied().unwrap_or("aws");
        let account = head
            .get(4)
            .copied()
            .filter(|account| !account.is_empty())
            .unwrap_or(ACCOUNT);
        // The domain is the one that the statement asks for.
        let domain = deputy::named(self.statement, "sagemaker:DomainId");
        let domain = domain.as_deref().unwrap_or(DOMAIN);
        let session = format!("arn:{partition}:sts::{account}:assumed-role/execution/SageMaker");
        let mut request = Request::builder(
            Principal::parse(&session).ok()?,
            Action::parse(self.action).ok()?,
            Resource::parse(&self.resource.replace(DOMAIN, domain)).ok()?,
        )
        .resource_account(AccountId::parse(account)?)
        .set("aws:SourceIdentity", SELF)
        .set("sagemaker:DomainId", domain)
        .set("sagemaker:UserProfileName", SELF);
        for (key, value) in self.met() {
            request = request.set(&key, value.as_str());
        }
        for (key, values) in &self.keys {
            request = match values.as_slice() {
                [one] if key != "aws:TagKeys" => {
                    request.set(key, one.replace(DOMAIN, domain).as_str())
                }
                many => request.set(key, many.to_vec()),
            };
        }
        Some(request.build())
    }

    /// The keys by which the call meets the statement's other conditions.
    fn met(&self) -> Vec<(String, String)> {
        let mut met = Vec::new();
        for text in crate::facts::variable_texts(self.statement) {
            for variable in owners::keys(&text.value) {
                let lower = variable.key.to_ascii_lowercase();
                if lower.starts_with("aws:principaltag/") {
                    met.push((variable.key.to_owned(), SELF.to_owned()));
                }
            }
        }
        for condition in self.statement.conditions.iter().filter(|c| c.is_positive()) {
            let value = condition.values.first().filter(|_| is_met(condition));
            if let Some(value) = value {
                let key = condition.key.value.clone();
                met.push((key, example(&sampled(&value.text.value), SELF)));
            }
        }
        met
    }
}

/// Whether a statement is an administrator's: every action is meant.
pub(crate) fn is_for_everything(statement: &Statement) -> bool {
    statement.actions.as_ref().is_none_or(|actions| actions.not)
        || statement
            .action_patterns()
            .iter()
            .any(model::ActionPattern::is_any)
}

/// Whether a call is given what a condition asks for; what is asked of tags is what the rules are about.
fn is_met(condition: &Condition) -> bool {
    let lower = condition.key.value.to_ascii_lowercase();
    let asked = owners::tag_of(&lower).is_some()
        || matches!(
            lower.as_str(),
            "aws:tagkeys" | "sagemaker:taggingaction" | "sagemaker:spacesharingtype"
        );
    let text = condition.operator.is_some_and(|operator| {
        use Comparison::{ArnLike, Bool, StringEquals, StringLike};
        matches!(
            operator.comparison,
            StringEquals | StringLike | ArnLike | Bool
        )
    });
    text && !asked
}

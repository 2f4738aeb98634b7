//! One engine with one request, ready to answer it again and again.

use crate::Result;
use crate::scenario::{Document, RequestJson};
use policy::{
    AccountId, Action, NamedPolicy, Options, Policies, PolicySet, PolicyType, Principal, Request,
    Resource, decide, explain,
};

/// What an engine answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Allow,
    Deny,
    /// The engine found nothing that applies, or failed.
    Other,
}

/// An engine and a question.
pub(crate) struct Subject {
    pub(crate) engine: &'static str,
    pub(crate) run: Box<dyn Fn() -> Answer>,
}

/// The compiled policies of all layers.
#[derive(Default)]
pub(crate) struct Layers {
    pub(crate) identity: PolicySet,
    pub(crate) boundary: Option<PolicySet>,
    pub(crate) session: Option<PolicySet>,
    pub(crate) resource: Option<PolicySet>,
    pub(crate) service_control: Vec<PolicySet>,
}

impl Layers {
    fn policies(&self) -> Policies<'_> {
        Policies {
            identity: Some(&self.identity),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            service_control: &self.service_control,
            ..Policies::default()
        }
    }
}

/// Compiles policies of one type together.
pub(crate) fn compile(documents: &[&Document], policy_type: PolicyType) -> Result<PolicySet> {
    let named = documents.iter().map(|document| {
        let text = document.to_string();
        let source = policy::text::Source::new(text);
        let parsed = policy::Document::parse_source(&source, policy_type, &Options::default())?;
        Ok(NamedPolicy::new("policy", parsed))
    });
    Ok(PolicySet::compile(named.collect::<Result<Vec<_>>>()?))
}

/// The request of a scenario, built once.
fn request(json: &RequestJson) -> Result<Request> {
    let mut builder = Request::builder(
        Principal::parse(&json.principal)?,
        Action::parse(&json.action)?,
        Resource::parse(&json.resource)?,
    );
    if let Some(account) = AccountId::parse(&json.account) {
        builder = builder.resource_account(account);
    }
    for (key, value) in &json.context {
        builder = builder.set(key, value.as_str());
    }
    Ok(builder.build())
}

/// Palisade, deciding.
pub(crate) fn palisade(layers: Layers, json: &RequestJson) -> Result<Subject> {
    let request = request(json)?;
    Ok(Subject {
        engine: "Palisade",
        run: Box::new(move || {
            match decide(&layers.policies(), std::hint::black_box(&request)).is_allow() {
                true => Answer::Allow,
                false => Answer::Deny,
            }
        }),
    })
}

/// Palisade, explaining.
pub(crate) fn palisade_explains(layers: Layers, json: &RequestJson) -> Result<Subject> {
    let request = request(json)?;
    Ok(Subject {
        engine: "Palisade",
        run: Box::new(move || {
            let policies = layers.policies();
            let explanation = explain(&policies, std::hint::black_box(&request));
            let decided_by = explanation.decided_by.as_ref();
            std::hint::black_box(decided_by.map(|statement| statement.position()));
            std::hint::black_box(explanation.message());
            match explanation.is_allow() {
                true => Answer::Allow,
                false => Answer::Deny,
            }
        }),
    })
}

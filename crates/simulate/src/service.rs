//! A call that an AWS service makes by itself, for a resource of its owner's and for a stranger's: whether a policy makes
//! the service a confused deputy.

use policy::text::{Rejected, Source};
use policy::{
    AccountId, Action, Document, NamedPolicy, Options, Policies, PolicySet, PolicyType, Principal,
    Request, Resource, explain,
};
use serde_json::{Value, json};

use crate::Answer;

/// A call by a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCall {
    /// The service principal, such as `sagemaker.amazonaws.com`.
    pub service: String,
    /// The actions that the call needs, all of them.
    pub actions: Vec<String>,
    /// The resource that is called: the role, the bucket's object, …
    pub resource: String,
    /// The account that owns it.
    pub owner: String,
    /// Further condition keys.
    pub keys: Vec<(String, String)>,
}

/// For whom a service calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// `aws:SourceAccount`.
    pub account: String,
    /// `aws:SourceArn`; services that send none exist.
    pub arn: Option<String>,
    /// `aws:SourceOrgID`, of an account in an organisation.
    pub organization: Option<String>,
}

/// What a policy answers a service, action by action.
#[derive(Clone, Debug)]
pub struct ServiceAnswer {
    /// For whom it called.
    pub source: OnBehalfOf,
    /// The actions and the answers, in the order of the call.
    pub answers: Vec<(String, Answer)>,
}

impl ServiceAnswer {
    /// Whether all that the call needs is allowed.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        self.answers.iter().all(|(_, answer)| answer.is_allow())
    }

    /// The answer as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let answer = |(action, answer): &(String, Answer)| json!({"action": action, "answer": answer.to_json()});
        json!({
            "sourceAccount": self.source.account,
            "sourceArn": self.source.arn,
            "sourceOrgID": self.source.organization,
            "verdict": if self.is_allow() { "Allow" } else { "Deny" },
            "actions": self.answers.iter().map(answer).collect::<Vec<_>>(),
        })
    }
}

/// A resource policy that services are to be simulated against.
#[derive(Clone, Debug)]
pub struct ServicePolicy {
    set: PolicySet,
    kind: PolicyType,
}

impl ServicePolicy {
    /// Reads a policy as that of `resource`: a trust policy for a role, a key policy for a key.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(source: &Source, resource: &str) -> Result<Self, Rejected> {
        let mut parts = resource.splitn(6, ':').skip(2);
        let kind = match (parts.next(), parts.nth(2)) {
            (Some("iam"), Some(rest)) if rest.starts_with("role/") => PolicyType::Trust,
            (Some("kms"), Some(rest)) if rest.starts_with("key/") => PolicyType::Key,
            _ => PolicyType::Resource,
        };
        let document = Document::parse_source(source, kind, &Options::default())?;
        let name = source.name().unwrap_or("the policy").to_owned();
        let set = PolicySet::compile([NamedPolicy::new(name.as_str(), document)]);
        Ok(Self { set, kind })
    }

    /// Answers a call on behalf of `source`.
    ///
    /// # Errors
    /// What is no action, ARN or account.
    pub fn answer(&self, call: &ServiceCall, source: &OnBehalfOf) -> Result<ServiceAnswer, String> {
        let mut answers = Vec::with_capacity(call.actions.len());
        for action in &call.actions {
            let request = self.request(call, action, source)?;
            let policies = Policies {
                resource: Some(&self.set),
                ..Policies::default()
            };
            let explanation = explain(&policies, &request);
            let answer = Answer::new(Value::Null, &explanation);
            answers.push((action.clone(), answer));
        }
        Ok(ServiceAnswer {
            source: source.clone(),
            answers,
        })
    }

    fn request(
        &self,
        call: &ServiceCall,
        action: &str,
        source: &OnBehalfOf,
    ) -> Result<Request, String> {
        let owner = AccountId::parse(&call.owner)
            .ok_or_else(|| format!("`{}` is no account id: write its twelve digits", call.owner))?;
        if AccountId::parse(&source.account).is_none() {
            let wrong = &source.account;
            return Err(format!(
                "`{wrong}` is no account id: write its twelve digits"
            ));
        }
        let parsed = Action::parse(action).map_err(|error| format!("`{action}`: {error}"))?;
        let resource = Resource::parse(&call.resource)
            .map_err(|error| format!("`{}`: {error}", call.resource))?;
        let mut request = Request::builder(Principal::service(&call.service), parsed, resource)
            .resource_account(owner)
            .resource_policy_type(self.kind)
            .set("aws:SourceAccount", source.account.as_str());
        if let Some(arn) = &source.arn {
            request = request.set("aws:SourceArn", arn.as_str());
        }
        if let Some(organization) = &source.organization {
            request = request.set("aws:SourceOrgID", organization.as_str());
        }
        for (key, value) in &call.keys {
            request = request.set(key, value.as_str());
        }
        Ok(request.build())
    }
}

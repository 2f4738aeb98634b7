//! What is synthesised lets everybody reach what is theirs, and nobody anything else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test panics"
)]

mod catalog_knows;
mod checked;
mod china;
mod clusters;
mod completed;
mod deputies;
mod feature_store;
mod files;
mod organization;
mod sizes;
mod three_hundred;
mod trusts;
mod two_teams;

use std::path::Path;

use blueprint::Blueprint;
use policy::{
    AccountId, Action, NamedPolicy, Policies, PolicySet, PolicyType, Principal, Request, Resource,
    decide,
};
use synth::Plan;

/// The folder of the examples.
pub(crate) fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tenancies")
}

pub(crate) fn example(name: &str) -> Blueprint {
    let path = folder().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let read = |path: &Path| std::fs::read(path);
    blueprint::read(name, &text, &read).unwrap_or_else(|wrong| panic!("{wrong}"))
}

pub(crate) fn read(text: &str) -> Blueprint {
    let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    blueprint::read("test.toml", text, &none).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The names of all examples.
pub(crate) fn examples() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    assert!(names.len() >= 6, "{names:?}");
    names
}

pub(crate) fn set(text: &str, kind: PolicyType) -> PolicySet {
    let document = policy::Document::parse(text, kind).unwrap_or_else(|e| panic!("{e}\n{text}"));
    PolicySet::compile([NamedPolicy::new("synth", document)])
}

/// A plan whose policies can be asked.
pub(crate) struct Tenancy {
    pub(crate) plan: Plan,
}

impl Tenancy {
    pub(crate) fn example(name: &str) -> Tenancy {
        Tenancy::of(&example(name))
    }

    pub(crate) fn of(blueprint: &Blueprint) -> Tenancy {
        Tenancy {
            plan: synth::synthesise(blueprint).unwrap(),
        }
    }

    /// The identity policies of a role together.
    fn identity(&self, account: &str, role: &str) -> PolicySet {
        let account = self.plan.accounts.iter().find(|it| it.id == account);
        let account = account.unwrap();
        let role = account.roles.iter().find(|it| it.name == role).unwrap();
        let policies = account.policies.iter();
        let policies = policies.filter(|policy| role.policies.contains(&policy.name));
        PolicySet::compile(policies.map(|named| {
            let text = named.policy.pretty();
            let document = policy::Document::parse(&text, PolicyType::Identity).unwrap();
            NamedPolicy::new(named.name.as_str(), document)
        }))
    }

    /// The policy of the bucket or secret that a resource is in.
    fn resource(&self, resource: &str) -> Option<PolicySet> {
        if resource.contains(":kms:") {
            let mut keys = self.plan.accounts.iter().flat_map(|it| &it.keys);
            let key = keys.next().unwrap();
            return Some(set(&key.policy.pretty(), PolicyType::Key));
        }
        let accounts = self.plan.accounts.iter();
        let mut all = accounts.flat_map(|account| account.buckets.iter().chain(&account.secrets));
        let named = all.find(|named| {
            let secret = format!(":secret:{}-", named.name);
            let bucket = resource.split(":::").nth(1).unwrap_or_default();
            resource.contains(&secret) || bucket.split('/').next() == Some(&named.name)
        });
        named.map(|named| set(&named.policy.pretty(), PolicyType::Resource))
    }

    pub(crate) fn trust(&self, account: &str, role: &str) -> PolicySet {
        let account = self.plan.accounts.iter().find(|it| it.id == account);
        let role = account.unwrap().roles.iter().find(|it| it.name == role);
        set(&role.unwrap().trust.pretty(), PolicyType::Trust)
    }
}

/// Somebody who works with a synthesised role.
#[derive(Clone)]
pub(crate) struct Session<'t> {
    tenancy: &'t Tenancy,
    account: String,
    partition: &'static str,
    role: String,
    context: Vec<(String, Vec<String>)>,
    resource_account: String,
}

impl<'t> Session<'t> {
    /// A session of a role without any keys.
    pub(crate) fn bare(tenancy: &'t Tenancy, account: &str, role: &str) -> Session<'t> {
        Session {
            tenancy,
            account: account.to_owned(),
            partition: "aws",
            role: role.to_owned(),
            context: Vec::new(),
            resource_account: account.to_owned(),
        }
    }

    /// A session in Studio.
    pub(crate) fn studio(
        tenancy: &'t Tenancy,
        (account, role): (&str, &str),
        domain: &str,
        profile: &str,
    ) -> Session<'t> {
        Session::job(tenancy, (account, role), profile)
            .set("sagemaker:DomainId", domain)
            .set("sagemaker:UserProfileName", profile)
    }

    /// A session of a job.
    pub(crate) fn job(
        tenancy: &'t Tenancy,
        (account, role): (&str, &str),
        name: &str,
    ) -> Session<'t> {
        Session::bare(tenancy, account, role).set("aws:SourceIdentity", name)
    }

    pub(crate) fn in_partition(mut self, partition: &'static str) -> Self {
        self.partition = partition;
        self
    }

    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.context.retain(|(known, _)| known != key);
        self.context.push((key.to_owned(), vec![value.to_owned()]));
        self
    }

    pub(crate) fn list(mut self, key: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        self.context.push((format!("[{key}"), values));
        self
    }

    pub(crate) fn without(mut self, key: &str) -> Self {
        self.context.retain(|(known, _)| known != key);
        self
    }

    /// The resource belongs to another account.
    pub(crate) fn abroad(mut self, account: &str) -> Self {
        self.resource_account = account.to_owned();
        self
    }

    fn request(&self, action: &str, resource: &str) -> Request {
        let (partition, account, role) = (self.partition, &self.account, &self.role);
        let arn = format!("arn:{partition}:sts::{account}:assumed-role/{role}/SageMaker");
        let role = format!("arn:{partition}:iam::{account}:role/{role}");
        let principal = Principal::parse(&arn).unwrap();
        let resource = match resource {
            "*" => Resource::Any,
            arn => Resource::parse(arn).unwrap(),
        };
        let mut request = Request::builder(principal, Action::parse(action).unwrap(), resource)
            .resource_account(AccountId::parse(&self.resource_account).unwrap())
            .set("aws:PrincipalArn", role.as_str());
        for (key, values) in &self.context {
            request = match key.strip_prefix('[') {
                Some(key) => request.set(key.to_owned(), values.clone()),
                None => request.set(key, values[0].as_str()),
            };
        }
        request.build()
    }

    /// Whether a call is allowed.
    pub(crate) fn may(&self, action: &str, resource: &str) -> bool {
        let identity = self.tenancy.identity(&self.account, &self.role);
        let own = self.tenancy.resource(resource);
        let policies = Policies {
            identity: Some(&identity),
            resource: own.as_ref(),
            ..Policies::default()
        };
        decide(&policies, &self.request(action, resource)).is_allow()
    }

    /// Whether the resource's own policy lets a role through that may do everything.
    pub(crate) fn may_with_every_permission(&self, action: &str, resource: &str) -> bool {
        let everything = set(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            PolicyType::Identity,
        );
        let own = self.tenancy.resource(resource);
        let policies = Policies {
            identity: Some(&everything),
            resource: own.as_ref(),
            ..Policies::default()
        };
        decide(&policies, &self.request(action, resource)).is_allow()
    }

    /// With the tags of a new resource.
    pub(crate) fn tagging(self, region: &str, domain: &str, profile: &str) -> Self {
        let (partition, account) = (self.partition, self.account.clone());
        let arn = format!("arn:{partition}:sagemaker:{region}:{account}");
        self.set(
            "aws:RequestTag/sagemaker:user-profile-arn",
            &format!("{arn}:user-profile/{domain}/{profile}"),
        )
        .set(
            "aws:RequestTag/sagemaker:domain-arn",
            &format!("{arn}:domain/{domain}"),
        )
    }

    /// On a resource with an owner.
    pub(crate) fn on(self, region: &str, domain: &str, owner: &str) -> Self {
        let (partition, account) = (self.partition, self.account.clone());
        self.set(
            "sagemaker:ResourceTag/sagemaker:user-profile-arn",
            &format!("arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/{owner}"),
        )
    }
}

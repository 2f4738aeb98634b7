//! The smallest request that shows the same, in words that people use.

use super::Question;
use crate::model::Model;
use policy::{Action, ContextValue, Request, Resource};
use std::collections::BTreeSet;

/// Actions that everybody knows.
const ACTIONS: [&str; 5] = [
    "s3:GetObject",
    "sts:AssumeRole",
    "iam:PassRole",
    "ec2:RunInstances",
    "sagemaker:CreateTrainingJob",
];

/// Accounts of examples.
const ACCOUNTS: [&str; 3] = ["444455556666", "777788889999", "111122223333"];

impl Question<'_> {
    /// A request that violates the question as this one does, smaller and easier to read where possible.
    pub(super) fn readable(&self, model: &Model<'_>, request: Request) -> Request {
        if !self.is_violated_by(&request) {
            return request;
        }
        let request = self.known_action(request);
        let request = self.known_resource(request);
        let request = self.fewer_keys(model, request);
        let request = self.known_places(model, request);
        self.known_values(model, request)
    }

    fn known_action(&self, request: Request) -> Request {
        if catalog::action(request.action().as_str()).is_some() {
            return request;
        }
        let service = catalog::service(request.action().service());
        let own = service.into_iter().flat_map(|service| service.actions());
        let known = ACTIONS.iter().map(|name| (*name).to_owned());
        let names = known.chain(own.map(|action| action.to_string()));
        names
            .filter_map(|name| Action::parse(&name).ok())
            .map(|action| request.to_builder().action(action).build())
            .find(|request| self.is_violated_by(request))
            .unwrap_or(request)
    }

    /// A resource in the form that the action acts on.
    fn known_resource(&self, request: Request) -> Request {
        let Some(action) = catalog::action(request.action().as_str()) else {
            return request;
        };
        let account = request.resource_account();
        let account = account
            .as_ref()
            .map_or("111122223333", |account| account.as_str());
        let mut resources: Vec<_> = action.resources().collect();
        resources.sort_by_key(|resource| rank(action, *resource));
        let forms = resources
            .into_iter()
            .flat_map(|resource| resource.resource_type().arns());
        let none = (!action.has_resources()).then_some(Resource::Any);
        let filled = forms.filter_map(|form| {
            let arn = fill(&form.to_string(), account);
            Resource::parse(&arn).ok()
        });
        let mut filled = none.into_iter().chain(filled);
        let resource = filled.find_map(|resource| {
            let changed = request.to_builder().resource(resource).build();
            self.is_violated_by(&changed).then_some(changed)
        });
        resource.unwrap_or(request)
    }

    /// Without the keys that do not matter and that a request may lack.
    fn fewer_keys(&self, model: &Model<'_>, mut request: Request) -> Request {
        let keys: Vec<String> = request
            .context()
            .iter()
            .map(|(key, _)| key.to_owned())
            .collect();
        for key in keys {
            let may_lack = model.find_key(&key).and_then(|id| {
                let bound = model
                    .callers
                    .iter()
                    .any(|caller| caller.keys.contains_key(&id));
                Some(!bound && model.keys.get(id.index())?.domain.absent)
            });
            if may_lack != Some(true) {
                continue;
            }
            let smaller = request.to_builder().absent(&key).build();
            if self.is_violated_by(&smaller) {
                request = smaller;
            }
        }
        request
    }

    /// With a region and an account in the ARNs of SageMaker that were left without.
    fn known_places(&self, model: &Model<'_>, mut request: Request) -> Request {
        let account = request.resource_account();
        let account = account.map_or_else(|| ACCOUNTS[2].to_owned(), |own| own.as_str().to_owned());
        let bare = |value: &ContextValue| match value {
            ContextValue::One(text) if text.contains(":sagemaker:::") => Some(text.to_string()),
            _ => None,
        };
        let values: BTreeSet<String> = request
            .context()
            .iter()
            .filter(|(key, _)| !key.eq_ignore_ascii_case("aws:SourceArn"))
            .filter_map(|(_, value)| bare(value))
            .collect();
        for value in values {
            let placed = value.replacen(":::", &format!(":us-west-2:{account}:"), 1);
            // What is the same in two keys stays so.
            let keys: Vec<String> = request
                .context()
                .iter()
                .filter(|(_, own)| bare(own).as_deref() == Some(&*value))
                .map(|(key, _)| key.to_owned())
                .collect();
            let changed = keys.iter().fold(request.to_builder(), |builder, key| {
                builder.set(key, placed.as_str())
            });
            let changed = changed.build();
            let fits = keys.iter().all(|key| model.may_be(key, &placed));
            if fits && self.is_violated_by(&changed) {
                request = changed;
            }
        }
        request
    }

    /// With accounts and ARNs of examples.
    fn known_values(&self, model: &Model<'_>, mut request: Request) -> Request {
        let get = |request: &Request, key: &str| match request.context().get(key) {
            Some(ContextValue::One(value)) => Some(value.to_string()),
            _ => None,
        };
        let account = get(&request, "aws:SourceAccount");
        let source = get(&request, "aws:SourceArn");
        for to in ACCOUNTS {
            let changed = match (&account, &source) {
                (Some(own), Some(arn)) => request
                    .to_builder()
                    .set("aws:SourceAccount", to)
                    .set("aws:SourceArn", arn.replace(own.as_str(), to)),
                (Some(_), None) => request.to_builder().set("aws:SourceAccount", to),
                _ => break,
            };
            let changed = changed.build();
            if self.is_violated_by(&changed) {
                request = changed;
                break;
            }
        }
        if let Some(arn) = get(&request, "aws:SourceArn") {
            let account = get(&request, "aws:SourceAccount");
            for better in better_arns(&arn, account.as_deref().unwrap_or(ACCOUNTS[0])) {
                let fits = model.may_be("aws:SourceArn", &better);
                let changed = request
                    .to_builder()
                    .set("aws:SourceArn", better.as_str())
                    .build();
                if fits && self.is_violated_by(&changed) {
                    return changed;
                }
            }
        }
        request
    }
}

/// The same ARN with names for what is left open, the best first.
fn better_arns(arn: &str, other_account: &str) -> Vec<String> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, _, service, region, account, rest] = parts.as_slice() else {
        return Vec::new();
    };
    let services = ["sagemaker", *service];
    let regions = ["us-west-2", *region];
    let longer = format!("{rest}example");
    let rests = ["training-job/example", &longer, *rest];
    let accounts = match account.is_empty() {
        true => vec![other_account, ACCOUNTS[0], ""],
        false => vec![*account, other_account, ACCOUNTS[0]],
    };
    let mut all = Vec::new();
    for account in accounts {
        for service in services {
            for region in regions {
                for rest in rests {
                    all.push([*arn, "aws", service, region, account, rest].join(":"));
                }
            }
        }
    }
    all
}

/// How far a resource is from what an action is known for: what it cannot do without comes first, then what it is named
/// after, then a training job, which everybody knows.
fn rank(action: catalog::Action, resource: catalog::ActionResource) -> (bool, bool, bool) {
    let name = resource.resource_type().name().to_string();
    let plain = name.replace(['-', '_'], "").to_ascii_lowercase();
    let is_named = action.to_string().to_ascii_lowercase().ends_with(&plain);
    (!resource.is_required(), !is_named, name != "training-job")
}

/// An ARN's form with examples in the places of its placeholders.
fn fill(form: &str, account: &str) -> String {
    let mut filled = String::new();
    let mut rest = form;
    while let Some((before, behind)) = rest.split_once("${") {
        filled.push_str(before);
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        filled.push_str(match name {
            "Partition" => "aws",
            "Region" => "us-west-2",
            "Account" => account,
            _ => "example",
        });
        rest = after;
    }
    filled + rest
}

//! Requests with their policies, made from a string of bytes: every byte is one choice, and the choice made where the bytes run
//! out is always the first. So random bytes make random cases, shorter strings make simpler ones, and a fuzzer's input is a case.

use crate::statements::{KEYS, Policy, policy};
use policy::options::{
    EmptyString, ForAllNegatedMissing, NotResourceNullVariable, NullVariableNegated,
    PlainOperatorOnList,
};
use policy::{
    AccountId, Action, ContextValue, NamedPolicy, Options, Policies, PolicySet, PolicyType,
    Principal, Request, Resource,
};

/// A string of choices.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    fn next(&mut self) -> usize {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                usize::from(*first)
            }
            None => 0,
        }
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.next() % from.len()]
    }

    /// Rarely true, and never where the bytes have run out.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.next() % n == n - 1
    }

    /// From zero to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.next() % (most + 1)
    }
}

/// The policies of every layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    pub(crate) identity: Option<Vec<Policy>>,
    pub(crate) boundary: Option<Vec<Policy>>,
    pub(crate) session: Option<Vec<Policy>>,
    pub(crate) resource: Option<Vec<Policy>>,
    pub(crate) endpoint: Option<Vec<Policy>>,
    pub(crate) service_control: Vec<Vec<Policy>>,
    pub(crate) resource_control: Vec<Vec<Policy>>,
    pub(crate) management_account: Option<AccountId>,
    pub(crate) options: Options,
}

impl Layers {
    /// Every layer that is there, one entry for each level.
    pub(crate) fn sets_mut(&mut self) -> Vec<&mut Vec<Policy>> {
        let single = [
            &mut self.identity,
            &mut self.boundary,
            &mut self.session,
            &mut self.resource,
            &mut self.endpoint,
        ];
        let levels = self
            .service_control
            .iter_mut()
            .chain(&mut self.resource_control);
        single.into_iter().flatten().chain(levels).collect()
    }

    pub(crate) fn compile(&self) -> Compiled {
        let set = |policies: &Vec<Policy>| {
            let named = policies
                .iter()
                .map(|policy| NamedPolicy::new("p", policy.parse()));
            PolicySet::compile_with(named, self.options)
        };
        Compiled {
            identity: self.identity.as_ref().map(set),
            boundary: self.boundary.as_ref().map(set),
            session: self.session.as_ref().map(set),
            resource: self.resource.as_ref().map(set),
            endpoint: self.endpoint.as_ref().map(set),
            service_control: self.service_control.iter().map(set).collect(),
            resource_control: self.resource_control.iter().map(set).collect(),
            management_account: self.management_account,
        }
    }
}

/// The layers, compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) identity: Option<PolicySet>,
    pub(crate) boundary: Option<PolicySet>,
    pub(crate) session: Option<PolicySet>,
    pub(crate) resource: Option<PolicySet>,
    pub(crate) endpoint: Option<PolicySet>,
    pub(crate) service_control: Vec<PolicySet>,
    pub(crate) resource_control: Vec<PolicySet>,
    pub(crate) management_account: Option<AccountId>,
}

impl Compiled {
    pub(crate) fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.identity.as_ref(),
            boundary: self.boundary.as_ref(),
            session: self.session.as_ref(),
            resource: self.resource.as_ref(),
            endpoint: self.endpoint.as_ref(),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            management_account: self.management_account,
        }
    }
}

/// A request and its policies.
pub(crate) fn case(c: &mut Choices<'_>) -> (Request, Layers) {
    let request = request(c);
    let layers = layers(c, request.resource_policy_type());
    (request, layers)
}

const PRINCIPALS: &[&str] = &[
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:sts::111122223333:assumed-role/Exec/alice",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:iam::111122223333:root",
    "arn:aws:sts::111122223333:federated-user/bob",
    "arn:aws:iam::999988887777:user/alice",
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked",
    "sagemaker.amazonaws.com",
    "accounts.google.com",
    "anonymous",
];

fn principal(c: &mut Choices<'_>) -> Principal {
    match c.pick(PRINCIPALS) {
        "anonymous" => Principal::Anonymous,
        "sagemaker.amazonaws.com" => Principal::service("sagemaker.amazonaws.com"),
        "accounts.google.com" => Principal::Federated {
            provider: "accounts.google.com".into(),
        },
        arn => match (Principal::parse(arn).unwrap(), c.one_in(2)) {
            (Principal::FederatedUser { arn, account, .. }, true) => {
                let parent = "arn:aws:iam::111122223333:user/alice";
                let parent = policy::Arn::parse(parent).ok();
                Principal::FederatedUser {
                    arn,
                    parent,
                    parent_id: None,
                    account,
                }
            }
            (other, _) => other,
        },
    }
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "S3:listbucket",
    "sagemaker:DescribeTrainingJob",
    "sts:AssumeRole",
    "kms:Decrypt",
];

const RESOURCES: &[&str] = &[
    "arn:aws:s3:::b/alice/x",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*/ü",
    "*",
    "arn:aws:sagemaker:us-east-1:111122223333:training-job/alice-1",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:AWS:S3:::b/a:b",
];

/// Values of requests: of every type, unreadable for most, and full of what would be syntax in a policy.
const VALUES: &[&str] = &[
    "alice",
    "bob",
    "",
    "*",
    "a*",
    "?lice",
    "${*}",
    "${aws:userid}",
    "ALICE",
    "ü",
    "true",
    "FALSE",
    "10",
    "-1.5",
    "1e400",
    "9.999",
    "2020-01-01T00:00:00Z",
    "1577836800",
    "2020",
    "203.0.113.7",
    "2001:db8::1",
    "10.0.0.1/8",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/alice",
    "arn:aws:iam::111122223333:role/team/Exec",
    "arn:aws:s3",
    "QQ==",
    "A",
    "AROAEXAMPLEEXAMPLE:alice",
    "x y",
    "a:b",
];

fn value(c: &mut Choices<'_>) -> ContextValue {
    if !c.one_in(4) {
        return c.pick(VALUES).into();
    }
    let count = c.up_to(3);
    (0..count)
        .map(|_| c.pick(VALUES).to_owned())
        .collect::<Vec<_>>()
        .into()
}

pub(crate) fn request(c: &mut Choices<'_>) -> Request {
    let principal = principal(c);
    let action = Action::parse(c.pick(ACTIONS)).unwrap();
    let mut builder = Request::builder(
        principal,
        action,
        Resource::parse(c.pick(RESOURCES)).unwrap(),
    );
    if c.one_in(4) {
        let owner = c.pick(&["111122223333", "999988887777"]);
        builder = builder.resource_account(AccountId::parse(owner).unwrap());
    }
    for _ in 0..c.up_to(5) {
        let key = c.pick(KEYS);
        builder = if c.one_in(8) {
            builder.absent(key)
        } else {
            builder.set(key, value(c))
        };
    }
    builder.build()
}

fn layers(c: &mut Choices<'_>, resource_type: PolicyType) -> Layers {
    let mut optional = |policy_type, n: usize| (!c.one_in(n)).then(|| set(c, policy_type));
    let identity = optional(PolicyType::Identity, 8);
    let absent = |c: &mut Choices<'_>, policy_type| c.one_in(3).then(|| set(c, policy_type));
    let level = |c: &mut Choices<'_>, policy_type| -> Vec<_> {
        (0..c.up_to(2)).map(|_| set(c, policy_type)).collect()
    };
    Layers {
        identity,
        boundary: absent(c, PolicyType::Boundary),
        session: absent(c, PolicyType::Session),
        resource: (!c.one_in(2)).then(|| set(c, resource_type)),
        endpoint: absent(c, PolicyType::VpcEndpoint),
        service_control: level(c, PolicyType::ServiceControl),
        resource_control: level(c, PolicyType::ResourceControl),
        management_account: c
            .one_in(6)
            .then(|| AccountId::parse("111122223333").unwrap()),
        options: options(c),
    }
}

/// The default readings, or some others of evaluation.
fn options(c: &mut Choices<'_>) -> Options {
    let mut options = Options::default();
    if c.one_in(4) {
        options.null_variable_negated = NullVariableNegated::NeverMatches;
    }
    if c.one_in(4) {
        options.for_all_negated_missing = ForAllNegatedMissing::NeverMatches;
    }
    if c.one_in(4) {
        options.plain_operator_on_list = PlainOperatorOnList::AnyValue;
    }
    if c.one_in(4) {
        options.not_resource_null_variable = NotResourceNullVariable::StatementNeverApplies;
    }
    if c.one_in(4) {
        options.empty_string = EmptyString::Value;
    }
    options
}

fn set(c: &mut Choices<'_>, policy_type: PolicyType) -> Vec<Policy> {
    let count = 1 + c.up_to(1);
    (0..count).map(|_| policy(c, policy_type)).collect()
}

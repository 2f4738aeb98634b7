//! A decision allocates nothing.

use crate::generate::{Choices, Layers, case};
use crate::statements::Policy;
use policy::json::{self, Node, Value};
use policy::text::Source;
use policy::{
    Action, Document, Limits, NamedPolicy, Options, Policies, PolicySet, PolicyType, Principal,
    Request, Resource, decide,
};

fn allocations(policies: &Policies<'_>, request: &Request) -> (u64, bool) {
    let mut allowed = false;
    let counted = allocation_counter::measure(|| allowed = decide(policies, request).is_allow());
    (counted.count_total, allowed)
}

/// A file of the benchmark.
struct File {
    source: Source,
    node: Node,
}

impl File {
    fn new(text: &str) -> Self {
        let source = Source::new(text);
        let node = json::parse(&source, &Limits::default()).unwrap();
        Self { source, node }
    }

    fn set(&self, nodes: &[&Node], policy_type: PolicyType) -> PolicySet {
        let options = Options::default();
        let named = nodes.iter().map(|node| {
            let document = Document::from_node(&self.source, node, policy_type, &options);
            NamedPolicy::new("p", document.unwrap())
        });
        PolicySet::compile(named)
    }

    fn get(&self, name: &str) -> &Node {
        self.node.get(name).unwrap()
    }

    fn request(&self, name: &str) -> Request {
        let node = self.get(name);
        let text = |name: &str| node.get(name).unwrap().as_str().unwrap();
        let mut builder = Request::builder(
            Principal::parse(text("principal")).unwrap(),
            Action::parse(text("action")).unwrap(),
            Resource::parse(text("resource")).unwrap(),
        );
        for member in node.get("context").unwrap().as_object().unwrap() {
            builder = builder.set(member.key.value.to_string(), member.value.as_str().unwrap());
        }
        builder.build()
    }
}

#[test]
fn the_scenarios_of_the_benchmark_allocate_nothing() {
    let a = File::new(include_str!("../../../../bench/scenarios/a.json"));
    let layers = File::new(include_str!("../../../../bench/scenarios/layers.json"));
    let identity = a.set(&[a.get("policy")], PolicyType::Identity);
    let one = |name: &str, policy_type| layers.set(&[layers.get(name)], policy_type);
    let boundary = one("boundary", PolicyType::Boundary);
    let session = one("session", PolicyType::Session);
    let resource = one("resourcePolicy", PolicyType::Resource);
    let levels = layers.get("scps").as_array().unwrap();
    let level = |node: &Node| {
        let policies: Vec<&Node> = node.as_array().unwrap().iter().collect();
        layers.set(&policies, PolicyType::ServiceControl)
    };
    let service_control: Vec<PolicySet> = levels.iter().map(level).collect();
    let plain = Policies {
        identity: Some(&identity),
        ..Policies::default()
    };
    let layered = Policies {
        boundary: Some(&boundary),
        session: Some(&session),
        resource: Some(&resource),
        service_control: &service_control,
        ..plain
    };
    for policies in [plain, layered] {
        assert_eq!(allocations(&policies, &a.request("allow")), (0, true));
        assert_eq!(allocations(&policies, &a.request("deny")), (0, false));
    }
}

#[test]
fn a_thousand_statements_on_one_action_allocate_nothing() {
    let a = File::new(include_str!("../../../../bench/scenarios/a.json"));
    let other = |number: usize| {
        format!(
            "{{\"Effect\": \"Allow\", \"Action\": \"sagemaker:DescribeTrainingJob\", \"Condition\": {{\"StringEquals\": \
             {{\"aws:PrincipalTag/team\": \"team{number}\"}}}}, \"Resource\": \"arn:aws:sagemaker:*:*:training-job/{}*\"}}",
            if number.is_multiple_of(2) {
                String::new()
            } else {
                format!("team{number}-")
            },
        )
    };
    let mut statements: Vec<String> = (0..999).map(other).collect();
    let Value::Array(own) = &a.get("policy").get("Statement").unwrap().value else {
        panic!()
    };
    statements.push(a.source.slice(own[0].span).to_owned());
    let policy = Policy {
        policy_type: PolicyType::Identity,
        version: Some("2012-10-17"),
        statements,
    };
    let layers = Layers {
        identity: Some(vec![policy]),
        ..Layers::default()
    };
    let compiled = layers.compile();
    assert_eq!(
        allocations(&compiled.policies(), &a.request("allow")),
        (0, true)
    );
    assert_eq!(
        allocations(&compiled.policies(), &a.request("deny")),
        (0, false)
    );
}

/// All operators, variables, forms of principals and layers.
#[test]
fn no_kind_of_policy_allocates() {
    let mut state = 7_u64;
    let mut bytes = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let mut allowed = 0;
    for _ in 0..1_000 {
        let choices: Vec<u8> = (0..400).map(|_| bytes()).collect();
        let (request, layers) = case(&mut Choices(&choices));
        let compiled = layers.compile();
        let (count, allow) = allocations(&compiled.policies(), &request);
        assert_eq!(count, 0, "{request:?}\n{layers:#?}");
        allowed += u32::from(allow);
    }
    assert!(
        (50..950).contains(&allowed),
        "both answers occur: {allowed}"
    );
}

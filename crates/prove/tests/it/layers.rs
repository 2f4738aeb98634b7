//! Small worlds with all layers: random policies of every type, in which every caller asks for everything.

use crate::certificates::Certificates;
use crate::dice::Dice;
use crate::worlds::compiled;
use policy::{
    AccountId, Action, Arn, Policies, PolicySet, PolicyType, Principal, Request, Resource,
};
use prove::{Facts, Owner, Stage, Verdict, no_new_access};

const OWN: &str = "111111111111";
const OTHER: &str = "222222222222";

const NAMED: [&str; 10] = [
    r#""*""#,
    r#"{"AWS":"111111111111"}"#,
    r#"{"AWS":"222222222222"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:role/r"}"#,
    r#"{"AWS":"arn:aws:iam::111111111111:user/u"}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/r/s"}"#,
    r#"{"AWS":["arn:aws:iam::111111111111:role/r","111111111111"]}"#,
    r#"{"Service":"s.amazonaws.com"}"#,
    r#"{"Federated":"f.example"}"#,
    r#"{"AWS":"arn:aws:sts::111111111111:federated-user/f"}"#,
];

/// Everybody who could be told apart, with names that policies do not name among them.
fn callers() -> Vec<Principal> {
    let arns = [
        "arn:aws:sts::111111111111:assumed-role/r/s",
        "arn:aws:sts::111111111111:assumed-role/r/t",
        "arn:aws:sts::111111111111:assumed-role/q/s",
        "arn:aws:iam::111111111111:user/u",
        "arn:aws:iam::111111111111:user/v",
        "arn:aws:iam::111111111111:root",
        "arn:aws:sts::111111111111:federated-user/f",
        "arn:aws:sts::222222222222:assumed-role/r/s",
        "arn:aws:iam::222222222222:user/u",
        "arn:aws:iam::333333333333:user/w",
        "arn:aws:iam::333333333333:root",
    ];
    let mut all: Vec<Principal> = arns
        .iter()
        .map(|arn| Principal::parse(arn).unwrap())
        .collect();
    let parent = Arn::parse("arn:aws:iam::111111111111:user/u").unwrap();
    let federated = Principal::parse("arn:aws:sts::111111111111:federated-user/g").unwrap();
    all.push(federated.with_parent(parent, None));
    all.push(Principal::service("s.amazonaws.com"));
    all.push(Principal::service("t.amazonaws.com"));
    all.push(Principal::Federated {
        provider: "f.example".into(),
    });
    all.push(Principal::Anonymous);
    all
}

fn statement(dice: &mut Dice, kind: PolicyType) -> String {
    let mut effect = if dice.once_in(4) { "Deny" } else { "Allow" };
    let mut principal = String::new();
    if kind.has_principal() {
        let mut not = "";
        let named = match kind {
            PolicyType::ResourceControl => r#""*""#.to_owned(),
            _ => {
                if kind != PolicyType::Trust && dice.once_in(6) {
                    effect = "Deny";
                    not = "Not";
                }
                dice.pick(&NAMED).to_owned()
            }
        };
        if not == "Not" && named == r#""*""# {
            not = "";
        }
        principal = format!(r#""{not}Principal":{named},"#);
    }
    let prefix = if kind == PolicyType::Trust {
        "sts"
    } else {
        "s"
    };
    let action = match kind {
        PolicyType::ResourceControl => format!("{prefix}:*"),
        _ => dice
            .pick(&["*", ":a", ":b", ":*"])
            .replace(':', &format!("{prefix}:")),
    };
    let resource = match kind {
        PolicyType::Trust => String::new(),
        _ => format!(
            r#""Resource":"{}","#,
            dice.pick(&["*", "*", "arn:p:s:::a", "arn:p:s:::b"])
        ),
    };
    let condition = dice.pick(&[
        "",
        "",
        r#""StringEquals":{"k:a":"a"}"#,
        r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#,
        r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/r"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:user/*"}"#,
        r#""Null":{"k:a":"true"}"#,
        r#""Bool":{"k:a":"true"}"#,
        r#""StringEquals":{"aws:username":"u"}"#,
        r#""StringEquals":{"aws:PrincipalType":"User"}"#,
        r#""StringLike":{"k:a":"${aws:username}"}"#,
        r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
    ]);
    format!(
        r#"{{"Effect":"{effect}",{principal}"Action":"{action}",{resource}"Condition":{{{condition}}}}}"#
    )
}

fn set(dice: &mut Dice, kind: PolicyType) -> PolicySet {
    let count = 1 + dice.roll(2);
    let statements: Vec<String> = (0..count).map(|_| statement(dice, kind)).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    compiled(&text, kind)
}

/// The layers of one side.
#[derive(Clone, Debug)]
struct Side {
    identity: Option<PolicySet>,
    boundary: Option<PolicySet>,
    session: Option<PolicySet>,
    resource: Option<PolicySet>,
    endpoint: Option<PolicySet>,
    scps: Vec<PolicySet>,
    rcps: Vec<PolicySet>,
    management: Option<AccountId>,
    kind: PolicyType,
    owner: Owner,
}

impl Side {
    fn new(dice: &mut Dice) -> Self {
        let kind = dice.pick(&[PolicyType::Resource, PolicyType::Trust, PolicyType::Key]);
        let mut maybe = |sides, kind| match dice.once_in(sides) {
            true => Some(set(dice, kind)),
            false => None,
        };
        let identity = maybe(1, PolicyType::Identity);
        let identity = identity.filter(|_| maybe(3, PolicyType::Identity).is_none());
        Self {
            identity,
            boundary: maybe(3, PolicyType::Boundary),
            session: maybe(4, PolicyType::Session),
            resource: maybe(2, kind),
            endpoint: maybe(6, PolicyType::VpcEndpoint),
            scps: maybe(3, PolicyType::ServiceControl).into_iter().collect(),
            rcps: maybe(4, PolicyType::ResourceControl).into_iter().collect(),
            management: AccountId::parse(OTHER).filter(|_| dice.once_in(4)),
            kind,
            owner: match dice.roll(3) {
                0 => Owner::OfCaller,
                1 => Owner::Account(AccountId::parse(OWN).unwrap()),
                _ => Owner::Stranger,
            },
        }
    }

    fn change(&mut self, dice: &mut Dice) {
        match dice.roll(6) {
            0 => self.identity = Some(set(dice, PolicyType::Identity)),
            1 => self.boundary = Some(set(dice, PolicyType::Boundary)),
            2 => self.session = Some(set(dice, PolicyType::Session)),
            3 => self.scps = vec![set(dice, PolicyType::ServiceControl)],
            4 => self.rcps = vec![set(dice, PolicyType::ResourceControl)],
            _ => self.resource = Some(set(dice, self.kind)),
        }
    }

    fn stage(&self) -> Stage<'_> {
        Stage {
            policies: Policies {
                identity: self.identity.as_ref(),
                boundary: self.boundary.as_ref(),
                session: self.session.as_ref(),
                resource: self.resource.as_ref(),
                endpoint: self.endpoint.as_ref(),
                service_control: &self.scps,
                resource_control: &self.rcps,
                management_account: self.management,
            },
            resource_type: self.kind,
            owner: self.owner,
        }
    }
}

fn requests(side: &Side, each: &mut impl FnMut(Request)) {
    let prefix = if side.kind == PolicyType::Trust {
        "sts"
    } else {
        "s"
    };
    for caller in callers() {
        for action in ["a", "b", "c"] {
            for resource in ["arn:p:s:::a", "arn:p:s:::b", "*"] {
                for value in [None, Some("a"), Some("true"), Some("u")] {
                    let mut builder = Request::builder(
                        caller.clone(),
                        Action::parse(&format!("{prefix}:{action}")).unwrap(),
                        Resource::parse(resource).unwrap(),
                    )
                    .resource_policy_type(side.kind);
                    let owner = match side.owner {
                        Owner::OfCaller => caller.account(),
                        Owner::Account(account) => Some(account),
                        Owner::Stranger => AccountId::parse("999999999999"),
                    };
                    if let Some(owner) = owner {
                        builder = builder.resource_account(owner);
                    }
                    if let Some(value) = value {
                        builder = builder.set("k:a", value);
                    }
                    each(builder.build());
                }
            }
        }
    }
}

#[test]
fn no_request_contradicts_a_proof_over_all_layers() {
    let wanted = std::env::var("PALISADE_WORLDS")
        .ok()
        .and_then(|n| n.parse().ok());
    let count: u64 = wanted.unwrap_or(2_000);
    let (mut proved, mut violated, mut unknown) = (0, 0, 0);
    let first = std::env::var("PALISADE_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let mut certificates = Certificates::default();
    for seed in first..first + count {
        let mut dice = Dice::new(seed ^ 0x00c0_ffee);
        let old = Side::new(&mut dice);
        let mut new = old.clone();
        new.change(&mut dice);
        let question = no_new_access(old.stage(), new.stage());
        match question.answer(&Facts::default()) {
            Verdict::Violated(_) => violated += 1,
            Verdict::Unknown { reason } => {
                assert!(
                    !reason.contains("engine"),
                    "{seed}: {reason}\n{old:#?}\n{new:#?}"
                );
                unknown += 1;
            }
            Verdict::Proved(_) => {
                proved += 1;
                if seed % 4 == 0 {
                    let facts = Facts::default();
                    certificates.check(&question, &facts, &format!("seed {seed}"));
                }
                requests(&old, &mut |request| {
                    assert!(
                        !question.is_violated_by(&request),
                        "seed {seed}: {request:#?}"
                    );
                });
            }
        }
    }
    certificates.done(usize::MAX);
    println!("{proved} proved, {violated} violated, {unknown} unknown");
    if count < 1_000 {
        return;
    }
    assert!(
        proved * 10 > count && violated * 20 > count,
        "{proved} {violated}"
    );
    assert!(unknown * 200 < count, "{unknown}");
}

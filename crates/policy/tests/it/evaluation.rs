//! How the layers work together (IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic").

use policy::PolicyType::{
    Boundary, Identity, Key, Resource as ResourceBased, ResourceControl, ServiceControl, Session,
    Trust, VpcEndpoint,
};
use policy::{
    AccountId, Action, Arn, Denial, DenialKind, Document, NamedPolicy, Policies, PolicySet,
    PolicyType, Principal, Request, Resource, decide,
};

const USER: &str = "arn:aws:iam::111122223333:user/alice";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Exec";
pub(crate) const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Exec/alice";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";
const ROOT: &str = "arn:aws:iam::111122223333:root";
pub(crate) const OBJECT: &str = "arn:aws:s3:::b/x";

/// Statements of one policy of a type.
pub(crate) fn set(policy_type: PolicyType, statements: &str) -> PolicySet {
    let text = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}");
    let document = Document::parse(&text, policy_type).unwrap_or_else(|e| panic!("{e}"));
    PolicySet::compile([NamedPolicy::new("p", document)])
}

/// A statement about every action and resource, or about an action that nobody asks for.
pub(crate) fn statement(
    policy_type: PolicyType,
    effect: &str,
    principal: &str,
    applies: bool,
) -> String {
    let principal = match policy_type.has_principal() {
        true => format!("\"Principal\": {principal}, "),
        false => String::new(),
    };
    let action = match (applies, policy_type) {
        (false, _) => "other:Action",
        (true, ResourceControl) => "s3:*",
        (true, _) => "*",
    };
    let resource = if policy_type == Trust {
        ""
    } else {
        ", \"Resource\": \"*\""
    };
    format!("{{\"Effect\": \"{effect}\", {principal}\"Action\": \"{action}\"{resource}}}")
}

fn allow(policy_type: PolicyType, applies: bool) -> PolicySet {
    set(
        policy_type,
        &statement(policy_type, "Allow", "\"*\"", applies),
    )
}

fn principal(caller: &str) -> Principal {
    match caller {
        "anonymous" => Principal::Anonymous,
        "service" => Principal::service("sagemaker.amazonaws.com"),
        "web" => Principal::Federated {
            provider: "accounts.google.com".into(),
        },
        arn => match Principal::parse(arn).unwrap() {
            Principal::FederatedUser { arn, account, .. } => Principal::FederatedUser {
                arn,
                parent: Arn::parse(USER).ok(),
                parent_id: None,
                account,
            },
            other => other,
        },
    }
}

pub(crate) fn request(caller: &str, action: &str, resource: &str, owner: &str) -> Request {
    let request = Request::builder(
        principal(caller),
        Action::parse(action).unwrap(),
        Resource::parse(resource).unwrap(),
    );
    request
        .resource_account(AccountId::parse(owner).unwrap())
        .build()
}

/// `A` for allowed, else the first letter of the layer that denies: identity, boundary, session, resource-based, trust, key, c
/// for service control, v for the endpoint.
fn letter(denial: Option<Denial>) -> char {
    match denial.map(|denial| denial.policy_type) {
        None => 'A',
        Some(Identity) => 'i',
        Some(Boundary) => 'b',
        Some(Session) => 's',
        Some(ResourceBased) => 'r',
        Some(Trust) => 't',
        Some(Key) => 'k',
        Some(ServiceControl) => 'c',
        Some(ResourceControl) => 'R',
        Some(VpcEndpoint) => 'v',
    }
}

/// The answers where nothing lacks an Allow, where identity, boundary or session lack one, and where all three do.
fn answers(request: &Request, resource: &PolicySet) -> String {
    let lacking: [&[PolicyType]; 5] = [
        &[],
        &[Identity],
        &[Boundary],
        &[Session],
        &[Identity, Boundary, Session],
    ];
    lacking
        .map(|lacking| {
            let layer = |policy_type| allow(policy_type, !lacking.contains(&policy_type));
            let (identity, boundary, session) = (layer(Identity), layer(Boundary), layer(Session));
            let policies = Policies {
                identity: Some(&identity),
                boundary: Some(&boundary),
                session: Some(&session),
                resource: Some(resource),
                ..Policies::default()
            };
            letter(decide(&policies, request).denial())
        })
        .iter()
        .collect()
}

/// Which implicit denials a resource's policy outweighs depends on whom it names and who asks.
#[test]
fn a_resource_policy_against_implicit_denials() {
    let aws = |arn: &str| format!("{{\"AWS\": \"{arn}\"}}");
    let narrowed = "\"*\", \"Condition\": {\"ArnEquals\": {\"aws:PrincipalArn\": \"arn:aws:iam::111122223333:role/Exec\"}}";
    let (same, other) = ("111122223333", "999988887777");
    for (caller, named, owner, expected) in [
        (USER, aws(USER), same, "AAAAA"),
        (USER, "\"*\"".to_owned(), same, "AAAAA"),
        (SESSION, aws(ROLE), same, "AAbsb"),
        (SESSION, aws(SESSION), same, "AAAAA"),
        (SESSION, narrowed.to_owned(), same, "AAAAA"),
        (ROLE, aws(ROLE), same, "AAbsb"),
        (FEDERATED, aws(FEDERATED), same, "AAAAA"),
        (FEDERATED, aws(USER), same, "AAbsb"),
        (USER, aws(ROOT), same, "Aibsi"),
        (SESSION, aws("111122223333"), same, "Aibsi"),
        (FEDERATED, aws(ROOT), same, "Aibsi"),
        (SESSION, aws(USER), same, "Aibsi"),
        (ROOT, aws(USER), same, "AAAAA"),
        // In another account both sides must allow, whoever is named.
        (USER, aws(USER), other, "Aibsi"),
        (SESSION, aws(SESSION), other, "Aibsi"),
        (SESSION, aws(ROLE), other, "Aibsi"),
        (SESSION, aws(ROOT), other, "Aibsi"),
        (SESSION, "\"*\"".to_owned(), other, "Aibsi"),
        (SESSION, aws(USER), other, "rrrrr"),
        (ROOT, aws(ROOT), other, "AAAAA"),
        (ROOT, aws(USER), other, "rrrrr"),
        // Who has no identity policies depends on the resource's alone.
        (
            "service",
            "{\"Service\": \"sagemaker.amazonaws.com\"}".to_owned(),
            same,
            "AAAAA",
        ),
        (
            "service",
            "{\"Service\": \"glue.amazonaws.com\"}".to_owned(),
            same,
            "rrrrr",
        ),
        ("service", "\"*\"".to_owned(), same, "AAAAA"),
        ("anonymous", "\"*\"".to_owned(), same, "AAAAA"),
        ("anonymous", aws(ROOT), same, "rrrrr"),
        (
            "web",
            "{\"Federated\": \"accounts.google.com\"}".to_owned(),
            same,
            "AAAAA",
        ),
        (
            "web",
            "{\"Federated\": \"cognito-identity.amazonaws.com\"}".to_owned(),
            same,
            "rrrrr",
        ),
    ] {
        let resource = set(
            ResourceBased,
            &format!("{{\"Effect\": \"Allow\", \"Action\": \"*\", \"Principal\": {named}}}"),
        );
        let found = answers(&request(caller, "s3:GetObject", OBJECT, owner), &resource);
        assert_eq!(found, expected, "{caller}, {named}, {owner}");
    }
}

/// Trust and key policies must allow themselves; naming the account leaves the decision to identity policies.
#[test]
fn trust_and_key_policies_must_allow() {
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";
    for (action, resource, policy_type, refused) in [
        ("sts:AssumeRole", ROLE, Trust, "ttttt"),
        ("kms:Decrypt", KEY, Key, "kkkkk"),
    ] {
        for (caller, named, expected) in [
            (USER, USER, "AAAAA"),
            (SESSION, ROLE, "AAbsb"),
            (USER, ROOT, "Aibsi"),
            (USER, SESSION, refused),
            (ROOT, ROOT, "AAAAA"),
            (ROOT, USER, refused),
        ] {
            let principal = format!("{{\"AWS\": \"{named}\"}}");
            let resource_policy = set(
                policy_type,
                &statement(policy_type, "Allow", &principal, true),
            );
            let request = request(caller, action, resource, "111122223333");
            assert_eq!(
                answers(&request, &resource_policy),
                expected,
                "{action} {caller} {named}"
            );
        }
        let identity = allow(Identity, true);
        let policies = Policies {
            identity: Some(&identity),
            ..Policies::default()
        };
        let denial = decide(&policies, &request(USER, action, resource, "111122223333")).denial();
        assert_eq!(
            denial.map(|d| (d.policy_type, d.kind)),
            Some((policy_type, DenialKind::Implicit))
        );
    }
}

/// A Deny with `NotPrincipal` spares whom it lists at every level, and nobody who has a boundary or no identity.
#[test]
fn whom_not_principal_spares() {
    let allow = |caller: &str, listed: &str, boundary: Option<&PolicySet>| {
        let statements = format!(
            "{{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"*\"}}, \
             {{\"Effect\": \"Deny\", \"NotPrincipal\": {listed}, \"Action\": \"*\"}}"
        );
        let resource = set(ResourceBased, &statements);
        let policies = Policies {
            resource: Some(&resource),
            boundary,
            ..Policies::default()
        };
        decide(
            &policies,
            &request(caller, "s3:GetObject", OBJECT, "111122223333"),
        )
        .is_allow()
    };
    let aws = |arns: &[&str]| format!("{{\"AWS\": {arns:?}}}");
    for (caller, listed, spared) in [
        (USER, aws(&[ROOT, USER]), true),
        (USER, aws(&[USER]), false),
        (USER, aws(&[ROOT]), false),
        (SESSION, aws(&[ROOT, ROLE, SESSION]), true),
        (SESSION, aws(&[ROOT, ROLE]), false),
        (SESSION, aws(&[ROLE, SESSION]), false),
        (ROLE, aws(&[ROOT, ROLE]), true),
        (FEDERATED, aws(&[ROOT, USER, FEDERATED]), true),
        (FEDERATED, aws(&[ROOT, FEDERATED]), false),
        (ROOT, aws(&["111122223333"]), true),
        (USER, "\"*\"".to_owned(), true),
        ("anonymous", "\"*\"".to_owned(), false),
        (
            "service",
            "{\"Service\": \"SageMaker.amazonaws.com\"}".to_owned(),
            true,
        ),
        ("service", aws(&[ROOT]), false),
        (
            "web",
            "{\"Federated\": \"accounts.google.com\"}".to_owned(),
            true,
        ),
    ] {
        assert_eq!(allow(caller, &listed, None), spared, "{caller} {listed}");
        let boundary = self::allow(Boundary, true);
        let has_identity = caller.starts_with("arn:") && caller != ROOT;
        if has_identity {
            assert!(
                !allow(caller, &listed, Some(&boundary)),
                "{caller} has a boundary"
            );
        }
    }
}

/// The layers of an organisation and of the network, each with an Allow, without one, and with a Deny.
#[test]
fn limits_around_the_account() {
    let identity = allow(Identity, true);
    let deny = |policy_type| {
        let both = [
            statement(policy_type, "Allow", "\"*\"", true),
            statement(policy_type, "Deny", "\"*\"", true),
        ];
        set(policy_type, &both.join(", "))
    };
    let scp = || allow(ServiceControl, true);
    let management = AccountId::parse("111122223333");
    let linked = "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked";
    let ask = |caller: &str,
               scps: &[PolicySet],
               rcps: &[PolicySet],
               endpoint: Option<&PolicySet>,
               managed| {
        let policies = Policies {
            identity: Some(&identity),
            service_control: scps,
            resource_control: rcps,
            endpoint,
            management_account: managed,
            ..Policies::default()
        };
        letter(
            decide(
                &policies,
                &request(caller, "s3:GetObject", OBJECT, "111122223333"),
            )
            .denial(),
        )
    };
    let scps = |levels: &[PolicySet], caller, managed| ask(caller, levels, &[], None, managed);
    assert_eq!(scps(&[scp(), scp(), scp()], USER, None), 'A');
    for at in 0..3 {
        let mut levels = [scp(), scp(), scp()];
        levels[at] = allow(ServiceControl, false);
        assert_eq!(scps(&levels, USER, None), 'c', "every level must allow");
        assert_eq!(scps(&levels, ROOT, None), 'c');
        assert_eq!(scps(&levels, "service", None), 'r', "not by the SCP");
        levels[at] = deny(ServiceControl);
        assert_eq!(scps(&levels, USER, AccountId::parse("999988887777")), 'c');
        assert_eq!(scps(&levels, SESSION, None), 'c');
        assert_eq!(scps(&levels, linked, None), 'A');
        assert_eq!(scps(&levels, USER, management), 'A');
    }
    assert_eq!(
        scps(&[PolicySet::default()], USER, None),
        'c',
        "an empty level allows nothing"
    );
    let rcps = |rcp: PolicySet, caller, managed| ask(caller, &[], &[rcp], None, managed);
    assert_eq!(
        rcps(PolicySet::default(), USER, None),
        'A',
        "RCPFullAWSAccess is always there"
    );
    assert_eq!(rcps(deny(ResourceControl), USER, None), 'R');
    assert_eq!(rcps(deny(ResourceControl), ROOT, None), 'R');
    assert_eq!(rcps(deny(ResourceControl), "anonymous", None), 'R');
    assert_eq!(rcps(deny(ResourceControl), linked, None), 'A');
    assert_eq!(rcps(deny(ResourceControl), USER, management), 'A');
    let elsewhere = AccountId::parse("999988887777");
    assert_eq!(rcps(deny(ResourceControl), USER, elsewhere), 'R');
    let endpoint = |set: PolicySet, caller| ask(caller, &[], &[], Some(&set), None);
    assert_eq!(endpoint(allow(VpcEndpoint, true), USER), 'A');
    assert_eq!(endpoint(allow(VpcEndpoint, false), USER), 'v');
    assert_eq!(endpoint(allow(VpcEndpoint, false), "service"), 'v');
    assert_eq!(endpoint(deny(VpcEndpoint), ROOT), 'v');
}

/// What cannot be evaluated counts against the request, in whatever layer, and outweighs that nobody allows; a sure Deny
/// outweighs both.
#[test]
fn the_kinds_of_denial() {
    let may = |policy_type: PolicyType, effect: &str, principal: &str| {
        let statement = statement(policy_type, effect, principal, true);
        let condition = ", \"Condition\": {\"NumericEquals\": {\"k:n\": \"1\"}}}";
        format!("{}{condition}", statement.trim_end_matches('}'))
    };
    let account = "{\"AWS\": \"111122223333\"}";
    let (may_deny, may_allow) = (
        may(ResourceBased, "Deny", "\"*\""),
        may(ResourceBased, "Allow", "\"*\""),
    );
    let may_delegate = may(ResourceBased, "Allow", account);
    let deny = statement(ResourceBased, "Deny", "\"*\"", true);
    let (allow, lack) = (allow(Identity, true), allow(Identity, false));
    let identity_may = |effect| set(Identity, &may(Identity, effect, ""));
    let (explicit, implicit) = (DenialKind::Explicit, DenialKind::Implicit);
    let unclear = DenialKind::Indeterminate;
    for (identity, resource, expected) in [
        (&allow, "".to_owned(), None),
        (&allow, may_deny.clone(), Some((unclear, ResourceBased))),
        (&lack, may_deny.clone(), Some((unclear, Identity))),
        (
            &lack,
            format!("{may_deny}, {deny}"),
            Some((explicit, ResourceBased)),
        ),
        (&lack, "".to_owned(), Some((implicit, Identity))),
        (&lack, may_allow, Some((unclear, Identity))),
        (&lack, may_delegate, Some((implicit, Identity))),
        (
            &identity_may("Allow"),
            "".to_owned(),
            Some((unclear, Identity)),
        ),
        (
            &identity_may("Deny"),
            "".to_owned(),
            Some((unclear, Identity)),
        ),
    ] {
        let resource_policy = set(ResourceBased, &resource);
        let policies = Policies {
            identity: Some(identity),
            resource: Some(&resource_policy),
            ..Policies::default()
        };
        let request = request(USER, "s3:GetObject", OBJECT, "111122223333");
        let request = request.to_builder().set("k:n", "many").build();
        let denial = decide(&policies, &request).denial();
        assert_eq!(
            denial.map(|d| (d.kind, d.policy_type)),
            expected,
            "{resource}"
        );
    }
}

/// A policy without principals in the place of a resource's would allow everybody.
#[test]
fn a_policy_in_the_wrong_layer_denies() {
    let (identity, resource) = (allow(Identity, true), allow(ResourceBased, true));
    let ask = |identity, resource| {
        let policies = Policies {
            identity: Some(identity),
            resource: Some(resource),
            ..Policies::default()
        };
        let request = request(USER, "s3:GetObject", OBJECT, "111122223333");
        let denial = decide(&policies, &request).denial();
        denial.map(|denial| (denial.kind, denial.policy_type))
    };
    let unclear = DenialKind::Indeterminate;
    assert_eq!(ask(&identity, &resource), None);
    assert_eq!(ask(&identity, &identity), Some((unclear, ResourceBased)));
    assert_eq!(ask(&resource, &resource), Some((unclear, Identity)));
}

/// A session of `GetFederationToken` without session policies has no permissions of its own.
#[test]
fn a_federated_user_needs_a_session_policy() {
    let identity = allow(Identity, true);
    let policies = Policies {
        identity: Some(&identity),
        ..Policies::default()
    };
    let ask = |caller| {
        letter(
            decide(
                &policies,
                &request(caller, "s3:GetObject", OBJECT, "111122223333"),
            )
            .denial(),
        )
    };
    assert_eq!((ask(FEDERATED), ask(SESSION)), ('s', 'A'));
}

#[test]
fn who_am_i_cannot_be_denied() {
    let deny = set(Identity, &statement(Identity, "Deny", "", true));
    let policies = Policies {
        identity: Some(&deny),
        ..Policies::default()
    };
    let ask =
        |action: &str| decide(&policies, &request(USER, action, "*", "111122223333")).is_allow();
    assert!(ask("sts:GetCallerIdentity") && ask("STS:getcalleridentity"));
    assert!(!ask("sts:GetSessionToken"));
}

/// Of several denials the first is named: explicit ones before all others, service control policies first.
#[test]
fn the_order_in_which_denials_are_named() {
    let order = [
        ServiceControl,
        ResourceControl,
        VpcEndpoint,
        Boundary,
        Session,
        ResourceBased,
        Identity,
    ];
    for (first, expected) in order.iter().enumerate() {
        let layer = |policy_type: PolicyType| {
            let denies = order.iter().position(|one| *one == policy_type) >= Some(first);
            let effect = if denies { "Deny" } else { "Allow" };
            set(
                policy_type,
                &statement(
                    policy_type,
                    effect,
                    "\"*\"",
                    policy_type != ResourceControl || denies,
                ),
            )
        };
        let sets = order.map(layer);
        let [_, _, endpoint, boundary, session, resource, identity] = &sets;
        let policies = Policies {
            identity: Some(identity),
            boundary: Some(boundary),
            session: Some(session),
            resource: Some(resource),
            endpoint: Some(endpoint),
            service_control: &sets[..1],
            resource_control: &sets[1..2],
            management_account: None,
        };
        let denial = decide(
            &policies,
            &request(SESSION, "s3:GetObject", OBJECT, "111122223333"),
        )
        .denial();
        assert_eq!(
            denial.map(|d| (d.policy_type, d.kind)),
            Some((*expected, DenialKind::Explicit))
        );
    }
}

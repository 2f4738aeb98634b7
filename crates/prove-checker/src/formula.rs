//! The formula of a question, made from the policies by the rules of evaluation (IAM User Guide, "Policy evaluation logic"),
//! and whether it says at least what the formula of a certificate says.

use crate::callers::{Callers, Names};
use crate::data::{Atom, Certificate, Demand, Literal, Node, Policy, Stage};
use crate::read::Reader;
use crate::{Refusal, refuse};
use policy::view::{self, Grant, Statement};
use policy::{AccountId, Document, Effect, NamedPolicy, PolicySet, PolicyType, Principal, Request};
use std::collections::HashMap;

/// A part of a formula in which only atoms are negated.
#[derive(Clone, Debug)]
enum Part {
    Literal(Literal),
    /// The caller is one of these.
    Callers(Vec<bool>),
    /// An atom of which the certificate does not speak.
    Other,
    /// A formula of the certificate that is taken as it is.
    Given(usize),
    All(Vec<usize>),
    Any(Vec<usize>),
}

/// The policies of a stage, compiled.
struct Compiled {
    stage: Stage,
    management: Option<AccountId>,
    owner: Option<AccountId>,
    resource_type: PolicyType,
    sets: Vec<(PolicyType, PolicySet)>,
}

/// The callers of a certificate.
pub(crate) fn callers(certificate: &Certificate) -> Result<Callers, Refusal> {
    let (stages, within) = compile(certificate)?;
    Callers::new(certificate, names(&stages, &within))
}

/// Checks that the formula of a certificate holds for every request that its question is about.
pub(crate) fn check(certificate: &Certificate) -> Result<(), Refusal> {
    let (stages, within) = compile(certificate)?;
    let callers = Callers::new(certificate, names(&stages, &within))?;
    let samples = callers.samples(certificate)?;
    let mut builder = Builder {
        reader: Reader { certificate },
        samples: &samples,
        parts: Vec::new(),
        has_boundary: false,
    };
    let question = &certificate.question;
    let mut parts = Vec::new();
    for set in &within {
        parts.push(builder.grants(set, Grant::Delegated)?);
    }
    for (stage, holds) in stages.iter().zip([true, false]) {
        let allowed = builder.allowed(stage, question.by_policy)?;
        parts.push(if holds {
            allowed
        } else {
            builder.not(allowed)?
        });
    }
    match (&question.breach, question.beyond) {
        (Some(breach), _) => parts.push(builder.breach(breach)?),
        (None, Some(given)) => parts.push(builder.add(Part::Given(given))),
        (None, None) => {}
    }
    let own = match certificate.callers.is_empty() {
        true => builder.any(Vec::new()),
        false => builder.all(parts),
    };
    let atoms = &certificate.atoms;
    let first = |atom: &Atom| atoms.iter().position(|own| crate::read::same(own, atom));
    let mut implied = Implied {
        alike: atoms.iter().map(first).collect(),
        atoms,
        parts: &builder.parts,
        nodes: &certificate.nodes,
        known: HashMap::new(),
    };
    match implied.by(own, certificate.formula) {
        true => Ok(()),
        false => refuse("its formula is not that of its policies"),
    }
}

fn policy_type(name: &str) -> Result<PolicyType, Refusal> {
    let mut all = PolicyType::ALL.into_iter();
    match all.find(|known| known.id() == name) {
        Some(known) => Ok(known),
        None => refuse(format!("`{name}` is no type of policy")),
    }
}

fn set(policies: &[Policy], kind: PolicyType) -> Result<PolicySet, Refusal> {
    let mut all = Vec::new();
    for policy in policies {
        match Document::parse(&policy.text, kind) {
            Ok(document) => all.push(NamedPolicy::new(policy.name.as_str(), document)),
            Err(error) => return refuse(format!("`{}` cannot be read: {error}", policy.name)),
        }
    }
    Ok(PolicySet::compile(all))
}

type Sets = (Vec<Compiled>, Vec<PolicySet>);

fn compile(certificate: &Certificate) -> Result<Sets, Refusal> {
    let question = &certificate.question;
    let mut stages = Vec::new();
    for stage in [Some(&question.allowed), question.denied.as_ref()]
        .into_iter()
        .flatten()
    {
        let account = |text: &str| match AccountId::parse(text) {
            Some(account) => Ok(Some(account)),
            None => refuse(format!("`{text}` is no account")),
        };
        let resource_type = policy_type(&stage.resource_type)?;
        let mut sets = Vec::new();
        for layer in &stage.layers {
            let kind = policy_type(&layer.layer)?;
            let read_as = if kind == PolicyType::Resource {
                resource_type
            } else {
                kind
            };
            sets.push((kind, set(&layer.policies, read_as)?));
        }
        stages.push(Compiled {
            stage: stage.clone(),
            management: stage
                .management_account
                .as_deref()
                .map_or(Ok(None), account)?,
            owner: match stage.owner.as_str() {
                "caller" | "stranger" => None,
                text => account(text)?,
            },
            resource_type,
            sets,
        });
    }
    let within = question
        .within
        .iter()
        .map(|policies| set(policies, PolicyType::Identity));
    Ok((stages, within.collect::<Result<_, _>>()?))
}

fn names(stages: &[Compiled], within: &[PolicySet]) -> Names {
    let mut names = Names::default();
    let layers = stages
        .iter()
        .flat_map(|stage| &stage.sets)
        .map(|(_, set)| set);
    layers
        .chain(within)
        .flat_map(view::statements)
        .for_each(|statement| names.read(statement));
    for stage in stages {
        names.accounts.extend(stage.owner);
        names.accounts.extend(stage.management);
    }
    names
}

pub(crate) struct Builder<'c, 's> {
    pub(crate) reader: Reader<'c>,
    samples: &'s [Request],
    parts: Vec<Part>,
    has_boundary: bool,
}

impl Builder<'_, '_> {
    fn add(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    pub(crate) fn all(&mut self, parts: Vec<usize>) -> usize {
        self.add(Part::All(parts))
    }

    pub(crate) fn any(&mut self, parts: Vec<usize>) -> usize {
        self.add(Part::Any(parts))
    }

    pub(crate) fn not(&mut self, part: usize) -> Result<usize, Refusal> {
        let negated = match self.parts.get(part).cloned() {
            Some(Part::Literal(literal)) => {
                let atom = self.reader.certificate.atoms.get(literal.atom).cloned();
                let demand = literal.demand.opposite();
                match atom.and_then(|atom| self.reader.literal(&atom, demand)) {
                    Some(literal) => Part::Literal(literal),
                    None => Part::Other,
                }
            }
            Some(Part::All(parts)) => Part::Any(
                parts
                    .iter()
                    .map(|part| self.not(*part))
                    .collect::<Result<_, _>>()?,
            ),
            Some(Part::Any(parts)) => Part::All(
                parts
                    .iter()
                    .map(|part| self.not(*part))
                    .collect::<Result<_, _>>()?,
            ),
            Some(Part::Callers(members)) => {
                Part::Callers(members.iter().map(|member| !member).collect())
            }
            Some(Part::Other) => Part::Other,
            Some(Part::Given(_)) | None => return refuse("a part of the formula is not known"),
        };
        Ok(self.add(negated))
    }

    pub(crate) fn atom(&mut self, atom: &Atom, demand: Demand) -> usize {
        let part = self
            .reader
            .literal(atom, demand)
            .map_or(Part::Other, Part::Literal);
        self.add(part)
    }

    fn callers(&mut self, is: impl Fn(&Principal) -> bool) -> usize {
        let members = self
            .samples
            .iter()
            .map(|sample| is(sample.principal()))
            .collect();
        self.members(members)
    }

    fn members(&mut self, members: Vec<bool>) -> usize {
        match (members.contains(&true), members.contains(&false)) {
            (_, false) => self.all(Vec::new()),
            (false, true) => self.any(Vec::new()),
            (true, true) => self.add(Part::Callers(members)),
        }
    }

    fn allowed(&mut self, stage: &Compiled, by_policy: bool) -> Result<usize, Refusal> {
        let of = |kind: PolicyType| {
            stage
                .sets
                .iter()
                .filter(move |(own, _)| *own == kind)
                .map(|(_, set)| set)
        };
        self.has_boundary = of(PolicyType::Boundary).next().is_some();
        let mut parts = vec![self.nothing_denies(stage)?];
        for endpoint in of(PolicyType::VpcEndpoint) {
            parts.push(self.grants(endpoint, Grant::Delegated)?);
        }
        for level in of(PolicyType::ServiceControl) {
            let exempt = self.callers(|principal| !stage.controls(principal));
            let grants = self.grants(level, Grant::Delegated)?;
            parts.push(self.any(vec![exempt, grants]));
        }
        parts.push(self.granted(stage)?);
        let layers = self.all(parts);
        // `sts:GetCallerIdentity` needs no permission and cannot be denied.
        let who_am_i = action("sts:getcalleridentity");
        Ok(match by_policy {
            true => {
                let other = self.atom(&who_am_i, Demand::False);
                self.all(vec![layers, other])
            }
            false => {
                let free = self.atom(&who_am_i, Demand::True);
                self.any(vec![layers, free])
            }
        })
    }

    fn granted(&mut self, stage: &Compiled) -> Result<usize, Refusal> {
        let [some, as_role, direct] = [Grant::Delegated, Grant::AsRole, Grant::Direct]
            .map(|least| self.layer(stage, PolicyType::Resource, least));
        let (some, as_role, direct) = (some?, as_role?, direct?);
        let accountless = self.callers(|principal| principal.account().is_none());
        let with_account = self.callers(|principal| principal.account().is_some());
        let same = self.callers(|principal| stage.is_of(principal));
        let outsider = self.all(vec![accountless, some]);
        let entrance = match stage.resource_type {
            PolicyType::Trust | PolicyType::Key => some,
            _ => self.any(vec![same, some]),
        };
        let direct = self.all(vec![same, direct]);
        let as_role = self.all(vec![same, as_role]);
        let root = self.callers(|principal| matches!(principal, Principal::Root { .. }));
        let others = self.callers(|principal| !matches!(principal, Principal::Root { .. }));
        let identity = self.layer(stage, PolicyType::Identity, Grant::Delegated)?;
        let identity = self.all(vec![others, identity]);
        let by_policy = self.any(vec![as_role, root, identity]);
        let limits = self.limits(stage)?;
        let limited = self.all(vec![by_policy, limits]);
        let inside = self.any(vec![direct, limited]);
        let insider = self.all(vec![with_account, entrance, inside]);
        Ok(self.any(vec![outsider, insider]))
    }

    /// Whether a layer has an Allow; never, where there is no such layer.
    fn layer(
        &mut self,
        stage: &Compiled,
        kind: PolicyType,
        least: Grant,
    ) -> Result<usize, Refusal> {
        match stage.sets.iter().find(|(own, _)| *own == kind) {
            Some((_, set)) => self.grants(set, least),
            None => Ok(self.any(Vec::new())),
        }
    }

    fn limits(&mut self, stage: &Compiled) -> Result<usize, Refusal> {
        let mut parts = Vec::new();
        for kind in [PolicyType::Boundary, PolicyType::Session] {
            if stage.sets.iter().any(|(own, _)| *own == kind) {
                let free = self.callers(|principal| !has_identity(principal));
                let grants = self.layer(stage, kind, Grant::Delegated)?;
                parts.push(self.any(vec![free, grants]));
            } else if kind == PolicyType::Session {
                // A federated user has the permissions of its session policies alone.
                parts.push(self.callers(|p| !matches!(p, Principal::FederatedUser { .. })));
            }
        }
        Ok(self.all(parts))
    }

    fn nothing_denies(&mut self, stage: &Compiled) -> Result<usize, Refusal> {
        let (mut parts, mut by_resource) = (Vec::new(), Vec::new());
        for (kind, set) in &stage.sets {
            for statement in view::statements(set).filter(|s| s.effect() == Effect::Deny) {
                let bears = match kind {
                    PolicyType::Identity | PolicyType::Boundary | PolicyType::Session => {
                        self.callers(has_identity)
                    }
                    PolicyType::ServiceControl => self.callers(|p| stage.controls(p)),
                    PolicyType::ResourceControl => self.callers(|p| stage.controls_resource(p)),
                    _ => self.all(Vec::new()),
                };
                let applies = self.applies(statement, Grant::Delegated, Demand::NotFalse)?;
                let both = self.all(vec![bears, applies]);
                let denies_not = self.not(both)?;
                match kind {
                    PolicyType::ResourceControl => by_resource.push(denies_not),
                    _ => parts.push(denies_not),
                }
            }
        }
        if !by_resource.is_empty() {
            // Resource control policies leave `kms:RetireGrant` alone.
            let gives_up = self.atom(&action("kms:retiregrant"), Demand::True);
            let by_resource = self.all(by_resource);
            parts.push(self.any(vec![gives_up, by_resource]));
        }
        Ok(self.all(parts))
    }

    fn grants(&mut self, set: &PolicySet, least: Grant) -> Result<usize, Refusal> {
        let mut parts = Vec::new();
        for statement in view::statements(set).filter(|s| s.effect() == Effect::Allow) {
            parts.push(self.applies(statement, least, Demand::True)?);
        }
        Ok(self.any(parts))
    }

    fn applies(
        &mut self,
        statement: Statement<'_>,
        least: Grant,
        demand: Demand,
    ) -> Result<usize, Refusal> {
        let reaches = |sample: &Request| {
            let grant = statement.reaches(sample, self.has_boundary);
            grant.is_some_and(|grant| grant >= least)
        };
        let members = self.samples.iter().map(reaches).collect();
        let mut parts = vec![self.members(members)];
        let holds = |not: bool| if not { Demand::False } else { Demand::True };
        let actions = statement.actions();
        let atom = self.reader.actions(&actions.patterns)?;
        parts.push(self.atom(&atom, holds(actions.not)));
        if let Some(resources) = statement.resources() {
            let atom = self.reader.resources(&resources.patterns)?;
            parts.push(self.atom(&atom, holds(resources.not)));
        }
        for condition in statement.conditions() {
            let atom = self.reader.condition(condition)?;
            parts.push(self.atom(&atom, demand));
        }
        Ok(self.all(parts))
    }
}

/// "The action is this one", in lower case.
fn action(name: &str) -> Atom {
    let text = crate::tied::steps(name).collect();
    Atom::Action(vec![crate::data::Text::Plain(text)])
}

/// Whether identity-based policies, boundaries and session policies bear on a caller.
fn has_identity(principal: &Principal) -> bool {
    principal.account().is_some() && !matches!(principal, Principal::Root { .. })
}

impl Compiled {
    /// Whether the resources are of the caller's account.
    fn is_of(&self, principal: &Principal) -> bool {
        match self.stage.owner.as_str() {
            "caller" => principal.account().is_some(),
            "stranger" => false,
            _ => principal.account().is_some() && principal.account() == self.owner,
        }
    }

    /// Whether service control policies bear on a caller.
    fn controls(&self, principal: &Principal) -> bool {
        principal.account().is_some()
            && principal.account() != self.management
            && !principal.is_service_linked()
    }

    /// Whether resource control policies bear on what a caller reaches.
    fn controls_resource(&self, principal: &Principal) -> bool {
        let owner = match self.stage.owner.as_str() {
            "caller" => principal.account(),
            _ => self.owner,
        };
        let managed = self.management.is_some() && owner == self.management;
        !managed && !principal.is_service_linked()
    }
}

/// How deep formulas are looked into that are taken as they are.
const DEPTH: usize = 8;

/// Whether one formula follows from another, as far as their form shows it.
struct Implied<'a> {
    /// The first atom that says the same as each.
    alike: Vec<Option<usize>>,
    atoms: &'a [Atom],
    parts: &'a [Part],
    nodes: &'a [Node],
    known: HashMap<(usize, usize), bool>,
}

impl Implied<'_> {
    fn by(&mut self, part: usize, node: usize) -> bool {
        if let Some(known) = self.known.get(&(part, node)) {
            return *known;
        }
        let answer = self.follows(part, node);
        self.known.insert((part, node), answer);
        answer
    }

    fn follows(&mut self, part: usize, node: usize) -> bool {
        let (Some(own), Some(other)) = (self.parts.get(part), self.nodes.get(node)) else {
            return false;
        };
        match (own, other) {
            (Part::Given(given), _) if self.given(*given, node, 0) => return true,
            (_, Node::All(nodes)) => return nodes.iter().all(|node| self.by(part, *node)),
            (Part::Any(parts), _) => return parts.iter().all(|part| self.by(*part, node)),
            (Part::Callers(members), Node::Literal(literal)) => {
                let Some(Atom::Caller(atom)) = self.atoms.get(literal.atom) else {
                    return false;
                };
                let meant = atom.iter().map(|own| literal.demand.meets(Some(*own)));
                let same = members.len() == atom.len();
                return same && members.iter().zip(meant).all(|(own, meant)| !own || meant);
            }
            (Part::Literal(own), Node::Literal(literal)) => {
                let same = self.alike.get(own.atom) == self.alike.get(literal.atom);
                return same && own.demand.implies(literal.demand);
            }
            _ => {}
        }
        if let Node::Any(nodes) = other
            && nodes.iter().any(|node| self.by(part, *node))
        {
            return true;
        }
        match own {
            Part::All(parts) => parts.iter().any(|part| self.by(*part, node)),
            _ => false,
        }
    }

    /// Whether a formula of the certificate follows from another.
    fn given(&self, given: usize, node: usize, depth: usize) -> bool {
        let (Some(own), Some(other)) = (self.nodes.get(given), self.nodes.get(node)) else {
            return false;
        };
        if given == node || depth > DEPTH {
            return given == node;
        }
        let of_own = match own {
            Node::All(parts) => parts.iter().any(|part| self.given(*part, node, depth + 1)),
            Node::Any(parts) => parts.iter().all(|part| self.given(*part, node, depth + 1)),
            Node::Literal(_) => false,
        };
        of_own
            || match other {
                Node::All(parts) => parts.iter().all(|part| self.given(given, *part, depth + 1)),
                Node::Any(parts) => parts.iter().any(|part| self.given(given, *part, depth + 1)),
                Node::Literal(_) => false,
            }
    }
}

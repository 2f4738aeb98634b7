//! From documents to what is evaluated: the policies of one layer, indexed by action and resource.

mod index;
mod principal;
mod statement;

use index::Index;
pub use principal::Grant;
pub(crate) use statement::{ArnPattern, Statement};

use crate::condition::Truth;
use crate::document::{Document, Effect, PolicyType};
use crate::options::Options;
use crate::request::Request;
use std::ops::ControlFlow;
use std::sync::Arc;

/// A policy with the name by which explanations call it.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// Its name: a policy's name or ARN, a file, …
    pub name: Arc<str>,
    /// The policy.
    pub document: Document,
}

impl NamedPolicy {
    /// Names a policy.
    pub fn new(name: impl Into<Arc<str>>, document: Document) -> Self {
        Self {
            name: name.into(),
            document,
        }
    }
}

/// The policies of one layer, such as all that are attached to a role, compiled together.
///
/// It is never changed by an evaluation; any number of threads may use one set at the same time.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    policies: Vec<NamedPolicy>,
    statements: Vec<Statement>,
    deny: Index,
    allow: Index,
    options: Options,
    /// Whether some of the policies name principals, and whether some do not.
    with_principals: bool,
    without_principals: bool,
}

/// What one layer says of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// A Deny surely applies.
    pub(crate) denies: bool,
    /// A Deny may apply: it could not be evaluated.
    pub(crate) may_deny: bool,
    /// The strongest Allow that surely applies.
    pub(crate) grant: Option<Grant>,
    /// The strongest Allow that may apply: it could not be evaluated.
    pub(crate) may_grant: Option<Grant>,
}

impl PolicySet {
    /// Compiles the policies of one layer, with the default [`Options`].
    #[must_use]
    pub fn compile(policies: impl IntoIterator<Item = NamedPolicy>) -> Self {
        Self::compile_with(policies, Options::default())
    }

    /// Compiles the policies of one layer. Policies that were read with options are compiled with the same.
    #[must_use]
    pub fn compile_with(policies: impl IntoIterator<Item = NamedPolicy>, options: Options) -> Self {
        let policies: Vec<NamedPolicy> = policies.into_iter().collect();
        let statements: Vec<Statement> = policies
            .iter()
            .enumerate()
            .flat_map(|(policy, named)| {
                let numbered = named.document.statements.iter().enumerate();
                numbered.map(move |(number, statement)| {
                    Statement::new(statement, named.document.policy_type, policy, number)
                })
            })
            .collect();
        let deny = Index::new(&statements, Effect::Deny);
        let allow = Index::new(&statements, Effect::Allow);
        let named = |named: &NamedPolicy| named.document.policy_type.has_principal();
        Self {
            with_principals: policies.iter().any(named),
            without_principals: !policies.iter().all(named),
            policies,
            statements,
            deny,
            allow,
            options,
        }
    }

    /// The policies, in the order in which they were given.
    #[must_use]
    pub fn policies(&self) -> &[NamedPolicy] {
        &self.policies
    }

    /// How many statements the policies hold together.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// Whether the policies can stand in a layer: a policy that names no principals must never speak for a resource.
    pub(crate) fn fits(&self, layer: PolicyType) -> bool {
        match layer.has_principal() {
            true => !self.without_principals,
            false => !self.with_principals,
        }
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Applies the layer to a request. `has_boundary` matters to `NotPrincipal` alone.
    pub(crate) fn rule(&self, request: &Request, has_boundary: bool) -> Ruling {
        let mut ruling = Ruling::default();
        let _ = self
            .deny
            .visit(request, &self.statements, &mut |statement| {
                match statement.applies(request, &self.options, has_boundary).0 {
                    Truth::True => {
                        ruling.denies = true;
                        return ControlFlow::Break(());
                    }
                    Truth::Unknown => ruling.may_deny = true,
                    Truth::False => {}
                }
                ControlFlow::Continue(())
            });
        if ruling.denies {
            return ruling;
        }
        let _ = self
            .allow
            .visit(request, &self.statements, &mut |statement| {
                let (truth, grant) = statement.applies(request, &self.options, has_boundary);
                match truth {
                    Truth::True => ruling.grant = ruling.grant.max(grant),
                    Truth::Unknown => ruling.may_grant = ruling.may_grant.max(grant),
                    Truth::False => {}
                }
                match ruling.grant {
                    Some(Grant::Direct) => ControlFlow::Break(()),
                    _ => ControlFlow::Continue(()),
                }
            });
        ruling
    }
}

#[cfg(test)]
mod tests;

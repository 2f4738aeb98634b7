//! Questions that need no search: whatever the new layers allow, the old ones plainly allow too, statement by statement.

use super::Question;
use crate::layers::Stage;
use policy::view::{self, Statement};
use policy::{Effect, PolicySet};

impl Question<'_> {
    /// Whether no request is of the kind in question, as the texts of the statements plainly show: in each layer every Allow
    /// is within one that the old layer has, and every Deny of the old layer within one that is still there. A request is
    /// allowed the more Allows apply to it and the fewer Denies, in whatever layer, so what is allowed was allowed before.
    pub(super) fn is_plain(&self) -> bool {
        self.denied
            .as_ref()
            .is_some_and(|denied| allows_no_more(&self.allowed, denied))
    }
}

/// Whether one stage plainly allows nothing that another does not.
pub(crate) fn allows_no_more(new: &Stage<'_>, old: &Stage<'_>) -> bool {
    let (own, others) = (&new.policies, &old.policies);
    let single = [
        (own.identity, others.identity),
        (own.boundary, others.boundary),
        (own.session, others.session),
        (own.resource, others.resource),
        (own.endpoint, others.endpoint),
    ];
    let levels = |own: &[PolicySet], others: &[PolicySet]| {
        own.len() == others.len()
            && own
                .iter()
                .zip(others)
                .all(|(new, old)| grants_no_more(new, old))
    };
    new.owner == old.owner
        && new.resource_type == old.resource_type
        && own.management_account == others.management_account
        && single.into_iter().all(|layer| match layer {
            (None, None) => true,
            (Some(new), Some(old)) => grants_no_more(new, old),
            _ => false,
        })
        && levels(own.service_control, others.service_control)
        && levels(own.resource_control, others.resource_control)
}

fn grants_no_more(new: &PolicySet, old: &PolicySet) -> bool {
    std::ptr::eq(new, old)
        || (each_is_within(new, old, Effect::Allow) && each_is_within(old, new, Effect::Deny))
}

/// Whether each statement of one effect is within another of that effect. Most stand where they stood.
fn each_is_within(some: &PolicySet, others: &PolicySet, effect: Effect) -> bool {
    let of = |set| view::statements(set).filter(|statement| statement.effect() == effect);
    let mut beside = of(others);
    let mut within = |statement: Statement<'_>| {
        beside
            .next()
            .is_some_and(|other| statement.is_within(other))
            || of(others).any(|other| statement.is_within(other))
    };
    of(some).all(&mut within)
}

//! Compares two answers, and makes a case smaller that they disagree about.

use crate::{Answer, Json, Kind, Refusal};

/// What an evaluator says about a case.
pub type Outcome = Result<Answer, Refusal>;

/// How two outcomes differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Only one of them refuses the case.
    Refusal,
    /// One allows, the other denies.
    Verdict,
    /// Both deny, for different kinds of reasons.
    Kind,
    /// Both deny, but by different policy types.
    Layer,
    /// The sentences differ.
    Message,
}

/// How the outcomes differ, if they do. Two refusals are the same whatever they say.
#[must_use]
pub fn difference(one: &Outcome, other: &Outcome) -> Option<Difference> {
    match (one, other) {
        (Err(_), Err(_)) => None,
        (Err(_), Ok(_)) | (Ok(_), Err(_)) => Some(Difference::Refusal),
        (Ok(a), Ok(b)) if a.allowed != b.allowed => Some(Difference::Verdict),
        (Ok(a), Ok(b)) if a.kind != b.kind => Some(Difference::Kind),
        // Where a Deny may apply and an Allow is lacking, either policy type may be named.
        (Ok(_), Ok(b)) if b.kind == Some(Kind::Indeterminate) => None,
        (Ok(a), Ok(b)) if a.layer != b.layer => Some(Difference::Layer),
        (Ok(a), Ok(b)) if a.message != b.message => Some(Difference::Message),
        (Ok(_), Ok(_)) => None,
    }
}

/// Removes members and elements as long as `differs` holds of what is left.
pub fn shrink(case: &Json, differs: impl Fn(&Json) -> bool) -> Json {
    let mut best = case.clone();
    loop {
        let smaller = smaller(&best).into_iter().find(&differs);
        match smaller {
            Some(found) => best = found,
            None => return best,
        }
    }
}

/// Everything that is one step smaller.
fn smaller(json: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    match json {
        Json::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                let mut left = members.clone();
                left.remove(at);
                found.push(Json::Object(left));
                for value in smaller(value) {
                    let mut changed = json.clone();
                    changed.set(name, value);
                    found.push(changed);
                }
            }
        }
        Json::List(items) => {
            for (at, item) in items.iter().enumerate() {
                let mut left = items.clone();
                left.remove(at);
                found.push(Json::List(left));
                for value in smaller(item) {
                    let mut changed = items.clone();
                    if let Some(place) = changed.get_mut(at) {
                        *place = value;
                    }
                    found.push(Json::List(changed));
                }
            }
            if let [only] = items.as_slice() {
                found.push(only.clone());
            }
        }
        _ => {}
    }
    found
}

//! The engine's answer in the words of this crate, for comparing the two.

use policy::{DenialKind, PolicyType};

use crate::{Answer, Kind, Layer, Refusal};

/// Asks the engine, through the library of `palisade simulate`.
///
/// # Errors
/// The engine refuses the case. Its errors have no rule names: the rule is `engine`.
pub fn answer(case: &str) -> Result<Answer, Refusal> {
    let answer = simulate::answer(case).map_err(|e| Refusal::new("engine", e.to_string()))?;
    let message = answer
        .to_json()
        .get("message")
        .and_then(|message| message.as_str());
    Ok(Answer {
        allowed: answer.is_allow(),
        kind: answer.denial.map(|denial| match denial.kind {
            DenialKind::Explicit => Kind::Explicit,
            DenialKind::Implicit => Kind::Implicit,
            DenialKind::Indeterminate => Kind::Indeterminate,
        }),
        layer: answer.denial.map(|denial| match denial.policy_type {
            PolicyType::ServiceControl => Layer::Scp,
            PolicyType::ResourceControl => Layer::Rcp,
            PolicyType::VpcEndpoint => Layer::Endpoint,
            PolicyType::Boundary => Layer::Boundary,
            PolicyType::Session => Layer::Session,
            PolicyType::Resource | PolicyType::Key => Layer::Resource,
            PolicyType::Trust => Layer::Trust,
            PolicyType::Identity => Layer::Identity,
        }),
        message: message.map(str::to_owned),
    })
}

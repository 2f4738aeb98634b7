//! JSON.

use super::{Outcome, Report};
use crate::question::Blamed;
use crate::verdict::Verdict;
use serde_json::{Map, Value, json};

impl Report {
    /// One JSON object: `verdict`, `question`, `assumptions`, `blame`, and, as it may be, `id`, `request`, `reason` and
    /// `parts`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        if let Some(answer) = &self.isolation {
            return answer.to_json();
        }
        let mut object = Map::new();
        object.insert("verdict".into(), self.outcome.name().into());
        if let Some(id) = &self.id {
            object.insert("id".into(), id.as_str().into());
        }
        object.insert("question".into(), self.question.as_str().into());
        let (mut assumptions, mut blame) = (Vec::new(), Vec::new());
        match &self.outcome {
            Outcome::Verdict(Verdict::Proved(proof)) => {
                assumptions = proof.assumptions.iter().map(|fact| json!(**fact)).collect();
            }
            Outcome::Verdict(Verdict::Violated(replayed)) => {
                blame = replayed.blame().iter().map(blamed).collect();
            }
            Outcome::Verdict(Verdict::Unknown { reason }) => {
                object.insert("reason".into(), reason.as_str().into());
            }
            Outcome::Dead { statements, .. } => blame = statements.iter().map(blamed).collect(),
        }
        object.insert("assumptions".into(), assumptions.into());
        if let Some(case) = &self.case {
            object.insert("request".into(), case.clone());
        }
        object.insert("blame".into(), blame.into());
        if let Some(fix) = &self.fix {
            let fix = json!({"change": fix.change, "policy": fix.policy});
            object.insert("fix".into(), fix);
        }
        if !self.parts.is_empty() {
            object.insert(
                "parts".into(),
                self.parts.iter().map(Self::to_json).collect(),
            );
        }
        object.into()
    }
}

/// A statement that is to blame.
pub(crate) fn blamed(blamed: &Blamed) -> Value {
    json!({
        "policy": blamed.policy,
        "policyType": blamed.policy_type.id(),
        "statement": blamed.number,
        "sid": blamed.sid,
        "line": blamed.line,
        "column": blamed.column,
        "text": blamed.text,
    })
}

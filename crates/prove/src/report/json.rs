//! JSON.

use super::Report;
use crate::question::Blamed;
use crate::verdict::Verdict;
use serde_json::{Map, Value, json};

impl Report {
    /// One JSON object: `verdict`, `question`, `assumptions`, and, as it may be, `request`, `blame`, `reason`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("verdict".into(), self.verdict.name().into());
        object.insert("question".into(), self.question.as_str().into());
        let mut assumptions = Vec::new();
        match &self.verdict {
            Verdict::Proved(proof) => {
                assumptions = proof.assumptions.iter().map(|fact| json!(**fact)).collect();
            }
            Verdict::Violated(replayed) => {
                let blame: Vec<Value> = replayed.blame().iter().map(blamed).collect();
                object.insert("blame".into(), blame.into());
            }
            Verdict::Unknown { reason } => {
                object.insert("reason".into(), reason.as_str().into());
            }
        }
        object.insert("assumptions".into(), assumptions.into());
        if let Some(case) = &self.case {
            object.insert("request".into(), case.clone());
        }
        object.into()
    }
}

fn blamed(blamed: &Blamed) -> Value {
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

//! The answer as text for people and as JSON.

use super::{Answer, Finding, Fix, Need, Obligation};
use crate::report::{Outcome, Report, blamed, describe, violation};
use crate::verdict::Verdict;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const QUESTION: &str = "no tenant ever reaches what belongs to another";

impl Answer {
    /// Text for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}: {QUESTION}\n", self.verdict(None));
        let _ = writeln!(text, "  who the tenants are: {}", self.tenancy.origin);
        let keys: Vec<String> = self.tenancy.keys().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(text, "  told apart by {}", keys.join(", "));
        for obligation in Obligation::ALL {
            self.obligation(obligation, &mut text);
        }
        let assumptions = self.assumptions();
        let (links, trusted) = (&self.tenancy.links, &self.tenancy.trusted);
        if !assumptions.is_empty() || !links.is_empty() || !trusted.is_empty() {
            text.push_str("this rests on\n");
        }
        for fact in assumptions {
            let _ = writeln!(text, "  {}", describe(&fact));
        }
        for link in links {
            let [one, two] = &link.keys;
            let _ = writeln!(
                text,
                "  `{one}` and `{two}` have the same value where a session has both ({})",
                link.source
            );
        }
        for trusted in trusted {
            let _ = writeln!(
                text,
                "  `{}` names sessions after those it works for ({})",
                trusted.role, trusted.source
            );
        }
        text
    }

    /// The answer as the report of its claims.
    #[must_use]
    pub fn into_report(self) -> Report {
        let part = |finding: &std::sync::Arc<Finding>| {
            let outcome = Outcome::Verdict(finding.verdict.clone());
            let mut report =
                Report::of(finding.claim.as_str(), outcome).with_id(finding.obligation.name());
            report.case.clone_from(&finding.case);
            report
        };
        let mut report = Report::joined(QUESTION, self.findings.iter().map(part).collect());
        report.isolation = Some(Box::new(self));
        report
    }

    fn obligation(&self, obligation: Obligation, text: &mut String) {
        let found: Vec<&Finding> = self.of(obligation).collect();
        let needs: Vec<&Need> = self
            .needs
            .iter()
            .filter(|need| need.obligation == obligation)
            .collect();
        let short = match (self.verdict(Some(obligation)), needs.is_empty()) {
            ("proved", false) => "proved for these policies; see what is still needed",
            (verdict, _) => verdict,
        };
        let _ = writeln!(text, "{}: {short}", obligation.name());
        for finding in found {
            let role = match finding.role.as_str() {
                "" => String::new(),
                role => format!("{role}: "),
            };
            let _ = writeln!(
                text,
                "  {}: {role}{}",
                finding.verdict.name(),
                finding.claim
            );
            match &finding.verdict {
                Verdict::Proved(_) => {}
                Verdict::Unknown { reason } => {
                    let _ = writeln!(text, "    because {reason}");
                }
                Verdict::Violated(replayed) => {
                    let mut shown = String::new();
                    violation(&mut shown, replayed);
                    text.push_str(&shown);
                    finding.owner_text(text);
                    finding.fix_text(text);
                }
            }
        }
        for need in needs {
            let _ = writeln!(text, "  needed: `{}`: {}", need.action, need.why);
        }
    }

    /// One JSON object: `verdict`, `question`, `tenancy`, `assumptions`, `obligations`, `needs`, and of the first claim that
    /// does not hold `request`, `blame`, `owner` and `fix`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("verdict".into(), self.verdict(None).into());
        object.insert("question".into(), QUESTION.into());
        let facts = self.assumptions();
        let mut assumptions: Vec<Value> = facts.iter().map(|fact| json!(**fact)).collect();
        let links = self.tenancy.links.iter();
        assumptions.extend(links.map(|link| json!({"equal": link.keys, "source": link.source})));
        let trusted = self.tenancy.trusted.iter();
        assumptions.extend(trusted.map(|it| json!({"trusted": it.role, "source": it.source})));
        object.insert("assumptions".into(), assumptions.into());
        let obligation = |obligation: Obligation| {
            let claims: Vec<Value> = self.of(obligation).map(Finding::to_json).collect();
            json!({"name": obligation.name(), "verdict": self.verdict(Some(obligation)), "claims": claims})
        };
        object.insert(
            "obligations".into(),
            Obligation::ALL.map(obligation).into_iter().collect(),
        );
        let need = |need: &Need| json!({"obligation": need.obligation.name(), "action": need.action, "why": need.why});
        object.insert("needs".into(), self.needs.iter().map(need).collect());
        object.insert("tenancy".into(), self.tenancy_json());
        if let Some(first) = self.violation()
            && let Value::Object(first) = first.to_json()
        {
            for name in ["request", "blame", "owner", "fix"] {
                if let Some(value) = first.get(name) {
                    object.insert(name.into(), value.clone());
                }
            }
        }
        object.into()
    }

    fn tenancy_json(&self) -> Value {
        let tenancy = &self.tenancy;
        let things = |things: &[crate::tenancy::Owned]| -> Value {
            let one = |owned: &crate::tenancy::Owned| {
                use crate::tenancy::Mark;
                let value = owned.by.template().written(&tenancy.identity);
                match &owned.by {
                    Mark::Resource(_) => json!({"resource": value, "source": owned.source}),
                    Mark::Tag { key, except, .. } => {
                        let mut tag = json!({"tag": key, "value": value, "source": owned.source});
                        if let Value::Object(tag) = &mut tag
                            && !except.is_empty()
                        {
                            let written = except.iter().map(|one| one.written(&[]));
                            tag.insert("except".into(), written.collect());
                        }
                        tag
                    }
                    Mark::Key { key, .. } => {
                        json!({"key": key, "value": value, "source": owned.source})
                    }
                }
            };
            things.iter().map(one).collect()
        };
        json!({
            "origin": tenancy.origin,
            "identity": tenancy.keys().collect::<Vec<_>>(),
            "owned": things(&tenancy.owned),
            "shared": things(&tenancy.shared),
        })
    }
}

impl Finding {
    fn owner_text(&self, text: &mut String) {
        if self.owner.is_empty() {
            return;
        }
        let values: Vec<String> = self
            .owner
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        let _ = writeln!(text, "  what it reaches belongs to {}", values.join(", "));
    }

    fn fix_text(&self, text: &mut String) {
        for fix in &self.fixes {
            let _ = writeln!(
                text,
                "  fix, with which this is proved: {}, line {}:",
                fix.policy, fix.line
            );
            for line in fix.before.lines() {
                let _ = writeln!(text, "    - {line}");
            }
            for line in fix.after.lines() {
                let _ = writeln!(text, "    + {line}");
            }
        }
    }

    /// One JSON object: `claim`, `verdict`, and, as it may be, `role`, `assumptions`, `request`, `blame`, `owner`, `fix`,
    /// `reason`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("claim".into(), self.claim.as_str().into());
        object.insert("verdict".into(), self.verdict.name().into());
        if !self.role.is_empty() {
            object.insert("role".into(), self.role.as_str().into());
        }
        match &self.verdict {
            Verdict::Proved(proof) => {
                let assumptions = proof.assumptions.iter().map(|fact| json!(**fact));
                object.insert("assumptions".into(), assumptions.collect());
            }
            Verdict::Unknown { reason } => {
                object.insert("reason".into(), reason.as_str().into());
            }
            Verdict::Violated(replayed) => {
                object.insert(
                    "blame".into(),
                    replayed.blame().iter().map(blamed).collect(),
                );
                let owner: Map<String, Value> = self
                    .owner
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().into()))
                    .collect();
                object.insert("owner".into(), owner.into());
                object.insert("fix".into(), self.fixes.iter().map(fix).collect());
            }
        }
        if let Some(case) = &self.case {
            object.insert("request".into(), case.clone());
        }
        object.into()
    }
}

fn fix(fix: &Fix) -> Value {
    json!({"policy": fix.policy, "line": fix.line, "before": fix.before, "after": fix.after})
}

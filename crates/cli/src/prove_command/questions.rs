//! The questions.

use super::input::{Around, files, read_policy, read_set, read_text};
use super::run::known;
use super::{Change, Deputy, NotGranted, Single};
use policy::{AccountId, Document, Effect, NamedPolicy, PolicySet, PolicyType};
use prove::{Blamed, Outcome, Report, Trusted, Verdict, no_new_access, not_granted, public};
use std::path::Path;

impl Change {
    fn sets(&self) -> Result<(PolicyType, [PolicySet; 2]), String> {
        let texts = [read_text(&self.old)?, read_text(&self.new)?];
        let [old, new] = &texts;
        let kind = self.common.layers.type_of(old);
        let read =
            |path, text| Ok::<_, String>(PolicySet::compile([read_policy(path, text, kind)?]));
        Ok((kind, [read(&self.old, old)?, read(&self.new, new)?]))
    }

    pub(super) fn no_new_access(&self) -> Result<Report, String> {
        let (kind, [old, new]) = self.sets()?;
        let around = self.common.layers.read()?;
        let facts = self.common.facts()?;
        let report = self.compare(&around, kind, (&self.old, &old), (&self.new, &new))?;
        let Some(policy) = new.policies().first() else {
            return Ok(report);
        };
        Ok(report.with_fix(policy, None, |changed| {
            let changed = PolicySet::compile([changed]);
            no_new_access(around.stage(&old, kind), around.stage(&changed, kind)).answer(&facts)
        }))
    }

    pub(super) fn same(&self) -> Result<Report, String> {
        let (kind, [old, new]) = self.sets()?;
        let around = self.common.layers.read()?;
        let wider = self.compare(&around, kind, (&self.old, &old), (&self.new, &new))?;
        known(&wider);
        let narrower = self.compare(&around, kind, (&self.new, &new), (&self.old, &old))?;
        let sentence = format!(
            "{} and {} allow the same",
            self.old.display(),
            self.new.display()
        );
        Ok(Report::joined(sentence, vec![wider, narrower]))
    }

    fn compare(
        &self,
        around: &Around,
        kind: PolicyType,
        (old_path, old): (&Path, &PolicySet),
        (new_path, new): (&Path, &PolicySet),
    ) -> Result<Report, String> {
        let question = no_new_access(around.stage(old, kind), around.stage(new, kind));
        let sentence = format!(
            "{} allows nothing that {} does not",
            new_path.display(),
            old_path.display()
        );
        let facts = self.common.facts()?;
        let verdict = question.answer(&facts);
        Ok(Report::new(sentence, &question, verdict))
    }
}

impl NotGranted {
    pub(super) fn run(&self) -> Result<Report, String> {
        let around = self.common.layers.read()?;
        let facts = self.common.facts()?;
        let target = self.target()?;
        if let Some(note) = unknown_action(&self.action) {
            eprintln!("palisade: note: {note}");
        }
        let paths = files(&self.policies)?;
        let first = paths.first().map(|path| read_text(path)).transpose()?;
        let kind = self.common.layers.type_of(first.as_deref().unwrap_or(""));
        let on = self
            .resource
            .as_ref()
            .map(|resource| format!(" on {resource}"));
        let what = format!("{}{}", self.action, on.unwrap_or_default());
        let groups: Vec<Vec<std::path::PathBuf>> = match self.each {
            true => paths.into_iter().map(|path| vec![path]).collect(),
            false => vec![paths],
        };
        let mut reports = Vec::with_capacity(groups.len());
        for group in groups {
            let set = read_set(&group, kind)?;
            let question = not_granted(around.stage(&set, kind), &target);
            let verdict = question.answer(&facts);
            let sentence = match group.as_slice() {
                [path] => format!("{} does not grant {what}", path.display()),
                _ => format!("the policies together do not grant {what}"),
            };
            let mut report = Report::new(sentence, &question, verdict);
            if let [policy] = set.policies()
                && !kind.has_principal()
            {
                let resource = self.resource.as_deref().unwrap_or("*");
                let what = Some((self.action.as_str(), resource));
                report = report.with_fix(policy, what, |changed| {
                    let changed = PolicySet::compile([changed]);
                    not_granted(around.stage(&changed, kind), &target).answer(&facts)
                });
            }
            known(&report);
            reports.push(report);
        }
        Ok(match (reports.pop(), reports.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                reports.extend(last);
                Report::joined(format!("no policy grants {what}"), reports)
            }
        })
    }

    /// A policy that allows what must not be granted.
    fn target(&self) -> Result<PolicySet, String> {
        let resource = self.resource.as_deref().unwrap_or("*");
        let text = serde_json::json!({
            "Version": "2008-10-17",
            "Statement": {"Effect": "Allow", "Action": self.action, "Resource": resource},
        });
        let document = Document::parse(&text.to_string(), PolicyType::Identity);
        let document = document.map_err(|error| error.to_string())?;
        Ok(PolicySet::compile([NamedPolicy::new("target", document)]))
    }
}

/// What to say of an action that nothing can grant because there is none of that name; AWS adds actions, so that it is no
/// mistake by itself.
fn unknown_action(action: &str) -> Option<String> {
    let (prefix, name) = action.split_once(':')?;
    if action.contains(['*', '?']) || catalog::action(action).is_some() {
        return None;
    }
    let Some(service) = catalog::service(prefix) else {
        return Some(format!("`{prefix}` is no service that is known here"));
    };
    let names = service.actions().map(|action| action.to_string());
    let meant = lint::facts::closest(action, names);
    let meant = meant.map_or_else(String::new, |meant| format!(": `{meant}` may be meant"));
    Some(format!(
        "{prefix} has no action `{name}` that is known here{meant}"
    ))
}

impl Single {
    fn set(&self) -> Result<(PolicyType, NamedPolicy), String> {
        let text = read_text(&self.policy)?;
        let kind = self.common.layers.type_of(&text);
        Ok((kind, read_policy(&self.policy, &text, kind)?))
    }

    pub(super) fn public(&self) -> Result<Report, String> {
        let (kind, policy) = self.set()?;
        if !kind.has_principal() {
            return Err(format!(
                "{} is an {kind}, which is for those to whom it is attached: `public` is about policies with `Principal`",
                self.policy.display()
            ));
        }
        let around = self.common.layers.read()?;
        let set = PolicySet::compile([policy]);
        let strangers = prove::strangers(&set, around.owner())?;
        let question = public(around.stage(&set, kind), &strangers);
        let facts = self.common.facts()?;
        let verdict = question.answer(&facts);
        let sentence = format!("{} lets in no strangers", self.policy.display());
        let report = Report::new(sentence, &question, verdict);
        let Some(policy) = set.policies().first() else {
            return Ok(report);
        };
        Ok(report.with_fix(policy, None, |changed| {
            let changed = PolicySet::compile([changed]);
            public(around.stage(&changed, kind), &strangers).answer(&facts)
        }))
    }

    /// A statement is dead if the policy allows the same without it.
    pub(super) fn dead(&self) -> Result<Report, String> {
        let (kind, policy) = self.set()?;
        let around = self.common.layers.read()?;
        let facts = self.common.facts()?;
        let whole = PolicySet::compile([policy.clone()]);
        let plausible = prove::plausible(&policy)?;
        let mut parts = Vec::new();
        for (number, statement) in policy.document.statements.iter().enumerate() {
            let mut fewer = policy.clone();
            fewer.document.statements.remove(number);
            let fewer = PolicySet::compile([fewer]);
            let [with, without] = [&whole, &fewer].map(|set| around.stage(set, kind));
            let mut question = match statement.effect.value {
                Effect::Allow => no_new_access(without, with),
                Effect::Deny => no_new_access(with, without),
            };
            question.within.extend(&plausible);
            let blamed = Blamed::of(&policy, kind, number).into_iter().collect();
            let outcome = match question.answer(&facts) {
                Verdict::Proved(proof) => Outcome::Dead {
                    statements: blamed,
                    certificates: proof.certificates,
                },
                Verdict::Violated(_) => continue,
                unknown @ Verdict::Unknown { .. } => Outcome::Verdict(unknown),
            };
            let report = Report::of(format!("statement {} matters", number + 1), outcome);
            known(&report);
            parts.push(report);
        }
        let sentence = format!("every statement of {} matters", self.policy.display());
        Ok(Report::joined(sentence, parts))
    }
}

impl Deputy {
    pub(super) fn run(&self) -> Result<Report, String> {
        let text = read_text(&self.policy)?;
        let kind = self
            .kind
            .map_or_else(|| prove::likely_type(&text), Into::into);
        if !kind.has_principal() {
            return Err(format!(
                "{}: {kind} lets no services in",
                self.policy.display()
            ));
        }
        let account = |text: &String| {
            AccountId::parse(text)
                .ok_or_else(|| format!("`{text}` is no account id: write its twelve digits"))
        };
        let trusted = Trusted {
            owner: account(&self.owner_account)?,
            accounts: self
                .trusted_account
                .iter()
                .map(account)
                .collect::<Result<_, _>>()?,
            organizations: self.trusted_org.clone(),
            sources: self.source.clone(),
        };
        let policy = read_policy(&self.policy, &text, kind)?;
        prove::deputy(
            &policy,
            kind,
            &trusted,
            &self.output.certified(self.facts.facts()?),
        )
    }
}

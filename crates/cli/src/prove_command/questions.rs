//! The questions.

use super::input::{files, read_policy, read_set, read_text};
use super::{Change, NotGranted, Single};
use policy::{Document, Effect, NamedPolicy, PolicySet, PolicyType};
use prove::{Question, Report, no_new_access, not_granted, public};
use std::path::Path;
use std::process::ExitCode;

impl Change {
    fn sets(&self) -> Result<(PolicyType, [PolicySet; 2]), String> {
        let texts = [read_text(&self.old)?, read_text(&self.new)?];
        let [old, new] = &texts;
        let kind = self.common.layers.type_of(old);
        let read =
            |path, text| Ok::<_, String>(PolicySet::compile([read_policy(path, text, kind)?]));
        Ok((kind, [read(&self.old, old)?, read(&self.new, new)?]))
    }

    pub(super) fn no_new_access(&self) -> Result<ExitCode, String> {
        let (kind, [old, new]) = self.sets()?;
        let report = self.compare(kind, (&self.old, &old), (&self.new, &new))?;
        self.common.output.give(&[report])
    }

    pub(super) fn same(&self) -> Result<ExitCode, String> {
        let (kind, [old, new]) = self.sets()?;
        let wider = self.compare(kind, (&self.old, &old), (&self.new, &new))?;
        let narrower = self.compare(kind, (&self.new, &new), (&self.old, &old))?;
        self.common.output.give(&[wider, narrower])
    }

    fn compare(
        &self,
        kind: PolicyType,
        (old_path, old): (&Path, &PolicySet),
        (new_path, new): (&Path, &PolicySet),
    ) -> Result<Report, String> {
        let around = self.common.layers.read()?;
        let question = no_new_access(around.stage(old, kind), around.stage(new, kind));
        let sentence = format!(
            "{} allows nothing that {} does not",
            new_path.display(),
            old_path.display()
        );
        let verdict = question.answer(&self.common.facts.facts()?);
        Ok(Report::new(sentence, &question, verdict))
    }
}

impl NotGranted {
    pub(super) fn run(&self) -> Result<ExitCode, String> {
        let around = self.common.layers.read()?;
        let facts = self.common.facts.facts()?;
        let target = self.target()?;
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
            reports.push(Report::new(sentence, &question, verdict));
        }
        self.common.output.give(&reports)
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

impl Single {
    fn set(&self) -> Result<(PolicyType, NamedPolicy), String> {
        let text = read_text(&self.policy)?;
        let kind = self.common.layers.type_of(&text);
        Ok((kind, read_policy(&self.policy, &text, kind)?))
    }

    pub(super) fn public(&self) -> Result<ExitCode, String> {
        let (kind, policy) = self.set()?;
        if !kind.has_principal() {
            return Err(format!(
                "{} is an {kind}, which is for those to whom it is attached: `public` is about policies with `Principal`",
                self.policy.display()
            ));
        }
        let around = self.common.layers.read()?;
        let set = PolicySet::compile([policy]);
        let question: Question<'_> = public(around.stage(&set, kind));
        let verdict = question.answer(&self.common.facts.facts()?);
        let sentence = format!(
            "{} lets in nobody without credentials",
            self.policy.display()
        );
        self.common
            .output
            .give(&[Report::new(sentence, &question, verdict)])
    }

    /// A statement is dead if the policy allows the same without it.
    pub(super) fn dead(&self) -> Result<ExitCode, String> {
        let (kind, policy) = self.set()?;
        let around = self.common.layers.read()?;
        let facts = self.common.facts.facts()?;
        let whole = PolicySet::compile([policy.clone()]);
        let mut text = String::new();
        let (mut dead, mut unknown) = (0, 0);
        for (number, statement) in policy.document.statements.iter().enumerate() {
            let mut fewer = policy.clone();
            fewer.document.statements.remove(number);
            let fewer = PolicySet::compile([fewer]);
            let [with, without] = [&whole, &fewer].map(|set| around.stage(set, kind));
            let question = match statement.effect.value {
                Effect::Allow => no_new_access(without, with),
                Effect::Deny => no_new_access(with, without),
            };
            let line = policy.document.source.position(statement.span.start).line;
            match question.answer(&facts) {
                prove::Verdict::Proved(_) => {
                    dead += 1;
                    text += &format!("statement {} (line {line}) can never matter\n", number + 1);
                }
                prove::Verdict::Violated(_) => {}
                prove::Verdict::Unknown { reason } => {
                    unknown += 1;
                    text += &format!(
                        "statement {} (line {line}): unknown, because {reason}\n",
                        number + 1
                    );
                }
            }
        }
        if text.is_empty() {
            text = "every statement matters\n".to_owned();
        }
        crate::print(&text);
        Ok(match (dead, unknown) {
            (0, 0) => ExitCode::SUCCESS,
            (0, _) => ExitCode::from(3),
            _ => ExitCode::from(1),
        })
    }
}

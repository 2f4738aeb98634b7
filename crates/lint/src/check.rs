//! Runs the rules.

use crate::finding::{Finding, Severity};
use crate::kind::Kind;
use crate::model::Policy;
use crate::rule::{Check, Note, Reporter, Rule};
use crate::rules;
use crate::sources::{self, Domain, Fault, Skipped};
use crate::suppress::Config;
use crate::tenants;
use jiff::civil::Date;
use policy::text::Source;
use std::collections::HashSet;

/// One text to check.
#[derive(Clone, Debug)]
pub struct Input {
    /// The text; its name decides what it is taken for, and is shown.
    pub source: Source,
    /// The kind of its policies, where its user tells.
    pub kind: Option<Kind>,
}

/// How to check.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What not to report.
    pub config: Config,
    /// Today, by which suppressions expire. `None`: none does.
    pub today: Option<Date>,
}

/// A policy that is there and could not be checked.
#[derive(Clone, Debug)]
pub struct Unread {
    /// The file.
    pub source: Source,
    /// The policy and why.
    pub skipped: Skipped,
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings, by file and place.
    pub findings: Vec<Finding>,
    /// How many findings are suppressed.
    pub suppressed: usize,
    /// How many policies were checked.
    pub policies: usize,
    /// How many files held any.
    pub files: usize,
    /// Names of the files in which no policy was found.
    pub empty: Vec<String>,
    /// Policies that could not be checked.
    pub unread: Vec<Unread>,
}

impl Report {
    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// Checks texts, each by itself and all together.
#[must_use]
pub fn check(inputs: &[Input], options: &Options) -> Report {
    let mut report = Report::default();
    let mut findings = Vec::new();
    let mut policies: Vec<Policy> = Vec::new();
    let mut domains: Vec<(Source, Domain)> = Vec::new();
    for input in inputs {
        let reading = sources::read(&input.source, input.kind);
        for fault in &reading.faults {
            findings.push(unreadable(&input.source, fault));
        }
        if reading.policies.is_empty() && reading.faults.is_empty() && !reading.recognised {
            let name = input.source.name().unwrap_or("standard input");
            report.empty.push(name.to_owned());
        } else {
            report.files += 1;
        }
        report
            .unread
            .extend(reading.unread.into_iter().map(|skipped| Unread {
                source: input.source.clone(),
                skipped,
            }));
        let found = reading.domains.into_iter();
        domains.extend(found.map(|domain| (input.source.clone(), domain)));
        policies.extend(reading.policies);
    }
    report.policies = policies.len();
    let tenants = tenants::Run::new(&policies);
    for rule in rules::all() {
        run(rule, &policies, tenants.as_ref(), &mut findings);
    }
    refusals(&policies, &mut findings);
    findings.extend(rules::nameless_domains(&policies, &domains));
    report.suppressed = options
        .config
        .apply(&mut findings, options.today, &report_scope(inputs));
    arrange(&mut findings);
    report.findings = findings;
    report
}

/// The names of what was read, so that a suppression is called unused only if its files were read.
fn report_scope(inputs: &[Input]) -> Vec<String> {
    inputs
        .iter()
        .filter_map(|input| input.source.name().map(str::to_owned))
        .collect()
}

fn run(
    rule: &'static Rule,
    policies: &[Policy],
    tenants: Option<&tenants::Run<'_>>,
    findings: &mut Vec<Finding>,
) {
    let mut out = Reporter {
        rule,
        policy: None,
        statement: None,
        findings,
    };
    match (rule.check, tenants) {
        (Check::Set(check), _) => return check(policies, &mut out),
        (Check::Tenants(check), Some(run)) => return check(run, &mut out),
        _ => {}
    }
    for policy in policies {
        out.policy = Some(policy);
        match rule.check {
            Check::Statement(check) => {
                for statement in &policy.statements {
                    out.statement = Some(statement.index);
                    check(policy, statement, &mut out);
                }
            }
            Check::Policy(check) => check(policy, &mut out),
            Check::Set(_) | Check::Tenants(_) | Check::Reading => {}
        }
    }
}

/// What the engine refuses and no rule found: a policy that is not evaluated is never called clean.
fn refusals(policies: &[Policy], findings: &mut Vec<Finding>) {
    let file = |source: &Source| source.text().as_ptr().addr();
    let mut errors: Vec<(usize, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (file(&finding.source), finding.span.start))
        .collect();
    errors.sort_unstable();
    for policy in policies {
        let (file, whole) = (file(&policy.source), policy.node.span);
        let next = errors.partition_point(|error| *error < (file, whole.start));
        let told = errors
            .get(next)
            .is_some_and(|error| error.0 == file && error.1 <= whole.end);
        if told {
            continue;
        }
        let mut out = Reporter {
            rule: rules::refused(),
            policy: Some(policy),
            statement: None,
            findings,
        };
        for diagnostic in policy.refusals() {
            let note = Note::at(diagnostic.span, diagnostic.reason);
            out.push(match diagnostic.fix {
                Some(fix) => note.help(fix),
                None => note,
            });
        }
    }
}

fn unreadable(source: &Source, fault: &Fault) -> Finding {
    let rule = rules::unreadable();
    Finding {
        rule,
        severity: rule.severity,
        source: source.clone(),
        span: fault.diagnostic.span,
        policy: fault.policy.clone(),
        statement: None,
        sid: None,
        reason: fault.diagnostic.reason.clone(),
        help: fault.diagnostic.fix.clone(),
        related: Vec::new(),
        fix: None,
        by_hand: None,
    }
}

/// Sorts by file, in the order of their names, and place; what is said twice of one place is said once.
fn arrange(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    findings.retain(|finding| {
        let name = finding.source.name().unwrap_or("").to_owned();
        seen.insert((name, finding.order(), finding.reason.clone()))
    });
    findings.sort_by(|a, b| {
        let name = |finding: &Finding| finding.source.name().unwrap_or("").to_owned();
        name(a)
            .cmp(&name(b))
            .then_with(|| a.order().cmp(&b.order()))
    });
}

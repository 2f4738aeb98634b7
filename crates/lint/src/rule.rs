//! What a rule is, and how it reports.

use crate::finding::{Edit, Finding, Fix, Related, Severity};
use crate::model::{Policy, Statement, Syntax};
use crate::tenants;
use policy::text::Span;

/// A rule. Its file's doc comment is its page.
#[derive(Debug)]
pub struct Rule {
    /// Its code, which never changes its meaning: `PAL100`.
    pub code: &'static str,
    /// Its name, for people: `unknown-action`.
    pub name: &'static str,
    /// How much its findings matter, unless a finding says otherwise.
    pub severity: Severity,
    /// The issue codes of IAM Access Analyzer's policy validation that it covers.
    pub aws: &'static [&'static str],
    /// What it looks at.
    pub check: Check,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// Each statement by itself.
    Statement(fn(&Policy, &Statement, &mut Reporter<'_>)),
    /// Each policy as a whole.
    Policy(fn(&Policy, &mut Reporter<'_>)),
    /// All policies of a run together. Each note is reported for a policy of the set, see [`Reporter::of`].
    Set(fn(&[Policy], &mut Reporter<'_>)),
    /// The same, by calls that the engine decides; not asked where no policy of the run speaks of tenants.
    Tenants(fn(&tenants::Run<'_>, &mut Reporter<'_>)),
    /// Nothing: its findings come from reading the files or the configuration.
    Reading,
}

/// A finding in the making.
#[derive(Clone, Debug)]
pub struct Note {
    span: Span,
    reason: String,
    help: Option<String>,
    severity: Option<Severity>,
    related: Vec<Related>,
    fix: Option<Fix>,
    /// Whether the rule knows a safe fix.
    is_fixable: bool,
}

impl Note {
    /// What is wrong at a place, and why that matters: lower case, without a full stop.
    pub fn at(span: Span, reason: impl Into<String>) -> Self {
        Self {
            span,
            reason: reason.into(),
            help: None,
            severity: None,
            related: Vec::new(),
            fix: None,
            is_fixable: false,
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Another place that belongs to it.
    #[must_use]
    pub fn related(mut self, span: Span, note: impl Into<String>) -> Self {
        let note = note.into();
        self.related.push(Related { span, note });
        self
    }

    /// Another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Edits that surely keep what the author meant. Without edits there is no fix.
    #[must_use]
    pub fn safe_fix(self, title: impl Into<String>, edits: Option<Vec<Edit>>) -> Self {
        self.with_fix(title.into(), edits, true)
    }

    /// Edits that the author should look at first; editors offer them, `--fix` does not apply them.
    #[must_use]
    pub fn possible_fix(self, title: impl Into<String>, edits: Option<Vec<Edit>>) -> Self {
        self.with_fix(title.into(), edits, false)
    }

    fn with_fix(mut self, title: String, edits: Option<Vec<Edit>>, safe: bool) -> Self {
        if self.help.is_none() {
            self.help = Some(title.clone());
        }
        self.is_fixable |= safe;
        if let Some(edits) = edits.filter(|edits| !edits.is_empty()) {
            self.fix = Some(Fix { title, edits, safe });
        }
        self
    }
}

/// Why `--fix` does not do what it would do elsewhere.
fn by_hand(policy: &Policy) -> &'static str {
    match policy.syntax {
        Syntax::Fixed => "this text was made from something else: change that",
        Syntax::Yaml => "by hand, for `--fix` does not change YAML of this form",
        Syntax::Json(_) => "by hand, for it is not written out here",
    }
}

/// Takes what a rule finds.
#[derive(Debug)]
pub struct Reporter<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) policy: Option<&'a Policy>,
    pub(crate) statement: Option<usize>,
    pub(crate) findings: &'a mut Vec<Finding>,
}

impl Reporter<'_> {
    /// Reports about the policy, and in a [`Check::Statement`] the statement, at hand.
    pub fn push(&mut self, note: Note) {
        if let Some(policy) = self.policy {
            self.add(policy, self.statement, note);
        }
    }

    /// Reports about a statement of the policy at hand.
    pub fn push_in(&mut self, statement: &Statement, note: Note) {
        if let Some(policy) = self.policy {
            self.add(policy, Some(statement.index), note);
        }
    }

    /// Reports about a policy of a set.
    pub fn of(&mut self, policy: &Policy, statement: Option<&Statement>, note: Note) {
        self.add(policy, statement.map(|statement| statement.index), note);
    }

    fn add(&mut self, policy: &Policy, statement: Option<usize>, note: Note) {
        let sid = statement
            .and_then(|index| policy.statements.get(index))
            .and_then(|statement| statement.sid.as_ref())
            .map(|sid| sid.shown());
        self.findings.push(Finding {
            rule: self.rule,
            severity: note.severity.unwrap_or(self.rule.severity),
            source: policy.source.clone(),
            span: note.span,
            policy: policy.name.clone(),
            statement,
            sid,
            reason: note.reason,
            help: note.help,
            related: note.related,
            by_hand: (note.is_fixable && note.fix.is_none()).then(|| by_hand(policy)),
            fix: note.fix,
        });
    }
}

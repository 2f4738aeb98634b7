//! The configuration file: what is known, why it is all right, and until when.

use crate::finding::{Finding, Severity};
use crate::patterns;
use crate::rules;
use jiff::civil::Date;
use policy::text::{Diagnostic, Rejected, Source, Span};
use serde::Deserialize;

/// The settings of `palisade check`, from the `[check]` table of a `palisade.toml`.
#[derive(Clone, Debug, Default)]
pub struct Config {
    source: Option<Source>,
    /// Severities and codes that make the check fail, as on the command line.
    pub deny: Vec<String>,
    /// Severities and codes that are shown and never make it fail.
    pub warn: Vec<String>,
    /// What is not reported.
    pub suppressions: Vec<Suppression>,
}

/// Findings that are not reported.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// The rule's code.
    pub code: String,
    /// A pattern of file names, with `*` and `?`; every file if it is missing. A pattern also means files below it.
    pub path: Option<String>,
    /// A pattern of policy names, as findings show them.
    pub policy: Option<String>,
    /// A statement's `Sid`.
    pub sid: Option<String>,
    /// Why it is all right.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    span: Span,
}

/// Why a configuration was refused.
pub type ConfigError = Rejected;

#[derive(Deserialize)]
struct RawFile {
    #[serde(default)]
    check: RawCheck,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    #[serde(default)]
    deny: Vec<toml::Spanned<String>>,
    #[serde(default)]
    warn: Vec<toml::Spanned<String>>,
    #[serde(default)]
    suppress: Vec<toml::Spanned<RawSuppression>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSuppression {
    code: toml::Spanned<String>,
    path: Option<String>,
    policy: Option<String>,
    sid: Option<String>,
    reason: toml::Spanned<String>,
    expires: Option<toml::Spanned<toml::value::Datetime>>,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// Where the text is no TOML, an entry is unknown, a code or date does not exist, or a reason is empty.
    pub fn parse(source: &Source) -> Result<Self, ConfigError> {
        let raw: RawFile = toml::from_str(source.text()).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let place = Span::new(span.start, span.end);
            let reason = error.message().trim_end().to_owned();
            Rejected::new(source.clone(), vec![Diagnostic::new(place, reason)])
        })?;
        let mut faults = Vec::new();
        let mut levels = |raw: Vec<toml::Spanned<String>>| {
            let keep = |level: toml::Spanned<String>| {
                let place = Span::new(level.span().start, level.span().end);
                let level = level.into_inner();
                if !is_level(&level) {
                    faults.push(no_level(place, &level));
                }
                level
            };
            raw.into_iter().map(keep).collect::<Vec<_>>()
        };
        let deny = levels(raw.check.deny);
        let warn = levels(raw.check.warn);
        let suppressions = raw
            .check
            .suppress
            .into_iter()
            .filter_map(|raw| suppression(raw, &mut faults))
            .collect();
        if !faults.is_empty() {
            return Err(Rejected::new(source.clone(), faults));
        }
        Ok(Self {
            source: Some(source.clone()),
            deny,
            warn,
            suppressions,
        })
    }

    /// Takes out what is suppressed, and reports suppressions that have expired or suppress nothing. How many findings
    /// were taken out.
    pub(crate) fn apply(
        &self,
        findings: &mut Vec<Finding>,
        today: Option<Date>,
        read: &[String],
    ) -> usize {
        let before = findings.len();
        let mut added = Vec::new();
        for suppression in &self.suppressions {
            let expired = match (suppression.expires, today) {
                (Some(last), Some(today)) => last < today,
                _ => false,
            };
            let matching = |finding: &Finding| suppression.covers(finding);
            let count = findings.iter().filter(|finding| matching(finding)).count();
            if expired {
                let reason = format!(
                    "the suppression of {} expired on {}: {}",
                    suppression.code,
                    suppression.expires.map_or(String::new(), |d| d.to_string()),
                    suppression.reason
                );
                let help = match count {
                    0 => "remove it: what it suppressed is gone",
                    _ => "repair what it suppressed, or decide again and write a new date",
                };
                added.push(self.finding(rules::expired(), suppression, reason, help));
            } else if count == 0 {
                if suppression.was_read(read) {
                    let reason =
                        format!("the suppression of {} suppresses nothing", suppression.code);
                    added.push(self.finding(rules::unused(), suppression, reason, "remove it"));
                }
            } else {
                findings.retain(|finding| !matching(finding));
            }
        }
        let taken = before - findings.len();
        findings.extend(added);
        taken
    }

    fn finding(
        &self,
        rule: &'static crate::Rule,
        suppression: &Suppression,
        reason: String,
        help: &str,
    ) -> Finding {
        Finding {
            rule,
            severity: rule.severity,
            source: self.source.clone().unwrap_or_else(|| Source::new("")),
            span: suppression.span,
            policy: String::new(),
            statement: None,
            sid: None,
            reason,
            help: Some(help.to_owned()),
            related: Vec::new(),
            fix: None,
            by_hand: None,
        }
    }
}

/// Whether a text names a severity or a rule.
pub(crate) fn is_level(text: &str) -> bool {
    Severity::parse(text).is_some() || rules::find(text).is_some()
}

fn no_level(place: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        place,
        format!("`{text}` is neither a severity nor a rule's code"),
    )
    .with_fix("write `suggestion`, `warning`, `security`, `error`, or a code such as PAL100")
}

fn suppression(
    raw: toml::Spanned<RawSuppression>,
    faults: &mut Vec<Diagnostic>,
) -> Option<Suppression> {
    let place = |range: std::ops::Range<usize>| Span::new(range.start, range.end);
    let raw = raw.into_inner();
    let span = place(raw.code.span());
    let code = raw.code.into_inner();
    if rules::find(&code).is_none() {
        let fix = "write the code of a rule, such as PAL100; `palisade explain` lists them";
        faults.push(Diagnostic::new(span, format!("there is no rule `{code}`")).with_fix(fix));
        return None;
    }
    let reason_place = place(raw.reason.span());
    let reason = raw.reason.into_inner();
    if reason.trim().is_empty() {
        let fix = "say why the finding is all right, for whoever reads this next";
        faults.push(Diagnostic::new(reason_place, "the reason is empty").with_fix(fix));
        return None;
    }
    let expires = match raw.expires {
        None => None,
        Some(date) => {
            let at = place(date.span());
            match civil(date.into_inner()) {
                Some(date) => Some(date),
                None => {
                    let fault = Diagnostic::new(at, "the day of expiry is no date");
                    faults.push(fault.with_fix("write it without quotes: 2027-01-31"));
                    return None;
                }
            }
        }
    };
    Some(Suppression {
        code: rules::find(&code).map_or(code, |rule| rule.code.to_owned()),
        path: raw.path,
        policy: raw.policy,
        sid: raw.sid,
        reason,
        expires,
        span,
    })
}

fn civil(date: toml::value::Datetime) -> Option<Date> {
    let date = date.date.filter(|_| date.time.is_none())?;
    let part = |part: u8| i8::try_from(part).ok();
    Date::new(
        i16::try_from(date.year).ok()?,
        part(date.month)?,
        part(date.day)?,
    )
    .ok()
}

impl Suppression {
    /// Whether it means a finding.
    #[must_use]
    pub fn covers(&self, finding: &Finding) -> bool {
        let name = finding.source.name().unwrap_or("");
        self.code == finding.rule.code
            && self.path.as_ref().is_none_or(|path| means_file(path, name))
            && self
                .policy
                .as_ref()
                .is_none_or(|pattern| patterns::glob(pattern, &finding.policy))
            && self
                .sid
                .as_ref()
                .is_none_or(|sid| finding.sid.as_ref() == Some(sid))
    }

    fn was_read(&self, read: &[String]) -> bool {
        match &self.path {
            None => !read.is_empty(),
            Some(path) => read.iter().any(|name| means_file(path, name)),
        }
    }
}

/// A pattern of file names means a file, or what lies below a folder, wherever the walk began.
fn means_file(pattern: &str, name: &str) -> bool {
    let name = name.replace('\\', "/");
    let name = name.strip_prefix("./").unwrap_or(&name);
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let folder = format!("{}/*", pattern.trim_end_matches('/'));
    [pattern, &folder].iter().any(|pattern| {
        patterns::glob(pattern, name) || patterns::glob(&format!("*/{pattern}"), name)
    })
}

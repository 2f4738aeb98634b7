//! Reading TOML tables so that every mistake is noted at its place and reading goes on.

use std::collections::BTreeMap;
use std::ops::Range;

use policy::text::{Diagnostic, Rejected, Source, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::names::Rule;
use crate::suggest::closest;

/// A place in the blueprint: a range of bytes.
pub(crate) type Place = Range<usize>;

/// What was found wrong so far.
pub(crate) struct Report {
    source: Source,
    found: Vec<Diagnostic>,
    others: Vec<Rejected>,
}

impl Report {
    pub(crate) fn new(source: Source) -> Report {
        Report {
            source,
            found: Vec::new(),
            others: Vec::new(),
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Notes a mistake in the blueprint.
    pub(crate) fn mistake(
        &mut self,
        at: &Place,
        reason: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::new(Span::new(at.start, at.end), reason).with_fix(fix);
        self.note(diagnostic);
    }

    pub(crate) fn note(&mut self, diagnostic: Diagnostic) {
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Notes what is wrong with another file. A file used twice is reported once.
    pub(crate) fn other(&mut self, rejected: Rejected) {
        let same = |other: &&mut Rejected| other.source == rejected.source;
        match self.others.iter_mut().find(same) {
            None => self.others.push(rejected),
            Some(known) => {
                for diagnostic in rejected.diagnostics {
                    if !known.diagnostics.contains(&diagnostic) {
                        known.diagnostics.push(diagnostic);
                    }
                }
            }
        }
    }

    /// One entry for each file with mistakes.
    pub(crate) fn into_files(self) -> Vec<Rejected> {
        let own = (!self.found.is_empty()).then(|| Rejected::new(self.source, self.found));
        own.into_iter().chain(self.others).collect()
    }

    /// Whether the blueprint itself is known to be wrong.
    pub(crate) fn has_mistakes(&self) -> bool {
        !self.found.is_empty()
    }

    /// The line of a place, for a mistake that mentions another one.
    pub(crate) fn line(&self, at: &Place) -> u32 {
        self.source.position(Span::new(at.start, at.end).start).line
    }
}

/// A text and its place.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) place: Place,
}

/// A table that is being read. What has not been taken in the end is unknown.
#[derive(Clone)]
pub(crate) struct Table<'t> {
    place: Place,
    rest: BTreeMap<&'t str, (Place, &'t Spanned<DeValue<'t>>)>,
    known: Vec<&'static str>,
    /// What was there to be taken, and has been.
    taken: Vec<&'static str>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(table: &'t DeTable<'t>, place: Place) -> Table<'t> {
        let entry = |(key, value): (&'t Spanned<_>, &'t Spanned<DeValue<'t>>)| {
            let name: &'t std::borrow::Cow<'t, str> = key.get_ref();
            (name.as_ref(), (key.span(), value))
        };
        Table {
            place,
            rest: table.iter().map(entry).collect(),
            known: Vec::new(),
            taken: Vec::new(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// Takes a value of any type.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(name);
        let (_, value) = self.rest.remove(name)?;
        self.taken.push(name);
        Some(value)
    }

    /// Takes every value that is left, in the order of the file.
    pub(crate) fn take_all(&mut self) -> Vec<(Text, &'t Spanned<DeValue<'t>>)> {
        let rest = std::mem::take(&mut self.rest);
        let text = |name: &str, place| Text {
            value: name.to_owned(),
            place,
        };
        let mut all: Vec<_> = rest
            .into_iter()
            .map(|(name, (place, value))| (text(name, place), value))
            .collect();
        all.sort_by_key(|(key, _)| key.place.start);
        all
    }

    /// Takes a text that keeps to `rule`.
    pub(crate) fn text(
        &mut self,
        name: &'static str,
        rule: Rule,
        report: &mut Report,
    ) -> Option<Text> {
        let value = self.take(name)?;
        text_of(value, name, rule, report)
    }

    /// Takes a text that must be there.
    pub(crate) fn required(
        &mut self,
        name: &'static str,
        rule: Rule,
        report: &mut Report,
    ) -> Option<Text> {
        if !self.rest.contains_key(name) {
            self.known.push(name);
            self.missing(name, report);
            return None;
        }
        self.text(name, rule, report)
    }

    /// Notes that a value is missing.
    pub(crate) fn missing(&self, name: &str, report: &mut Report) {
        let mistyped = closest(name, self.rest.keys().copied());
        let fix = match mistyped {
            Some(other) => format!("write `{name}` instead of `{other}`"),
            None => format!("add `{name} = …`"),
        };
        report.mistake(&self.place, format!("`{name}` is missing"), fix);
    }

    /// Notes that a list of tables is missing; `entry` is what one might hold.
    pub(crate) fn missing_list(&self, name: &str, entry: &str, report: &mut Report) {
        if !self.was_given(name) {
            let reason = format!("there is no `[[{name}]]`");
            report.mistake(
                &self.place,
                reason,
                format!("add `[[{name}]]` with `{entry}`"),
            );
        }
    }

    /// Whether there was a value, right or wrong, that has been taken.
    pub(crate) fn was_given(&self, name: &str) -> bool {
        self.taken.contains(&name)
    }

    /// Takes a list of texts that keep to `rule`.
    pub(crate) fn texts(
        &mut self,
        name: &'static str,
        rule: Rule,
        report: &mut Report,
    ) -> Vec<Text> {
        let Some(value) = self.take(name) else {
            return Vec::new();
        };
        let elements = list_of(value, name, report);
        elements
            .filter_map(|element| text_of(element, name, rule, report))
            .collect()
    }

    /// Takes a list of tables.
    pub(crate) fn tables(&mut self, name: &'static str, report: &mut Report) -> Vec<Table<'t>> {
        let Some(value) = self.take(name) else {
            return Vec::new();
        };
        if matches!(value.get_ref(), DeValue::Table(_)) {
            let (reason, fix) = (format!("`{name}` is a list"), format!("write `[[{name}]]`"));
            report.mistake(&value.span(), reason, fix);
            return Vec::new();
        }
        let elements = list_of(value, name, report);
        elements
            .filter_map(|element| table_of(element, name, report))
            .collect()
    }

    /// Takes a table.
    pub(crate) fn table(&mut self, name: &'static str, report: &mut Report) -> Option<Table<'t>> {
        let value = self.take(name)?;
        table_of(value, name, report)
    }

    /// Takes names and texts.
    pub(crate) fn pairs(
        &mut self,
        name: &'static str,
        rules: (Rule, Rule),
        report: &mut Report,
    ) -> Vec<(Text, Text)> {
        let Some(mut table) = self.table(name, report) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (key, value) in table.take_all() {
            check(&key, "name", rules.0, report);
            if let Some(value) = text_of(value, &key.value, rules.1, report) {
                pairs.push((key, value));
            }
        }
        pairs
    }

    /// Notes everything that has not been taken.
    pub(crate) fn finish(self, report: &mut Report) {
        for (name, (place, _)) in self.rest {
            let fix = match closest(name, self.known.iter().copied()) {
                Some(known) => format!("write `{known}`"),
                None => format!("remove it, or write one of: {}", quoted(&self.known)),
            };
            report.mistake(&place, format!("`{name}` is not known here"), fix);
        }
    }
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Checks a text by a rule and notes the mistake.
pub(crate) fn check(text: &Text, what: &str, rule: Rule, report: &mut Report) -> bool {
    let outcome = rule(&text.value);
    if let Err(expected) = outcome {
        let reason = format!("`{}` is not a valid `{what}`", text.value);
        report.mistake(&text.place, reason, format!("write {expected}"));
    }
    outcome.is_ok()
}

/// The text of a value.
pub(crate) fn text_of(
    value: &Spanned<DeValue<'_>>,
    what: &str,
    rule: Rule,
    report: &mut Report,
) -> Option<Text> {
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(value, what, "a text in quotes", report);
        return None;
    };
    let text = Text {
        value: text.to_owned(),
        place: value.span(),
    };
    check(&text, what, rule, report).then_some(text)
}

pub(crate) fn table_of<'t>(
    value: &'t Spanned<DeValue<'t>>,
    what: &str,
    report: &mut Report,
) -> Option<Table<'t>> {
    match value.get_ref() {
        DeValue::Table(table) => Some(Table::new(table, value.span())),
        _ => {
            wrong_type(value, what, "a table, `{ … }`", report);
            None
        }
    }
}

/// The elements of a list; none, and a mistake noted, when it is not one.
pub(crate) fn list_of<'t>(
    value: &'t Spanned<DeValue<'t>>,
    what: &str,
    report: &mut Report,
) -> impl Iterator<Item = &'t Spanned<DeValue<'t>>> + use<'t> {
    let list = value.get_ref().as_array();
    if list.is_none() {
        wrong_type(value, what, "a list, `[ … ]`", report);
    }
    list.into_iter().flat_map(|list| list.iter())
}

pub(crate) fn wrong_type(
    value: &Spanned<DeValue<'_>>,
    what: &str,
    expected: &str,
    report: &mut Report,
) {
    let found = value.get_ref().type_str();
    let reason = format!("`{what}` cannot be of the type {found}");
    report.mistake(&value.span(), reason, format!("write {expected}"));
}

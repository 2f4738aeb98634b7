//! Reading TOML tables so that every mistake is noted at its place and reading goes on; for files beside the blueprint, too.

use std::collections::BTreeMap;
use std::ops::Range;

use policy::text::{Diagnostic, Rejected, Source, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Mistakes;
use crate::suggest::closest;

/// A place in the text: a range of bytes.
pub type Place = Range<usize>;

/// Whether a text is right; the error says what to write instead.
pub type Rule = fn(&str) -> Result<(), &'static str>;

/// What was found wrong so far.
pub struct Report {
    source: Source,
    found: Vec<Diagnostic>,
    others: Vec<Rejected>,
}

impl Report {
    /// Nothing was found so far.
    pub fn new(source: Source) -> Report {
        Report {
            source,
            found: Vec::new(),
            others: Vec::new(),
        }
    }

    /// The text that is read.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Notes a mistake in the text.
    pub fn mistake(&mut self, at: &Place, reason: impl Into<String>, fix: impl Into<String>) {
        let diagnostic = Diagnostic::new(Span::new(at.start, at.end), reason).with_fix(fix);
        self.note(diagnostic);
    }

    /// Notes what is wrong, once.
    pub fn note(&mut self, diagnostic: Diagnostic) {
        if !self.found.contains(&diagnostic) {
            self.found.push(diagnostic);
        }
    }

    /// Notes what is wrong with another file. A file used twice is reported once.
    pub fn other(&mut self, rejected: Rejected) {
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
    pub fn into_files(self) -> Vec<Rejected> {
        let own = (!self.found.is_empty()).then(|| Rejected::new(self.source, self.found));
        own.into_iter().chain(self.others).collect()
    }

    /// Whether the text itself is known to be wrong.
    pub fn has_mistakes(&self) -> bool {
        !self.found.is_empty()
    }

    /// The line of a place, for a mistake that mentions another one.
    pub fn line(&self, at: &Place) -> u32 {
        self.source.position(Span::new(at.start, at.end).start).line
    }
}

/// Parses a text as TOML and reads it with `with`, unless its syntax is broken.
///
/// # Errors
/// Everything that is wrong with its syntax, or that `with` noted, or at least that there is nothing.
pub fn read<T>(
    source: Source,
    with: impl FnOnce(Table<'_>, &mut Report) -> Option<T>,
) -> Result<T, Mistakes> {
    let text = source.text().to_owned();
    let mut report = Report::new(source);
    let (root, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let place = error.span().unwrap_or_default();
        let span = Span::new(place.start, place.end);
        let fix = "write it as TOML demands: https://toml.io/en/v1.1.0";
        report.note(Diagnostic::new(span, error.message()).with_fix(fix));
    }
    // What a file with broken syntax seems to say would only distract from that.
    let read = match report.has_mistakes() {
        true => None,
        false => with(Table::new(root.get_ref(), 0..0), &mut report),
    };
    let files = report.into_files();
    match read {
        Some(read) if files.is_empty() => Ok(read),
        _ => Err(Mistakes { files }),
    }
}

/// A text and its place.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text.
    pub value: String,
    /// Where it stands.
    pub place: Place,
}

/// A table that is being read. What has not been taken in the end is unknown.
#[derive(Clone)]
pub struct Table<'t> {
    place: Place,
    rest: BTreeMap<&'t str, (Place, &'t Spanned<DeValue<'t>>)>,
    known: Vec<&'static str>,
    /// What was there to be taken, and has been.
    taken: Vec<&'static str>,
}

impl<'t> Table<'t> {
    /// A table of which nothing has been taken.
    pub fn new(table: &'t DeTable<'t>, place: Place) -> Table<'t> {
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

    /// Where it stands.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Whether there is such a value, not taken so far.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.rest.contains_key(name)
    }

    /// Where an empty list stands under a name.
    pub(crate) fn empty_list(&self, name: &str) -> Option<Place> {
        let (_, value) = self.rest.get(name)?;
        let is_empty = matches!(value.get_ref(), DeValue::Array(list) if list.is_empty());
        is_empty.then(|| value.span())
    }

    /// Takes a value of any type.
    pub fn take(&mut self, name: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(name);
        let (_, value) = self.rest.remove(name)?;
        self.taken.push(name);
        Some(value)
    }

    /// Takes a value whose key is refused with a reason of its own, and is not among those that may be written.
    pub fn take_refused(&mut self, name: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.rest.remove(name).map(|(_, value)| value)
    }

    /// Takes every value that is left, in the order of the file.
    pub fn take_all(&mut self) -> Vec<(Text, &'t Spanned<DeValue<'t>>)> {
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
    pub fn text(&mut self, name: &'static str, rule: Rule, report: &mut Report) -> Option<Text> {
        let value = self.take(name)?;
        text_of(value, name, rule, report)
    }

    /// Takes a text that must be there.
    pub fn required(
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
    pub fn missing(&self, name: &str, report: &mut Report) {
        let mistyped = closest(name, self.rest.keys().copied());
        let fix = match mistyped {
            Some(other) => format!("write `{name}` instead of `{other}`"),
            None => format!("add `{name} = …`"),
        };
        report.mistake(&self.place, format!("`{name}` is missing"), fix);
    }

    /// Notes that a list of tables is missing; `entry` is what one might hold.
    pub fn missing_list(&self, name: &str, entry: &str, report: &mut Report) {
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
    pub fn was_given(&self, name: &str) -> bool {
        self.taken.contains(&name)
    }

    /// Takes a list of texts that keep to `rule`.
    pub fn texts(&mut self, name: &'static str, rule: Rule, report: &mut Report) -> Vec<Text> {
        let Some(value) = self.take(name) else {
            return Vec::new();
        };
        let elements = list_of(value, name, report);
        elements
            .filter_map(|element| text_of(element, name, rule, report))
            .collect()
    }

    /// Takes a list of tables.
    pub fn tables(&mut self, name: &'static str, report: &mut Report) -> Vec<Table<'t>> {
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
    pub fn table(&mut self, name: &'static str, report: &mut Report) -> Option<Table<'t>> {
        let value = self.take(name)?;
        table_of(value, name, report)
    }

    /// Takes names and texts.
    pub fn pairs(
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
    pub fn finish(self, report: &mut Report) {
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
pub fn check(text: &Text, what: &str, rule: Rule, report: &mut Report) -> bool {
    let outcome = rule(&text.value);
    if let Err(expected) = outcome {
        let reason = format!("`{}` is not a valid `{what}`", text.value);
        report.mistake(&text.place, reason, format!("write {expected}"));
    }
    outcome.is_ok()
}

/// The text of a value.
pub fn text_of(
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

/// The table that a value is.
pub fn table_of<'t>(
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
pub fn list_of<'t>(
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

/// Notes that a value is of another type than it should be.
pub fn wrong_type(value: &Spanned<DeValue<'_>>, what: &str, expected: &str, report: &mut Report) {
    let found = value.get_ref().type_str();
    let reason = format!("`{what}` cannot be of the type {found}");
    report.mistake(&value.span(), reason, format!("write {expected}"));
}

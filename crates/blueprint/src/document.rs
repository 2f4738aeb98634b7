//! Policy documents: from a file, from JSON text, from a TOML table.

use std::path::{Path, PathBuf};

use policy::text::{Diagnostic, Rejected, Source, Span};
use policy::{Options, PolicyType};
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use crate::Document;
use crate::parse::Reader;
use crate::table::{Report, Text, wrong_type};
use crate::template::{Variables, fill};

/// Where files are.
pub(crate) struct Files<'a> {
    /// The directory of the blueprint.
    pub(crate) base: PathBuf,
    pub(crate) read: &'a Reader<'a>,
}

impl Files<'_> {
    /// Reads a file that the blueprint names; notes it when it cannot.
    pub(crate) fn bytes(&self, path: &Text, report: &mut Report) -> Option<(PathBuf, Vec<u8>)> {
        let full = self.base.join(&path.value);
        match (self.read)(&full) {
            Ok(bytes) => Some((full, bytes)),
            Err(error) => {
                let reason = format!("`{}` cannot be read: {error}", full.display());
                let fix = "name a file that exists, relative to the blueprint";
                report.mistake(&path.place, reason, fix);
                None
            }
        }
    }

    /// Reads a policy document in any of its forms. Gives it with the stem of its file's name.
    pub(crate) fn document(
        &self,
        value: &Spanned<DeValue<'_>>,
        kind: PolicyType,
        variables: &Variables,
        report: &mut Report,
    ) -> Option<(Option<String>, Document)> {
        match value.get_ref() {
            DeValue::String(text) if text.trim_start().starts_with('{') => {
                let text = Text {
                    value: text.to_string(),
                    place: value.span(),
                };
                inline(&text, kind, variables, report).map(|document| (None, document))
            }
            DeValue::String(path) => {
                let path = Text {
                    value: path.to_string(),
                    place: value.span(),
                };
                self.file(&path, kind, variables, report)
            }
            DeValue::Table(_) => {
                let json = json_of(value, report)?;
                let text = Text {
                    value: json.to_string(),
                    place: value.span(),
                };
                inline(&text, kind, variables, report).map(|document| (None, document))
            }
            _ => {
                let expected = "the path of a JSON file, JSON text or a table";
                wrong_type(value, "policy document", expected, report);
                None
            }
        }
    }

    fn file(
        &self,
        path: &Text,
        kind: PolicyType,
        variables: &Variables,
        report: &mut Report,
    ) -> Option<(Option<String>, Document)> {
        let (full, bytes) = self.bytes(path, report)?;
        let name = full.display().to_string();
        let Ok(text) = String::from_utf8(bytes) else {
            let reason = format!("`{name}` is not text in UTF-8");
            report.mistake(&path.place, reason, "save it as UTF-8");
            return None;
        };
        match parse(&name, &text, kind, variables) {
            Ok(text) => {
                let stem = Path::new(&path.value)
                    .file_stem()
                    .and_then(|stem| stem.to_str());
                Some((stem.map(str::to_owned), Document { text, origin: name }))
            }
            Err(wrong) => {
                report.other(Rejected::new(Source::named(name, text), wrong));
                None
            }
        }
    }
}

/// Fills a document's variables in and checks it. Mistakes are placed in the original text.
fn parse(
    name: &str,
    original: &str,
    kind: PolicyType,
    variables: &Variables,
) -> Result<String, Vec<Diagnostic>> {
    let filled = fill(original, variables)?;
    let source = Source::named(name, filled.text.as_str());
    match policy::Document::parse_source(&source, kind, &Options::default()) {
        Ok(_) => Ok(filled.text),
        Err(rejected) => {
            let back = |wrong: Diagnostic| Diagnostic {
                span: filled.original(wrong.span),
                ..wrong
            };
            Err(rejected.diagnostics.into_iter().map(back).collect())
        }
    }
}

/// A document that stands in the blueprint itself.
fn inline(
    text: &Text,
    kind: PolicyType,
    variables: &Variables,
    report: &mut Report,
) -> Option<Document> {
    let name = report.source().name().unwrap_or_default().to_owned();
    let wrong = match parse(&name, &text.value, kind, variables) {
        Ok(text) => return Some(Document { text, origin: name }),
        Err(wrong) => wrong,
    };
    // Text with escapes, and tables, do not stand in the file as they were read: their mistakes
    // are shown at their beginning.
    let whole = Span::new(text.place.start, text.place.end);
    let verbatim = report.source().slice(whole).find(&text.value);
    let start = verbatim.map(|offset| Span::new(text.place.start + offset, 0).start);
    for mut wrong in wrong {
        wrong.span = match start {
            Some(start) => Span {
                start: start.saturating_add(wrong.span.start),
                end: start.saturating_add(wrong.span.end),
            },
            None => Span {
                end: whole.start.saturating_add(1),
                ..whole
            },
        };
        report.note(wrong);
    }
    None
}

/// A TOML value as JSON, members in the order of the file.
fn json_of(value: &Spanned<DeValue<'_>>, report: &mut Report) -> Option<Value> {
    match value.get_ref() {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Boolean(flag) => Some(Value::from(*flag)),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
            if parsed.is_none() {
                report.mistake(
                    &value.span(),
                    "the number is too large",
                    "write a smaller one",
                );
            }
            parsed.map(Value::from)
        }
        DeValue::Array(list) => {
            let elements: Vec<_> = list
                .iter()
                .map(|element| json_of(element, report))
                .collect();
            elements
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::from)
        }
        DeValue::Table(table) => {
            let mut entries: Vec<_> = table.iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            let pair = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, _)| {
                (key.get_ref().to_string(), json_of(value, report))
            };
            let entries: Vec<_> = entries.into_iter().map(pair).collect();
            let entries = entries
                .into_iter()
                .map(|(key, value)| value.map(|value| (key, value)));
            entries
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Value::from)
        }
        DeValue::Float(_) | DeValue::Datetime(_) => {
            wrong_type(value, "policy document", "it as a text in quotes", report);
            None
        }
    }
}

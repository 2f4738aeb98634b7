//! ARNs in policies, which may hold wildcards, variables and holes, and the forms that services give theirs.

use crate::edits;
use crate::finding::Edit;
use crate::model::{Policy, Statement};
use crate::patterns;
use crate::rule::{Note, Reporter};
use crate::text::{self, Text};
use policy::document::Comparison;
use policy::text::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// An ARN of a statement with its six parts.
#[derive(Debug)]
pub(crate) struct Arn<'a> {
    pub(crate) text: &'a Text,
    /// Whether it is a condition's value.
    pub(crate) in_condition: bool,
    parts: [&'a str; 6],
}

/// A form of a service's ARNs (Service Authorization Reference).
#[derive(Debug, Clone)]
pub(crate) struct Format {
    pub(crate) has_region: bool,
    /// The account: `*` where any stands, empty where none, else a word such as `aws`.
    pub(crate) account: String,
    /// The last part, with `*` for its placeholders.
    pub(crate) resource: String,
}

impl Format {
    pub(crate) fn has_account(&self) -> bool {
        !self.account.is_empty()
    }
}

/// Reports what a rule finds at fault with each ARN of a statement.
pub(crate) fn report(
    policy: &Policy,
    statement: &Statement,
    fault: impl Fn(&Policy, &Arn<'_>) -> Option<Note>,
    out: &mut Reporter<'_>,
) {
    let notes = of_statement(statement).filter_map(|arn| fault(policy, &arn));
    notes.for_each(|note| out.push(note));
}

/// The ARNs of `Resource`, `NotResource` and the values of ARN operators, with those parts that can be told.
pub(crate) fn of_statement(statement: &Statement) -> impl Iterator<Item = Arn<'_>> {
    let resources = statement.resources.iter().flat_map(|r| &r.values);
    let resources = resources.filter_map(|text| Arn::new(text, false));
    let conditions = statement.conditions.iter().filter(|condition| {
        condition
            .operator
            .is_some_and(|operator| operator.comparison == Comparison::ArnLike)
    });
    let values = conditions.flat_map(|condition| &condition.values);
    resources.chain(values.filter_map(|value| Arn::new(&value.text, true)))
}

/// Whether a text surely has fewer than six parts.
pub(crate) fn is_short(text: &str) -> bool {
    !text.contains(text::UNKNOWN) && split(text).len() < 6
}

/// The parts, the last of which takes in what is left. Colons in variables do not count.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut in_variable = false;
    let mut before = '\0';
    for (at, character) in text.char_indices() {
        match character {
            '{' if before == '$' => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable && parts.len() < 5 => {
                parts.push(text.get(start..at).unwrap_or(""));
                start = at + 1;
            }
            _ => {}
        }
        before = character;
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts
}

impl<'a> Arn<'a> {
    /// `None` for what is no ARN of six parts, or may have colons in text that is not known.
    pub(crate) fn new(text: &'a Text, in_condition: bool) -> Option<Self> {
        let parts: [&str; 6] = split(&text.value).try_into().ok()?;
        let [prefix, rest @ ..] = &parts;
        let early = rest.get(..4)?;
        let sure = *prefix == "arn" && !early.iter().any(|part| part.contains(text::UNKNOWN));
        sure.then_some(Self {
            text,
            in_condition,
            parts,
        })
    }

    /// A part, from zero.
    pub(crate) fn part(&self, index: usize) -> Option<&'a str> {
        self.parts.get(index).copied()
    }

    /// Where a part begins in the text.
    pub(crate) fn offset(&self, index: usize) -> usize {
        self.parts
            .iter()
            .take(index)
            .map(|part| part.len() + 1)
            .sum()
    }

    fn range(&self, index: usize) -> (usize, usize) {
        let start = self.offset(index);
        (start, start + self.part(index).map_or(0, str::len))
    }

    /// The place of a part.
    pub(crate) fn span(&self, policy: &Policy, index: usize) -> Span {
        let (start, end) = self.range(index);
        match start == end {
            true => self.text.span,
            false => self.text.part(&policy.source, start, end),
        }
    }

    /// The edit that writes another text in the place of a part.
    pub(crate) fn replace(&self, policy: &Policy, index: usize, new: &str) -> Option<Vec<Edit>> {
        edits::replace_part(policy, self.text, self.range(index), new)
    }

    /// The forms of its service that its last part can have.
    pub(crate) fn formats(&self) -> Vec<&'static Format> {
        let written = without_variables(self.parts[5]);
        formats(self.parts[2])
            .iter()
            .filter(|format| patterns::overlap(&format.resource, &written))
            .collect()
    }
}

/// A text with `*` for its variables and holes.
pub(crate) fn without_variables(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match rest.strip_prefix("${").and_then(|behind| behind.find('}')) {
            Some(end) => {
                out.push('*');
                end + 3
            }
            None => {
                out.push(if text::is_hole(first) { '*' } else { first });
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or("");
    }
    out
}

/// The forms by the service in their ARNs.
fn table() -> &'static BTreeMap<String, Vec<Format>> {
    static TABLE: OnceLock<BTreeMap<String, Vec<Format>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table: BTreeMap<String, Vec<Format>> = BTreeMap::new();
        let types = catalog::services().flat_map(catalog::Service::resource_types);
        for arn in types.flat_map(catalog::ResourceType::arns) {
            let arn = arn.to_string();
            let [_, _, service, region, account, resource] = *split(&arn).as_slice() else {
                continue;
            };
            let format = Format {
                has_region: !region.is_empty(),
                account: without_variables(account),
                resource: without_variables(resource),
            };
            table.entry(service.to_owned()).or_default().push(format);
        }
        table
    })
}

/// The forms of the ARNs with a service.
pub(crate) fn formats(service: &str) -> &'static [Format] {
    table().get(service).map_or(&[], Vec::as_slice)
}

/// Whether ARNs of this service exist.
pub(crate) fn knows_service(service: &str) -> bool {
    table().contains_key(service)
}

/// The services in the ARNs of what a service, by its prefix, has.
pub(crate) fn services_of(prefix: &str) -> BTreeSet<String> {
    let types = catalog::service(prefix)
        .into_iter()
        .flat_map(catalog::Service::resource_types);
    types
        .flat_map(catalog::ResourceType::arns)
        .filter_map(|arn| split(&arn.to_string()).get(2).map(|s| (*s).to_owned()))
        .collect()
}

/// Whether an action can be authorised on what a text in `Resource` means. Unsure counts as yes.
pub(crate) fn takes(action: catalog::Action, resource: &Text) -> bool {
    if resource.value == "*" {
        return true;
    }
    let Some(arn) = Arn::new(resource, false) else {
        return true;
    };
    if !action.has_resources() {
        // S3 takes every bucket for what `s3:ListAllMyBuckets` is about.
        return action.service().prefix() == "s3" && resource.value == "arn:aws:s3:::*";
    }
    let written = without_variables(arn.parts[5]);
    let service = without_variables(arn.parts[2]);
    action
        .resources()
        .flat_map(|resource| resource.resource_type().arns())
        .any(|format| {
            let format = format.to_string();
            let parts = split(&format);
            let part = |index: usize| parts.get(index).copied().unwrap_or("*");
            patterns::overlap(part(2), &service)
                && fits_form(&without_variables(part(5)), &written)
                && has_same_parts(&arn, part(3), part(4))
        })
}

/// Whether region and account are there where the form has them, so far as that tells types apart: a bucket's ARN has
/// neither, and would otherwise be taken for an access point's.
fn has_same_parts(arn: &Arn<'_>, region: &str, account: &str) -> bool {
    let fits = |written: &str, form: &str| written.is_empty() == form.is_empty() || written == "*";
    fits(arn.parts[3], region) || fits(arn.parts[4], account)
}

/// Whether some resource has a form and is meant by a text. A form that is one placeholder is a name, without slashes.
fn fits_form(form: &str, written: &str) -> bool {
    let is_name = form == "*" && written.contains('/');
    !is_name && patterns::overlap(form, written)
}

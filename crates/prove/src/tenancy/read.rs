//! Reading a tenancy from TOML, with every mistake at its place.

use blueprint::Mistakes;
use blueprint::table::{self, Place, Report, Table, Text};
use policy::text::{Diagnostic, Source, Span};
use toml::de::DeValue;

use super::{Characters, IdentityKey, Link, Mark, Owned, Template, Tenancy, Trusted};
use crate::language::Set;

impl Tenancy {
    /// Reads a tenancy. `path` is where the text comes from; mistakes name it.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place, the reason and the fix.
    pub fn read(path: &str, text: &str) -> Result<Self, Mistakes> {
        table::read(Source::named(path, text), |root, report| {
            let mut tenancy = tenancy(root, report);
            path.clone_into(&mut tenancy.origin);
            Some(tenancy)
        })
    }
}

fn tenancy(mut root: Table<'_>, report: &mut Report) -> Tenancy {
    let identity = match root.table("identity", report) {
        Some(table) => identity(table, report),
        None => {
            if !root.was_given("identity") {
                let fix = "add `[identity]` with `keys = [\"aws:SourceIdentity\"]`";
                report.mistake(&root.place(), "there is no `[identity]`", fix);
            }
            Vec::new()
        }
    };
    let links = root.tables("link", report);
    let links = links
        .into_iter()
        .filter_map(|table| link(table, report))
        .collect();
    let owned = root.tables("owned", report);
    if owned.is_empty() {
        let entry = "resource = \"arn:aws:s3:::bucket/users/${owner}/*\"";
        root.missing_list("owned", entry, report);
    }
    let mut reader = Reader {
        identity: &identity,
        report,
    };
    let owned = reader.all(owned, true);
    let shared = root.tables("shared", reader.report);
    let shared = reader.all(shared, false);
    let trusted = root.tables("trusted", report);
    let trusted = trusted
        .into_iter()
        .filter_map(|table| self::trusted(table, report))
        .collect();
    let facts = root.tables("fact", report);
    let facts = facts
        .into_iter()
        .filter_map(|table| fact(table, report))
        .collect();
    root.finish(report);
    Tenancy {
        origin: String::new(),
        identity,
        links,
        owned,
        shared,
        trusted,
        facts,
    }
}

/// The names by which keys are known in templates, where the file gives none.
pub(super) fn name_of(key: &str) -> String {
    let last = key.rsplit([':', '/']).next().unwrap_or(key);
    match key.to_ascii_lowercase().as_str() {
        "aws:sourceidentity" => "identity".to_owned(),
        "sagemaker:domainid" => "domain".to_owned(),
        "sagemaker:userprofilename" => "profile".to_owned(),
        "aws:username" => "user".to_owned(),
        _ => last.to_lowercase(),
    }
}

fn key_rule(text: &str) -> Result<(), &'static str> {
    let right = text
        .split_once(':')
        .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    match right && !text.contains(['$', '{', '}', ' ']) {
        true => Ok(()),
        false => Err("a condition key, `service:name`, such as `aws:SourceIdentity`"),
    }
}

fn service_rule(text: &str) -> Result<(), &'static str> {
    match catalog::service(text) {
        Some(_) => Ok(()),
        None => Err("the prefix of a service's actions, such as `sagemaker`"),
    }
}

fn any_text(text: &str) -> Result<(), &'static str> {
    match text.is_empty() {
        true => Err("a text that is not empty"),
        false => Ok(()),
    }
}

fn identity(mut table: Table<'_>, report: &mut Report) -> Vec<IdentityKey> {
    let mut keys: Vec<(IdentityKey, Place)> = Vec::new();
    let mut push = |name: String, key: Text, report: &mut Report| {
        let same = |other: &&(IdentityKey, Place)| {
            other.0.key.eq_ignore_ascii_case(&key.value) || other.0.name == name
        };
        if let Some((_, place)) = keys.iter().find(same) {
            let line = report.line(place);
            let reason = format!(
                "`{}` or its name `{name}` was given in line {line} already",
                key.value
            );
            let fix = "name each key once: `keys = { name = \"service:key\" }` gives names";
            report.mistake(&key.place, reason, fix);
            return;
        }
        let own = IdentityKey {
            name,
            key: key.value,
        };
        keys.push((own, key.place));
    };
    match table.take("keys") {
        None => table.missing("keys", report),
        Some(value) if matches!(value.get_ref(), DeValue::Table(_)) => {
            let mut named = table::table_of(value, "keys", report);
            for (name, value) in named.iter_mut().flat_map(Table::take_all) {
                if let Some(key) = table::text_of(value, &name.value, key_rule, report) {
                    push(name.value, key, report);
                }
            }
        }
        Some(value) => {
            let elements: Vec<_> = table::list_of(value, "keys", report).collect();
            if elements.is_empty() && value.get_ref().as_array().is_some() {
                let fix = "write `keys = [\"aws:SourceIdentity\"]`";
                report.mistake(
                    &value.span(),
                    "tenants need a key that tells them apart",
                    fix,
                );
            }
            for element in elements {
                if let Some(key) = table::text_of(element, "keys", key_rule, report) {
                    push(name_of(&key.value), key, report);
                }
            }
        }
    }
    table.finish(report);
    keys.into_iter().map(|(key, _)| key).collect()
}

fn link(mut table: Table<'_>, report: &mut Report) -> Option<Link> {
    let place = table.place();
    let keys = table.texts("keys", key_rule, report);
    let source = table.required("source", any_text, report);
    let given = table.was_given("keys");
    table.finish(report);
    match <[Text; 2]>::try_from(keys) {
        Ok(keys) => Some(Link {
            keys: keys.map(|key| key.value),
            source: source?.value,
        }),
        Err(others) => {
            if !given || others.len() > 2 || others.is_empty() || others.len() == 1 {
                let fix = "write `keys = [\"aws:SourceIdentity\", \"sagemaker:UserProfileName\"]`";
                report.mistake(&place, "a link is between two keys", fix);
            }
            None
        }
    }
}

fn trusted(mut table: Table<'_>, report: &mut Report) -> Option<Trusted> {
    let role = table.required("role", role_rule, report);
    let source = table.required("source", any_text, report);
    table.finish(report);
    Some(Trusted {
        role: role?.value,
        source: source?.value,
    })
}

/// The ARN of one role: what names sessions is known by name, not by a pattern.
fn role_rule(text: &str) -> Result<(), &'static str> {
    let parts: Vec<&str> = text.split(':').collect();
    let right = match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            !partition.is_empty()
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && resource
                    .strip_prefix("role/")
                    .is_some_and(|name| !name.is_empty())
        }
        _ => false,
    };
    match right && !text.contains(['*', '?', '$']) {
        true => Ok(()),
        false => Err("the ARN of a role, such as `arn:aws:iam::123456789012:role/EmrInstances`"),
    }
}

struct Reader<'r> {
    identity: &'r [IdentityKey],
    report: &'r mut Report,
}

impl Reader<'_> {
    fn all(&mut self, tables: Vec<Table<'_>>, with_owner: bool) -> Vec<Owned> {
        let one = |table| self.owned(table, with_owner);
        tables.into_iter().filter_map(one).collect()
    }

    fn owned(&mut self, mut table: Table<'_>, with_owner: bool) -> Option<Owned> {
        let place = table.place();
        let resource = table.text("resource", any_text, self.report);
        let tag = table.text("tag", any_text, self.report);
        let key = table.text("key", key_rule, self.report);
        let value = table.text("value", any_text, self.report);
        let services = table.texts("services", service_rule, self.report);
        let services: Vec<String> = services.into_iter().map(|text| text.value).collect();
        let except = table.texts("except", any_text, self.report);
        let source = table.text("source", any_text, self.report);
        let forms = ["resource", "tag", "key"];
        let given = forms.iter().filter(|form| table.was_given(form)).count();
        let valued = table.was_given("value");
        let of_tags = ["services", "except"];
        let of_tag = of_tags.into_iter().find(|name| table.was_given(name));
        table.finish(self.report);
        if given != 1 {
            let reason = "one thing is recognised by one mark";
            let fix = "give one of `resource`, `tag` with `value`, `key` with `value`";
            self.report.mistake(&place, reason, fix);
            return None;
        }
        if let Some(name) = of_tag
            && tag.is_none()
        {
            let fix = format!("remove `{name}`, or name a `tag`");
            self.report
                .mistake(&place, format!("`{name}` belongs to a `tag`"), fix);
            return None;
        }
        if resource.is_some() && valued {
            let fix = "remove `value`, or name a `tag` or a `key` instead of the `resource`";
            self.report
                .mistake(&place, "`value` belongs to a `tag` or a `key`", fix);
            return None;
        }
        let by = match (resource, tag, key) {
            (Some(resource), ..) => Mark::Resource(self.resource(&resource, with_owner)?),
            (_, Some(tag), _) => Mark::Tag {
                value: self.value(value, valued, &place, with_owner)?,
                key: tag.value,
                services,
                except: except
                    .iter()
                    .map(|text| self.resource(text, false))
                    .collect::<Option<_>>()?,
            },
            (.., Some(key)) => Mark::Key {
                value: self.value(value, valued, &place, with_owner)?,
                key: key.value,
            },
            _ => return None,
        };
        Some(Owned {
            by,
            source: source.map_or_else(|| "the tenancy file".to_owned(), |text| text.value),
        })
    }

    fn value(
        &mut self,
        value: Option<Text>,
        given: bool,
        place: &Place,
        with_owner: bool,
    ) -> Option<Template> {
        if value.is_none() && !given {
            let fix = "add `value = \"…${owner}…\"`";
            self.report.mistake(place, "`value` is missing", fix);
        }
        self.template(&value?, with_owner)
    }

    fn template(&mut self, text: &Text, with_owner: bool) -> Option<Template> {
        let template = match Template::parse(&text.value, self.identity) {
            Ok(template) => template,
            // Without identity keys there is nothing that an owner could be, and that was said.
            Err(_) if self.identity.is_empty() => return None,
            Err(error) => {
                let at = place_within(text, error.at);
                self.report.mistake(&at, error.reason, error.fix);
                return None;
            }
        };
        match (template.owners().is_empty(), with_owner) {
            (true, true) => {
                let reason = format!("`{}` does not say whose it is", text.value);
                let fix = "write `${owner}` where the owner's name stands; what belongs to nobody is `[[shared]]`";
                self.report.mistake(&text.place, reason, fix);
                None
            }
            (false, false) => {
                let reason = format!("`{}` belongs to somebody", text.value);
                let fix = "write `*` where any name may stand, or make it `[[owned]]`";
                self.report.mistake(&text.place, reason, fix);
                None
            }
            _ => Some(template),
        }
    }

    /// A template of ARNs: six parts, the owner in the last.
    fn resource(&mut self, text: &Text, with_owner: bool) -> Option<Template> {
        let template = self.template(text, with_owner)?;
        let segments = template.segments();
        let head = segments.get(..5).unwrap_or(&segments);
        let begins = head.first().and_then(|first| first.parts.first());
        let reason = if segments.len() < 6
            || !matches!(begins, Some(super::Part::Literal(arn)) if arn == "arn")
        {
            "a resource is an ARN of six parts"
        } else if head.iter().any(|segment| !segment.owners().is_empty()) {
            "the owner stands in the last part of an ARN"
        } else {
            return Some(template);
        };
        let fix = "write it as `arn:partition:service:region:account:resource`, such as \
                   `arn:aws:s3:::bucket/users/${owner}/*`";
        self.report
            .mistake(&text.place, format!("`{}`: {reason}", text.value), fix);
        None
    }
}

/// The place of a byte within a text; the whole text where it is not written as it reads.
fn place_within(text: &Text, at: usize) -> Place {
    let quotes = text.place.len().saturating_sub(text.value.len());
    match quotes {
        2 => text.place.start + 1 + at..text.place.end.saturating_sub(1),
        _ => text.place.clone(),
    }
}

fn fact(mut table: Table<'_>, report: &mut Report) -> Option<Characters> {
    let key = table.required("key", key_rule, report);
    let pattern = table.text("pattern", any_text, report);
    let length = table.take("length");
    let source = table.required("source", any_text, report);
    let place = table.place();
    if pattern.is_none() && length.is_none() {
        let fix = "give `pattern`, such as \"[a-z0-9-]\", or `length`, such as \"2-64\", or both";
        report.mistake(&place, "a fact says something", fix);
    }
    table.finish(report);
    let class = match &pattern {
        Some(text) => class(text, report)?,
        None => Class::any(),
    };
    let (least, most) = match length {
        Some(value) => length_of(value, report)?,
        None => class.length,
    };
    Some(Characters {
        key: key?.value,
        set: class.set,
        written: pattern.map(|text| text.value).unwrap_or_default(),
        least,
        most,
        source: source?.value,
    })
}

fn length_of(
    value: &toml::Spanned<DeValue<'_>>,
    report: &mut Report,
) -> Option<(usize, Option<usize>)> {
    const FIX: &str =
        "write `length = 12`, `length = \"2-64\"` or, without an end, `length = \"2-\"`";
    let text = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::String(text) => text.to_string(),
        _ => {
            table::wrong_type(
                value,
                "length",
                "a number or a range in quotes, such as \"2-64\"",
                report,
            );
            return None;
        }
    };
    let (least, most) = match text.split_once('-') {
        None => (text.as_str(), Some(text.as_str())),
        Some((least, "")) => (least, None),
        Some((least, most)) => (least, Some(most)),
    };
    let least = least.trim().parse::<usize>().ok();
    let most = most.map(|most| most.trim().parse::<usize>().ok());
    let right = match (least, most) {
        (Some(least), None) if least <= MOST => Some((least, None)),
        (Some(least), Some(Some(most))) if least <= most && most <= MOST => {
            Some((least, Some(most)))
        }
        _ => None,
    };
    if right.is_none() {
        let reason = format!("`{text}` is no length of at most {MOST} characters");
        report.mistake(&value.span(), reason, FIX);
    }
    right
}

/// The longest value that a fact may speak of.
const MOST: usize = 2_048;

/// A class of characters, as in a regular expression.
struct Class {
    set: Set,
    length: (usize, Option<usize>),
}

impl Class {
    fn any() -> Self {
        Self {
            set: Set::Any,
            length: (0, None),
        }
    }
}

/// Reads `[a-z0-9-]`, `\d` or `.`, with `*`, `+`, `{n}` or `{n,m}` behind it; without, any number.
fn class(text: &Text, report: &mut Report) -> Option<Class> {
    let parsed = parse_class(&text.value);
    if parsed.is_none() {
        let reason = format!("`{}` is not one class of characters", text.value);
        let fix = "write all characters that may stand in a value as one class, such as \"[A-Za-z0-9_-]\", \
                   and how many in `length`";
        report.note(
            Diagnostic::new(Span::new(text.place.start, text.place.end), reason).with_fix(fix),
        );
    }
    parsed
}

fn parse_class(text: &str) -> Option<Class> {
    let text = text.strip_prefix('^').unwrap_or(text);
    let text = text.strip_suffix('$').unwrap_or(text);
    let (ranges, rest) = match text.strip_prefix('[') {
        Some(inner) => ranges(inner)?,
        None => match text.strip_prefix('\\') {
            Some(rest) => {
                let c = rest.chars().next()?;
                (escaped(c)?, rest.get(c.len_utf8()..)?)
            }
            None => (Vec::new(), text.strip_prefix('.')?),
        },
    };
    let length = match rest {
        "" | "*" => (0, None),
        "+" => (1, None),
        counted => {
            let inner = counted.strip_prefix('{')?.strip_suffix('}')?;
            match inner.split_once(',') {
                None => (inner.parse().ok()?, Some(inner.parse().ok()?)),
                Some((least, "")) => (least.parse().ok()?, None),
                Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
            }
        }
    };
    if length
        .1
        .is_some_and(|most: usize| most < length.0 || most > MOST)
        || length.0 > MOST
    {
        return None;
    }
    let set = match ranges.is_empty() {
        true => Set::Any,
        false => Set::ranges(ranges),
    };
    Some(Class { set, length })
}

type Ranges = Vec<(char, char)>;

/// The ranges of a class up to its bracket, and what is behind it.
fn ranges(inner: &str) -> Option<(Ranges, &str)> {
    let mut ranges = Ranges::new();
    let mut rest = inner.chars();
    if inner.starts_with(['^', ']']) {
        return None;
    }
    loop {
        let low = match rest.next()? {
            ']' => return Some((ranges, rest.as_str())),
            '[' => return None,
            '\\' => {
                let c = rest.next()?;
                match escaped(c)?.as_slice() {
                    [(low, high)] if low == high => *low,
                    more => {
                        ranges.extend(more);
                        continue;
                    }
                }
            }
            c => c,
        };
        let mut ahead = rest.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(']')) | (Some('-'), None) => low,
            (Some('-'), Some(c)) => {
                rest = ahead;
                match c {
                    '\\' => rest.next()?,
                    c => c,
                }
            }
            _ => low,
        };
        if high < low {
            return None;
        }
        ranges.push((low, high));
    }
}

/// What a backslash and a character stand for.
fn escaped(c: char) -> Option<Ranges> {
    Some(match c {
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        'd' => vec![('0', '9')],
        c if c.is_ascii_alphanumeric() => return None,
        c => vec![(c, c)],
    })
}

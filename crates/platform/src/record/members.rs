//! Inputs and outputs as trail events list them: member names begin with a small letter, secrets are
//! hidden, bodies left out.

use catalog::shapes::{Kind, Location, Member, Shape};
use std::borrow::Cow;
use std::ops::Deref;
use trail::{Element, Json};
use wire::value::{Map, Value};

use crate::context::to_iso;

/// Members that are credentials although no model calls them sensitive.
const SECRET_MEMBERS: &[&str] = &[
    "AuthorizedUrl",
    "NewPassword",
    "OldPassword",
    "Password",
    "Plaintext",
    "RandomPassword",
    "SAMLAssertion",
    "SecretAccessKey",
    "SecretBinary",
    "SecretString",
    "SessionToken",
    "WebIdentityToken",
];

/// Members that S3's model calls sensitive and events list all the same: the name of a key is none.
const NAMES_OF_KEYS: &[&str] = &["SSEKMSKeyId", "KMSMasterKeyID"];

/// The members of a structure, of which there is at least one.
pub(super) struct Members<'a> {
    shape: Option<Shape>,
    members: &'a Map,
    of_s3: bool,
}

/// A member as events list it.
enum Listed<'a> {
    Hidden,
    Text(Cow<'a, str>),
    /// A policy, as the document that it is.
    Policy(&'a str),
    Value(Option<Shape>, &'a Value),
}

impl<'a> Members<'a> {
    /// The members of `value`, a structure of `shape`; `None` when there are none.
    pub(super) fn of(shape: Option<Shape>, value: &'a Value) -> Option<Self> {
        let all = Self::all(shape, value.as_map()?);
        let any = all.members.iter().any(|it| all.listed(it).is_some());
        any.then_some(all)
    }

    fn all(shape: Option<Shape>, members: &'a Map) -> Self {
        let of_s3 = |shape: Shape| matches!(shape.service().name(), "s3" | "s3control");
        Self {
            shape,
            members,
            of_s3: shape.is_some_and(of_s3),
        }
    }

    /// Writes them, as members of whatever they are listed in.
    pub(super) fn write_into(&self, out: &mut trail::Members<'_>) {
        for (name, value) in self.members.iter() {
            let Some((letters, listed)) = self.listed((name, value)) else {
                continue;
            };
            let json = out.member(&letters);
            match listed {
                Listed::Hidden => json.text(trail::HIDDEN),
                Listed::Text(text) => json.text(&text),
                Listed::Policy(policy) => match serde_json::from_str::<serde_json::Value>(policy) {
                    Ok(parsed) => json.value(&parsed),
                    Err(_) => json.text(policy),
                },
                Listed::Value(shape, value) => write(shape, value, json),
            }
        }
    }

    /// What events list of a member, and what they call it.
    fn listed(&self, (name, value): (&'a str, &'a Value)) -> Option<(Name<'a>, Listed<'a>)> {
        if value.is_null() {
            return None;
        }
        let member = self.shape.and_then(|shape| shape.member(name));
        let inner = member.map(Member::shape);
        let sensitive = inner.is_some_and(Shape::sensitive) && !NAMES_OF_KEYS.contains(&name);
        let secret = SECRET_MEMBERS.contains(&name) || sensitive;
        match member.filter(|_| self.of_s3) {
            Some(member) if secret => Some((Name::lower(member.wire_name()), Listed::Hidden)),
            Some(member) => of_s3(member, value),
            None if secret => Some((Name::small(name), Listed::Hidden)),
            None => is_listed(value).then(|| (Name::small(name), Listed::Value(inner, value))),
        }
    }
}

impl Element for Members<'_> {
    fn write(&self, json: Json<'_>) {
        json.object(|out| self.write_into(out));
    }
}

/// A member of an input or output of S3, as its events list it: under its name on the wire, and of
/// headers only S3's own.
fn of_s3(member: Member, value: &Value) -> Option<(Name<'_>, Listed<'_>)> {
    let wire = member.wire_name();
    let text = || in_header(value).map(Listed::Text);
    match (member.location(), member.name()) {
        (Location::Uri, "Bucket") => Some((Name::plain("bucketName"), text()?)),
        (Location::Uri, "Key") => Some((Name::plain("key"), text()?)),
        (Location::Uri | Location::Querystring, _) => Some((Name::plain(wire), text()?)),
        (Location::Header, _) => {
            let own = wire
                .get(..6)
                .is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"));
            own.then_some(())?;
            Some((Name::lower(wire), text()?))
        }
        (Location::Headers | Location::StatusCode, _) => None,
        (Location::Body, "Policy") => {
            Some((Name::plain("bucketPolicy"), Listed::Policy(value.as_str()?)))
        }
        (Location::Body, name) => {
            let shape = Some(member.shape());
            is_listed(value).then(|| (Name::plain(name), Listed::Value(shape, value)))
        }
    }
}

/// A value as it stands in a header or query.
fn in_header(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Int(number) => Cow::Owned(number.to_string()),
        Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
        Value::Timestamp(instant) => Cow::Owned(to_iso(*instant)),
        Value::List(values) => {
            let parts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            Cow::Owned(parts.join(","))
        }
        Value::Null | Value::Float(_) | Value::Blob(_) | Value::Map(_) => return None,
    })
}

/// Whether anything is listed of a value.
fn is_listed(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Blob(_))
}

fn write(shape: Option<Shape>, value: &Value, json: Json<'_>) {
    match value {
        Value::Null | Value::Blob(_) => json.null(),
        Value::Bool(truth) => json.truth(*truth),
        Value::Int(number) => json.whole(*number),
        Value::Float(number) => json.number(*number),
        Value::String(text) => json.text(text),
        Value::Timestamp(instant) => json.text(&to_iso(*instant)),
        Value::List(values) => {
            let element = shape.and_then(Shape::list_member).map(Member::shape);
            if element.is_some_and(Shape::sensitive) {
                return json.text(trail::HIDDEN);
            }
            json.list(|list| {
                let values = values.iter().filter(|value| is_listed(value));
                values.for_each(|value| write(element, value, list.element()));
            });
        }
        Value::Map(entries) if shape.is_some_and(|shape| shape.kind() == Kind::Map) => {
            let element = shape.and_then(Shape::map_value).map(Member::shape);
            if element.is_some_and(Shape::sensitive) {
                return json.text(trail::HIDDEN);
            }
            json.object(|out| {
                let entries = entries.iter().filter(|(_, value)| is_listed(value));
                entries.for_each(|(name, value)| write(element, value, out.member(name)));
            });
        }
        Value::Map(members) => Members::all(shape, members).write(json),
    }
}

/// What events call a member. The names are short, and all of them are written anew for every event.
enum Name<'a> {
    Plain(&'a str),
    Short([u8; SHORT], usize),
    Long(String),
}

const SHORT: usize = 48;

impl<'a> Name<'a> {
    fn plain(name: &'a str) -> Self {
        Self::Plain(name)
    }

    /// `RoleArn` is `roleArn`, `ARN` is `arn`.
    fn small(name: &'a str) -> Self {
        let is_abbreviation = name.bytes().all(|byte| byte.is_ascii_uppercase());
        Self::in_small(name, if is_abbreviation { name.len() } else { 1 })
    }

    fn lower(name: &'a str) -> Self {
        Self::in_small(name, name.len())
    }

    /// The first letters small.
    fn in_small(name: &str, first: usize) -> Self {
        let mut short = [0; SHORT];
        let Some(letters) = short.get_mut(..name.len()) else {
            let small = |(at, letter): (usize, char)| match at < first {
                true => letter.to_ascii_lowercase(),
                false => letter,
            };
            return Self::Long(name.char_indices().map(small).collect());
        };
        letters.copy_from_slice(name.as_bytes());
        letters
            .iter_mut()
            .take(first)
            .for_each(u8::make_ascii_lowercase);
        Self::Short(short, name.len())
    }
}

impl Deref for Name<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Plain(name) => name,
            Self::Short(letters, len) => {
                let letters = letters.get(..*len).unwrap_or_default();
                // It was a text, of which letters became small.
                str::from_utf8(letters).unwrap_or_default()
            }
            Self::Long(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn names_begin_with_a_small_letter() {
        let long = "AnotherNameThatIsLongerThanAnyOfTheModelsNamesShouldBe";
        for (name, small, lower) in [
            ("RoleArn", "roleArn", "rolearn"),
            ("ARN", "arn", "arn"),
            ("x-amz-ACL", "x-amz-ACL", "x-amz-acl"),
            ("\u{c4}B", "\u{c4}B", "\u{c4}b"),
            ("", "", ""),
        ] {
            assert_eq!(&*Name::small(name), small);
            assert_eq!(&*Name::lower(name), lower);
        }
        assert_eq!(*Name::small(long), *long.replacen("A", "a", 1));
        assert_eq!(*Name::lower(long), *long.to_ascii_lowercase());
    }
}

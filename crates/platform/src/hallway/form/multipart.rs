//! Reading `multipart/form-data` (RFC 7578), as far as the file.

use bytes::Bytes;

/// The longest boundary (RFC 2046, section 5.1.1).
const BOUNDARY: usize = 70;
/// The most bytes of the fields before the file.
const MOST: usize = 20 * 1024;

/// A form, as far as S3 reads it: what follows the file does not count.
pub(super) struct Form {
    /// The fields before the file, in their order.
    pub(super) fields: Vec<(String, String)>,
    pub(super) filename: String,
    pub(super) file: Bytes,
}

impl Form {
    /// The first field of this name, ignoring case.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Why there is no form.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// It is not well-formed.
    Form,
    /// The fields are too long.
    TooLong,
    /// It has no file.
    NoFile,
}

/// Reads the body of a request of this content type.
pub(super) fn read(kind: &str, body: &Bytes) -> Result<Form, Malformed> {
    // What could be found in many places, and nearly be there in each, takes long to look for.
    let fits = |boundary: &String| (1..=BOUNDARY).contains(&boundary.len());
    let boundary = parameter(kind, "boundary").filter(fits);
    let delimiter = format!("--{}", boundary.ok_or(Malformed::Form)?);
    let inner = format!("\r\n{delimiter}");
    let start = find(body, delimiter.as_bytes()).ok_or(Malformed::Form)?;
    let mut at = start + delimiter.len();
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut length = 0;
    loop {
        let rest = body.get(at..).ok_or(Malformed::Form)?;
        if rest.starts_with(b"--") {
            return Err(Malformed::NoFile);
        }
        let rest = rest.strip_prefix(b"\r\n").ok_or(Malformed::Form)?;
        let head_end = find(rest, b"\r\n\r\n").ok_or(Malformed::Form)?;
        let head = rest
            .get(..head_end)
            .and_then(|head| str::from_utf8(head).ok());
        let (name, filename) = named(head.ok_or(Malformed::Form)?).ok_or(Malformed::Form)?;
        let value_start = at + 2 + head_end + 4;
        let rest = body.get(value_start..).ok_or(Malformed::Form)?;
        let value_length = find(rest, inner.as_bytes()).ok_or(Malformed::Form)?;
        let value_end = value_start + value_length;
        if name.eq_ignore_ascii_case("file") {
            return Ok(Form {
                fields,
                filename: filename.unwrap_or_default(),
                file: body.slice(value_start..value_end),
            });
        }
        length += value_end - at;
        if length > MOST {
            return Err(Malformed::TooLong);
        }
        let value = rest
            .get(..value_length)
            .and_then(|value| str::from_utf8(value).ok());
        fields.push((name, value.ok_or(Malformed::Form)?.to_owned()));
        at = value_end + inner.len();
    }
}

/// The name of a part, and of its file.
fn named(head: &str) -> Option<(String, Option<String>)> {
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    Some((
        parameter(disposition, "name")?,
        parameter(disposition, "filename"),
    ))
}

/// A parameter of a header's value: a token or a quoted string.
fn parameter(value: &str, name: &str) -> Option<String> {
    let (_, mut rest) = value.split_once(';')?;
    loop {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (text, left) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (token, left) = after.split_at_checked(end)?;
                (token.trim().to_owned(), left)
            }
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        (_, rest) = left.split_once(';')?;
    }
}

/// The text up to the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((out, text.get(at + 1..)?)),
            // Browsers do not escape backslashes of file names; only a quote needs it.
            '\\' if text.get(at + 1..)?.starts_with('"') => {
                letters.next();
                out.push('"');
            }
            letter => out.push(letter),
        }
    }
    None
}

/// Where `needle` first stands in `hay`.
fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let rest = hay.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == first)?;
        if hay.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; charset=utf-8; boundary=\"x y\"";

    fn form(text: &str) -> Result<Form, Malformed> {
        read(KIND, &Bytes::from(text.replace('\n', "\r\n")))
    }

    #[test]
    fn fields_come_before_the_file_and_count_only_there() {
        let text = "--x y\nContent-Disposition: form-data; name=\"key\"\n\na/${filename}\n--x y\n\
                    content-disposition: form-data; name=file; filename=\"a;\\\"b.txt\"\n\
                    Content-Type: text/plain\n\nhe\nllo\n--x y\n\
                    Content-Disposition: form-data; name=\"late\"\n\n1\n--x y--\n";
        let form = form(text).unwrap_or_else(|_| panic!());
        assert_eq!(
            form.fields,
            [("key".to_owned(), "a/${filename}".to_owned())]
        );
        assert_eq!(form.filename, "a;\"b.txt");
        assert_eq!(form.file, "he\r\nllo");
        assert_eq!(
            (form.field("KEY"), form.field("late")),
            (Some("a/${filename}"), None)
        );
    }

    #[test]
    fn what_is_no_form_is_refused() {
        let field = "--x y\nContent-Disposition: form-data; name=\"key\"\n\n";
        let long = format!("{field}{}\n--x y--", "k".repeat(MOST));
        for (text, expected) in [
            ("", Malformed::Form),
            ("--x y", Malformed::Form),
            ("--x y--", Malformed::NoFile),
            (field, Malformed::Form),
            ("--x y\n\n\nvalue\n--x y--", Malformed::Form),
            (long.as_str(), Malformed::TooLong),
        ] {
            assert_eq!(form(text).err(), Some(expected), "{text}");
        }
        assert_eq!(
            read("multipart/form-data", &Bytes::new()).err(),
            Some(Malformed::Form)
        );
    }

    #[test]
    fn a_boundary_is_no_longer_than_it_may_be() {
        for (length, expected) in [(70, Some(Malformed::NoFile)), (71, Some(Malformed::Form))] {
            let boundary = "-".repeat(length);
            let kind = format!("multipart/form-data; boundary={boundary}");
            let text = Bytes::from(format!("--{boundary}--"));
            assert_eq!(read(&kind, &text).err(), expected, "{length}");
        }
    }
}

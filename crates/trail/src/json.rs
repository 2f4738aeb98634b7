//! JSON, written as it is said.

use serde_json::Value;

/// Something that an event says, whatever it is made of.
pub trait Element {
    /// Writes it: one value.
    fn write(&self, json: Json<'_>);
}

/// A place where one value goes.
#[derive(Debug)]
pub struct Json<'o> {
    out: &'o mut Vec<u8>,
}

/// An object that is being written.
#[derive(Debug)]
pub struct Members<'o> {
    out: &'o mut Vec<u8>,
    begin: usize,
}

/// A list that is being written.
#[derive(Debug)]
pub struct Elements<'o> {
    out: &'o mut Vec<u8>,
    begin: usize,
}

impl<'o> Json<'o> {
    /// Behind what was written.
    pub fn new(out: &'o mut Vec<u8>) -> Json<'o> {
        Json { out }
    }

    /// A text.
    pub fn text(self, text: &str) {
        // All of it is looked at, which takes less than to look for the first.
        let plain = text.bytes().fold(true, |plain, byte| {
            plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\')
        });
        if plain {
            self.out.reserve(text.len() + 2);
            self.out.push(b'"');
            self.out.extend_from_slice(text.as_bytes());
            self.out.push(b'"');
        } else {
            self.serialized(&text);
        }
    }

    /// A whole number.
    pub fn whole(self, number: i64) {
        self.serialized(&number);
    }

    /// A number; `null` where JSON has none for it.
    pub fn number(self, number: f64) {
        self.serialized(&number);
    }

    /// True or false.
    pub fn truth(self, truth: bool) {
        self.out
            .extend_from_slice(if truth { b"true" } else { b"false" });
    }

    /// Nothing.
    pub fn null(self) {
        self.out.extend_from_slice(b"null");
    }

    /// Any value.
    pub fn value(self, value: &Value) {
        self.serialized(value);
    }

    fn serialized<T: serde::Serialize>(self, value: &T) {
        let begin = self.out.len();
        // Texts, numbers and values are always JSON's, and memory is always written.
        if serde_json::to_writer(&mut *self.out, value).is_err() {
            self.out.truncate(begin);
            self.out.extend_from_slice(b"null");
        }
    }

    /// An object.
    pub fn object(self, write: impl FnOnce(&mut Members<'_>)) {
        self.out.push(b'{');
        let begin = self.out.len();
        write(&mut Members {
            out: &mut *self.out,
            begin,
        });
        self.out.push(b'}');
    }

    /// A list.
    pub fn list(self, write: impl FnOnce(&mut Elements<'_>)) {
        self.out.push(b'[');
        let begin = self.out.len();
        write(&mut Elements {
            out: &mut *self.out,
            begin,
        });
        self.out.push(b']');
    }
}

impl Members<'_> {
    /// The next member. Whoever writes them sees to it that no name comes twice.
    pub fn member(&mut self, name: &str) -> Json<'_> {
        separate(self.out, self.begin);
        Json::new(self.out).text(name);
        self.out.push(b':');
        Json::new(self.out)
    }
}

impl Elements<'_> {
    /// The next element.
    pub fn element(&mut self) -> Json<'_> {
        separate(self.out, self.begin);
        Json::new(self.out)
    }
}

fn separate(out: &mut Vec<u8>, begin: usize) {
    if out.len() > begin {
        out.push(b',');
    }
}

impl Element for Value {
    fn write(&self, json: Json<'_>) {
        json.value(self);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// Of every kind that JSON writes in its own way.
    pub(crate) const TEXTS: [&str; 6] = [
        "",
        "plain: a/b+c=d, é 日本 \u{7f}",
        "\"quoted\"",
        "back\\slash",
        "\u{0}\u{1f}\n\r\t\u{8}\u{c}",
        "long enough to be looked at many bytes at a time, and \"quoted\" only behind that",
    ];

    fn written(write: impl FnOnce(Json<'_>)) -> String {
        let mut out = Vec::new();
        write(Json::new(&mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn texts_are_written_as_serde_writes_them() {
        for text in TEXTS {
            let expected = serde_json::to_string(text).unwrap();
            assert_eq!(written(|json| json.text(text)), expected);
        }
    }

    #[test]
    fn what_is_written_is_what_was_said() {
        let text = written(|json| {
            json.object(|members| {
                members.member("a \"b\"").whole(-1);
                members.member("n").number(2.5);
                members.member("nan").number(f64::NAN);
                members.member("t").truth(true);
                members.member("f").truth(false);
                members.member("none").null();
                members.member("empty").object(|_| ());
                members.member("list").list(|list| {
                    list.element().text("x");
                    list.element().list(|_| ());
                    list.element().value(&json!({"y": [1]}));
                });
            });
        });
        let expected = json!({"a \"b\"": -1, "n": 2.5, "nan": null, "t": true, "f": false, "none": null,
            "empty": {}, "list": ["x", [], {"y": [1]}]});
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }
}

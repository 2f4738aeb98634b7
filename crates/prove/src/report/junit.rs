//! JUnit XML, which CI systems show: one test case for each question.

use super::Report;
use std::fmt::Write as _;

impl Report {
    /// One test suite, in which a question that is violated failed and one that is unknown is an error.
    #[must_use]
    pub fn to_junit(&self) -> String {
        let own = std::slice::from_ref(self);
        let cases = if self.parts.is_empty() {
            own
        } else {
            &self.parts
        };
        let count = |name: &str| {
            cases
                .iter()
                .filter(|case| case.outcome.name() == name)
                .count()
        };
        let (tests, failures, errors) = (cases.len(), count("violated"), count("unknown"));
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n",
            escaped(&self.question)
        );
        for case in cases {
            let name = escaped(&case.question);
            let _ = write!(
                text,
                "  <testcase classname=\"palisade.prove\" name=\"{name}\""
            );
            let element = match case.outcome.name() {
                "violated" => "failure",
                "unknown" => "error",
                _ => {
                    text.push_str("/>\n");
                    continue;
                }
            };
            let _ = writeln!(
                text,
                ">\n    <{element} message=\"{name}\">{}</{element}>\n  </testcase>",
                escaped(&case.to_text())
            );
        }
        text + "</testsuite>\n"
    }
}

/// XML text; characters that XML cannot hold become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

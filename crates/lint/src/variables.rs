//! `${…}` in texts (IAM User Guide, "Policy variables").

/// A stretch that begins with `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable<'a> {
    /// Its bytes in the text.
    pub(crate) range: (usize, usize),
    /// The key; empty where there is none.
    pub(crate) key: &'a str,
    /// Whether it is one of `${*}`, `${?}` and `${$}`.
    pub(crate) is_escape: bool,
    /// What is wrong with its syntax.
    pub(crate) fault: Option<&'static str>,
}

/// The variables of a text, malformed ones included.
pub(crate) fn variables(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.find("${"))
        .map(|n| at + n)
    {
        let body = text.get(start + 2..).unwrap_or("");
        let length = end_of(body);
        let inside = body.get(..length.unwrap_or(body.len())).unwrap_or("");
        let end = match length {
            Some(length) => start + 2 + length + 1,
            None => text.len(),
        };
        found.push(variable((start, end), inside, length.is_some()));
        at = end.max(start + 2);
    }
    found
}

/// Where the closing brace stands, past a default in quotes.
fn end_of(body: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, character) in body.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '}' if !quoted => return Some(at),
            _ => {}
        }
    }
    // A quote that is not closed is the fault, not the brace.
    body.find('}')
}

fn variable(range: (usize, usize), inside: &str, closed: bool) -> Variable<'_> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default)),
        None => (inside, None),
    };
    let is_escape = matches!(inside, "*" | "?" | "$");
    let fault = if !closed {
        Some("has no closing brace")
    } else if inside.is_empty() {
        Some("is empty")
    } else if key.contains(char::is_whitespace) {
        Some("has a space in its key")
    } else {
        default.and_then(default_fault)
    };
    Variable {
        range,
        key: if is_escape { "" } else { key },
        is_escape,
        fault,
    }
}

fn default_fault(default: &str) -> Option<&'static str> {
    let text = default.trim_start_matches(' ');
    let quoted = text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'');
    if !quoted {
        Some("has a default without quotes on both sides")
    } else if !default.starts_with(" '") {
        Some("has no single space between the comma and its default")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_faults() {
        let faults = |text| {
            variables(text)
                .iter()
                .map(|v| v.fault.is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(faults("a/${aws:username}/${aws:x, 'y}'}"), [false, false]);
        assert_eq!(faults("${}${a"), [true, true]);
        assert_eq!(faults("${aws:a, 'b}"), [true]);
        assert_eq!(faults("${aws:a,'b'}"), [true]);
        assert_eq!(faults("${ aws:a}"), [true]);
        assert!(variables("${*}")[0].is_escape);
        assert_eq!(variables("x${aws:a}")[0].range, (1, 9));
    }
}

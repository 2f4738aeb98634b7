//! Where in a policy a place is, told from the text in front of it.

/// A place in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The keys from the outside to here; in a key, those around it.
    pub(super) path: Vec<String>,
    /// Whether a key is being written.
    pub(super) in_key: bool,
    /// What is written of the text at the place, up to the place.
    pub(super) written: String,
    /// Where this text begins.
    pub(super) start: usize,
}

/// An object or list that is open.
enum Open {
    Object { key: Option<String>, in_value: bool },
    List,
}

/// Tells the place of a byte offset, in JSON or YAML.
pub(super) fn at(text: &str, offset: usize, is_yaml: bool) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    match is_yaml {
        true => in_yaml(before),
        false => in_json(before),
    }
}

fn in_json(before: &str) -> Place {
    let mut open: Vec<Open> = Vec::new();
    let mut string: Option<usize> = None;
    let mut escaped = false;
    for (at, character) in before.char_indices() {
        if let Some(start) = string {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                // A string ends with its line, also where its quote is missing.
                '"' | '\n' => {
                    string = None;
                    if let Some(Open::Object {
                        key,
                        in_value: false,
                    }) = open.last_mut()
                    {
                        *key = Some(before.get(start..at).unwrap_or("").to_owned());
                    }
                }
                _ => {}
            }
            continue;
        }
        match character {
            '"' => string = Some(at + 1),
            '{' => open.push(Open::Object {
                key: None,
                in_value: false,
            }),
            '[' => open.push(Open::List),
            '}' | ']' => {
                open.pop();
            }
            ':' => {
                if let Some(Open::Object { in_value, .. }) = open.last_mut() {
                    *in_value = true;
                }
            }
            ',' => {
                if let Some(Open::Object { key, in_value }) = open.last_mut() {
                    *key = None;
                    *in_value = false;
                }
            }
            _ => {}
        }
    }
    let start = string.unwrap_or(before.len());
    let in_key = matches!(
        open.last(),
        Some(Open::Object {
            in_value: false,
            ..
        })
    );
    let keys = open.iter().filter_map(|open| match open {
        Open::Object {
            key: Some(key),
            in_value: true,
        } => Some(key.clone()),
        _ => None,
    });
    Place {
        path: keys.collect(),
        in_key,
        written: before.get(start..).unwrap_or("").to_owned(),
        start,
    }
}

/// YAML in block style: the keys of lines that are indented less.
fn in_yaml(before: &str) -> Place {
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..).unwrap_or("");
    let (indent, content) = parts(line);
    let (key, value) = match content.split_once(": ") {
        Some((key, value)) => (Some(key), value),
        None => (None, content),
    };
    let written = value.trim_start().trim_start_matches(['"', '\'', '[']);
    let written = written.rsplit([',', '[']).next().unwrap_or("").trim_start();
    let written = written.trim_start_matches(['"', '\'']);
    let mut path: Vec<String> = key.map(unquoted).into_iter().collect();
    let mut limit = indent;
    let in_list = line.trim_start().starts_with('-');
    for above in before.get(..line_start).unwrap_or("").lines().rev() {
        let (indent, content) = parts(above);
        let is_comment = content.is_empty() || content.starts_with('#');
        // A list may stand as deep as the key that it belongs to.
        let outer = indent < limit
            || (in_list
                && indent <= limit
                && above.trim_end().ends_with(':')
                && !above.trim_start().starts_with('-'));
        if is_comment || !outer {
            continue;
        }
        if let Some((name, rest)) = content.split_once(':')
            && (rest.trim().is_empty() || rest.trim_start().starts_with(['#', '&', '!']))
        {
            path.insert(0, unquoted(name));
        }
        limit = indent;
        if limit == 0 {
            break;
        }
    }
    let is_leaf = path.last().is_some_and(|last| {
        matches!(
            last.as_str(),
            "Action" | "NotAction" | "Resource" | "NotResource" | "Service"
        )
    });
    Place {
        in_key: key.is_none() && !is_leaf,
        path,
        written: written.to_owned(),
        start: before.len() - written.len(),
    }
}

/// How deep a line's content begins, behind the dashes of a list, and the content.
fn parts(line: &str) -> (usize, &str) {
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches(' ');
        match trimmed.strip_prefix("- ") {
            Some(behind) => rest = behind,
            None => {
                return (
                    line.len() - trimmed.len(),
                    trimmed.trim_start_matches('-').trim_start(),
                );
            }
        }
    }
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> (String, bool, String) {
        let place = at(text, text.len(), false);
        (place.path.join("/"), place.in_key, place.written)
    }

    #[test]
    fn json_is_told_from_what_stands_in_front() {
        let told = json("{ \"Statement\": [ { \"Effect\": \"Allow\", \"Action\": [ \"s3:Get");
        assert_eq!(told, ("Statement/Action".into(), false, "s3:Get".into()));
        let told = json("{ \"Statement\": { \"Condition\": { \"StringEquals\": { \"aws:Pri");
        assert_eq!(
            told,
            (
                "Statement/Condition/StringEquals".into(),
                true,
                "aws:Pri".into()
            )
        );
        let told = json("{ \"Statement\": [ { \"Eff");
        assert_eq!(told, ("Statement".into(), true, "Eff".into()));
        let told = json("{ \"a\\\"b\": \"x\", \"Version\": \"");
        assert_eq!(told, ("Version".into(), false, String::new()));
    }

    #[test]
    fn yaml_is_told_from_indentation() {
        let yaml = |text: &str| {
            let place = at(text, text.len(), true);
            (place.path.join("/"), place.in_key, place.written)
        };
        let front = "PolicyDocument:\n  Statement:\n    - Effect: Allow\n";
        let told = yaml(&format!("{front}      Action: s3:Ge"));
        assert_eq!(
            told,
            (
                "PolicyDocument/Statement/Action".into(),
                false,
                "s3:Ge".into()
            )
        );
        let told = yaml(&format!("{front}      Action:\n        - \"s3:Ge"));
        assert_eq!(
            told,
            (
                "PolicyDocument/Statement/Action".into(),
                false,
                "s3:Ge".into()
            )
        );
        let told = yaml(&format!(
            "{front}      Condition:\n        StringEquals:\n          aws:So"
        ));
        assert_eq!(
            told,
            (
                "PolicyDocument/Statement/Condition/StringEquals".into(),
                true,
                "aws:So".into()
            )
        );
    }
}

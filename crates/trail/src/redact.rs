//! Secrets do not belong into a log.

use serde_json::Value;

/// What stands in a record in place of a secret.
pub const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// Replaces every member that `is_secret` by [`HIDDEN`], whatever its type.
///
/// `is_secret` gets the names of the members from the outermost to the one in question. The
/// elements of a list have the path of the list.
pub fn redact(value: &mut Value, is_secret: &dyn Fn(&[&str]) -> bool) {
    walk(value, &mut Vec::new(), is_secret);
}

fn walk<'a>(value: &'a mut Value, path: &mut Vec<&'a str>, is_secret: &dyn Fn(&[&str]) -> bool) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                path.push(name);
                if is_secret(path) {
                    *member = Value::String(HIDDEN.to_owned());
                } else {
                    walk(member, path, is_secret);
                }
                path.pop();
            }
        }
        Value::Array(elements) => {
            for element in elements {
                walk(element, path, is_secret);
            }
        }
        _ => {}
    }
}

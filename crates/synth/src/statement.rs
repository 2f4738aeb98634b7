//! Statements and policies, as data that is written the same way each time.

use serde_json::{Map, Value};

/// One statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Statement {
    sid: String,
    deny: bool,
    principal: Option<Value>,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    not_resource: bool,
    not_action: bool,
    condition: Map<String, Value>,
}

impl Statement {
    pub(crate) fn allow(sid: &str) -> Statement {
        Statement {
            sid: sid.to_owned(),
            ..Statement::default()
        }
    }

    pub(crate) fn deny(sid: &str) -> Statement {
        Statement {
            deny: true,
            ..Statement::allow(sid)
        }
    }

    pub(crate) fn principal(mut self, kind: &str, values: &[String]) -> Statement {
        let mut principal = Map::new();
        principal.insert(kind.to_owned(), one_or_list(values));
        self.principal = Some(Value::Object(principal));
        self
    }

    /// For everybody; conditions say whom.
    pub(crate) fn everybody(mut self) -> Statement {
        self.principal = Some(Value::from("*"));
        self
    }

    pub(crate) fn actions<T: Into<String>>(
        mut self,
        actions: impl IntoIterator<Item = T>,
    ) -> Statement {
        push_new(&mut self.actions, actions);
        self
    }

    /// Every action but these.
    pub(crate) fn actions_except(mut self, actions: &[&str]) -> Statement {
        self.not_action = true;
        push_new(&mut self.actions, actions.iter().copied());
        self
    }

    pub(crate) fn resources<T: Into<String>>(
        mut self,
        resources: impl IntoIterator<Item = T>,
    ) -> Statement {
        push_new(&mut self.resources, resources);
        self
    }

    pub(crate) fn except<T: Into<String>>(
        mut self,
        resources: impl IntoIterator<Item = T>,
    ) -> Statement {
        self.not_resource = true;
        push_new(&mut self.resources, resources);
        self
    }

    pub(crate) fn when<T: Into<String>>(
        mut self,
        operator: &str,
        key: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Statement {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        let keys = self
            .condition
            .entry(operator)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(key.to_owned(), one_or_list(&values));
        }
        self
    }

    /// Only when the request has this key.
    pub(crate) fn with(self, key: &str) -> Statement {
        self.when("Null", key, ["false"])
    }

    /// Only when the request lacks this key.
    pub(crate) fn without(self, key: &str) -> Statement {
        self.when("Null", key, ["true"])
    }

    /// Whether it can be written as several statements with parts of a list each.
    pub(crate) fn halves(&self) -> Option<(Statement, Statement)> {
        let (list, resources) = if self.actions.len() > 1 && !self.not_action {
            (&self.actions, false)
        } else if self.resources.len() > 1 && !self.not_resource {
            (&self.resources, true)
        } else {
            return None;
        };
        let (left, right) = list.split_at_checked(list.len() / 2)?;
        let with = |part: &[String], ending: &str| {
            let mut statement = self.clone();
            let list = if resources {
                &mut statement.resources
            } else {
                &mut statement.actions
            };
            *list = part.to_vec();
            statement.sid.push_str(ending);
            statement
        };
        Some((with(left, "A"), with(right, "B")))
    }

    pub(crate) fn json(&self) -> Value {
        let mut members = Map::new();
        members.insert("Sid".to_owned(), Value::from(self.sid.as_str()));
        let effect = if self.deny { "Deny" } else { "Allow" };
        members.insert("Effect".to_owned(), Value::from(effect));
        if let Some(principal) = &self.principal {
            members.insert("Principal".to_owned(), principal.clone());
        }
        let action = if self.not_action {
            "NotAction"
        } else {
            "Action"
        };
        members.insert(action.to_owned(), one_or_list(&self.actions));
        let resource = if self.not_resource {
            "NotResource"
        } else {
            "Resource"
        };
        if !self.resources.is_empty() {
            members.insert(resource.to_owned(), one_or_list(&self.resources));
        }
        if !self.condition.is_empty() {
            members.insert(
                "Condition".to_owned(),
                Value::Object(self.condition.clone()),
            );
        }
        Value::Object(members)
    }
}

fn push_new<T: Into<String>>(list: &mut Vec<String>, more: impl IntoIterator<Item = T>) {
    for one in more {
        let one = one.into();
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

fn one_or_list(values: &[String]) -> Value {
    match values {
        [one] => Value::from(one.as_str()),
        many => Value::from(many.to_vec()),
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    json: Value,
}

impl Policy {
    pub(crate) fn new(statements: &[Statement]) -> Policy {
        let statements: Vec<Value> = statements.iter().map(Statement::json).collect();
        let mut members = Map::new();
        members.insert("Version".to_owned(), Value::from("2012-10-17"));
        members.insert("Statement".to_owned(), Value::from(statements));
        Policy {
            json: Value::Object(members),
        }
    }

    /// The document.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The document without white space between its parts.
    #[must_use]
    pub fn text(&self) -> String {
        self.json.to_string()
    }

    /// The document as a file: each member on a line of its own, a newline at the end.
    #[must_use]
    pub fn pretty(&self) -> String {
        format!("{:#}\n", self.json)
    }

    /// The document as a file that a service takes where white space counts: as [`pretty`](Self::pretty), or in one line
    /// where that would be too much.
    #[must_use]
    pub fn fitting(&self, limit: usize) -> String {
        let pretty = self.pretty();
        match pretty.len() <= limit {
            true => pretty,
            false => self.text(),
        }
    }

    /// How many characters count: all but white space.
    #[must_use]
    pub fn characters(&self) -> usize {
        let text = self.text();
        text.chars()
            .filter(|letter| !letter.is_whitespace())
            .count()
    }
}

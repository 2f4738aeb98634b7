//! Policy documents and ARNs of the first account, for tests.

use serde_json::{Value, json};

use crate::ACCOUNT;

/// A policy of these statements.
#[must_use]
pub fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A trust policy that allows `principal` these `actions`.
#[must_use]
pub fn trust(principal: &str, actions: &[&str]) -> Value {
    document(&json!([
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions}
    ]))
}

/// A policy that allows `actions` on `resource`.
#[must_use]
pub fn allow(actions: &[&str], resource: &str) -> Value {
    document(&json!([
        {"Effect": "Allow", "Action": actions, "Resource": resource}
    ]))
}

/// The ARN of a user.
#[must_use]
pub fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// The ARN of the root user.
#[must_use]
pub fn root_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

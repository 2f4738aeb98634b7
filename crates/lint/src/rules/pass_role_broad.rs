//! # Any role may be passed
//!
//! A statement allows `iam:PassRole` for roles that it does not name, and does not say to which service.
//!
//! ## Why
//! Whoever passes a role to a service lets their own code run with it. With `iam:PassRole` on every role, a user who may
//! start a job, a function or an instance takes the most powerful role of the account. Name the roles, and the service
//! with `iam:PassedToService`.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" } ] }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17",
//!   "Statement": [ { "Effect": "Allow", "Action": "iam:PassRole",
//!     "Resource": "arn:aws:iam::111122223333:role/sagemaker/vision-execution",
//!     "Condition": { "StringEquals": { "iam:PassedToService": "sagemaker.amazonaws.com" } } } ] }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL402",
    name: "pass-role-broad",
    severity: Severity::Security,
    aws: &[
        "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        "PASS_ROLE_WITH_NOT_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
    ],
    check: Check::Statement(check),
};

fn check(policy: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    super::broad::report(
        policy,
        statement,
        "iam:PassRole",
        "role",
        "name the roles in `Resource`, and the service in a condition on iam:PassedToService",
        out,
    );
}

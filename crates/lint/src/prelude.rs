//! What rule files use.

pub(crate) use crate::arns::{self, Arn};
pub(crate) use crate::deputy;
pub(crate) use crate::edits;
pub(crate) use crate::facts;
pub(crate) use crate::finding::Severity;
pub(crate) use crate::kind::{Holder, Kind};
pub(crate) use crate::model::{ActionPattern, Condition, Policy, Statement, Syntax, one_or_many};
pub(crate) use crate::owners;
pub(crate) use crate::patterns;
pub(crate) use crate::rule::{Check, Note, Reporter, Rule};
pub(crate) use crate::tenants;
pub(crate) use crate::text::{self, Text};
pub(crate) use policy::PolicyType;
pub(crate) use policy::document::{Comparison, Qualifier};
pub(crate) use policy::json::{Member, Node, Value};
pub(crate) use policy::text::Span;

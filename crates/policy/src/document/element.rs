//! The elements of a policy (IAM User Guide, "JSON policy element reference").

use super::PolicyType;
use super::operator::Operator;
use super::template::Template;
use crate::text::{Source, Span, Spanned};
use crate::value::{AddressRange, Instant, Number};

/// A policy's version of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also where `Version` is missing: `${…}` is literal text.
    V2008,
    /// `2012-10-17`: with policy variables.
    V2012,
}

/// What a statement does when it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies, whatever else allows.
    Deny,
}

/// A policy as it was written.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text it stands in, which may hold more than this policy.
    pub source: Source,
    /// Its place in that text.
    pub span: Span,
    /// Its type.
    pub policy_type: PolicyType,
    /// `Version`, if it is written.
    pub version: Option<Spanned<Version>>,
    /// `Id`, if it is written.
    pub id: Option<Spanned<String>>,
    /// `Statement`, in order.
    pub statements: Vec<Statement>,
    /// Whether `Statement` was written as a list.
    pub statement_list: bool,
}

impl Document {
    /// The names of its elements.
    pub const ELEMENTS: &'static [&'static str] = &["Version", "Id", "Statement"];
}

/// One statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its place.
    pub span: Span,
    /// `Sid`, if it is written.
    pub sid: Option<Spanned<String>>,
    /// `Effect`.
    pub effect: Spanned<Effect>,
    /// `Principal` or `NotPrincipal`, in policies that have one.
    pub principal: Option<PrincipalElement>,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// `Resource` or `NotResource`; missing where the policy type lets it be.
    pub resources: Option<Resources>,
    /// `Condition`, one entry for each operator and key.
    pub conditions: Vec<Condition>,
}

impl Statement {
    /// The names of its elements.
    pub const ELEMENTS: &'static [&'static str] = &[
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
}

/// `Action` or `NotAction`.
#[derive(Clone, Debug)]
pub struct Actions {
    /// Whether it is `NotAction`.
    pub not: bool,
    /// The place of the value.
    pub span: Span,
    /// The patterns.
    pub patterns: Vec<Spanned<ActionPattern>>,
}

/// A pattern of actions, lower-cased: `*`, or a service and a name with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionPattern {
    /// As it was written.
    pub text: String,
    /// The lower-cased pattern.
    pub template: Template,
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Whether it is `NotResource`.
    pub not: bool,
    /// The place of the value.
    pub span: Span,
    /// The patterns.
    pub patterns: Vec<Spanned<ResourcePattern>>,
}

/// A pattern of resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePattern {
    /// As it was written.
    pub text: String,
    /// `None` for `*`; else the segments of the ARN, fewer than six where it is cut short.
    pub segments: Option<Vec<Template>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug)]
pub struct PrincipalElement {
    /// Whether it is `NotPrincipal`.
    pub not: bool,
    /// The place of the value.
    pub span: Span,
    /// Who is named.
    pub entries: Vec<Spanned<PrincipalEntry>>,
}

/// One caller, or kind of caller, that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalEntry {
    /// `"*"`: everyone.
    Everyone,
    /// `{"AWS": "*"}`: everyone, written in full.
    EveryoneAws,
    /// An account, by its id or its root ARN.
    Account(String),
    /// A user, role, assumed-role session or federated user by its ARN.
    Arn(String),
    /// A unique id such as `AIDA…` or `AROA…`.
    UniqueId(String),
    /// A service, such as `sagemaker.amazonaws.com`.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An S3 canonical user.
    CanonicalUser(String),
}

/// One operator applied to one key.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The operator.
    pub operator: Spanned<Operator>,
    /// The condition key, as it was written.
    pub key: Spanned<String>,
    /// The values of the policy.
    pub values: Vec<Spanned<ConditionValue>>,
    /// Whether the values were written as a list.
    pub list: bool,
}

/// A policy's value of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionValue {
    /// As it was written, without quotes.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
    /// What the operator makes of it.
    pub(crate) operand: Operand,
}

/// A condition value, read as its operator needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Text(Template),
    Arn(ArnValue),
    Number(Number),
    Instant(Instant),
    Bool(Template),
    Binary(Vec<u8>),
    Addresses(AddressRange),
    Null(bool),
}

/// A policy's value of an ARN operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ArnValue {
    /// `*`: any ARN.
    Any,
    /// Six segments, each with wildcards and variables of its own.
    Segments([Template; 6]),
    /// Variables, of which one brings the colons, as in `${aws:PrincipalArn}`: the whole ARN, without wildcards.
    Whole(Template),
}

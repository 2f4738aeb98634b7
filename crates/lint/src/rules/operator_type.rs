//! # An operator that does not suit its key
//!
//! The type that an operator compares is not the type of the key's values.
//!
//! ## Why
//! Comparing a number as text makes `"9"` and `"9.0"` differ and `"10"` smaller than `"9"`; comparing an address as text
//! never matches a range.
//!
//! ## Example
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "StringEquals": { "aws:SourceIp": "203.0.113.0/24" } } } }
//! ```
//!
//! ## Fix
//! ```json identity
//! { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource":
//!   "arn:aws:s3:::data/*", "Condition": { "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } } } }
//! ```

use crate::prelude::*;

pub(super) const RULE: Rule = Rule {
    code: "PAL208",
    name: "operator-type",
    severity: Severity::Warning,
    aws: &["TYPE_MISMATCH"],
    check: Check::Statement(check),
};

use catalog::KeyType;

fn check(_: &Policy, statement: &Statement, out: &mut Reporter<'_>) {
    for condition in &statement.conditions {
        let (Some(operator), Some(key)) = (condition.operator, facts::key(&condition.key.value))
        else {
            continue;
        };
        let wanted = match key.key_type() {
            KeyType::String => Some("String"),
            KeyType::Arn => Some("Arn"),
            KeyType::Numeric => Some("Numeric"),
            KeyType::Bool => Some("Bool"),
            KeyType::Date => Some("Date"),
            KeyType::IpAddress => Some("IpAddress"),
            KeyType::Binary => Some("Binary"),
            _ => None,
        };
        let Some(wanted) = wanted.filter(|wanted| !suits(operator.comparison, wanted)) else {
            continue;
        };
        // A date may be compared as the number of seconds that it also is.
        let epoch = condition.is_on("aws:EpochTime") && suits(operator.comparison, "Numeric");
        if epoch {
            continue;
        }
        let reason = format!(
            "`{}` has values of type {}, which `{}` does not compare",
            condition.key.shown(),
            key.key_type().as_str(),
            condition.operator_text.shown()
        );
        let help = format!(
            "use an operator for {}, such as `{}`",
            key.key_type().as_str(),
            example(wanted)
        );
        out.push(Note::at(condition.operator_text.span, reason).help(help));
    }
}

fn suits(comparison: Comparison, wanted: &str) -> bool {
    use Comparison as C;
    match comparison {
        C::Null => true,
        // ARNs may be compared as texts; where that is dangerous, a rule of its own says so.
        C::StringEquals | C::StringEqualsIgnoreCase | C::StringLike => {
            matches!(wanted, "String" | "Arn")
        }
        // A text may hold an ARN, as the tags do that SageMaker sets.
        C::ArnLike => matches!(wanted, "Arn" | "String"),
        C::Bool => wanted == "Bool",
        C::BinaryEquals => wanted == "Binary",
        C::IpAddress => wanted == "IpAddress",
        C::NumericEquals
        | C::NumericLessThan
        | C::NumericLessThanEquals
        | C::NumericGreaterThan
        | C::NumericGreaterThanEquals => wanted == "Numeric",
        _ => wanted == "Date",
    }
}

fn example(wanted: &str) -> &'static str {
    match wanted {
        "Arn" => "ArnLike",
        "Numeric" => "NumericLessThan",
        "Bool" => "Bool",
        "Date" => "DateLessThan",
        "IpAddress" => "IpAddress",
        "Binary" => "BinaryEquals",
        _ => "StringEquals",
    }
}

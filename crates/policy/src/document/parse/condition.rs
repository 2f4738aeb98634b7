//! `Condition`.

use super::Reader;
use crate::document::element::{ArnValue, Condition, ConditionValue, Operand};
use crate::document::operator::{Comparison, Operator};
use crate::document::template::{Part, Syntax, Template};
use crate::json::{Member, Node, Value};
use crate::options::{BoolVariables, EmptyValueList};
use crate::text::Spanned;
use crate::value::{AddressRange, Instant, Number, decode_base64, parse_bool};

impl Reader<'_> {
    pub(super) fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let Some(members) = self.object(node, "`Condition`") else {
            return Vec::new();
        };
        members
            .iter()
            .flat_map(|member| self.operator_block(member))
            .collect()
    }

    fn operator_block(&mut self, member: &Member) -> Vec<Condition> {
        let name = &member.key.value;
        let operator = Operator::parse(name);
        if operator.is_none() {
            let fix = match Operator::suggest(name) {
                Some(meant) => format!("write `{meant}`"),
                None => "write an operator such as `StringEquals`".to_owned(),
            };
            self.error(
                member.key.span,
                format!("`{name}` is no condition operator"),
                fix,
            );
        }
        let Some(keys) = self.object(&member.value, "the block of an operator") else {
            return Vec::new();
        };
        self.report_keys_alike(keys);
        let Some(operator) = operator else {
            return Vec::new();
        };
        let operator = Spanned::new(operator, member.key.span);
        keys.iter()
            .filter_map(|key| self.condition(&operator, key))
            .collect()
    }

    /// The same key in two spellings would be two conditions on one value (Access Analyzer, duplicate keys).
    fn report_keys_alike(&mut self, keys: &[Member]) {
        let mut seen = std::collections::HashSet::new();
        for member in keys {
            if !seen.insert(member.key.value.to_ascii_lowercase()) {
                let reason = format!(
                    "the condition key `{}` stands twice; its case does not count",
                    member.key.value
                );
                self.error(member.key.span, reason, "put the values into one list");
            }
        }
    }

    fn condition(&mut self, operator: &Spanned<Operator>, member: &Member) -> Option<Condition> {
        let key = &member.key.value;
        let well_formed = key
            .split_once(':')
            .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
            && !key.contains("${");
        if !well_formed {
            let reason = format!("`{key}` is no condition key");
            self.error(
                member.key.span,
                reason,
                "write `service:name`, such as `aws:SourceIdentity`",
            );
            return None;
        }
        let list = member.value.as_array().is_some();
        let nodes = super::one_or_many(&member.value);
        if nodes.is_empty() && self.options.empty_value_list == EmptyValueList::Refused {
            self.error(
                member.value.span,
                format!("`{key}` has no values"),
                "add one, or remove the key",
            );
        }
        let values: Vec<_> = nodes
            .iter()
            .filter_map(|node| self.condition_value(operator.value, node))
            .collect();
        (values.len() == nodes.len()).then(|| Condition {
            operator: operator.clone(),
            key: member.key.clone(),
            values,
            list,
        })
    }

    fn condition_value(
        &mut self,
        operator: Operator,
        node: &Node,
    ) -> Option<Spanned<ConditionValue>> {
        let (text, quoted) = match &node.value {
            Value::String(text) => (text.clone(), true),
            Value::Number(text) => (text.clone(), false),
            Value::Bool(value) => (value.to_string(), false),
            _ => {
                let reason = format!(
                    "a condition value is a string, number or boolean, not {}",
                    node.kind()
                );
                self.error(node.span, reason, "write a string, or a list of strings");
                return None;
            }
        };
        let spanned = Spanned::new(text, node.span);
        let operand = self.operand(operator, &spanned)?;
        Some(Spanned::new(
            ConditionValue {
                text: spanned.value,
                quoted,
                operand,
            },
            node.span,
        ))
    }

    fn operand(&mut self, operator: Operator, text: &Spanned<String>) -> Option<Operand> {
        let comparison = operator.comparison;
        let syntax = Syntax {
            wildcards: comparison.has_wildcards(),
            variables: comparison.has_variables()
                && self.syntax().variables
                && (comparison != Comparison::Bool
                    || self.options.bool_variables == BoolVariables::Evaluated),
        };
        let value = text.value.as_str();
        let (operand, what) = match comparison {
            Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike => {
                return self.template(text, value, syntax).map(Operand::Text);
            }
            Comparison::ArnLike => (
                arn_operand(value, self.template(text, value, syntax)?),
                "ARN of six parts",
            ),
            Comparison::Bool => {
                let template = self.template(text, value, syntax)?;
                let sound = template.has_variables() || parse_bool(value).is_some();
                (sound.then_some(Operand::Bool(template)), "boolean")
            }
            Comparison::NumericEquals
            | Comparison::NumericLessThan
            | Comparison::NumericLessThanEquals
            | Comparison::NumericGreaterThan
            | Comparison::NumericGreaterThanEquals => {
                (Number::parse(value).map(Operand::Number), "number")
            }
            Comparison::DateEquals
            | Comparison::DateLessThan
            | Comparison::DateLessThanEquals
            | Comparison::DateGreaterThan
            | Comparison::DateGreaterThanEquals => {
                (Instant::parse(value).map(Operand::Instant), "date")
            }
            Comparison::BinaryEquals => (decode_base64(value).map(Operand::Binary), "base64 text"),
            Comparison::IpAddress => (
                AddressRange::parse(value).map(Operand::Addresses),
                "address or CIDR range",
            ),
            Comparison::Null => (parse_bool(value).map(Operand::Null), "boolean"),
        };
        if operand.is_none() {
            let reason = format!("`{value}` is no {what}, which `{operator}` needs");
            self.error(text.span, reason, example(comparison));
        }
        operand
    }
}

fn arn_operand(value: &str, template: Template) -> Option<Operand> {
    if value == "*" {
        return Some(Operand::Arn(ArnValue::Any));
    }
    let Ok(segments) = <[Template; 6]>::try_from(template.split_segments()) else {
        let whole = template.has_variables() && !template.has_wildcards();
        return whole.then_some(Operand::Arn(ArnValue::Whole(template)));
    };
    let begins_arn = match segments.first()?.parts.as_slice() {
        [Part::Literal(text)] => text == "arn",
        [] => false,
        _ => true,
    };
    begins_arn.then_some(Operand::Arn(ArnValue::Segments(segments)))
}

fn example(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::ArnLike => {
            "write six parts, with `*` for those left open: \"arn:aws:sagemaker:*:111122223333:training-job/*\""
        }
        Comparison::Bool | Comparison::Null => "write \"true\" or \"false\"",
        Comparison::BinaryEquals => "encode the bytes as base64, with padding",
        Comparison::IpAddress => {
            "write \"203.0.113.0/24\" and the like; variables are not allowed here"
        }
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => {
            "write \"2026-01-31T00:00:00Z\" and the like; variables are not allowed here"
        }
        _ => "write digits such as \"10\"; variables are not allowed here",
    }
}

//! The shape of ARNs.

use crate::language::{Pattern, Set, Step};
use std::sync::{Arc, LazyLock};

/// Six segments, of which the first is `arn`.
pub(crate) fn shape() -> &'static Pattern {
    static SHAPE: LazyLock<Pattern> = LazyLock::new(|| of(&Set::Except(':')));
    &SHAPE
}

/// An ARN as resources are compared: all but the last segment in lower case.
pub(crate) fn folded_shape() -> &'static Pattern {
    static SHAPE: LazyLock<Pattern> = LazyLock::new(|| {
        of(&Set::ranges(vec![
            ('\0', '9'),
            (';', '@'),
            ('[', char::MAX),
        ]))
    });
    &SHAPE
}

/// ARNs with a partition and a service, and with an account of twelve digits or none.
pub(crate) fn sources() -> &'static Arc<[Pattern]> {
    static SOURCES: LazyLock<Arc<[Pattern]>> = LazyLock::new(|| {
        let digits = Pattern::repeated(&Set::ranges(vec![('0', '9')]), 12, Some(12));
        let word = Set::ranges(vec![('a', 'z'), ('0', '9'), ('-', '-')]);
        let account = |digits: &[Step]| {
            let colon = || vec![Step::One(Set::One(':'))];
            let partition = vec![Step::Run(Set::ranges(vec![('a', 'z'), ('-', '-')]))];
            let service = vec![Step::One(word.clone()), Step::Run(word.clone())];
            let region = vec![Step::Run(word.clone())];
            let rest = vec![Step::One(Set::Any), Step::Run(Set::Any)];
            let start = Pattern::literal("arn:aws").steps;
            let head = [start, partition, colon(), service, colon(), region, colon()];
            Pattern {
                steps: [head.concat(), digits.to_vec(), colon(), rest].concat(),
            }
        };
        Arc::new([account(&digits.steps), account(&[])])
    });
    &SOURCES
}

fn of(head: &Set) -> Pattern {
    let mut steps = Pattern::literal("arn:").steps;
    for _ in 0..4 {
        steps.push(Step::Run(head.clone()));
        steps.push(Step::One(Set::One(':')));
    }
    steps.push(Step::Run(Set::Any));
    Pattern { steps }
}

/// Everything that is no ARN: fewer than six segments, or another first one.
pub(crate) fn other_shapes() -> &'static [Pattern] {
    static SHAPES: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
        let segment = || Step::Run(Set::Except(':'));
        let colon = || Step::One(Set::One(':'));
        let mut shapes = Vec::new();
        for colons in 0..=4 {
            let mut steps = vec![segment()];
            for _ in 0..colons {
                steps.extend([colon(), segment()]);
            }
            shapes.push(Pattern { steps });
        }
        // Another first segment: it is shorter than `arn`, differs at some letter, or is longer.
        let rest = |mut steps: Vec<Step>| {
            steps.extend([colon(), Step::Run(Set::Any)]);
            Pattern { steps }
        };
        for (kept, next) in [("", 'a'), ("a", 'r'), ("ar", 'n')] {
            let start = Pattern::literal(kept).steps;
            shapes.push(rest(start.clone()));
            let other = Set::ranges(except(':', next));
            shapes.push(rest([start, vec![Step::One(other), segment()]].concat()));
        }
        let longer = vec![Step::One(Set::Except(':')), segment()];
        shapes.push(rest([Pattern::literal("arn").steps, longer].concat()));
        shapes
    });
    &SHAPES
}

/// The ranges of all characters but two, of which `low` comes first.
fn except(low: char, high: char) -> Vec<(char, char)> {
    let beside = |c: char, step: i32| {
        let code = u32::from(c).checked_add_signed(step);
        code.and_then(char::from_u32).unwrap_or(c)
    };
    vec![
        ('\0', beside(low, -1)),
        (beside(low, 1), beside(high, -1)),
        (beside(high, 1), char::MAX),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_an_arn_or_has_another_shape() {
        for text in [
            "",
            "a",
            "arn",
            "arn:",
            "arn:a:b:c:d",
            "arn:a:b:c:d:",
            "arn:a:b:c:d:e:f",
            "arn::::::",
            "brn:a:b:c:d:e",
            "axn:a:b:c:d:e",
            "arx:a:b:c:d:e",
            "arnx:a:b:c:d:e",
            ":a:b:c:d:e",
            "a:a:b:c:d:e",
            "ar:a:b:c:d:e",
            "ARN:a:b:c:d:e",
            "arn:::::",
            "::::",
            ":::::",
        ] {
            let other = other_shapes().iter().any(|shape| shape.matches(text));
            assert_ne!(shape().matches(text), other, "{text}");
        }
    }
}

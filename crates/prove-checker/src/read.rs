//! From the statements of policies to atoms.

use crate::callers::text;
use crate::data::Demand;
use crate::data::{
    Atom, Certificate, Condition, Literal, Measured, Set, Step, Test, Text, Token, Variable,
};
use crate::{Refusal, refuse};
use policy::document::Comparison;
use policy::view::{self, ArnText, ResourceText, Values};

/// Reads atoms as those of a certificate.
pub(crate) struct Reader<'c> {
    pub(crate) certificate: &'c Certificate,
}

impl Reader<'_> {
    pub(crate) fn key(&self, name: &str) -> Result<usize, Refusal> {
        let mut keys = self.certificate.keys.iter();
        match keys.position(|key| !key.free && key.name.eq_ignore_ascii_case(name)) {
            Some(key) => Ok(key),
            None => refuse(format!("the key `{name}` of a policy is missing")),
        }
    }

    /// A demand on an atom; `None` where the certificate does not speak of it.
    pub(crate) fn literal(&self, atom: &Atom, demand: Demand) -> Option<Literal> {
        let two_valued = match atom {
            Atom::Condition(condition) => {
                matches!(condition.test, Test::Text(_) | Test::Null { .. })
            }
            _ => true,
        };
        let demand = match demand {
            Demand::NotFalse if two_valued => Demand::True,
            Demand::NotTrue if two_valued => Demand::False,
            demand => demand,
        };
        let atoms = &self.certificate.atoms;
        let found = atoms.iter().position(|own| same(own, atom))?;
        Some(Literal {
            atom: found,
            demand,
        })
    }

    pub(crate) fn actions(&self, patterns: &[view::Text<'_>]) -> Result<Atom, Refusal> {
        Ok(Atom::Action(self.texts(patterns)?))
    }

    pub(crate) fn resources(&self, patterns: &[ResourceText<'_>]) -> Result<Atom, Refusal> {
        let any = patterns
            .iter()
            .any(|pattern| matches!(pattern, ResourceText::Any));
        let mut texts = Vec::new();
        for pattern in patterns {
            if let ResourceText::Segments(segments) = pattern {
                texts.push(self.segments(fixed("arn"), segments)?);
            }
        }
        Ok(Atom::Resource {
            any,
            texts: sorted(texts),
        })
    }

    pub(crate) fn condition(&self, condition: view::Condition<'_>) -> Result<Atom, Refusal> {
        let operator = condition.operator();
        let null = operator.comparison == Comparison::Null;
        let qualifier = operator.qualifier.filter(|_| !null);
        Ok(Atom::Condition(Condition {
            key: self.key(condition.key())?,
            qualifier: qualifier.map(|qualifier| format!("{qualifier:?}")),
            negated: operator.negated,
            if_exists: operator.if_exists,
            empty: condition.is_empty(),
            test: self.test(condition)?,
        }))
    }

    fn test(&self, condition: view::Condition<'_>) -> Result<Test, Refusal> {
        Ok(match condition.values() {
            Values::Text(texts) => Test::Text(self.texts(&texts)?),
            Values::TextIgnoringCase(texts) => Test::Text(self.folded(&texts)?),
            Values::Bool(texts) => Test::Bool(self.folded(&texts)?),
            Values::Binary(values) => {
                let texts = values.into_iter().flat_map(view::binary_texts);
                Test::Text(sorted(texts.map(|own| text(fixed(&own))).collect()))
            }
            Values::Null(absent) => Test::Null {
                null: absent.contains(&true),
                value: absent.contains(&false),
            },
            Values::Arn(texts) => {
                let mut all = Vec::new();
                for text in &texts {
                    all.extend(self.arn(text)?);
                }
                Test::Arn(sorted(all))
            }
            Values::Measured => Test::Measured(measured(condition)?),
        })
    }

    fn texts(&self, texts: &[view::Text<'_>]) -> Result<Vec<Text>, Refusal> {
        let read = |own: &view::Text<'_>| Ok(text(self.tokens(*own, false, false)?));
        Ok(sorted(
            texts.iter().map(read).collect::<Result<_, Refusal>>()?,
        ))
    }

    fn folded(&self, texts: &[view::Text<'_>]) -> Result<Vec<Text>, Refusal> {
        let read = |own: &view::Text<'_>| Ok(text(self.tokens(*own, false, true)?));
        Ok(sorted(
            texts.iter().map(read).collect::<Result<_, Refusal>>()?,
        ))
    }

    /// The parts of a text; `segment`: within one of the first five segments of an ARN, where no wildcard takes a colon.
    fn tokens(
        &self,
        own: view::Text<'_>,
        segment: bool,
        fold: bool,
    ) -> Result<Vec<Token>, Refusal> {
        let wild = if segment { Set::Except(':') } else { Set::Any };
        let mut tokens = Vec::new();
        for token in own.tokens() {
            match token {
                view::Token::Literal(literal) => {
                    for c in literal.chars() {
                        let set = if fold { either_case(c)? } else { Set::One(c) };
                        tokens.push(Token::Step(Step::One(set)));
                    }
                }
                view::Token::AnyRun => tokens.push(Token::Step(Step::Run(wild.clone()))),
                view::Token::AnyOne => tokens.push(Token::Step(Step::One(wild.clone()))),
                view::Token::Variable { key, default } => tokens.push(Token::Key(Variable {
                    key: self.key(key)?,
                    default: default.map(str::to_owned),
                    segment,
                    fold,
                })),
            }
        }
        Ok(tokens)
    }

    fn segments(&self, first: Vec<Token>, rest: &[view::Text<'_>]) -> Result<Text, Refusal> {
        let mut tokens = first;
        for (at, segment) in rest.iter().enumerate() {
            tokens.push(Token::Step(Step::One(Set::One(':'))));
            tokens.extend(self.tokens(*segment, at + 1 < rest.len(), false)?);
        }
        Ok(text(tokens))
    }

    fn arn(&self, own: &ArnText<'_>) -> Result<Option<Text>, Refusal> {
        Ok(Some(match own {
            ArnText::Any => text(any_arn()),
            ArnText::Whole(whole) => text(self.tokens(*whole, false, false)?),
            ArnText::Segments([first, rest @ ..]) => {
                let first = self.tokens(*first, true, false)?;
                let first = match text(first.clone()) {
                    // What is read is an ARN, so that the first segment is `arn`.
                    Text::Plain(steps) if is_arn(&steps) => fixed("arn"),
                    Text::Plain(_) => return Ok(None),
                    Text::Open(_) => first,
                };
                self.segments(first, rest)?
            }
        }))
    }
}

fn any_arn() -> Vec<Token> {
    let segment = [Step::Run(Set::Except(':')), Step::One(Set::One(':'))];
    let rest = (0..4)
        .flat_map(|_| segment.clone())
        .chain([Step::Run(Set::Any)]);
    fixed("arn:")
        .into_iter()
        .chain(rest.map(Token::Step))
        .collect()
}

fn is_arn(steps: &[Step]) -> bool {
    use crate::automaton::{Cell, is_empty};
    let row = |steps: Vec<Step>| vec![steps.into_iter().map(Cell::Step).collect()];
    let arn = crate::tied::steps("arn").collect();
    !is_empty(&[row(steps.to_vec()), row(arn)], &[], &mut |_, _| false)
}

fn fixed(text: &str) -> Vec<Token> {
    crate::tied::steps(text).map(Token::Step).collect()
}

/// The characters that are the same where case does not count.
fn either_case(c: char) -> Result<Set, Refusal> {
    match c.to_ascii_lowercase() {
        // The Kelvin sign is `k` in lower case.
        'k' => Ok(Set::Ranges(vec![
            ('K', 'K'),
            ('k', 'k'),
            ('\u{212a}', '\u{212a}'),
        ])),
        lower if lower.is_ascii_alphabetic() => Ok(Set::EitherCase(lower)),
        lower if lower.is_ascii() => Ok(Set::One(lower)),
        other => refuse(format!(
            "`{other}` stands where its case does not count, which is not checked"
        )),
    }
}

fn measured(condition: view::Condition<'_>) -> Result<Measured, Refusal> {
    let Some(written) = condition.written() else {
        return refuse("a comparison is not written anywhere");
    };
    let mut operator = written.operator.value;
    (operator.qualifier, operator.if_exists, operator.negated) = (None, false, false);
    let values = written.values.iter().map(|value| value.value.text.clone());
    Ok(Measured {
        operator: operator.to_string(),
        values: values.collect(),
    })
}

/// Whether two atoms say the same.
pub(crate) fn same(one: &Atom, other: &Atom) -> bool {
    let (Atom::Condition(own), Atom::Condition(condition)) = (one, other) else {
        return one == other;
    };
    match (&own.test, &condition.test) {
        (Test::Measured(test), Test::Measured(wanted)) => {
            let test = Test::Measured(test.clone());
            let condition = Condition {
                test,
                ..condition.clone()
            };
            *own == condition && compare_alike(&own.test, wanted)
        }
        _ => one == other,
    }
}

/// Whether two comparisons take the same values, however these are written: none of the values that either tells apart
/// differs.
fn compare_alike(test: &Test, wanted: &Measured) -> bool {
    let Test::Measured(own) = test else {
        return false;
    };
    if own == wanted {
        return true;
    }
    let sets = [own, wanted].map(crate::leaf::compiled);
    let [Ok(one), Ok(other)] = &sets else {
        return false;
    };
    let (Some(one), Some(other)) = (crate::leaf::condition(one), crate::leaf::condition(other))
    else {
        return false;
    };
    let values = [one.representatives(0), other.representatives(0)].concat();
    own.operator == wanted.operator
        && one.is_empty() == other.is_empty()
        && values
            .iter()
            .all(|value| one.matches_value(value) == other.matches_value(value))
}

fn sorted(mut texts: Vec<Text>) -> Vec<Text> {
    texts.sort();
    texts.dedup();
    texts
}

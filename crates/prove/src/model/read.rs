//! From compiled statements to atoms.

use super::{Atom, AtomId, Condition, KeyId, Model, Test};
use crate::language::{Set, Step};
use crate::text::{Reading, Text, Token, folded, literal, tokens};
use policy::document::{Comparison, Operator};
use policy::view::{self, ArnText, Patterns, ResourceText, Values};

/// How long most ARNs are at the most.
const USUAL: usize = 80;

impl<'p> Model<'p> {
    fn text(&mut self, text: view::Text<'_>, reading: Reading) -> Vec<Token> {
        tokens(text, reading, &mut |name| self.key(name))
    }

    fn plain_texts(&mut self, texts: &[view::Text<'_>]) -> Box<[Text]> {
        let read = |text: &view::Text<'_>| Text::new(self.text(*text, Reading::default()));
        sorted(texts.iter().map(read).collect())
    }

    /// The atom of a statement's actions, and whether it must hold or must not.
    pub(crate) fn read_actions(&mut self, actions: &Patterns<view::Text<'_>>) -> (AtomId, bool) {
        let texts = self.plain_texts(&actions.patterns);
        (self.atom(Atom::Action(texts)), !actions.not)
    }

    /// The atom of a statement's resources, and whether it must hold or must not.
    pub(crate) fn read_resources(
        &mut self,
        resources: &Patterns<ResourceText<'_>>,
    ) -> (AtomId, bool) {
        let mut any = false;
        let mut texts = Vec::new();
        for pattern in &resources.patterns {
            match pattern {
                ResourceText::Any => any = true,
                ResourceText::Never => {}
                ResourceText::Segments(segments) => {
                    let arn: Vec<Token> = literal("arn").map(Token::Step).collect();
                    texts.push(self.segments(arn, segments));
                }
            }
        }
        let texts = sorted(texts);
        (self.atom(Atom::Resource { any, texts }), !resources.not)
    }

    /// Segments behind `first`, joined by colons; the last may hold colons itself.
    fn segments(&mut self, first: Vec<Token>, rest: &[view::Text<'_>; 5]) -> Text {
        let mut row = first;
        row.reserve(USUAL);
        for (at, segment) in rest.iter().enumerate() {
            row.push(Token::Step(Step::One(Set::One(':'))));
            let reading = Reading {
                segment: at < 4,
                fold: false,
            };
            row.extend(self.text(*segment, reading));
        }
        Text::new(row)
    }

    /// The atom of a condition.
    pub(crate) fn read_condition(&mut self, condition: view::Condition<'p>) -> AtomId {
        let operator = condition.operator();
        let key = self.key(condition.key());
        let test = self.test(condition, operator);
        let null = operator.comparison == Comparison::Null;
        self.atom(Atom::Condition(Condition {
            key,
            qualifier: operator.qualifier.filter(|_| !null),
            negated: operator.negated,
            if_exists: operator.if_exists,
            empty: condition.is_empty(),
            test,
        }))
    }

    fn test(&mut self, condition: view::Condition<'p>, operator: Operator) -> Test {
        match condition.values() {
            Values::Text(texts) => Test::Text(self.plain_texts(&texts)),
            Values::Bool(texts) => Test::Bool(self.folded_texts(&texts)),
            Values::TextIgnoringCase(texts) => Test::Text(self.folded_texts(&texts)),
            Values::Arn(texts) => {
                let texts = texts.iter().filter_map(|text| self.arn_text(text));
                Test::Arn(sorted(texts.collect()))
            }
            Values::Binary(values) => {
                let texts = values.into_iter().flat_map(view::binary_texts);
                Test::Text(sorted(texts.map(|text| Text::literal(&text)).collect()))
            }
            Values::Null(absent) => Test::Null {
                null: absent.contains(&true),
                value: absent.contains(&false),
            },
            Values::Measured => {
                debug_assert!(operator.comparison != Comparison::Null);
                Test::Measured(self.intern_measure(condition))
            }
        }
    }

    fn folded_texts(&mut self, texts: &[view::Text<'_>]) -> Box<[Text]> {
        let mut all = Vec::new();
        for text in texts {
            match folded(*text, &mut |name| self.key(name)) {
                Ok(texts) => all.extend(texts),
                Err(_) => {
                    let reason =
                        "a text whose case does not count has too many letters such as `İ`";
                    self.flaw = Some(reason.to_owned());
                }
            }
        }
        sorted(all)
    }

    /// `None` where the value matches no ARN.
    fn arn_text(&mut self, text: &ArnText<'_>) -> Option<Text> {
        match text {
            ArnText::Any => Some(Text::Plain(crate::arn::shape().clone())),
            ArnText::Whole(whole) => Some(Text::new(self.text(*whole, Reading::default()))),
            ArnText::Segments(segments) => {
                let [first, rest @ ..] = segments;
                let reading = Reading {
                    segment: true,
                    fold: false,
                };
                let first = match Text::new(self.text(*first, reading)) {
                    // What is read must be `arn`, whatever the pattern says.
                    Text::Plain(pattern) => {
                        if !pattern.matches("arn") {
                            return None;
                        }
                        literal("arn").map(Token::Step).collect()
                    }
                    Text::Open(tokens) => tokens.into_vec(),
                };
                Some(self.segments(first, rest))
            }
        }
    }

    /// The condition that one key has the value of another.
    pub fn equals(&mut self, key: KeyId, other: KeyId) -> AtomId {
        let token = Token::Key(crate::text::Variable {
            key: other,
            default: None,
            segment: false,
            fold: false,
        });
        self.matches(key, vec![Text::new(vec![token])])
    }

    /// The condition that a key has a single value that matches one of some texts.
    pub fn matches(&mut self, key: KeyId, texts: Vec<Text>) -> AtomId {
        self.atom(Atom::Condition(Condition {
            key,
            qualifier: None,
            negated: false,
            if_exists: false,
            empty: texts.is_empty(),
            test: Test::Text(sorted(texts)),
        }))
    }
}

/// Equal sets of texts are equal atoms, in whatever order they were written.
fn sorted(mut texts: Vec<Text>) -> Box<[Text]> {
    texts.sort_unstable();
    texts.dedup();
    texts.into()
}

//! Why a proof holds, written down so that somebody else can check it.
//!
//! A [`Certificate`] is plain data, as JSON: the question with its policies, the keys with the facts about their values, the
//! callers, the atoms, the formula, and a tree of cases. It says that the formula holds for no request, so that no request is
//! of the kind that the question is about. The crate `prove_checker` checks it:
//!
//! 0. The formula follows from the question by the rules of evaluation.
//!
//! 1. Begin with the formula. At every node there are literals at hand and formulas at hand, all of which must hold. An
//!    `all` at hand is its parts; a `literal` at hand is a literal.
//! 2. At a `split`, the formula named is an `any` at hand. It holds by one of its parts. Each part is either a case of the
//!    split, which is checked with the part at hand, or cannot hold because of a literal at hand on the same atom that
//!    excludes one of its literals: `true` excludes `not-true` and `false`; `false` excludes `true` and `not-false`.
//! 3. At a `leaf`, the literals named are at hand, and no request meets them: they exclude each other, or they speak of one
//!    field and no value of it meets them, or they speak of fields that are tied together by the values of keys within
//!    patterns (`tied`), and no values of them do.
//!
//! A text is `plain`, a list of steps, or `open`, a list of steps and of keys whose values stand there as literal text. A
//! step is `one` character of a set, `maybe` one, or a `run` of any number.

mod written;

use crate::model::{Atom, Condition, Literal, Model, Node, NodeId, Test};
use crate::question::Question;
use crate::text::Text;
use serde::Serialize;
use serde_json::{Value, json};

/// Why a formula holds for no request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tree {
    /// A formula that must hold holds only by one of its alternatives, and each comes to nothing. Alternatives that are not
    /// among the cases contradict a literal at hand.
    Split {
        /// The formula.
        formula: NodeId,
        /// Its alternatives, each with the reason.
        cases: Vec<(NodeId, Self)>,
    },
    /// Literals at hand that no request meets together.
    Leaf {
        /// The literals.
        literals: Vec<Literal>,
    },
}

/// The reasons of a proof.
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    /// The version of this form: 2.
    pub version: u32,
    /// What is asked: the layers that are to allow and to deny, with their policies; policies `within` which requests are
    /// meant; the kinds of `callers`; the number of a formula that says what else the request is (`beyond`); and what that is,
    /// where it is a breach of isolation (`breach`).
    pub question: Value,
    /// The condition keys: `name`; `free` if it is no part of requests; and the `facts` that are known of its values.
    pub keys: Vec<Value>,
    /// The callers, one of each kind: the `kind` of principal, its `name`, the ARN `of` its role or parent, its `user_id`
    /// where policies name it, and how much of it is `known`: the `whole`, the `session`, or its `kind`.
    pub callers: Vec<Value>,
    /// The atoms.
    pub atoms: Vec<Value>,
    /// The parts of formulas.
    pub nodes: Vec<Node>,
    /// What holds for no request.
    pub formula: NodeId,
    /// Why.
    pub tree: Tree,
}

impl Certificate {
    pub(crate) fn new(
        question: &Question<'_>,
        model: &Model<'_>,
        formula: NodeId,
        beyond: Option<NodeId>,
        tree: Tree,
    ) -> Self {
        let key = |key: &crate::model::Key| {
            let facts: Vec<&crate::facts::Fact> = key.domain.facts().map(|fact| &**fact).collect();
            json!({"name": key.name, "free": key.free, "facts": facts})
        };
        Self {
            version: 2,
            question: written::question(question, beyond, question.about_owner(model)),
            keys: model.keys.iter().map(key).collect(),
            callers: model.callers.iter().map(written::caller).collect(),
            atoms: model.atoms().iter().map(|a| atom(model, a)).collect(),
            nodes: model.nodes().to_vec(),
            formula,
            tree,
        }
    }
}

/// A question as certificates have it, with its policies.
#[must_use]
pub fn asked(question: &Question<'_>) -> Value {
    written::question(question, None, None)
}

/// `{"caller": [true, …]}`, `{"action": [text, …]}`, `{"resource": {"any", "texts"}}` or `{"condition": …}`.
fn atom(model: &Model<'_>, atom: &Atom) -> Value {
    match atom {
        Atom::Caller(members) => json!({"caller": members}),
        Atom::Action(texts) => json!({"action": texts}),
        Atom::Resource { any, texts } => json!({"resource": {"any": any, "texts": texts}}),
        Atom::Condition(condition) => json!({"condition": condition_of(model, condition)}),
    }
}

fn condition_of(model: &Model<'_>, condition: &Condition) -> Value {
    let texts = |kind: &str, texts: &[Text]| json!({kind: texts});
    let test = match &condition.test {
        Test::Text(own) => texts("text", own),
        Test::Arn(own) => texts("arn", own),
        Test::Bool(own) => texts("bool", own),
        Test::Null {
            null: absent,
            value,
        } => json!({"null": {"null": absent, "value": value}}),
        Test::Measured(id) => {
            let written = model.measure(*id).and_then(|measure| measure.written());
            let values = written.map(|written| {
                let values = written.values.iter().map(|value| value.value.text.as_str());
                values.collect::<Vec<&str>>()
            });
            let operator = written.map(|written| {
                let mut operator = written.operator.value;
                (operator.qualifier, operator.if_exists, operator.negated) = (None, false, false);
                operator.to_string()
            });
            json!({"measured": {"operator": operator, "values": values}})
        }
    };
    json!({
        "key": condition.key,
        "qualifier": condition.qualifier.map(|qualifier| format!("{qualifier:?}")),
        "negated": condition.negated,
        "if_exists": condition.if_exists,
        "empty": condition.empty,
        "test": test,
    })
}

//! Text with wildcards and policy variables (IAM User Guide, "Policy variables").

use crate::text::Span;

/// One part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Characters that stand for themselves; escapes such as `${*}` end up here.
    Literal(String),
    /// `*`: any run of characters, also none.
    AnyRun,
    /// `?`: exactly one character.
    AnyOne,
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// The condition key.
        key: String,
        /// The text used when the key has no single value.
        default: Option<String>,
    },
}

/// A text split into what is literal, what is a wildcard and what is a variable.
///
/// Neighbouring literals are always merged, so that two templates are equal if and only if they mean the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// The parts, in order.
    pub parts: Vec<Part>,
}

/// What a text may hold besides characters that stand for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    pub(crate) variables: bool,
}

/// A malformed variable: where in the text, why, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateError {
    pub(crate) span: Span,
    pub(crate) reason: &'static str,
    pub(crate) fix: &'static str,
}

impl Template {
    /// A template of literal text.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        let mut template = Self::default();
        template.push_text(text);
        template
    }

    pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Self, TemplateError> {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                let at = text.len() - rest.len();
                let (part, len) =
                    parse_variable(rest).map_err(|(end, reason, fix)| TemplateError {
                        span: Span::new(at, at + end),
                        reason,
                        fix,
                    })?;
                match part {
                    Part::Literal(escaped) => template.push_text(&escaped),
                    variable => template.parts.push(variable),
                }
                rest = rest.get(len..).unwrap_or("");
                continue;
            }
            match first {
                '*' if syntax.wildcards => template.push_run(),
                '?' if syntax.wildcards => template.parts.push(Part::AnyOne),
                _ => template.push_char(first),
            }
            rest = rest.get(first.len_utf8()..).unwrap_or("");
        }
        Ok(template)
    }

    /// Whether any part is a variable.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Variable { .. }))
    }

    /// Whether any part is a wildcard.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::AnyRun | Part::AnyOne))
    }

    /// Whether it is `*` and nothing else.
    #[must_use]
    pub fn is_any(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::AnyRun])
    }

    /// The same template with its literal text in ASCII lower case.
    pub(crate) fn to_ascii_lowercase(&self) -> Self {
        let lower = |part: &Part| match part {
            Part::Literal(text) => Part::Literal(text.to_ascii_lowercase()),
            other => other.clone(),
        };
        Self {
            parts: self.parts.iter().map(lower).collect(),
        }
    }

    /// Cuts at the first five colons that stand in literal text; the last of the pieces keeps the rest. Fewer pieces
    /// come back where there are fewer colons.
    pub(crate) fn split_segments(&self) -> Vec<Self> {
        let mut segments = vec![Self::default()];
        for part in &self.parts {
            let Part::Literal(text) = part else {
                if let Some(last) = segments.last_mut() {
                    last.parts.push(part.clone());
                }
                continue;
            };
            let mut rest = text.as_str();
            while segments.len() < 6
                && let Some((head, tail)) = rest.split_once(':')
            {
                if let Some(last) = segments.last_mut() {
                    last.push_text(head);
                }
                segments.push(Self::default());
                rest = tail;
            }
            if let Some(last) = segments.last_mut() {
                last.push_text(rest);
            }
        }
        segments
    }

    fn push_text(&mut self, text: &str) {
        match self.parts.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(literal)) => literal.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_owned())),
        }
    }

    fn push_char(&mut self, character: char) {
        self.push_text(character.encode_utf8(&mut [0; 4]));
    }

    /// `**` means what `*` means.
    fn push_run(&mut self) {
        if self.parts.last() != Some(&Part::AnyRun) {
            self.parts.push(Part::AnyRun);
        }
    }
}

type VariableError = (usize, &'static str, &'static str);

/// Reads a variable at the front of `text`, which begins with `${`. Returns it with its length.
fn parse_variable(text: &str) -> Result<(Part, usize), VariableError> {
    const FORM: &str = "write `${key}` or `${key, 'default'}`; a literal dollar sign is `${$}`";
    let body = text.get(2..).unwrap_or("");
    for escape in ['*', '?', '$'] {
        if body
            .strip_prefix(escape)
            .is_some_and(|rest| rest.starts_with('}'))
        {
            return Ok((Part::Literal(escape.to_string()), 4));
        }
    }
    let key_len = body
        .find(['}', ',', ' ', '$', '{', '\'', '*', '?'])
        .unwrap_or(body.len());
    let key = body.get(..key_len).unwrap_or("");
    let rest = body.get(key_len..).unwrap_or("");
    let end = |extra: usize| 2 + key_len + extra;
    if rest.starts_with('}') {
        if key.is_empty() {
            return Err((3, "the variable is empty", FORM));
        }
        return Ok((
            Part::Variable {
                key: key.to_owned(),
                default: None,
            },
            end(1),
        ));
    }
    let Some(after_comma) = rest.strip_prefix(',') else {
        let reason = match rest.chars().next() {
            None => "the variable has no closing brace",
            Some(' ') => "a space is not allowed in a variable",
            Some(_) => "a variable's key cannot hold this character",
        };
        return Err((end(usize::from(!rest.is_empty())), reason, FORM));
    };
    if key.is_empty() {
        return Err((end(1), "the variable has a default but no key", FORM));
    }
    let quoted = after_comma.trim_start_matches(' ');
    let skipped = after_comma.len() - quoted.len();
    let default = quoted.strip_prefix('\'').ok_or((
        end(1 + skipped),
        "a variable's default stands in single quotes",
        FORM,
    ))?;
    let len = default.find('\'').ok_or((
        text.len(),
        "the variable's default has no closing quote",
        FORM,
    ))?;
    let closing = end(1 + skipped + 1 + len + 1);
    if !text.get(closing..).unwrap_or("").starts_with('}') {
        return Err((
            closing,
            "the variable has no closing brace behind its default",
            FORM,
        ));
    }
    let default = default.get(..len).unwrap_or("").to_owned();
    Ok((
        Part::Variable {
            key: key.to_owned(),
            default: Some(default),
        },
        closing + 1,
    ))
}

/// A template with wildcards and variables.
#[cfg(test)]
pub(crate) fn template_for_tests(text: &str) -> Template {
    Template::parse(
        text,
        Syntax {
            wildcards: true,
            variables: true,
        },
    )
    .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Syntax = Syntax {
        wildcards: true,
        variables: true,
    };

    fn parts(text: &str) -> Vec<Part> {
        Template::parse(text, ALL).unwrap().parts
    }

    fn literal(text: &str) -> Part {
        Part::Literal(text.to_owned())
    }

    fn variable(key: &str, default: Option<&str>) -> Part {
        Part::Variable {
            key: key.to_owned(),
            default: default.map(str::to_owned),
        }
    }

    #[test]
    fn variables_wildcards_and_escapes_are_told_apart() {
        assert_eq!(
            parts("a${aws:x}/**?${*}${?}${$}b"),
            [
                literal("a"),
                variable("aws:x", None),
                literal("/"),
                Part::AnyRun,
                Part::AnyOne,
                literal("*?$b")
            ]
        );
        assert_eq!(
            parts("${aws:x, 'no ne'}"),
            [variable("aws:x", Some("no ne"))]
        );
        assert_eq!(parts("${aws:x,''}"), [variable("aws:x", Some(""))]);
        assert_eq!(parts("$x$"), [literal("$x$")]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn without_variables_the_text_is_literal_and_wildcards_stay() {
        let syntax = Syntax {
            wildcards: true,
            variables: false,
        };
        let parsed = Template::parse("${aws:x}*", syntax).unwrap();
        assert_eq!(parsed.parts, [literal("${aws:x}"), Part::AnyRun]);
    }

    #[test]
    fn malformed_variables_are_refused_with_their_place() {
        for (text, reason) in [
            ("ab${}", "the variable is empty"),
            ("ab${aws:x", "the variable has no closing brace"),
            ("ab${aws:x y}", "a space is not allowed in a variable"),
            ("ab${ aws:x}", "a space is not allowed in a variable"),
            (
                "ab${aws:x, none}",
                "a variable's default stands in single quotes",
            ),
            (
                "ab${aws:x, 'none}",
                "the variable's default has no closing quote",
            ),
            (
                "ab${aws:x, 'none'",
                "the variable has no closing brace behind its default",
            ),
            (
                "ab${aws:x${aws:y}}",
                "a variable's key cannot hold this character",
            ),
            ("ab${, 'x'}", "the variable has a default but no key"),
        ] {
            let error = Template::parse(text, ALL).unwrap_err();
            assert_eq!((error.reason, error.span.start), (reason, 2), "{text}");
        }
    }

    #[test]
    fn segments_split_at_literal_colons_only() {
        let template = Template::parse("arn:aws:s3:::b:${aws:x}:y", ALL).unwrap();
        let segments = template.split_segments();
        assert_eq!(segments.len(), 6);
        assert_eq!(
            segments[5].parts,
            [literal("b:"), variable("aws:x", None), literal(":y")]
        );
        assert_eq!(
            Template::parse("arn:*", ALL)
                .unwrap()
                .split_segments()
                .len(),
            2
        );
    }
}

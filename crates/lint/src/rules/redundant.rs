//! Texts of a list that another text of the same list covers.

use crate::prelude::*;

/// Lists are compared each with each; what lies behind is not looked at.
const MOST: usize = 400;

/// Reports each text that another one covers, both as `folded` to be compared; of texts that are the same, all but the
/// first.
pub(super) fn report<'t>(
    policy: &Policy,
    texts: impl Iterator<Item = &'t Text>,
    folded: fn(&str) -> String,
    covers: fn(&str, &str) -> bool,
    out: &mut Reporter<'_>,
) {
    let texts: Vec<&Text> = texts.take(MOST).collect();
    let values: Vec<String> = texts.iter().map(|text| folded(&text.value)).collect();
    let all: Vec<Span> = texts.iter().map(|text| text.span).collect();
    for (index, (text, value)) in texts.iter().zip(&values).enumerate() {
        let mut others = texts.iter().zip(&values).enumerate();
        let wider = others.find(|(other, (wider, wider_value))| {
            let twice = text.value == wider.value;
            *other != index
                && wider.is_known()
                && covers(wider_value, value)
                && (!twice || *other < index)
        });
        let Some((_, (wider, _))) = wider.filter(|_| text.is_known()) else {
            continue;
        };
        let reason = format!("`{}` is covered by `{}`", text.shown(), wider.shown());
        let edits = edits::remove(policy, &all, index);
        let note = Note::at(text.span, reason).related(wider.span, "this covers it");
        out.push(note.safe_fix("remove it", edits));
    }
}

//! The truth table of the operators: one row an operator form, one column a state of the key.

use crate::facts::{Fact, condition_facts};
use crate::markdown::Row;
use crate::vocabulary::Draft;

/// The columns that say what the request holds. `m` matches, `n` matches too, `o` does not, `u`
/// cannot be read.
const STATES: [&str; 14] = [
    "absent", "[]", "m", "n", "o", "u", "[m]", "[o]", "[m,n]", "[m,o]", "[u]", "[m,u]", "[o,u]",
    "[o,o]",
];

/// Whether a table with these headers is (part of) the truth table.
pub(crate) fn is_matrix(headers: &[&str]) -> bool {
    headers.starts_with(&["id", "operator", "values"])
        && headers.iter().skip(3).all(|header| STATES.contains(header))
}

/// The facts of one row: two for each cell.
pub(crate) fn of_row(row: &Row, headers: &[String], samples: &[Row]) -> Result<Vec<Fact>, String> {
    let form = row.need("operator")?;
    let bare = form
        .trim_start_matches("ForAllValues:")
        .trim_start_matches("ForAnyValue:")
        .trim_end_matches("IfExists");
    let sample = samples
        .iter()
        .find(|sample| {
            sample
                .get("sample of")
                .is_some_and(|all| all.split(' ').any(|o| o == bare))
        })
        .ok_or_else(|| format!("no samples of `{bare}`"))?;
    let policy = match row.need("values")? {
        "one" => sample.need("policy")?.to_owned(),
        "two" => format!("[{},{}]", sample.need("policy")?, sample.need("second")?),
        "none" => "[]".to_owned(),
        other => return Err(format!("`{other}` is not a number of values")),
    };
    let block = format!("{{\"{form}\":{{\"test:key\":{policy}}}}}");
    let mut facts = Vec::new();
    for state in headers
        .iter()
        .filter(|header| STATES.contains(&header.as_str()))
    {
        let Some(result) = row.get(state) else {
            continue;
        };
        let mut draft = Draft::new(&[]);
        if state != "absent" {
            draft.set(
                "context",
                format!("{{\"test:key\":{}}}", request(state, sample)?),
            );
        }
        let mut made = condition_facts(row, &draft, &block, result)?;
        made.truncate(2);
        for fact in &mut made {
            fact.id = format!("{} {form} with {state}", fact.id);
        }
        facts.extend(made);
    }
    Ok(facts)
}

/// The JSON of a state, from the samples.
fn request(state: &str, sample: &Row) -> Result<String, String> {
    let mut text = String::new();
    for letter in state.chars() {
        match letter {
            'm' => text.push_str(sample.need("matches")?),
            'n' => text.push_str(sample.need("matches too")?),
            'o' => text.push_str(sample.need("other")?),
            'u' => text.push_str(sample.need("unreadable")?),
            c => text.push(c),
        }
    }
    Ok(text)
}

//! Compares the reference evaluator with the engine on random cases.
//!
//! `differential [COUNT [SEED]]` makes that many cases (a million if not said), prints how the
//! answers were distributed, and stops at the first disagreement with the smallest case that
//! shows it.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use reference::compare::{Outcome, difference, shrink};
use reference::generate::{Random, case};
use reference::{Json, engine};

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let count = numbers.next().unwrap_or(Ok(1_000_000));
    let seed = numbers.next().unwrap_or(Ok(1));
    let (Ok(count), Ok(seed)) = (count, seed) else {
        say("usage: differential [COUNT [SEED]]");
        return ExitCode::from(2);
    };
    let mut random = Random::new(seed);
    let mut mix: BTreeMap<String, u64> = BTreeMap::new();
    for number in 1..=count {
        let case = case(&mut random);
        let text = case.to_string();
        let (ours, theirs) = (reference::answer(&text), engine::answer(&text));
        if let Some(found) = difference(&ours, &theirs) {
            let small = shrink(&case, |json| {
                let text = json.to_string();
                let (ours, theirs) = (reference::answer(&text), engine::answer(&text));
                difference(&ours, &theirs) == Some(found)
            });
            say(&format!(
                "case {number} of seed {seed} differs in its {found:?}"
            ));
            disagree(&small);
            return ExitCode::FAILURE;
        }
        *mix.entry(label(&ours)).or_default() += 1;
    }
    say(&format!(
        "{count} cases of seed {seed}: the reference and the engine agree"
    ));
    for (answer, times) in mix {
        say(&format!("{times:>9}  {answer}"));
    }
    ExitCode::SUCCESS
}

fn disagree(case: &Json) {
    let text = case.to_string();
    say(&format!("case: {text}"));
    say(&format!("reference: {}", words(&reference::answer(&text))));
    say(&format!("engine:    {}", words(&engine::answer(&text))));
}

fn label(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => answer.to_string(),
        Err(_) => "refused".to_owned(),
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Ok(answer) => match &answer.message {
            Some(message) => format!("{answer} ({message})"),
            None => answer.to_string(),
        },
        Err(refusal) => format!("refused, {refusal}"),
    }
}

/// Writes a line; a reader that went away is no error.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

//! Times Palisade's decisions beside those of other engines on the same policies, and prints Markdown.
//!
//! `palisade-bench` times everything; `palisade-bench --repeat COUNT NAME` makes COUNT decisions of one scenario and prints
//! nothing, for tools that count instructions; `palisade-bench --names` lists the scenarios' names.

mod measure;
mod peers;
mod report;
mod scenario;
mod subject;

use scenario::Scenario;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] => {
            let scenarios = scenario::all()?;
            let timed = scenarios
                .iter()
                .map(measure::time)
                .collect::<Result<Vec<_>>>()?;
            print!("{}", report::markdown(&timed));
            Ok(())
        }
        ["--names"] => {
            for scenario in scenario::all()? {
                println!("{}", scenario.name);
            }
            Ok(())
        }
        ["--repeat", count, name] => repeat(count.parse()?, &scenario::one(name)?),
        _ => Err("usage: palisade-bench [--names | --repeat COUNT NAME]".into()),
    }
}

fn repeat(count: u64, scenario: &Scenario) -> Result {
    let palisade = scenario
        .subjects
        .first()
        .ok_or("the scenario has no subject")?;
    for _ in 0..count {
        std::hint::black_box((palisade.run)());
    }
    Ok(())
}

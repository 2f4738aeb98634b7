//! How long questions about all requests take, and how long the general solver cvc5 takes for those that it can be asked:
//! `palisade-bench-prove [PYTHON]`, where the python has cvc5 (`peers.sh`).

mod edits;
mod examples;
mod measure;
mod platform;
mod solver;

use measure::{best, once};
use platform::{Around, Own};
use policy::{AccountId, Document, NamedPolicy, PolicySet, PolicyType};
use prove::isolation::{Memory, Role, answer, by_name};
use prove::{Facts, Question, Trusted, alone, deputy, no_new_access};
use serde_json::json;

fn named(text: &str, kind: PolicyType) -> NamedPolicy {
    match Document::parse(text, kind) {
        Ok(document) => NamedPolicy::new("policy", document),
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn set(text: &str) -> PolicySet {
    PolicySet::compile([named(text, PolicyType::Identity)])
}

fn verdict(holds: Option<bool>) -> &'static str {
    match holds {
        Some(true) => "proved",
        Some(false) => "violated",
        None => "unknown",
    }
}

/// A time in the unit that suits it.
fn shown(micros: f64) -> String {
    match micros {
        few if few < 1_000.0 => format!("{few:.1} µs"),
        more => format!("{:.2} ms", more / 1e3),
    }
}

fn row(name: &str, verdict: &str, time: f64, target: &str, solver: &str) {
    println!(
        "| {name} | {verdict} | {} | {target} | {solver} |",
        shown(time)
    );
}

fn of_pair<'p>(old: &'p PolicySet, new: &'p PolicySet) -> Question<'p> {
    let stage = |set| alone(set, PolicyType::Identity, None);
    no_new_access(stage(old), stage(new))
}

fn examples(facts: &Facts, python: Option<&str>) {
    let all = examples::all();
    let said = python.map(|python| {
        let asked: Vec<_> = all
            .iter()
            .map(|(_, old, new)| solver::pair(old, new))
            .collect();
        solver::ask(python, &asked)
    });
    for (at, (name, old, new)) in all.iter().enumerate() {
        let [old, new] = [old, new].map(|text| set(text));
        let question = of_pair(&old, &new);
        let own = verdict(question.holds(facts));
        let time = best(20, 50, || question.holds(facts));
        let beside = said.as_ref().map_or("–".to_owned(), |said| {
            format!("{}, {}", shown(said[at].time), said[at].answer)
        });
        row(name, own, time, "50 µs", &beside);
    }
    let trusted = Trusted {
        owner: AccountId::parse("123456789012").expect("an account"),
        accounts: Vec::new(),
        organizations: Vec::new(),
        sources: Vec::new(),
    };
    let trust = named(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sagemaker.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sagemaker:us-west-2:123456789012:training-job/*"}}}]}"#,
        PolicyType::Trust,
    );
    let report = deputy(&trust, PolicyType::Trust, &trusted, facts);
    let ways = report.map_or(0, |report| report.parts.len());
    let time = best(10, 10, || {
        deputy(&trust, PolicyType::Trust, &trusted, facts).is_ok()
    });
    let name = format!("deputy: {ways} ways, each with what it rests on");
    row(&name, "proved", time, &shown(50.0 * ways as f64), "–");
}

/// One question, once: for a profiler.
fn once_asked(name: &str, facts: &Facts) {
    for (_, old, new) in examples::all().iter().filter(|(own, ..)| *own == name) {
        let [old, new] = [old, new].map(|text| set(text));
        println!("{}", verdict(of_pair(&old, &new).holds(facts)));
    }
    let around = Around::new();
    let own = [Own::new(0, false)];
    if name == "isolation" {
        println!(
            "{}",
            answer(&platform::roles(&own, &around), platform::tenancy(), facts).verdict(None)
        );
    }
}

fn percentile(times: &[f64], share: f64) -> f64 {
    times[((times.len() - 1) as f64 * share) as usize]
}

/// How many of the edits the general solver is asked.
const ASKED: u64 = 100;

fn edits(facts: &Facts, python: Option<&str>) {
    let mut times = Vec::new();
    let mut answers = Vec::new();
    for seed in 0..1_000 {
        let (old, new) = edits::edit(seed);
        let [old, new] = [set(&old), set(&new)];
        let question = of_pair(&old, &new);
        answers.push(verdict(question.holds(facts)));
        times.push(best(5, 1, || question.holds(facts)));
    }
    times.sort_by(f64::total_cmp);
    let said = python.map(|python| {
        let asked: Vec<_> = (0..ASKED)
            .map(edits::edit)
            .map(|(old, new)| solver::pair(&old, &new))
            .collect();
        let said = solver::ask(python, &asked);
        let mut differing = 0;
        for (seed, (said, own)) in (0..).zip(said.iter().zip(&answers)) {
            if said.answer != "unknown" && said.answer != *own {
                let (old, new) = edits::edit(seed);
                eprintln!(
                    "cvc5 says {} and Palisade {own}:\n old {old}\n new {new}",
                    said.answer
                );
                differing += 1;
            }
        }
        eprintln!("of {ASKED} edits cvc5 answers {differing} otherwise");
        let mut times: Vec<f64> = said.into_iter().map(|said| said.time).collect();
        times.sort_by(f64::total_cmp);
        times
    });
    let count = |wanted: &str| answers.iter().filter(|answer| **answer == wanted).count();
    let counts = format!(
        "{} proved, {} violated, {} unknown",
        count("proved"),
        count("violated"),
        count("unknown")
    );
    for (name, share, target) in [
        ("p50", 0.5, "5 µs"),
        ("p99", 0.99, "500 µs"),
        ("most", 1.0, "–"),
    ] {
        let beside = said
            .as_ref()
            .map_or("–".to_owned(), |times| shown(percentile(times, share)));
        let name = format!("no new access, 1,000 generated edits: {name}");
        row(&name, &counts, percentile(&times, share), target, &beside);
    }
}

fn isolation(facts: &Facts) {
    let around = Around::new();
    let mut own: Vec<Own> = (0..250).map(|number| Own::new(number, false)).collect();
    let roles = platform::roles(&own, &around);
    let found = answer(&roles, platform::tenancy(), facts);
    let counts = format!("{}, {} claims", found.verdict(None), found.findings.len());
    let time = best(5, 1, || answer(&roles, platform::tenancy(), facts));
    row(
        "isolation, all obligations and layers, 1,000 policies of 250 roles",
        &counts,
        time,
        "100 ms",
        "–",
    );
    let mut memory = Memory::default();
    let _ = memory.answer(&roles, platform::tenancy(), facts);
    let mut least = f64::INFINITY;
    let mut verdict = "";
    for edit in 0..10 {
        own[17] = Own::new(17, edit % 2 == 0);
        let roles = platform::roles(&own, &around);
        let tenancy = platform::tenancy();
        let (time, again) = once(|| memory.answer(&roles, tenancy, facts));
        verdict = again.verdict(None);
        least = least.min(time);
    }
    row("the same again after one edit", verdict, least, "1 ms", "–");
}

fn tenants(facts: &Facts, python: Option<&str>) {
    for count in [1_000, 100_000] {
        let own: Vec<(String, PolicySet)> = (0..count).map(platform::tenant).collect();
        let roles: Vec<Role<'_>> = own
            .iter()
            .map(|(name, set)| Role {
                name: name.clone(),
                stage: alone(set, PolicyType::Identity, None),
                trust: None,
            })
            .collect();
        let found = by_name(&roles, platform::tenants_tenancy(), facts);
        let time = best(5, 1, || by_name(&roles, platform::tenants_tenancy(), facts));
        let target = if count == 1_000 { "1 ms" } else { "100 ms" };
        let name = format!("{count} tenants with a literal policy each");
        let fewer = [10, 30, 100];
        let beside = python
            .filter(|_| count == 1_000)
            .map_or("–".to_owned(), |python| {
                let said = solver::ask(python, &fewer.map(|count| json!({"tenants": count})));
                let one = |(count, said): (&i32, &solver::Said)| {
                    format!("{count} tenants {}, {}", shown(said.time), said.answer)
                };
                fewer
                    .iter()
                    .zip(&said)
                    .map(one)
                    .collect::<Vec<_>>()
                    .join("; ")
            });
        row(&name, found.verdict(None), time, target, &beside);
    }
}

fn main() {
    let facts = Facts::default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = arguments.as_slice()
        && flag == "--once"
    {
        return once_asked(name, &facts);
    }
    let python = arguments.into_iter().next();
    let python = python.as_deref();
    println!("| question | answer | Palisade | target | cvc5 |\n|---|---|---:|---:|---:|");
    examples(&facts, python);
    edits(&facts, python);
    isolation(&facts);
    tenants(&facts, python);
}

//! How long questions about all requests take: the examples, and generated edits of policies.

mod edits;

use policy::{AccountId, Document, NamedPolicy, PolicySet, PolicyType};
use prove::{Facts, Question, Trusted, alone, deputy, no_new_access, not_granted};
use std::hint::black_box;
use std::time::{Duration, Instant};

fn named(text: &str, kind: PolicyType) -> NamedPolicy {
    match Document::parse(text, kind) {
        Ok(document) => NamedPolicy::new("policy", document),
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn set(text: &str) -> PolicySet {
    PolicySet::compile([named(text, PolicyType::Identity)])
}

/// The time of one call, the best of several rounds.
fn best(mut call: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..7 {
        let rounds = 200;
        let start = Instant::now();
        for _ in 0..rounds {
            call();
        }
        best = best.min(start.elapsed() / rounds);
    }
    best
}

fn statement(action: &str, resource: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}","Condition":{{{condition}}}}}]}}"#
    )
}

fn row(name: &str, verdict: &str, time: Duration) {
    println!(
        "| {name} | {verdict} | {:.1} µs |",
        time.as_secs_f64() * 1e6
    );
}

fn ask(name: &str, question: &Question<'_>, facts: &Facts) {
    let verdict = match question.holds(facts) {
        Some(true) => "proved",
        Some(false) => "violated",
        None => "unknown",
    };
    let time = best(|| {
        black_box(question.holds(facts));
    });
    row(name, verdict, time);
}

fn examples(facts: &Facts) {
    let prefix = |end: &str| {
        set(&statement(
            "s3:GetObject",
            &format!("arn:aws:s3:::my-bucket/my_domain/users/${{aws:SourceIdentity}}{end}"),
            "",
        ))
    };
    let [closed, open] = [prefix("/*"), prefix("*")];
    let stage = |set| alone(set, PolicyType::Identity, None);
    ask(
        "S3 prefix, nothing new",
        &no_new_access(stage(&open), stage(&closed)),
        facts,
    );
    ask(
        "S3 prefix, slash removed",
        &no_new_access(stage(&closed), stage(&open)),
        facts,
    );
    let jobs = |operator: &str| {
        set(&statement(
            "sagemaker:DescribeTrainingJob",
            "arn:aws:sagemaker:us-west-2:111122223333:training-job/*",
            &format!(
                r#""{operator}":{{"sagemaker:ResourceTag/sagemaker:user-profile-arn":"arn:aws:sagemaker:us-west-2:111122223333:user-profile/${{sagemaker:DomainId}}/${{sagemaker:UserProfileName}}"}}"#
            ),
        ))
    };
    let [like, equals] = [jobs("StringLike"), jobs("StringEquals")];
    ask(
        "training job, nothing new",
        &no_new_access(stage(&like), stage(&equals)),
        facts,
    );
    let secrets = set(&statement(
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:user-secrets/${aws:SourceIdentity}/*",
        "",
    ));
    let target = set(&statement(
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-west-2:111122223333:secret:admin/*",
        "",
    ));
    ask(
        "secrets, admin's not granted",
        &not_granted(stage(&secrets), &target),
        facts,
    );
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
    let time = best(|| {
        let _ = black_box(deputy(&trust, PolicyType::Trust, &trusted, facts));
    });
    row("deputy, all ways, with what it assumes", "proved", time);
}

fn percentile(times: &[Duration], share: f64) -> f64 {
    let at = ((times.len() - 1) as f64 * share) as usize;
    times[at].as_secs_f64() * 1e6
}

fn main() {
    let facts = Facts::default();
    println!("| question | verdict | time |\n|---|---|---:|");
    examples(&facts);
    let mut times = Vec::new();
    let mut counts = [0; 3];
    for seed in 0..1_000 {
        let (old, new) = edits::edit(seed);
        let [old, new] = [set(&old), set(&new)];
        let question = no_new_access(
            alone(&old, PolicyType::Identity, None),
            alone(&new, PolicyType::Identity, None),
        );
        let start = Instant::now();
        let answer = black_box(question.holds(&facts));
        let mut time = start.elapsed();
        for _ in 0..4 {
            let start = Instant::now();
            black_box(question.holds(&facts));
            time = time.min(start.elapsed());
        }
        times.push(time);
        counts[match answer {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        }] += 1;
    }
    times.sort();
    println!(
        "\n1,000 edits, no new access: {} proved, {} violated, {} unknown; p50 {:.1} µs, p90 {:.1} µs, p99 {:.1} µs, most {:.1} µs",
        counts[0],
        counts[1],
        counts[2],
        percentile(&times, 0.5),
        percentile(&times, 0.9),
        percentile(&times, 0.99),
        percentile(&times, 1.0),
    );
}

//! What is synthesised has none of the faults that `palisade check` knows of this field, in any form.

use lint::{Input, Options};
use policy::text::Source;
use synth::Format;

use crate::{Tenancy, example, examples};

/// What is proved of roles is proved of their own policies: no bucket, secret or file system lets a role of its own account do
/// more.
#[test]
fn resources_allow_nobody_of_their_account() {
    for name in examples() {
        let plan = Tenancy::of(&example(&name)).plan;
        for account in &plan.accounts {
            let named = account.buckets.iter().chain(&account.secrets);
            let mounted = account.file_systems.iter();
            let mounted = mounted.map(|system| (&system.name, &system.policy));
            let all = named.map(|it| (&it.name, &it.policy)).chain(mounted);
            for (of, policy) in all {
                let statements = policy.json()["Statement"].as_array().unwrap();
                for statement in statements.iter().filter(|it| it["Effect"] == "Allow") {
                    let own = format!("iam::{}:", account.id);
                    let principal = statement["Principal"].to_string();
                    let mounts = statement["Action"]
                        .to_string()
                        .contains("elasticfilesystem:");
                    assert!(mounts || principal != "\"*\"", "{name} {of}: {statement}");
                    assert!(!principal.contains(&own), "{name} {of}: {statement}");
                }
            }
        }
    }
}

#[test]
fn nothing_of_this_field_is_found_in_any_example() {
    for name in examples() {
        let plan = Tenancy::of(&example(&name)).plan;
        for format in Format::ALL {
            let files = synth::files(&plan, &[format]);
            let json = files.iter().filter(|file| file.path.ends_with(".json"));
            let inputs: Vec<Input> = json
                .map(|file| Input {
                    source: Source::named(file.path.as_str(), file.text.as_str()),
                    kind: None,
                })
                .collect();
            let report = lint::check(&inputs, &Options::default());
            assert!(report.policies > 3, "{name}: {}", report.policies);
            let ours = report.findings.iter().filter(|finding| {
                ["PAL7", "PAL8", "PAL9"]
                    .iter()
                    .any(|of| finding.rule.code.starts_with(of))
            });
            let shown: Vec<String> = ours
                .map(|it| {
                    format!(
                        "{:?} {} {}: {}",
                        it.source.name(),
                        it.policy,
                        it.rule.code,
                        it.reason
                    )
                })
                .collect();
            assert!(shown.is_empty(), "{name}:\n{}", shown.join("\n"));
        }
    }
}

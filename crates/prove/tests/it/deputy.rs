//! The trust policies of SageMaker's page on confused deputies, as they stand and with one thing changed.

use crate::worlds::parsed;
use policy::{AccountId, PolicyType};
use prove::{Facts, Report, Trusted, deputy};

const OWNER: &str = "123456789012";

/// Each feature with the source that its role is for (SageMaker Developer Guide, "Cross-service confused deputy
/// prevention").
const FEATURES: [(&str, &str); 10] = [
    ("Edge Manager", "arn:aws:sagemaker:us-west-2:123456789012:*"),
    (
        "Images",
        "arn:aws:sagemaker:us-west-2:123456789012:image-version/*",
    ),
    ("Inference", "arn:aws:sagemaker:us-west-2:123456789012:*"),
    (
        "Batch Transform",
        "arn:aws:sagemaker:us-west-2:123456789012:transform-job/*",
    ),
    ("Marketplace", "arn:aws:sagemaker:us-west-2:123456789012:*"),
    (
        "Neo",
        "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/*",
    ),
    (
        "Pipelines",
        "arn:aws:sagemaker:us-west-2:123456789012:pipeline/mypipeline/*",
    ),
    (
        "Processing",
        "arn:aws:sagemaker:us-west-2:123456789012:processing-job/*",
    ),
    ("Studio", "arn:aws:sagemaker:us-west-2:123456789012:*"),
    (
        "Training",
        "arn:aws:sagemaker:us-west-2:123456789012:training-job/*",
    ),
];

type Change = fn(&str) -> String;

/// What is changed, and the condition then.
const CHANGES: [(&str, Change); 15] = [
    ("as on the page", |arn| on("ArnLike", arn)),
    ("any region", |arn| on("ArnLike", &any_region(arn))),
    ("and the account", |arn| {
        format!(
            r#"{{"ArnLike":{{"aws:SourceArn":"{arn}"}},"StringEquals":{{"aws:SourceAccount":"{OWNER}"}}}}"#
        )
    }),
    ("the account alone", |_| {
        format!(r#"{{"StringEquals":{{"aws:SourceAccount":"{OWNER}"}}}}"#)
    }),
    ("no condition", |_| "{}".to_owned()),
    ("IfExists", |arn| on("ArnLikeIfExists", arn)),
    ("ForAllValues", |arn| on("ForAllValues:ArnLike", arn)),
    ("Null alone", |_| {
        r#"{"Null":{"aws:SourceArn":"false"}}"#.to_owned()
    }),
    ("the operator's opposite", |arn| on("ArnNotLike", arn)),
    ("any account", |arn| on("ArnLike", &arn.replace(OWNER, "*"))),
    ("a wildcard in the account", |arn| {
        on("ArnLike", &arn.replace(OWNER, "12345678901*"))
    }),
    ("another account", |arn| {
        on("ArnLike", &arn.replace(OWNER, "111122223333"))
    }),
    ("an account that disagrees", |arn| {
        format!(
            r#"{{"ArnLike":{{"aws:SourceArn":"{arn}"}},"StringEquals":{{"aws:SourceAccount":"111122223333"}}}}"#
        )
    }),
    ("StringLike", |arn| on("StringLike", arn)),
    ("StringLike, any region", |arn| {
        on("StringLike", &any_region(arn))
    }),
];

fn on(operator: &str, arn: &str) -> String {
    format!(r#"{{"{operator}":{{"aws:SourceArn":"{arn}"}}}}"#)
}

fn any_region(arn: &str) -> String {
    arn.replace("us-west-2", "*")
}

fn ask(condition: &str, source: &str) -> Report {
    ask_with(condition, source, &Facts::default())
}

/// The report of every feature and change.
pub(crate) fn reports(facts: &Facts) -> Vec<Report> {
    let of = |(_, source): (&str, &'static str)| {
        CHANGES.map(|(_, condition)| ask_with(&condition(source), source, facts))
    };
    FEATURES.into_iter().flat_map(of).collect()
}

fn ask_with(condition: &str, source: &str, facts: &Facts) -> Report {
    let sources = vec![any_region(source)];
    ask_of(condition, Vec::new(), sources, facts)
}

/// What a trust policy with a condition promises to an owner who trusts these organisations, and only these sources if there
/// are any.
fn ask_of(
    condition: &str,
    organizations: Vec<String>,
    sources: Vec<String>,
    facts: &Facts,
) -> Report {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"sagemaker.amazonaws.com"}},
        "Action":"sts:AssumeRole","Condition":{condition}}}]}}"#
    );
    let trusted = Trusted {
        owner: AccountId::parse(OWNER).unwrap(),
        accounts: Vec::new(),
        organizations,
        sources,
    };
    let policy = parsed(&text, PolicyType::Trust);
    deputy(&policy, PolicyType::Trust, &trusted, facts).unwrap()
}

/// One line for each way of the confusion.
fn lines(report: &Report) -> String {
    let mut lines = String::new();
    for part in &report.parts {
        let id = part.id.as_deref().unwrap_or("");
        lines += &format!("  {id} {}", part.outcome.name());
        if let prove::Outcome::Verdict(verdict) = &part.outcome {
            if let Some(violation) = verdict.violation() {
                let context = violation.request().context();
                for key in ["aws:SourceArn", "aws:SourceAccount"] {
                    let value = context
                        .get(key)
                        .map_or("absent".to_owned(), |value| value.as_slice().join(","));
                    lines += &format!(", {key} {value}");
                }
                assert_eq!(violation.request().action().as_str(), "sts:AssumeRole");
            }
            if let prove::Verdict::Proved(proof) = verdict {
                for fact in &proof.assumptions {
                    lines += &format!(", assuming {}", fact.id);
                }
            }
        }
        lines += "\n";
    }
    lines
}

/// `UPDATE=1` writes the file anew.
#[test]
fn every_policy_of_the_page_holds_and_every_change_is_told() {
    let mut matrix = String::new();
    for (feature, source) in FEATURES {
        for (change, condition) in CHANGES {
            let report = ask(&condition(source), source);
            matrix += &format!("{feature}, {change}: {}\n", report.outcome.name());
            matrix += &lines(&report);
            let holds = ["as on the page", "any region", "and the account"].contains(&change);
            assert!(
                !holds || report.outcome.name() == "proved",
                "{feature} {change}: {report:?}"
            );
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/deputy.golden");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &matrix).unwrap();
    }
    assert_eq!(
        matrix,
        std::fs::read_to_string(path).unwrap(),
        "run with UPDATE=1 and compare"
    );
}

/// What a trust policy with a condition promises to an owner who trusts an organisation.
fn in_organization(condition: &str) -> Report {
    let organizations = vec!["o-a1b2c3d4e5".to_owned()];
    ask_of(condition, organizations, Vec::new(), &Facts::default())
}

#[test]
fn an_organisation_says_for_whom_a_service_acts() {
    for closed in [
        r#"{"StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-a1b2c3d4e5/r-ab12/*"}}"#,
        r#"{"StringEquals":{"aws:SourceOrgID":"o-a1b2c3d4e5"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"}}"#,
    ] {
        let report = in_organization(closed);
        assert_eq!(report.outcome.name(), "proved", "{closed} {report:?}");
    }
    for open in [
        r#"{"StringEqualsIfExists":{"aws:SourceOrgID":"o-a1b2c3d4e5"}}"#,
        r#"{"StringEquals":{"aws:SourceOrgID":["o-a1b2c3d4e5","o-zzzzzzzzzz"]}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-*/r-ab12/*"}}"#,
        r#"{"Null":{"aws:SourceOrgID":"false"}}"#,
    ] {
        let report = in_organization(open);
        assert_eq!(report.outcome.name(), "violated", "{open} {report:?}");
    }
}

#[test]
fn the_account_of_the_role_is_its_owners() {
    let condition = r#"{"StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}}"#;
    assert_eq!(in_organization(condition).outcome.name(), "proved");
}

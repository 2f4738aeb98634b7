//! What a team uses of SageMaker, and what policies cannot keep apart of it.

use super::Parser;
use crate::suggest::closest;
use crate::table::Table;
use crate::{Feature, names};

/// What is asked for and not written: how it may be called, why not, and what to do instead.
struct Unsupported {
    names: &'static [&'static str],
    reason: &'static str,
    fix: &'static str,
}

/// SageMaker Developer Guide, "Turn on source identity in CloudTrail logs" and "Domain resource isolation".
const UNSUPPORTED: &[Unsupported] = &[
    Unsupported {
        names: &["shared_spaces", "shared-spaces"],
        reason: "sessions of shared spaces carry no name: nobody could be told apart in one, or made answer for it",
        fix: "leave it out: members have private spaces, and share data with a `[[share]]`",
    },
    Unsupported {
        names: &["automl", "autopilot"],
        reason: "AutoML jobs carry no name, and make jobs and models of their own that would be nobody's",
        fix: "leave it out: `training` has tuning jobs, which are their maker's",
    },
    Unsupported {
        names: &["model_registry", "model-registry"],
        reason: "versions in the model registry carry no tags of their own: nothing says whose they are",
        fix: "leave it out: publish models with a `[[share]]` of objects",
    },
];

/// Words for what is written under another name.
const MEANT: &[(&str, &str)] = &[
    (
        "feature-store",
        "leave it out, and write `feature_store = true` in the team",
    ),
    (
        "feature_store",
        "leave it out, and write `feature_store = true` in the team",
    ),
    ("tuning", "write `training`, which tuning belongs to"),
    (
        "hyperparameter-tuning",
        "write `training`, which tuning belongs to",
    ),
    ("hosting", "write `inference`"),
    ("endpoints", "write `inference`"),
    ("emr", "leave it out, and name `clusters` in the team"),
];

impl Parser<'_> {
    pub(super) fn features(&mut self, table: &mut Table<'_>) -> Vec<Feature> {
        if !table.has("features") {
            table.missing("features", &mut self.report);
        }
        if let Some(place) = table.empty_list("features") {
            let known = Feature::ALL.map(Feature::name).join("`, `");
            let reason = "the team uses nothing of SageMaker, and its role would be for nothing";
            self.report
                .mistake(&place, reason, format!("write some of: `{known}`"));
        }
        let words = table.texts("features", names::any, &mut self.report);
        let mut features: Vec<Feature> = Vec::new();
        for word in words {
            let lower = word.value.to_ascii_lowercase();
            if let Some(feature) = Feature::named(&word.value) {
                features.push(feature);
                continue;
            }
            if let Some(known) = UNSUPPORTED
                .iter()
                .find(|it| it.names.contains(&lower.as_str()))
            {
                self.report.mistake(&word.place, known.reason, known.fix);
                continue;
            }
            let known = Feature::ALL.map(Feature::name);
            let meant = MEANT.iter().find(|(name, _)| *name == lower);
            let fix = match (meant, closest(&word.value, known.into_iter())) {
                (Some((_, fix)), _) => (*fix).to_owned(),
                (_, Some(name)) => format!("write `{name}`"),
                _ => format!("write one of: `{}`", known.join("`, `")),
            };
            let reason = format!("`{}` is no feature of SageMaker known here", word.value);
            self.report.mistake(&word.place, reason, fix);
        }
        features.sort_unstable();
        features.dedup();
        features
    }

    /// Notes what somebody would write a team, and what policies could not keep apart.
    pub(super) fn unsupported(&mut self, table: &mut Table<'_>) {
        for known in UNSUPPORTED {
            let key = known.names.first().copied().unwrap_or_default();
            if let Some(value) = table.take_refused(key)
                && value.get_ref().as_bool() != Some(false)
            {
                self.report.mistake(&value.span(), known.reason, known.fix);
            }
        }
    }
}

//! SageMaker as a deputy: which `aws:SourceArn` each feature sends, and how far a trust policy may narrow it
//! (SageMaker Developer Guide, "Cross-service confused deputy prevention").

use blueprint::Feature;

use crate::Problem;
use crate::place::Place;
use crate::statement::{Policy, Statement};

/// The service principal.
pub(crate) const PRINCIPAL: &str = "sagemaker.amazonaws.com";

/// Whether a trust policy may name one resource of a feature.
enum Narrowing {
    /// One resource of this type.
    One(&'static str),
    /// One pipeline, never one execution.
    Pipeline,
    /// None: the guide says that it breaks the feature.
    Never(&'static str),
}

/// What a feature's trust policy looks like: the ends of the patterns, and how they may be narrowed.
fn form(feature: Feature) -> (&'static [&'static str], Narrowing) {
    let literal = "the asterisk in `:*` is no wildcard to SageMaker, it sends this very text";
    match feature {
        Feature::Studio => (&["*"], Narrowing::Never(literal)),
        Feature::Inference => (&["*"], Narrowing::Never(literal)),
        Feature::Marketplace => (
            &["*"],
            Narrowing::Never(
                "validation runs training jobs, models and transform jobs, and then publishes \
                 algorithms and model packages, all with the same role",
            ),
        ),
        Feature::Images => (
            &["image/*", "image-version/*"],
            Narrowing::Never("the resource part must stay `image` or `image-version`"),
        ),
        Feature::Training => (&["training-job/*"], Narrowing::One("training-job")),
        Feature::Processing => (&["processing-job/*"], Narrowing::One("processing-job")),
        Feature::BatchTransform => (&["transform-job/*"], Narrowing::One("transform-job")),
        Feature::Neo => (&["compilation-job/*"], Narrowing::One("compilation-job")),
        Feature::EdgeManager => (&["*"], Narrowing::One("edge-packaging-job")),
        Feature::Pipelines => (&["pipeline/*"], Narrowing::Pipeline),
    }
}

/// The patterns of several features together: `:*` alone where one of them needs it, for it matches the others.
pub(crate) fn union(place: &Place<'_>, features: &[Feature]) -> Vec<String> {
    let ends = features.iter().flat_map(|feature| form(*feature).0.iter());
    let mut ends: Vec<&str> = ends.copied().collect();
    if ends.is_empty() || ends.contains(&"*") {
        ends = vec!["*"];
    }
    ends.iter().map(|end| place.sagemaker(end)).collect()
}

/// What SageMaker sends as `aws:SourceArn` when it assumes a role for a feature: the literal `:*` where the guide says
/// that the asterisk is no wildcard, else the ARN of what it works on, here one called `example`.
#[must_use]
pub fn sent(feature: Feature, partition: &str, region: &str, account: &str) -> String {
    let resource = match feature {
        Feature::Studio | Feature::Inference => "*",
        Feature::Training => "training-job/example",
        Feature::Processing => "processing-job/example",
        Feature::Pipelines => "pipeline/example/execution/abcdefghijkl",
        Feature::BatchTransform => "transform-job/example",
        Feature::Images => "image-version/example/1",
        Feature::Marketplace => "model-package/example",
        Feature::Neo => "compilation-job/example",
        Feature::EdgeManager => "edge-packaging-job/example",
    };
    Place {
        partition,
        region,
        account,
    }
    .sagemaker(resource)
}

/// What a trust statement for one feature is to say.
#[derive(Debug, Clone)]
pub struct Deputy {
    /// The feature.
    pub feature: Feature,
    /// The account whose resources may use the role.
    pub account: String,
    /// Where they are; anywhere without.
    pub region: Option<String>,
    /// Such as `aws`; follows from the region where it is not given.
    pub partition: Option<String>,
    /// The one resource, or pattern of resources, that may use the role.
    pub arn: Option<String>,
    /// Whether sessions carry a source identity.
    pub source_identity: bool,
    /// Whether sessions carry session tags.
    pub session_tags: bool,
}

/// A trust policy, and what its reader should know.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The policy.
    pub policy: Policy,
    /// Remarks.
    pub notes: Vec<String>,
}

impl Deputy {
    /// Writes the trust policy of a role that SageMaker assumes for the feature.
    ///
    /// # Errors
    /// What is wrong with the account, the region or the ARN, or why the ARN would break the feature.
    pub fn trust(&self) -> Result<Trust, Problem> {
        if self.account.len() != 12 || !self.account.chars().all(|c| c.is_ascii_digit()) {
            return Err(Problem(format!(
                "`{}` is no account id: write its twelve digits",
                self.account
            )));
        }
        let region = self.region.as_deref().unwrap_or("*");
        check_region(self.region.as_deref())?;
        let partition = self.partition()?;
        let place = Place {
            partition,
            region,
            account: &self.account,
        };
        let (ends, narrowing) = form(self.feature);
        let sources = match &self.arn {
            None => ends.iter().map(|end| place.sagemaker(end)).collect(),
            Some(arn) => vec![self.narrowed(arn, &place, ends, &narrowing)?],
        };
        let identity = self.source_identity.then_some("sts:SetSourceIdentity");
        let tags = self.session_tags.then_some("sts:TagSession");
        let statement = Statement::allow("SageMakerForThisAccount")
            .principal("Service", &[PRINCIPAL.to_owned()])
            .actions(["sts:AssumeRole"])
            .actions(identity)
            .actions(tags)
            .when("ArnLike", "aws:SourceArn", sources)
            .when("StringEquals", "aws:SourceAccount", [&self.account]);
        Ok(Trust {
            policy: Policy::new(&[statement]),
            notes: self.notes(partition, &narrowing),
        })
    }

    /// The partition that was given, or the one that the region is in.
    fn partition(&self) -> Result<&str, Problem> {
        let implied = match self.region.as_deref() {
            Some(region) => Some(policy::partition_of(region)),
            None => self.arn.as_deref().and_then(partition_of),
        };
        match (self.partition.as_deref(), implied) {
            (Some(given), Some(implied)) if given != implied => Err(Problem(format!(
                "the partition `{given}` is not the one of the region or ARN, which is in `{implied}`"
            ))),
            (Some(given), _) => match given.split('-').all(is_word) && given.starts_with("aws") {
                true => Ok(given),
                false => Err(Problem(format!(
                    "`{given}` is no partition: write one such as `aws` or `aws-cn`"
                ))),
            },
            (None, implied) => Ok(implied.unwrap_or("aws")),
        }
    }

    fn narrowed(
        &self,
        arn: &str,
        place: &Place<'_>,
        ends: &[&str],
        narrowing: &Narrowing,
    ) -> Result<String, Problem> {
        let feature = self.feature;
        let resource = self.resource_of(arn, place)?;
        if ends.contains(&resource) || resource == "*" {
            return Ok(arn.to_owned());
        }
        let form = ends
            .iter()
            .map(|end| format!("`{}`", place.sagemaker(end)))
            .collect::<Vec<_>>()
            .join(" or ");
        match narrowing {
            // The older of the guide's forms, without a name.
            Narrowing::Never(_)
                if ends
                    .iter()
                    .any(|end| end.strip_suffix("/*") == Some(resource)) =>
            {
                Ok(format!("{arn}/*"))
            }
            Narrowing::Never(why) => Err(Problem(format!(
                "`{arn}` would break the feature {feature}: {why}; leave `--arn` out, for {form}"
            ))),
            Narrowing::One(kind) => match resource.strip_prefix(kind).and_then(behind_slash) {
                Some(name) if is_name(name) => Ok(arn.to_owned()),
                _ => Err(Problem(format!(
                    "SageMaker never names `{arn}` for the feature {feature}: it is about one \
                     `{kind}`, so write `{}`",
                    place.sagemaker(&format!("{kind}/NAME"))
                ))),
            },
            Narrowing::Pipeline => self.one_pipeline(arn, resource, place),
        }
    }

    fn one_pipeline(
        &self,
        arn: &str,
        resource: &str,
        place: &Place<'_>,
    ) -> Result<String, Problem> {
        let rest = resource.strip_prefix("pipeline").and_then(behind_slash);
        let name = rest.map(|rest| rest.strip_suffix("/*").unwrap_or(rest));
        match name {
            Some(name) if is_name(name) => {
                let head = arn.strip_suffix(resource).unwrap_or(arn);
                Ok(format!("{head}pipeline/{name}/*"))
            }
            Some(name) if name.contains("/execution") => Err(Problem(format!(
                "`{arn}` names one execution, and would break the feature pipelines: the next execution \
                 has another ARN; write `{}` for every execution of one pipeline",
                place.sagemaker("pipeline/NAME/*")
            ))),
            _ => Err(Problem(format!(
                "SageMaker never names `{arn}` for the feature pipelines: write `{}` for every execution \
                 of one pipeline",
                place.sagemaker("pipeline/NAME/*")
            ))),
        }
    }

    /// The part of an ARN behind the account, where all before it is as it must be.
    fn resource_of<'a>(&self, arn: &'a str, place: &Place<'_>) -> Result<&'a str, Problem> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "sagemaker", region, account, resource] = parts.as_slice() else {
            return Err(Problem(format!(
                "`{arn}` is no ARN of SageMaker: write `{}`",
                place.sagemaker("TYPE/NAME")
            )));
        };
        if account.is_empty() || region.is_empty() {
            return Err(Problem(format!(
                "`{arn}` has an empty region or account, which no resource of SageMaker has: write both"
            )));
        }
        if *account != self.account {
            return Err(Problem(format!(
                "`{arn}` is of the account {account}, and `aws:SourceAccount` would be {}: no request has \
                 both, so nothing could assume the role; name the same account in both",
                self.account
            )));
        }
        if *partition != place.partition {
            return Err(Problem(format!(
                "`{arn}` is in the partition `{partition}`, and the role is for `{}`",
                place.partition
            )));
        }
        if let Some(wanted) = &self.region
            && region != wanted
        {
            return Err(Problem(format!(
                "`{arn}` is in {region}, and `--region` says {wanted}: leave one of them out"
            )));
        }
        if arn.contains('$') || resource.is_empty() || resource.chars().any(char::is_whitespace) {
            return Err(Problem(format!(
                "`{arn}` names no resource: write a type and a name, without variables"
            )));
        }
        Ok(resource)
    }

    fn notes(&self, partition: &str, narrowing: &Narrowing) -> Vec<String> {
        let mut notes = Vec::new();
        if let (Narrowing::Never(why), None) = (narrowing, &self.arn) {
            notes.push(format!("the pattern may not be narrowed: {why}"));
        }
        if !matches!(partition, "aws" | "aws-cn") {
            notes.push(format!(
                "the guide speaks of the partitions `aws` and `aws-cn` only, not of `{partition}`"
            ));
        }
        if self.source_identity && !self.feature.carries_source_identity() {
            notes.push(format!(
                "sessions of the feature {} carry no source identity, so that the role needs no \
                 `sts:SetSourceIdentity` for it",
                self.feature
            ));
        }
        notes
    }
}

fn partition_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').next()
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase())
}

fn check_region(region: Option<&str>) -> Result<(), Problem> {
    let Some(region) = region else { return Ok(()) };
    let words: Vec<&str> = region.split('-').collect();
    let right = match words.as_slice() {
        [middle @ .., number] => {
            middle.len() >= 2
                && middle.iter().all(|word| is_word(word))
                && !number.is_empty()
                && number.chars().all(|c| c.is_ascii_digit())
        }
        [] => false,
    };
    match right {
        true => Ok(()),
        false => Err(Problem(format!(
            "`{region}` is no region: write one such as `us-east-1`, or leave it out for all"
        ))),
    }
}

fn behind_slash(rest: &str) -> Option<&str> {
    rest.strip_prefix('/')
}

/// A resource's name, perhaps with wildcards.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-*?".contains(c))
}

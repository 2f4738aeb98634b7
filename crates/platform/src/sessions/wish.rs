//! What is asked for when a role is assumed, checked as far as that goes without the role.

use policy::{Document, Limits, PolicyType, json};

use crate::error::ApiError;
use crate::identity::{Tag, tag_value};
use crate::session::Claims;

/// The characters that inline and managed session policies may have together (IAM User Guide, "IAM
/// and AWS STS quotas").
const POLICY_CHARACTERS: usize = 2_048;
const POLICY_ARNS: usize = 10;
const TAGS: usize = 50;

/// What is asked for when a role is assumed.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The role.
    pub role_arn: String,
    /// The name of the session.
    pub session_name: String,
    /// How long the session shall last, in seconds.
    pub duration: Option<i64>,
    /// An inline session policy.
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: Vec<Tag>,
    /// Keys of those tags that go with every further assumption.
    pub transitive: Vec<String>,
    /// The source identity to set.
    pub source_identity: Option<String>,
    /// The third party's id.
    pub external_id: Option<String>,
    /// The least length of the token.
    pub token_size: Option<usize>,
}

impl Wish {
    /// Whether the parts fit together, and with the session from which the role is assumed.
    pub(crate) fn validate(&self, from: Option<&Claims>) -> Result<(), ApiError> {
        self.validate_tags(from)?;
        self.validate_policies()
    }

    fn validate_tags(&self, from: Option<&Claims>) -> Result<(), ApiError> {
        if self.tags.len() > TAGS {
            return Err(ApiError::validation(format!(
                "1 validation error detected: Value at 'tags' failed to satisfy constraint: \
                 Member must have length less than or equal to {TAGS}"
            )));
        }
        for (at, tag) in self.tags.iter().enumerate() {
            if self
                .tags
                .iter()
                .take(at)
                .any(|other| other.key.eq_ignore_ascii_case(&tag.key))
            {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    400,
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
            if tag.key.to_ascii_lowercase().starts_with("aws:") {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    400,
                    "Tag keys that start with aws: are reserved for system use.",
                ));
            }
        }
        if self
            .transitive
            .iter()
            .any(|key| tag_value(&self.tags, key).is_none())
        {
            return Err(ApiError::new(
                "InvalidParameterValue",
                400,
                "The specified transitive tag key must be included in the requested tags.",
            ));
        }
        let inherited: Vec<Tag> = from
            .map(|claims| claims.transitive_tags().cloned().collect())
            .unwrap_or_default();
        if self
            .tags
            .iter()
            .any(|tag| tag_value(&inherited, &tag.key).is_some())
        {
            return Err(ApiError::new(
                "InvalidParameterValue",
                400,
                "One of the specified session tag keys can't be set because it conflicts with a \
                 transitive tag key from the calling session.",
            ));
        }
        Ok(())
    }

    fn validate_policies(&self) -> Result<(), ApiError> {
        let characters = self
            .policy
            .as_deref()
            .map_or(0, |text| text.chars().count())
            + self
                .policy_arns
                .iter()
                .map(|arn| arn.chars().count())
                .sum::<usize>();
        if self.policy_arns.len() > POLICY_ARNS {
            return Err(ApiError::validation(format!(
                "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: \
                 Member must have length less than or equal to {POLICY_ARNS}"
            )));
        }
        if characters > POLICY_CHARACTERS {
            let used = characters.saturating_mul(100).div_ceil(POLICY_CHARACTERS);
            let text = format!(
                "Packed policy consumes {used}% of allotted space, please use smaller policy."
            );
            return Err(ApiError::new("PackedPolicyTooLarge", 400, text));
        }
        match &self.policy {
            Some(text) => malformed(text, PolicyType::Session),
            None => Ok(()),
        }
    }
}

/// Whether `text` is a policy of this type. The error is STS's sentence; `Detail` tells the place, the reason
/// and the fix.
fn malformed(text: &str, kind: PolicyType) -> Result<(), ApiError> {
    let Err(rejected) = Document::parse(text, kind) else {
        return Ok(());
    };
    let sentence = match json::parse(&rejected.source, &Limits::default()) {
        Ok(_) => "Syntax errors in policy.",
        Err(_) => "This policy contains invalid Json",
    };
    Err(ApiError::new("MalformedPolicyDocument", 400, sentence)
        .with("Detail", rejected.to_string()))
}

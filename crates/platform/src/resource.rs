//! What a call acts on, as authorization and the trail see it.

use policy::{AccountId, Arn, PolicySet, Resource};
use std::sync::Arc;

use crate::error::ApiError;
use crate::identity::Tag;

/// A resource, with all that its owner attached to it.
#[derive(Clone)]
pub struct Target {
    pub(crate) resource: Resource,
    pub(crate) account: Option<AccountId>,
    pub(crate) region: Option<String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) tag_prefix: Option<&'static str>,
    pub(crate) policy: Option<Arc<PolicySet>>,
    pub(crate) trail_type: Option<&'static str>,
    pub(crate) parent: Option<(&'static str, String)>,
    pub(crate) shown: Shown,
    pub(crate) unexplained: bool,
    pub(crate) vague: bool,
    pub(crate) held: Option<Box<Target>>,
}

/// What denials call a resource.
#[derive(Clone)]
pub(crate) enum Shown {
    Arn,
    /// The ARN in quotation marks.
    Quoted,
    As(String),
}

impl Target {
    /// For an action that knows no resource: only `"Resource": "*"` matches.
    #[must_use]
    pub fn any() -> Self {
        Self {
            resource: Resource::Any,
            account: None,
            region: None,
            tags: Vec::new(),
            tag_prefix: None,
            policy: None,
            trail_type: None,
            parent: None,
            shown: Shown::Arn,
            unexplained: false,
            vague: false,
            held: None,
        }
    }

    /// The resource with this ARN. It belongs to the ARN's account, or to the caller's when the ARN
    /// has none, unless [`owned_by`](Self::owned_by) says otherwise.
    ///
    /// # Errors
    /// When the text is no ARN: a validation error in AWS's words.
    pub fn arn(text: &str) -> Result<Self, ApiError> {
        let arn = Arn::parse(text)
            .map_err(|_| ApiError::validation(format!("{text} is not a valid ARN")))?;
        Ok(Self {
            resource: Resource::Arn(arn),
            ..Self::any()
        })
    }

    /// The account that owns the resource.
    #[must_use]
    pub fn owned_by(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Where the resource lies, for a request that names no region itself: so it is of this one, in
    /// conditions and in the trail.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// The tags that the resource has: they become `aws:ResourceTag/KEY` and, with the prefix of the
    /// service (`iam`, `sagemaker`), its own `PREFIX:ResourceTag/KEY`.
    #[must_use]
    pub fn tagged(mut self, prefix: &'static str, tags: &[Tag]) -> Self {
        self.tags = tags.to_vec();
        self.tag_prefix = Some(prefix);
        self
    }

    /// The tags that the resource has, of a service without a `ResourceTag` key of its own: they become
    /// `aws:ResourceTag/KEY` alone.
    #[must_use]
    pub fn tagged_plainly(mut self, tags: &[Tag]) -> Self {
        self.tags = tags.to_vec();
        self.tag_prefix = None;
        self
    }

    /// The resource without its tags.
    #[must_use]
    pub fn without_tags(mut self) -> Self {
        self.tags = Vec::new();
        self
    }

    /// The policy that is attached to the resource.
    #[must_use]
    pub fn policy(mut self, policy: Arc<PolicySet>) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The type by which the trail lists the resource, such as `AWS::IAM::Role`.
    #[must_use]
    pub fn listed_as(mut self, trail_type: &'static str) -> Self {
        self.trail_type = Some(trail_type);
        self
    }

    /// Has the trail list also what the resource lies in, as AWS does of an object's bucket.
    #[must_use]
    pub fn listed_in(mut self, trail_type: &'static str, arn: String) -> Self {
        self.parent = Some((trail_type, arn));
        self
    }

    /// What denials call the resource, for services that do not call it by its ARN; empty when they
    /// do not name it at all.
    #[must_use]
    pub fn shown_as(mut self, text: impl Into<String>) -> Self {
        self.shown = Shown::As(text.into());
        self
    }

    /// Has denials put quotation marks around the ARN, as S3 does.
    #[must_use]
    pub fn shown_quoted(mut self) -> Self {
        self.shown = Shown::Quoted;
        self
    }

    /// Tells callers of other accounts no more than that they are denied, as S3 does.
    #[must_use]
    pub fn unexplained_to_others(mut self) -> Self {
        self.unexplained = true;
        self
    }

    /// The account that owns the resource, where that is known from the resource alone.
    #[must_use]
    pub fn owner(&self) -> Option<AccountId> {
        self.account.or_else(|| match &self.resource {
            Resource::Arn(arn) => AccountId::parse(arn.account()),
            Resource::Any => None,
        })
    }

    /// Does not tell callers of other accounts whether the resource is not there or its policy keeps them
    /// out, as KMS does.
    #[must_use]
    pub fn vague_to_others(mut self) -> Self {
        self.vague = true;
        self
    }

    /// The resource without the policy that is attached to it.
    #[must_use]
    pub fn without_policy(mut self) -> Self {
        self.policy = None;
        self
    }

    /// The policy that is attached to the resource.
    #[must_use]
    pub fn attached(&self) -> Option<&Arc<PolicySet>> {
        self.policy.as_ref()
    }

    /// The condition keys that the tags of the resource become, with their values.
    pub fn tag_keys(&self) -> impl Iterator<Item = (String, &str)> {
        self.tags_by_prefix().map(|(prefix, tag)| {
            let key = [prefix, ":ResourceTag/", &tag.key].concat();
            (key, tag.value.as_str())
        })
    }

    /// The tags of the resource, each with the prefixes of the condition keys that it becomes: `aws` and that of the service.
    pub(crate) fn tags_by_prefix(&self) -> impl Iterator<Item = (&'static str, &Tag)> {
        let prefixes = std::iter::once("aws").chain(self.tag_prefix);
        let tags = self.tags.iter();
        tags.flat_map(move |tag| prefixes.clone().map(move |prefix| (prefix, tag)))
    }

    /// The same resource as something of its own that lies in another's: what is asked of this target is
    /// asked of `own` too, with that one's owner and policy, and both must allow it.
    #[must_use]
    pub fn holding(mut self, own: Self) -> Self {
        self.held = Some(Box::new(own));
        self
    }

    /// The ARN, or `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.resource.as_str()
    }
}

//! Ownership integrity: whether somebody can change, or claim at creation, whose a thing is.

use super::breach::{Breach, More};
use super::scope::Scope;
use super::{Asked, Need, Obligation, Role, actions};
use crate::tenancy::Mark;

/// A role, and what it may do at all.
type Scoped<'a, 'p> = (&'a Role<'p>, &'a Scope<'p>);

const TAGGING: &str = "sagemaker:TaggingAction";

/// What rewrites who may do what with a bucket and all that is in it.
const BUCKET_POLICIES: &[&str] = &[
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutAccessPointPolicy",
];

/// The keys of the tags in a request have this one among them.
fn listed(tag: &str) -> More {
    More::Lists("aws:TagKeys".to_owned(), tag.to_owned())
}

impl<'p> Asked<'_, 'p> {
    pub(super) fn ownership(&mut self, role: &Role<'p>, scope: &Scope<'p>) {
        let tags: Vec<(String, Mark, Vec<String>)> = self
            .tenancy
            .owned
            .iter()
            .filter_map(|owned| match &owned.by {
                Mark::Tag {
                    key,
                    value,
                    services,
                    ..
                } => {
                    let key_of_request = format!("aws:RequestTag/{key}");
                    let claimed = Mark::Key {
                        key: key_of_request,
                        value: value.clone(),
                    };
                    Some((key.clone(), claimed, services.clone()))
                }
                Mark::Resource(_) | Mark::Key { .. } => None,
            })
            .collect();
        for (tag, claimed, services) in tags {
            self.tagging((role, scope), &tag, &claimed, &services);
            self.creation((role, scope), &tag, &claimed, &services);
        }
        let in_buckets = |mark: &Mark| match mark {
            Mark::Resource(template) => {
                let parts = template.segments();
                let is_s3 = |part: &crate::tenancy::Template| part.written(&[]) == "s3";
                parts.get(2).is_some_and(is_s3)
            }
            Mark::Tag { .. } | Mark::Key { .. } => false,
        };
        if self.tenancy.owned.iter().any(|owned| in_buckets(&owned.by)) {
            let breach = Breach {
                actions: Some(
                    BUCKET_POLICIES
                        .iter()
                        .map(|action| (*action).to_owned())
                        .collect(),
                ),
                // What is asked of a bucket is asked of its ARN, whatever a statement says of objects.
                more: vec![
                    More::Resource(vec!["arn:*:s3:*".to_owned()]),
                    More::NotResource(vec!["arn:*:s3:::*/*".to_owned()]),
                ],
                ..self.breach()
            };
            let claim = "no tenant rewrites who may reach the buckets".to_owned();
            let finding = self.ask_of(Obligation::Ownership, role, scope, claim, &breach);
            self.findings.push(finding);
        }
    }

    /// Tags of what is there already.
    fn tagging(
        &mut self,
        (role, scope): Scoped<'_, 'p>,
        tag: &str,
        claimed: &Mark,
        services: &[String],
    ) {
        let actions = actions::that_tag(scope, services);
        let in_sagemaker = actions
            .iter()
            .any(|action| action.starts_with("sagemaker:"));
        if !actions.iter().any(|action| scope.mentions(action)) {
            self.need(
                Obligation::Ownership,
                &actions.iter().find(|action| action.ends_with(":AddTags")).or(actions.first()).cloned().unwrap_or_default(),
                match in_sagemaker {
                    true => format!(
                        "nothing here grants it; a policy that does must grant it only while something is made \
                         (`sagemaker:TaggingAction`), and only with the caller's own value of `{tag}`"
                    ),
                    false => format!(
                        "nothing here grants it; a policy that does must grant it only with the caller's own value \
                         of `{tag}`, and not on what is another's"
                    ),
                },
            );
            return;
        }
        let direct = || match in_sagemaker {
            true => vec![More::Absent(TAGGING.to_owned())],
            false => Vec::new(),
        };
        let own = self.tenancy.owned.iter().find_map(|owned| match &owned.by {
            mark @ Mark::Tag { key, .. } if key == tag => Some(mark.clone()),
            _ => None,
        });
        let mut more = direct();
        more.push(listed(tag));
        let taken = Breach {
            actions: Some(actions.clone()),
            theirs: own.into_iter().collect(),
            more,
            ..self.breach()
        };
        let claim =
            format!("no tenant changes or removes the tag `{tag}` of what belongs to another");
        let finding = self.ask_of(Obligation::Ownership, role, scope, claim, &taken);
        self.findings.push(finding);
        let mut more = direct();
        more.push(listed(tag));
        let given = Breach {
            actions: Some(actions::that_give_tags(actions, tag)),
            theirs: vec![claimed.clone()],
            more,
            ..self.breach()
        };
        let claim = format!("no tenant tags with another's `{tag}` what is there already");
        let finding = self.ask_of(Obligation::Ownership, role, scope, claim, &given);
        self.findings.push(finding);
    }

    /// Tags of what is being made. SageMaker asks twice: for the creation, and for the tags.
    fn creation(
        &mut self,
        (role, scope): Scoped<'_, 'p>,
        tag: &str,
        claimed: &Mark,
        services: &[String],
    ) {
        let actions = actions::that_create(scope, tag, services);
        if !actions.iter().any(|action| scope.mentions(action)) {
            return;
        }
        let claim = format!("no tenant makes something with another's `{tag}`");
        if actions
            .iter()
            .all(|action| action.starts_with("sagemaker:"))
        {
            let tagging = Breach {
                actions: Some(vec!["sagemaker:AddTags".to_owned()]),
                theirs: vec![claimed.clone()],
                more: vec![More::Present(TAGGING.to_owned()), listed(tag)],
                ..self.breach()
            };
            let finding = self.ask_of(Obligation::Ownership, role, scope, claim.clone(), &tagging);
            if finding.verdict.is_proved() {
                self.findings.push(finding);
                return;
            }
        }
        let made = Breach {
            actions: Some(actions),
            theirs: vec![claimed.clone()],
            more: vec![listed(tag)],
            ..self.breach()
        };
        let finding = self.ask_of(Obligation::Ownership, role, scope, claim, &made);
        self.findings.push(finding);
    }

    pub(super) fn need(&mut self, obligation: Obligation, action: &str, why: String) {
        let need = Need {
            obligation,
            action: action.to_owned(),
            why,
        };
        if !self.needs.contains(&need) {
            self.needs.push(need);
        }
    }
}

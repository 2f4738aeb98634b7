//! Who may assume a team's roles: SageMaker, for resources of this account.

use blueprint::Feature;

use crate::deputy;
use crate::place::Scope;
use crate::statement::Statement;

/// The trust policy of the execution role: one statement, for all actions of one call are checked with the same
/// context, and each must be allowed.
pub(crate) fn execution(scope: &Scope<'_>) -> Vec<Statement> {
    let named = |feature: &Feature| feature.carries_source_identity();
    let features = scope.team.features.iter().copied().filter(named).collect();
    let tags = scope.team.session_tags.then_some("sts:TagSession");
    let mut statement = for_sagemaker(scope, "SageMakerForThisAccount", features)
        .actions(["sts:SetSourceIdentity"])
        .actions(tags);
    let models = [Feature::Inference, Feature::BatchTransform];
    if models.iter().any(|it| scope.team.features.contains(it)) {
        // What comes before `--` in a model's name is its owner's, whole.
        statement = statement.when("StringNotLike", "sts:SourceIdentity", ["*--*"]);
    }
    if let Some(pattern) = &scope.team.user_profile_pattern {
        statement = statement.when("StringLikeIfExists", "sts:SourceIdentity", [pattern]);
    }
    vec![statement]
}

/// The trust policy of the service role. Sessions that would carry a name are refused: they have the execution role.
pub(crate) fn service(scope: &Scope<'_>) -> Vec<Statement> {
    let nameless = |feature: &Feature| !feature.carries_source_identity();
    let mut features: Vec<_> = scope
        .team
        .features
        .iter()
        .copied()
        .filter(nameless)
        .collect();
    if scope.team.feature_store {
        // The guide gives feature groups no pattern of their own.
        features.push(Feature::Inference);
    }
    vec![for_sagemaker(scope, "SageMakerForThisAccount", features)]
}

fn for_sagemaker(scope: &Scope<'_>, sid: &str, features: Vec<Feature>) -> Statement {
    Statement::allow(sid)
        .principal("Service", &[deputy::PRINCIPAL.to_owned()])
        .actions(["sts:AssumeRole"])
        .when(
            "ArnLike",
            "aws:SourceArn",
            deputy::union(&scope.place, &features),
        )
        .when("StringEquals", "aws:SourceAccount", [scope.place.account])
}

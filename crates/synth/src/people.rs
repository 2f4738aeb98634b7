//! The people: who opens whose Studio.

use blueprint::IdentitySource;

use crate::place::Scope;
use crate::statement::Statement;

/// The name of the policy of a team's people.
pub(crate) fn policy_name(scope: &Scope<'_>) -> String {
    format!("{}-open-studio", scope.team.name)
}

/// Everybody opens Studio with the profile of their own name. Without the domain's id the profile of the same name in
/// another domain would be theirs as well, so that there is no policy.
pub(crate) fn open_studio(scope: &Scope<'_>) -> Option<Vec<Statement>> {
    let name = match &scope.team.identity_source {
        IdentitySource::Iam => "${aws:username}".to_owned(),
        IdentitySource::SourceIdentity => "${aws:SourceIdentity}".to_owned(),
        IdentitySource::PrincipalTag(tag) => format!("${{aws:PrincipalTag/{tag}}}"),
    };
    let profile = format!("user-profile/{}/{name}", scope.domain.id);
    scope.domain.id_given.then(|| {
        vec![
            Statement::allow("OpenOwnStudio")
                .actions(["sagemaker:CreatePresignedDomainUrl"])
                .resources([scope.place.sagemaker(&profile)]),
        ]
    })
}

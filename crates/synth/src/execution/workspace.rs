//! Studio itself: one's own profile, spaces and applications; listing and searching; the name without which nothing goes.

use blueprint::Feature;

use super::kinds;
use crate::place::Scope;
use crate::statement::Statement;

pub(super) fn statements(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = vec![nothing_without_a_name()];
    if scope.team.features.contains(&Feature::Studio) {
        statements.extend(studio(scope));
    }
    statements.push(search(scope));
    statements.extend(listings(scope));
    statements.extend(workings(scope));
    statements
}

/// Shared spaces, and jobs that were given this role but no name, could not be attributed to anyone.
fn nothing_without_a_name() -> Statement {
    Statement::deny("NothingWithoutAName")
        .actions(["*"])
        .resources(["*"])
        .without("aws:SourceIdentity")
}

fn studio(scope: &Scope<'_>) -> Vec<Statement> {
    let place = scope.place;
    let pinned = |statement: Statement| match scope.domain.id_given {
        true => statement.when("StringEquals", "sagemaker:DomainId", [&scope.domain.id]),
        false => statement,
    };
    let own = [place.sagemaker("user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}")];
    let domain = [place.sagemaker("domain/${sagemaker:DomainId}")];
    let spaces = [
        place.sagemaker("space/${sagemaker:DomainId}/*"),
        place.sagemaker("app/${sagemaker:DomainId}/*"),
    ];
    vec![
        pinned(
            Statement::allow("OwnProfile")
                .actions([
                    "sagemaker:CreatePresignedDomainUrl",
                    "sagemaker:DescribeUserProfile",
                ])
                .resources(own),
        ),
        pinned(
            Statement::allow("OwnDomain")
                .actions(["sagemaker:DescribeDomain"])
                .resources(domain),
        ),
        pinned(
            Statement::allow("OwnSpaces")
                .actions([
                    "sagemaker:CreateApp",
                    "sagemaker:CreateSpace",
                    "sagemaker:DeleteApp",
                    "sagemaker:DeleteSpace",
                    "sagemaker:UpdateSpace",
                ])
                .resources(spaces.clone())
                .when(
                    "ArnEquals",
                    "sagemaker:OwnerUserProfileArn",
                    [scope.own_profile()],
                )
                .when("StringEquals", "sagemaker:SpaceSharingType", ["Private"]),
        ),
        pinned(
            Statement::allow("SeeOwnSpaces")
                .actions(["sagemaker:DescribeApp", "sagemaker:DescribeSpace"])
                .resources(spaces)
                .when(
                    "StringEquals",
                    "sagemaker:ResourceTag/sagemaker:user-profile-arn",
                    [scope.own_profile()],
                ),
        ),
    ]
}

/// A search answers with what the request's visibility conditions let through, and these must name the owner.
fn search(scope: &Scope<'_>) -> Statement {
    Statement::allow("SearchOwn")
        .actions(["sagemaker:Search"])
        .resources(["*"])
        .when(
            "StringEquals",
            "sagemaker:SearchVisibilityCondition/Tags.sagemaker:user-profile-arn",
            [scope.own_profile()],
        )
}

/// What lists has no resource, so that it shows everybody's names to everybody, or nothing.
fn listings(scope: &Scope<'_>) -> Option<Statement> {
    let studio = ["ListApps", "ListDomains", "ListSpaces", "ListUserProfiles"];
    let has_studio = scope.team.features.contains(&Feature::Studio);
    let studio = studio.into_iter().filter(|_| has_studio);
    let all = studio.chain(kinds::of(scope.team).filter_map(|kind| kind.list));
    let actions: Vec<String> = all.map(|action| format!("sagemaker:{action}")).collect();
    (scope.team.listings && !actions.is_empty()).then(|| {
        Statement::allow("ListingsShowEveryName")
            .actions(actions)
            .resources(["*"])
    })
}

/// What jobs need of AWS to run at all: logs that they write and never read, measurements, images.
fn workings(scope: &Scope<'_>) -> Vec<Statement> {
    let place = scope.place;
    let mut statements = vec![
        Statement::allow("WriteLogs")
            .actions([
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ])
            .resources([place.arn("logs", "log-group:/aws/sagemaker/*")]),
        Statement::allow("Measure")
            .actions(["cloudwatch:PutMetricData"])
            .resources(["*"])
            .when("StringLike", "cloudwatch:namespace", ["/aws/sagemaker/*"]),
    ];
    if !scope.team.repositories.is_empty() {
        let repositories = &scope.team.repositories;
        let arn = |name: &String| place.arn("ecr", &format!("repository/{name}"));
        statements.push(
            Statement::allow("SignInToRepositories")
                .actions(["ecr:GetAuthorizationToken"])
                .resources(["*"]),
        );
        statements.push(
            Statement::allow("PullImages")
                .actions([
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ])
                .resources(repositories.iter().map(arn)),
        );
    }
    statements
}

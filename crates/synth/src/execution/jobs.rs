//! One's own jobs, models and the rest: made with the owner's tags, and reached by them.

use blueprint::{Feature, FileSystemType, Ownership};

use super::kinds::{self, Kind, Shape};
use crate::place::Scope;
use crate::statement::Statement;

const OWNER: &str = "sagemaker:ResourceTag/sagemaker:user-profile-arn";
const NEW_OWNER: &str = "aws:RequestTag/sagemaker:user-profile-arn";
const NEW_DOMAIN: &str = "aws:RequestTag/sagemaker:domain-arn";

pub(super) fn statements(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = creations(scope);
    statements.push(tag_while_creating(scope));
    statements.push(never_rewrite_ownership());
    statements.extend(own(scope));
    statements.push(pass_roles(scope));
    if scope.team.features.contains(&Feature::Pipelines) && scope.domain.id_given {
        statements.extend(pipeline_steps(scope));
    }
    statements
}

fn named<'k>(actions: impl IntoIterator<Item = &'k &'static str>) -> Vec<String> {
    let prefixed = |action: &&str| format!("sagemaker:{action}");
    actions.into_iter().map(prefixed).collect()
}

fn of_shape(scope: &Scope<'_>, shapes: &[Shape]) -> Vec<&'static Kind> {
    kinds::of(scope.team)
        .filter(|kind| shapes.contains(&kind.shape))
        .collect()
}

fn arns(scope: &Scope<'_>, kinds: &[&'static Kind]) -> Vec<String> {
    let arn = |kind: &&Kind| scope.place.sagemaker(&format!("{}/*", kind.resource));
    kinds.iter().map(arn).collect()
}

/// Creation by kinds of these shapes, in one's own name; none when the team has no such kind.
fn creation(scope: &Scope<'_>, sid: &str, shapes: &[Shape]) -> Option<Statement> {
    let kinds = of_shape(scope, shapes);
    let actions = named(kinds.iter().flat_map(|kind| kind.create));
    (!kinds.is_empty()).then(|| {
        in_own_name(
            scope,
            Statement::allow(sid)
                .actions(actions)
                .resources(arns(scope, &kinds)),
        )
    })
}

/// Only from Studio, and with the tags of who asks.
fn in_own_name(scope: &Scope<'_>, statement: Statement) -> Statement {
    let statement = match scope.domain.id_given {
        true => statement.when("StringEquals", "sagemaker:DomainId", [&scope.domain.id]),
        false => statement,
    };
    let operator = match scope.team.ownership {
        Ownership::Required => "StringEquals",
        Ownership::Automatic => "StringEqualsIfExists",
    };
    let statement = statement
        .when(operator, NEW_OWNER, [scope.own_profile()])
        .when(operator, NEW_DOMAIN, [scope.own_domain()]);
    match scope.team.ownership {
        Ownership::Required => statement,
        Ownership::Automatic => statement
            .with("sagemaker:DomainId")
            .with("sagemaker:UserProfileName"),
    }
}

fn creations(scope: &Scope<'_>) -> Vec<Statement> {
    let place = scope.place;
    let mut statements = Vec::new();
    statements.extend(creation(scope, "CreateInOwnName", &[Shape::Plain]));
    let jobs = creation(scope, "CreateJobsWithoutFileSystem", &[Shape::Files]);
    statements.extend(jobs.map(without_file_system));
    statements.extend(with_file_systems(scope));
    let models = creation(scope, "CreateModelsUnderOwnName", &[Shape::Named]);
    statements.extend(models.map(|mut statement| {
        statement.resources = vec![place.sagemaker(OWN_MODELS)];
        statement
    }));
    let users = creation(scope, "UseOwnModels", &[Shape::OfModel]);
    let models = [place.sagemaker(OWN_MODELS)];
    statements.extend(users.map(|it| it.when("ArnLike", "sagemaker:ModelArn", models)));
    statements.extend(creation(scope, "CreateEndpoints", &[Shape::OfConfig]));
    if scope.team.features.contains(&Feature::Inference) {
        statements.push(
            Statement::allow("UseOwnConfigurations")
                .actions(["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"])
                .resources([place.sagemaker("endpoint-config/*")])
                .when("StringEquals", OWNER, [scope.own_profile()]),
        );
    }
    statements
}

/// An endpoint configuration and a transform job tell policies no more of a model than its ARN. Names of user profiles
/// have no `--`, so that one's models begin with no other's name.
const OWN_MODELS: &str = "model/${sagemaker:UserProfileName}--*";

/// A request that names a file system says which and what of it. Neither is left open.
fn without_file_system(statement: Statement) -> Statement {
    statement
        .without("sagemaker:FileSystemId")
        .without("sagemaker:FileSystemDirectoryPath")
}

/// The directory is given whole: with more behind it, `/users/alice/../bob` would be below `/users/alice`.
fn with_file_systems(scope: &Scope<'_>) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (at, mount) in scope.team.file_systems.iter().enumerate() {
        let known = &scope.account.file_systems;
        let Some(system) = known.iter().find(|it| it.name == mount.file_system) else {
            continue;
        };
        let sid = format!("CreateJobsOnFileSystem{}", at + 1);
        let Some(statement) = creation(scope, &sid, &[Shape::Files]) else {
            continue;
        };
        let modes: &[&str] = if mount.writable {
            &["ro", "rw"]
        } else {
            &["ro"]
        };
        let path = format!("{}/${{aws:SourceIdentity}}", mount.directory);
        statements.push(
            statement
                .when("StringEquals", "sagemaker:FileSystemId", [&system.id])
                .when(
                    "StringEquals",
                    "sagemaker:FileSystemType",
                    [FileSystemType::name(system.kind)],
                )
                .when(
                    "StringEquals",
                    "sagemaker:FileSystemAccessMode",
                    modes.iter().copied(),
                )
                .when("StringEquals", "sagemaker:FileSystemDirectoryPath", [path]),
        );
    }
    statements
}

/// Tags are put on while something is made, and never otherwise: they say whose it is.
fn tag_while_creating(scope: &Scope<'_>) -> Statement {
    let mut actions: Vec<&str> = kinds::of(scope.team)
        .flat_map(|kind| kind.create.iter().copied())
        .collect();
    let mut resources = arns(scope, &kinds::of(scope.team).collect::<Vec<_>>());
    if scope.team.features.contains(&Feature::Studio) {
        actions.extend(["CreateApp", "CreateSpace"]);
        resources.push(scope.place.sagemaker("app/*"));
        resources.push(scope.place.sagemaker("space/*"));
    }
    in_own_name(
        scope,
        Statement::allow("TagWhileCreating")
            .actions(["sagemaker:AddTags"])
            .resources(resources),
    )
    .when("StringEquals", "sagemaker:TaggingAction", actions)
}

fn never_rewrite_ownership() -> Statement {
    Statement::deny("NeverRewriteOwnership")
        .actions(["sagemaker:AddTags", "sagemaker:DeleteTags"])
        .resources(["*"])
        .when("ForAnyValue:StringLike", "aws:TagKeys", ["sagemaker:*"])
        .without("sagemaker:TaggingAction")
}

fn own(scope: &Scope<'_>) -> Option<Statement> {
    let kinds: Vec<_> = kinds::of(scope.team).collect();
    let mut actions = named(kinds.iter().flat_map(|kind| kind.own));
    actions.push("sagemaker:ListTags".to_owned());
    (!kinds.is_empty()).then(|| {
        Statement::allow("Own")
            .actions(actions)
            .resources(arns(scope, &kinds))
            .when("StringEquals", OWNER, [scope.own_profile()])
    })
}

fn pass_roles(scope: &Scope<'_>) -> Statement {
    let service = scope.has_service_role().then(|| scope.service_role());
    Statement::allow("JobsWorkWithTheTeamsRoles")
        .actions(["iam:PassRole"])
        .resources([scope.execution_role()])
        .resources(service)
        .when(
            "StringEquals",
            "iam:PassedToService",
            ["sagemaker.amazonaws.com"],
        )
}

/// The steps of a pipeline are made by its own session. That is no Studio session: it has the name of who started the
/// pipeline as its source identity, and the domain is the one that works with this role.
fn pipeline_steps(scope: &Scope<'_>) -> Vec<Statement> {
    let kinds: Vec<_> = kinds::of(scope.team)
        .filter(|kind| {
            matches!(kind.shape, Shape::Files | Shape::Plain) && kind.resource.ends_with("-job")
        })
        .collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let id = &scope.domain.id;
    let owner = scope
        .place
        .sagemaker(&format!("user-profile/{id}/${{aws:SourceIdentity}}"));
    let domain = scope.place.sagemaker(&format!("domain/{id}"));
    let creates: Vec<&'static str> = kinds
        .iter()
        .flat_map(|kind| kind.create.iter().copied())
        .collect();
    let tagged = |statement: Statement| {
        statement
            .when("StringEquals", NEW_OWNER, [owner.clone()])
            .when("StringEquals", NEW_DOMAIN, [domain.clone()])
            .without("sagemaker:DomainId")
    };
    vec![
        without_file_system(tagged(
            Statement::allow("PipelinesCreateSteps")
                .actions(named(&creates))
                .resources(arns(scope, &kinds)),
        )),
        tagged(
            Statement::allow("PipelinesTagSteps")
                .actions(["sagemaker:AddTags"])
                .resources(arns(scope, &kinds)),
        )
        .when("StringEquals", "sagemaker:TaggingAction", creates.clone()),
        Statement::allow("PipelinesFollowSteps")
            .actions(named(kinds.iter().flat_map(|kind| kind.own)))
            .resources(arns(scope, &kinds))
            .when("StringEquals", OWNER, [owner])
            .without("sagemaker:DomainId"),
    ]
}

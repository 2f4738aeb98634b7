//! File system policies.

use blueprint::{Account, FileSystem, FileSystemType};

use crate::place::Place;
use crate::statement::Statement;

/// The statements of a file system that a team mounts: through mount targets, and never as root. SageMaker mounts
/// without an identity, so that this policy cannot tell members apart; the condition on `CreateTrainingJob` does. FSx
/// has no such policies.
pub(crate) fn file_system(
    owner: &Account,
    system: &FileSystem,
    place: Place<'_>,
) -> Vec<Statement> {
    let mounts = owner.teams.iter().flat_map(|team| &team.file_systems);
    let here: Vec<_> = mounts
        .filter(|mount| mount.file_system == system.name)
        .collect();
    if here.is_empty() || system.kind == FileSystemType::FsxLustre {
        return Vec::new();
    }
    let arn = place.arn("elasticfilesystem", &format!("file-system/{}", system.id));
    let write = here
        .iter()
        .any(|mount| mount.writable)
        .then_some("elasticfilesystem:ClientWrite");
    vec![
        Statement::allow("ThroughMountTargets")
            .everybody()
            .actions(["elasticfilesystem:ClientMount"])
            .actions(write)
            .resources([arn.clone()])
            .when("Bool", "elasticfilesystem:AccessedViaMountTarget", ["true"]),
        Statement::deny("NobodyAsRoot")
            .everybody()
            .actions(["elasticfilesystem:ClientRootAccess"])
            .resources([arn]),
    ]
}

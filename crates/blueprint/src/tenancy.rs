//! Who shares what: teams, and what policies are synthesised for.

use std::fmt;

use crate::Document;

/// The organisation that the accounts belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Such as `o-a1b2c3d4e5`.
    pub id: String,
    /// The account that guard rails are written in; they do not bind it.
    pub management_account: Option<String>,
    /// Accounts outside whose services may reach in on behalf of their resources.
    pub trusted_accounts: Vec<String>,
}

/// What binds the accounts from above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardRails {
    /// What is wanted, each once, in the order of [`GuardRail::ALL`].
    pub wanted: Vec<GuardRail>,
    /// The roles that the guard rails let through, as they stand in an ARN behind `role/`; with wildcards.
    pub administrators: Vec<String>,
}

/// Something that nobody but an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardRail {
    /// No AWS service acts in the accounts for a resource outside of the organisation.
    Deputies,
    /// Nobody changes domains and user profiles, and with them what sessions are called.
    DomainSettings,
    /// Nobody rewrites the tags that say whose a resource is.
    OwnershipTags,
    /// Nobody changes the roles that the teams work with.
    ExecutionRoles,
    /// Nobody stops the trail.
    Trails,
    /// Nobody reaches the buckets without TLS.
    Tls,
}

impl GuardRail {
    /// All of them.
    pub const ALL: [GuardRail; 6] = [
        GuardRail::Deputies,
        GuardRail::DomainSettings,
        GuardRail::OwnershipTags,
        GuardRail::ExecutionRoles,
        GuardRail::Trails,
        GuardRail::Tls,
    ];

    /// How the blueprint calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            GuardRail::Deputies => "deputies",
            GuardRail::DomainSettings => "domain_settings",
            GuardRail::OwnershipTags => "ownership_tags",
            GuardRail::ExecutionRoles => "execution_roles",
            GuardRail::Trails => "trails",
            GuardRail::Tls => "tls",
        }
    }
}

/// A feature of SageMaker that has a role assumed (SageMaker Developer Guide, "Cross-service confused deputy
/// prevention").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Studio and its applications.
    Studio,
    /// Training jobs, and the tuning jobs made of them.
    Training,
    /// Processing jobs.
    Processing,
    /// Pipelines.
    Pipelines,
    /// Models and endpoints: real-time, serverless and asynchronous.
    Inference,
    /// Batch transform jobs.
    BatchTransform,
    /// Images for Studio.
    Images,
    /// Algorithms and model packages, and their validation.
    Marketplace,
    /// Compilation jobs.
    Neo,
    /// Edge packaging jobs.
    EdgeManager,
}

impl Feature {
    /// All of them.
    pub const ALL: [Feature; 10] = [
        Feature::Studio,
        Feature::Training,
        Feature::Processing,
        Feature::Pipelines,
        Feature::Inference,
        Feature::BatchTransform,
        Feature::Images,
        Feature::Marketplace,
        Feature::Neo,
        Feature::EdgeManager,
    ];

    /// How blueprints and commands call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Feature::Studio => "studio",
            Feature::Training => "training",
            Feature::Processing => "processing",
            Feature::Pipelines => "pipelines",
            Feature::Inference => "inference",
            Feature::BatchTransform => "batch-transform",
            Feature::Images => "images",
            Feature::Marketplace => "marketplace",
            Feature::Neo => "neo",
            Feature::EdgeManager => "edge-manager",
        }
    }

    /// The feature of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Feature> {
        Feature::ALL
            .into_iter()
            .find(|feature| feature.name() == name)
    }

    /// Whether the sessions of its role carry the source identity of who started it (SageMaker Developer Guide,
    /// "Turn on source identity in CloudTrail logs").
    #[must_use]
    pub fn carries_source_identity(self) -> bool {
        matches!(
            self,
            Feature::Studio | Feature::Training | Feature::Processing | Feature::Pipelines
        )
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Those who work in one domain, with one execution role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its name, which begins the names of what is synthesised for it.
    pub name: String,
    /// The name of its domain, which is in the same account.
    pub domain: String,
    /// The name of the role that its members work with.
    pub execution_role: String,
    /// The name of the role for what carries no source identity: it reaches what the team shares and nothing private.
    pub service_role: String,
    /// What it uses of SageMaker, in the order of [`Feature::ALL`].
    pub features: Vec<Feature>,
    /// Whether members keep feature groups of their own.
    pub feature_store: bool,
    /// Where each member has a folder of their own.
    pub storage: Vec<Area>,
    /// The prefixes below which each member has secrets of their own.
    pub secrets: Vec<String>,
    /// The file systems on which each member has a directory of their own.
    pub file_systems: Vec<Mount>,
    /// The names of the clusters' configurations.
    pub clusters: Vec<String>,
    /// The names of the catalogs.
    pub catalogs: Vec<String>,
    /// The ECR repositories whose images it runs; a trailing `*` is a wildcard.
    pub repositories: Vec<String>,
    /// How its members sign in.
    pub identity_source: IdentitySource,
    /// How the names of its user profiles look, where they are not listed; `*` and `?` are wildcards.
    pub user_profile_pattern: Option<String>,
    /// Whether members may call what lists, which AWS cannot restrict to what is theirs.
    pub listings: bool,
    /// Whether training jobs hand on session tags.
    pub session_tags: bool,
    /// What shows at creation whose a resource is.
    pub ownership: Ownership,
}

/// Part of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The bucket's name.
    pub bucket: String,
    /// A prefix without a slash at either end.
    pub prefix: String,
}

/// A directory of a file system below which each member has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The file system's name.
    pub file_system: String,
    /// An absolute path without a slash at its end; empty for the root.
    pub directory: String,
    /// `rw` unless it is `ro`.
    pub writable: bool,
}

/// How members sign in, before they open Studio.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IdentitySource {
    /// As IAM users whose names are those of their user profiles.
    #[default]
    Iam,
    /// With a role whose sessions have a tag that holds the name of the user profile.
    PrincipalTag(String),
    /// With a role whose sessions have the name of the user profile as their source identity.
    SourceIdentity,
}

/// What shows at creation whose a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ownership {
    /// The request carries the ownership tags, whoever put them there.
    #[default]
    Required,
    /// SageMaker tags what Studio creates; a request may leave the tags out, and never name another.
    Automatic,
}

/// What several teams use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// The names of the teams, in any account.
    pub teams: Vec<String>,
    /// What it is.
    pub what: Shared,
    /// Whether they may change it.
    pub writable: bool,
}

/// What is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    /// The objects below a prefix.
    Objects(Area),
    /// The secrets below a prefix.
    Secrets(String),
    /// Feature groups by name; a trailing `*` is a wildcard.
    FeatureGroups(Vec<String>),
}

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// How the blueprint calls it.
    pub name: String,
    /// Such as `fs-0123456789abcdef0`.
    pub id: String,
    /// What it is.
    pub kind: FileSystemType,
}

/// The kinds of file systems that training jobs mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSystemType {
    /// Amazon EFS.
    Efs,
    /// Amazon FSx for Lustre.
    FsxLustre,
}

impl FileSystemType {
    /// How SageMaker calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            FileSystemType::Efs => "EFS",
            FileSystemType::FsxLustre => "FSxLustre",
        }
    }
}

/// A way in which EMR clusters are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The name of its security configuration.
    pub name: String,
    /// The name of the role of its instances.
    pub instance_role: String,
    /// The key of the tag that names the cluster's user.
    pub tag: String,
}

/// A database of the Glue Data Catalog, and the Athena workgroup that queries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// How the blueprint calls it.
    pub name: String,
    /// The database.
    pub database: String,
    /// Its tables; `*` for all.
    pub tables: Vec<String>,
    /// The workgroup.
    pub workgroup: String,
    /// Where the tables' files are.
    pub data: Vec<Area>,
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its alias, without `alias/`.
    pub name: String,
    /// Its id, where it exists already.
    pub id: Option<String>,
    /// Its key policy. A blueprint has none by itself, `synth` writes it.
    pub policy: Option<Document>,
}

/// A trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    /// Its name.
    pub name: String,
    /// The bucket that it is delivered to.
    pub bucket: String,
    /// Its advanced event selectors, as the JSON that `PutEventSelectors` takes. A blueprint has none by itself, `synth`
    /// writes them.
    pub selectors: Option<String>,
}

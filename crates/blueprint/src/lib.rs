//! The blueprint: one TOML file that describes a platform.
//!
//! [`read`] turns its text into a [`Blueprint`] in which every reference is resolved, every policy
//! is well-formed and every name is one that AWS would take, or into [`Mistakes`]: all of them at
//! once, each at its line and column, with the reason and what to write instead. The crate reads no
//! file itself; the caller passes a function that does.
//!
//! # The file
//!
//! ```toml
//! region = "us-east-1"              # and, where it is not `aws`, `partition`
//!
//! [variables]                       # for `{{…}}` in policies, see below
//! bucket = "ml-platform"
//!
//! [[account]]                       # with one account, nothing else needs to name it
//! id = "123456789012"
//! name = "ml-platform"
//! # root_access_key = { id = "…", secret = "…" }
//!
//! [[policy]]                        # a managed policy
//! name = "Ceiling"
//! document = "policies/ceiling.json"
//!
//! [[role]]
//! name = "Audit"
//! trust = "policies/audit-trust.json"
//! policies = ["policies/read-trail.json"]   # inline; named after the file
//! managed_policies = ["Ceiling"]
//! boundary = "Ceiling"
//! tags = { team = "security" }
//!
//! [[user]]
//! names = ["alice", "bob"]          # or `name = "alice"`
//! policies = ["policies/studio.json"]
//! # access_key = "generate"         # the default; "none", or { id = "…", secret = "…" }
//!
//! [[bucket]]
//! name = "ml-platform"
//! policy = "policies/bucket.json"
//! objects = [{ key = "vision/README", text = "hello" }, { key = "logo.png", file = "logo.png" }]
//!
//! [[secret]]
//! name = "vision/users/alice/token"
//! value = "…"
//!
//! [[domain]]
//! name = "vision"
//! user_profiles = ["alice", "bob"]
//! execution_role_identity_config = "USER_PROFILE_NAME"
//! [domain.execution_role]           # or the name of a `[[role]]`
//! name = "VisionExecution"
//! trust = "policies/execution-trust.json"
//! policies = ["policies/own-jobs.json"]
//! ```
//!
//! # Policies
//!
//! Wherever a policy document is expected there may be the path of a JSON file, relative to the
//! blueprint; JSON text (recognised by its `{`); or a TOML table. Inline policies need a name: that
//! of the file, or `{ name = "…", document = … }`.
//!
//! In a document, `{{name}}` stands for a fact of the platform: `{{partition}}`, `{{region}}`,
//! `{{account}}`; in the documents of a role `{{role.name}}`, of a user `{{user.name}}`, of a bucket
//! `{{bucket.name}}`; in those of a domain's execution role also `{{domain.name}}` and
//! `{{domain.id}}`; and whatever `[variables]` defines. IAM's own variables begin with `${`, and no
//! JSON outside a string holds `{{`, so the two never meet: `{{…}}` is replaced once, when the
//! blueprint is read, `${…}` is left for each request. A name that is not known is a mistake.

mod document;
mod error;
mod import;
mod model;
mod names;
mod parse;
mod schema;
mod suggest;
pub mod table;
mod template;
mod tenancy;

pub use error::Mistakes;
pub use import::{Export, ImportError, Imported, import};
pub use model::{
    AccessKey, Account, Blueprint, Bucket, Control, ControlKind, Document, Domain, IdentityConfig,
    InlinePolicy, ManagedPolicy, Object, Role, Secret, SecretText, User, UserKey, UserProfile,
};
pub use parse::{Reader, read};
pub use schema::schema;
pub use tenancy::{
    Area, Catalog, Cluster, Feature, FileSystem, FileSystemType, GuardRail, GuardRails,
    IdentitySource, Key, Mount, Organization, Ownership, Share, Shared, Team, Trail,
};

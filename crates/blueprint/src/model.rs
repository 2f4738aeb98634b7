//! What a blueprint describes, with every reference resolved.

use std::fmt;

use crate::{Catalog, Cluster, FileSystem, GuardRails, Key, Organization, Share, Team, Trail};

/// A platform.
#[derive(Debug, Clone, PartialEq)]
pub struct Blueprint {
    /// Such as `aws` or `aws-cn`.
    pub partition: String,
    /// Where everything is that has a region.
    pub region: String,
    /// At least one.
    pub accounts: Vec<Account>,
    /// The organisation of the accounts.
    pub organization: Option<Organization>,
    /// What binds the accounts from above.
    pub guard_rails: GuardRails,
    /// What teams share.
    pub shares: Vec<Share>,
    /// The guard rails as policies. A blueprint has none by itself, `synth` writes them.
    pub controls: Vec<Control>,
}

/// A policy of the organisation that binds all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its name.
    pub name: String,
    /// What it binds.
    pub kind: ControlKind,
    /// The policy.
    pub document: Document,
}

/// What a policy of the organisation binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlKind {
    /// What the accounts' users and roles do: an SCP.
    Service,
    /// What is done with the accounts' resources: an RCP.
    Resource,
}

impl Blueprint {
    /// A platform with one account and nothing in it.
    pub fn empty(partition: &str, region: &str, account: &str) -> Blueprint {
        Blueprint {
            partition: partition.to_owned(),
            region: region.to_owned(),
            accounts: vec![Account::empty(account, account)],
            organization: None,
            guard_rails: GuardRails::default(),
            shares: Vec::new(),
            controls: Vec::new(),
        }
    }
}

/// An account and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// What the blueprint calls it.
    pub name: String,
    /// The root user's key, when the blueprint gives one.
    pub root_access_key: Option<AccessKey>,
    /// Managed policies.
    pub policies: Vec<ManagedPolicy>,
    /// Roles, among them the domains' execution roles.
    pub roles: Vec<Role>,
    /// IAM users.
    pub users: Vec<User>,
    /// Buckets.
    pub buckets: Vec<Bucket>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// SageMaker domains.
    pub domains: Vec<Domain>,
    /// Teams, whose roles are synthesised.
    pub teams: Vec<Team>,
    /// File systems.
    pub file_systems: Vec<FileSystem>,
    /// Ways in which clusters are run.
    pub clusters: Vec<Cluster>,
    /// Catalogs.
    pub catalogs: Vec<Catalog>,
    /// KMS keys.
    pub keys: Vec<Key>,
    /// Trails.
    pub trails: Vec<Trail>,
}

impl Account {
    pub(crate) fn empty(id: &str, name: &str) -> Account {
        Account {
            id: id.to_owned(),
            name: name.to_owned(),
            root_access_key: None,
            policies: Vec::new(),
            roles: Vec::new(),
            users: Vec::new(),
            buckets: Vec::new(),
            secrets: Vec::new(),
            domains: Vec::new(),
            teams: Vec::new(),
            file_systems: Vec::new(),
            clusters: Vec::new(),
            catalogs: Vec::new(),
            keys: Vec::new(),
            trails: Vec::new(),
        }
    }
}

/// A policy document, variables of the platform filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The JSON. It parses as a policy of the type that its place demands.
    pub text: String,
    /// Where it comes from: the path of its file, or that of the blueprint.
    pub origin: String,
}

/// A policy that several users and roles may have.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: String,
    /// Its IAM path.
    pub path: String,
    /// An identity policy.
    pub document: Document,
}

/// A policy of one user or role.
#[derive(Debug, Clone, PartialEq)]
pub struct InlinePolicy {
    /// Its name.
    pub name: String,
    /// An identity policy.
    pub document: Document,
}

/// A role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its IAM path.
    pub path: String,
    /// Its trust policy.
    pub trust: Document,
    /// Its inline policies.
    pub policies: Vec<InlinePolicy>,
    /// The ARNs of its managed policies.
    pub managed_policies: Vec<String>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// How long its sessions last at most, in seconds.
    pub max_session_duration: u32,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// An IAM user.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its IAM path.
    pub path: String,
    /// Its inline policies.
    pub policies: Vec<InlinePolicy>,
    /// The ARNs of its managed policies.
    pub managed_policies: Vec<String>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// How it signs.
    pub access_key: UserKey,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// Where a user's access key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserKey {
    /// The user has none.
    None,
    /// It is made when the blueprint is applied to a platform where the user has none.
    Generate,
    /// The blueprint gives it.
    Given(AccessKey),
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKey {
    /// Its id, such as `AKIA…`.
    pub id: String,
    /// Its secret.
    pub secret: SecretText,
}

/// A text that does not show itself in debugging output.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// A bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its bucket policy.
    pub policy: Option<Document>,
    /// The name of the key that its objects are encrypted with.
    pub key: Option<String>,
    /// The objects that are in it from the beginning.
    pub objects: Vec<Object>,
}

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Secret {
    /// Its name, without the random ending of its ARN.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its first value.
    pub value: SecretText,
    /// Its resource policy.
    pub policy: Option<Document>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A SageMaker domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Its id: given, or made of account, region and name, so that it is always the same.
    pub id: String,
    /// Whether the id was given, so that policies may name it.
    pub id_given: bool,
    /// Where it is.
    pub region: String,
    /// The ARN of the role that its applications and jobs work with. Where a team works in the domain it is the
    /// team's, which `synth` describes.
    pub execution_role: String,
    /// Whether the role's sessions carry the user's name.
    pub execution_role_identity_config: IdentityConfig,
    /// Who works in it.
    pub user_profiles: Vec<UserProfile>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A domain's `ExecutionRoleIdentityConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdentityConfig {
    /// Sessions carry no source identity. What AWS does unless told otherwise.
    #[default]
    Disabled,
    /// The source identity of a session is the name of the user profile.
    UserProfileName,
}

/// A user profile of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserProfile {
    /// Its name.
    pub name: String,
    /// The ARN of its own execution role, where it is not the domain's.
    pub execution_role: Option<String>,
}

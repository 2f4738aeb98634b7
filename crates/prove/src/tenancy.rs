//! The tenancy: who the tenants are and what belongs to whom. It is what isolation is proved against, beside the policies.
//!
//! It is read from a TOML file ([`Tenancy::read`]), made of a blueprint, or built in for SageMaker's user profiles.
//!
//! ```toml
//! [identity]
//! keys = ["aws:SourceIdentity"]     # or { domain = "sagemaker:DomainId", profile = "sagemaker:UserProfileName" }
//!
//! [[owned]]                         # `${owner}` is the value that the owner's sessions have for the first key
//! resource = "arn:aws:s3:::b/users/${owner}/*"
//!
//! [[owned]]                         # whatever carries this tag; `${owner.domain}` is the key of that name
//! tag = "sagemaker:user-profile-arn"
//! value = "arn:aws:sagemaker:*:*:user-profile/${owner.domain}/${owner.profile}"
//! services = ["sagemaker"]          # whose resources carry it; without, all of which the policies speak
//! except = ["arn:aws:sagemaker:*:*:domain/*"]   # what is nobody's by it, though it may carry it
//!
//! [[owned]]                         # whatever a request names by a condition key
//! key = "sagemaker:FileSystemDirectoryPath"
//! value = "/fsx/users/${owner}"
//!
//! [[shared]]                        # belongs to nobody, even where it looks as if it did
//! resource = "arn:aws:s3:::b/users/shared/*"
//!
//! [[link]]                          # sessions that have both have the same value
//! keys = ["aws:SourceIdentity", "sagemaker:UserProfileName"]
//! source = "the domain's ExecutionRoleIdentityConfig is USER_PROFILE_NAME"
//!
//! [[trusted]]                       # a role that names sessions after those it works for, and never otherwise
//! role = "arn:aws:iam::123456789012:role/EmrInstances"
//! source = "PropagateSourceIdentity is on, and nobody's code gets the instances' credentials"
//!
//! [[fact]]
//! key = "aws:SourceIdentity"
//! pattern = "[a-z0-9-]"
//! length = "2-64"
//! source = "the names that our directory gives out"
//! ```

mod built_in;
mod of_blueprint;
mod read;
mod template;

pub use template::{Part, Template};

use crate::facts::{Claim, Fact};
use crate::language::Set;

/// Who the tenants are and what belongs to whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tenancy {
    /// Where it comes from: a file, or how it was made.
    pub origin: String,
    /// What tells tenants apart.
    pub identity: Vec<IdentityKey>,
    /// Keys that have the same value in every session that has both.
    pub links: Vec<Link>,
    /// What belongs to the tenant whose values stand in the place of `${owner}`.
    pub owned: Vec<Owned>,
    /// What belongs to nobody.
    pub shared: Vec<Owned>,
    /// Roles that are trusted to name sessions.
    pub trusted: Vec<Trusted>,
    /// What is known of the values of keys.
    pub facts: Vec<Characters>,
}

/// A role whose sessions start others, and name them after those they work for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Its ARN.
    pub role: String,
    /// Why that is so.
    pub source: String,
}

/// A condition key that tells tenants apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityKey {
    /// What `${owner.NAME}` calls it.
    pub name: String,
    /// The key, such as `aws:SourceIdentity`.
    pub key: String,
}

/// Two keys that have the same value in every session that has both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The keys.
    pub keys: [String; 2],
    /// Why it is so.
    pub source: String,
}

/// What belongs to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// How it is recognised.
    pub by: Mark,
    /// Where that comes from.
    pub source: String,
}

/// How it is recognised that something belongs to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// By its ARN.
    Resource(Template),
    /// By a tag that it carries, whatever service asks for it: `aws:ResourceTag/KEY`, `SERVICE:ResourceTag/KEY`.
    Tag {
        /// The tag's key.
        key: String,
        /// The tag's value.
        value: Template,
        /// The services whose resources carry it; where there are none, all of which the policies speak.
        services: Vec<String>,
        /// The ARNs of what is nobody's by this tag, or somebody's by another mark.
        except: Vec<Template>,
    },
    /// By what a condition key of the request says.
    Key {
        /// The key.
        key: String,
        /// Its value.
        value: Template,
    },
}

/// The tag that Studio gives to what is made in it.
const PROFILE: &str = "sagemaker:user-profile-arn";

/// The key with the owner of a private space and of its applications.
const SPACE_OWNER: &str = "sagemaker:OwnerUserProfileArn";

/// What belongs to a user profile with such an ARN (Service Authorization Reference, SageMaker): what carries Studio's tag
/// with it, and private spaces and their applications. The profile itself is its own person's by its ARN, and a domain is
/// nobody's, whatever tags an administrator gives them.
fn of_profile(profile: &Template) -> [Mark; 2] {
    let nobodys = |kind: &str| {
        let mut template = Template::default();
        for text in ["arn:", ":sagemaker:", ":", &format!(":{kind}/")] {
            template.push_text(text);
            template.parts.push(Part::AnyRun);
        }
        template
    };
    [
        Mark::Tag {
            key: PROFILE.to_owned(),
            value: profile.clone(),
            services: vec!["sagemaker".to_owned()],
            except: ["domain", "user-profile"].map(nobodys).to_vec(),
        },
        Mark::Key {
            key: SPACE_OWNER.to_owned(),
            value: profile.clone(),
        },
    ]
}

/// A private space that has an owner's tag has that of its owner.
fn space_link() -> Link {
    Link {
        keys: [format!("aws:ResourceTag/{PROFILE}"), SPACE_OWNER.to_owned()],
        source: "Studio tags what is made in it with the profile of who makes it, and a private space is its maker's"
            .to_owned(),
    }
}

impl Mark {
    /// The template.
    #[must_use]
    pub fn template(&self) -> &Template {
        match self {
            Self::Resource(template) => template,
            Self::Tag { value, .. } | Self::Key { value, .. } => value,
        }
    }
}

/// Which characters the values of a key are made of, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Characters {
    /// The key.
    pub key: String,
    /// The characters.
    pub set: Set,
    /// As it was written.
    pub written: String,
    /// The least length.
    pub least: usize,
    /// The greatest length.
    pub most: Option<usize>,
    /// Where that is written.
    pub source: String,
}

impl Tenancy {
    /// The keys that tell tenants apart.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.identity.iter().map(|identity| identity.key.as_str())
    }
}

impl Characters {
    /// The fact, as proofs use it.
    #[must_use]
    pub fn fact(&self) -> Fact {
        let mut characters = String::new();
        if let Set::Ranges(ranges) = &self.set {
            for (low, high) in ranges.iter() {
                characters.extend(['\\', *low]);
                if low != high {
                    characters.extend(['-', *high]);
                }
            }
        }
        Fact {
            id: format!("tenancy:{}", self.key),
            key: self.key.clone(),
            claim: Claim::Texts {
                characters,
                least: self.least,
                most: self.most,
            },
            source: self.source.clone(),
        }
    }
}

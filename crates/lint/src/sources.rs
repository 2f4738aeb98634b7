//! Finds policies where they lie.
//!
//! | what | recognised by |
//! |---|---|
//! | a policy, a list of them, or one a line | `Statement` |
//! | `terraform show -json` of a plan or a state | `planned_values`, `resource_changes`, `values` |
//! | Terraform in JSON syntax | `resource`, `data` with the provider's names |
//! | CloudFormation, SAM and CDK templates, JSON or YAML | `Resources` |
//! | `aws iam get-account-authorization-details` | `RoleDetailList` and the like |
//! | `aws sagemaker describe-domain`, for what policies expect of domains | `DomainId`, `DefaultUserSettings` |
//! | answers of `aws iam get-role-policy` and the like | any JSON or YAML with policies within |

mod authorization_details;
mod cloudformation;
mod domain;
mod embedded;
mod intrinsic;
mod plain;
mod table;
mod terraform;
mod terraform_json;
mod yaml;

pub use domain::Domain;

use crate::kind::Kind;
use crate::model::{Policy, Syntax};
use crate::text;
use policy::document::Limits;
use policy::json::{self, Node, Value};
use policy::text::{Diagnostic, Source, Span};

/// Bounds on what is read: a plan or an account's export is larger than any policy, and nests deeper.
pub const LIMITS: Limits = Limits {
    bytes: 128 << 20,
    depth: 96,
    values: 10_000_000,
    diagnostics: 100,
};

/// What was found in one file.
#[derive(Debug, Default)]
pub struct Reading {
    /// The policies.
    pub policies: Vec<Policy>,
    /// The Studio domains that it describes.
    pub domains: Vec<Domain>,
    /// What could not be read of the file, or of a policy in it.
    pub faults: Vec<Fault>,
    /// Policies that are there and whose text is only known at deployment.
    pub unread: Vec<Skipped>,
    /// Whether the file is of a form that holds policies, also where it holds none just now.
    pub recognised: bool,
}

/// A violation of JSON's or YAML's grammar.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The place, the reason and the fix.
    pub diagnostic: Diagnostic,
    /// The policy it is in, as [`Policy::name`].
    pub policy: String,
}

/// A policy that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its place.
    pub span: Span,
    /// Its name.
    pub policy: String,
    /// Why not.
    pub reason: &'static str,
}

/// Reads a file. `kind` is what its user says of its policies; where they do not, it is recognised.
#[must_use]
pub fn read(source: &Source, kind: Option<Kind>) -> Reading {
    let mut reading = Reading::default();
    let is_yaml = looks_like_yaml(source);
    let nodes = if is_yaml {
        match yaml::parse(source, &LIMITS) {
            Ok(nodes) => nodes,
            Err(diagnostic) => {
                reading.fault(diagnostic, "");
                return reading;
            }
        }
    } else if let Some(nodes) = plain::lines(source, &LIMITS) {
        nodes
    } else {
        let (node, diagnostics) = json::parse_partly(source, &LIMITS);
        let doubled = node.as_ref().map_or_else(Vec::new, plain::doubled_keys);
        for diagnostic in diagnostics {
            // Keys that stand twice within a policy are a rule's; elsewhere they are the tool's that wrote the file.
            if !doubled.contains(&diagnostic.span) {
                reading.fault(diagnostic, "");
            }
        }
        // What is missing in a broken text may only be unread.
        if !reading.faults.is_empty() {
            return reading;
        }
        node.into_iter().collect()
    };
    for mut node in nodes {
        let text = source.text();
        if text.contains("\\u") || text.contains(text::is_hole) || text.contains("{{") {
            clean(&mut node);
        }
        let mut file = File {
            source,
            kind,
            syntax: if is_yaml {
                Syntax::Yaml
            } else {
                Syntax::Json(0)
            },
            reading: &mut reading,
        };
        file.tree(&node);
    }
    reading
}

/// Takes the characters that mark holes out of what was written, and marks placeholders.
fn clean(node: &mut Node) {
    match &mut node.value {
        Value::String(text) => *text = text::without_placeholders(&text::without_holes(text)),
        Value::Array(elements) => elements.iter_mut().for_each(clean),
        Value::Object(members) => {
            for member in members {
                member.key.value = text::without_holes(&member.key.value);
                clean(&mut member.value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a file's name is one that [`read`] can make something of: what a walk through a folder picks.
#[must_use]
pub fn is_candidate(name: &str) -> bool {
    const ENDINGS: &[&str] = &[".json", ".yaml", ".yml", ".template"];
    let lower = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether a file of a folder is read that is a CDK assembly: the templates, and not what repeats them.
#[must_use]
pub fn is_assembly_candidate(name: &str) -> bool {
    name.ends_with(".template.json")
}

/// Whether a folder holds nothing that its owner wrote: tools' state, and the bundled code in a CDK assembly.
#[must_use]
pub fn is_skipped_folder(name: &str) -> bool {
    (name.starts_with('.') && name.len() > 1 && name != "..")
        || matches!(name, "node_modules" | "target" | "vendor" | "__pycache__")
        || name.starts_with("asset.")
}

/// Whether a text is read as YAML: by its name, else by how it begins.
pub(crate) fn looks_like_yaml(source: &Source) -> bool {
    let name = source.name().unwrap_or("").to_ascii_lowercase();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        return true;
    }
    if name.ends_with(".json") {
        return false;
    }
    !source.text().trim_start().starts_with(['{', '[', '"'])
}

/// A file being read.
struct File<'a> {
    source: &'a Source,
    kind: Option<Kind>,
    syntax: Syntax,
    reading: &'a mut Reading,
}

impl File<'_> {
    fn tree(&mut self, node: &Node) {
        let has = |name: &str| node.get(name).is_some();
        if plain::is_policy(node) {
            self.reading.recognised = true;
            self.policy(node, None, String::new());
        } else if has("planned_values") || has("resource_changes") || has("terraform_version") {
            self.reading.recognised = true;
            self.syntax = Syntax::Fixed;
            self.terraform(node);
        } else if cloudformation::is_template(node) {
            self.reading.recognised = true;
            self.template(node);
        } else if authorization_details::is_export(node) {
            self.reading.recognised = true;
            self.syntax = Syntax::Fixed;
            self.authorization_details(node);
        } else if domain::is_described(node) {
            self.reading.recognised = true;
            self.described_domain(node);
        } else if terraform_json::is_configuration(node) {
            self.reading.recognised = true;
            self.terraform_json(node);
        } else {
            self.anywhere(node);
        }
    }

    /// Adds a policy that stands in the file as JSON or YAML. `kind` is what its surroundings say.
    fn policy(&mut self, node: &Node, kind: Option<Kind>, name: String) {
        self.add(node.clone(), kind, name, self.syntax);
    }

    /// Adds a policy that stands in a string, as JSON, maybe URL-encoded. Strings that hold no policy are let be.
    fn policy_text(&mut self, node: &Node, kind: Option<Kind>, name: String) {
        match embedded::read(self.source, node, self.syntax, &LIMITS) {
            embedded::Embedded::Empty => {}
            embedded::Embedded::Unknown => self.skip(node, name),
            embedded::Embedded::Broken(diagnostics) => {
                for diagnostic in diagnostics {
                    self.reading.fault(diagnostic, &name);
                }
            }
            embedded::Embedded::Policy(node, syntax) => self.add(node, kind, name, syntax),
        }
    }

    /// Adds a policy that stands in the file either way.
    fn policy_or_text(&mut self, node: &Node, kind: Option<Kind>, name: String) {
        match node.as_str() {
            Some(_) => self.policy_text(node, kind, name),
            None if node.as_object().is_some() => self.policy(node, kind, name),
            None => {}
        }
    }

    /// A policy in which statements were put together from elsewhere, and which is not edited.
    fn assembled(&mut self, node: Node, kind: Option<Kind>, name: String) {
        self.add(node, kind, name, Syntax::Fixed);
    }

    fn add(&mut self, node: Node, kind: Option<Kind>, name: String, syntax: Syntax) {
        let file_name = self.source.name().unwrap_or("");
        let kind = self
            .kind
            .or(kind)
            .unwrap_or_else(|| plain::recognise(&node, file_name));
        let policy = Policy::new(self.source.clone(), node, kind, name, syntax);
        self.reading.policies.push(policy);
    }

    fn skip(&mut self, node: &Node, policy: String) {
        self.reading.unread.push(Skipped {
            span: node.span,
            policy,
            reason: "its text is only known at deployment",
        });
    }
}

impl Reading {
    fn fault(&mut self, diagnostic: Diagnostic, policy: &str) {
        self.faults.push(Fault {
            diagnostic,
            policy: policy.to_owned(),
        });
    }
}

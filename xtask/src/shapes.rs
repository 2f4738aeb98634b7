//! Makes the request and response tables of `catalog::shapes` from the service models in botocore
//! (PyPI, Apache-2.0).

mod encode;
mod fetch;
mod pattern;
mod strings;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::generated::{self, Generated};
use crate::{Result, repo};
pub use encode::{Encoded, encode};

/// The release that the tables are made from. After changing it, set `SHA256` to what the error
/// names.
const BOTOCORE: &str = "1.44.5";

/// SHA-256 of the release's wheel, hexadecimal.
const SHA256: &str = "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921";

/// A service and the files that hold its tables.
struct Tables {
    service: &'static str,
    bin: &'static str,
    text: &'static str,
}

macro_rules! tables {
    ($($service:literal),* $(,)?) => {
        &[$(Tables {
            service: $service,
            bin: concat!("crates/catalog/data/shapes/", $service, ".bin"),
            text: concat!("crates/catalog/data/shapes/", $service, ".txt"),
        }),*]
    };
}

/// The services that have tables, by botocore's names. `catalog::shapes` lists the same.
const TABLES: &[Tables] = tables![
    "cloudtrail",
    "iam",
    "kms",
    "organizations",
    "s3",
    "s3control",
    "sagemaker",
    "secretsmanager",
    "sts"
];

const SOURCE: &str = "crates/catalog/data/shapes/source.generated.rs";

/// The files that decide what is generated.
pub const INPUTS: &[&str] = &[
    "xtask/src/shapes.rs",
    "xtask/src/shapes/encode.rs",
    "xtask/src/shapes/fetch.rs",
    "xtask/src/shapes/pattern.rs",
    "xtask/src/shapes/strings.rs",
];

/// Writes the tables, or with `--check` compares them with those in the checkout.
///
/// # Errors
/// The package could not be had, a model holds what the tables cannot express, or (with `--check`)
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

/// Whether the package can be had here: pip is installed, or an earlier run kept the archive.
#[must_use]
pub fn available() -> bool {
    let mut pip = repo::command("python3");
    fetch::archive(BOTOCORE).is_ok_and(|archive| archive.is_file())
        || repo::output(pip.args(["-m", "pip", "--version"])).is_ok()
}

/// Checks, without the package, that the files in the checkout were made by this generator.
///
/// # Errors
/// Says which file does not fit.
pub fn check_stamp() -> Result {
    let made: Vec<&str> = TABLES
        .iter()
        .flat_map(|tables| [tables.bin, tables.text])
        .collect();
    generated::check_stamp(SOURCE, INPUTS, &made)
}

fn generate() -> Result<Vec<Generated>> {
    let unpacked = fetch::botocore(BOTOCORE, SHA256)?;
    let mut files = Vec::new();
    for Tables { service, bin, text } in TABLES {
        let encoded = encode(service, &model(&unpacked.package(), service)?)
            .map_err(|error| format!("service `{service}`: {error}"))?;
        println!(
            "{service}: {} operations, {} shapes",
            encoded.operations, encoded.shapes
        );
        files.push(Generated {
            path: bin,
            bytes: encoded.bin,
        });
        files.push(Generated {
            path: text,
            bytes: encoded.text.into_bytes(),
        });
    }
    let made: Vec<&[u8]> = files.iter().map(|file| file.bytes.as_slice()).collect();
    let stamp = generated::stamp(INPUTS, &made)?;
    let source = format!(
        "// Made by `cargo xtask shapes`; not to be edited.\n\
         // {stamp}\n\n\
         /// The release of botocore from which the tables were made.\n\
         pub const BOTOCORE_VERSION: &str = \"{BOTOCORE}\";\n"
    );
    files.push(Generated {
        path: SOURCE,
        bytes: source.into_bytes(),
    });
    Ok(files)
}

/// The newest model of the service in the package.
fn model(package: &Path, service: &str) -> Result<Value> {
    let versions = package.join("data").join(service);
    let newest = fs::read_dir(&versions)
        .map_err(|error| format!("{}: {error}", versions.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .max()
        .ok_or_else(|| format!("{} holds no version", versions.display()))?;
    let packed = newest.join("service-2.json.gz");
    let bytes = if packed.is_file() {
        let mut bytes = Vec::new();
        let file = fs::File::open(packed)?;
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(file), &mut bytes)?;
        bytes
    } else {
        fs::read(newest.join("service-2.json"))?
    };
    Ok(serde_json::from_slice(&bytes)?)
}

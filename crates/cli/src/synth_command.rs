//! `palisade synth`.

use crate::{BAD_INPUT, blueprint_command, print};
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use synth::{Deputy, File, Format};

/// Writes the whole policy set of a tenancy from its blueprint.
///
/// Exit code: 0 done, 1 with --check where the files are not what they should be, 2 bad input.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Synth {
    #[command(subcommand)]
    single: Option<Single>,
    /// The blueprint.
    #[arg(required = true)]
    blueprint: Option<PathBuf>,
    /// The directory to write to. Without one, everything is printed as one JSON object, by path.
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
    /// What to write; may be given several times.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Form::Json, Form::Terraform, Form::Cloudformation])]
    format: Vec<Form>,
    /// Write nothing; say what would change.
    #[arg(long, requires = "out")]
    check: bool,
    /// Leave the remarks out.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Single {
    /// The trust policy of a role that SageMaker assumes for one feature.
    Deputy(DeputyArguments),
}

#[derive(Debug, Args)]
struct DeputyArguments {
    /// studio, training, processing, pipelines, inference, batch-transform, images, marketplace, neo or edge-manager.
    #[arg(value_parser = feature)]
    feature: blueprint::Feature,
    /// The account whose resources may use the role.
    #[arg(long, value_name = "ID")]
    account: String,
    /// Where these resources are; anywhere without.
    #[arg(long)]
    region: Option<String>,
    /// Such as `aws-cn`; follows from the region where it can.
    #[arg(long)]
    partition: Option<String>,
    /// The one resource that may use the role; `*` and `?` are wildcards.
    #[arg(long)]
    arn: Option<String>,
    /// Sessions carry the source identity of who started them.
    #[arg(long)]
    source_identity: bool,
    /// Sessions carry session tags.
    #[arg(long)]
    session_tags: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// IAM JSON, a file for each policy.
    Json,
    /// Terraform, in its JSON syntax.
    Terraform,
    /// CloudFormation templates.
    Cloudformation,
}

/// The list of the files that were written, so that the next run can take away those that are no longer wanted.
const MANIFEST: &str = "palisade-synth.json";

pub(crate) fn feature(name: &str) -> Result<blueprint::Feature, String> {
    blueprint::Feature::named(name).ok_or_else(|| {
        let known = blueprint::Feature::ALL.map(blueprint::Feature::name);
        format!(
            "there is no such feature; write one of: {}",
            known.join(", ")
        )
    })
}

impl Synth {
    pub(crate) fn run(self) -> ExitCode {
        if let Some(Single::Deputy(deputy)) = self.single {
            return deputy.run();
        }
        match self.write() {
            Ok(code) => code,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }

    fn write(&self) -> Result<ExitCode, String> {
        let path = self.blueprint.as_deref().unwrap_or(Path::new("-"));
        let blueprint = blueprint_command::read(path)?;
        if blueprint.accounts.iter().all(|it| it.teams.is_empty()) {
            return Err(format!(
                "`{}` describes no `[[team]]`, so that there is nothing to write",
                path.display()
            ));
        }
        let plan = synth::synthesise(&blueprint).map_err(|error| error.to_string())?;
        let files = synth::files(&plan, &self.formats());
        if !self.quiet {
            for note in &plan.notes {
                eprintln!("palisade: note: {note}");
            }
        }
        match &self.out {
            None => print_all(&files),
            Some(folder) if self.check => check(folder, &files),
            Some(folder) => write_all(folder, &files),
        }
    }

    fn formats(&self) -> Vec<Format> {
        let format = |form: &Form| match form {
            Form::Json => Format::Json,
            Form::Terraform => Format::Terraform,
            Form::Cloudformation => Format::CloudFormation,
        };
        self.format.iter().map(format).collect()
    }
}

fn print_all(files: &[File]) -> Result<ExitCode, String> {
    let mut all = serde_json::Map::new();
    for file in files {
        let json = serde_json::from_str(&file.text).map_err(|error| error.to_string())?;
        all.insert(file.path.clone(), json);
    }
    print(&format!("{:#}\n", serde_json::Value::Object(all)));
    Ok(ExitCode::SUCCESS)
}

/// The paths that an earlier run wrote and this one does not.
fn stale(folder: &Path, files: &[File]) -> Result<Vec<String>, String> {
    let path = folder.join(MANIFEST);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("`{}`: {error}", path.display())),
    };
    let known: Vec<String> = serde_json::from_str(&text).map_err(|error| {
        format!(
            "`{}` is not the list that `synth` wrote: {error}",
            path.display()
        )
    })?;
    let is_safe = |path: &String| {
        Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    let written = |path: &String| files.iter().any(|file| file.path == *path);
    Ok(known
        .into_iter()
        .filter(|path| is_safe(path) && !written(path) && folder.join(path).exists())
        .collect())
}

fn manifest(files: &[File]) -> String {
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    format!("{:#}\n", serde_json::json!(paths))
}

/// What is in a file; none where there is none.
fn present(path: &Path) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn check(folder: &Path, files: &[File]) -> Result<ExitCode, String> {
    let mut report = String::new();
    for file in files {
        match present(&folder.join(&file.path)) {
            None => report.push_str(&format!("missing: {}\n", file.path)),
            Some(text) if text != file.text => {
                report.push_str(&format!("changed: {}\n", file.path));
            }
            Some(_) => {}
        }
    }
    for path in stale(folder, files)? {
        report.push_str(&format!("stale: {path}\n"));
    }
    print(&report);
    Ok(if report.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn write_all(folder: &Path, files: &[File]) -> Result<ExitCode, String> {
    let cannot = |path: &Path, error: std::io::Error| format!("`{}`: {error}", path.display());
    let stale = stale(folder, files)?;
    let mut written = 0;
    let list = File {
        path: MANIFEST.to_owned(),
        text: manifest(files),
    };
    for file in files.iter().chain([&list]) {
        let path = folder.join(&file.path);
        if present(&path).as_deref() == Some(file.text.as_str()) {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| cannot(parent, error))?;
        }
        std::fs::write(&path, &file.text).map_err(|error| cannot(&path, error))?;
        written += usize::from(file.path != MANIFEST);
    }
    for path in &stale {
        let path = folder.join(path);
        std::fs::remove_file(&path).map_err(|error| cannot(&path, error))?;
    }
    let (all, removed) = (files.len(), stale.len());
    print(&format!(
        "{all} files, {written} written, {removed} removed\n"
    ));
    Ok(ExitCode::SUCCESS)
}

impl DeputyArguments {
    fn run(self) -> ExitCode {
        let deputy = Deputy {
            feature: self.feature,
            account: self.account,
            region: self.region,
            partition: self.partition,
            arn: self.arn,
            source_identity: self.source_identity,
            session_tags: self.session_tags,
        };
        match deputy.trust() {
            Ok(trust) => {
                for note in &trust.notes {
                    eprintln!("palisade: note: {note}");
                }
                print(&trust.policy.pretty());
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }
}

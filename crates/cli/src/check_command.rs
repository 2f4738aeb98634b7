//! `palisade check`.

use crate::{BAD_INPUT, print};
use clap::{Args, ValueEnum};
use lint::{Config, Finding, Input, Kind, Options, Report, Severity, format, rules, sources};
use policy::text::Source;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Finds what is wrong in IAM policies, with the place, the reason and the fix.
///
/// Reads IAM JSON, `terraform show -json`, Terraform's JSON syntax, CloudFormation and SAM templates, CDK output,
/// `aws iam get-account-authorization-details`, and folders of them. `palisade explain CODE` explains a finding.
///
/// Exit code: 0 clean, 1 findings, 2 bad input.
#[derive(Debug, Args)]
pub(crate) struct CheckCommand {
    /// Files, folders, or `-` for standard input.
    #[arg(default_value = "-")]
    paths: Vec<PathBuf>,
    /// The kind of the policies, where it is not recognised: identity, trust, resource, resource:SERVICE, key, boundary,
    /// session, scp, rcp or endpoint.
    #[arg(long, value_parser = parse_kind)]
    kind: Option<Kind>,
    /// How to print the findings.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Apply the safe fixes to the files; with standard input, print the fixed text.
    #[arg(long)]
    fix: bool,
    /// Fail on this severity (suggestion, warning, security, error) and above, or on this rule. The default is warning.
    #[arg(long, value_name = "LEVEL|CODE", value_parser = parse_level)]
    deny: Vec<String>,
    /// Show this severity and below, or this rule, without failing.
    #[arg(long, value_name = "LEVEL|CODE", value_parser = parse_level)]
    warn: Vec<String>,
    /// Take files without a policy for clean, also those that are named: for hooks that pass all files of a kind.
    #[arg(long)]
    allow_empty: bool,
    /// The configuration; without it, `palisade.toml` of this folder or of one above it.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With excerpts, for people.
    Human,
    /// A line for each finding.
    Concise,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub's workflow commands.
    Github,
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = policy::PolicyType::ALL
            .iter()
            .map(|kind| kind.id())
            .collect();
        format!(
            "write one of {}, or resource:SERVICE such as resource:s3",
            known.join(", ")
        )
    })
}

fn parse_level(text: &str) -> Result<String, String> {
    match Severity::parse(text).is_some() || rules::find(text).is_some() {
        true => Ok(text.to_owned()),
        false => Err("write suggestion, warning, security, error, or a rule's code".to_owned()),
    }
}

impl CheckCommand {
    pub(crate) fn run(self) -> ExitCode {
        match self.try_run() {
            Ok(code) => code,
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }

    fn try_run(&self) -> Result<ExitCode, String> {
        let config = match &self.config {
            Some(path) => read_config(path)?,
            None => config_of_folder()?,
        };
        let options = Options {
            config,
            today: Some(jiff::Zoned::now().date()),
        };
        let (mut inputs, mut unread) = (Vec::new(), Vec::new());
        for path in &self.paths {
            self.collect(path, &mut inputs, &mut unread)?;
        }
        if self.allow_empty {
            inputs.retain(|(input, _)| may_hold_policies(input, &[]));
        }
        if self.fix {
            for (input, path) in &mut inputs {
                apply(input, path.as_deref(), &options)?;
            }
            if inputs.iter().any(|(_, path)| path.is_none()) {
                return Ok(ExitCode::SUCCESS);
            }
        }
        let inputs: Vec<Input> = inputs.into_iter().map(|(input, _)| input).collect();
        let report = lint::check(&inputs, &options);
        if !print(&self.render(&report)) {
            return Ok(ExitCode::from(BAD_INPUT));
        }
        let code = self.verdict(&report, &options.config);
        for reason in &unread {
            eprintln!("palisade: {reason}");
        }
        Ok(match unread.is_empty() {
            true => code,
            false => ExitCode::from(BAD_INPUT),
        })
    }

    fn render(&self, report: &Report) -> String {
        match self.format {
            Format::Human => format::human(report),
            Format::Concise => format::concise(report),
            Format::Json => format::json(report),
            Format::Sarif => format::sarif(report),
            Format::Github => format::github(report),
        }
    }

    fn verdict(&self, report: &Report, config: &Config) -> ExitCode {
        let named: Vec<&String> = self
            .paths
            .iter()
            .filter(|path| !path.is_dir())
            .filter_map(|path| {
                report
                    .empty
                    .iter()
                    .find(|name| Path::new(name) == path.as_path())
            })
            .collect();
        let named = if self.allow_empty { Vec::new() } else { named };
        for name in &named {
            eprintln!("palisade: {name}: no policy found");
        }
        let unread = rules::find("PAL001");
        let nothing = report.files == 0 && report.unread.is_empty() && !self.allow_empty;
        if nothing && named.is_empty() {
            eprintln!("palisade: no policy found");
        }
        let unreadable = report
            .findings
            .iter()
            .any(|finding| Some(finding.rule) == unread);
        if nothing || !named.is_empty() || unreadable {
            return ExitCode::from(BAD_INPUT);
        }
        let levels = Levels {
            deny: if self.deny.is_empty() {
                &config.deny
            } else {
                &self.deny
            },
            warn: if self.warn.is_empty() {
                &config.warn
            } else {
                &self.warn
            },
        };
        match report.findings.iter().any(|finding| levels.fails(finding)) {
            true => ExitCode::from(1),
            false => ExitCode::SUCCESS,
        }
    }

    fn collect(
        &self,
        path: &Path,
        inputs: &mut Vec<(Input, Option<PathBuf>)>,
        unread: &mut Vec<String>,
    ) -> Result<(), String> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes);
            read.map_err(|error| format!("standard input: {error}"))?;
            let text = utf8(bytes, "standard input")?;
            inputs.push((self.input(Source::new(text)), None));
            return Ok(());
        }
        let shown = path.display().to_string();
        if path.is_dir() {
            // One that cannot be read does not keep the others from being checked.
            for found in walk(path)? {
                let read = self.collect(&found, inputs, unread);
                unread.extend(read.err().filter(|_| may_hold_statements(&found)));
            }
            // A folder holds other files too: what has no statement anywhere is none of ours.
            inputs.retain(|(input, path)| path.is_none() || may_hold_policies(input, &self.paths));
            return Ok(());
        }
        let length = std::fs::metadata(path)
            .map_err(|error| format!("{shown}: {error}"))?
            .len();
        if length > sources::LIMITS.bytes as u64 {
            return Err(format!(
                "{shown}: larger than {} bytes; split it",
                sources::LIMITS.bytes
            ));
        }
        let bytes = std::fs::read(path).map_err(|error| format!("{shown}: {error}"))?;
        let text = utf8(bytes, &shown)?;
        inputs.push((
            self.input(Source::named(shown, text)),
            Some(path.to_owned()),
        ));
        Ok(())
    }

    fn input(&self, source: Source) -> Input {
        Input {
            source,
            kind: self.kind,
        }
    }
}

/// What makes the check fail.
struct Levels<'a> {
    deny: &'a [String],
    warn: &'a [String],
}

impl Levels<'_> {
    /// A rule's own code counts before its severity, `--warn` before `--deny`.
    fn fails(&self, finding: &Finding) -> bool {
        let named = |list: &[String]| {
            list.iter()
                .any(|name| rules::find(name) == Some(finding.rule))
        };
        let level = |list: &[String]| {
            list.iter()
                .filter_map(|name| Severity::parse(name))
                .collect::<Vec<_>>()
        };
        if named(self.warn) {
            return false;
        }
        if named(self.deny) {
            return true;
        }
        let least = level(self.deny)
            .into_iter()
            .min()
            .unwrap_or(Severity::Warning);
        let shown = level(self.warn).into_iter().max();
        finding.severity >= least && shown.is_none_or(|shown| finding.severity > shown)
    }
}

fn apply(input: &mut Input, path: Option<&Path>, options: &Options) -> Result<(), String> {
    let fixed = lint::fix(input, options);
    match path {
        None => {
            print(&fixed.text);
        }
        Some(path) if fixed.applied > 0 => {
            replace(path, &fixed.text).map_err(|error| format!("{}: {error}", path.display()))?;
            let count = fixed.applied;
            eprintln!("palisade: {}: {count} fixed", path.display());
            input.source = Source::named(path.display().to_string(), fixed.text);
        }
        Some(_) => {}
    }
    Ok(())
}

/// Writes beside the file and renames, so that it is never half written.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let beside = path.with_file_name(format!(".{name}.palisade"));
    std::fs::write(&beside, text)?;
    std::fs::set_permissions(&beside, std::fs::metadata(path)?.permissions())?;
    std::fs::rename(&beside, path)
}

/// Whether a file was named, or says somewhere that it holds statements; Terraform writes the word in lower case.
fn may_hold_policies(input: &Input, named: &[PathBuf]) -> bool {
    let name = input.source.name().unwrap_or("");
    named.iter().any(|path| path.as_path() == Path::new(name))
        || input.source.text().contains("Statement")
        || input.source.text().contains("statement")
}

/// Whether a file that is no text says somewhere that it holds statements, in whatever encoding.
fn may_hold_statements(path: &Path) -> bool {
    const WORD: &[u8] = b"tatement";
    let Ok(mut bytes) = std::fs::read(path) else {
        return true;
    };
    bytes.retain(|byte| *byte != 0);
    bytes.windows(WORD.len()).any(|part| part == WORD)
}

fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, String> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("{name}: not UTF-8 (byte {at}); save it as UTF-8")
    })?;
    // Some editors mark UTF-8 by a character that is no part of the text.
    Ok(text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text))
}

fn read_config(path: &Path) -> Result<Config, String> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}: {error}"))?;
    Config::parse(&Source::named(shown, text)).map_err(|error| error.to_string())
}

/// The configuration of the folder in which the command runs.
pub(crate) fn config_of_folder() -> Result<Config, String> {
    match nearest_config() {
        Some(path) => read_config(&path),
        None => Ok(Config::default()),
    }
}

fn nearest_config() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let found = here
        .ancestors()
        .map(|folder| folder.join("palisade.toml"))
        .find(|path| path.is_file())?;
    // Named as the files are: relative to where the command runs.
    Some(match found.strip_prefix(&here) {
        Ok(relative) => relative.to_owned(),
        Err(_) => found,
    })
}

fn is_read(name: &str, is_assembly: bool) -> bool {
    match is_assembly {
        true => sources::is_assembly_candidate(name),
        false => sources::is_candidate(name),
    }
}

/// The files of a folder that may hold policies, by name; links are not followed.
fn walk(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(shown)? {
        entries.push(entry.map_err(shown)?);
    }
    entries.sort_by_key(std::fs::DirEntry::file_name);
    // CDK marks its assemblies with a file of this name.
    let is_assembly = folder.join("cdk.out").is_file();
    for entry in entries {
        let kind = entry.file_type().map_err(shown)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && !sources::is_skipped_folder(&name) {
            found.extend(walk(&entry.path())?);
        } else if kind.is_file() && is_read(&name, is_assembly) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

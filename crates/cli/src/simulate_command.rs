//! `palisade simulate`.

use crate::as_service::AsService;
use crate::{BAD_INPUT, print};
use clap::{Args, ValueEnum};
use policy::text::Source;
use simulate::{Input, Line};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Answers one request, or many, and says why.
///
/// Reads a JSON object with the request and its policies. A JSON array, or one object a line, is a batch, which is
/// answered with one JSON object a line.
///
/// With --as-service it reads a trust or resource policy instead, and answers the service's call from the owner's account
/// and from a stranger's.
///
/// Exit code: 0 allowed, 1 denied, 2 bad input. A batch: 0, or 2 if any case is malformed. With --as-service: 0 if the owner
/// is served and the stranger is not.
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// A file, or `-` for standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// How to print the answer to a single case.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    #[command(flatten)]
    service: AsService,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

impl Simulate {
    pub(crate) fn run(self) -> ExitCode {
        let (source, folder) = match read_input(&self.file) {
            Ok(read) => read,
            Err(error) => {
                eprintln!("palisade: {error}");
                return ExitCode::from(BAD_INPUT);
            }
        };
        if self.service.is_wanted() {
            return self.service.run(&source, self.format);
        }
        let files = |path: &str| {
            std::fs::read_to_string(folder.join(path)).map_err(|error| error.to_string())
        };
        match simulate::read(&source, &files) {
            Input::Single(line) => self.single(&line),
            Input::Batch(lines) => batch(&lines),
        }
    }

    fn single(&self, line: &Line) -> ExitCode {
        let printed = match (line, self.format) {
            (Ok(answer), Format::Human) => print(answer.to_text()),
            (Err(error), Format::Human) => {
                eprintln!("{error}");
                true
            }
            (line, Format::Json) => print(&json_line(line)),
        };
        match line {
            _ if !printed => ExitCode::from(BAD_INPUT),
            Ok(answer) if answer.is_allow() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(1),
            Err(_) => ExitCode::from(BAD_INPUT),
        }
    }
}

fn batch(lines: &[Line]) -> ExitCode {
    let text: String = lines.iter().map(json_line).collect();
    let sound = lines.iter().all(Result::is_ok);
    if print(&text) && sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(BAD_INPUT)
    }
}

fn json_line(line: &Line) -> String {
    let json = match line {
        Ok(answer) => answer.to_json().to_string(),
        Err(error) => error.to_json().to_string(),
    };
    json + "\n"
}

/// The input's text, and the folder from which the paths in it are taken.
fn read_input(file: &Path) -> Result<(Source, PathBuf), String> {
    let mut bytes = Vec::new();
    let (name, folder) = if file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| format!("standard input: {e}"))?;
        (None, PathBuf::from("."))
    } else {
        bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new(".")).to_path_buf();
        (Some(file.display().to_string()), folder)
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("the input is not UTF-8 (byte {at}); save it as UTF-8")
    })?;
    let source = match name {
        Some(name) => Source::named(name, text),
        None => Source::new(text),
    };
    Ok((source, folder))
}

//! `palisade prove verify`.

use super::input::{files, read_policy, read_text};
use crate::{BAD_INPUT, print};
use clap::Args;
use prove_checker::{Checked, check};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// The certificates to check.
///
/// They are checked by other code than that which wrote them. Exit code: 0 they show what they say, 1 they do not, 2 bad
/// input.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The file that `--certificate` wrote
    file: PathBuf,
    /// Files with policies, or folders of them: the certificates must be about these and no others
    #[arg(long, num_args = 1.., value_name = "FILE")]
    policies: Vec<PathBuf>,
}

impl Verify {
    pub(super) fn run(&self) -> ExitCode {
        let text = read_text(&self.file);
        let read = text.and_then(|text| {
            let value: Result<Value, _> = serde_json::from_str(&text);
            value.map_err(|error| format!("{}: {error}", self.file.display()))
        });
        let certificates = match read {
            Ok(Value::Array(all)) if !all.is_empty() => all,
            Ok(one @ Value::Object(_)) => vec![one],
            Ok(_) => {
                return bad(&format!(
                    "{}: there is no certificate in it",
                    self.file.display()
                ));
            }
            Err(error) => return bad(&error),
        };
        let given = match self.given() {
            Ok(given) => given,
            Err(error) => return bad(&error),
        };
        let checked: Result<Vec<Checked>, _> = certificates.iter().map(check).collect();
        let checked = checked.map_err(|refusal| refusal.to_string());
        let checked = checked.and_then(|checked| match &given {
            Some(given) => is_about(&checked, given).map(|()| checked),
            None => Ok(checked),
        });
        let (text, code) = match checked {
            Ok(checked) => (shown(&checked), ExitCode::SUCCESS),
            Err(refusal) => (format!("refused: {refusal}\n"), ExitCode::from(1)),
        };
        match print(&text) {
            true => code,
            false => ExitCode::from(BAD_INPUT),
        }
    }
}

impl Verify {
    /// The policies that the certificates must be about, by their files; `None` where any may be.
    fn given(&self) -> Result<Option<Vec<Given>>, String> {
        if self.policies.is_empty() {
            return Ok(None);
        }
        let mut all = Vec::new();
        for path in files(&self.policies)? {
            let text = read_text(&path)?;
            let kind = prove::likely_type(&text);
            let policy = read_policy(&path, &text, kind)?;
            all.push((path, policy.document.to_json()));
        }
        Ok(Some(all))
    }
}

/// A file, and the policy in it as certificates have it.
type Given = (PathBuf, String);

/// Says which policy of a certificate is none of those given, or which of those is in no certificate.
fn is_about(checked: &[Checked], given: &[Given]) -> Result<(), String> {
    let about = || checked.iter().flat_map(|one| &one.policies);
    let is_given = |text: &str| given.iter().any(|(_, own)| own == text);
    let mut others =
        about().filter(|policy| policy.supposed().is_none() && !is_given(&policy.text));
    if let Some(other) = others.next() {
        return Err(format!(
            "it is about a policy `{}` ({}) that is none of those given",
            other.name, other.layer
        ));
    }
    let absent = |(_, own): &&Given| about().all(|policy| policy.text != *own);
    match given.iter().find(absent) {
        Some((path, _)) => Err(format!("it is not about {}", path.display())),
        None => Ok(()),
    }
}

fn bad(error: &str) -> ExitCode {
    eprintln!("palisade: {error}");
    ExitCode::from(BAD_INPUT)
}

fn shown(checked: &[Checked]) -> String {
    let leaves: usize = checked.iter().map(|one| one.leaves).sum();
    let mut text = format!(
        "verified: {} proved, {leaves} reasons checked\n",
        checked.len()
    );
    let claims: BTreeSet<_> = checked.iter().map(|one| &one.claim).collect();
    for claim in claims {
        let _ = writeln!(text, "  {claim}");
    }
    let policies: BTreeSet<_> = checked.iter().flat_map(|one| &one.policies).collect();
    text.push_str("  about\n");
    for policy in policies {
        let supposed = policy.supposed();
        let supposed =
            supposed.map_or_else(String::new, |what| format!(", supposed to allow {what}"));
        let _ = writeln!(text, "    {} ({}{supposed})", policy.name, policy.layer);
    }
    let facts: BTreeSet<_> = checked.iter().flat_map(|one| &one.facts).collect();
    if !facts.is_empty() {
        text.push_str("  taken as given\n");
    }
    for (id, key, source) in facts {
        let _ = writeln!(text, "    {id}: `{key}` ({source})");
    }
    if checked.iter().any(|one| one.beyond) {
        text.push_str(
            "  what kind of request is meant beyond the policies is as the certificate says\n",
        );
    }
    text
}

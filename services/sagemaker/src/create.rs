//! Creation: what it demands, and what it leaves behind.

use platform::identity::Tag;
use platform::{ApiError, Call, Check, Checks, Fault, Outcome, Permitted, Target, id, pass_role};
use serde_json::Value as Json;
use store::Read;
use wire::value::Value;

use super::item::{Item, Place, State};
use super::row::{Life, Row};
use super::{Kind, assume, kept, keys, tags};

/// The keys of a file system, by the member that they come from (`CreateTrainingJob`,
/// `CreateHyperParameterTuningJob`).
const FILE_SYSTEM: &[(&str, &str)] = &[
    ("sagemaker:FileSystemId", "FileSystemId"),
    ("sagemaker:FileSystemAccessMode", "FileSystemAccessMode"),
    ("sagemaker:FileSystemType", "FileSystemType"),
    ("sagemaker:FileSystemDirectoryPath", "DirectoryPath"),
];

pub(super) fn may<K: Kind>(call: &Call<'_>) -> Result<Checks, ApiError> {
    may_create(call, K::row())
}

/// The creation itself, the tags that the resource will have, and the roles that it is given.
fn may_create(call: &Call<'_>, row: &Row) -> Result<Checks, ApiError> {
    let arn = would_be(call, row)?;
    let tags = tags::of_new(call)?;
    let target = if row.issued.is_some() {
        Target::arn(&arn)?
    } else {
        Target::arn(&arn)?.listed_as(row.trail_type)
    };
    let creation = Check::of(call.action(), target).request_tags(&tags);
    let creation = keys::set(creation, row.create_keys, call, call.input());
    let mut checks = of_file_systems(call, creation);
    if !tags.is_empty() {
        checks = checks.and(
            Check::new("sagemaker:AddTags", Target::arn(&arn)?)?
                .key("sagemaker:TaggingAction", call.operation())
                .request_tags(&tags),
        );
    }
    Ok(checks.and_all(of_roles(call, row, &arn)?))
}

/// The ARN that the resource will have. The id of a kind that gets one is not known beforehand.
fn would_be(call: &Call<'_>, row: &Row) -> Result<String, ApiError> {
    if row.issued.is_some() {
        return Ok(row.arn(call, &["*"]));
    }
    Ok(row.arn(call, &row.names_in(call)?))
}

/// One check for each file system of the input, for the keys hold one value each; all must pass.
fn of_file_systems(call: &Call<'_>, check: Check) -> Checks {
    let path = "InputDataConfig.DataSource.FileSystemDataSource";
    let mut all = kept::at(call.input(), path).into_iter().map(|source| {
        FILE_SYSTEM
            .iter()
            .fold(check.clone(), |check, (key, member)| {
                check.key_if(*key, source.str(member))
            })
    });
    match all.next() {
        Some(first) => Checks::from(first).and_all(all),
        None => check.clone().into(),
    }
}

/// `iam:PassRole` for each role in the input.
pub(super) fn of_roles(call: &Call<'_>, row: &Row, arn: &str) -> Result<Vec<Check>, ApiError> {
    let roles = row
        .roles
        .iter()
        .filter_map(|path| call.input().at(path)?.as_str());
    roles
        .map(|role| {
            pass_role(
                assume::role_target(call.state(), role)?,
                assume::PRINCIPAL,
                Some(arn),
            )
        })
        .collect()
}

pub(super) fn create<K: Kind>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let row = K::row();
    let names = match row.issued {
        Some(prefix) => vec![format!(
            "{prefix}{}",
            id::lower(call.platform().random(), 12)?
        )],
        None => row.names_in(call)?.into_iter().map(str::to_owned).collect(),
    };
    let arn = row.arn(call, &names);
    let tags = tags::of_new(call)?;
    let item = new_item(call, row, names, &tags);
    let mut attempt = None;
    let written = call.write(|tx| {
        let place = Place::of(call);
        check_place(call, &*tx, row, &item)?;
        if !tx.insert(&place.key(row, &item.names), &item)? {
            return Err(row.duplicate(call, &item.names));
        }
        let role = row
            .roles
            .first()
            .and_then(|path| call.input().at(path)?.as_str());
        match (&row.assumption, role) {
            (Some(how), Some(role)) => {
                let tried = assume::try_role(call, &*tx, how, role, &arn, &tags);
                let refused = assume::refusal(&tried, role);
                attempt = Some(tried);
                refused
            }
            _ => Ok(()),
        }
    });
    // Nobody waits for the trail while the state is locked. What the role said is in `written`.
    if let Some(attempt) = attempt
        && let Err(error) = attempt.record(call.platform())
        && error.fault() == Fault::Internal
    {
        return Err(error);
    }
    written?;
    let answer = Value::map().with(format!("{}Arn", row.noun), arn);
    Ok(Outcome::new(match row.issued {
        Some(_) => row
            .names
            .iter()
            .zip(&item.names)
            .fold(answer, |answer, (member, name)| {
                answer.with(*member, name.as_str())
            }),
        None => answer,
    }))
}

fn new_item(call: &Call<'_>, row: &Row, names: Vec<String>, tags: &[Tag]) -> Item {
    let now = call.time();
    let mut input = kept::to_json(call.input());
    if let Json::Object(members) = &mut input {
        members.remove("Tags");
    }
    let states = match row.life {
        Life::Timeless => Vec::new(),
        Life::Service => vec![State {
            status: "InService".to_owned(),
            since: now,
        }],
        Life::Job { .. } => vec![State {
            status: "InProgress".to_owned(),
            since: now,
        }],
    };
    Item {
        names,
        created: now,
        modified: now,
        tags: tags.to_vec(),
        input,
        states,
    }
}

/// Whether what it belongs to exists.
fn check_place(call: &Call<'_>, tx: &dyn Read, row: &Row, item: &Item) -> Result<(), ApiError> {
    let place = Place::of(call);
    if let Some(parent) = row.parent {
        let outer: Vec<String> = item
            .names
            .iter()
            .take(parent.names.len())
            .cloned()
            .collect();
        if place.find(tx, parent, &outer)?.is_none() {
            return Err(parent.missing(call, &outer));
        }
    }
    Ok(())
}

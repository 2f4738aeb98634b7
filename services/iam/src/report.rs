//! The credential report: a table of all users of an account and their credentials.

use jiff::{SignedDuration, Timestamp};
use platform::identity::{AccessKey, Account, KeyStatus, User, of_account, to_second};
use platform::{ApiError, Call, Outcome, Permitted};
use serde::{Deserialize, Serialize};
use store::{Record, Scan};
use wire::value::Value;

use super::{account, check};

/// How long a report stands before it is made anew.
const STANDS: SignedDuration = SignedDuration::from_hours(4);

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// A report. Its record stands under the account's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Report {
    time: Timestamp,
    content: String,
}

impl Record for Report {
    const KIND: &'static str = "iam-credential-report";
    const VERSION: u32 = 1;
}

impl Report {
    fn stands(&self, now: Timestamp) -> bool {
        now.duration_since(self.time) < STANDS
    }
}

pub(super) fn generate(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = of_account(call.account());
    let held: Option<Report> = call.state().get(&key)?;
    if held.is_some_and(|report| report.stands(call.time())) {
        return Ok(Outcome::new(Value::map().with("State", "COMPLETE")));
    }
    let report = Report {
        time: call.time(),
        content: content(call)?,
    };
    call.write(|tx| Ok(tx.put(&key, &report)?))?;
    let described = "No report exists. Starting a new report generation task";
    Ok(Outcome::new(
        Value::map()
            .with("State", "STARTED")
            .with("Description", described),
    ))
}

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let held: Option<Report> = call.state().get(&of_account(call.account()))?;
    let report = held.ok_or_else(|| {
        let text = "No report exists. Use GenerateCredentialReport to create one";
        ApiError::new("ReportNotPresent", 410, text)
    })?;
    if !report.stands(call.time()) {
        let text = "The report has expired. Use GenerateCredentialReport to create a new one";
        return Err(ApiError::new("ReportExpired", 410, text));
    }
    Ok(Outcome::new(
        Value::map()
            .with("Content", Value::Blob(report.content.into_bytes().into()))
            .with("ReportFormat", "text/csv")
            .with("GeneratedTime", to_second(report.time)),
    ))
}

fn content(call: &Call<'_>) -> Result<String, ApiError> {
    let (state, own) = (call.state(), of_account(call.account()));
    let mut content = COLUMNS.to_owned();
    let root: Option<Account> = state.get(&own)?;
    let keys = root.map(|root| root.root_keys).unwrap_or_default();
    let arn = check::arn(call, "root");
    // AWS says of passwords that there are none, which is true of everybody here.
    row(
        call,
        &mut content,
        ("<root_account>", &arn, account::created(call)?),
        &keys,
    )?;
    for entry in state.scan::<User>(&Scan::under(&own))? {
        let user = entry.value;
        let arn = user.arn(call.platform().partition(), call.account());
        let who = (user.name.as_str(), arn.as_str(), to_second(user.created));
        row(call, &mut content, who, &user.access_keys)?;
    }
    Ok(content)
}

fn row(
    call: &Call<'_>,
    content: &mut String,
    (name, arn, created): (&str, &str, Timestamp),
    keys: &[String],
) -> Result<(), ApiError> {
    let time = |time: Timestamp| to_second(time).to_string();
    let mut cells = vec![name.to_owned(), arn.to_owned(), time(created)];
    cells.extend(["false", "N/A", "N/A", "N/A", "false"].map(str::to_owned));
    for at in 0..2 {
        let record: Option<AccessKey> = match keys.get(at) {
            Some(id) => call.state().get(&AccessKey::key(id))?,
            None => None,
        };
        let Some((key, id)) = record.zip(keys.get(at)) else {
            cells.extend(["false", "N/A", "N/A", "N/A", "N/A"].map(str::to_owned));
            continue;
        };
        cells.push((key.status == KeyStatus::Active).to_string());
        cells.push(time(key.created));
        match call.platform().usage().of_key(call.state(), id)? {
            Some(used) => cells.extend([time(used.time), used.region, used.service]),
            None => cells.extend(["N/A", "N/A", "N/A"].map(str::to_owned)),
        }
    }
    cells.extend(["false", "N/A", "false", "N/A"].map(str::to_owned));
    content.push('\n');
    content.push_str(&cells.join(","));
    Ok(())
}

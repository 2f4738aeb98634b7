//! The tables, and how those of older programs are brought up to date.

use super::connection::{Bare, Lost};
use super::options::Connector;
use crate::Error;

/// The steps from an empty schema to the format of this program. A step is never changed once a
/// program with it was released.
const STEPS: [&str; 1] = ["
    CREATE TABLE record (
        kind text COLLATE \"C\" NOT NULL,
        key bytea NOT NULL,
        version int8 NOT NULL,
        revision int8 NOT NULL,
        json text COLLATE \"C\" NOT NULL,
        PRIMARY KEY (kind, key)
    );
    CREATE TABLE change (
        kind text COLLATE \"C\" PRIMARY KEY,
        revision int8 NOT NULL
    );
    CREATE TABLE writer ();
"];

/// The number of the lock under which one node at a time looks after the tables: `PALS`.
const LOCK: u32 = 0x5041_4C53;

/// Makes the tables, or brings them up to date, in one transaction.
pub(super) fn prepare(connector: &Connector, connection: &mut Bare) -> Result<(), Error> {
    let refuse = |lost: Lost| lost.into_error("preparing", connector.place());
    let reject = |reason: &str| Error::Backend {
        doing: "preparing",
        place: connector.place().to_owned(),
        reason: reason.to_owned(),
    };
    let yes = |sql: &str| {
        let answer = connection.scalar(sql.to_owned());
        answer.map(|answer| answer.as_deref() == Some("true"))
    };
    if yes("SELECT pg_is_in_recovery()::text").map_err(refuse)? {
        return Err(reject(
            "it is a replica, which lags behind: name the primary, or add \
             `target_session_attrs=read-write` to a URL of several hosts",
        ));
    }
    let encoding = connection.scalar("SHOW server_encoding").map_err(refuse)?;
    if encoding.as_deref() != Some("UTF8") {
        return Err(reject(
            "its encoding is not `UTF8`: `CREATE DATABASE … ENCODING 'UTF8'`",
        ));
    }
    let schema = connector.schema();
    connection
        .batch(format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})"))
        .map_err(refuse)?;
    let there = format!("SELECT (to_regnamespace('{schema}') IS NOT NULL)::text");
    if !yes(&there).map_err(refuse)? {
        let create = format!("CREATE SCHEMA \"{schema}\"");
        connection.batch(create).map_err(refuse)?;
    }
    let prepared = format!("SELECT (to_regclass('\"{schema}\".format') IS NOT NULL)::text");
    if !yes(&prepared).map_err(refuse)? {
        let create = "CREATE TABLE format (version int8 NOT NULL); INSERT INTO format VALUES (0)";
        connection.batch(create).map_err(refuse)?;
    }
    let found = connection
        .scalar("SELECT version::text FROM format")
        .map_err(refuse)?
        .and_then(|text| text.parse::<u32>().ok())
        .ok_or_else(|| reject("its table `format` holds no number"))?;
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(Error::NewerFile {
            place: connector.place().to_owned(),
            found,
            known,
        });
    }
    for step in STEPS
        .iter()
        .skip(usize::try_from(found).unwrap_or(usize::MAX))
    {
        connection.batch(*step).map_err(refuse)?;
    }
    connection
        .batch(format!(
            "UPDATE format SET version = {known} WHERE version <> {known}; COMMIT"
        ))
        .map_err(refuse)
}

//! The tables of the file.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{failure, place};
use crate::Error;

/// `PALS`, kept in `PRAGMA application_id`.
const APPLICATION: i64 = 0x5041_4C53;

/// The steps from an empty file to the format of this program; how many were taken is kept in
/// `PRAGMA user_version`. A step is never changed once a program with it was released.
const STEPS: [&str; 2] = [
    "
    CREATE TABLE record (
        kind TEXT NOT NULL,
        key BLOB NOT NULL,
        version INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
        kind TEXT NOT NULL PRIMARY KEY,
        revision INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    // Which journal beside the file has commits that the tables lack.
    "CREATE TABLE journal (name BLOB NOT NULL) STRICT;",
];

/// Makes the tables, or brings them up to date, in one transaction. A file of another program, and one
/// that is up to date, is not written to.
pub(super) fn prepare(path: &Path, connection: &mut Connection) -> Result<(), Error> {
    take(path, connection, &STEPS)
}

fn take(path: &Path, connection: &mut Connection, steps: &[&str]) -> Result<(), Error> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if taken(path, connection, known)? == known {
        return Ok(());
    }
    let failed = |error: rusqlite::Error| failure(path, "preparing", &error);
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another process may have been faster.
    let found = usize::try_from(taken(path, &tx, known)?).unwrap_or(usize::MAX);
    for step in steps.iter().skip(found) {
        tx.execute_batch(step).map_err(failed)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION)
        .and_then(|()| tx.pragma_update(None, "user_version", known))
        .and_then(|()| tx.commit())
        .map_err(failed)
}

/// How many of the `known` steps the file has taken.
fn taken(path: &Path, connection: &Connection, known: u32) -> Result<u32, Error> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| failure(path, "opening", &error))
    };
    match pragma("application_id")? {
        APPLICATION => {}
        0 if pragma("schema_version")? == 0 => return Ok(0),
        _ => return Err(Error::NotAStore { place: place(path) }),
    }
    let found = u32::try_from(pragma("user_version")?).unwrap_or(u32::MAX);
    if found > known {
        return Err(Error::NewerFile {
            place: place(path),
            found,
            known,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open;

    /// A step that a later program might add.
    const NEXT: &str =
        "ALTER TABLE record ADD COLUMN note TEXT; CREATE INDEX noted ON record (note);";

    fn prepared(path: &Path, steps: &[&str]) -> Result<(), Error> {
        take(path, &mut open(path)?, steps)
    }

    /// What the file consists of, and how many steps it has taken.
    fn outline(path: &Path) -> (Vec<String>, u32) {
        let connection = Connection::open(path).unwrap();
        let mut schema = connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let sql = schema.query_map((), |row| row.get(0)).unwrap();
        let sql = sql.collect::<Result<_, _>>().unwrap();
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0));
        (sql, version.unwrap())
    }

    #[test]
    fn a_file_that_took_its_steps_one_by_one_is_as_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let (new, old) = (dir.path().join("new.db"), dir.path().join("old.db"));
        let steps: Vec<&str> = STEPS.into_iter().chain([NEXT]).collect();
        for some in 1..=steps.len() {
            prepared(&old, steps.get(..some).unwrap()).unwrap();
        }
        prepared(&new, &steps).unwrap();
        assert_eq!(outline(&old), outline(&new));
        let (sql, version) = outline(&new);
        assert_eq!((sql.len(), version), (4, 3));
    }

    #[test]
    fn records_stay_when_a_step_is_taken_and_the_older_program_refuses_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let sample = include_bytes!("../../tests/it/samples/store-v1.db");
        std::fs::write(&path, sample).unwrap();
        let count = |path: &Path| {
            let connection = Connection::open(path).unwrap();
            let count = connection.query_row("SELECT count(*) FROM record", (), |row| row.get(0));
            count.unwrap()
        };
        let before: i64 = count(&path);
        assert!(before > 0);
        prepared(&path, &[STEPS[0], STEPS[1], NEXT]).unwrap();
        assert_eq!((count(&path), outline(&path).1), (before, 3));
        let refused = prepared(&path, &STEPS).unwrap_err();
        assert!(matches!(
            refused,
            Error::NewerFile {
                found: 3,
                known: 2,
                ..
            }
        ));
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        prepared(&path, &STEPS).unwrap();
        let before = outline(&path);
        let steps = [STEPS[0], STEPS[1], NEXT, "CREATE TABLE record (x)"];
        let error = prepared(&path, &steps).unwrap_err().to_string();
        assert!(error.starts_with("preparing `"), "{error}");
        assert_eq!(outline(&path), before);
    }
}

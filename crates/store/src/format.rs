//! Formats of records without their types.

mod members;

use std::collections::BTreeSet;
use std::fmt;

use crate::record::decode;
use crate::{Decoded, Error, Key, Record, Stored};

/// The format of a kind of record, for whoever looks at all kinds that a program keeps.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use store::{Format, Record};
///
/// #[derive(Serialize, Deserialize)]
/// struct Role { path: String }
/// impl Record for Role {
///     const KIND: &'static str = "iam-role";
///     const VERSION: u32 = 1;
/// }
///
/// static FORMATS: &[Format] = &[Format::of::<Role>()];
/// let written = FORMATS[0].rewrite(1, br#"{ "path": "/" }"#)?;
/// assert_eq!(written, br#"{"path":"/"}"#);
/// # Ok::<(), store::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Format {
    kind: &'static str,
    version: u32,
    rewrite: fn(&Stored) -> Result<Vec<u8>, Error>,
    members: fn() -> BTreeSet<String>,
}

impl Format {
    /// The format of `T`.
    #[must_use]
    pub const fn of<T: Record>() -> Self {
        Self {
            kind: T::KIND,
            version: T::VERSION,
            rewrite: rewrite::<T>,
            members: members::of::<T>,
        }
    }

    /// The kind of record, [`Record::KIND`].
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        self.kind
    }

    /// The version that this program writes, [`Record::VERSION`].
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The paths to the members and variants that the type reads: `policies.inline`, and
    /// `owner|user.name` where `owner` is an enumeration.
    #[must_use]
    pub fn members(&self) -> BTreeSet<String> {
        (self.members)()
    }

    /// Reads JSON of a version, and gives what this program writes for it, in
    /// [`version`](Format::version).
    ///
    /// # Errors
    /// When this program does not read that version, or the JSON is malformed.
    pub fn rewrite(&self, version: u32, json: &[u8]) -> Result<Vec<u8>, Error> {
        (self.rewrite)(&Stored {
            version,
            revision: 0,
            json: json.into(),
            decoded: Decoded::default(),
        })
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.kind, self.version)
    }
}

fn rewrite<T: Record>(stored: &Stored) -> Result<Vec<u8>, Error> {
    let key = Key::default();
    let value = decode::<T>(key.clone(), stored)?.value;
    serde_json::to_vec(&value).map_err(|error| Error::malformed(T::KIND, &key, &error.to_string()))
}

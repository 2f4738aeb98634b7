//! Preconditions of reads (RFC 9110, section 13; Amazon S3 API Reference, "GetObject").

use jiff::Timestamp;
use platform::ApiError;
use wire::value::Value;

use super::error;

/// The preconditions in a request.
#[derive(Default)]
pub(super) struct Preconditions<'t> {
    pub(super) matches: Option<&'t str>,
    pub(super) none_match: Option<&'t str>,
    pub(super) modified: Option<Timestamp>,
    pub(super) unmodified: Option<Timestamp>,
}

impl<'t> Preconditions<'t> {
    /// Those that members with this prefix hold: none for a read, `CopySource` for a copy's source.
    pub(super) fn read(input: &'t Value, prefix: &str) -> Self {
        let name = |rest: &str| [prefix, "If", rest].concat();
        Self {
            matches: input.str(&name("Match")),
            none_match: input.str(&name("NoneMatch")),
            modified: input.timestamp(&name("ModifiedSince")),
            unmodified: input.timestamp(&name("UnmodifiedSince")),
        }
    }

    /// Lets an object with this entity tag (without quotes) and time pass.
    ///
    /// # Errors
    /// `PreconditionFailed`, or that it was not modified.
    pub(super) fn check(&self, etag: &str, changed: Timestamp) -> Result<(), ApiError> {
        match self.broken(etag, changed) {
            None => Ok(()),
            Some("If-None-Match" | "If-Modified-Since") => Err(error::not_modified()),
            Some(header) => Err(error::precondition(header)),
        }
    }

    /// The header of the first precondition that an object does not meet.
    pub(super) fn broken(&self, etag: &str, changed: Timestamp) -> Option<&'static str> {
        let changed = changed.as_second();
        match (self.matches, self.unmodified) {
            (Some(tags), _) if !lists(tags, etag) => return Some("If-Match"),
            (None, Some(instant)) if changed > instant.as_second() => {
                return Some("If-Unmodified-Since");
            }
            _ => {}
        }
        match (self.none_match, self.modified) {
            (Some(tags), _) if lists(tags, etag) => Some("If-None-Match"),
            (None, Some(instant)) if changed <= instant.as_second() => Some("If-Modified-Since"),
            _ => None,
        }
    }
}

/// What stands for every entity tag.
pub(super) const ANY: &str = "*";

/// Whether a list of entity tags names this one. Quotes may be missing, as S3 lets them.
pub(super) fn lists(tags: &str, etag: &str) -> bool {
    tags.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == ANY || tag.trim_matches('"') == etag
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use platform::Fault;

    fn status(preconditions: &Preconditions<'_>) -> u16 {
        let changed = Timestamp::from_second(1_000).unwrap();
        match preconditions.check("abc", changed) {
            Ok(()) => 200,
            Err(error) => match error.fault() {
                Fault::Service { status, .. } => status,
                _ => 0,
            },
        }
    }

    #[test]
    fn tags_count_before_times() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let with = Preconditions::default;
        assert_eq!(status(&with()), 200);
        assert_eq!(
            status(&Preconditions {
                matches: Some("\"abc\""),
                ..with()
            }),
            200
        );
        assert_eq!(
            status(&Preconditions {
                matches: Some("\"x\", \"abc\""),
                ..with()
            }),
            200
        );
        assert_eq!(
            status(&Preconditions {
                matches: Some("x"),
                ..with()
            }),
            412
        );
        assert_eq!(
            status(&Preconditions {
                none_match: Some("*"),
                ..with()
            }),
            304
        );
        assert_eq!(
            status(&Preconditions {
                none_match: Some("x"),
                ..with()
            }),
            200
        );
        assert_eq!(
            status(&Preconditions {
                modified: at(999),
                ..with()
            }),
            200
        );
        assert_eq!(
            status(&Preconditions {
                modified: at(1_000),
                ..with()
            }),
            304
        );
        assert_eq!(
            status(&Preconditions {
                unmodified: at(1_000),
                ..with()
            }),
            200
        );
        assert_eq!(
            status(&Preconditions {
                unmodified: at(999),
                ..with()
            }),
            412
        );
        let both = Preconditions {
            matches: Some("abc"),
            unmodified: at(999),
            ..with()
        };
        assert_eq!(status(&both), 200);
        let both = Preconditions {
            none_match: Some("x"),
            modified: at(1_000),
            ..with()
        };
        assert_eq!(status(&both), 200);
    }
}

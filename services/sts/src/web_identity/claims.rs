//! What a token says.

use jiff::Timestamp;
use platform::identity::{OidcProvider, Tag};
use platform::{ApiError, FederatedCaller, Federation};
use policy::AccountId;
use serde_json::{Map, Value as Json};

use super::error::{expired, invalid, rejected};

/// How far the issuer's clock may be ahead, in seconds.
const AHEAD: i64 = 60;
/// The action, whose condition keys are those of the providers that AWS knows.
const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
/// The longest subject.
const SUBJECT: usize = 255;
/// Session tags (IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity").
const TAGS: &str = "https://aws.amazon.com/tags";
/// The source identity (IAM User Guide, "Monitor and control actions taken with assumed roles").
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// The claims of a token.
pub(super) struct Claims<'t> {
    all: &'t Map<String, Json>,
    issuer: &'t str,
    subject: &'t str,
    audiences: Vec<&'t str>,
    /// The party for which the token was issued, where it is not its audience.
    party: Option<&'t str>,
    issued: i64,
    expires: i64,
    not_before: Option<i64>,
}

impl<'t> Claims<'t> {
    /// Reads what every token must say.
    pub(super) fn read(all: &'t Map<String, Json>) -> Result<Self, ApiError> {
        let missing = |name: &str| invalid(format!("Missing a required claim: {name}"));
        let malformed = |name: &str| invalid(format!("The claim {name} is not as it must be"));
        let text = |name: &'static str| match all.get(name) {
            None => Err(missing(name)),
            Some(value) => value.as_str().ok_or_else(|| malformed(name)),
        };
        let instant = |name: &'static str| match all.get(name) {
            None => Err(missing(name)),
            Some(value) => value.as_i64().ok_or_else(|| malformed(name)),
        };
        let subject = text("sub")?;
        if subject.is_empty() || subject.chars().count() > SUBJECT {
            return Err(malformed("sub"));
        }
        let party = match all.get("azp") {
            None => None,
            Some(_) => Some(text("azp")?),
        };
        Ok(Self {
            all,
            issuer: text("iss")?,
            subject,
            audiences: match all.get("aud") {
                None => return Err(missing("aud")),
                Some(value) => strings(value).ok_or_else(|| malformed("aud"))?,
            },
            party,
            issued: instant("iat")?,
            expires: instant("exp")?,
            not_before: match all.get("nbf") {
                None => None,
                Some(_) => Some(instant("nbf")?),
            },
        })
    }

    pub(super) fn issuer(&self) -> &'t str {
        self.issuer
    }

    /// Whether the token is in force.
    pub(super) fn in_force(&self, now: Timestamp) -> Result<(), ApiError> {
        let now = now.as_second();
        if now >= self.expires {
            return Err(expired(now, self.expires));
        }
        let begins = self.not_before.unwrap_or(self.issued).max(self.issued);
        if begins > now.saturating_add(AHEAD) {
            return Err(invalid(format!(
                "Token is not valid yet: current date/time {now} must not be before {begins}"
            )));
        }
        Ok(())
    }

    /// Who brings the token, if it is for one of the provider's audiences.
    pub(super) fn federated(
        &self,
        partition: &str,
        account: AccountId,
        provider: &OidcProvider,
    ) -> Result<FederatedCaller, ApiError> {
        let audience = self.audience(provider)?;
        let (tags, transitive) = self.tags()?;
        Ok(FederatedCaller {
            account,
            federation: Federation {
                provider: provider.arn(partition, account),
                keys: self.keys(provider.name()),
            },
            told: self.told(provider.name()),
            issuer: self.issuer.to_owned(),
            subject: self.subject.to_owned(),
            audience: audience.to_owned(),
            tags,
            transitive,
            source_identity: self.source_identity()?,
        })
    }

    /// The audience for which the token counts: the party for which it was issued, where it says so.
    fn audience(&self, provider: &OidcProvider) -> Result<&'t str, ApiError> {
        let known = |name: &&&str| provider.client_ids.iter().any(|id| id == **name);
        let found = match &self.party {
            Some(party) => Some(party).filter(known),
            None => self.audiences.iter().find(known),
        };
        found
            .copied()
            .ok_or_else(|| invalid("Incorrect token audience"))
    }

    /// The provider's condition keys. Where the token says for which party it was issued, that is `aud`
    /// and the audience is `oaud`.
    fn keys(&self, name: &str) -> Vec<(String, Vec<String>)> {
        let owned = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        let mut keys = vec![(format!("{name}:sub"), vec![self.subject.to_owned()])];
        match self.party {
            Some(party) => {
                keys.push((format!("{name}:aud"), vec![party.to_owned()]));
                keys.push((format!("{name}:oaud"), owned(&self.audiences)));
            }
            None => keys.push((format!("{name}:aud"), owned(&self.audiences))),
        }
        if let Some(methods) = self.all.get("amr").and_then(strings) {
            keys.push((format!("{name}:amr"), owned(&methods)));
        }
        keys
    }

    /// The claims that AWS knows as condition keys of this provider and no other, such as
    /// `token.actions.githubusercontent.com:repository`.
    fn told(&self, name: &str) -> Vec<(String, Vec<String>)> {
        let mut told = Vec::new();
        // What has no dot are AWS's own prefixes.
        let known = catalog::action(ACTION).filter(|_| name.contains('.'));
        let mut tell = |claim: &str, value: &Json| {
            let key = format!("{name}:{claim}");
            if ["sub", "aud", "oaud", "amr"].contains(&claim) || claim.contains(':') {
                return;
            }
            if let Some(values) = texts(value)
                && known.is_some_and(|action| action.lists_condition_key(&key))
            {
                told.push((key, values));
            }
        };
        for (claim, value) in self.all {
            tell(claim, value);
            for (inner, value) in value.as_object().into_iter().flatten() {
                tell(&format!("{claim}/{inner}"), value);
            }
        }
        told
    }

    /// The session tags that the token asks for, and which of them are transitive.
    fn tags(&self) -> Result<(Vec<Tag>, Vec<String>), ApiError> {
        let malformed = || rejected(format!("The claim {TAGS} is not as it must be"));
        let Some(claim) = self.all.get(TAGS) else {
            return Ok((Vec::new(), Vec::new()));
        };
        let claim = claim.as_object().ok_or_else(malformed)?;
        let mut tags = Vec::new();
        if let Some(listed) = claim.get("principal_tags") {
            for (key, value) in listed.as_object().ok_or_else(malformed)? {
                let values = strings(value).ok_or_else(malformed)?;
                let [value] = values.as_slice() else {
                    return Err(malformed());
                };
                let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
                if !fits || !key.chars().chain(value.chars()).all(in_tags) {
                    return Err(malformed());
                }
                tags.push(Tag::new(key.as_str(), *value));
            }
        }
        let transitive = match claim.get("transitive_tag_keys") {
            Some(listed) => strings(listed).ok_or_else(malformed)?,
            None => Vec::new(),
        };
        Ok((tags, transitive.into_iter().map(str::to_owned).collect()))
    }

    fn source_identity(&self) -> Result<Option<String>, ApiError> {
        let Some(claim) = self.all.get(SOURCE_IDENTITY) else {
            return Ok(None);
        };
        let name = claim.as_str().filter(|name| {
            let fits = (2..=64).contains(&name.chars().count());
            let allowed =
                |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
            fits && name.chars().all(allowed)
        });
        match name {
            Some(name) => Ok(Some(name.to_owned())),
            None => Err(rejected(format!(
                "The claim {SOURCE_IDENTITY} is not as it must be"
            ))),
        }
    }
}

/// Whether a letter may stand in a tag.
fn in_tags(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}

/// One value as policies compare it, or a list of such.
fn texts(value: &Json) -> Option<Vec<String>> {
    let one = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(truth) => Some(truth.to_string()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Json::Array(values) if !values.is_empty() => values.iter().map(one).collect(),
        value => Some(vec![one(value)?]),
    }
}

/// One text, or a list of texts that is not empty.
fn strings(value: &Json) -> Option<Vec<&str>> {
    match value {
        Json::String(text) => Some(vec![text]),
        Json::Array(values) if !values.is_empty() => values.iter().map(Json::as_str).collect(),
        _ => None,
    }
}

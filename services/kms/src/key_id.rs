//! From a `KeyId` to a key (KMS API Reference, "KeyId").

use platform::{ApiError, Call, KeyAlias};
use std::sync::Arc;
use store::Read;

use super::record::{Key, alias_arn, arn};
use super::{error, managed};

/// The id that stands for the key of an alias that is not there.
const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

/// What a `KeyId` says.
#[derive(Clone, Debug)]
pub(super) struct KeyId {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) named: Named,
}

/// How a key is named.
#[derive(Clone, Debug)]
pub(super) enum Named {
    Id(String),
    /// With `alias/`.
    Alias(String),
}

impl KeyId {
    /// Reads the text of a `KeyId`.
    ///
    /// # Errors
    /// When it cannot be one, or is of another region.
    pub(super) fn parse(call: &Call<'_>, text: &str) -> Result<Self, ApiError> {
        let own = |named| Self {
            account: call.account().to_string(),
            region: call.region().to_owned(),
            named,
        };
        if !text.starts_with("arn:") {
            let named =
                named(text).ok_or_else(|| error::not_found(format!("Invalid keyId '{text}'")))?;
            return Ok(own(named));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let (region, account, resource) = match parts.as_slice() {
            ["arn", partition, "kms", region, account, resource]
                if *partition == call.platform().partition() && is_account(account) =>
            {
                (*region, *account, *resource)
            }
            _ => return Err(error::invalid_arn(format!("Invalid arn {text}"))),
        };
        if region != call.region() {
            return Err(error::not_found(format!("Invalid arn {region}")));
        }
        let named = match resource.strip_prefix("key/") {
            Some(id) => is_id(id).then(|| Named::Id(id.to_owned())),
            None => named(resource).filter(|named| matches!(named, Named::Alias(_))),
        };
        Ok(Self {
            account: account.to_owned(),
            region: region.to_owned(),
            named: named.ok_or_else(|| error::invalid_arn(format!("Invalid arn {text}")))?,
        })
    }

    /// The same for operations that take no aliases.
    pub(super) fn parse_key(call: &Call<'_>, text: &str) -> Result<Self, ApiError> {
        let id = Self::parse(call, text)?;
        match id.named {
            Named::Id(_) => Ok(id),
            Named::Alias(_) => Err(error::not_found(format!("Invalid keyId '{text}'"))),
        }
    }

    /// The alias that was named.
    pub(super) fn alias(&self) -> Option<&str> {
        match &self.named {
            Named::Alias(name) => Some(name),
            Named::Id(_) => None,
        }
    }

    /// The key, as of `tx`, if there is one. An AWS managed key is there as soon as its service asks for
    /// it.
    pub(super) fn find(
        &self,
        call: &Call<'_>,
        tx: &dyn Read,
    ) -> Result<Option<Arc<Key>>, ApiError> {
        let place = |id: &str| Key::key(&self.account, &self.region, id);
        let place = match &self.named {
            Named::Id(id) => place(id),
            Named::Alias(name) => {
                let alias = KeyAlias::key(&self.account, &self.region, name);
                match tx.shared::<KeyAlias>(&alias)? {
                    Some(alias) => place(&alias.key),
                    None => return Ok(managed::would_be(call, self)?.map(Arc::new)),
                }
            }
        };
        let key = tx.shared::<Key>(&place)?;
        Ok(key.filter(|key| key.is_there(call.time())))
    }

    /// The ARN of the key that is not there.
    pub(super) fn would_be(&self, call: &Call<'_>) -> String {
        let id = match &self.named {
            Named::Id(id) => id,
            Named::Alias(_) => NO_ID,
        };
        arn(call.platform(), &self.region, &self.account, id)
    }

    /// The error that there is no such key.
    pub(super) fn missing(&self, call: &Call<'_>) -> ApiError {
        match &self.named {
            Named::Id(_) => error::no_key(&self.would_be(call)),
            Named::Alias(name) => error::no_alias(&alias_arn(
                call.platform(),
                &self.region,
                &self.account,
                name,
            )),
        }
    }

    /// The key, as of `tx`.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn get(&self, call: &Call<'_>, tx: &dyn Read) -> Result<Arc<Key>, ApiError> {
        self.find(call, tx)?.ok_or_else(|| self.missing(call))
    }
}

fn named(text: &str) -> Option<Named> {
    if is_alias(text) {
        Some(Named::Alias(text.to_owned()))
    } else {
        is_id(text).then(|| Named::Id(text.to_owned()))
    }
}

/// Whether it is the name of an alias, with `alias/`.
pub(super) fn is_alias(text: &str) -> bool {
    text.strip_prefix("alias/").is_some_and(|name| {
        !name.is_empty()
            && text.len() <= 256
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte))
    })
}

fn is_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| {
            group
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

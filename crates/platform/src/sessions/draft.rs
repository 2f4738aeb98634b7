//! A session token in the making.

use jiff::{SignedDuration, Timestamp};
use policy::AccountId;

use crate::error::ApiError;
use crate::id;
use crate::platform::Platform;
use crate::session::{Bearer, Claims, Session};

/// Claims that are not sealed yet.
pub(super) struct Draft {
    pub(super) claims: Claims,
}

impl Draft {
    /// The claims of a session without policies, tags or source identity.
    pub(super) fn new(
        account: AccountId,
        bearer: Bearer,
        now: Timestamp,
        seconds: i64,
    ) -> Result<Self, ApiError> {
        let expires = now
            .checked_add(SignedDuration::from_secs(seconds))
            .map_err(ApiError::internal)?;
        let claims = Claims {
            version: Claims::VERSION,
            secret: String::new(),
            account: account.to_string(),
            bearer,
            issued: now,
            expires,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
            source_identity: None,
            studio: None,
            federation: None,
            padding: String::new(),
        };
        Ok(Self { claims })
    }

    /// Seals the claims with a new secret, for the session of this ARN and unique id. The token has at
    /// least `size` letters.
    pub(super) fn seal(
        self,
        platform: &Platform,
        (arn, user_id): (String, String),
        packed: Option<u64>,
        size: Option<usize>,
    ) -> Result<Session, ApiError> {
        let random = platform.random();
        let account = self
            .claims
            .account()
            .ok_or_else(|| ApiError::internal("no account"))?;
        let access_key_id = id::temporary_key(random, account)?;
        let mut claims = Claims {
            secret: id::secret_key(random)?,
            ..self.claims
        };
        let mut token = claims.seal(platform.sealer(), random, &access_key_id)?;
        if let Some(lacking) = size.and_then(|size| size.checked_sub(token.len())) {
            // Letters that cannot be packed.
            claims.padding = id::lower(random, lacking.saturating_mul(8).div_ceil(5))?;
            token = claims.seal(platform.sealer(), random, &access_key_id)?;
        }
        Ok(Session {
            token,
            access_key_id,
            expires: claims.expires,
            arn,
            user_id,
            source_identity: claims.source_identity,
            secret_access_key: claims.secret,
            packed,
        })
    }
}

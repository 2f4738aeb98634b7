//! Names and ARNs of trails (CloudTrail User Guide, "Naming requirements for CloudTrail resources").

use platform::{ApiError, Call};
use policy::{AccountId, Arn};

use crate::error;

/// A trail as an input names it.
pub(crate) struct Named {
    pub(crate) account: AccountId,
    /// The home region.
    pub(crate) region: String,
    pub(crate) name: String,
    /// Whether the whole ARN was given.
    pub(crate) by_arn: bool,
}

impl Named {
    /// Reads a name, which is of the call's account and region, or an ARN.
    ///
    /// # Errors
    /// When it is neither.
    pub(crate) fn read(call: &Call<'_>, text: &str) -> Result<Self, ApiError> {
        if !text.starts_with("arn:") {
            check(text)?;
            return Ok(Self {
                account: call.account(),
                region: call.region().to_owned(),
                name: text.to_owned(),
                by_arn: false,
            });
        }
        let arn = Arn::parse(text).map_err(|_| error::invalid_arn(text))?;
        let account = AccountId::parse(arn.account());
        let name = arn.resource().strip_prefix("trail/");
        let (Some(account), Some(name), "cloudtrail") = (account, name, arn.service()) else {
            return Err(error::invalid_arn(text));
        };
        if check(name).is_err() || arn.region().is_empty() {
            return Err(error::invalid_arn(text));
        }
        Ok(Self {
            account,
            region: arn.region().to_owned(),
            name: name.to_owned(),
            by_arn: true,
        })
    }

    /// The trail's ARN.
    pub(crate) fn arn(&self, call: &Call<'_>) -> String {
        arn(
            call.platform().partition(),
            &self.region,
            self.account.as_str(),
            &self.name,
        )
    }
}

pub(crate) fn arn(partition: &str, region: &str, account: &str, name: &str) -> String {
    format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}")
}

/// Whether a trail may have this name.
pub(crate) fn check(name: &str) -> Result<(), ApiError> {
    let length = name.chars().count();
    if length < 3 {
        return Err(error::invalid_name(format!(
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: \
             {length} characters."
        )));
    }
    if length > 128 {
        return Err(error::invalid_name(format!(
            "Trail name too long. Maximum allowed length: 128 characters. Specified name length: \
             {length} characters."
        )));
    }
    let mark = |letter: char| matches!(letter, '.' | '-' | '_');
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || mark(c)) {
        return Err(error::invalid_name(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, \
             periods (.), hyphens (-), and underscores (_).",
        ));
    }
    if name.starts_with(mark) {
        return Err(error::invalid_name(
            "Trail name must starts with a letter or number.",
        ));
    }
    if name.ends_with(mark) {
        return Err(error::invalid_name(
            "Trail name must ends with a letter or number.",
        ));
    }
    let pairs = name.chars().zip(name.chars().skip(1));
    if pairs.into_iter().any(|(a, b)| mark(a) && mark(b)) {
        return Err(error::invalid_name(
            "Trail name can not have adjacent periods, hyphens or underscores.",
        ));
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return Err(error::invalid_name(
            "Trail name can not be in IP address format.",
        ));
    }
    Ok(())
}

/// Whether a bucket could have this name (Amazon S3 User Guide, "Bucket naming rules").
pub(crate) fn check_bucket(name: &str) -> Result<(), ApiError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name
            .chars()
            .all(|c| plain(c) || matches!(c, '.' | '-' | '_'))
        && name.starts_with(plain)
        && name.ends_with(plain)
        && !name.contains("..");
    if good {
        Ok(())
    } else {
        Err(error::invalid_bucket(name))
    }
}

/// Whether log files can lie under this prefix.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), ApiError> {
    if prefix.len() > 200 {
        return Err(error::invalid_prefix(
            "The S3 key prefix can not have more than 200 characters.",
        ));
    }
    if prefix.starts_with('/') || prefix.ends_with('/') || prefix.contains("//") {
        return Err(error::invalid_prefix(
            "The S3 key prefix can not begin or end with a slash, or have adjacent slashes.",
        ));
    }
    Ok(())
}

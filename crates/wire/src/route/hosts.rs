//! What host names say.

use http::{header, request::Parts};

/// The domains of AWS's endpoints.
const AWS: &[&str] = &[".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];

/// The name in the `Host` header, or in the request's line.
pub(super) fn of(parts: &Parts) -> Option<&str> {
    let host = parts.headers.get(header::HOST);
    host.and_then(|host| host.to_str().ok())
        .or_else(|| parts.uri.authority().map(http::uri::Authority::as_str))
}

/// A host's name without its port.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// What stands before one of AWS's domains.
pub(super) fn before_aws(host: &str) -> Option<&str> {
    AWS.iter().find_map(|domain| {
        let (rest, end) = host.split_at_checked(host.len().checked_sub(domain.len())?)?;
        end.eq_ignore_ascii_case(domain).then_some(rest)
    })
}

/// The region that a host of AWS's is in: `SERVICE.REGION.amazonaws.com`.
pub(super) fn aws_region(host: &str) -> Option<&str> {
    let (_, label) = before_aws(without_port(host))?.rsplit_once('.')?;
    is_region(label).then_some(label)
}

/// The bucket before a name of S3 at AWS: `s3`, `s3.REGION`, `s3-REGION`, `s3.dualstack.REGION`,
/// `s3-fips.REGION`, `s3-accelerate`. Whether there is one: `None` when the host is none of AWS's.
pub(super) fn aws_bucket(host: &str) -> Option<Option<&str>> {
    let mut rest = before_aws(host)?;
    loop {
        let (before, label) = match rest.rsplit_once('.') {
            Some((before, label)) => (Some(before), label),
            None => (None, rest),
        };
        if is_s3(label) {
            return Some(before.filter(|bucket| !bucket.is_empty()));
        }
        match before {
            Some(before) if is_region(label) || label.eq_ignore_ascii_case("dualstack") => {
                rest = before;
            }
            _ => return Some(None),
        }
    }
}

fn is_s3(label: &str) -> bool {
    let Some((start, rest)) = label.split_at_checked(2) else {
        return false;
    };
    let known = ["", "-fips", "-accelerate", "-external-1"];
    start.eq_ignore_ascii_case("s3")
        && (known.iter().any(|known| rest.eq_ignore_ascii_case(known))
            || rest.strip_prefix('-').is_some_and(is_region))
}

/// `us-east-1`, `us-gov-west-1`
fn is_region(label: &str) -> bool {
    let mut words = label.rsplit('-');
    let number = words.next().unwrap_or_default();
    let place =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.clone().count() >= 2
        && words.all(place)
}

/// Whether a host is one of S3 Control (`ACCOUNT.s3-control.REGION.amazonaws.com`).
pub(super) fn is_s3_control(host: &str) -> bool {
    let mut labels = without_port(host).split('.').take(2);
    labels.any(|label| label.eq_ignore_ascii_case("s3-control"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_stand_before_the_names_of_s3() {
        for (host, bucket) in [
            ("b.s3.amazonaws.com", Some("b")),
            ("b.c.s3.us-west-2.amazonaws.com", Some("b.c")),
            ("b.s3-us-west-2.amazonaws.com", Some("b")),
            ("b.s3.dualstack.eu-central-1.amazonaws.com", Some("b")),
            ("b.S3-FIPS.us-gov-west-1.AMAZONAWS.com", Some("b")),
            ("b.s3.cn-north-1.amazonaws.com.cn", Some("b")),
            ("s3.s3.amazonaws.com", Some("s3")),
            ("s3.us-west-2.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("sts.us-east-1.amazonaws.com", None),
            ("b.s3-control.us-west-2.amazonaws.com", None),
            (".s3.amazonaws.com", None),
        ] {
            assert_eq!(aws_bucket(host), Some(bucket), "{host}");
        }
        assert_eq!(aws_bucket("b.s3.example.com"), None);
        assert_eq!(
            aws_region("sts.us-west-2.amazonaws.com:443"),
            Some("us-west-2")
        );
        assert_eq!(aws_region("iam.amazonaws.com"), None);
        assert!(is_s3_control(
            "111122223333.s3-control.us-west-2.amazonaws.com:443"
        ));
        assert!(!is_s3_control("s3.us-west-2.amazonaws.com"));
    }
}

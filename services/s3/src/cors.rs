//! Which pages of other origins may ask what of a bucket (Amazon S3 User Guide, "Using cross-origin
//! resource sharing (CORS)"; the Fetch standard, "CORS protocol").

use platform::beside::{Asked, Beside, Header};
use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

use super::record::Bucket;
use super::settings::CorsRule;
use super::{check, config, error};

/// The most rules of a bucket.
const MOST: usize = 100;

const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(super) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let bucket = check::bucket(call)?;
    if bucket.cors.is_empty() {
        let text = "The CORS configuration does not exist";
        return Err(config::absent("NoSuchCORSConfiguration", text, &bucket));
    }
    let texts = |list: &[String]| {
        let values: Vec<Value> = list.iter().map(|text| text.as_str().into()).collect();
        (!values.is_empty()).then_some(values)
    };
    let show = |rule: &CorsRule| {
        Value::map()
            .with_some("ID", rule.id.as_deref())
            .with_some("AllowedHeaders", texts(&rule.headers))
            .with_some("AllowedMethods", texts(&rule.methods))
            .with_some("AllowedOrigins", texts(&rule.origins))
            .with_some("ExposeHeaders", texts(&rule.expose))
            .with_some("MaxAgeSeconds", rule.max_age)
    };
    let rules = bucket.cors.iter().map(show).collect::<Value>();
    Ok(Outcome::new(Value::map().with("CORSRules", rules)))
}

pub(super) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let asked = call.input().get("CORSConfiguration");
    let asked = asked.map(|it| it.list("CORSRules")).unwrap_or_default();
    if asked.is_empty() || asked.len() > MOST {
        return Err(error::malformed_xml());
    }
    let rules: Vec<CorsRule> = asked.iter().map(read).collect::<Result<_, _>>()?;
    config::change(call, |bucket| {
        bucket.cors = rules;
        Ok(())
    })
}

fn read(asked: &Value) -> Result<CorsRule, ApiError> {
    let texts = |name: &str| -> Vec<String> {
        let list = asked.list(name).iter();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let rule = CorsRule {
        id: asked.str("ID").map(str::to_owned),
        headers: texts("AllowedHeaders"),
        methods: texts("AllowedMethods"),
        origins: texts("AllowedOrigins"),
        expose: texts("ExposeHeaders"),
        max_age: asked.int("MaxAgeSeconds"),
    };
    let invalid = |text: String| Err(error::invalid_request(text));
    if rule.methods.is_empty()
        || rule.origins.is_empty()
        || rule.id.as_ref().is_some_and(|id| id.len() > 255)
    {
        return Err(error::malformed_xml());
    }
    let unknown = |method: &&String| !METHODS.contains(&method.as_str());
    if let Some(method) = rule.methods.iter().find(unknown) {
        return invalid(format!(
            "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
        ));
    }
    let stars = |text: &&String| text.matches('*').count() > 1;
    if let Some(origin) = rule.origins.iter().find(stars) {
        return invalid(format!(
            "AllowedOrigin \"{origin}\" can not have more than one wildcard."
        ));
    }
    if let Some(header) = rule.headers.iter().find(stars) {
        return invalid(format!(
            "AllowedHeader \"{header}\" can not have more than one wildcard."
        ));
    }
    if let Some(header) = rule.expose.iter().find(|header| header.contains('*')) {
        return invalid(format!(
            "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for \
             ExposeHeader."
        ));
    }
    Ok(rule)
}

pub(super) fn delete(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    config::change(call, |bucket| {
        bucket.cors = Vec::new();
        Ok(())
    })
}

/// The headers beside the answers of S3: where the bucket is, and what a page of another origin may
/// read.
pub(super) static BESIDE: Beside = Beside { headers, preflight };

/// Operations whose answers tell in which region the bucket is, to whoever asks.
const TELLING: [&str; 3] = ["HeadBucket", "ListObjects", "ListObjectsV2"];

fn headers(asked: &Asked<'_>) -> Result<Vec<Header>, ApiError> {
    let tells = TELLING.contains(&asked.operation);
    if !tells && asked.origin.is_none() && asked.region == asked.platform.config().region {
        return Ok(Vec::new());
    }
    let Some(bucket) = bucket(asked)? else {
        return Ok(Vec::new());
    };
    let mut headers = Vec::new();
    if tells || bucket.region != asked.region {
        headers.push(("x-amz-bucket-region", bucket.region.clone()));
    }
    if let Some(origin) = asked.origin
        && let Some(rule) = allowing(&bucket.cors, origin, asked.method, &[])
    {
        headers.extend(allowed(rule, origin));
    }
    Ok(headers)
}

fn bucket(asked: &Asked<'_>) -> Result<Option<Bucket>, ApiError> {
    let tx = asked.platform.store().begin_read()?;
    Ok(tx.get(&Bucket::key(asked.place))?)
}

/// What both an answer and a preflight say.
fn allowed(rule: &CorsRule, origin: &str) -> Vec<Header> {
    let vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    let methods = ("access-control-allow-methods", rule.methods.join(", "));
    let vary = ("vary", vary.to_owned());
    let mut headers = match rule.origins.iter().any(|pattern| pattern == "*") {
        true => vec![("access-control-allow-origin", "*".to_owned())],
        false => vec![
            ("access-control-allow-origin", origin.to_owned()),
            ("access-control-allow-credentials", "true".to_owned()),
        ],
    };
    headers.extend([methods, vary]);
    if !rule.expose.is_empty() {
        headers.push(("access-control-expose-headers", rule.expose.join(", ")));
    }
    headers
}

fn preflight(asked: &Asked<'_>, listed: &[&str]) -> Result<Vec<Header>, ApiError> {
    let refused = |text: &str| {
        Err(ApiError::new("AccessForbidden", 403, text)
            .with("Method", asked.method)
            .with("ResourceType", "BUCKET"))
    };
    let rules = bucket(asked)?.map(|bucket| bucket.cors).unwrap_or_default();
    if rules.is_empty() {
        return refused("CORSResponse: CORS is not enabled for this bucket.");
    }
    let origin = asked.origin.unwrap_or_default();
    let Some(rule) = allowing(&rules, origin, asked.method, listed) else {
        return refused(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution \
             of Origin, request method / Access-Control-Request-Method or \
             Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
        );
    };
    let mut headers = allowed(rule, origin);
    if !listed.is_empty() {
        let names = listed.join(", ").to_ascii_lowercase();
        headers.push(("access-control-allow-headers", names));
    }
    if let Some(seconds) = rule.max_age {
        headers.push(("access-control-max-age", seconds.to_string()));
    }
    Ok(headers)
}

/// The first rule that lets a page of `origin` use `method`, with these headers of its own.
fn allowing<'r>(
    rules: &'r [CorsRule],
    origin: &str,
    method: &str,
    headers: &[&str],
) -> Option<&'r CorsRule> {
    rules.iter().find(|rule| {
        let known = |header: &&str| {
            let header = header.to_ascii_lowercase();
            let mut patterns = rule.headers.iter();
            patterns.any(|pattern| fits(&pattern.to_ascii_lowercase(), &header))
        };
        rule.methods.iter().any(|it| it == method)
            && rule.origins.iter().any(|pattern| fits(pattern, origin))
            && headers.iter().all(known)
    })
}

/// Whether a text fits a pattern with at most one `*`.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            let rest = text.strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, expected) in [
            ("*", "http://a", true),
            ("http://*.example.com", "http://a.example.com", true),
            ("http://*.example.com", "http://example.com", false),
            ("http://a", "http://A", false),
            ("ab*ba", "aba", false),
            ("http://a*", "http://a", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_rule_that_allows_all_of_it_counts() {
        let rule = |methods: &[&str], origins: &[&str], headers: &[&str]| {
            let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            CorsRule {
                id: None,
                headers: own(headers),
                methods: own(methods),
                origins: own(origins),
                expose: Vec::new(),
                max_age: None,
            }
        };
        let rules = [
            rule(&["PUT"], &["https://app.example"], &["x-amz-*"]),
            rule(&["GET"], &["*"], &[]),
        ];
        let find = |origin, method, headers: &[&str]| {
            allowing(&rules, origin, method, headers).map(|rule| rule.methods[0].clone())
        };
        assert_eq!(
            find("https://app.example", "PUT", &["X-Amz-Date"]).unwrap(),
            "PUT"
        );
        assert_eq!(find("https://app.example", "PUT", &["content-type"]), None);
        assert_eq!(find("https://other.example", "PUT", &[]), None);
        assert_eq!(find("https://other.example", "GET", &[]).unwrap(), "GET");
        assert_eq!(find("https://other.example", "GET", &["x-own"]), None);
    }
}

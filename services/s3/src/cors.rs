//! Which pages of other origins may ask what of a bucket (Amazon S3 User Guide, "Using cross-origin
//! resource sharing (CORS)"; the Fetch standard, "CORS protocol").

use platform::{ApiError, Call, Outcome, Permitted};
use wire::value::Value;

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

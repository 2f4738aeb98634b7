//! botocore's protocol cases, from the other side: what its client sends must be read as the
//! parameters it was given, and what its parser expects from a server must be what is written.

use std::collections::BTreeMap;

use bytes::Bytes;
use catalog::shapes::{Kind, Member, Service, Shape};
use http::{HeaderName, HeaderValue, Request, request::Parts};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::{Dialect, Stamp, decode, xml::Element};
use crate::error::WireError;
use crate::route::{Router, Target};
use crate::value::{Map, Value};

/// Cases that do not apply, with the reason.
const INPUT_EXCEPTIONS: &[(&str, &str)] = &[
    ("SDKAppliedContentEncoding_awsJson1_0", NO_BODY),
    ("SDKAppliedContentEncoding_awsJson1_1", NO_BODY),
    ("SDKAppliedContentEncoding_awsQuery", NO_BODY),
    ("SDKAppliedContentEncoding_restJson1", NO_BODY),
    ("SDKAppliedContentEncoding_restXml", NO_BODY),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0",
        NO_BODY,
    ),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1",
        NO_BODY,
    ),
    (
        "SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery",
        NO_BODY,
    ),
    ("SDKAppendedGzipAfterProvidedEncoding_restJson1", NO_BODY),
    ("SDKAppendedGzipAfterProvidedEncoding_restXml", NO_BODY),
    ("QueryEmptyQueryMaps", NOT_SENT),
    ("RestJsonHttpPrefixHeadersAreNotPresent", NOT_SENT),
    ("HttpPrefixHeadersAreNotPresent", NOT_SENT),
    ("RestJsonOmitsEmptyListQueryValues", NOT_SENT),
    ("RestJsonHttpWithEmptyStructurePayload", SENT_EMPTY),
    ("RestJsonHttpWithHeadersButNoPayload", SENT_EMPTY),
    (
        "RestJsonHostWithPath",
        "the endpoint's own path is the proxy's to strip",
    ),
    ("RestJsonQueryPrecedence", WHOLE_QUERY),
    ("RestXmlQueryPrecedence", WHOLE_QUERY),
    ("RestJsonQueryParamsStringListMap", WHOLE_QUERY),
    ("RestXmlQueryParamsStringListMap", WHOLE_QUERY),
    ("Content-Type and JSON body 7", FILLED_IN),
    ("legacy-rest-json/Structure payload 1", SENT_EMPTY),
    ("Content-Type and JSON body 2", SENT_EMPTY),
    ("Content-Type and JSON body 4", SENT_EMPTY),
    ("List in header 1", NOT_SENT),
    ("rest-xml/AllQueryStringTypes", WHOLE_QUERY),
    ("rest-xml/RestXmlQueryStringEscaping", WHOLE_QUERY),
    ("rest-xml/RestXmlSupportsNaNFloatQueryValues", WHOLE_QUERY),
    (
        "rest-xml/RestXmlSupportsInfinityFloatQueryValues",
        WHOLE_QUERY,
    ),
    (
        "rest-xml/RestXmlSupportsNegativeInfinityFloatQueryValues",
        WHOLE_QUERY,
    ),
    ("rest-xml/RestXmlZeroAndFalseQueryValues", WHOLE_QUERY),
];
const NO_BODY: &str = "the case shows headers and no body";
const FILLED_IN: &str = "the client fills the member in; a server sees it as given";
const NOT_SENT: &str = "what is empty is not sent, and so is absent for a server";
const SENT_EMPTY: &str = "what is absent is sent as an empty structure";
const WHOLE_QUERY: &str = "a server sees every parameter in the map, the case only the map's own";
const OUTPUT_EXCEPTIONS: &[(&str, &str)] = &[
    ("AwsJson11DateTimeWithNegativeOffset", TOLERANCE),
    ("AwsJson11DateTimeWithPositiveOffset", TOLERANCE),
    ("handles_empty_output_shape", TOLERANCE),
    ("handles_unexpected_json_output", TOLERANCE),
    ("AwsJson11FooErrorUsingXAmznErrorType", OTHER_CODE),
    ("AwsJson11FooErrorUsingXAmznErrorTypeWithUri", OTHER_CODE),
    (
        "AwsJson11FooErrorUsingXAmznErrorTypeWithUriAndNamespace",
        OTHER_CODE,
    ),
    ("AwsJson11FooErrorUsingCode", OTHER_CODE),
    ("AwsJson11FooErrorUsingCodeAndNamespace", OTHER_CODE),
    ("AwsJson11FooErrorUsingCodeUriAndNamespace", OTHER_CODE),
    ("AwsJson11IntEnums", TOLERANCE),
    ("AwsJson11DeserializeIgnoreType", TOLERANCE),
    ("parses_the_request_id_from_the_response", TOLERANCE),
    ("AwsJson11StructuresDontDeserializeNullValues", TOLERANCE),
    ("AwsJson10FooErrorUsingXAmznErrorType", OTHER_CODE),
    ("AwsJson10FooErrorUsingXAmznErrorTypeWithUri", OTHER_CODE),
    (
        "AwsJson10FooErrorUsingXAmznErrorTypeWithUriAndNamespace",
        OTHER_CODE,
    ),
    ("AwsJson10FooErrorUsingCode", OTHER_CODE),
    ("AwsJson10FooErrorUsingCodeAndNamespace", OTHER_CODE),
    ("AwsJson10FooErrorUsingCodeUriAndNamespace", OTHER_CODE),
    ("AwsJson10DeserializeIgnoreType", TOLERANCE),
    ("AwsJson10DeserializeAllowNulls", TOLERANCE),
    ("AwsJson10HandlesEmptyOutputShape", TOLERANCE),
    ("AwsJson10HandlesUnexpectedJsonOutput", TOLERANCE),
    ("AwsQueryDateTimeWithNegativeOffset", TOLERANCE),
    ("AwsQueryDateTimeWithPositiveOffset", TOLERANCE),
    ("RestJsonDateTimeWithNegativeOffset", TOLERANCE),
    ("RestJsonDateTimeWithPositiveOffset", TOLERANCE),
    ("RestJsonFooErrorUsingXAmznErrorTypeWithUri", OTHER_CODE),
    (
        "RestJsonFooErrorUsingXAmznErrorTypeWithUriAndNamespace",
        OTHER_CODE,
    ),
    ("RestJsonFooErrorUsingCode", OTHER_CODE),
    ("RestJsonFooErrorUsingCodeAndNamespace", OTHER_CODE),
    ("RestJsonFooErrorUsingCodeUriAndNamespace", OTHER_CODE),
    ("RestJsonFooErrorWithDunderType", OTHER_CODE),
    ("RestJsonFooErrorWithDunderTypeAndNamespace", OTHER_CODE),
    ("RestJsonFooErrorWithDunderTypeUriAndNamespace", OTHER_CODE),
    ("RestJsonDeserializesDenseSetMapAndSkipsNull", TOLERANCE),
    ("RestJsonDeserializeIgnoreType", TOLERANCE),
    ("RestJsonDoesntDeserializeNullStructureValues", TOLERANCE),
    ("RestXmlDateTimeWithNegativeOffset", TOLERANCE),
    ("RestXmlDateTimeWithPositiveOffset", TOLERANCE),
    (
        "legacy-json/Lists 1",
        "a list of JSON texts is a list of texts for us",
    ),
    ("legacy-json/Ignores extra data 0", TOLERANCE),
    ("legacy-json/RPC JSON Event Stream 0", EVENTS),
    ("legacy-json/Modeled exceptions 1", OTHER_CODE),
    (
        "legacy-query/Flattened list with location name 0",
        LIST_NAME,
    ),
    ("legacy-query/Modeled exceptions 0", FAULT),
    ("legacy-query/Modeled exceptions 1", FAULT),
    ("legacy-query/Modeled exceptions 2", FAULT),
    ("legacy-rest-json/Ignores extra data 0", TOLERANCE),
    ("legacy-rest-json/Ignores undefined output 0", TOLERANCE),
    ("legacy-rest-json/Tagged Unions 2", TOLERANCE),
    ("legacy-rest-xml/Unions 2", TOLERANCE),
    ("List in header 0", TOLERANCE),
    ("legacy-rest-xml/REST XML Event Stream 0", EVENTS),
    ("legacy-rest-xml/REST XML Event Stream 1", EVENTS),
    ("InvalidGreetingError", MORE),
    ("ComplexError", MORE),
    ("legacy-rest-xml/Modeled exceptions 0", MORE),
    ("legacy-rest-xml/Modeled exceptions 1", MORE),
    ("legacy-rest-xml/Modeled exceptions 2", MORE),
    (
        "legacy-json/Modeled exceptions 2",
        "errors of awsJson have no headers",
    ),
    ("legacy-query/Timestamp members 0", TOLERANCE),
    ("legacy-rest-json/Modeled exceptions 1", OTHER_CODE),
    ("legacy-rest-json/Modeled exceptions 2", OTHER_CODE),
    ("legacy-rest-json/Modeled exceptions 3", TOLERANCE),
    ("legacy-rest-json/Modeled exceptions 4", TOLERANCE),
    ("legacy-rest-json/Modeled exceptions 5", TOLERANCE),
    ("legacy-rest-json/Modeled exceptions 6", TOLERANCE),
];
const EVENTS: &str = "streams of events are not written: no operation of a served service has one";
const FAULT: &str = "the type of an error is `Sender` or `Receiver`";
const LIST_NAME: &str = "Smithy's rule counts; no list of a served service has two names";
const TOLERANCE: &str = "shows what a client must tolerate, not what a server writes";
const OTHER_CODE: &str = "another place for the code; a server picks one, ours is `__type`";
const MORE: &str = "the response holds more than the case gives to write";

macro_rules! files {
    ($direction:literal: $($name:literal),*) => {
        [$((
            $name,
            include_str!(concat!("../../tests/data/protocols/", $direction, "-", $name, ".json")),
        )),*]
    };
}

/// The case's one operation in a service of its own.
fn service(suite: &Json, case: &Json) -> &'static Service {
    let mut metadata = suite["metadata"].clone();
    metadata["endpointPrefix"] = json!("test");
    let mut given = case["given"].clone();
    if given.get("http").is_none() {
        given["http"] = json!({"method": "POST", "requestUri": "/"});
    }
    let name = given["name"].as_str().unwrap().to_owned();
    let wrapped = metadata["protocol"] == "query" && given.get("output").is_some();
    if wrapped && given["output"].get("resultWrapper").is_none() {
        given["output"]["resultWrapper"] = json!(format!("{name}Result"));
    }
    let mut shapes = suite["shapes"].clone();
    for part in ["input", "output"] {
        // Models of long ago name the payload in the operation.
        if let (Some(payload), Some(shape)) = (
            given[part].get("payload").cloned(),
            given[part]["shape"].as_str(),
        ) {
            shapes[shape]["payload"] = payload;
        }
    }
    let operations = json!({ name: given });
    let model = json!({"metadata": metadata, "operations": operations, "shapes": shapes});
    let tables = xtask::shapes::encode("test", &model).unwrap();
    let bin: &'static [u8] = tables.bin.leak();
    Box::leak(Box::new(Service::new(bin, tables.text.leak())))
}

fn stamp() -> Stamp {
    Stamp {
        request_id: "r".to_owned(),
        host_id: "h".to_owned(),
        now: Timestamp::UNIX_EPOCH,
    }
}

/// What a case's JSON means for a shape. Blobs are given as the text of their bytes.
fn meant(shape: Shape, json: &Json) -> Value {
    match (shape.kind(), json) {
        (_, Json::Null) => Value::Null,
        (Kind::Structure, Json::Object(members)) => Value::Map(
            members
                .iter()
                .filter(|(_, json)| !json.is_null())
                .map(|(name, json)| {
                    let member = shape.member(name);
                    (
                        name.clone(),
                        member.map_or(Value::Null, |m| meant(m.shape(), json)),
                    )
                })
                .collect(),
        ),
        (Kind::List, Json::Array(items)) => {
            let inner = shape.list_member().map(Member::shape).unwrap();
            items.iter().map(|json| meant(inner, json)).collect()
        }
        (Kind::Map, Json::Object(entries)) => {
            let inner = shape.map_value().map(Member::shape).unwrap();
            let entries = entries
                .iter()
                .map(|(name, json)| (name.clone(), meant(inner, json)));
            Value::Map(entries.collect())
        }
        (Kind::Timestamp, json) => {
            Value::Timestamp(super::scalar::from_seconds(json.as_f64().unwrap()).unwrap())
        }
        (Kind::Blob, json) => Value::Blob(Bytes::from(json.as_str().unwrap().to_owned())),
        (Kind::Float | Kind::Double, Json::String(text)) => {
            super::scalar::read_float(text).unwrap()
        }
        (Kind::Float | Kind::Double, json) => Value::Float(json.as_f64().unwrap()),
        (Kind::Document, json) => free(json),
        (_, Json::Bool(truth)) => Value::Bool(*truth),
        (_, Json::Number(number)) => Value::Int(number.as_i64().unwrap()),
        (_, Json::String(text)) => Value::String(text.clone()),
        // A stream of events, which no output holds.
        (Kind::Structure, Json::Array(_)) => Value::Null,
        // A value that is JSON itself: ours is its text.
        (Kind::String, json) => Value::String(json.to_string()),
        (kind, json) => panic!("{kind:?} {json}"),
    }
}

fn free(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number
            .as_i64()
            .map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Int),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => items.iter().map(free).collect(),
        Json::Object(entries) => Value::Map(
            entries
                .iter()
                .map(|(name, json)| (name.clone(), free(json)))
                .collect(),
        ),
    }
}

/// Equal, whatever the order of members; no number is also no number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Float(a), Value::Float(b)) => (a - b).abs() < 1e-6 || a.to_bits() == b.to_bits(),
        (Value::String(a), Value::String(b)) => a == b || same_json(a, b),
        _ => left == right,
    }
}

/// Whether two texts are the same JSON structure, however spaced.
fn same_json(left: &str, right: &str) -> bool {
    let read = |text| {
        serde_json::from_str::<Json>(text)
            .ok()
            .filter(|json| !json.is_number())
    };
    read(left).is_some() && read(left) == read(right)
}

fn request(case: &Json, protocol: &str) -> (Parts, Bytes) {
    let serialized = &case["serialized"];
    let method = &case["given"]["http"]["method"];
    let target = serialized["uri"]
        .as_str()
        .filter(|uri| !uri.is_empty())
        .unwrap_or("/");
    let mut request = Request::new(());
    *request.method_mut() = serialized["method"]
        .as_str()
        .or(method.as_str())
        .unwrap_or("POST")
        .parse()
        .unwrap();
    *request.uri_mut() = target.parse().unwrap();
    for (name, value) in serialized["headers"].as_object().into_iter().flatten() {
        let texts = match value {
            Json::Array(values) => values.iter().map(|value| value.as_str().unwrap()).collect(),
            value => vec![value.as_str().unwrap()],
        };
        for text in texts {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        }
    }
    let body = serialized["body"].as_str().unwrap_or_default();
    // The cases of JSON and XML are pretty-printed; in a form spaces count.
    let body = if protocol == "query" {
        body
    } else {
        body.trim()
    };
    (request.into_parts().0, Bytes::from(body.to_owned()))
}

/// Puts the token there that botocore's tests make the client fill in where the parameters lack one.
fn fill_in(shape: Option<Shape>, expected: &mut Value) {
    let members = shape.into_iter().flat_map(Shape::members);
    for member in members.filter(|member| member.idempotency_token()) {
        if let Value::Map(map) = expected
            && map.get(member.name()).is_none()
        {
            map.insert(member.name(), "00000000-0000-4000-8000-000000000000");
        }
    }
}

fn input_case(suite: &Json, service: &'static Service, case: &Json) -> Result<(), String> {
    let protocol = suite["metadata"]["protocol"].as_str().unwrap();
    let operation = service
        .operation(case["given"]["name"].as_str().unwrap())
        .unwrap();
    let (parts, body) = request(case, protocol);
    let target = match protocol {
        "json" | "query" => Target::of(operation),
        _ => Router::default()
            .operation(service, &parts, &body)
            .map_err(|error| format!("routing: {error}"))?,
    };
    if target.operation() != operation {
        return Err(format!("routed to {:?}", target.operation()));
    }
    let mut read = decode(&target, &parts, &body).map_err(|error| format!("{error:?}"))?;
    let mut expected = operation
        .input()
        .map_or(Value::map(), |shape| meant(shape, &case["params"]));
    fill_in(operation.input(), &mut expected);
    if let Some(payload) = operation
        .input()
        .and_then(Shape::payload)
        .filter(|p| p.streaming())
    {
        // A stream is not read.
        for value in [&mut read, &mut expected] {
            if let Value::Map(map) = value {
                map.remove(payload.name());
            }
        }
    }
    if same(&read, &expected) {
        Ok(())
    } else {
        Err(format!("read {read:?}\n    expected {expected:?}"))
    }
}

/// An XML document without what readers do not look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Plain {
    name: String,
    text: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Self>,
}

impl Plain {
    fn of(element: &Element) -> Self {
        let mut children: Vec<Self> = element.children.iter().map(Self::of).collect();
        children.sort_by(|a, b| a.name.cmp(&b.name));
        let attributes = element
            .attributes
            .iter()
            .filter(|(name, _)| !name.starts_with("xmlns"));
        let leaf = children.is_empty();
        Self {
            name: element.name.clone(),
            // Only in printing are there line ends.
            text: if leaf && !element.text.contains('\n') {
                element.text.clone()
            } else {
                String::new()
            },
            attributes: attributes.cloned().collect(),
            children,
        }
    }
}

/// A JSON document whose `__type` is as short as we write it; readers cut it themselves.
fn without_namespace(json: &Json) -> Value {
    let mut value = free(json);
    if let (Some(long), Value::Map(map)) = (value.str("__type").map(str::to_owned), &mut value) {
        let short = long.rsplit('#').next().unwrap().split(':').next().unwrap();
        map.insert("__type", short);
    }
    value
}

fn same_body(protocol: &str, written: &str, expected: &str) -> bool {
    // Two spellings of the same zone.
    let expected = &expected.replace("+00:00", "Z");
    if protocol == "query" && expected.is_empty() {
        // The cases leave out the wrapper that the service always writes.
        return Element::parse(written).is_ok();
    }
    if protocol.ends_with("json") {
        let expected = if expected.is_empty() && written == "{}" {
            "{}"
        } else {
            expected
        };
        let read = |text: &str| serde_json::from_str::<Json>(text).ok();
        let (written, expected) = (read(written), read(expected));
        return match (&written, &expected) {
            (Some(written), Some(expected)) => same(&free(written), &without_namespace(expected)),
            _ => false,
        };
    }
    let read = |text: &str| {
        let mut root = Plain::of(&Element::parse(text.trim()).ok()?);
        root.name.clear();
        root.text = root.text.trim().to_owned();
        root.children
            .retain(|child| child.name != "ResponseMetadata" && child.name != "RequestId");
        Some(root)
    };
    match (read(written), read(expected)) {
        (Some(written), Some(expected)) => written == expected,
        _ => written.trim() == expected.trim(),
    }
}

fn output_case(suite: &Json, service: &'static Service, case: &Json) -> Result<(), String> {
    let protocol = suite["metadata"]["protocol"].as_str().unwrap();
    let operation = service
        .operation(case["given"]["name"].as_str().unwrap())
        .unwrap();
    let expected = &case["response"];
    let response = if case.get("error").is_some() {
        let code = case["errorCode"].as_str().unwrap();
        let message = case["errorMessage"].as_str().unwrap_or_default();
        let status = u16::try_from(expected["status_code"].as_u64().unwrap()).unwrap();
        let by_code = |shape: &Shape| shape.error().is_some_and(|e| e.code == Some(code));
        let shape = service
            .shape(code)
            .or_else(|| service.shapes().find(by_code));
        let fields = shape.map_or(Value::map(), |shape| meant(shape, &case["error"]));
        let mut error = WireError::new(code.to_owned(), status, message);
        let members = fields.as_map().into_iter().flat_map(Map::iter);
        for (name, value) in members.filter(|(name, _)| !name.eq_ignore_ascii_case("message")) {
            error = error.with(name.to_owned(), value.clone());
        }
        let (parts, ()) = Request::new(()).into_parts();
        Dialect::of(service, &parts)
            .with_operation(operation)
            .write(&error, &stamp())
    } else {
        let output = operation
            .output()
            .map_or(Value::map(), |shape| meant(shape, &case["result"]));
        super::write(operation, &output, &stamp())
    };
    if u64::from(response.status().as_u16()) != expected["status_code"].as_u64().unwrap() {
        return Err(format!("status {}", response.status()));
    }
    for (name, value) in expected["headers"].as_object().into_iter().flatten() {
        let written = response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok());
        let left = ["content-type", "content-length"];
        let compared = !left.iter().any(|left| name.eq_ignore_ascii_case(left));
        let value = value.as_str().map(|value| value.replace("+00:00", "Z"));
        if compared && written != value.as_deref() {
            return Err(format!("header {name}: {written:?}, expected {value:?}"));
        }
    }
    let written = std::str::from_utf8(response.body()).unwrap();
    let body = expected["body"].as_str().unwrap_or_default();
    if same_body(protocol, written, body) || written == body {
        Ok(())
    } else {
        Err(format!("wrote {written}\n    expected {body}"))
    }
}

/// Runs all cases; the exceptions must fail, everything else must not.
fn run(
    files: &[(&str, &str)],
    exceptions: &[(&str, &str)],
    check: fn(&Json, &'static Service, &Json) -> Result<(), String>,
) -> usize {
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, text) in files {
        let suites: Vec<Json> = serde_json::from_str(text).unwrap();
        for suite in &suites {
            for (number, case) in suite["cases"].as_array().unwrap().iter().enumerate() {
                let service = service(suite, case);
                let by_place = format!("{} {number}", suite["description"].as_str().unwrap());
                let id = case["id"].as_str().unwrap_or(&by_place);
                let name = format!("{file}/{id}");
                let excepted = exceptions
                    .iter()
                    .any(|(known, _)| *known == id || *known == name);
                count += usize::from(!excepted);
                match check(suite, service, case) {
                    Err(error) if !excepted => wrong.push(format!("{name}: {error}")),
                    Ok(()) if excepted => wrong.push(format!("{name} is no exception any more")),
                    _ => {}
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    count
}

#[test]
fn requests_are_read_as_botocore_meant_them() {
    let files = files![
        "input": "json", "json_1_0", "json_1_0-query-compatible", "query", "rest-json", "rest-xml", "legacy-json",
        "legacy-query", "legacy-rest-json", "legacy-rest-xml"
    ];
    assert_eq!(run(&files, INPUT_EXCEPTIONS, input_case), 438);
}

#[test]
fn responses_are_written_as_botocore_expects_them() {
    let files = files![
        "output": "json", "json_1_0", "json_1_0-query-compatible", "query", "rest-json", "rest-xml", "legacy-json",
        "legacy-query", "legacy-rest-json", "legacy-rest-xml"
    ];
    assert_eq!(run(&files, OUTPUT_EXCEPTIONS, output_case), 326);
}

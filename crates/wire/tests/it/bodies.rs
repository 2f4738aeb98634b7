//! What is checked of one input, by the fuzz targets and on their corpora.

use std::sync::LazyLock;

use bytes::Bytes;
use catalog::shapes::{self, Kind, Operation, Protocol, Service, Shape};
use hmac::Mac as _;
use http::{HeaderName, HeaderValue, Request, Response, request::Parts};
use jiff::Timestamp;
use wire::error::WireError;
use wire::protocol::{self, Dialect, Stamp};
use wire::route::{Router, Target};
use wire::sigv4::{
    self, BodyReader, ChunkDecoder, Payload, Signer, SigningKey, Trailers, Verified, sha256,
};
use wire::validate;
use wire::value::{Map, Value};

use crate::models;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_323_600).unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        request_id: "r".to_owned(),
        host_id: "h".to_owned(),
        now: now(),
    }
}

/// What stands before a separator and what behind it; without one, all and nothing.
fn cut<'d>(data: &'d [u8], separator: &[u8]) -> (&'d [u8], &'d [u8]) {
    let at = data
        .windows(separator.len())
        .position(|window| window == separator);
    let (before, rest) = data.split_at(at.unwrap_or(data.len()));
    (before, rest.get(separator.len()..).unwrap_or_default())
}

/// The first line, and what is behind it.
fn line(data: &[u8]) -> (String, &[u8]) {
    let (line, rest) = cut(data, b"\n");
    (String::from_utf8_lossy(line).into_owned(), rest)
}

fn sum(text: &str) -> usize {
    text.bytes().map(usize::from).sum()
}

/// The operation that a line names (`sts AssumeRole`), or any of a service that speaks the protocol.
fn operation(line: &str, protocol: Protocol) -> Operation {
    let named = line.split_once(' ').and_then(|(service, operation)| {
        let service = shapes::service(service.trim())?;
        service.operation(operation.trim())
    });
    let all = || {
        shapes::services()
            .iter()
            .filter(|service| service.protocol() == protocol)
            .flat_map(Service::operations)
    };
    let named = named.filter(|operation| operation.service().protocol() == protocol);
    let count = all().count();
    named.unwrap_or_else(|| all().nth(sum(line) % count).unwrap())
}

/// Lines of a request, an empty line, and its body.
fn http(data: &[u8]) -> Option<(Parts, Bytes)> {
    let (top, body) = cut(data, b"\n\n");
    let mut lines = top.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = first.split_once(' ')?;
    let mut request = Request::new(());
    *request.method_mut() = method.parse().ok()?;
    *request.uri_mut() = target.parse().ok()?;
    for line in lines.take(40) {
        let (name, value) = cut(line, b":");
        let name = HeaderName::from_bytes(name).ok()?;
        let value = HeaderValue::from_bytes(value.trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some((request.into_parts().0, Bytes::copy_from_slice(body)))
}

fn parts(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// An error must be a document that its readers can take.
fn check_error(service: &'static Service, parts: &Parts, error: &WireError) {
    assert!(
        !error.code().is_empty() && (400..600).contains(&error.status()),
        "{error}"
    );
    let response = Dialect::of(service, parts).write(error, &stamp());
    if parts.method != "HEAD" {
        check_document(service, &response);
    }
}

fn check_document(service: &Service, response: &Response<Bytes>) {
    let body = response.body();
    match service.protocol() {
        Protocol::Json | Protocol::RestJson => {
            serde_json::from_slice::<serde_json::Value>(body).unwrap();
        }
        Protocol::Query | Protocol::RestXml => {
            let mut reader = quick_xml::Reader::from_reader(body.as_ref());
            let mut depth = 0_i32;
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Start(_) => depth += 1,
                    quick_xml::events::Event::End(_) => depth -= 1,
                    quick_xml::events::Event::Eof => break,
                    _ => {}
                }
            }
            assert_eq!(depth, 0);
        }
    }
}

/// Reads a request for an operation: what is read breaks no constraint, what is not read is answered.
fn read(target: &Target, parts: &Parts, body: &Bytes) {
    let operation = target.operation();
    match protocol::read(target, parts, body) {
        Ok(value) => {
            if operation.service().protocol() != Protocol::RestXml {
                assert!(validate::violations(operation, &value).is_empty());
            }
            let _ = protocol::write(operation, &value, &stamp());
        }
        Err(error) => check_error(operation.service(), parts, &error),
    }
}

/// An operation's name on the first line, a body of awsJson behind it.
pub(crate) fn json(data: &[u8]) {
    let (first, body) = line(data);
    let operation = operation(&first, Protocol::Json);
    let prefix = operation.service().target_prefix().unwrap_or_default();
    let name = format!("{prefix}.{}", operation.name());
    let parts = parts("POST", "/", &[("x-amz-target", &name)]);
    read(
        &Target::of(operation),
        &parts,
        &Bytes::copy_from_slice(body),
    );
}

/// An operation's name on the first line, a form of the query protocol behind it.
pub(crate) fn query(data: &[u8]) {
    let (first, body) = line(data);
    let operation = operation(&first, Protocol::Query);
    let form = ("content-type", "application/x-www-form-urlencoded");
    let parts = parts("POST", "/", &[form]);
    read(
        &Target::of(operation),
        &parts,
        &Bytes::copy_from_slice(body),
    );
}

/// The number of a protocol case on the first line, a request for its operation behind it.
fn rest(data: &[u8], all: &[&'static Service]) {
    let (first, rest) = line(data);
    let number = first.trim().parse().unwrap_or_else(|_| sum(&first));
    let service = all.iter().copied().nth(number % all.len()).unwrap();
    if let Some((parts, body)) = http(rest) {
        match Router::default().operation(service, &parts, &body) {
            Ok(target) => read(&target, &parts, &body),
            Err(error) => check_error(service, &parts, &error),
        }
    }
}

/// See [`rest`].
pub(crate) fn rest_json(data: &[u8]) {
    static ALL: LazyLock<Vec<&Service>> = LazyLock::new(models::rest_json);
    rest(data, &ALL);
}

/// See [`rest`]; without a number the request is for S3.
pub(crate) fn rest_xml(data: &[u8]) {
    static ALL: LazyLock<Vec<&Service>> = LazyLock::new(models::rest_xml);
    if data.first().is_some_and(u8::is_ascii_digit) {
        rest(data, &ALL);
        return;
    }
    let service = shapes::service("s3").unwrap();
    if let Some((parts, body)) = http(data) {
        match Router::new(["s3.localhost"]).operation(service, &parts, &body) {
            Ok(target) => read(&target, &parts, &body),
            Err(error) => check_error(service, &parts, &error),
        }
    }
}

/// A request: it goes to one operation of one service, or is answered with an error.
pub(crate) fn routing(data: &[u8]) {
    let Some((parts, body)) = http(data) else {
        return;
    };
    let router = Router::new(["s3.localhost", "localhost"]);
    let signed = sigv4::parse(&parts).ok().flatten();
    match router.service(&parts, signed.as_ref()) {
        Ok(service) => match router.operation(service, &parts, &body) {
            Ok(target) => {
                let again = router.operation(service, &parts, &body).unwrap();
                assert_eq!(target, again);
                read(&target, &parts, &body);
            }
            Err(error) => check_error(service, &parts, &error),
        },
        Err(error) => {
            let _ = Dialect::guess(&parts).write(&error, &stamp());
        }
    }
}

fn signer(service: &str) -> Signer {
    Signer {
        access_key: "AKIDEXAMPLE".to_owned(),
        secret: "nobody knows this one".to_owned(),
        session_token: None,
        region: "us-east-1".to_owned(),
        service: service.to_owned(),
    }
}

fn verify(parts: &Parts, body: &[u8]) -> Result<Verified, sigv4::AuthError> {
    let signed = sigv4::parse(parts)?.ok_or(sigv4::AuthError::Missing)?;
    let key = SigningKey::derive("nobody knows this one", signed.scope());
    signed.verify(&key, now(), Some(&sha256(body)))
}

/// A request: nobody who does not know the secret is believed; who does is; and not after a change.
pub(crate) fn signature(data: &[u8]) {
    let Some((mut parts, body)) = http(data) else {
        return;
    };
    assert!(verify(&parts, &body).is_err());
    parts.headers.remove("authorization");
    if sigv4::parse(&parts).is_ok_and(|found| found.is_none()) {
        for service in ["s3", "sts"] {
            signed_in_the_header(parts.clone(), &body, &signer(service));
            signed_in_the_query(parts.clone(), &body, &signer(service));
        }
    }
}

fn signed_in_the_header(mut parts: Parts, body: &[u8], signer: &Signer) {
    if signer
        .sign(&mut parts, now(), Payload::Bytes(body))
        .is_err()
    {
        return;
    }
    // A date or a token that came with the request may be one that no parser takes.
    if verify(&parts, body).is_err() {
        assert!(sigv4::parse(&parts).is_err());
        return;
    }
    let names: Vec<HeaderName> = parts.headers.keys().cloned().collect();
    for name in names
        .iter()
        .filter(|name| !["authorization", "user-agent"].contains(&name.as_str()))
    {
        let mut changed = parts.clone();
        changed.headers.append(name, HeaderValue::from_static("x"));
        assert!(verify(&changed, body).is_err(), "{name}");
    }
    changes(&parts, body);
}

fn signed_in_the_query(mut parts: Parts, body: &[u8], signer: &Signer) {
    parts.headers.clear();
    parts.headers.insert("host", HeaderValue::from_static("h"));
    if signer.presign(&mut parts, now(), 60, body).is_err() {
        return;
    }
    // What the signature adds may have been there before, and must not be there twice.
    match sigv4::parse(&parts) {
        Ok(_) => {
            assert!(verify(&parts, body).is_ok(), "{}", parts.uri);
            changes(&parts, body);
        }
        Err(error) => assert!(matches!(error, sigv4::AuthError::QueryParameters(_))),
    }
}

/// None of these may be made to a signed request.
fn changes(parts: &Parts, body: &[u8]) {
    let with = |target: String| {
        let mut changed = parts.clone();
        changed.uri = target.parse().ok()?;
        Some(changed)
    };
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    for target in [
        format!("{path}x?{query}"),
        format!("{path}?{query}&x=1"),
        format!("{path}?x&{query}"),
    ] {
        if let Some(changed) = with(target) {
            assert!(verify(&changed, body).is_err(), "{}", changed.uri);
        }
    }
    let mut changed = parts.clone();
    changed.method = "PATCH".parse().unwrap();
    assert!(parts.method == "PATCH" || verify(&changed, body).is_err());
    let mut changed = parts.clone();
    changed
        .headers
        .insert("host", HeaderValue::from_static("other"));
    assert!(verify(&changed, body).is_err());
}

/// Fields of a form, one a line, and behind an empty line a policy that is signed for them.
pub(crate) fn form(data: &[u8]) {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(data);
    let (top, policy) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut fields: Vec<(String, String)> = top
        .lines()
        .take(40)
        .map(|line| line.split_once('=').unwrap_or((line, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if let Ok(Some(form)) = sigv4::parse_form(&fields) {
        assert!(form.verify("nobody knows this one", now()).is_err());
    }
    let policy = base64::engine::general_purpose::STANDARD.encode(policy);
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(b"nobody knows this one").unwrap();
    mac.update(policy.as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    for (name, value) in [
        ("AWSAccessKeyId", "A"),
        ("policy", &policy),
        ("signature", &signature),
    ] {
        fields.push((name.to_owned(), value.to_owned()));
    }
    if let Ok(Some(form)) = sigv4::parse_form(&fields)
        && let Ok(policy) = form.verify("nobody knows this one", now())
    {
        sigv4::expand_filename(&mut fields, "a/b.png");
        if let Ok(range) = policy.check("bucket", &fields) {
            assert!(range.min == 0 || range.check(range.min - 1).is_err());
            fields.push(("unnamed-by-the-policy".to_owned(), String::new()));
            assert!(policy.check("bucket", &fields).is_err() || text.contains("unnamed"));
        }
    }
}

type Read = Result<(Vec<u8>, Trailers), sigv4::AuthError>;

/// A size of steps and what is declared on the first line, a body in chunks behind it: in whatever
/// steps it comes, it is the same; and nothing is believed that nobody signed.
pub(crate) fn chunks(data: &[u8]) {
    let (first, body) = line(data);
    let mut words = first.split(' ');
    let step = words
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(1)
        .max(1);
    let declared = words.next().and_then(|word| word.parse().ok());
    let trailer = words.next();
    let run = |step: usize, mut decoder: ChunkDecoder| -> Read {
        let mut out = Vec::new();
        for piece in body.chunks(step) {
            decoder.feed(Bytes::copy_from_slice(piece), &mut out)?;
        }
        Ok((out.concat(), decoder.finish()?))
    };
    let whole = run(body.len().max(1), ChunkDecoder::unsigned(declared, trailer));
    assert_eq!(run(step, ChunkDecoder::unsigned(declared, trailer)), whole);
    if let Ok((data, _)) = &whole {
        assert!(declared.is_none_or(|declared| declared == data.len() as u64));
        assert!(data.len() < body.len());
    }
    static SIGNED: LazyLock<Verified> = LazyLock::new(|| {
        let mut parts = parts("PUT", "/b/k", &[("host", "h")]);
        let declared = Payload::Declared("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
        signer("s3").sign(&mut parts, now(), declared).unwrap();
        verify(&parts, b"").unwrap()
    });
    let signed = ChunkDecoder::new(&SIGNED, declared, trailer).unwrap();
    assert!(run(step, signed).is_err());

    let mut encoded = Vec::new();
    for piece in body.chunks(step) {
        encoded.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        encoded.extend_from_slice(piece);
        encoded.extend_from_slice(b"\r\n");
    }
    encoded.extend_from_slice(b"0\r\n\r\n");
    let length = body.len().to_string();
    let headers = parts(
        "PUT",
        "/",
        &[
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", &length),
        ],
    )
    .headers;
    let mut reader = BodyReader::new(None, &headers).unwrap();
    let mut out = Vec::new();
    reader.feed(encoded.into(), &mut out).unwrap();
    assert_eq!(reader.finish(), Ok(Vec::new()));
    assert_eq!(out.concat(), body);
}

/// An operation's name on the first line; the bytes behind it choose an input of its shape. All that
/// it breaks is told at once, and a value without it is none.
pub(crate) fn validation(data: &[u8]) {
    let (first, rest) = line(data);
    let protocol = match sum(&first) % 3 {
        0 => Protocol::Query,
        1 => Protocol::Json,
        _ => Protocol::RestXml,
    };
    let operation = operation(&first, protocol);
    let Some(shape) = operation.input() else {
        return;
    };
    let value = Grower { rest }.value(shape, 0);
    let broken = validate::violations(operation, &value);
    match validate::input(operation, &value) {
        Ok(()) => assert!(broken.is_empty() || protocol == Protocol::RestXml),
        Err(error) => {
            let text = error.message();
            // Organizations tells of one, by a reason.
            let one = operation.service().name() == "organizations";
            if protocol == Protocol::Json && !one {
                let noun = if broken.len() == 1 { "error" } else { "errors" };
                let start = format!("{} validation {noun} detected: Value ", broken.len());
                assert!(text.starts_with(&start), "{text}");
                for violation in &broken {
                    assert!(text.contains(&violation.constraint), "{text}");
                }
            }
            let (parts, ()) = Request::new(()).into_parts();
            check_error(operation.service(), &parts, &error);
        }
    }
}

/// Makes a value of bytes.
struct Grower<'d> {
    rest: &'d [u8],
}

impl Grower<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    fn text(&mut self) -> String {
        let take = usize::from(self.byte() % 24).min(self.rest.len());
        let (text, rest) = self.rest.split_at(take);
        self.rest = rest;
        String::from_utf8_lossy(text).into_owned()
    }

    fn value(&mut self, shape: Shape, depth: usize) -> Value {
        let choice = self.byte();
        if choice == 255 || depth > 8 {
            return Value::Null;
        }
        let few = usize::from(choice % 4);
        match shape.kind() {
            Kind::Structure => {
                let mut map = Map::new();
                for member in shape.members() {
                    if !self.byte().is_multiple_of(4) {
                        map.insert(member.name(), self.value(member.shape(), depth + 1));
                    }
                }
                Value::Map(map)
            }
            Kind::List => {
                let inner = shape.list_member().unwrap().shape();
                (0..few).map(|_| self.value(inner, depth + 1)).collect()
            }
            Kind::Map => {
                let inner = shape.map_value().unwrap().shape();
                let entries = (0..few).map(|_| (self.text(), self.value(inner, depth + 1)));
                Value::Map(entries.collect())
            }
            Kind::Boolean => Value::Bool(choice.is_multiple_of(2)),
            Kind::Integer | Kind::Long => Value::Int(i64::from(choice) * 100 - 500),
            Kind::Float | Kind::Double => Value::Float(f64::from(choice) / 7.0 - 1.0),
            Kind::Timestamp => Value::Timestamp(now()),
            Kind::Blob => Value::Blob(self.text().into_bytes().into()),
            Kind::String | Kind::Document => {
                let mut known = shape.enumeration();
                let known = known.nth(usize::from(choice) / 2);
                known.map_or_else(|| Value::String(self.text()), Value::from)
            }
        }
    }
}

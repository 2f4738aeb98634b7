//! Errors in the form of each protocol.

use catalog::shapes;
use wire::error::{Family, WireError};
use wire::protocol::Dialect;

use crate::support::{header, parts, stamp, text};

#[test]
fn query_errors() {
    let sts = shapes::service("sts").unwrap();
    let error = WireError::access_denied(Family::Query, "User: <x> is not authorized");
    let response = Dialect::of(sts, &parts("POST", "/", &[])).write(&error, &stamp());
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "content-type"), "text/xml");
    assert_eq!(header(&response, "x-amzn-requestid"), "request-1");
    assert_eq!(header(&response, "date"), "Sun, 22 Nov 2026 05:00:00 GMT");
    assert_eq!(
        text(&response),
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender\
         </Type><Code>AccessDenied</Code><Message>User: &lt;x&gt; is not authorized</Message>\
         </Error><RequestId>request-1</RequestId></ErrorResponse>"
    );
    let error = WireError::internal(Family::Query);
    let response = Dialect::of(sts, &parts("POST", "/", &[])).write(&error, &stamp());
    assert!(text(&response).contains("<Type>Receiver</Type>"));
}

#[test]
fn json_errors() {
    let secrets = shapes::service("secretsmanager").unwrap();
    let dialect = Dialect::of(secrets, &parts("POST", "/", &[]))
        .with_operation(secrets.operation("GetSecretValue").unwrap());
    let error = WireError::access_denied(Family::Json, "not \"you\"");
    let response = dialect.write(&error, &stamp());
    assert_eq!(response.status(), 400);
    assert_eq!(
        header(&response, "content-type"),
        "application/x-amz-json-1.1"
    );
    assert_eq!(
        header(&response, "x-amzn-errortype"),
        "AccessDeniedException"
    );
    assert_eq!(
        text(&response),
        r#"{"__type":"AccessDeniedException","Message":"not \"you\""}"#
    );
    let missing = WireError::new("ResourceNotFoundException", 400, "no");
    let response = dialect.write(&missing, &stamp());
    assert_eq!(
        text(&response),
        r#"{"__type":"ResourceNotFoundException","Message":"no"}"#
    );
    let invalid = WireError::new("ValidationException", 400, "no");
    let response = dialect.write(&invalid, &stamp());
    assert_eq!(
        text(&response),
        r#"{"__type":"ValidationException","message":"no"}"#
    );
}

#[test]
fn s3_errors() {
    let s3 = shapes::service("s3").unwrap();
    let error = WireError::new("NoSuchKey", 404, "The specified key does not exist.")
        .with("Key", "a\u{1}b");
    let response = Dialect::of(s3, &parts("GET", "/b/k", &[])).write(&error, &stamp());
    assert_eq!(response.status(), 404);
    assert_eq!(header(&response, "content-type"), "application/xml");
    assert_eq!(header(&response, "x-amz-request-id"), "request-1");
    assert_eq!(header(&response, "x-amz-id-2"), "host-1");
    assert_eq!(
        text(&response),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The \
         specified key does not exist.</Message><Key>a&#x1;b</Key>\
         <RequestId>request-1</RequestId><HostId>host-1</HostId></Error>"
    );
    let response = Dialect::of(s3, &parts("HEAD", "/b/k", &[])).write(&error, &stamp());
    assert_eq!((response.status().as_u16(), text(&response)), (404, ""));
    let unchanged = WireError::new("NotModified", 304, "");
    let response = Dialect::of(s3, &parts("GET", "/b/k", &[])).write(&unchanged, &stamp());
    assert_eq!(text(&response), "");
}

#[test]
fn what_xml_cannot_hold_does_not_hide_an_error() {
    let sts = shapes::service("sts").unwrap();
    let error = WireError::new(
        "ValidationError",
        400,
        "Value '\0\u{1f}\u{ffff}\n' at 'name'",
    );
    let response = Dialect::of(sts, &parts("POST", "/", &[])).write(&error, &stamp());
    let message = "<Message>Value '\u{fffd}\u{fffd}\u{fffd}\n' at 'name'</Message>";
    assert!(text(&response).contains(message), "{}", text(&response));
}

#[test]
fn a_request_that_is_not_understood_is_answered_in_what_it_seems_to_speak() {
    let family = |headers: &[(&str, &str)]| Dialect::guess(&parts("POST", "/", headers)).family();
    assert_eq!(family(&[("x-amz-target", "x")]), Family::Json);
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert_eq!(family(&[("content-type", form)]), Family::Query);
    assert_eq!(
        family(&[("content-type", "application/json")]),
        Family::RestJson
    );
    assert_eq!(family(&[]), Family::S3);
    // Nothing but S3 has paths, whatever a client calls what it uploads by a link.
    let upload = parts("PUT", "/bucket/key", &[("content-type", form)]);
    assert_eq!(Dialect::guess(&upload).family(), Family::S3);
}

#[test]
fn operations_without_behaviour_say_so() {
    for (family, code) in [
        (Family::Query, "UnsupportedOperation"),
        (Family::Json, "UnsupportedOperationException"),
        (Family::S3, "NotImplemented"),
    ] {
        let error = WireError::not_implemented(family, "CreateThing");
        assert_eq!((error.code(), error.status()), (code, 501));
        assert!(error.message().contains("`CreateThing`"));
    }
}

//! AWS's protocols and signatures, without sockets and without a clock.
//!
//! The way of a request; every step is a function, and the time is an argument:
//!
//! ```text
//! http parts ─ sigv4::parse ──────▶ Option<SignedRequest>       whose key?
//!            ─ Router::service ───▶ Service                     from scope, target, form or path
//!            ─ SignedRequest::verify(key, now, body hash) ─▶ Verified
//!            ─ Router::operation ─▶ Target                      operation, bucket, key
//! body       ─ protocol::read ────▶ Value                       read and checked input
//!                                     … the operation …
//! Value      ─ protocol::write ───▶ http::Response<Bytes>
//! WireError  ─ Dialect::write ────▶ http::Response<Bytes>       from whichever step failed
//! ```
//!
//! S3 is the one service whose bodies may be streams: there `verify` needs no hash (it returns what
//! the body must be, [`sigv4::BodyRule`]), and [`route::Target::streams_body`] says when the body is
//! no part of the input.
//!
//! ```
//! use catalog::shapes;
//! use wire::protocol::{self, Dialect, Stamp};
//! use wire::route::Router;
//! use wire::sigv4::{self, AuthError, Payload, Signer, SigningKey};
//! use wire::value::Value;
//! # use wire::error::{Family, WireError};
//!
//! # let now: jiff::Timestamp = "2026-11-22T05:00:00Z".parse()?;
//! # let body = bytes::Bytes::from_static(b"Action=GetCallerIdentity&Version=2011-06-15");
//! # let (mut parts, ()) = http::Request::post("/")
//! #     .header("host", "127.0.0.1:4566")
//! #     .header("content-type", "application/x-www-form-urlencoded")
//! #     .body(())?
//! #     .into_parts();
//! # Signer {
//! #     access_key: "AKIAIOSFODNN7EXAMPLE".into(),
//! #     secret: "secret".into(),
//! #     session_token: None,
//! #     region: "us-east-1".into(),
//! #     service: "sts".into(),
//! # }
//! # .sign(&mut parts, now, Payload::Bytes(&body))?;
//! let router = Router::new(["s3.localhost"]);
//! let stamp = Stamp { request_id: "f4b9…".into(), host_id: String::new(), now };
//!
//! let signed = sigv4::parse(&parts)?.ok_or(AuthError::Missing)?;
//! let service = router.service(&parts, Some(&signed))?;
//! let key = SigningKey::derive("secret", signed.scope());
//! let verified = signed.verify(&key, now, Some(&sigv4::sha256(&body)))?;
//! assert_eq!(verified.access_key(), "AKIAIOSFODNN7EXAMPLE");
//!
//! let target = router.operation(service, &parts, &body)?;
//! assert_eq!(target.operation().name(), "GetCallerIdentity");
//! let input: Value = protocol::read(&target, &parts, &body)?;
//! assert_eq!(input, Value::map());
//!
//! let output = Value::map().with("Account", "111122223333");
//! let response = protocol::write(target.operation(), &output, &stamp);
//! assert!(response.body().starts_with(b"<GetCallerIdentityResponse xmlns="));
//!
//! let refused = WireError::access_denied(Family::of(service), "User: … is not authorized");
//! let response = Dialect::of(service, &parts).write(&refused, &stamp);
//! assert_eq!(response.status(), 403);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod error;
pub mod protocol;
pub mod route;
pub mod sigv4;
pub mod uri;
pub mod validate;
pub mod value;

//! Who did what: CloudTrail records and the append-only log that keeps them.
//!
//! An [`Event`] is one record, with the members, names and order of AWS CloudTrail (CloudTrail User
//! Guide, "CloudTrail record contents"). A [`Log`] keeps events in the order of their arrival:
//! [`FileLog`] in files that survive the loss of power, [`MemoryLog`] for platforms that live as
//! long as their process.
//!
//! - What [`Log::submit`] reports as done is durable; the caller answers its client only then.
//! - Nothing is ever changed or removed. Every record carries a hash over itself and its
//!   predecessor, so an alteration shows ([`verify`]).
//! - The crate has no clock and no randomness: ids and times are the caller's.
//!
//! ```
//! use trail::{Attribute, Event, EventType, Category, Log, MemoryLog, Query, UserIdentity};
//!
//! let event = Event {
//!     event_version: trail::EVENT_VERSION.into(),
//!     user_identity: UserIdentity::root("aws", "123456789012", Some("AKIAEXAMPLE")).into(),
//!     event_time: "2025-07-01T10:05:00Z".parse().unwrap(),
//!     event_source: "sagemaker.amazonaws.com".into(),
//!     event_name: "ListDomains".into(),
//!     aws_region: "us-east-1".into(),
//!     source_ip_address: "127.0.0.1".into(),
//!     user_agent: None,
//!     error_code: None,
//!     error_message: None,
//!     request_parameters: None,
//!     response_elements: None,
//!     additional_event_data: None,
//!     request_id: "5f1a".into(),
//!     event_id: "8d0c".into(),
//!     read_only: true,
//!     resources: Vec::new(),
//!     event_type: EventType::AwsApiCall,
//!     api_version: None,
//!     management_event: true,
//!     recipient_account_id: "123456789012".into(),
//!     service_event_details: None,
//!     shared_event_id: None,
//!     vpc_endpoint_id: None,
//!     event_category: Category::Management,
//!     tls_details: None,
//! };
//! let log: &dyn Log = &MemoryLog::default();
//! log.append(vec![event])?;
//! let query = Query::new("123456789012").with(Attribute::Username("root".into()));
//! assert_eq!(log.lookup(&query)?.records.len(), 1);
//! # Ok::<(), trail::Error>(())
//! ```

mod entries;
mod error;
mod event;
mod file;
mod identity;
mod json;
mod limits;
mod log;
mod memory;
mod outline;
mod query;
mod redact;

pub use entries::Entries;
pub use error::Error;
pub use event::{Category, Draft, EVENT_VERSION, Event, EventType, Resource, TlsDetails};
pub use file::{FileLog, FileOptions, Recovery, copy, verify};
pub use identity::{
    Identified, IdentityType, SessionAttributes, SessionContext, SessionIssuer, UserIdentity,
    WebIdFederationData,
};
pub use json::{Element, Elements, Json, Members};
pub use limits::{Limits, TRUNCATED};
pub use log::{Done, Head, Log, Position, Record, Submission, Visit};
pub use memory::MemoryLog;
pub use outline::{Outline, OutlineIdentity, OutlineResource};
pub use query::{Attribute, Page, Query};
pub use redact::{HIDDEN, redact};

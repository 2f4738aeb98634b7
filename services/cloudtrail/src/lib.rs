//! AWS CloudTrail: trails, what they select and deliver, and looking events up.
//!
//! A trail takes what its selectors want out of the platform's log and puts it, as gzip JSON in
//! CloudTrail's own layout, into a bucket that need not belong to the platform's operator: as the
//! service principal `cloudtrail.amazonaws.com`, so that the bucket's policy decides. Digest files
//! chain what was delivered and are signed ([`deliver`]). Sources of codes, names and formats: the
//! CloudTrail API Reference and User Guide.

mod delivery;
pub mod desired;
mod error;
mod keys;
mod lease;
mod logging;
mod lookup;
mod name;
mod record;
mod selection;
mod selectors;
mod shared;
mod show;
mod tagging;
mod trails;

pub use delivery::{Schedule, deliver, finish, forget};
pub use keys::reseal;
pub use shared::{as_node, is_superseded};

use platform::{Operation, Service};
use store::Format;

/// The service's principal, and the source of its events.
const PRINCIPAL: &str = "cloudtrail.amazonaws.com";

static OPERATIONS: &[Operation] = &[
    Operation::write("CreateTrail", trails::may_create, trails::create),
    Operation::write("UpdateTrail", trails::may, trails::update),
    Operation::write("DeleteTrail", trails::may, trails::delete),
    Operation::read("GetTrail", trails::may, show::get),
    Operation::read("DescribeTrails", show::may_describe, show::describe),
    Operation::read("ListTrails", show::may_list, show::list),
    Operation::write("StartLogging", trails::may, logging::start),
    Operation::write("StopLogging", trails::may, logging::stop),
    Operation::read("GetTrailStatus", trails::may, show::status),
    Operation::write("PutEventSelectors", selectors::may, selectors::put),
    Operation::read("GetEventSelectors", selectors::may, selectors::get),
    Operation::read(
        "GetInsightSelectors",
        selectors::may,
        selectors::get_insights,
    ),
    Operation::write("AddTags", tagging::may_add, tagging::add),
    Operation::write("RemoveTags", tagging::may_remove, tagging::remove),
    Operation::read("ListTags", tagging::may_list, tagging::list),
    Operation::read("ListPublicKeys", keys::may_list, keys::list),
    Operation::read("LookupEvents", lookup::may_look_up, lookup::look_up),
];

/// The formats of what is kept.
pub static FORMATS: &[Format] = &[
    Format::of::<keys::Kept>(),
    Format::of::<lease::Kept>(),
    Format::of::<record::Progress>(),
    Format::of::<record::Retired>(),
    Format::of::<record::Trail>(),
    Format::of::<shared::Block>(),
    Format::of::<shared::Copied>(),
];

/// The service.
#[must_use]
pub fn service() -> Service {
    Service {
        api: "cloudtrail",
        principal: PRINCIPAL,
        operations: OPERATIONS,
        doors: &[],
        resource: None,
    }
}

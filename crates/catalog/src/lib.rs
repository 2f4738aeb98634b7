//! Facts about AWS, as data: what services, actions, resource types and condition keys exist.
//!
//! Nothing here decides anything. A verdict must never depend on whether this catalog knows a
//! name, for AWS adds names every week; the catalog serves explanations, lint and typed keys.

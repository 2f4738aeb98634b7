//! Objects.

mod attributes;
mod copy;
mod delete;
mod get;
mod place;
mod put;
mod source;

pub(super) use attributes::{attributes, may_get_attributes};
pub(super) use copy::{copy, may_copy};
pub(super) use delete::{delete, delete_many, may_delete, may_delete_many};
pub(super) use get::{get, head, may_get, named};
pub(super) use place::class;
pub(super) use put::{
    check_put, headers, keys_of, may_begin, may_put, metadata, put, receive, replace, supported,
    with_comparison,
};
pub(super) use source::{Source, until_unchanged};

//! Objects.

mod copy;
mod delete;
mod get;
mod put;

pub(super) use copy::{copy, may_copy};
pub(super) use delete::{delete, delete_many, may_delete, may_delete_many};
pub(super) use get::{get, head, may_get};
pub(super) use put::{find, may_put, put, receive};

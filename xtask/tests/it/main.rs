//! The chores that need no network, run as tests, and each of their rules shown failing.

mod deps;
mod generated;
mod tidy;

//! The hallway, walked from end to end without a socket.

mod context;
mod deputy;
mod door;
mod refused;
mod trail_first;
mod write_again;

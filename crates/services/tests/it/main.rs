//! The services through the whole hallway, without a socket.

mod sts;

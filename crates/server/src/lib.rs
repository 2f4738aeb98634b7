//! Palisade: server.

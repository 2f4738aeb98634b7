//! Palisade: wire.

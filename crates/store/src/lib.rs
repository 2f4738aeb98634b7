//! Palisade: store.

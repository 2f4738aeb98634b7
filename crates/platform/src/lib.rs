//! Palisade: platform.

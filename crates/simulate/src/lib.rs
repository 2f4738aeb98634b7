//! Palisade: simulate.

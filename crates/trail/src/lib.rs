//! Palisade: trail.

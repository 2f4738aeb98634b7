//! Palisade: policy.

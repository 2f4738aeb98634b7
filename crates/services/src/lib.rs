//! Palisade: services.

//! Palisade: blueprint.

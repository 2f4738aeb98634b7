//! Compiled policies, kept by content.
//!
//! A request's policies are read from the store each time, so that a change counts for the very next
//! request; what is saved is only the compiling. A set is found by the digest of all that it is made
//! of, so that a changed text is another set and nothing ever has to be invalidated.

use policy::{Document, NamedPolicy, PolicySet, PolicyType};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Sets in one generation. Two generations are kept; what was not used during a whole one is
/// forgotten.
const GENERATION: usize = 4_096;

type Digest = [u8; 32];

/// A policy's name, as explanations show it, and its text.
pub(crate) type Named<'a> = (&'a str, &'a str);

#[derive(Default)]
pub(crate) struct Compiled {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    current: HashMap<Digest, Arc<PolicySet>>,
    previous: HashMap<Digest, Arc<PolicySet>>,
}

/// A stored policy that does not compile. The call that needs it fails.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) name: String,
}

impl Compiled {
    /// The set of these policies, all of one type.
    pub(crate) fn set(
        &self,
        kind: PolicyType,
        policies: &[Named<'_>],
    ) -> Result<Arc<PolicySet>, Unreadable> {
        let digest = digest(kind, policies);
        if let Some(found) = self.find(&digest) {
            return Ok(found);
        }
        let mut documents = Vec::with_capacity(policies.len());
        for (name, text) in policies {
            let document = Document::parse(text, kind).map_err(|_| Unreadable {
                name: (*name).to_owned(),
            })?;
            documents.push(NamedPolicy {
                name: Arc::from(*name),
                document,
            });
        }
        let set = Arc::new(PolicySet::compile(documents));
        self.keep(digest, Arc::clone(&set));
        Ok(set)
    }

    fn find(&self, digest: &Digest) -> Option<Arc<PolicySet>> {
        let mut held = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = held.current.get(digest) {
            return Some(Arc::clone(found));
        }
        let found = held.previous.remove(digest)?;
        held.insert(*digest, Arc::clone(&found));
        Some(found)
    }

    fn keep(&self, digest: Digest, set: Arc<PolicySet>) {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digest, set);
    }
}

impl Generations {
    fn insert(&mut self, digest: Digest, set: Arc<PolicySet>) {
        if self.current.len() >= GENERATION {
            self.previous = std::mem::take(&mut self.current);
        }
        self.current.insert(digest, set);
    }
}

fn digest(kind: PolicyType, policies: &[Named<'_>]) -> Digest {
    let mut hasher = Sha256::new().chain_update(kind.id());
    for part in policies.iter().flat_map(|(name, text)| [name, text]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

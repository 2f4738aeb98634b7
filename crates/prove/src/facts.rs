//! Facts about the values of condition keys, each with its source: what a proof may rest on beside the policies.

mod table;

use crate::language::Pattern;
use crate::model::{KeyId, Model};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Something known of the values of a condition key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// A short name, by which it is switched off.
    pub id: String,
    /// The condition key; a name that ends in `/*` stands for all keys that begin like it.
    pub key: String,
    /// What is known.
    pub claim: Claim,
    /// Where it is written.
    pub source: String,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// It has at most one value.
    Single,
    /// It has a list of values.
    Multivalued,
    /// Every request has it.
    Present,
    /// Its values have between `least` and `most` characters, all from `characters` (such as `A-Za-z0-9_`; empty: any).
    Texts {
        /// Single characters and ranges.
        characters: String,
        /// The least length.
        least: usize,
        /// The greatest length.
        most: Option<usize>,
    },
    /// Its values are ARNs with a service, and with an account of twelve digits or none.
    Arn,
    /// Its values match one of these globs.
    Like(Vec<String>),
}

/// The facts that a proof may use.
#[derive(Clone, Debug)]
pub struct Facts {
    facts: Vec<Arc<Fact>>,
    /// Whether the catalog says which keys have several values.
    catalog: bool,
    without: Vec<String>,
    /// Whether answers come with certificates.
    certified: bool,
    /// What is known of each key that was asked about.
    asked: Asked,
}

/// What is known of keys, by name; shared by copies of the same facts.
#[derive(Clone, Debug, Default)]
struct Asked(Arc<Mutex<HashMap<String, Arc<[Known]>>>>);

/// A fact, with what it says of texts ready for use.
#[derive(Clone, Debug)]
struct Known {
    fact: Arc<Fact>,
    /// Each value matches one of these.
    texts: Option<Arc<[Pattern]>>,
}

impl Known {
    fn new(fact: Arc<Fact>) -> Self {
        let texts: Option<Arc<[Pattern]>> = match &fact.claim {
            Claim::Single | Claim::Multivalued | Claim::Present => None,
            Claim::Texts {
                characters,
                least,
                most,
            } => {
                let set = table::characters(characters);
                Some(Arc::new([Pattern::repeated(&set, *least, *most)]))
            }
            Claim::Arn => Some(crate::arn::sources().clone()),
            Claim::Like(globs) => Some(globs.iter().map(|glob| Pattern::glob(glob)).collect()),
        };
        Self { fact, texts }
    }
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            facts: table::built_in().into_iter().map(Arc::new).collect(),
            catalog: true,
            without: Vec::new(),
            certified: false,
            asked: Asked::default(),
        }
    }
}

impl Facts {
    /// No facts at all.
    #[must_use]
    pub fn none() -> Self {
        Self {
            facts: Vec::new(),
            catalog: false,
            without: Vec::new(),
            certified: false,
            asked: Asked::default(),
        }
    }

    /// The facts, but for those that belong to single keys of the catalog.
    pub fn iter(&self) -> impl Iterator<Item = &Fact> {
        let kept = |fact: &&Arc<Fact>| !self.without.contains(&fact.id);
        self.facts.iter().filter(kept).map(|fact| &**fact)
    }

    /// The same facts; proofs that may use them come with certificates.
    #[must_use]
    pub fn certified(self) -> Self {
        Self {
            certified: true,
            ..self
        }
    }

    pub(crate) fn is_certified(&self) -> bool {
        self.certified
    }

    /// Adds a fact.
    pub fn add(&mut self, fact: Fact) {
        self.facts.push(Arc::new(fact));
        self.asked = Asked::default();
    }

    /// Switches a fact off.
    pub fn remove(&mut self, id: &str) {
        if id == CATALOG {
            self.catalog = false;
        }
        self.without.push(id.to_owned());
        self.asked = Asked::default();
    }

    /// Whether these are the same facts, and are used alike.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.facts == other.facts
            && self.catalog == other.catalog
            && self.without == other.without
            && self.certified == other.certified
    }

    /// Whether there is such a fact.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        id == CATALOG || self.facts.iter().any(|fact| fact.id == id)
    }

    /// The facts about one key.
    fn about(&self, key: &str) -> Arc<[Known]> {
        let mut asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.get(key) {
            return known.clone();
        }
        let found = self.find(key).into_iter().map(Known::new);
        let known: Arc<[Known]> = found.collect();
        asked.insert(key.to_owned(), known.clone());
        known
    }

    fn find(&self, key: &str) -> Vec<Arc<Fact>> {
        let covers = |fact: &&Arc<Fact>| !self.without.contains(&fact.id) && covers(&fact.key, key);
        let mut found: Vec<Arc<Fact>> = self.facts.iter().filter(covers).cloned().collect();
        let counted = found
            .iter()
            .any(|fact| matches!(fact.claim, Claim::Single | Claim::Multivalued));
        let known = catalog::condition_key(key).filter(|_| self.catalog);
        let Some(known) = known else {
            return found;
        };
        let lower = key.to_ascii_lowercase();
        let mut add = |kind: &str, claim: Claim| {
            let id = format!("{kind}:{lower}");
            if !self.without.contains(&id) {
                found.push(Arc::new(Fact {
                    id,
                    key: key.to_owned(),
                    claim,
                    source: "Service Authorization Reference, types of condition keys".to_owned(),
                }));
            }
        };
        if !counted {
            add(
                "count",
                match known.is_multivalued() {
                    true => Claim::Multivalued,
                    false => Claim::Single,
                },
            );
        }
        if known.key_type() == catalog::KeyType::Bool {
            let words = ["true", "false"].map(str::to_owned);
            add("type", Claim::Like(words.to_vec()));
        }
        found
    }
}

/// The name by which everything that the catalog says of keys is switched off.
pub const CATALOG: &str = "catalog";

fn covers(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => key
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => pattern.eq_ignore_ascii_case(key),
    }
}

/// What is known of the values of a key.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    pub(crate) absent: bool,
    pub(crate) one: bool,
    pub(crate) many: bool,
    /// Each value matches one pattern of each of these.
    pub(crate) texts: Vec<Arc<[Pattern]>>,
    /// Everything that the above comes from.
    facts: Vec<Known>,
    /// It is no part of requests, and has one value.
    free: bool,
}

impl Domain {
    pub(crate) fn any() -> Self {
        Self {
            absent: true,
            one: true,
            many: true,
            texts: Vec::new(),
            facts: Vec::new(),
            free: false,
        }
    }

    pub(crate) fn one() -> Self {
        Self {
            absent: false,
            many: false,
            free: true,
            ..Self::any()
        }
    }

    /// The facts that it comes from.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Arc<Fact>> {
        self.facts.iter().map(|known| &known.fact)
    }

    fn apply(&mut self, known: &Known) {
        match &known.fact.claim {
            Claim::Single => self.many = false,
            Claim::Multivalued => self.one = false,
            Claim::Present => self.absent = false,
            Claim::Texts { .. } | Claim::Arn | Claim::Like(_) => {}
        }
        self.texts.extend(known.texts.clone());
        self.facts.push(known.clone());
    }

    /// What is known without some of the facts.
    fn without(&self, gone: &dyn Fn(&Fact) -> bool) -> Self {
        let mut fewer = match self.free {
            true => Self::one(),
            false => Self::any(),
        };
        let kept = self.facts.iter().filter(|known| !gone(&known.fact));
        kept.for_each(|known| fewer.apply(known));
        fewer
    }
}

impl Model<'_> {
    /// Takes facts about all keys into account that are mentioned so far.
    pub fn assume(&mut self, facts: &Facts) {
        for key in self.keys.iter_mut().filter(|key| !key.free) {
            for known in facts.about(&key.name).iter() {
                key.domain.apply(known);
            }
        }
    }

    /// Takes what is known of the values of a key into account for a text that is no part of requests.
    pub(crate) fn assume_alike(&mut self, text: KeyId, key: &str, facts: &Facts) {
        for known in facts.about(key).iter() {
            if matches!(known.fact.claim, Claim::Texts { .. } | Claim::Like(_))
                && let Some(text) = self.keys.get_mut(text.index())
            {
                text.domain.apply(known);
            }
        }
    }

    /// Takes one fact about one key into account.
    pub fn assume_of(&mut self, key: KeyId, fact: Fact) {
        if let Some(key) = self.keys.get_mut(key.index()) {
            key.domain.apply(&Known::new(Arc::new(fact)));
        }
    }

    /// What is known of each key.
    pub(crate) fn domains(&self) -> Vec<Domain> {
        self.keys.iter().map(|key| key.domain.clone()).collect()
    }

    /// Forgets some of the facts in what is known of each key.
    pub(crate) fn know(&mut self, domains: &[Domain], gone: &dyn Fn(&Fact) -> bool) {
        for (key, domain) in self.keys.iter_mut().zip(domains) {
            key.domain = domain.without(gone);
        }
    }

    /// The keys of which a fact was taken into account.
    pub(crate) fn keys_of(&self, domains: &[Domain], fact: &Fact) -> Vec<KeyId> {
        let numbers = (0..domains.len()).filter_map(|at| u32::try_from(at).ok());
        let about = |domain: &Domain| domain.facts().any(|own| **own == *fact);
        let keys = numbers.map(KeyId).zip(domains);
        keys.filter(|(_, domain)| about(domain))
            .map(|(key, _)| key)
            .collect()
    }

    /// Every fact that was taken into account, once each.
    #[must_use]
    pub fn assumed(&self) -> Vec<Arc<Fact>> {
        let mut all: Vec<Arc<Fact>> = Vec::new();
        for fact in self.keys.iter().flat_map(|key| key.domain.facts()) {
            if !all.contains(fact) {
                all.push(fact.clone());
            }
        }
        all
    }
}

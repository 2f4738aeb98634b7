//! The network as platforms see it that ask identity providers for their keys.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use sts::{Fetch, FetchError};

/// Documents by URL. Whatever was not put there does not answer.
#[derive(Clone, Debug, Default)]
pub struct Web {
    inner: Arc<(Mutex<Inner>, Condvar)>,
}

#[derive(Debug, Default)]
struct Inner {
    documents: HashMap<String, String>,
    asked: Vec<String>,
    held: bool,
}

impl Web {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a document there.
    pub fn put(&self, url: &str, document: &serde_json::Value) {
        self.inner()
            .documents
            .insert(url.to_owned(), document.to_string());
    }

    /// Takes a document away.
    pub fn remove(&self, url: &str) {
        self.inner().documents.remove(url);
    }

    /// What was asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.inner().asked.clone()
    }

    /// Has whoever asks wait, or no longer.
    pub fn hold(&self, held: bool) {
        self.inner().held = held;
        self.inner.1.notify_all();
    }
}

impl Fetch for Web {
    fn get(&self, url: &str, _: &[String]) -> Result<Vec<u8>, FetchError> {
        let mut inner = self.inner();
        inner.asked.push(url.to_owned());
        let held = |inner: &mut Inner| inner.held;
        inner = (self.inner.1.wait_while(inner, held)).unwrap_or_else(PoisonError::into_inner);
        match inner.documents.get(url) {
            Some(document) => Ok(document.clone().into_bytes()),
            None => Err(FetchError::Unreachable("nobody is there".to_owned())),
        }
    }
}

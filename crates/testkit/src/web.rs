//! The network as platforms see it that ask identity providers for their keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use sts::{Fetch, FetchError};

/// Documents by URL. Whatever was not put there does not answer.
#[derive(Clone, Debug, Default)]
pub struct Web {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    documents: HashMap<String, String>,
    asked: Vec<String>,
}

impl Web {
    /// Puts a document there.
    pub fn put(&self, url: &str, document: &serde_json::Value) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.documents.insert(url.to_owned(), document.to_string());
    }

    /// Takes a document away.
    pub fn remove(&self, url: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.documents.remove(url);
    }

    /// What was asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.clone()
    }
}

impl Fetch for Web {
    fn get(&self, url: &str, _: &[String]) -> Result<Vec<u8>, FetchError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.asked.push(url.to_owned());
        match inner.documents.get(url) {
            Some(document) => Ok(document.clone().into_bytes()),
            None => Err(FetchError::Unreachable("nobody is there".to_owned())),
        }
    }
}

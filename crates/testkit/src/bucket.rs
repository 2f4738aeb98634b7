//! A bucket, for tests.

use crate::{Answer, Credentials, World};

/// A bucket of the first account.
pub struct Bucket<'w> {
    world: &'w World,
    name: &'static str,
}

impl<'w> Bucket<'w> {
    /// Makes the bucket.
    pub fn new(world: &'w World, name: &'static str) -> Self {
        let bucket = Self { world, name };
        bucket.call(world.root(), "PUT", "", &[], "").checked();
        bucket
    }

    /// Lets the bucket be public, which new buckets cannot be.
    pub fn open(&self) {
        let root = self.world.root();
        self.call(root, "DELETE", "?publicAccessBlock", &[], "")
            .checked();
    }

    /// Sends a request; `path` is what follows the bucket's name.
    pub fn call(
        &self,
        who: &Credentials,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let path = format!("/{}{path}", self.name);
        let body = body.to_owned().into();
        self.world.http(who, "s3", method, &path, headers, body)
    }

    /// Puts an object as the root user.
    pub fn put(&self, key: &str, body: &str) -> Answer {
        self.put_with(key, body, &[])
    }

    /// The same with headers.
    pub fn put_with(&self, key: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.call(self.world.root(), "PUT", &format!("/{key}"), headers, body)
    }

    /// Gets an object.
    pub fn get(&self, who: &Credentials, key: &str) -> Answer {
        self.call(who, "GET", &format!("/{key}"), &[], "")
    }

    /// The keys of a listing by the root user.
    pub fn keys(&self, query: &str) -> Vec<String> {
        keys(
            &self
                .call(self.world.root(), "GET", query, &[], "")
                .checked(),
        )
    }

    /// Gives the bucket a policy of these statements.
    pub fn policy(&self, statements: &serde_json::Value) -> Answer {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
        self.call(
            self.world.root(),
            "PUT",
            "?policy",
            &[],
            &policy.to_string(),
        )
    }
}

/// The keys in a listing.
pub fn keys(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let inner = |part: &str| part.split("</Key>").next().map(str::to_owned);
    text.split("<Key>").skip(1).filter_map(inner).collect()
}

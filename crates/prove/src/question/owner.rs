//! What follows from whose a resource is, and what is supposed of accounts that a question is not about.

use crate::layers::Owner;
use policy::{AccountId, Document, NamedPolicy, PolicySet, PolicyType};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

/// The account of the resource (IAM User Guide, "AWS global condition context keys").
pub(crate) const ACCOUNT: &str = "aws:ResourceAccount";
const CALLER: &str = "aws:PrincipalAccount";

/// Policies that are read as identity-based ones, and grant nothing where they only describe requests.
fn compiled(name: &str, statements: &Value) -> Option<PolicySet> {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let document = Document::parse(&text, PolicyType::Identity).ok()?;
    Some(PolicySet::compile([NamedPolicy::new(name, document)]))
}

/// Requests that meet these conditions.
pub(super) fn when(conditions: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": conditions})
}

/// Policies that allow everything.
pub(super) fn everything() -> Option<&'static PolicySet> {
    static EVERYTHING: LazyLock<Option<PolicySet>> = LazyLock::new(|| {
        let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        compiled("supposed", &statement)
    });
    EVERYTHING.as_ref()
}

/// What is made once for an owner. It is kept, for each owner that was ever asked about.
struct OfOwner {
    /// Policies that allow everything to callers of other accounts.
    others: Option<PolicySet>,
    /// Requests in which the resource's account is the owner's.
    own: Option<PolicySet>,
}

fn of(owner: AccountId) -> Option<&'static OfOwner> {
    static KNOWN: Mutex<BTreeMap<AccountId, &'static OfOwner>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().ok()?;
    let made = known.entry(owner).or_insert_with(|| {
        let others = json!({"StringNotEquals": {CALLER: owner.as_str()}});
        let own = json!({"StringEquals": {ACCOUNT: owner.as_str()}});
        Box::leak(Box::new(OfOwner {
            others: compiled("supposed", &when(&others)),
            own: compiled("owner", &owned(&own)),
        }))
    });
    Some(made)
}

/// Requests without the key, or with this.
fn owned(conditions: &Value) -> Value {
    json!([when(&json!({"Null": {ACCOUNT: "true"}})), when(conditions)])
}

/// Policies that allow everything to callers of other accounts.
pub(super) fn everything_of_others(owner: AccountId) -> Option<&'static PolicySet> {
    of(owner)?.others.as_ref()
}

/// Whether policies are only supposed.
pub(super) fn is_supposed(set: &PolicySet, owner: Owner) -> bool {
    let others = match owner {
        Owner::Account(owner) => everything_of_others(owner),
        Owner::OfCaller | Owner::Stranger => None,
    };
    let mut own = [everything(), others].into_iter().flatten();
    own.any(|own| std::ptr::eq(own, set))
}

/// A policy that describes the requests in which the resource's account is what it must be.
pub(super) fn about(owner: Owner) -> Option<&'static PolicySet> {
    type Known = LazyLock<Option<PolicySet>>;
    static CALLERS: Known = LazyLock::new(|| {
        let own = json!({"StringEquals": {ACCOUNT: "${aws:PrincipalAccount}"}});
        let nobodys = json!({"Null": {CALLER: "true"}});
        let mut all = owned(&own);
        all.as_array_mut()?.push(when(&nobodys));
        compiled("owner", &all)
    });
    static STRANGERS: Known = LazyLock::new(|| {
        let other = json!({"StringNotEquals": {ACCOUNT: "${aws:PrincipalAccount}"}});
        compiled("owner", &owned(&other))
    });
    match owner {
        Owner::OfCaller => CALLERS.as_ref(),
        Owner::Stranger => STRANGERS.as_ref(),
        Owner::Account(account) => of(account)?.own.as_ref(),
    }
}

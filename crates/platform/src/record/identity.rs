//! Who called, as the trail says it.

use serde_json::{Map, Value as Json};
use trail::{SessionAttributes, SessionIssuer, UserIdentity, WebIdFederationData};

use crate::caller::{Caller, Identity};
use crate::federated::FederatedCaller;
use crate::identity::{Tag, User};
use crate::platform::Platform;
use crate::session::{Claims, Federation};

/// The `userIdentity` of a known caller.
pub(super) fn user_identity(platform: &Platform, caller: &Caller) -> UserIdentity {
    let (account, key) = (caller.account, Some(caller.access_key_id.as_str()));
    let partition = platform.partition();
    let user_issuer = |user: &User| {
        let arn = user.arn(partition, account);
        SessionIssuer::user(&arn, &user.id, account.as_str())
    };
    match (&caller.identity, caller.claims()) {
        (Identity::Root, session) => with_session(
            UserIdentity::root(partition, account.as_str(), key),
            session,
        ),
        (Identity::User(user), session) => {
            let arn = user.arn(partition, account);
            let identity = UserIdentity::iam_user(&arn, &user.id, account.as_str(), key);
            with_session(identity, session)
        }
        (Identity::Session { role, .. }, Some(claims)) => {
            let identity = UserIdentity::assumed_role(
                caller.arn(),
                key,
                SessionIssuer::role(&role.arn(partition, account), &role.id, account.as_str()),
                attributes(claims),
                claims.source_identity.as_deref(),
            );
            match &claims.federation {
                Some(federation) => identity.vouched_for(data(federation)),
                None => identity,
            }
        }
        (Identity::FederatedUser { parent, .. }, Some(claims)) => {
            let issuer = match parent {
                Some(user) => user_issuer(user),
                None => SessionIssuer::root(partition, account.as_str()),
            };
            UserIdentity::federated_user(caller.arn(), key, issuer, attributes(claims))
        }
        // Sessions always have claims.
        (Identity::Session { .. } | Identity::FederatedUser { .. }, None) => {
            UserIdentity::unknown(key)
        }
        (Identity::Service(service), _) => UserIdentity::service(&service.service),
        (Identity::Federated(federated), _) => web_identity(federated),
        (Identity::Nobody, _) => UserIdentity::anonymous(),
    }
}

fn with_session(identity: UserIdentity, session: Option<&Claims>) -> UserIdentity {
    match session {
        Some(claims) => identity.with_session(attributes(claims)),
        None => identity,
    }
}

fn attributes(claims: &Claims) -> SessionAttributes {
    SessionAttributes::new(claims.issued, false)
}

fn data(federation: &Federation) -> WebIdFederationData {
    WebIdFederationData {
        federated_provider: Some(federation.provider.clone()),
        ..WebIdFederationData::default()
    }
}

fn web_identity(federated: &FederatedCaller) -> UserIdentity {
    let provider = &federated.federation.provider;
    UserIdentity::web_identity_user(provider, &federated.audience, &federated.subject)
}

/// What the session that is asked for gets from elsewhere: from the session that assumes, or from the
/// identity provider's token (IAM User Guide, "Passing session tags in AWS STS").
pub(super) fn inherited(operation: &str, caller: &Caller) -> Map<String, Json> {
    let mut all = Map::new();
    if let Identity::Federated(federated) = &caller.identity {
        if !federated.tags.is_empty() {
            all.insert("principalTags".to_owned(), listed(&federated.tags));
        }
        if !federated.transitive.is_empty() {
            let keys = federated.transitive.iter().map(String::as_str);
            all.insert("transitiveTagKeys".to_owned(), keys.collect());
        }
        if let Some(name) = &federated.source_identity {
            all.insert("sourceIdentity".to_owned(), Json::from(name.as_str()));
        }
    } else if let Some(claims) = caller.claims().filter(|_| operation == "AssumeRole") {
        let tags: Vec<&Tag> = claims.transitive_tags().collect();
        if !tags.is_empty() {
            all.insert("incomingTransitiveTags".to_owned(), listed(tags));
        }
    }
    all
}

fn listed<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Json {
    let member = |tag: &Tag| (tag.key.clone(), Json::from(tag.value.as_str()));
    Json::Object(tags.into_iter().map(member).collect())
}

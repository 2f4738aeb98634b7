//! Identity providers: OpenID Connect and SAML.

use jiff::Timestamp;
use platform::identity::{
    OidcProvider, SamlProvider, Tag, Totals, of_account, parse_provider_arn, to_second,
};
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, Target, tags};
use store::{Key, Read, Record, Scan, Write};
use wire::value::Value;

use super::entity::{already, no_such};
use super::tag::Taggable;
use super::{check, quota};

/// How many audiences a provider may have.
const CLIENTS: usize = 100;
/// How many thumbprints a provider may have.
const THUMBPRINTS: usize = 5;

/// A kind of identity provider.
pub(super) trait Provider: Record + Clone {
    /// What its ARNs call it.
    const KIND_IN_ARN: &'static str;
    /// The member of an input that names one.
    const MEMBER: &'static str;
    /// The type by which the trail lists one.
    const TRAIL_TYPE: &'static str;
    /// What the limit of tags is called after.
    const NOUN: &'static str;

    fn key_of(call: &Call<'_>, name: &str) -> Key;
    fn arn_of(&self, call: &Call<'_>) -> String;
    fn named(&self) -> &str;
    fn held_tags(&self) -> &[Tag];
    fn held_tags_mut(&mut self) -> &mut Vec<Tag>;
    fn missing(arn: &str) -> ApiError;
}

macro_rules! provider {
    ($type:ident, $kind:literal, $member:literal, $noun:literal, $missing:literal) => {
        impl Provider for $type {
            const KIND_IN_ARN: &'static str = $kind;
            const MEMBER: &'static str = $member;
            const TRAIL_TYPE: &'static str = concat!("AWS::IAM::", $noun);
            const NOUN: &'static str = $noun;

            fn key_of(call: &Call<'_>, name: &str) -> Key {
                $type::key(call.account(), name)
            }
            fn arn_of(&self, call: &Call<'_>) -> String {
                self.arn(call.platform().partition(), call.account())
            }
            fn named(&self) -> &str {
                &self.name
            }
            fn held_tags(&self) -> &[Tag] {
                &self.tags
            }
            fn held_tags_mut(&mut self) -> &mut Vec<Tag> {
                &mut self.tags
            }
            fn missing(arn: &str) -> ApiError {
                no_such(format!($missing, arn))
            }
        }
    };
}

provider!(
    SamlProvider,
    "saml-provider",
    "SAMLProviderArn",
    "SAMLProvider",
    "Manifest not found for arn {}"
);

impl Provider for OidcProvider {
    const KIND_IN_ARN: &'static str = "oidc-provider";
    const MEMBER: &'static str = "OpenIDConnectProviderArn";
    const TRAIL_TYPE: &'static str = "AWS::IAM::OIDCProvider";
    const NOUN: &'static str = "OpenIDConnectProvider";

    fn key_of(call: &Call<'_>, name: &str) -> Key {
        Self::key(call.account(), name)
    }
    fn arn_of(&self, call: &Call<'_>) -> String {
        self.arn(call.platform().partition(), call.account())
    }
    fn named(&self) -> &str {
        self.name()
    }
    fn held_tags(&self) -> &[Tag] {
        &self.tags
    }
    fn held_tags_mut(&mut self) -> &mut Vec<Tag> {
        &mut self.tags
    }
    fn missing(arn: &str) -> ApiError {
        no_such(format!("OpenIDConnect Provider not found for arn {arn}"))
    }
}

fn find<P: Provider>(tx: &dyn Read, call: &Call<'_>) -> Result<Option<P>, ApiError> {
    let arn = call.text(P::MEMBER)?;
    let Some((account, name)) = parse_provider_arn(arn, P::KIND_IN_ARN) else {
        return Err(invalid(format!("Invalid ARN: {arn}")));
    };
    if account != call.account() {
        return Ok(None);
    }
    let found: Option<P> = tx.get(&P::key_of(call, &name))?;
    Ok(found.filter(|provider| provider.arn_of(call) == arn))
}

fn need<P: Provider>(tx: &dyn Read, call: &Call<'_>) -> Result<P, ApiError> {
    let arn = call.text(P::MEMBER)?;
    find(tx, call)?.ok_or_else(|| P::missing(arn))
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", 400, text)
}

fn target<P: Provider>(call: &Call<'_>) -> Result<Target, ApiError> {
    let tags = match find::<P>(call.state(), call) {
        Ok(Some(provider)) => provider.held_tags().to_vec(),
        _ => Vec::new(),
    };
    let target = Target::arn(call.text(P::MEMBER)?)?.tagged("iam", &tags);
    Ok(target.listed_as(P::TRAIL_TYPE))
}

/// The operation's action on the provider that the input names.
pub(super) fn may<P: Provider>(call: &Call<'_>) -> Result<Checks, ApiError> {
    Ok(Check::of(call.action(), target::<P>(call)?).into())
}

fn may_create<P: Provider>(call: &Call<'_>, name: &str) -> Result<Checks, ApiError> {
    let arn = check::arn(call, &format!("{}/{name}", P::KIND_IN_ARN));
    let target = Target::arn(&arn)?.listed_as(P::TRAIL_TYPE);
    let creation = Check::of(call.action(), target.clone());
    let tags = tags::read(call.input(), "Tags");
    check::with_tags(creation, &format!("iam:Tag{}", P::NOUN), target, &tags)
}

pub(super) fn may_create_oidc(call: &Call<'_>) -> Result<Checks, ApiError> {
    let url = call.text("Url")?;
    let name = url.split_once("://").map_or(url, |(_, name)| name);
    may_create::<OidcProvider>(call, name)
}

pub(super) fn may_create_saml(call: &Call<'_>) -> Result<Checks, ApiError> {
    may_create::<SamlProvider>(call, call.text("Name")?)
}

fn insert<P: Provider>(
    call: &Permitted<Call<'_>>,
    provider: &P,
    exists: String,
) -> Result<Outcome, ApiError> {
    quota::tags(P::NOUN, &[], provider.held_tags())?;
    call.write(|tx| {
        if !tx.insert(&P::key_of(call, provider.named()), provider)? {
            return Err(already(exists));
        }
        Totals::change(tx, call.account(), |totals| totals.providers += 1)?;
        Ok(())
    })?;
    let tags = (!provider.held_tags().is_empty()).then(|| tags::write(provider.held_tags()));
    Ok(Outcome::new(
        Value::map()
            .with(P::MEMBER, provider.arn_of(call))
            .with_some("Tags", tags),
    ))
}

/// Does not mind that there is none (IAM API Reference, `DeleteOpenIDConnectProvider`), where AWS does
/// not.
fn remove<P: Provider>(call: &Permitted<Call<'_>>, must_be: bool) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        match find::<P>(&*tx, call)? {
            Some(provider) => {
                tx.delete::<P>(&P::key_of(call, provider.named()))?;
                Totals::change(tx, call.account(), |totals| {
                    totals.providers = totals.providers.saturating_sub(1);
                })?;
            }
            None if must_be => return Err(P::missing(call.text(P::MEMBER)?)),
            None => {}
        }
        Ok(Outcome::empty())
    })
}

fn change<P: Provider>(
    call: &Permitted<Call<'_>>,
    body: impl FnOnce(&mut P) -> Result<(), ApiError>,
) -> Result<P, ApiError> {
    call.write(|tx| {
        let mut provider: P = need(&*tx, call)?;
        body(&mut provider)?;
        tx.put(&P::key_of(call, provider.named()), &provider)?;
        Ok(provider)
    })
}

pub(super) fn create_oidc(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (url, input) = (call.text("Url")?, call.input());
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    // On this very machine nobody stands between.
    let here = matches!(host, "localhost" | "127.0.0.1");
    let plain = url
        .chars()
        .any(|letter| letter.is_whitespace() || "?#".contains(letter));
    let known = scheme == "https" || scheme == "http" && here;
    // A name before the host would make another one of what looks like it.
    if !known || host.is_empty() || plain || authority.contains('@') {
        return Err(invalid("Invalid Open ID Connect Provider URL"));
    }
    let mut client_ids = tags::keys(input, "ClientIDList");
    client_ids.dedup();
    if client_ids.len() > CLIENTS {
        return Err(quota::exceeded(
            "ClientIdsPerOpenIdConnectProvider",
            CLIENTS,
        ));
    }
    let provider = OidcProvider {
        issuer: url.to_owned(),
        client_ids,
        thumbprints: thumbprints(call)?,
        created: call.time(),
        tags: tags::read(input, "Tags"),
    };
    insert(
        call,
        &provider,
        format!("Provider with url {url} already exists."),
    )
}

fn thumbprints(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let given = tags::keys(call.input(), "ThumbprintList");
    if given.len() > THUMBPRINTS {
        return Err(invalid(
            "Thumbprint list must contain fewer than 5 entries.",
        ));
    }
    let hex = |text: &String| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match given.iter().all(hex) {
        true => Ok(given.iter().map(|text| text.to_ascii_lowercase()).collect()),
        false => Err(invalid("Invalid thumbprint.")),
    }
}

pub(super) fn get_oidc(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let provider: OidcProvider = need(call.state(), call)?;
    let texts = |all: &[String]| {
        all.iter()
            .map(|it| Value::from(it.as_str()))
            .collect::<Value>()
    };
    Ok(Outcome::new(
        Value::map()
            .with("Url", provider.name())
            .with("ClientIDList", texts(&provider.client_ids))
            .with("ThumbprintList", texts(&provider.thumbprints))
            .with("CreateDate", to_second(provider.created))
            .with("Tags", tags::write(&provider.tags)),
    ))
}

pub(super) fn delete_oidc(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    remove::<OidcProvider>(call, false)
}

pub(super) fn list_oidc(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let show = |it: OidcProvider| Value::map().with("Arn", it.arn_of(call));
    listed(call, "OpenIDConnectProviderList", show)
}

fn listed<P: Provider>(
    call: &Call<'_>,
    member: &'static str,
    show: impl Fn(P) -> Value,
) -> Result<Outcome, ApiError> {
    let under = Scan::under(&of_account(call.account()));
    let all = call.state().scan::<P>(&under)?.into_iter();
    let shown: Value = all.map(|entry| show(entry.value)).collect();
    Ok(Outcome::new(Value::map().with(member, shown)))
}

pub(super) fn add_client(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let client = call.text("ClientID")?;
    change(call, |provider: &mut OidcProvider| {
        if provider.client_ids.iter().any(|held| held == client) {
            return Ok(());
        }
        if provider.client_ids.len() >= CLIENTS {
            return Err(quota::exceeded(
                "ClientIdsPerOpenIdConnectProvider",
                CLIENTS,
            ));
        }
        provider.client_ids.push(client.to_owned());
        Ok(())
    })?;
    Ok(Outcome::empty())
}

pub(super) fn remove_client(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let client = call.text("ClientID")?;
    change(call, |provider: &mut OidcProvider| {
        provider.client_ids.retain(|held| held != client);
        Ok(())
    })?;
    Ok(Outcome::empty())
}

pub(super) fn put_thumbprints(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let thumbprints = thumbprints(call)?;
    change(call, |provider: &mut OidcProvider| {
        provider.thumbprints = thumbprints;
        Ok(())
    })?;
    Ok(Outcome::empty())
}

/// The metadata in the input, and until when it is valid.
fn metadata<'t>(call: &Call<'t>) -> Result<(&'t str, Option<Timestamp>), ApiError> {
    for member in [
        "AddPrivateKey",
        "RemovePrivateKey",
        "AssertionEncryptionMode",
    ] {
        if call.input().str(member).is_some() {
            return Err(ApiError::unsupported(&format!("the parameter {member}")));
        }
    }
    let text = call.text("SAMLMetadataDocument")?;
    let unreadable = |_| invalid("Could not parse metadata");
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut until, mut described, mut depth) = (None, false, 0_usize);
    loop {
        use quick_xml::events::Event;
        let event = reader.read_event().map_err(unreadable)?;
        let (start, opens) = match &event {
            Event::Start(start) => (start, true),
            Event::Empty(start) => (start, false),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                continue;
            }
            // Entities of a document's own are no part of metadata.
            Event::DocType(_) => return Err(invalid("Could not parse metadata")),
            Event::Eof => break,
            _ => continue,
        };
        let name = start.local_name();
        if depth == 0 && name.as_ref() != "EntityDescriptor" {
            return Err(invalid("Could not parse metadata"));
        }
        if depth == 0 {
            let attribute = start.try_get_attribute("validUntil").ok().flatten();
            let value = attribute.map(|it| it.value.into_owned());
            until = value.and_then(|text| text.parse().ok());
        }
        described |= name.as_ref() == "IDPSSODescriptor";
        depth += usize::from(opens);
    }
    match described && depth == 0 {
        true => Ok((text, until)),
        false => Err(invalid("Could not parse metadata")),
    }
}

pub(super) fn create_saml(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (name, (text, valid_until)) = (call.text("Name")?, metadata(call)?);
    let provider = SamlProvider {
        name: name.to_owned(),
        metadata: text.to_owned(),
        created: call.time(),
        valid_until,
        tags: tags::read(call.input(), "Tags"),
    };
    insert(
        call,
        &provider,
        format!("SAMLProvider with name {name} already exists."),
    )
}

pub(super) fn get_saml(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let provider: SamlProvider = need(call.state(), call)?;
    Ok(Outcome::new(
        Value::map()
            .with("SAMLMetadataDocument", provider.metadata.as_str())
            .with("CreateDate", to_second(provider.created))
            .with_some("ValidUntil", provider.valid_until)
            .with("Tags", tags::write(&provider.tags)),
    ))
}

pub(super) fn update_saml(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (text, valid_until) = metadata(call)?;
    let provider = change(call, |provider: &mut SamlProvider| {
        text.clone_into(&mut provider.metadata);
        provider.valid_until = valid_until;
        Ok(())
    })?;
    let arn = provider.arn_of(call);
    Ok(Outcome::new(Value::map().with("SAMLProviderArn", arn)))
}

pub(super) fn delete_saml(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    remove::<SamlProvider>(call, true)
}

pub(super) fn list_saml(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    listed(call, "SAMLProviderList", |it: SamlProvider| {
        Value::map()
            .with("Arn", it.arn_of(call))
            .with_some("ValidUntil", it.valid_until)
            .with("CreateDate", to_second(it.created))
    })
}

macro_rules! taggable {
    ($($type:ident),*) => {
        $(impl Taggable for $type {
            const NOUN: &'static str = <Self as Provider>::NOUN;

            fn of(tx: &dyn Read, call: &Call<'_>) -> Result<Self, ApiError> {
                need(tx, call)
            }
            fn target(call: &Call<'_>) -> Result<Target, ApiError> {
                target::<Self>(call)
            }
            fn name(&self) -> &str {
                self.named()
            }
            fn tags(&self) -> &[Tag] {
                self.held_tags()
            }
            fn tags_mut(&mut self) -> &mut Vec<Tag> {
                self.held_tags_mut()
            }
            fn put(&self, tx: &mut dyn Write, call: &Call<'_>) -> Result<(), ApiError> {
                Ok(tx.put(&Self::key_of(call, self.named()), self)?)
            }
        })*
    };
}

taggable!(OidcProvider, SamlProvider);

//! Grants: permissions on a key that stand beside its policy (KMS Developer Guide, "Grants in AWS KMS").
//!
//! A grant counts as one more statement of the key's policy, for its grantee and its operations. Whether the
//! encryption context fits its constraint is found out before, so that only grants that fit are
//! among the policies of a request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use platform::{ApiError, Call, Check, Checks, Outcome, Permitted, principal_ids};
use policy::PolicyType;
use serde_json::json;
use store::{Read, Scan};
use wire::value::Value;

use super::check::{self, Reach};
use super::key_id::{KeyId, Named};
use super::material::Context;
use super::record::{Constraint, Grant, Grantee, Key, Spec};
use super::{error, list};

/// Grants of a key (KMS Developer Guide, "Resource quotas").
const MOST: usize = 50_000;

/// Operations that can be granted of a symmetric key, and of an HMAC key.
const OF_SYMMETRIC: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
];
const OF_HMAC: &[&str] = &[
    "GenerateMac",
    "VerifyMac",
    "CreateGrant",
    "RetireGrant",
    "DescribeKey",
];

/// What is asked of a key, as far as grants care.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// Something without an encryption context.
    Plain,
    /// Something with one.
    With(&'a Context),
    /// To grant these operations under this constraint.
    Granting(&'a [String], Option<&'a Constraint>),
    /// To retire the grant with this id.
    Retiring(&'a str),
}

impl Constraint {
    fn pairs(&self) -> &Context {
        match self {
            Self::Subset(pairs) | Self::Equals(pairs) => pairs,
        }
    }

    /// The member of `Constraints` that it stands in.
    fn member(&self) -> &'static str {
        match self {
            Self::Subset(_) => "EncryptionContextSubset",
            Self::Equals(_) => "EncryptionContextEquals",
        }
    }

    fn admits(&self, context: &Context) -> bool {
        match self {
            Self::Equals(pairs) => pairs == context,
            Self::Subset(pairs) => pairs
                .iter()
                .all(|(name, value)| context.get(name) == Some(value)),
        }
    }

    /// Whether everything that `other` admits is admitted by this too.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Equals(own), Self::Equals(theirs)) => own == theirs,
            (Self::Equals(_), Self::Subset(_)) => false,
            (Self::Subset(_), other) => self.admits(other.pairs()),
        }
    }
}

impl Grant {
    /// The operations of this grant that count for what is asked, by whom they are for.
    fn counting(&self, asked: Asked<'_>) -> Vec<&str> {
        let constraint = self.constraint.as_ref();
        let counts = |operation: &&str| match (asked, *operation) {
            (_, "DescribeKey") => true,
            (Asked::Retiring(id), "RetireGrant") => id == self.id,
            (_, "RetireGrant") => false,
            (Asked::Granting(operations, wanted), "CreateGrant") => {
                let held = |wanted: &String| self.operations.contains(wanted);
                let narrow = match (constraint, wanted) {
                    (None, _) => true,
                    (Some(own), Some(wanted)) => own.covers(wanted),
                    (Some(_), None) => false,
                };
                narrow && operations.iter().all(held)
            }
            (_, "CreateGrant") => false,
            (Asked::With(context), _) => constraint.is_none_or(|own| own.admits(context)),
            (Asked::Plain | Asked::Granting(..) | Asked::Retiring(_), _) => constraint.is_none(),
        };
        self.operations
            .iter()
            .map(String::as_str)
            .filter(counts)
            .collect()
    }
}

/// All grants of a key.
fn of(tx: &dyn Read, key: &Key) -> Result<Vec<Grant>, ApiError> {
    let entries = tx.scan::<Grant>(&Scan::under(&Grant::under(key)))?;
    Ok(entries.into_iter().map(|entry| entry.value).collect())
}

/// The grants of a key that count for what is asked, as the text of a policy.
pub(super) fn as_policy(
    call: &Call<'_>,
    key: &Key,
    asked: Asked<'_>,
) -> Result<Option<String>, ApiError> {
    let mut statements = Vec::new();
    for grant in of(call.state(), key)? {
        let operations = grant.counting(asked);
        if !operations.is_empty() {
            statements.push(statement(&grant.grantee.bound, &operations));
        }
        match (asked, &grant.retiring) {
            (Asked::Retiring(id), Some(retiring)) if id == grant.id => {
                statements.push(statement(&retiring.bound, &["RetireGrant"]));
            }
            _ => {}
        }
    }
    Ok((!statements.is_empty()).then(|| text(statements)))
}

fn statement(principal: &str, operations: &[&str]) -> serde_json::Value {
    let actions: Vec<String> = operations
        .iter()
        .map(|operation| format!("kms:{operation}"))
        .collect();
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"})
}

fn text(statements: Vec<serde_json::Value>) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// What the input asks to be granted.
struct Wanted {
    operations: Vec<String>,
    constraint: Option<Constraint>,
}

fn wanted(call: &Call<'_>) -> Result<Wanted, ApiError> {
    let input = call.input();
    for member in [
        "GranteeServicePrincipal",
        "RetiringServicePrincipal",
        "Constraints.SourceArn",
    ] {
        if input.at(member).is_some() {
            return Err(ApiError::unsupported(&format!("the parameter {member}")));
        }
    }
    let operations = input.list("Operations").iter().filter_map(Value::as_str);
    let constraints = input.get("Constraints").cloned().unwrap_or_default();
    let subset = check::context(&constraints, "EncryptionContextSubset")?;
    let equals = check::context(&constraints, "EncryptionContextEquals")?;
    let constraint = match (subset.is_empty(), equals.is_empty()) {
        (true, true) => None,
        (false, true) => Some(Constraint::Subset(subset)),
        (true, false) => Some(Constraint::Equals(equals)),
        (false, false) => {
            return Err(ApiError::validation(
                "A grant can have an EncryptionContextSubset or an EncryptionContextEquals \
                 constraint, but not both.",
            ));
        }
    };
    Ok(Wanted {
        operations: operations.map(str::to_owned).collect(),
        constraint,
    })
}

pub(super) fn may_create(call: &Call<'_>) -> Result<Checks, ApiError> {
    let input = call.input();
    let key = KeyId::parse_key(call, call.text("KeyId")?)?;
    let Wanted {
        operations,
        constraint,
    } = wanted(call)?;
    let asked = Asked::Granting(&operations, constraint.as_ref());
    let mut check = check::on_asked(call, call.action(), &key, Reach::Across, asked)?
        .key("kms:GrantOperations", operations.clone())
        .key_if("kms:GranteePrincipal", input.str("GranteePrincipal"))
        .key_if("kms:RetiringPrincipal", input.str("RetiringPrincipal"));
    if let Some(constraint) = &constraint {
        check = constrained(check, constraint);
    }
    Ok(for_resource(call, check).into())
}

/// The constraint of a grant, as condition keys.
fn constrained(check: Check, constraint: &Constraint) -> Check {
    check::with_context(check, constraint.pairs())
        .key("kms:GrantConstraintType", constraint.member())
}

/// Whether a service asks for a resource of its own.
fn for_resource(call: &Call<'_>, check: Check) -> Check {
    check.key("kms:GrantIsForAWSResource", check::via(call).is_some())
}

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    let key = KeyId::parse_key(call, call.text("KeyId")?)?;
    let check = check::on(call, call.action(), &key, Reach::Across)?;
    Ok(for_resource(call, check).into())
}

/// Whom the ARN in the input names, as of `tx`.
///
/// # Errors
/// When it names nobody.
fn bind(call: &Call<'_>, tx: &dyn Read, arn: &str) -> Result<Grantee, ApiError> {
    let invalid = || error::invalid_arn(format!("{arn} is not a valid principal."));
    if !arn.starts_with("arn:") || arn.contains('*') {
        return Err(invalid());
    }
    let document = text(vec![statement(arn, &["DescribeKey"])]);
    let partition = call.platform().partition();
    let bound =
        principal_ids::bind(tx, partition, PolicyType::Key, &document).map_err(|_| invalid())?;
    let bound: serde_json::Value =
        serde_json::from_str(bound.text()).map_err(ApiError::internal)?;
    let bound = bound.pointer("/Statement/0/Principal/AWS");
    Ok(Grantee {
        arn: arn.to_owned(),
        bound: bound
            .and_then(serde_json::Value::as_str)
            .ok_or_else(invalid)?
            .to_owned(),
    })
}

/// The grant that the input asks for on this key.
fn plan(call: &Call<'_>, tx: &dyn Read, key: &Key) -> Result<Grant, ApiError> {
    let input = call.input();
    let Wanted {
        operations,
        constraint,
    } = wanted(call)?;
    let possible = match key.spec {
        Spec::Symmetric => OF_SYMMETRIC,
        _ => OF_HMAC,
    };
    if let Some(operation) = operations
        .iter()
        .find(|it| !possible.contains(&it.as_str()))
    {
        let text = format!("The operation {operation} cannot be granted on this key.");
        return Err(ApiError::validation(text));
    }
    if constraint.is_some() && key.spec != Spec::Symmetric {
        let text = "Encryption context constraints need a symmetric encryption key.";
        return Err(ApiError::validation(text));
    }
    let retiring = input.str("RetiringPrincipal");
    let partition = call.platform().partition();
    Ok(Grant {
        id: random_hex(call)?,
        key: key.id.clone(),
        name: input.str("Name").map(str::to_owned),
        created: call.time(),
        grantee: bind(call, tx, call.text("GranteePrincipal")?)?,
        retiring: retiring.map(|arn| bind(call, tx, arn)).transpose()?,
        issuer: format!("arn:{partition}:iam::{}:root", call.account()),
        operations,
        constraint,
        token: String::new(),
    })
}

pub(super) fn create(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    tokens(call)?;
    call.write(|tx| {
        let key = check::own(call, &*tx)?;
        key.usable(call.platform())?;
        let new = plan(call, &*tx, &key)?;
        let held = of(&*tx, &key)?;
        if held.len() >= MOST {
            return Err(error::limit("The key has as many grants as it can have."));
        }
        // A name makes the call one that can be made again (KMS API Reference, "CreateGrant", `Name`).
        let again = held
            .into_iter()
            .find(|old| new.name.is_some() && old.same_as(&new));
        let mut grant = again.unwrap_or(new);
        if call.input().bool("DryRun") == Some(true) {
            return Err(error::dry_run());
        }
        if grant.token.is_empty() {
            grant.token = token(&key, &grant.id, &random_hex(call)?);
        }
        let at = Grant::key(&key.account, &key.region, &key.id, &grant.id);
        tx.put(&at, &grant)?;
        Ok(Outcome::new(
            Value::map()
                .with("GrantToken", grant.token)
                .with("GrantId", grant.id),
        ))
    })
}

impl Grant {
    fn same_as(&self, other: &Self) -> bool {
        let told = |grant: &Self| Self {
            id: String::new(),
            token: String::new(),
            created: other.created,
            ..grant.clone()
        };
        told(self) == told(other)
    }
}

fn random_hex(call: &Call<'_>) -> Result<String, ApiError> {
    let mut bytes = [0; 32];
    call.platform().random().fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Where the grant is, and a proof that whoever shows the token got it from here.
fn token(key: &Key, grant: &str, proof: &str) -> String {
    let Key {
        account,
        region,
        id,
        ..
    } = key;
    URL_SAFE_NO_PAD.encode(format!("{account}/{region}/{id}/{grant}/{proof}"))
}

/// The grant that a token is of, and its key.
fn by_token(tx: &dyn Read, token: &str) -> Result<(KeyId, Grant), ApiError> {
    let plain = URL_SAFE_NO_PAD.decode(token).ok();
    let plain = plain
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    let parts: Vec<&str> = plain.split('/').collect();
    let [account, region, key, grant, _] = parts.as_slice() else {
        return Err(error::grant_token());
    };
    let held: Option<Grant> = tx.get(&Grant::key(account, region, key, grant))?;
    let held = held
        .filter(|held| held.token == token)
        .ok_or_else(error::grant_token)?;
    let key = KeyId {
        account: (*account).to_owned(),
        region: (*region).to_owned(),
        named: Named::Id((*key).to_owned()),
    };
    Ok((key, held))
}

/// Refuses grant tokens that are none. Grants count at once here, so that tokens say nothing more.
pub(super) fn tokens(call: &Call<'_>) -> Result<(), ApiError> {
    for token in call
        .input()
        .list("GrantTokens")
        .iter()
        .filter_map(Value::as_str)
    {
        by_token(call.state(), token)?;
    }
    Ok(())
}

/// The grant that is to be retired: by its token, or by key and id.
fn retired(call: &Call<'_>) -> Result<(KeyId, String), ApiError> {
    let input = call.input();
    match (
        input.str("GrantToken"),
        input.str("KeyId"),
        input.str("GrantId"),
    ) {
        (Some(token), None, None) => {
            let (key, grant) = by_token(call.state(), token)?;
            Ok((key, grant.id))
        }
        (None, Some(key), Some(grant)) => Ok((KeyId::parse_key(call, key)?, grant.to_owned())),
        _ => Err(ApiError::validation(
            "Specify either a grant token, or a key ARN and a grant ID.",
        )),
    }
}

pub(super) fn may_retire(call: &Call<'_>) -> Result<Checks, ApiError> {
    let (key, grant) = retired(call)?;
    let asked = Asked::Retiring(&grant);
    let check = check::on_asked(call, call.action(), &key, Reach::Across, asked)?;
    let found = key.find(call, call.state())?;
    let held: Option<Grant> = match found {
        Some(key) => {
            let at = Grant::key(&key.account, &key.region, &key.id, &grant);
            call.state().get(&at)?
        }
        None => None,
    };
    Ok(match held.and_then(|grant| grant.constraint) {
        Some(constraint) => constrained(check, &constraint).into(),
        None => check.into(),
    })
}

pub(super) fn retire(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (key, grant) = retired(call)?;
    end(call, &key, &grant)
}

pub(super) fn revoke(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = KeyId::parse_key(call, call.text("KeyId")?)?;
    end(call, &key, call.text("GrantId")?)
}

fn end(call: &Permitted<Call<'_>>, key: &KeyId, grant: &str) -> Result<Outcome, ApiError> {
    call.write(|tx| {
        let key = key.get(call, &*tx)?;
        key.not_pending(call.platform())?;
        if !tx.delete::<Grant>(&Grant::key(&key.account, &key.region, &key.id, grant))? {
            return Err(error::no_grant(grant));
        }
        match call.input().bool("DryRun") {
            Some(true) => Err(error::dry_run()),
            _ => Ok(Outcome::empty()),
        }
    })
}

fn show(arn: &str, grant: &Grant) -> Value {
    let constraints = grant.constraint.as_ref().map(|constraint| {
        let pairs: wire::value::Map = constraint
            .pairs()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Value::map().with(constraint.member(), pairs)
    });
    Value::map()
        .with("KeyId", arn)
        .with("GrantId", grant.id.as_str())
        .with_some("Name", grant.name.as_deref())
        .with("CreationDate", grant.created)
        .with("GranteePrincipal", grant.grantee.arn.as_str())
        .with_some(
            "RetiringPrincipal",
            grant.retiring.as_ref().map(|it| it.arn.as_str()),
        )
        .with("IssuingAccount", grant.issuer.as_str())
        .with("Operations", grant.operations.clone())
        .with_some("Constraints", constraints)
}

pub(super) fn list(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let key = check::own(call, call.state())?;
    let input = call.input();
    let wanted = |member: &str, value: &str| input.str(member).is_none_or(|it| it == value);
    let mut grants = of(call.state(), &key)?;
    grants.retain(|grant| {
        wanted("GrantId", &grant.id) && wanted("GranteePrincipal", &grant.grantee.arn)
    });
    let arn = key.arn(call.platform());
    let [id, grantee] =
        ["GrantId", "GranteePrincipal"].map(|member| input.str(member).unwrap_or(""));
    let filters = [arn.as_str(), id, grantee];
    let page = list::page(call, &filters, grants, |grant: &Grant| &grant.id, 50)?;
    let shown: Value = page.items.iter().map(|grant| show(&arn, grant)).collect();
    Ok(list::answer("Grants", shown, page.next))
}

/// The grants of the account's keys that somebody may retire.
pub(super) fn list_retirable(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let retiring = call.text("RetiringPrincipal")?;
    let mut grants: Vec<Grant> = list::under::<Grant>(call)?
        .into_iter()
        .map(|entry| entry.value)
        .filter(|grant| grant.retiring.as_ref().is_some_and(|it| it.arn == retiring))
        .collect();
    grants.sort_by(|a, b| a.id.cmp(&b.id));
    let page = list::page(call, &[retiring], grants, |grant: &Grant| &grant.id, 50)?;
    let arn = |grant: &Grant| call.arn("kms", &format!("key/{}", grant.key));
    let shown: Value = page
        .items
        .iter()
        .map(|grant| show(&arn(grant), grant))
        .collect();
    Ok(list::answer("Grants", shown, page.next))
}

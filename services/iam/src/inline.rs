//! Inline policies of users, groups and roles.

use platform::{ApiError, Call, Outcome, Permitted};
use policy::PolicyType;
use wire::value::Value;

use super::entity::{Entity, get as entity, no_such, update};
use super::{document, list, quota};

pub(super) fn put<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("PolicyName")?;
    let text = document::read(call, "PolicyDocument", PolicyType::Identity)?;
    update::<E>(call, |_, entity| {
        let held = &mut entity.policies_mut().inline;
        held.insert(name.to_owned(), text.to_owned());
        let characters: usize = held.values().map(|text| quota::characters(text)).sum();
        if characters > E::INLINE_CHARACTERS {
            return Err(ApiError::new(
                "LimitExceeded",
                409,
                format!(
                    "Maximum policy size of {} bytes exceeded for {} {}",
                    E::INLINE_CHARACTERS,
                    E::NOUN,
                    entity.name()
                ),
            ));
        }
        Ok(())
    })
}

pub(super) fn get<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("PolicyName")?;
    let entity: E = entity(call)?;
    let text = entity
        .policies()
        .inline
        .get(name)
        .ok_or_else(|| missing::<E>(name))?;
    Ok(Outcome::new(
        Value::map()
            .with(E::NAME, entity.name())
            .with("PolicyName", name)
            .with("PolicyDocument", document::write(text)),
    ))
}

pub(super) fn delete<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let name = call.text("PolicyName")?;
    update::<E>(call, |_, entity| {
        match entity.policies_mut().inline.remove(name) {
            Some(_) => Ok(()),
            None => Err(missing::<E>(name)),
        }
    })
}

pub(super) fn list<E: Entity>(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let entity: E = entity(call)?;
    let names: Vec<&String> = entity.policies().inline.keys().collect();
    let show = |name: &&String| Value::from(name.as_str());
    list::page(call, "PolicyNames", entity.name(), names, |name| name, show)
}

fn missing<E: Entity>(name: &str) -> ApiError {
    no_such(format!(
        "The {} policy with name {name} cannot be found.",
        E::NOUN
    ))
}

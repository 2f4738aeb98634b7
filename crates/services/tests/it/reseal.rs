//! Another root key: what is kept opens with the new one alone (`docs/decisions/0016-…`).

use platform::ApiError;
use platform::seal::{Sealer, SealingKey};
use serde_json::json;
use services::Resealed;
use store::Store;
use testkit::{CountingRandom, World};

/// The key of a world, and the one after it.
fn keys() -> (SealingKey, SealingKey) {
    (SealingKey::new(&[7; 32]), SealingKey::new(&[8; 32]))
}

/// A world in which everything is that a root key seals.
fn filled() -> World {
    let world = World::new();
    let _ = world.user("alice");
    for (service, operation, input) in [
        (
            "secretsmanager",
            "CreateSecret",
            json!({"Name": "s", "SecretString": "v"}),
        ),
        ("kms", "CreateKey", json!({})),
    ] {
        world
            .json(world.root(), service, operation, &input)
            .checked();
    }
    let bucket = testkit::bucket::Bucket::new(&world, "data");
    bucket.put("k", "sealed").checked();
    // Nobody calls for a secret of a blueprint: the root key keeps its data key.
    let text = "region = 'us-east-1'\n[[account]]\nid = '123456789012'\nname = 'p'\n\
                [[secret]]\nname = 'wanted'\nvalue = 'v'\n";
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    let blueprint = blueprint::read("test.toml", text, &none).unwrap();
    services::bootstrap::apply(&world.platform, &blueprint).unwrap();
    world
}

fn reseal(store: &dyn Store, sealer: &Sealer) -> Result<Resealed, ApiError> {
    store.write(|tx| services::reseal(tx, sealer, &CountingRandom::default()))
}

#[test]
fn nothing_needs_the_earlier_key_any_more() {
    let world = filled();
    let store = world.platform.store();
    let (old, new) = keys();
    let only_new = Sealer::new(new.clone(), Vec::new());
    assert!(reseal(store, &only_new).is_err());
    let done = reseal(store, &Sealer::new(new, vec![old.clone()])).unwrap();
    // Two root users and alice; the secret's key and the other one.
    assert_eq!(
        (
            done.access_keys,
            done.kms_keys,
            done.secret_values,
            done.object_keys
        ),
        (3, 2, 1, 1)
    );
    // Everything opens without the old key, and nothing with it alone.
    let again = reseal(store, &only_new).unwrap();
    // Objects have another key from now on, and not one more at each time.
    assert_eq!(
        again,
        Resealed {
            object_keys: 2,
            ..done
        }
    );
    assert_eq!(reseal(store, &only_new).unwrap(), again);
    assert!(reseal(store, &Sealer::new(old, Vec::new())).is_err());
}

#[test]
fn what_no_service_seals_anew_is_found_and_nothing_is_done() {
    let world = filled();
    let store = world.platform.store();
    let (old, new) = keys();
    let random = CountingRandom::default();
    let forgotten = Sealer::new(old.clone(), Vec::new()).seal(&random, "forgotten", b"x");
    let row = json!({"deep": ["down", {"here": forgotten.unwrap()}]}).to_string();
    let kept = store.write(|tx| -> Result<(), store::Error> {
        tx.put_bytes("forgotten", &store::Key::new(["k"]), 1, row.as_bytes())
    });
    kept.unwrap();
    let refused = reseal(store, &Sealer::new(new, vec![old.clone()])).unwrap_err();
    assert!(refused.message().contains("`forgotten`"), "{refused}");
    // The transaction was given up: the old key still opens everything.
    reseal(store, &Sealer::new(old, Vec::new())).unwrap();
}

//! The service through the whole hallway, without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod crypt;
mod grants;
mod policies;
mod states;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use testkit::{Answer, Credentials, World};

/// Asks KMS.
fn call(world: &World, who: &Credentials, operation: &str, input: Value) -> Answer {
    world.json(who, "kms", operation, &input)
}

/// Asks KMS as the root user, who gets an answer.
#[track_caller]
fn root(world: &World, operation: &str, input: Value) -> Value {
    let answer = call(world, world.root(), operation, input).checked();
    if answer.body.is_empty() {
        json!({})
    } else {
        answer.json()
    }
}

/// The code with which KMS refuses.
#[track_caller]
fn refused(world: &World, who: &Credentials, operation: &str, input: Value) -> String {
    call(world, who, operation, input).error().0
}

/// Makes a key, with these members of the input, and returns its ARN.
#[track_caller]
fn key(world: &World, input: Value) -> String {
    let made = root(world, "CreateKey", input);
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

fn blob(text: &str) -> Value {
    json!(STANDARD.encode(text))
}

fn open(value: &Value) -> String {
    String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
}

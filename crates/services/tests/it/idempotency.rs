//! Requests that are sent again: which operations know them by a token.

/// The operations that have a token of their own, each with a test of what the token does.
const REVIEWED: &[(&str, &str)] = &[
    ("secretsmanager", "CreateSecret"),
    ("secretsmanager", "PutSecretValue"),
    // It is refused in any case.
    ("secretsmanager", "RotateSecret"),
    ("secretsmanager", "UpdateSecret"),
];

#[test]
fn every_operation_with_a_token_against_repetition_is_reviewed() {
    let mut found = Vec::new();
    for service in services::all() {
        let api = catalog::shapes::service(service.api).unwrap();
        for built in service.operations {
            let input = api.operation(built.name).and_then(|it| it.input());
            let mut members = input.into_iter().flat_map(|shape| shape.members());
            if members.any(|member| {
                member.idempotency_token()
                    || ["ClientToken", "ClientRequestToken", "CreationToken"]
                        .contains(&member.name())
            }) {
                found.push((service.api, built.name));
            }
        }
    }
    found.sort_unstable();
    assert_eq!(found, REVIEWED);
}

//! Policies that are kept with their resources.

use platform::principal_ids;
use policy::PolicyType;
use std::sync::Arc;
use testkit::World;

const OPEN: &str = r#"{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}}"#;

#[test]
fn a_policy_is_compiled_once_for_all_who_ask_for_the_same() {
    let world = World::new();
    let tx = world.platform.store().begin_read().unwrap();
    let bound = |text| principal_ids::bind(&*tx, "aws", PolicyType::Resource, text).unwrap();
    let policy = bound(OPEN);
    let compiled = |kind, name| policy.compiled(&world.platform, kind, name).unwrap();
    let first = compiled(PolicyType::Resource, "bucket policy");
    assert!(Arc::ptr_eq(
        &first,
        &compiled(PolicyType::Resource, "bucket policy")
    ));
    for other in [
        compiled(PolicyType::Resource, "resource policy"),
        compiled(PolicyType::Key, "bucket policy"),
        bound(&OPEN.replace("Allow", "Deny"))
            .compiled(&world.platform, PolicyType::Resource, "bucket policy")
            .unwrap(),
    ] {
        assert!(!Arc::ptr_eq(&first, &other));
    }
}

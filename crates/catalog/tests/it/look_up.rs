//! Finding things by name.

use std::collections::BTreeSet;

use catalog::{KeyType, SOURCE};

#[test]
fn every_listed_thing_is_found_by_its_own_name_in_any_case() {
    for service in catalog::services() {
        let prefix = service.prefix();
        assert_eq!(
            catalog::service(&prefix.to_ascii_uppercase()),
            Some(service)
        );
        for action in service.actions() {
            let shown = action.to_string();
            let found = catalog::action(&shown.to_ascii_uppercase()).expect("found");
            assert_eq!(found.to_string(), shown);
        }
        for listed in service.resource_types() {
            let name = listed.name().to_string();
            let found = service
                .resource_type(&name.to_ascii_uppercase())
                .expect("found");
            assert_eq!(found.name(), listed.name());
        }
        for key in service.condition_keys() {
            let name = key.name().to_string();
            assert_eq!(
                catalog::condition_key(&name.to_ascii_uppercase()),
                Some(key)
            );
        }
    }
}

#[test]
fn the_totals_are_those_of_the_source() {
    let sum = |of: fn(catalog::Service) -> usize| catalog::services().map(of).sum::<usize>();
    assert_eq!(catalog::services().count(), SOURCE.services);
    assert_eq!(sum(|service| service.actions().count()), SOURCE.actions);
    assert_eq!(
        sum(|service| service.resource_types().count()),
        SOURCE.resource_types
    );
    assert_eq!(
        sum(|service| service.condition_keys().count()),
        SOURCE.condition_keys
    );
}

#[test]
fn unknown_names_are_not_found() {
    for name in ["", "s", "s3x", "zzz", "s3 ", "é"] {
        assert!(catalog::service(name).is_none(), "{name}");
    }
    for name in [
        "s3:GetObjec",
        "s3:GetObjectz",
        "GetObject",
        "s3:",
        ":GetObject",
        "s3:*",
        "s4:GetObject",
        "s3:é",
    ] {
        assert!(catalog::action(name).is_none(), "{name}");
    }
    for name in [
        "",
        "aws",
        "aws:",
        "aws:RequestTag",
        "aws:RequestTag/",
        "aws:NoSuchKey",
        "s3:prefix2",
    ] {
        assert!(catalog::condition_key(name).is_none(), "{name}");
    }
}

#[test]
fn a_name_is_looked_up_as_written_before_patterns_are_tried() {
    let name = |key: &str| catalog::condition_key(key).expect(key).name().to_string();
    assert_eq!(name("sagemaker:resourcetag/"), "sagemaker:ResourceTag/");
    assert_eq!(
        name("sagemaker:resourcetag/team"),
        "sagemaker:ResourceTag/${TagKey}"
    );
    assert_eq!(name("AWS:PrincipalTag/team"), "aws:PrincipalTag/${TagKey}");
    assert_eq!(
        name("aws:PrincipalTag/${TagKey}"),
        "aws:PrincipalTag/${TagKey}"
    );
    assert_eq!(
        name("s3:ExistingObjectTag/owner"),
        "s3:ExistingObjectTag/${key}"
    );
    assert_eq!(
        name("secretsmanager:ResourceTag/owner"),
        "secretsmanager:ResourceTag/${tag-key}"
    );
    assert_eq!(
        name("glacier:ResourceTag/owner"),
        "glacier:ResourceTag/${TagKey}"
    );
    assert_eq!(
        name("token.actions.corp.ghe.com:actor"),
        "token.actions.${Domain}.ghe.com:actor"
    );
    assert_eq!(
        name("kms:EncryptionContext:app"),
        "kms:EncryptionContext:${EncryptionContextKey}"
    );
}

#[test]
fn no_global_key_repeats_one_that_a_service_lists() {
    let mut names: BTreeSet<String> = catalog::services()
        .flat_map(catalog::Service::condition_keys)
        .map(|key| key.name().to_string().to_ascii_lowercase())
        .collect();
    for key in catalog::global_condition_keys() {
        let name = key.name().to_string();
        assert!(
            names.insert(name.to_ascii_lowercase()),
            "{name} is in the tables: drop its row"
        );
        assert_eq!(catalog::condition_key(&name), Some(key));
    }
    assert_eq!(catalog::condition_keys().count(), names.len());
}

#[test]
fn a_key_has_the_type_that_its_own_service_gives_it() {
    // Two other services list it as multivalued.
    let key = catalog::condition_key("identitystore:UserId").expect("a known key");
    assert_eq!(
        (key.key_type(), key.is_multivalued()),
        (KeyType::String, false)
    );
}

#[test]
fn names_compare_and_print() {
    let action = catalog::action("sagemaker:createautomljobv2").expect("a known action");
    assert_eq!(action.name(), "CreateAutoMLJobV2");
    assert!(action.name().eq_ignore_case("CREATEAUTOMLJOBV2"));
    assert!(action.name().cmp_ignore_case("createautomljobv1").is_gt());
    assert_eq!(format!("{:?}", action.name()), "`CreateAutoMLJobV2`");
    assert_eq!(action.service().prefix(), "sagemaker");
}

use std::collections::BTreeMap;
use std::path::Path;

use super::{blob, model};
use serde_json::{Value, json};

/// Writes a package with one service as the source would, and reads it.
fn read(name: &str, change: impl FnOnce(&mut Value)) -> Result<model::Data, String> {
    let mut service = json!({
        "keys": {
            "x:a": {"key": "x:A", "type": "ArrayOfARN"},
            "x:tag/<key>": {"key": "x:Tag/<key>", "type": "String"},
        },
        "types": {
            "thing": {"key": "Thing", "arn": "arn:x:thing/${Name}, arn:x:thing:${Id}", "conditionKeys": ["x:A"]},
        },
        "actions": {
            "do": {
                "name": "Do",
                "accessLevel": "Tagging, Write",
                "conditionKeys": ["x:tag/<key>"],
                "dependentActions": ["iam:PassRole"],
                "resourceTypes": [{
                    "name": "thing", "required": true, "conditionKeys": ["x:A"],
                    "dependentActions": ["y:Read"],
                }],
            },
        },
    });
    change(&mut service);
    let folder = std::env::temp_dir().join(format!("palisade-xtask-{}-{name}", std::process::id()));
    let write = |path: &str, value: &Value| {
        let path = folder.join("package").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, value.to_string()).unwrap();
    };
    write(
        "package.json",
        &json!({"updatedAt": "2026-01-02T03:04:05Z"}),
    );
    write("data/services.json", &json!(["x"]));
    write("data/rcpSupportedServices.json", &json!(["x"]));
    write("data/conditionKeys/x.json", &service["keys"]);
    write("data/resourceTypes/x.json", &service["types"]);
    write("data/actions/x.json", &service["actions"]);
    let data = model::Data::read(Path::new(&folder)).map_err(|error| error.to_string());
    std::fs::remove_dir_all(&folder).unwrap();
    data
}

#[test]
fn numbers_mean_the_same_to_writer_and_reader() {
    assert_eq!(
        catalog::AccessLevel::ALL.map(catalog::AccessLevel::as_str),
        model::LEVELS
    );
    assert_eq!(
        catalog::KeyType::ALL.map(catalog::KeyType::as_str),
        model::TYPES
    );
}

#[test]
fn what_is_written_is_read_back() {
    let data = read("whole", |_| {}).unwrap();
    assert_eq!(data.date, "2026-01-02");
    let bytes = blob::write(&data).unwrap();
    assert_eq!(bytes, blob::write(&data).unwrap());
    let tables: &'static catalog::Tables =
        Box::leak(Box::new(catalog::Tables::open(bytes.leak()).unwrap()));
    let service = tables.service("X").unwrap();
    assert!(service.supports_rcp());
    let thing = service.resource_type("thing").unwrap();
    let arns: Vec<String> = thing.arns().map(|arn| arn.to_string()).collect();
    assert_eq!(arns, ["arn:x:thing/${Name}", "arn:x:thing:${Id}"]);
    assert!(thing.condition_keys().any(|key| key.name() == "x:A"));
    let action = tables.action("x:do").unwrap();
    assert_eq!(action.access_level(), catalog::AccessLevel::Tagging);
    let resource = action.resources().next().unwrap();
    assert!(resource.is_required() && resource.resource_type().name() == "Thing");
    assert!(resource.condition_keys().any(|key| key.name() == "x:A"));
    let own: Vec<String> = action
        .condition_keys()
        .map(|key| key.name().to_string())
        .collect();
    assert_eq!(own, ["x:Tag/${key}"]);
    let dependents: Vec<String> = action
        .dependent_actions()
        .map(|name| name.to_string())
        .collect();
    assert_eq!(dependents, ["iam:PassRole", "y:Read"]);
    let key = tables.condition_key("X:a").unwrap();
    assert_eq!(
        (key.key_type(), key.is_multivalued()),
        (catalog::KeyType::Arn, true)
    );
}

#[test]
fn what_is_unknown_stops_the_generator() {
    let mistakes: BTreeMap<&str, fn(&mut Value)> = BTreeMap::from([
        (
            "unknown type `Text`",
            (|x| x["keys"]["x:a"]["type"] = json!("Text")) as fn(&mut Value),
        ),
        ("unknown access level `Own`", |x| {
            x["actions"]["do"]["accessLevel"] = json!("Own")
        }),
        ("`x:b` is used but not listed", |x| {
            x["types"]["thing"]["conditionKeys"] = json!(["x:B"]);
        }),
        ("names the unknown type `gone`", |x| {
            x["actions"]["do"]["resourceTypes"][0]["name"] = json!("Gone");
        }),
        ("no text under `arn`", |x| {
            x["types"]["thing"]["arn"] = json!(3)
        }),
        ("no `required`", |x| {
            x["actions"]["do"]["resourceTypes"][0]["required"] = json!("yes")
        }),
    ]);
    for (index, (expected, change)) in mistakes.into_iter().enumerate() {
        let error = read(&format!("mistake{index}"), change).unwrap_err();
        assert!(
            error.contains(expected) && error.contains("service `x`"),
            "{error}"
        );
    }
}

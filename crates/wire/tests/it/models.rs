//! Services made of botocore's protocol cases, for the protocols and shapes that no served service has.

use catalog::shapes::Service;
use serde_json::{Value as Json, json};

const REST_JSON: &[&str] = &[
    include_str!("../data/protocols/input-rest-json.json"),
    include_str!("../data/protocols/input-legacy-rest-json.json"),
];
const REST_XML: &[&str] = &[
    include_str!("../data/protocols/input-rest-xml.json"),
    include_str!("../data/protocols/input-legacy-rest-xml.json"),
];

/// A service for each suite of rest-json cases, in the order of the files.
pub(crate) fn rest_json() -> Vec<&'static Service> {
    all(REST_JSON)
}

/// A service for each suite of rest-xml cases.
pub(crate) fn rest_xml() -> Vec<&'static Service> {
    all(REST_XML)
}

fn all(files: &[&str]) -> Vec<&'static Service> {
    let mut made = Vec::new();
    for text in files {
        let suites: Vec<Json> = serde_json::from_str(text).unwrap();
        for suite in &suites {
            let cases = suite.get("cases").and_then(Json::as_array).unwrap();
            made.extend(cases.iter().filter_map(|case| service(suite, case)));
        }
    }
    made
}

fn service(suite: &Json, case: &Json) -> Option<&'static Service> {
    let given = case.get("given")?;
    let name = given.get("name")?.as_str()?;
    let mut metadata = suite.get("metadata")?.clone();
    metadata
        .as_object_mut()?
        .insert("endpointPrefix".to_owned(), json!("test"));
    let model = json!({
        "metadata": metadata,
        "operations": {name: given},
        "shapes": suite.get("shapes")?,
    });
    let tables = xtask::shapes::encode("test", &model).ok()?;
    let bin: &'static [u8] = tables.bin.leak();
    Some(Box::leak(Box::new(Service::new(bin, tables.text.leak()))))
}

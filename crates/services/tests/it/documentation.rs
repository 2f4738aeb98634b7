//! The page of what is built agrees with what is built.

use platform::{Category, Effect};
use std::fmt::Write as _;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operations.md");

const HEAD: &str = "# Operations

What is built of each service, out of what its API has. An operation of the API that is not listed answers that it is not built, in its
protocol; it is authenticated and recorded all the same.

This page is written from the services' tables; `UPDATE=1 cargo test -p palisade-services documentation` writes it anew.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for service in services::all() {
        let of_api =
            catalog::shapes::service(service.api).map_or(0, |api| api.operations().count());
        let more = match service.api {
            "s3control" => ": S3 Control",
            _ => "",
        };
        let _ = writeln!(page, "\n## {}{more}\n", service.principal);
        let _ = writeln!(
            page,
            "{} of {of_api} operations.\n",
            service.operations.len()
        );
        let _ = writeln!(page, "| operation | effect | events |\n|---|---|---|");
        let mut operations: Vec<_> = service.operations.iter().collect();
        operations.sort_by_key(|operation| operation.name);
        for operation in operations {
            let effect = match operation.effect {
                Effect::Read => "reads",
                Effect::Write => "writes",
            };
            let category = match operation.category {
                Category::Management => "management",
                Category::Data => "data",
            };
            let _ = writeln!(page, "| {} | {effect} | {category} |", operation.name);
        }
    }
    page
}

#[test]
fn the_page_lists_every_operation_that_is_built() {
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(PAGE).unwrap_or_default(),
        page,
        "run it with UPDATE=1"
    );
}

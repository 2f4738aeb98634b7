//! The rules of the house.

use xtask::tidy::{MAX_LINES, check, findings};

#[test]
fn the_checkout_is_tidy() {
    let found: Vec<String> = findings()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// What is found in one file, of which the crate's root names the module.
fn found(path: &str, text: &str) -> Vec<String> {
    let root = ("crates/x/src/lib.rs".to_owned(), "mod a;\n".to_owned());
    let files = [root, (path.to_owned(), text.to_owned())];
    check(&files).iter().map(ToString::to_string).collect()
}

#[track_caller]
fn one(path: &str, text: &str, said: &str) {
    let found = found(path, text);
    assert!(
        matches!(found.as_slice(), [only] if only.contains(said)),
        "{found:?}"
    );
}

#[track_caller]
fn none(path: &str, text: &str) {
    assert_eq!(found(path, text), Vec::<String>::new());
}

const SOURCE: &str = "crates/x/src/a.rs";

#[test]
fn text_is_clean() {
    one(SOURCE, "fn f() {}\t// x\n", "a.rs:1: tab");
    one("README.md", "a\nb \n", "README.md:2: trailing space");
    one(SOURCE, "a\r\n", "carriage return");
    one(SOURCE, "fn f() {}", "the last line does not end");
    one(SOURCE, "fn f() {}\n\n", "empty line at the end");
    none("crates/x/data/table.txt", "a\t \n");
}

#[test]
fn unfinished_work_is_found() {
    one(SOURCE, concat!("// TO", "DO: more\n"), "finish it");
    one("clients/test_a.py", concat!("# FIX", "ME\n"), "finish it");
    one(
        SOURCE,
        concat!("    todo", "!()\n"),
        "finish it or leave it out",
    );
    one(
        "crates/x/tests/it/main.rs",
        concat!("#[ig", "nore]\n"),
        "finish it or leave it out",
    );
}

#[test]
fn files_are_short() {
    let long = "fn f() {}\n".repeat(MAX_LINES + 1);
    one(SOURCE, &long, "601 lines");
    none(SOURCE, &"fn f() {}\n".repeat(MAX_LINES));
    none("crates/x/tests/it/main.rs", &long);
}

#[test]
fn libraries_do_not_print() {
    one(
        SOURCE,
        "fn f() {\n    println!(\"x\");\n}\n",
        "a.rs:2: a library does not print",
    );
    none(SOURCE, "//! println!(\"x\");\n");
    none("crates/cli/src/main.rs", "fn main() { println!(\"x\"); }\n");
    none("crates/x/tests/it/main.rs", "fn f() { println!(\"x\"); }\n");
}

#[test]
fn every_source_file_is_compiled() {
    one("crates/x/src/b.rs", "", "no `mod` names this file");
    none("crates/x/src/bin/tool.rs", "");
    one("crates/x/tests/it/b.rs", "", "no `mod` names this file");
    one("crates/x/tests/other.rs", "", "one test binary a crate");
    let inner = [
        ("crates/x/src/a.rs", "pub(crate) mod b;\n"),
        ("crates/x/src/a/b.rs", "#[path = \"c.rs\"]\nmod tests;\n"),
        ("crates/x/src/a/c.rs", ""),
    ];
    let inner = inner.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let root = ("crates/x/src/lib.rs".to_owned(), "pub mod a;\n".to_owned());
    let files: Vec<(String, String)> = inner.into_iter().chain([root]).collect();
    assert!(check(&files).is_empty());
}

const MANIFEST: &str = "[package]\nname = \"x\"\nversion.workspace = true\n\
    edition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n\
    [dependencies]\nserde = { workspace = true, features = [\"rc\"] }\n\
    [lints]\nworkspace = true\n";

#[test]
fn crates_inherit_from_the_workspace() {
    let path = "crates/x/Cargo.toml";
    none(path, MANIFEST);
    one(
        path,
        &MANIFEST
            .replace("workspace = true\n[l", "workspace = false\n[l")
            .replace("{ workspace = true, features = [\"rc\"] }", "\"1\""),
        "`serde`",
    );
    one(path, MANIFEST.split("[lints]").next().unwrap(), "lints");
    one(
        path,
        &MANIFEST.replace("edition.workspace = true", "edition = \"2024\""),
        "edition",
    );
    one(path, "[package\n", "not readable");
    let target = format!("{MANIFEST}[target.'cfg(unix)'.dev-dependencies]\nlibc = \"0.2\"\n");
    one(path, &target, "`libc`");
    none("fuzz/Cargo.toml", "[package]\nname = \"fuzz\"\n");
}

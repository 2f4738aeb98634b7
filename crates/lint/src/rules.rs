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
mod redundant;

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
    mod wildcard_service;
    mod action_format;
    mod action_of_other_service;
    mod arn_prefix;
    mod arn_fields;
    mod arn_partition;
    mod arn_service;
    mod arn_region;
    mod arn_account;
    mod arn_resource;
    mod resource_of_other_service;
    mod region_value;
    mod principal_format;
    mod principal_kind;
    mod principal_wildcard;
    mod service_principal_format;
    mod principal_unique_id;
    mod federated_not_supported;
    mod unknown_operator;
    mod condition_key_format;
    mod unknown_global_key;
    mod unknown_service_key;
    mod mixed_value_types;
    mod several_booleans;
    mod keys_alike;
    mod value_type;
    mod operator_type;
    mod missing_qualifier;
    mod for_all_values_single;
    mod audience_any_value;
    mod string_like_on_arn;
    mod wildcard_without_like;
    mod null_with_qualifier;
    mod ip_range;
    mod ip_host_bits;
    mod ip_private;
    mod vpc_format;
    mod untrustworthy_key;
    mod unpaired_key;
    mod key_not_carried;
    mod key_without_action;
    mod endpoint_key_unsupported;
    mod variable_syntax;
    mod variable_in_element;
    mod variable_in_old_version;
    mod variable_for_operator;
    mod unknown_variable;
    mod multivalued_variable;
    mod sensitive_key_wildcard;
    mod tags_not_supported;
    mod principal_key_for_service;
    mod recommended_source_key;
    mod irrelevant_key;
    mod kms_key_value;
    mod dynamodb_attributes;
    mod deprecated_key;
    mod mfa_bool;
    mod scp_allow_narrowed;
    mod scp_older_rules;
    mod rcp_syntax;
    mod rcp_principal_key;
    mod rcp_source_key;
    mod rcp_null_check;
    mod policy_size;
    mod trust_not_principal;
    mod trust_resource;
    mod trust_everyone;
    mod trust_federated;
    mod trust_action_mismatch;
    mod trust_roles_anywhere;
    mod trust_redundant_principal;
    mod allow_not_principal;
    mod service_principal_unrestricted;
    mod pass_role_broad;
    mod service_linked_role_broad;
    mod oidc_unrestricted;
    mod github_unrestricted;
    mod github_wide;
    mod public_resource;
    mod empty_list;
    mod empty_object;
    mod empty_sid;
    mod redundant_action;
    mod redundant_resource;
    mod redundant_statement;
    mod redundant_condition_value;
    mod condition_matches_all;
    mod full_access;
    mod service_access;
    mod allow_not_action;
    mod allow_not_resource;
    mod action_without_resource;
    mod resource_without_action;
    mod powers_on_all;
    mod any_resource;
    mod deputy_any_account;
    mod deputy_accounts_differ;
    mod deputy_if_exists;
    mod source_arn_operator;
    mod source_arn_without_account;
    mod source_arn_narrow;
    mod source_arn_wide;
    mod sagemaker_arn_empty;
    mod service_never_sends;
    mod source_key_on_people;
    mod trust_actions_apart;
    mod variable_without_delimiter;
    mod weak_delimiter;
    mod owner_ignores_case;
    mod profile_name_case;
    mod impossible_name;
    mod nameless_pass;
    mod untagged_pass;
    mod name_chosen_freely;
    mod for_all_values_without_null;
    mod variable_in_not_resource;
    mod variable_under_not;
    mod studio_key_elsewhere;
    mod assuming_key_elsewhere;
    mod studio_key_outside;
    mod search_sees_all;
    mod deny_outside_studio;
    mod tags_rewritten;
    mod created_as_another;
    mod domain_left_open;
    mod shared_space_nameless;
    mod trust_without_name;
    mod trust_without_tags;
    mod chain_without_name;
    mod tag_spelt_differently;
    mod owner_value_differs;
    mod prefix_differs;
    mod domain_without_names;
    mod name_not_required;
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

/// The domains whose sessions have no names, though policies ask for them.
pub(crate) fn nameless_domains(
    policies: &[crate::model::Policy],
    domains: &[(policy::text::Source, crate::sources::Domain)],
) -> Vec<crate::finding::Finding> {
    domain_without_names::found(policies, domains)
}

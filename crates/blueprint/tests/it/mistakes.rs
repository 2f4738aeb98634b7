//! Every mistake at its line and column, with the reason and the fix, all at once.

use std::path::Path;

use proptest::prelude::*;

use crate::{HEAD, POLICY, TRUST, read, read_with};

/// What is wrong with [`HEAD`] and more: `LINE:COLUMN reason -> fix`, lines counted from the end of
/// the head.
fn wrong(more: &str) -> Vec<String> {
    let files = read(more).unwrap_err().files;
    let (source, head) = (&files[0].source, HEAD.lines().count() as u32);
    let show = |wrong: &policy::text::Diagnostic| {
        let at = source.position(wrong.span.start);
        let fix = wrong.fix.as_deref().unwrap_or_default();
        format!("{}:{} {} -> {fix}", at.line - head, at.column, wrong.reason)
    };
    files[0].diagnostics.iter().map(show).collect()
}

#[test]
fn a_mistake_is_printed_with_file_line_column_excerpt_reason_and_fix() {
    let mistakes = read("[[user]]\nname = \"al ice\"\n").unwrap_err();
    assert_eq!(mistakes.count(), 1);
    assert_eq!(
        mistakes.to_string(),
        "dir/test.toml: line 5, column 8: `al ice` is not a valid `name`\n  \
         | name = \"al ice\"\n  \
         fix: write 1 to 64 letters, digits and `_+=,.@-`"
    );
}

#[test]
fn all_mistakes_are_found_at_once_in_the_order_of_the_file() {
    let found = wrong(
        "[[rolle]]\n[[role]]\nname = 3\ntrust = \"nothing.json\"\npolicys = []\n\
         [[bucket]]\nname = \"UPPER\"\n[[domain]]\nname = \"d\"\nuser_profiles = \"alice\"\n",
    );
    assert_eq!(
        found,
        [
            "1:3 `rolle` is not known here -> write `role`",
            "3:8 `name` cannot be of the type integer -> write a text in quotes",
            "4:9 `dir/nothing.json` cannot be read: entity not found -> name a file that exists, \
             relative to the blueprint",
            "5:1 `policys` is not known here -> write `policies`",
            "7:8 `UPPER` is not a valid `name` -> write 3 to 63 lower-case letters, digits, \
             hyphens and single dots, with a letter or digit at both ends",
            "8:1 `execution_role` is missing -> add `execution_role = …`",
            "10:17 `user_profiles` cannot be of the type string -> write a list, `[ … ]`",
        ]
    );
}

#[test]
fn broken_toml_is_shown_at_its_place() {
    let found = wrong("[[user]]\nname = \n[[user]]\nname = \"bob\nname = 'x'\n");
    assert!(found[0].starts_with("2:8 "), "{found:?}");
    assert!(
        found.iter().any(|found| found.starts_with("4:")),
        "{found:?}"
    );
    assert!(wrong("id = \"2\"\n")[0].starts_with("1:1 duplicate key"));
}

#[test]
fn the_account_is_demanded_once() {
    let found = read_with("region = 'us-east-1'\n[[bucket]]\nname = 'abc'\n", &[]).unwrap_err();
    assert_eq!(found.count(), 1, "{found}");
    assert!(found.to_string().contains("there is no `[[account]]`"));
    let found = read_with("[[account]]\nid = '123456789012'\n", &[]).unwrap_err();
    assert!(found.to_string().contains("`region` is missing"));
}

#[test]
fn a_list_of_tables_has_two_brackets() {
    let found = wrong("[user]\nname = \"alice\"\n");
    assert_eq!(found, ["1:1 `user` is a list -> write `[[user]]`"]);
}

#[test]
fn names_are_given_once() {
    let found = wrong(
        "[[user]]\nnames = [\"alice\", \"ALICE\"]\n[[secret]]\nname = \"s\"\nvalue = \"1\"\n\
         [[secret]]\nname = \"s\"\nvalue = \"2\"\n",
    );
    let fix = "choose another name, or remove one of the two; capitals make no difference";
    assert_eq!(
        found,
        [
            format!("2:19 the user `ALICE` was given in line 5 already -> {fix}"),
            format!("7:8 the secret `s` was given in line 7 already -> {fix}"),
        ]
    );
    for twice in [
        "[[account]]\nid = '123456789012'\n",
        "[[policy]]\nname = 'P'\ndocument = 'policy.json'\n[[policy]]\nname = 'P'\n\
         document = 'policy.json'\n",
        "[[role]]\nname = 'R'\ntrust = 'trust.json'\n[[role]]\nname = 'r'\ntrust = 'trust.json'\n",
        "[[bucket]]\nname = 'abc'\n[[bucket]]\nname = 'abc'\n",
        "[[role]]\nname = 'R'\ntrust = 'trust.json'\n[[domain]]\nname = 'a'\nid = 'd-1'\n\
         execution_role = 'R'\n[[domain]]\nname = 'b'\nid = 'd-1'\nexecution_role = 'R'\n",
        "[[user]]\nname = 'a'\naccess_key = { id = 'AKIAAAAAAAAAAAAAAAAA', secret = \
         'aaaaaaaaaaaaaaaa' }\n[[user]]\nname = 'b'\naccess_key = { id = \
         'AKIAAAAAAAAAAAAAAAAA', secret = 'aaaaaaaaaaaaaaaa' }\n",
    ] {
        let found = wrong(twice);
        assert!(
            found.len() == 1 && found[0].contains(" already -> "),
            "{found:?}"
        );
    }
}

#[test]
fn references_that_lead_nowhere_suggest_what_was_meant() {
    let found = wrong(
        "[[policy]]\nname = \"Ceiling\"\ndocument = \"policy.json\"\n\
         [[role]]\nname = \"Exec\"\ntrust = \"trust.json\"\nboundary = \"Ceilling\"\n\
         managed_policies = [\"AdministratorAccess\"]\n\
         [[domain]]\nname = \"d\"\nexecution_role = \"Exek\"\n\
         user_profiles = [{ name = \"alice\", execution_role = \"Unheard\" }]\n\
         [[bucket]]\nname = \"abc\"\naccount = \"elsewhere\"\n",
    );
    assert_eq!(
        found,
        [
            "7:12 there is no managed policy `Ceilling` in this account -> write `Ceiling`",
            "8:21 there is no managed policy `AdministratorAccess` in this account -> describe \
             it: `[[policy]] name = \"AdministratorAccess\"`",
            "11:18 there is no role `Exek` in this account -> write `Exec`",
            "12:53 there is no role `Unheard` in this account -> describe it: `[[role]] name = \
             \"Unheard\"`",
            "15:11 there is no account `elsewhere` -> name an account that `[[account]]` describes",
        ]
    );
}

#[test]
fn a_role_with_a_wrong_document_is_known_nevertheless() {
    let text = "[[role]]\nname = 'R'\ntrust = 'none.json'\n[[domain]]\nname = 'd'\n\
                execution_role = 'R'\n";
    assert_eq!(wrong(text).len(), 1);
}

#[test]
fn with_several_accounts_nothing_is_guessed() {
    let more = "[[account]]\nid = '222222222222'\n[[bucket]]\nname = 'abc'\n";
    assert_eq!(
        wrong(more),
        [
            "3:1 there are several accounts, and nothing says which -> add `account = …` with the \
          account's name or id"
        ]
    );
}

#[test]
fn mistakes_in_policy_files_are_shown_there() {
    let policy = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\n    \
                  \"Effect\": \"Allow\", \"Resource\": \"{{account}}{{region}}\", \"Action\": 1\n  }]\n}";
    let blueprint = format!(
        "{HEAD}[[user]]\nnames = [\"alice\", \"bob\"]\npolicies = [\"a/p.json\"]\n\
         [[user]]\nname = \"carol\"\npolicies = [\"a/p.json\"]\nnickname = \"c\"\n"
    );
    let files = read_with(&blueprint, &[("a/p.json", policy)])
        .unwrap_err()
        .files;
    let named: Vec<_> = files
        .iter()
        .map(|file| file.source.name().unwrap())
        .collect();
    assert_eq!(
        named,
        ["dir/test.toml", "dir/a/p.json"],
        "each file once, the blueprint first"
    );
    let shown = files[1].to_string();
    // The resource begins before the variables, the action stands after them.
    assert!(
        shown.contains("dir/a/p.json: line 4, column 36: "),
        "{shown}"
    );
    assert!(
        shown.contains("dir/a/p.json: line 4, column 71: "),
        "{shown}"
    );
    assert_eq!(files[1].diagnostics.len(), 2, "{shown}");
}

#[test]
fn unknown_variables_are_shown_where_they_stand() {
    let policy = POLICY.replace(
        r#""Resource":"*""#,
        "\n\"Resource\":\"arn:{{partitio}}:{{x\"",
    );
    let blueprint = format!("{HEAD}[[user]]\nname = \"alice\"\npolicies = [\"p.json\"]\n");
    let shown = read_with(&blueprint, &[("p.json", &policy)])
        .unwrap_err()
        .to_string();
    assert!(
        shown.contains("line 2, column 17: `{{partitio}}` is not defined here"),
        "{shown}"
    );
    assert!(shown.contains("fix: write `{{partition}}`"), "{shown}");
    assert!(
        shown.contains("line 2, column 30: `{{` is not followed by `}}`"),
        "{shown}"
    );
}

#[test]
fn variables_of_a_domain_are_known_in_its_role_only() {
    let trust = TRUST.replace("sts:AssumeRole", "sts:{{domain.id}}");
    let blueprint = format!("{HEAD}[[role]]\nname = \"R\"\ntrust = \"t.json\"\n");
    let shown = read_with(&blueprint, &[("t.json", &trust)])
        .unwrap_err()
        .to_string();
    assert!(
        shown.contains("`{{domain.id}}` is not defined here"),
        "{shown}"
    );
}

#[test]
fn mistakes_in_documents_within_the_blueprint_are_shown_there() {
    let verbatim = "[[role]]\nname = \"R\"\ntrust = '''\n{\"Version\": \"2012-10-17\",\n  \
                    \"Statement\": [{\"Effect\": \"Perhaps\", \"Principal\": \"*\",\n  \
                    \"Action\": \"sts:AssumeRole\"}]}'''\n";
    let found = wrong(verbatim);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("5:28 "), "{found:?}");
    let table = "[[role]]\nname = \"R\"\ntrust = { Statement = [], Versoin = \"2012-10-17\" }\n";
    assert!(
        wrong(table).iter().all(|found| found.starts_with("3:9 ")),
        "{:?}",
        wrong(table)
    );
}

#[test]
fn a_policy_must_suit_its_place() {
    let found = read("[[role]]\nname = 'R'\ntrust = 'policy.json'\npolicies = ['trust.json']\n");
    let found = found.unwrap_err();
    let named: Vec<_> = found
        .files
        .iter()
        .map(|file| file.source.name().unwrap())
        .collect();
    assert_eq!(named, ["dir/policy.json", "dir/trust.json"]);
}

#[test]
fn inline_policies_need_names_of_their_own() {
    let found = wrong(
        "[[user]]\nname = \"a\"\npolicies = [\"policy.json\", \"policy.json\", { Version = \
         \"2012-10-17\", Statement = [] }, { document = \"policy.json\" }]\n",
    );
    let reasons: Vec<_> = found
        .iter()
        .map(|found| found.split(" -> ").next().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "3:28 there is a policy `policy` before this one",
            "3:43 the inline policy has no name",
            "3:87 `name` is missing",
        ]
    );
}

#[test]
fn profiles_must_be_able_to_carry_their_name() {
    let domain = |config: &str, profiles: &str| {
        format!(
            "[[role]]\nname = 'R'\ntrust = 'trust.json'\n[[domain]]\nname = 'd'\n\
             execution_role = 'R'\nexecution_role_identity_config = '{config}'\n\
             user_profiles = {profiles}\n"
        )
    };
    let reason = |config, profiles| {
        let found = read(&domain(config, profiles))
            .err()
            .map(|found| found.to_string());
        found.unwrap_or_default()
    };
    assert_eq!(reason("DISABLED", "['a']"), "");
    assert!(reason("USER_PROFILE_NAME", "['a']").contains("cannot be a source identity"));
    assert!(reason("DISABLED", "['al', 'AL']").contains("has a user profile `AL` already"));
    assert!(reason("DISABLED", "['a_b']").contains("is not a valid `user profile`"));
    assert!(reason("DISABLED", "['-a']").contains("is not a valid `user profile`"));
    assert!(reason("YES", "[]").contains("write `USER_PROFILE_NAME` or `DISABLED`"));
}

#[test]
fn objects_have_a_text_or_a_file() {
    let found = wrong(
        "[[bucket]]\nname = 'abc'\nobjects = [{ key = 'a' }, { key = 'b', text = '', \
                       file = 'policy.json' }, { text = '' }, { key = 'c', text = 1 }]\n",
    );
    let reasons: Vec<_> = found
        .iter()
        .map(|found| found.split(" -> ").next().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "3:12 `text` is missing",
            "3:58 an object has either a `text` or a `file`",
            "3:75 `key` is missing",
            "3:110 `text` cannot be of the type integer",
        ]
    );
}

#[test]
fn keys_are_for_one_user() {
    let key = "access_key = { id = 'AKIAAAAAAAAAAAAAAAAA', secret = 'aaaaaaaaaaaaaaaa' }";
    let found = wrong(&format!("[[user]]\nnames = ['aa', 'bb']\n{key}\n"));
    assert_eq!(
        found,
        [
            "2:16 several users cannot have one access key -> describe each in a `[[user]]` of its own"
        ]
    );
    for bad in [
        "'AKIA', secret = 'aaaaaaaaaaaaaaaa'",
        "'ASIAAAAAAAAAAAAAAAAA', secret = 'aaaaaaaaaaaaaaaa'",
        "'AKIAAAAAAAAAAAAAAAAA', secret = 'short'",
    ] {
        let found = wrong(&format!(
            "[[user]]\nname = 'aa'\naccess_key = {{ id = {bad} }}\n"
        ));
        assert!(
            found.len() == 1 && found[0].contains("is not a valid"),
            "{found:?}"
        );
    }
    assert_eq!(
        wrong("[[user]]\nname = 'aa'\naccess_key = 'yes'\n"),
        [
            "3:14 `access_key` is not understood -> write `\"generate\"`, `\"none\"` or `{ id = …, \
          secret = … }`"
        ]
    );
}

#[test]
fn names_keep_to_the_rules_of_aws() {
    let bad = [
        "[[bucket]]\nname = 'ab'",
        "[[bucket]]\nname = 'a..b'",
        "[[bucket]]\nname = '-ab'",
        "[[bucket]]\nname = '10.0.0.1'",
        "[[secret]]\nvalue = 'x'\nname = 'a b'",
        "[[user]]\npath = 'team'\nname = 'a'",
        "[[user]]\nname = 'a'\ntags = { 'aws:x' = 'y' }",
        "[[account]]\nid = '12345678901'",
        "[variables]\nAccount = 'x'",
        "[variables]\nregion = 'x'",
        "[variables]\naccount = 'x'",
        "[[role]]\nname = 'R'\ntrust = 'trust.json'\nmax_session_duration = 60",
        "[[role]]\nname = 'R'\ntrust = 'trust.json'\nmax_session_duration = 'long'",
        "[[role]]\nname = 'R'\ntrust = 'trust.json'\n[[domain]]\nname = 'd'\nid = 'x'\nexecution_role = 'R'",
    ];
    for more in bad {
        assert_eq!(wrong(more).len(), 1, "{more}: {:?}", wrong(more));
    }
    for (key, value) in [
        ("region", "useast1"),
        ("region", "us-east-1a"),
        ("partition", "AWS"),
    ] {
        let text = match key {
            "region" => format!("region = '{value}'\n[[account]]\nid = '123456789012'\n"),
            _ => format!("{key} = '{value}'\n{HEAD}"),
        };
        assert_eq!(
            read_with(&text, &[]).unwrap_err().count(),
            1,
            "{key} {value}"
        );
    }
}

#[test]
fn a_team_uses_something() {
    let team = "[[domain]]\nname = 'd'\n[[team]]\nname = 'd'\nfeatures = []\n";
    let found = wrong(team);
    assert!(
        found.len() == 1 && found[0].starts_with("5:12 the team uses nothing"),
        "{found:?}"
    );
}

#[test]
fn regions_are_in_the_platforms_partition() {
    let head = |partition: &str, region: &str| {
        format!("{partition}region = '{region}'\n[[account]]\nid = '123456789012'\n")
    };
    for (region, partition) in [
        ("eu-west-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
    ] {
        let blueprint = read_with(&head("", region), &[]).unwrap();
        assert_eq!(blueprint.partition, partition);
    }
    let wrong = read_with(&head("partition = 'aws'\n", "cn-north-1"), &[]).unwrap_err();
    let shown = wrong.to_string();
    assert!(
        shown.contains("line 2, column 10: `cn-north-1` is a region of the partition `aws-cn`"),
        "{shown}"
    );
    let domain = "[[role]]\nname = 'R'\ntrust = 'trust.json'\n\
        [[domain]]\nname = 'd'\nregion = 'us-gov-west-1'\nexecution_role = 'R'\n";
    let found = self::wrong(domain);
    assert!(
        found.len() == 1 && found[0].starts_with("6:10 `us-gov-west-1`"),
        "{found:?}"
    );
}

proptest! {
    /// Whatever is cut out of a blueprint or put into it: it is read, or its mistakes have places.
    #[test]
    fn no_text_is_too_strange(cut in 0..3_000_usize, len in 0..60_usize, put in "[\\[\\]{}=\"',.a\n é]{0,6}") {
        let example = include_str!("../../../../examples/two-teams.toml");
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let text: String = example
            .chars()
            .take(cut)
            .chain(put.chars())
            .chain(example.chars().skip(cut + len))
            .collect();
        let read = |path: &Path| std::fs::read(path);
        let path = dir.join("two-teams.toml");
        if let Err(mistakes) = blueprint::read(path.to_str().unwrap(), &text, &read) {
            prop_assert!(mistakes.count() > 0);
            for file in &mistakes.files {
                let size = file.source.text().len() as u32;
                prop_assert!(file.diagnostics.iter().all(|wrong| wrong.span.start <= size));
            }
            prop_assert!(mistakes.to_string().contains("line "));
        }
    }
}

/// What policies could not keep apart is told where it is asked for.
#[test]
fn what_nobody_could_own_is_refused_with_the_reason() {
    let team = "[[domain]]\nname = \"a\"\n[[team]]\nname = \"a\"\n";
    let found = wrong(&format!(
        "{team}features = [\"studio\", \"automl\", \"shared-spaces\", \"model-registry\", \"feature-store\", \"procesing\"]\n\
         shared_spaces = true\nautoml = true\nmodel_registry = true\n"
    ));
    let reasons = [
        "AutoML jobs carry no name",
        "sessions of shared spaces carry no name",
        "versions in the model registry carry no tags",
        "-> leave it out, and write `feature_store = true` in the team",
        "-> write `processing`",
        "sessions of shared spaces carry no name",
        "AutoML jobs carry no name",
        "versions in the model registry carry no tags",
    ];
    assert_eq!(found.len(), reasons.len(), "{found:#?}");
    for (line, reason) in found.iter().zip(reasons) {
        assert!(line.contains(reason), "{line}");
    }
    assert!(found[0].starts_with("5:23 "), "{found:#?}");
    assert!(
        wrong(&format!(
            "{team}features = [\"studio\"]\nshared_spaces = true\n"
        ))[0]
            .starts_with("6:17 ")
    );
}

//! Teams and what they share: what is read, and every mistake at its place.

use blueprint::{Blueprint, Feature, IdentityConfig, Ownership, Shared};

use crate::read;

const TEAM: &str = "[[bucket]]\nname = \"data-of-a\"\n[[domain]]\nname = \"vision\"\nid = \"d-vision\"\n\
                    user_profiles = [\"alice\", \"bob\"]\n[[team]]\nname = \"vision\"\nfeatures = [\"studio\"]\n";

fn team(more: &str) -> Blueprint {
    read(&format!("{TEAM}{more}")).unwrap_or_else(|wrong| panic!("{wrong}"))
}

/// The mistakes in a team with more.
fn wrong(more: &str) -> String {
    read(&format!("{TEAM}{more}")).unwrap_err().to_string()
}

/// The mistakes in a text without a team.
fn wrong_text(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn a_team_gives_its_domain_a_role_and_names_its_sessions() {
    let blueprint = team("");
    let account = &blueprint.accounts[0];
    let (team, domain) = (&account.teams[0], &account.domains[0]);
    assert_eq!(team.features, [Feature::Studio]);
    assert_eq!(team.execution_role, "vision-execution");
    assert_eq!(
        domain.execution_role,
        "arn:aws:iam::123456789012:role/vision-execution"
    );
    assert_eq!(
        domain.execution_role_identity_config,
        IdentityConfig::UserProfileName
    );
    assert_eq!((team.listings, team.ownership), (true, Ownership::Required));
}

#[test]
fn folders_are_below_the_teams_name_unless_told() {
    let blueprint = team("storage = [{ bucket = \"data-of-a\" }]\n");
    assert_eq!(
        blueprint.accounts[0].teams[0].storage[0].prefix,
        "vision/users"
    );
    let blueprint = team("storage = [{ bucket = \"data-of-a\", prefix = \"people\" }]\n");
    assert_eq!(blueprint.accounts[0].teams[0].storage[0].prefix, "people");
}

#[test]
fn a_share_is_every_teams_unless_told() {
    let blueprint = team(
        "[[share]]\nname = \"s\"\nobjects = { bucket = \"data-of-a\", prefix = \"shared\" }\n",
    );
    let share = &blueprint.shares[0];
    assert_eq!(share.teams, ["vision"]);
    assert!(!share.writable && matches!(share.what, Shared::Objects(_)));
}

#[test]
fn what_would_open_one_members_to_another_is_a_mistake() {
    let storage = "storage = [{ bucket = \"data-of-a\" }]\n";
    for prefix in ["vision/users", "vision", "vision/users/shared"] {
        let share = format!(
            "[[share]]\nname = \"s\"\nobjects = {{ bucket = \"data-of-a\", prefix = \"{prefix}\" }}\n"
        );
        let text = wrong(&format!("{storage}{share}"));
        assert!(text.contains("reach into each other"), "{prefix}: {text}");
    }
    let beside = "[[share]]\nname = \"s\"\nobjects = { bucket = \"data-of-a\", prefix = \"vision/users2\" }\n";
    let _ = team(&format!("{storage}{beside}"));
    let other = "[[domain]]\nname = \"speech\"\n[[team]]\nname = \"speech\"\nfeatures = [\"studio\"]\n\
                 storage = [{ bucket = \"data-of-a\", prefix = \"vision/users\" }]\n";
    let text = wrong(&format!("{storage}{other}"));
    assert!(
        text.contains("members of two teams who have the same name"),
        "{text}"
    );
}

#[test]
fn secrets_and_directories_do_not_overlap_either() {
    let other =
        "[[domain]]\nname = \"speech\"\n[[team]]\nname = \"speech\"\nfeatures = [\"studio\"]\n";
    let text = wrong(&format!(
        "secrets = [\"users\"]\n{other}secrets = [\"users/speech\"]\n"
    ));
    assert!(text.contains("reach into each other"), "{text}");
    let system = "[[file_system]]\nname = \"fs\"\nid = \"fs-01234567\"\ntype = \"EFS\"\n";
    let mount =
        |path: &str| format!("file_systems = [{{ name = \"fs\", directory = \"{path}\" }}]\n");
    let text = wrong(&format!("{}{other}{}{system}", mount("/users"), mount("/")));
    assert!(text.contains("reach into each other"), "{text}");
    let _ = team(&format!(
        "{}{other}{}{system}",
        mount("/vision"),
        mount("/speech")
    ));
}

#[test]
fn what_refers_to_nothing_is_a_mistake_with_the_nearest_name() {
    for (text, reason, fix) in [
        (
            "storage = [{ bucket = \"data-of-b\" }]\n",
            "there is no bucket `data-of-b`",
            "write `data-of-a`",
        ),
        (
            "clusters = [\"spark\"]\n",
            "there is no cluster `spark`",
            "[[cluster]]",
        ),
        (
            "catalogs = [\"sales\"]\n",
            "there is no catalog `sales`",
            "[[catalog]]",
        ),
        (
            "file_systems = [{ name = \"x\", directory = \"/a\" }]\n",
            "there is no file system `x`",
            "[[file_system]]",
        ),
        (
            "[[share]]\nname = \"s\"\nteams = [\"vison\"]\nsecrets = \"a\"\n",
            "there is no team `vison`",
            "write `vision`",
        ),
        (
            "[[trail]]\nname = \"trail\"\nbucket = \"elsewhere\"\n",
            "there is no bucket",
            "[[bucket]]",
        ),
    ] {
        let found = wrong(text);
        assert!(found.contains(reason) && found.contains(fix), "{found}");
        assert!(found.contains("line "), "{found}");
    }
}

#[test]
fn words_are_checked() {
    let feature = TEAM.replace("\"studio\"", "\"trainin\"");
    let text = wrong_text(&feature);
    assert!(
        text.contains("`trainin` is no feature") && text.contains("write `training`"),
        "{text}"
    );
    for (more, reason) in [
        ("ownership = \"none\"\n", "`ownership`"),
        ("listings = \"no\"\n", "`listings` cannot be of the type"),
        (
            "identity_source = \"ldap\"\n",
            "`identity_source` is not understood",
        ),
        (
            "user_profile_pattern = \"${aws:username}\"\n",
            "`user_profile_pattern`",
        ),
        ("secrets = [\"a/../b\"]\n", "`secrets`"),
        ("secrets = [\"a/*\"]\n", "`secrets`"),
        (
            "storage = [{ bucket = \"data-of-a\", prefix = \"/a/\" }]\n",
            "`prefix`",
        ),
        (
            "storage = [{ bucket = \"data-of-a\", prefix = \"${aws:x}\" }]\n",
            "`prefix`",
        ),
        (
            "[guard_rails]\nwanted = [\"deputys\"]\n",
            "write `deputies`",
        ),
        (
            "[guard_rails]\nwanted = []\nadministrators = [\"*\"]\n",
            "`administrators`",
        ),
        ("[guard_rails]\n", "there is none"),
        ("[organization]\nid = \"x\"\n", "`id`"),
        ("[[share]]\nname = \"s\"\n", "a share is of one thing"),
        (
            "[[share]]\nname = \"s\"\nsecrets = \"a\"\nfeature_groups = [\"b\"]\n",
            "a share is of one thing",
        ),
        (
            "[[share]]\nname = \"s\"\nsecrets = \"a\"\naccess = \"rw\"\n",
            "is no `access`",
        ),
    ] {
        let found = wrong(more);
        assert!(found.contains(reason), "{more}: {found}");
    }
}

#[test]
fn names_that_policies_could_not_tell_apart_are_mistakes() {
    let with = |profile: &str| wrong_text(&TEAM.replace("\"bob\"", &format!("\"{profile}\"")));
    assert!(with("Bob").contains("capitals"));
    assert!(with("bob--x").contains("`--`"));
    assert!(with("b").contains("two characters"));
    let role = "[[role]]\nname = \"Own\"\ntrust = \"trust.json\"\n";
    let own = TEAM.replace("\"bob\"", "{ name = \"bob\", execution_role = \"Own\" }");
    assert!(wrong_text(&format!("{own}{role}")).contains("a role of its own"));
}

#[test]
fn a_domain_has_one_role_from_one_place() {
    let described = TEAM.replace(
        "id = \"d-vision\"\n",
        "id = \"d-vision\"\nexecution_role = { name = \"E\", trust = \"trust.json\" }\n\
         execution_role_identity_config = \"USER_PROFILE_NAME\"\n",
    );
    assert!(wrong_text(&described).contains("has an execution role already"));
    let twice =
        format!("{TEAM}[[team]]\nname = \"two\"\ndomain = \"vision\"\nfeatures = [\"studio\"]\n");
    assert!(wrong_text(&twice).contains("has an execution role already"));
    let alone = format!("{TEAM}[[domain]]\nname = \"other\"\n");
    let text = wrong_text(&alone);
    assert!(
        text.contains("`execution_role` is missing") && text.contains("[[team]]"),
        "{text}"
    );
    let disabled = TEAM.replace(
        "id = \"d-vision\"\n",
        "id = \"d-vision\"\nexecution_role_identity_config = \"DISABLED\"\n",
    );
    assert!(wrong_text(&disabled).contains("carry no source identity"));
    let missing = TEAM.replace("name = \"vision\"\nfeatures", "name = \"vison\"\nfeatures");
    assert!(wrong_text(&missing).contains("there is no domain `vison`"));
}

#[test]
fn only_objects_are_shared_between_accounts() {
    let text = format!(
        "[[account]]\nid = \"210987654321\"\nname = \"two\"\n[[domain]]\naccount = \"two\"\nname = \"b\"\n\
         [[team]]\naccount = \"two\"\nname = \"b\"\nfeatures = [\"studio\"]\n\
         [[domain]]\naccount = \"123456789012\"\nname = \"a\"\n[[team]]\naccount = \"123456789012\"\n\
         name = \"a\"\nfeatures = [\"studio\"]\n[[share]]\nname = \"s\"\nsecrets = \"{}\"\n",
        "shared"
    );
    assert!(wrong_text(&text).contains("only objects are shared between accounts"));
}

#[test]
fn two_teams_have_no_cluster_in_common() {
    let cluster = "[[cluster]]\nname = \"spark\"\ninstance_role = \"Instances\"\n";
    let other =
        "[[domain]]\nname = \"speech\"\n[[team]]\nname = \"speech\"\nfeatures = [\"studio\"]\n";
    let _ = team(&format!("clusters = [\"spark\"]\n{other}{cluster}"));
    let text = wrong(&format!(
        "clusters = [\"spark\"]\n{other}clusters = [\"spark\"]\n{cluster}"
    ));
    assert!(
        text.contains("the team `vision` has the cluster `spark`"),
        "{text}"
    );
}

#[test]
fn a_pattern_lets_every_listed_member_in() {
    for pattern in ["*", "?*", "alice*", "a*e", "*b*"] {
        let all = ["alice", "bob"].iter().all(|name| match pattern {
            "alice*" | "a*e" => *name == "alice",
            "*b*" => *name == "bob",
            _ => true,
        });
        let text = format!("{TEAM}user_profile_pattern = \"{pattern}\"\n");
        match read(&text) {
            Ok(_) => assert!(all, "{pattern}"),
            Err(wrong) => {
                assert!(!all, "{pattern}");
                assert!(
                    wrong.to_string().contains("would get no session"),
                    "{wrong}"
                );
            }
        }
    }
}

/// The tag `team` says whose cluster it is: as the user's it would let the whole team in.
#[test]
fn the_tag_of_a_clusters_user_is_not_that_of_its_team() {
    for tag in ["team", "Team"] {
        let cluster =
            format!("[[cluster]]\nname = \"spark\"\ninstance_role = \"I\"\ntag = \"{tag}\"\n");
        assert!(wrong(&cluster).contains("not `team`"));
    }
}

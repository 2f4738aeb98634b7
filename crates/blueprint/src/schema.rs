//! The JSON schema of blueprints, for editors.

use serde_json::{Map, Value, json};

use crate::{Feature, GuardRail};

const IAM_NAME: &str = "^[A-Za-z0-9_+=,.@-]{1,64}$";
const POLICY_NAME: &str = "^[A-Za-z0-9_+=,.@-]{1,128}$";
const ACCOUNT: &str = "^[0-9]{12}$";
const BUCKET: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
const REGION: &str = "^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$";
const PREFIX: &str = "^[A-Za-z0-9_.=+@-]+(/[A-Za-z0-9_.=+@-]+)*$";
const TEAM: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
const PROFILE: &str = "^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$";

/// The schema, in the draft of 2020-12 and without anything that editors for TOML do not know.
#[must_use]
pub fn schema() -> Value {
    let mut members = table(
        "A platform: accounts, and who shares what in them.",
        &["region", "account"],
        &sections(),
    );
    if let Value::Object(members) = &mut members {
        let draft = json!("https://json-schema.org/draft/2020-12/schema");
        members.insert("$schema".to_owned(), draft);
        members.insert("title".to_owned(), json!("Palisade blueprint"));
    }
    members
}

/// A member's name and schema.
type Member = (&'static str, Value);

fn sections() -> Vec<Member> {
    let mut sections = vec![
        (
            "partition",
            like(
                "Such as `aws`, the default, or `aws-cn`.",
                "^aws(-[a-z]+)*$",
            ),
        ),
        (
            "region",
            like("Where everything is that names no other region.", REGION),
        ),
        ("variables", texts("What `{{…}}` stands for in policies.")),
        ("account", list(account())),
        ("organization", organization()),
        ("guard_rails", guard_rails()),
        ("policy", list(managed_policy())),
        ("role", list(role(true))),
        ("user", list(user())),
    ];
    sections.extend([
        ("key", list(key())),
        ("bucket", list(bucket())),
        ("secret", list(secret())),
        ("file_system", list(file_system())),
        ("cluster", list(cluster())),
        ("catalog", list(catalog())),
        ("trail", list(trail())),
        ("domain", list(domain())),
        ("team", list(team())),
        ("share", list(share())),
    ]);
    sections
}

fn text(description: &str) -> Value {
    json!({"type": "string", "description": description})
}

fn like(description: &str, pattern: &str) -> Value {
    json!({"type": "string", "description": description, "pattern": pattern})
}

fn one_of(description: &str, words: &[&str]) -> Value {
    json!({"type": "string", "description": description, "enum": words})
}

fn flag(description: &str) -> Value {
    json!({"type": "boolean", "description": description})
}

fn list(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn texts(description: &str) -> Value {
    json!({"type": "object", "description": description, "additionalProperties": {"type": "string"}})
}

fn table(description: &str, required: &[&str], members: &[Member]) -> Value {
    let properties: Map<String, Value> = members
        .iter()
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    json!({
        "type": "object",
        "description": description,
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// The account that something is in.
fn home() -> Member {
    (
        "account",
        text("The name or id of the account; may be left out where there is one account."),
    )
}

fn document(description: &str) -> Value {
    json!({
        "description": format!("{description}: the path of a JSON file, JSON text, or a table."),
        "type": ["string", "object"],
    })
}

fn access_key(description: &str) -> Value {
    let members = [
        ("id", text("Such as `AKIA…`.")),
        ("secret", text("The secret.")),
    ];
    table(description, &["id", "secret"], &members)
}

fn account() -> Value {
    let members = [
        ("id", like("Its twelve digits.", ACCOUNT)),
        ("name", text("How the blueprint calls it.")),
        ("root_access_key", access_key("The key of its root user.")),
    ];
    table("An account.", &["id"], &members)
}

fn organization() -> Value {
    let trusted = like("An account outside.", ACCOUNT);
    let members = [
        ("id", like("Such as `o-a1b2c3d4e5`.", "^o-[a-z0-9]{10,32}$")),
        (
            "management_account",
            like("The account that guard rails are written in.", ACCOUNT),
        ),
        ("trusted_accounts", list(trusted)),
    ];
    table(
        "The organisation that the accounts belong to.",
        &["id"],
        &members,
    )
}

fn guard_rails() -> Value {
    let names = GuardRail::ALL.map(GuardRail::name);
    let role = text("The name of a role, with its path; `*` and `?` are wildcards.");
    let members = [
        (
            "wanted",
            list(one_of(
                "What nobody may do. All of them by default.",
                &names,
            )),
        ),
        ("administrators", list(role)),
    ];
    table("What binds the accounts from above.", &[], &members)
}

fn managed_policy() -> Value {
    let members = [
        home(),
        ("name", like("Its name.", POLICY_NAME)),
        ("path", text("Its path, `/` by default.")),
        ("document", document("The policy")),
    ];
    table("A managed policy.", &["name", "document"], &members)
}

/// What roles and users have in common.
fn permissions() -> Vec<Member> {
    let inline = json!({
        "description": "The path of a JSON file, or a table with `name` and `document`.",
        "type": ["string", "object"],
    });
    vec![
        ("path", text("Its path, `/` by default.")),
        ("policies", list(inline)),
        (
            "managed_policies",
            list(like("The name of a `[[policy]]`.", POLICY_NAME)),
        ),
        (
            "boundary",
            like("The `[[policy]]` that bounds it.", POLICY_NAME),
        ),
        ("tags", texts("Its tags.")),
    ]
}

fn role(own_section: bool) -> Value {
    let mut members = vec![
        ("name", like("Its name.", IAM_NAME)),
        ("trust", document("Who may assume it")),
        (
            "max_session_duration",
            json!({"type": "integer", "minimum": 3600, "maximum": 43200, "description": "In seconds."}),
        ),
    ];
    members.extend(permissions());
    members.extend(own_section.then(home));
    table("A role.", &["name", "trust"], &members)
}

fn user() -> Value {
    let key = json!({
        "description": "`generate`, the default, `none`, or the key itself.",
        "oneOf": [{"type": "string", "enum": ["generate", "none"]}, access_key("A key.")],
    });
    let mut members = vec![
        home(),
        ("name", like("The user's name.", IAM_NAME)),
        (
            "names",
            list(like("Several users who are alike.", IAM_NAME)),
        ),
        ("access_key", key),
    ];
    members.extend(permissions());
    table("One IAM user, or several.", &[], &members)
}

fn key() -> Value {
    let members = [
        home(),
        (
            "name",
            like("Its alias, without `alias/`.", "^[A-Za-z0-9/_-]{1,250}$"),
        ),
        ("id", text("Its id, where it exists already.")),
    ];
    table("A KMS key.", &["name"], &members)
}

fn bucket() -> Value {
    let object = table(
        "An object that is there from the beginning.",
        &["key"],
        &[
            ("key", text("Its key.")),
            ("text", text("What is in it.")),
            ("file", text("The file that is in it.")),
        ],
    );
    let members = [
        home(),
        ("name", like("Its name.", BUCKET)),
        (
            "policy",
            document("Its policy, instead of a synthesised one"),
        ),
        (
            "key",
            text("The `[[key]]` that its objects are encrypted with."),
        ),
        ("objects", list(object)),
    ];
    table("A bucket.", &["name"], &members)
}

fn secret() -> Value {
    let members = [
        home(),
        ("name", like("Its name.", "^[A-Za-z0-9/_+=.@-]{1,512}$")),
        ("value", text("Its first value.")),
        ("description", text("What it is for.")),
        (
            "policy",
            document("Its policy, instead of a synthesised one"),
        ),
        ("tags", texts("Its tags.")),
    ];
    table("A secret.", &["name", "value"], &members)
}

fn file_system() -> Value {
    let members = [
        home(),
        ("name", text("How the blueprint calls it.")),
        (
            "id",
            like("Such as `fs-0123456789abcdef0`.", "^fs-[0-9a-f]{8,40}$"),
        ),
        ("type", one_of("What it is.", &["EFS", "FSxLustre"])),
    ];
    table("A file system.", &["name", "id", "type"], &members)
}

fn cluster() -> Value {
    let members = [
        home(),
        (
            "name",
            like("The name of the security configuration.", TEAM),
        ),
        (
            "instance_role",
            like("The role of its instances.", IAM_NAME),
        ),
        (
            "tag",
            text("The tag that names the cluster's user, `user` by default."),
        ),
    ];
    table(
        "A way in which EMR clusters are run.",
        &["name", "instance_role"],
        &members,
    )
}

fn area(description: &str, required: &[&str]) -> Value {
    let members = [
        ("bucket", like("The bucket.", BUCKET)),
        (
            "prefix",
            like("The prefix, without a slash at either end.", PREFIX),
        ),
    ];
    table(description, required, &members)
}

fn catalog() -> Value {
    let members = [
        home(),
        ("name", text("How the blueprint calls it.")),
        ("database", text("The database.")),
        (
            "tables",
            list(text("A table; `*` may end its name. All by default.")),
        ),
        ("workgroup", text("The Athena workgroup.")),
        (
            "data",
            list(area("Where the tables' files are.", &["bucket", "prefix"])),
        ),
    ];
    table(
        "A database of the Glue Data Catalog, and the workgroup that queries it.",
        &["name", "database", "workgroup"],
        &members,
    )
}

fn trail() -> Value {
    let members = [
        home(),
        (
            "name",
            like("Its name.", "^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$"),
        ),
        (
            "bucket",
            like("The bucket that it is delivered to.", BUCKET),
        ),
    ];
    table("A trail.", &["name", "bucket"], &members)
}

fn domain() -> Value {
    let profile = table(
        "A user profile with a role of its own.",
        &["name"],
        &[
            ("name", like("Its name.", PROFILE)),
            (
                "execution_role",
                like("The name of a `[[role]]`.", IAM_NAME),
            ),
        ],
    );
    let name = like("The name of a user profile.", PROFILE);
    let by_name = like("The name of a `[[role]]`.", IAM_NAME);
    let members = [
        home(),
        ("name", like("Its name.", PROFILE)),
        (
            "id",
            like(
                "Its id, once AWS has given it one.",
                "^d-[a-z0-9-]{0,60}[a-z0-9]$",
            ),
        ),
        ("region", like("Where it is.", REGION)),
        (
            "execution_role",
            json!({"description": "Its role, where no `[[team]]` works in it.",
            "oneOf": [by_name, role(false)]}),
        ),
        (
            "execution_role_identity_config",
            one_of(
                "Whether sessions carry the user's name.",
                &["USER_PROFILE_NAME", "DISABLED"],
            ),
        ),
        ("user_profiles", list(json!({"oneOf": [name, profile]}))),
        ("tags", texts("Its tags.")),
    ];
    table("A SageMaker domain.", &["name"], &members)
}

fn team() -> Value {
    let features = Feature::ALL.map(Feature::name);
    let mount = table(
        "A directory below which each member has one.",
        &["name", "directory"],
        &[
            ("name", text("The `[[file_system]]`.")),
            ("directory", like("An absolute path.", "^/")),
            ("access", one_of("`rw` by default.", &["rw", "ro"])),
        ],
    );
    let tag = table(
        "Sessions have a tag that holds the name of the user profile.",
        &["principal_tag"],
        &[("principal_tag", text("The key of the tag."))],
    );
    let words = one_of(
        "As IAM users, the default, or by source identity.",
        &["iam", "source_identity"],
    );
    let storage = area(
        "Where each member has a folder; `TEAM/users` by default.",
        &["bucket"],
    );
    let members = [
        home(),
        ("name", like("Its name.", TEAM)),
        (
            "domain",
            like("Its domain, the one of its name by default.", PROFILE),
        ),
        (
            "execution_role",
            like(
                "The name of its role, `TEAM-execution` by default.",
                IAM_NAME,
            ),
        ),
        (
            "service_role",
            like(
                "The name of the role for what has no name, `TEAM-service` by default.",
                IAM_NAME,
            ),
        ),
        (
            "features",
            list(one_of("What it uses of SageMaker.", &features)),
        ),
        (
            "feature_store",
            flag("Whether members keep feature groups of their own."),
        ),
        ("storage", list(storage)),
        (
            "secrets",
            list(like(
                "A prefix below which each member has secrets.",
                PREFIX,
            )),
        ),
        ("file_systems", list(mount)),
        ("clusters", list(text("The name of a `[[cluster]]`."))),
        ("catalogs", list(text("The name of a `[[catalog]]`."))),
        (
            "repositories",
            list(text(
                "An ECR repository whose images it runs; `*` may end it.",
            )),
        ),
        (
            "identity_source",
            json!({"description": "How members sign in.", "oneOf": [words, tag]}),
        ),
        (
            "user_profile_pattern",
            like(
                "How the names of its user profiles look.",
                "^[a-z0-9*?-]{1,63}$",
            ),
        ),
        (
            "listings",
            flag("Whether members may list, which shows everybody's names; `true` by default."),
        ),
        (
            "session_tags",
            flag("Whether training jobs hand on session tags."),
        ),
        (
            "ownership",
            one_of(
                "What shows at creation whose a resource is.",
                &["required", "automatic"],
            ),
        ),
    ];
    table(
        "Those who work in one domain, with one role.",
        &["name", "features"],
        &members,
    )
}

fn share() -> Value {
    let members = [
        ("name", like("Its name.", TEAM)),
        (
            "teams",
            list(text("The name of a `[[team]]`. All by default.")),
        ),
        ("access", one_of("`read` by default.", &["read", "write"])),
        (
            "objects",
            area("Objects below a prefix.", &["bucket", "prefix"]),
        ),
        ("secrets", like("Secrets below a prefix.", PREFIX)),
        (
            "feature_groups",
            list(text("A feature group; `*` may end its name.")),
        ),
    ];
    table(
        "What several teams use: one of objects, secrets, feature groups.",
        &["name"],
        &members,
    )
}

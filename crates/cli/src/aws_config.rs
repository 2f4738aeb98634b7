//! A file for the AWS clients: one profile for each tenant and each user of a blueprint, so that
//! `aws --profile alice …` works as it is.

use blueprint::{Account, Blueprint, Domain, UserProfile};
use iam::login::{self, Login};
use platform::{ApiError, Platform};
use policy::AccountId;
use server::StartError;
use std::collections::HashMap;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const HEAD: &str = "\
# Written by `palisade serve` each time it starts. It holds secret access keys: keep it to yourself.
#
# A tenant's credentials are those of a Studio session. By hand, one is opened with
#   aws --profile USER sagemaker create-presigned-domain-url --domain-id ID --user-profile-name NAME
# and a GET of the `AuthorizedUrl`, which is good once.
";

/// The file.
pub(crate) struct AwsConfig {
    place: Place,
    region: String,
    text: String,
    /// Names of profiles, and who that is.
    people: Vec<(String, String)>,
}

/// How clients reach the server.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Its URL, without a path.
    pub(crate) url: String,
    /// The certificates to trust, where the system's do not do.
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// Where things are that the file refers to.
struct Place {
    endpoint: Endpoint,
    /// This program.
    program: PathBuf,
    /// The file itself.
    path: PathBuf,
}

impl AwsConfig {
    /// Writes the file for a blueprint that was applied to a platform.
    pub(crate) fn write(
        platform: &Platform,
        blueprint: &Blueprint,
        path: &Path,
        endpoint: Endpoint,
    ) -> Result<Self, StartError> {
        let refuse = |error: std::io::Error| StartError::Data {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let place = Place {
            endpoint,
            program: std::env::current_exe().map_err(refuse)?,
            path: std::path::absolute(path).map_err(refuse)?,
        };
        let login = |account, user: &str| login::of_user(platform, account, user);
        let config = Self::of(blueprint, place, login)
            .map_err(|error| StartError::Platform(error.to_string()))?;
        config.save().map_err(refuse)?;
        Ok(config)
    }

    /// What the file says; `login` finds the access key of a user.
    fn of(
        blueprint: &Blueprint,
        place: Place,
        login: impl Fn(AccountId, &str) -> Result<Option<Login>, ApiError>,
    ) -> Result<Self, ApiError> {
        let mut config = Self {
            place,
            region: blueprint.region.clone(),
            text: HEAD.to_owned(),
            people: Vec::new(),
        };
        let names = Names::of(blueprint);
        for account in &blueprint.accounts {
            let id = AccountId::parse(&account.id)
                .ok_or_else(|| ApiError::internal("an account without id"))?;
            let mut able = Vec::new();
            for user in &account.users {
                if let Some(login) = login(id, &user.name)? {
                    config.user(&names.user(account, &user.name), &login);
                    able.push(user.name.as_str());
                    if !names.is_tenant(&user.name) {
                        let who = format!("the user {} of {}", user.name, account.name);
                        config.people.push((names.user(account, &user.name), who));
                    }
                }
            }
            for domain in &account.domains {
                for profile in &domain.user_profiles {
                    if able.contains(&profile.name.as_str()) {
                        config.tenant(&names, account, domain, profile);
                    }
                }
            }
        }
        Ok(config)
    }

    fn section(&mut self, name: &str, members: &[(&str, &str)]) {
        self.text.push_str(&format!("\n[profile {name}]\n"));
        let Endpoint { url, ca_bundle } = &self.place.endpoint;
        let bundle = ca_bundle.as_ref().map(|path| path.display().to_string());
        let common = [("region", self.region.as_str()), ("endpoint_url", url)];
        let bundle = bundle.as_deref().map(|path| ("ca_bundle", path));
        for (member, value) in common.iter().chain(&bundle).chain(members) {
            self.text.push_str(&format!("{member} = {value}\n"));
        }
    }

    /// A user, who signs with an access key.
    fn user(&mut self, name: &str, login: &Login) {
        let key = [
            ("aws_access_key_id", login.id.as_str()),
            ("aws_secret_access_key", login.secret.as_str()),
        ];
        self.section(name, &key);
    }

    /// A tenant, whose credentials are those of a Studio session that the user of the same name
    /// opens.
    fn tenant(
        &mut self,
        names: &Names<'_>,
        account: &Account,
        domain: &Domain,
        profile: &UserProfile,
    ) {
        let name = names.tenant(domain, &profile.name);
        let process = format!(
            "\"{}\" studio-session --config \"{}\" --as {} --domain-id {} --user-profile-name {}",
            self.place.program.display(),
            self.place.path.display(),
            names.user(account, &profile.name),
            domain.id,
            profile.name
        );
        self.section(&name, &[("credential_process", &process)]);
        let who = format!(
            "{} in Studio of {} ({})",
            profile.name, domain.name, domain.id
        );
        self.people.push((name, who));
    }

    /// Writes the file all at once, so that only its owner can read it.
    fn save(&self) -> std::io::Result<()> {
        let new = self.place.path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        file.write_all(self.text.as_bytes())?;
        std::fs::rename(&new, &self.place.path)
    }

    /// What to type to become somebody, line by line.
    pub(crate) fn explain(&self) -> impl Iterator<Item = String> {
        let command = |name: &str| format!("  aws --profile {name} sts get-caller-identity");
        let width = self
            .people
            .iter()
            .map(|(name, _)| command(name).len())
            .max()
            .unwrap_or(0);
        let head = [
            "palisade: to become somebody:".to_owned(),
            format!("  export AWS_CONFIG_FILE='{}'", self.place.path.display()),
        ];
        let people = self.people.iter();
        head.into_iter()
            .chain(people.map(move |(name, who)| format!("{:width$}  # {who}", command(name))))
    }
}

/// Names of profiles. Tenants have theirs; where several domains have one, the domain's name is put
/// before it. Users have what is left.
struct Names<'b> {
    /// How many tenants have a name.
    tenants: HashMap<&'b str, usize>,
    several_accounts: bool,
}

impl<'b> Names<'b> {
    fn of(blueprint: &'b Blueprint) -> Self {
        let mut tenants = HashMap::new();
        for domain in blueprint
            .accounts
            .iter()
            .flat_map(|account| &account.domains)
        {
            for profile in &domain.user_profiles {
                *tenants.entry(profile.name.as_str()).or_insert(0) += 1;
            }
        }
        Self {
            tenants,
            several_accounts: blueprint.accounts.len() > 1,
        }
    }

    fn is_tenant(&self, name: &str) -> bool {
        self.tenants.contains_key(name)
    }

    fn tenant(&self, domain: &Domain, name: &str) -> String {
        match self.tenants.get(name) {
            Some(1) => name.to_owned(),
            _ => format!("{}-{name}", domain.name),
        }
    }

    fn user(&self, account: &Account, name: &str) -> String {
        let account = if self.several_accounts {
            format!("{}-", account.name)
        } else {
            String::new()
        };
        let user = if self.is_tenant(name) { "-user" } else { "" };
        format!("{account}{name}{user}")
    }
}

/// The members of a profile in a file for the AWS clients.
pub(crate) fn profile(text: &str, name: &str) -> Option<HashMap<String, String>> {
    let header = |line: &str| {
        let section = line.strip_prefix('[')?.strip_suffix(']')?.trim();
        Some(
            section
                .strip_prefix("profile ")
                .unwrap_or(section)
                .trim()
                .to_owned(),
        )
    };
    let mut found: Option<HashMap<String, String>> = None;
    let mut within = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = header(line) {
            within = section == name;
            if within {
                found.get_or_insert_default();
            }
        } else if let (true, Some((key, value))) = (within, line.split_once('='))
            && !line.starts_with(['#', ';'])
        {
            found
                .get_or_insert_default()
                .insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> AwsConfig {
        let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        let blueprint = blueprint::read("test.toml", text, &none).unwrap();
        let place = Place {
            endpoint: Endpoint {
                url: "https://127.0.0.1:4566".to_owned(),
                ca_bundle: Some("/data/tls/ca.pem".into()),
            },
            program: "/bin/palisade".into(),
            path: "/data/aws-config".into(),
        };
        let login = |account: AccountId, user: &str| {
            let login = Login {
                id: format!("AKIA-{user}"),
                secret: account.to_string(),
            };
            Ok((user != "nokey").then_some(login))
        };
        AwsConfig::of(&blueprint, place, login).unwrap()
    }

    const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": []}"#;

    #[test]
    fn tenants_have_their_names_and_users_those_that_are_left() {
        let config = config(&format!(
            r#"
            region = "eu-west-1"
            [[account]]
            id = "123456789012"
            name = "platform"
            [[user]]
            names = ["alice", "bob", "nokey", "admin"]
            [[role]]
            name = "R"
            trust = '{TRUST}'
            [[domain]]
            name = "vision"
            id = "d-1"
            execution_role = "R"
            user_profiles = ["alice", "bob", "nokey", "nobody"]
            [[domain]]
            name = "speech"
            id = "d-2"
            execution_role = "R"
            user_profiles = ["bob"]
            "#
        ));
        let names: Vec<&str> = config
            .people
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["admin", "alice", "vision-bob", "speech-bob"]);
        let tenant = profile(&config.text, "speech-bob").unwrap();
        assert_eq!(
            tenant["credential_process"],
            "\"/bin/palisade\" studio-session --config \"/data/aws-config\" --as bob-user \
             --domain-id d-2 --user-profile-name bob"
        );
        let user = profile(&config.text, "bob-user").unwrap();
        assert_eq!(user["aws_access_key_id"], "AKIA-bob");
        assert_eq!(user["endpoint_url"], "https://127.0.0.1:4566");
        assert_eq!(user["ca_bundle"], "/data/tls/ca.pem");
        assert_eq!(user["region"], "eu-west-1");
        assert_eq!(profile(&config.text, "nokey"), None);
    }

    #[test]
    fn a_profile_is_read_as_the_clients_read_it() {
        let text = "[default]\na=1\n[profile  x ]\n# a = 2\na = 3=4\n[y]\na=5\n";
        assert_eq!(profile(text, "x").unwrap()["a"], "3=4");
        assert_eq!(profile(text, "default").unwrap()["a"], "1");
        assert_eq!(profile(text, "z"), None);
    }
}

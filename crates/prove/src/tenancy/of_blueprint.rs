//! The tenancy that a blueprint describes.

use blueprint::{Account, Blueprint, Cluster, Shared, Team};

use super::{IdentityKey, Link, Mark, Owned, Template, Tenancy, Trusted};

impl Tenancy {
    /// The tenancy of the teams of a blueprint: sessions bear the name of a user profile as their source identity, and what
    /// is a member's lies where the team's storage, secrets and file systems are, or carries the profile's tag.
    #[must_use]
    pub fn of_blueprint(origin: &str, blueprint: &Blueprint) -> Self {
        let key = |name: &str, key: &str| IdentityKey {
            name: name.to_owned(),
            key: key.to_owned(),
        };
        let mut tenancy = Self {
            origin: origin.to_owned(),
            identity: vec![key("identity", "aws:SourceIdentity")],
            links: vec![
                Link {
                    keys: [
                        "aws:SourceIdentity".to_owned(),
                        "sagemaker:UserProfileName".to_owned(),
                    ],
                    source: "the domains' ExecutionRoleIdentityConfig is USER_PROFILE_NAME"
                        .to_owned(),
                },
                super::space_link(),
            ],
            ..Self::default()
        };
        let partition = &blueprint.partition;
        for account in &blueprint.accounts {
            for team in &account.teams {
                tenancy.team(partition, account, team);
            }
        }
        for share in &blueprint.shares {
            let arns = match &share.what {
                Shared::Objects(area) => {
                    vec![format!(
                        "arn:{partition}:s3:::{}/{}/*",
                        area.bucket, area.prefix
                    )]
                }
                Shared::Secrets(prefix) => {
                    vec![format!(
                        "arn:{partition}:secretsmanager:*:*:secret:{prefix}/*"
                    )]
                }
                Shared::FeatureGroups(names) => {
                    let arn = |name| format!("arn:{partition}:sagemaker:*:*:feature-group/{name}");
                    names.iter().map(arn).collect()
                }
            };
            for arn in arns {
                let Some(template) = tenancy.template(&arn) else {
                    continue;
                };
                let by = Mark::Resource(template);
                let source = format!("[[share]] `{}`", share.name);
                if !tenancy.shared.iter().any(|known| known.by == by) {
                    tenancy.shared.push(Owned { by, source });
                }
            }
        }
        tenancy
    }

    fn team(&mut self, partition: &str, account: &Account, team: &Team) {
        let id = &account.id;
        let source = format!("[[team]] `{}`", team.name);
        for area in &team.storage {
            let arn = format!(
                "arn:{partition}:s3:::{}/{}/${{owner}}/*",
                area.bucket, area.prefix
            );
            self.own(&arn, &source, Mark::Resource);
        }
        for prefix in &team.secrets {
            let arn = format!("arn:{partition}:secretsmanager:*:{id}:secret:{prefix}/${{owner}}/*");
            self.own(&arn, &source, Mark::Resource);
        }
        for mount in &team.file_systems {
            for end in ["", "/*"] {
                let path = format!("{}/${{owner}}{end}", mount.directory);
                let key = "sagemaker:FileSystemDirectoryPath".to_owned();
                self.own(&path, &source, |value| Mark::Key { key, value });
            }
        }
        for cluster in &team.clusters {
            if let Some(cluster) = account.clusters.iter().find(|known| known.name == *cluster) {
                let (key, services) = (cluster.tag.clone(), vec!["elasticmapreduce".to_owned()]);
                self.own("${owner}", &source, |value| Mark::Tag {
                    key,
                    value,
                    services,
                    except: Vec::new(),
                });
                self.trust(partition, account, cluster);
            }
        }
        if let Some(domain) = account
            .domains
            .iter()
            .find(|domain| domain.name == team.domain)
        {
            let arn = format!(
                "arn:{partition}:sagemaker:*:{id}:user-profile/{}/${{owner}}",
                domain.id
            );
            self.own(&arn, &source, Mark::Resource);
            if let Some(profile) = self.template(&arn) {
                for by in super::of_profile(&profile) {
                    self.add(by, source.clone());
                }
            }
        }
    }

    /// Whose work a cluster does, its instances say: what runs there has a session of the runtime role that they start, and
    /// nothing that IAM knows of the instances binds the name that they give it.
    fn trust(&mut self, partition: &str, account: &Account, cluster: &Cluster) {
        let name = &cluster.instance_role;
        let known = account.roles.iter().find(|role| role.name == *name);
        let path = known.map_or("/", |role| role.path.as_str());
        let role = format!("arn:{partition}:iam::{}:role{path}{name}", account.id);
        if self.trusted.iter().any(|known| known.role == role) {
            return;
        }
        let source = format!(
            "[[cluster]] `{}`: EMR names what it runs after who asked for it (EMR Management Guide, \"Configure \
             runtime roles\", PropagateSourceIdentity), and keeps the instances' credentials from what runs there",
            cluster.name
        );
        self.trusted.push(Trusted { role, source });
    }

    fn own(&mut self, text: &str, source: &str, mark: impl FnOnce(Template) -> Mark) {
        if let Some(template) = self.template(text) {
            self.add(mark(template), source.to_owned());
        }
    }

    /// Names in blueprints hold nothing that means something in a template.
    fn template(&self, text: &str) -> Option<Template> {
        Template::parse(text, &self.identity).ok()
    }
}

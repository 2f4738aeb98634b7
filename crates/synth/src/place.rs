//! Where something is, and the ARNs that follow from it.

use blueprint::{Account, Blueprint, Domain, Team};

/// A partition, a region and an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) partition: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
}

impl Place<'_> {
    /// `arn:P:SERVICE:R:A:RESOURCE`
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Place {
            partition,
            region,
            account,
        } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    pub(crate) fn sagemaker(&self, resource: &str) -> String {
        self.arn("sagemaker", resource)
    }

    pub(crate) fn role(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{name}", self.partition, self.account)
    }

    pub(crate) fn root(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.account)
    }

    pub(crate) fn policy(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:policy/{name}", self.partition, self.account)
    }

    pub(crate) fn bucket(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    pub(crate) fn objects(&self, bucket: &str, below: &str) -> String {
        format!("arn:{}:s3:::{bucket}/{below}/*", self.partition)
    }

    /// A service as `kms:ViaService` names it. The key's page gives the names with `amazonaws.com`, as it is called in every
    /// partition but China's, where endpoints end in `.cn` as well; nobody but KMS sets the key, so that both are safe.
    pub(crate) fn via(&self, service: &str) -> Vec<String> {
        let suffixes: &[&str] = match self.partition {
            "aws-cn" => &["amazonaws.com", "amazonaws.com.cn"],
            _ => &["amazonaws.com"],
        };
        let name = |suffix: &&str| format!("{service}.{}.{suffix}", self.region);
        suffixes.iter().map(name).collect()
    }
}

/// A team and all that bears on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) account: &'a Account,
    pub(crate) team: &'a Team,
    pub(crate) domain: &'a Domain,
    pub(crate) place: Place<'a>,
}

impl<'a> Scope<'a> {
    /// Every team of the blueprint, in its order.
    pub(crate) fn all(blueprint: &'a Blueprint) -> impl Iterator<Item = Scope<'a>> {
        let accounts = blueprint.accounts.iter();
        accounts.flat_map(move |account| Scope::of(blueprint, account))
    }

    /// The teams of an account.
    pub(crate) fn of(
        blueprint: &'a Blueprint,
        account: &'a Account,
    ) -> impl Iterator<Item = Scope<'a>> {
        account.teams.iter().filter_map(move |team| {
            let domain = account
                .domains
                .iter()
                .find(|domain| domain.name == team.domain)?;
            Some(Scope {
                blueprint,
                account,
                team,
                domain,
                place: Place {
                    partition: &blueprint.partition,
                    region: &domain.region,
                    account: &account.id,
                },
            })
        })
    }

    /// The user profile of who asks from Studio.
    pub(crate) fn own_profile(&self) -> String {
        self.place
            .sagemaker("user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}")
    }

    /// The domain of who asks from Studio.
    pub(crate) fn own_domain(&self) -> String {
        self.place.sagemaker("domain/${sagemaker:DomainId}")
    }

    pub(crate) fn execution_role(&self) -> String {
        self.place.role(&self.team.execution_role)
    }

    pub(crate) fn service_role(&self) -> String {
        self.place.role(&self.team.service_role)
    }

    /// Whether the team uses what carries no source identity, and so has a service role.
    pub(crate) fn has_service_role(&self) -> bool {
        let nameless = |feature: &blueprint::Feature| !feature.carries_source_identity();
        self.team.feature_store || self.team.features.iter().any(nameless)
    }
}

//! The plan: what there is to be, account by account.

use blueprint::{Account, Blueprint, Cluster, Feature, FileSystemType};
use policy::PolicyType;
use serde_json::Value;

use crate::place::{Place, Scope};
use crate::statement::{Policy, Statement};
use crate::{Problem, emr, execution, guard, people, resource, size, trail, trust};

/// Everything that is synthesised.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The accounts, in the order of the blueprint.
    pub accounts: Vec<AccountPlan>,
    /// What binds them from above.
    pub controls: Controls,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// What binds the accounts from above.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Controls {
    /// The organisation's management account, where it is known.
    pub management_account: Option<String>,
    /// The accounts that they bind.
    pub targets: Vec<String>,
    /// Service control policies.
    pub service: Vec<Named>,
    /// Resource control policies.
    pub resource: Vec<Named>,
}

/// What is synthesised for an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountPlan {
    /// Its id.
    pub id: String,
    /// The partition.
    pub partition: String,
    /// The region of what has no other.
    pub region: String,
    /// Managed policies.
    pub policies: Vec<Named>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Managed policies for roles and people that are there already: the policy's name and the role's, if it is one.
    pub attachments: Vec<(String, Option<String>)>,
    /// Bucket policies, by bucket.
    pub buckets: Vec<Named>,
    /// Policies of secrets, by secret.
    pub secrets: Vec<Named>,
    /// Key policies.
    pub keys: Vec<KeyPolicy>,
    /// File system policies.
    pub file_systems: Vec<FileSystemPolicy>,
    /// EMR security configurations, by name.
    pub security_configurations: Vec<(String, Value)>,
    /// Trails.
    pub trails: Vec<TrailPlan>,
}

/// A policy and the name of what it is or is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The policy.
    pub policy: Policy,
}

/// A role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Its trust policy.
    pub trust: Policy,
    /// The names of its managed policies.
    pub policies: Vec<String>,
    /// The team it belongs to.
    pub team: String,
}

/// The policy of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPolicy {
    /// Its alias, without `alias/`.
    pub name: String,
    /// Its id, where it exists.
    pub id: Option<String>,
    /// The policy.
    pub policy: Policy,
}

/// The policy of a file system.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSystemPolicy {
    /// How the blueprint calls it.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The policy.
    pub policy: Policy,
}

/// A trail.
#[derive(Debug, Clone, PartialEq)]
pub struct TrailPlan {
    /// Its name.
    pub name: String,
    /// The bucket that it is delivered to.
    pub bucket: String,
    /// Whether the bucket is in the same account.
    pub bucket_is_here: bool,
    /// Its advanced event selectors, as `PutEventSelectors` takes them.
    pub selectors: Vec<Value>,
    /// What `CreateTrail` and `PutEventSelectors` take together.
    pub json: Value,
}

/// Writes the plan of a blueprint.
///
/// # Errors
/// What AWS would not take, whichever way it is split.
pub fn synthesise(blueprint: &Blueprint) -> Result<Plan, Problem> {
    let mut plan = Plan {
        accounts: Vec::with_capacity(blueprint.accounts.len()),
        controls: controls(blueprint)?,
        notes: Vec::new(),
    };
    remarks(blueprint, &mut plan.notes);
    for account in &blueprint.accounts {
        let planned = plan_account(blueprint, account, &mut plan.notes)?;
        plan.accounts.push(planned);
    }
    Ok(plan)
}

fn plan_account(
    blueprint: &Blueprint,
    account: &Account,
    notes: &mut Vec<String>,
) -> Result<AccountPlan, Problem> {
    let mut plan = AccountPlan {
        id: account.id.clone(),
        partition: blueprint.partition.clone(),
        region: blueprint.region.clone(),
        ..AccountPlan::default()
    };
    for scope in Scope::of(blueprint, account) {
        plan_team(&scope, &mut plan)?;
    }
    for cluster in &account.clusters {
        plan_cluster(blueprint, account, cluster, &mut plan)?;
    }
    plan_resources(blueprint, account, &mut plan, notes)?;
    for trail in &account.trails {
        plan.trails.push(TrailPlan {
            name: trail.name.clone(),
            bucket: trail.bucket.clone(),
            bucket_is_here: account.buckets.iter().any(|it| it.name == trail.bucket),
            selectors: trail::selectors(blueprint, account),
            json: trail::json(blueprint, account, trail),
        });
    }
    Ok(plan)
}

fn plan_team(scope: &Scope<'_>, plan: &mut AccountPlan) -> Result<(), Problem> {
    let team = scope.team;
    let topics = execution::statements(scope);
    let role = Role {
        name: team.execution_role.clone(),
        description: format!("What members of the team {} work with", team.name),
        trust: trust_policy(&team.execution_role, &trust::execution(scope))?,
        policies: Vec::new(),
        team: team.name.clone(),
    };
    plan_role(role, topics, plan)?;
    if scope.has_service_role() {
        let role = Role {
            name: team.service_role.clone(),
            description: format!("What the team {} runs in nobody's name", team.name),
            trust: trust_policy(&team.service_role, &trust::service(scope))?,
            policies: Vec::new(),
            team: team.name.clone(),
        };
        plan_role(role, vec![("data", execution::service_data(scope))], plan)?;
    }
    let used = |cluster: &&Cluster| team.clusters.contains(&cluster.name);
    for cluster in scope.account.clusters.iter().filter(used) {
        let name = emr::runtime_role(team, cluster);
        let role = Role {
            description: format!("What the team {} runs on {}", team.name, cluster.name),
            trust: trust_policy(&name, &emr::runtime_trust(scope, cluster))?,
            policies: Vec::new(),
            team: team.name.clone(),
            name,
        };
        plan_role(role, vec![("data", emr::runtime_statements(scope))], plan)?;
    }
    if let Some(statements) = people::open_studio(scope) {
        let name = people::policy_name(scope);
        let policy = size::whole(&format!("the policy `{name}`"), &statements, size::MANAGED)?;
        plan.attachments.push((name.clone(), None));
        plan.policies
            .push(checked(name, policy, PolicyType::Identity)?);
    }
    Ok(())
}

/// Adds a role with a policy for each topic, or several where one is too large.
fn plan_role(
    mut role: Role,
    topics: Vec<(&str, Vec<Statement>)>,
    plan: &mut AccountPlan,
) -> Result<(), Problem> {
    for (topic, statements) in topics {
        if statements.is_empty() {
            continue;
        }
        let name = format!("{}-{topic}", role.name);
        let parts = size::split(&format!("the policy `{name}`"), &statements, size::MANAGED)?;
        for (at, policy) in parts.into_iter().enumerate() {
            let name = match at {
                0 => name.clone(),
                more => format!("{name}-{}", more + 1),
            };
            role.policies.push(name.clone());
            plan.policies
                .push(checked(name, policy, PolicyType::Identity)?);
        }
    }
    if role.policies.len() > size::MANAGED_OF_ROLE {
        return Err(Problem(format!(
            "the role `{}` would need {} managed policies, and AWS takes {}: give the team fewer things",
            role.name,
            role.policies.len(),
            size::MANAGED_OF_ROLE
        )));
    }
    plan.roles.push(role);
    Ok(())
}

fn trust_policy(role: &str, statements: &[Statement]) -> Result<Policy, Problem> {
    let what = format!("the trust policy of `{role}`");
    let policy = size::whole(&what, statements, size::TRUST)?;
    Ok(checked(what, policy, PolicyType::Trust)?.policy)
}

/// Reads a document back as what it is to be. What is written here always is; where it were not, nothing leaves.
fn checked(name: String, policy: Policy, kind: PolicyType) -> Result<Named, Problem> {
    match policy::Document::parse(&policy.text(), kind) {
        Ok(_) => Ok(Named { name, policy }),
        Err(rejected) => Err(Problem(format!("`{name}` cannot be written: {rejected}"))),
    }
}

fn plan_cluster(
    blueprint: &Blueprint,
    account: &Account,
    cluster: &Cluster,
    plan: &mut AccountPlan,
) -> Result<(), Problem> {
    let teams = Scope::of(blueprint, account);
    let used = |scope: &Scope<'_>| scope.team.clusters.contains(&cluster.name);
    let roles: Vec<String> = teams
        .filter(used)
        .map(|scope| scope.place.role(&emr::runtime_role(scope.team, cluster)))
        .collect();
    let configuration = emr::security_configuration();
    plan.security_configurations
        .push((cluster.name.clone(), configuration));
    if roles.is_empty() {
        return Ok(());
    }
    let name = format!("{}-runtime-roles", cluster.name);
    let statements = emr::instance_statements(&roles);
    let policy = size::whole(&format!("the policy `{name}`"), &statements, size::MANAGED)?;
    plan.attachments
        .push((name.clone(), Some(cluster.instance_role.clone())));
    plan.policies
        .push(checked(name, policy, PolicyType::Identity)?);
    Ok(())
}

fn plan_resources(
    blueprint: &Blueprint,
    account: &Account,
    plan: &mut AccountPlan,
    notes: &mut Vec<String>,
) -> Result<(), Problem> {
    for bucket in &account.buckets {
        let statements = resource::bucket(blueprint, account, bucket);
        let what = format!("the policy of the bucket `{}`", bucket.name);
        let skip = left_alone(&what, bucket.policy.is_some(), &statements, notes);
        if !skip {
            let policy = size::whole(&what, &statements, size::BUCKET)?;
            let named = checked(bucket.name.clone(), policy, PolicyType::Resource)?;
            plan.buckets.push(named);
        }
    }
    for secret in &account.secrets {
        let statements = resource::secret(blueprint, account, secret);
        let what = format!("the policy of the secret `{}`", secret.name);
        let skip = left_alone(&what, secret.policy.is_some(), &statements, notes);
        if !skip {
            let policy = size::whole(&what, &statements, size::SECRET)?;
            let named = checked(secret.name.clone(), policy, PolicyType::Resource)?;
            plan.secrets.push(named);
        }
    }
    for key in &account.keys {
        let statements = resource::key(blueprint, account, key);
        let what = format!("the policy of the key `{}`", key.name);
        let policy = size::whole(&what, &statements, size::KEY)?;
        let named = checked(key.name.clone(), policy, PolicyType::Key)?;
        plan.keys.push(KeyPolicy {
            name: named.name,
            id: key.id.clone(),
            policy: named.policy,
        });
    }
    plan_file_systems(blueprint, account, plan, notes)
}

fn plan_file_systems(
    blueprint: &Blueprint,
    account: &Account,
    plan: &mut AccountPlan,
    notes: &mut Vec<String>,
) -> Result<(), Problem> {
    let place = Place {
        partition: &blueprint.partition,
        region: &blueprint.region,
        account: &account.id,
    };
    for system in &account.file_systems {
        if system.kind == FileSystemType::FsxLustre {
            notes.push(format!(
                "`{}` is an FSx file system, which has no resource policy: keep others away from it with \
                 security groups",
                system.name
            ));
        }
        let statements = resource::file_system(account, system, place);
        if statements.is_empty() {
            continue;
        }
        let what = format!("the policy of the file system `{}`", system.name);
        let policy = size::whole(&what, &statements, size::FILE_SYSTEM)?;
        let named = checked(system.name.clone(), policy, PolicyType::Resource)?;
        plan.file_systems.push(FileSystemPolicy {
            name: named.name,
            id: system.id.clone(),
            policy: named.policy,
        });
    }
    Ok(())
}

/// Whether there is nothing to write: the blueprint has a policy of its own, or nothing is to be said.
fn left_alone(what: &str, own: bool, statements: &[Statement], notes: &mut Vec<String>) -> bool {
    if own && !statements.is_empty() {
        notes.push(format!("{what} is the blueprint's own, and left as it is"));
    }
    own || statements.is_empty()
}

fn controls(blueprint: &Blueprint) -> Result<Controls, Problem> {
    let organization = blueprint.organization.as_ref();
    let named = |what: &str, statements: Vec<Statement>, kind| -> Result<Vec<Named>, Problem> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let parts = size::split(what, &statements, size::CONTROL)?;
        let name = |at: usize| match at {
            0 => what.to_owned(),
            more => format!("{what}-{}", more + 1),
        };
        let parts = parts.into_iter().enumerate();
        parts
            .map(|(at, policy)| checked(name(at), policy, kind))
            .collect()
    };
    Ok(Controls {
        management_account: organization.and_then(|it| it.management_account.clone()),
        targets: blueprint
            .accounts
            .iter()
            .map(|account| account.id.clone())
            .collect(),
        service: named(
            "tenancy-guard-rails",
            guard::service_control(blueprint),
            PolicyType::ServiceControl,
        )?,
        resource: named(
            "tenancy-deputies",
            guard::resource_control(blueprint),
            PolicyType::ResourceControl,
        )?,
    })
}

/// What a reader should know of the teams, each once.
fn remarks(blueprint: &Blueprint, notes: &mut Vec<String>) {
    let teams: Vec<Scope<'_>> = Scope::all(blueprint).collect();
    let names = |keep: &dyn Fn(&Scope<'_>) -> bool| -> Option<String> {
        let some = teams.iter().filter(|scope| keep(scope));
        let some: Vec<String> = some.map(|it| format!("`{}`", it.team.name)).collect();
        (!some.is_empty()).then(|| some.join(", "))
    };
    if let Some(teams) = names(&|scope| !scope.domain.id_given) {
        notes.push(format!(
            "the domains of the teams {teams} have no `id`: policies cannot name them, and there is none for \
             opening Studio; write the `id` once AWS has given them one"
        ));
    }
    let pipelines = |scope: &Scope<'_>| scope.team.features.contains(&Feature::Pipelines);
    if let Some(teams) = names(&|scope| pipelines(scope) && !scope.domain.id_given) {
        notes.push(format!(
            "pipelines of the teams {teams} make no steps before their domains have an `id`, by which steps are \
             told whose they are"
        ));
    }
    if let Some(teams) = names(&|scope| scope.has_service_role()) {
        notes.push(format!(
            "endpoints, transform jobs and whatever else carries no source identity work with the service \
             roles of the teams {teams}, which reach what is shared and nothing private"
        ));
    }
    if let Some(teams) = names(&|scope| scope.team.listings) {
        notes.push(format!(
            "members of the teams {teams} see the names of everybody's resources, for AWS cannot restrict \
             what lists; write `listings = false` to close that"
        ));
    }
}

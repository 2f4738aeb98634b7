//! EMR for each user, and the tables that all query.

use policy::{AccountId, Action, Policies, Principal, Request, Resource, decide};

use crate::{Session, Tenancy};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-west-2";
const CLUSTER: &str = "arn:aws:elasticmapreduce:us-west-2:123456789012:cluster/j-ABC";

fn of<'t>(tenancy: &'t Tenancy, name: &str) -> Session<'t> {
    Session::studio(
        tenancy,
        (ACCOUNT, "analytics-execution"),
        "d-analytics",
        name,
    )
}

#[test]
fn a_cluster_is_its_users() {
    let tenancy = Tenancy::example("emr.toml");
    let on = |who: &str, user: &str, team: &str| {
        of(&tenancy, who)
            .set("elasticmapreduce:ResourceTag/user", user)
            .set("elasticmapreduce:ResourceTag/team", team)
    };
    let describe = "elasticmapreduce:DescribeCluster";
    assert!(on("ben", "ben", "analytics").may(describe, CLUSTER));
    assert!(!on("ben", "benjamin", "analytics").may(describe, CLUSTER));
    assert!(!on("ben", "be", "analytics").may(describe, CLUSTER));
    assert!(!on("ben", "*", "analytics").may(describe, CLUSTER));
    assert!(!on("ben", "ben", "other").may(describe, CLUSTER));
    let untagged = of(&tenancy, "ben");
    assert!(!untagged.may(describe, CLUSTER));
    let nameless = on("ben", "ben", "analytics").without("aws:SourceIdentity");
    assert!(!nameless.may(describe, CLUSTER));
    for action in [
        "AddTags",
        "RemoveTags",
        "RunJobFlow",
        "TerminateJobFlows",
        "ListClusters",
    ] {
        let action = format!("elasticmapreduce:{action}");
        assert!(
            !on("ben", "ben", "analytics").may(&action, CLUSTER),
            "{action}"
        );
    }
}

/// The instances' role is named as it is, with its path, and gives no name that no member has.
#[test]
fn the_instances_give_names_of_the_team() {
    let path = crate::folder().join("emr.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text
        .replace(
            "name = \"EmrInstances\"",
            "name = \"EmrInstances\"\npath = \"/emr/\"",
        )
        .replace(
            "features = [",
            "user_profile_pattern = \"???*\"\nfeatures = [",
        );
    let plan = Tenancy::of(&crate::read(&text)).plan;
    let role = plan.accounts[0].roles.iter();
    let runtime = role
        .rev()
        .find(|role| role.name.ends_with("-runtime"))
        .unwrap();
    let trust = &runtime.trust.json()["Statement"][0];
    let instances = "arn:aws:iam::123456789012:role/emr/EmrInstances";
    assert_eq!(trust["Principal"]["AWS"], instances);
    assert_eq!(
        trust["Condition"]["StringLike"]["sts:SourceIdentity"],
        "???*"
    );
}

#[test]
fn what_runs_there_runs_with_the_runtime_role() {
    let tenancy = Tenancy::example("emr.toml");
    let with = |role: &str| {
        of(&tenancy, "ben")
            .set("elasticmapreduce:ResourceTag/user", "ben")
            .set("elasticmapreduce:ResourceTag/team", "analytics")
            .set(
                "elasticmapreduce:ExecutionRoleArn",
                &format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
            )
    };
    for action in ["AddJobFlowSteps", "GetClusterSessionCredentials"] {
        let action = format!("elasticmapreduce:{action}");
        assert!(
            with("analytics-spark-runtime").may(&action, CLUSTER),
            "{action}"
        );
        assert!(!with("Administrator").may(&action, CLUSTER), "{action}");
        let without = with("x").without("elasticmapreduce:ExecutionRoleArn");
        assert!(
            !without.may(&action, CLUSTER),
            "{action} with the instances' role"
        );
    }
    let run = Session::job(&tenancy, (ACCOUNT, "analytics-spark-runtime"), "ben");
    let file = |key: &str| format!("arn:aws:s3:::analytics-lake/{key}");
    assert!(run.may("s3:PutObject", &file("analytics/users/ben/out")));
    assert!(!run.may("s3:GetObject", &file("analytics/users/benjamin/in")));
    assert!(run.may("s3:GetObject", &file("sales/orders/part-0")));
    assert!(!run.may("s3:PutObject", &file("sales/orders/part-0")));
    assert!(
        !run.clone()
            .without("aws:SourceIdentity")
            .may("s3:GetObject", &file("sales/orders/0"))
    );
    assert!(!run.may("sagemaker:ListTrainingJobs", "*"));
}

/// Whether the instances of a cluster may assume the runtime role.
fn assume(role: &str, action: &str, source_identity: Option<&str>) -> bool {
    let tenancy = Tenancy::example("emr.toml");
    let trust = tenancy.trust(ACCOUNT, "analytics-spark-runtime");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-0123");
    let target = format!("arn:aws:iam::{ACCOUNT}:role/analytics-spark-runtime");
    let mut request = Request::builder(
        Principal::parse(&session).unwrap(),
        Action::parse(action).unwrap(),
        Resource::parse(&target).unwrap(),
    )
    .resource_account(AccountId::parse(ACCOUNT).unwrap())
    .resource_policy_type(policy::PolicyType::Trust)
    .set(
        "aws:PrincipalArn",
        format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
    );
    if let Some(name) = source_identity {
        request = request.set("sts:SourceIdentity", name);
    }
    let policies = Policies {
        resource: Some(&trust),
        ..Policies::default()
    };
    decide(&policies, &request.build()).is_allow()
}

#[test]
fn only_the_instances_assume_it_and_only_in_somebodys_name() {
    for action in ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"] {
        assert!(assume("EmrInstances", action, Some("ben")), "{action}");
        assert!(
            !assume("EmrInstances", action, None),
            "{action} without a name"
        );
        assert!(!assume("EmrInstances2", action, Some("ben")), "{action}");
        assert!(
            !assume("analytics-execution", action, Some("ben")),
            "{action}"
        );
    }
}

#[test]
fn names_are_handed_on() {
    let tenancy = Tenancy::example("emr.toml");
    let account = &tenancy.plan.accounts[0];
    let (name, configuration) = &account.security_configurations[0];
    assert_eq!(name, "spark");
    let roles = &configuration["AuthorizationConfiguration"]["IAMConfiguration"];
    assert_eq!(roles["EnableApplicationScopedIAMRole"], true);
    let handed_on = &roles["ApplicationScopedIAMRoleConfiguration"]["PropagateSourceIdentity"];
    assert_eq!(*handed_on, true);
    let attached = (
        "spark-runtime-roles".to_owned(),
        Some("EmrInstances".to_owned()),
    );
    assert!(account.attachments.contains(&attached));
}

#[test]
fn queries_see_the_catalogs_tables_and_no_others() {
    let tenancy = Tenancy::example("emr.toml");
    let ben = of(&tenancy, "ben");
    let glue = |resource: &str| format!("arn:aws:glue:{REGION}:{ACCOUNT}:{resource}");
    for resource in ["catalog", "database/sales", "table/sales/orders"] {
        assert!(ben.may("glue:GetTable", &glue(resource)), "{resource}");
    }
    for resource in [
        "database/salaries",
        "table/sales/salaries",
        "table/sales/orders2",
    ] {
        assert!(!ben.may("glue:GetTable", &glue(resource)), "{resource}");
    }
    let workgroup = |name: &str| format!("arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/{name}");
    assert!(ben.may("athena:StartQueryExecution", &workgroup("analytics")));
    assert!(!ben.may("athena:StartQueryExecution", &workgroup("primary")));
    assert!(!ben.may("athena:ListQueryExecutions", &workgroup("analytics")));
    assert!(!ben.may("glue:UpdateTable", &glue("table/sales/orders")));
}

//! Isolation on the access policies that SageMaker's users share.

mod roles;

use policy::{Document, NamedPolicy, PolicySet, PolicyType};
use prove::isolation::{Answer, Finding, Obligation, Role, answer, by_name};
use prove::tenancy::Tenancy;
use prove::{Facts, Verdict, alone};

/// The access policies of a team that shares one execution role.
const JOBS: &str = r#"{"Sid":"AllowUserTrainingJobs","Effect":"Allow",
 "Action":["sagemaker:DescribeTrainingJob","sagemaker:UpdateTrainingJob","sagemaker:StopTrainingJob"],
 "Resource":"arn:aws:sagemaker:us-east-1:123456789012:training-job/*",
 "Condition":{"StringLike":{"sagemaker:ResourceTag/sagemaker:user-profile-arn":
   "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;
const PREFIX: &str = r#"{"Sid":"LimitS3AccessToUserPrefix","Effect":"Allow",
 "Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],
 "Resource":"arn:aws:s3:::my-bucket/my_domain/users/${aws:SourceIdentity}/*"}"#;
const LIST: &str = r#"{"Sid":"ListOwnPrefix","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::my-bucket",
 "Condition":{"StringLike":{"s3:prefix":["my_domain/users/${aws:SourceIdentity}","my_domain/users/${aws:SourceIdentity}/*"]}}}"#;
const SECRETS: &str = r#"{"Sid":"UserSpecificSecretAccess","Effect":"Allow","Action":"secretsmanager:GetSecretValue",
 "Resource":"arn:aws:secretsmanager:us-east-1:123456789012:secret:user-secrets/${aws:SourceIdentity}/*"}"#;
const CLUSTERS: &str = r#"{"Effect":"Allow","Action":["elasticmapreduce:DescribeCluster","elasticmapreduce:ListInstances",
  "elasticmapreduce:ListInstanceGroups","elasticmapreduce:GetClusterSessionCredentials","elasticmapreduce:CreatePersistentAppUI"],
 "Resource":"arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/*",
 "Condition":{"StringLike":{"elasticmapreduce:ResourceTag/user":"${aws:SourceIdentity}"}}}"#;
const DIRECTORIES: &str = r#"{"Effect":"Allow","Action":"sagemaker:CreateTrainingJob",
 "Resource":"arn:aws:sagemaker:us-east-1:123456789012:training-job/*",
 "Condition":{"StringLike":{"sagemaker:FileSystemId":"fs-0123456789abcdef0","sagemaker:FileSystemAccessMode":"rw",
   "sagemaker:FileSystemType":"FSxLustre","sagemaker:FileSystemDirectoryPath":"/fsx/users/${aws:SourceIdentity}"}}}"#;

const ALL: [&str; 6] = [JOBS, PREFIX, LIST, SECRETS, CLUSTERS, DIRECTORIES];

fn set(statements: &[&str], kind: PolicyType) -> PolicySet {
    let named = statements.iter().enumerate().map(|(number, statement)| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        NamedPolicy::new(
            format!("p{number}.json"),
            Document::parse(&text, kind).unwrap(),
        )
    });
    PolicySet::compile(named)
}

/// The answers about all policies and each by itself.
pub(crate) fn examples(facts: &Facts) -> Vec<Answer> {
    let single = ALL.iter().map(std::slice::from_ref);
    let all = single.chain([&ALL[..]]);
    all.map(|statements| isolation_with(statements, facts))
        .collect()
}

fn isolation(statements: &[&str]) -> Answer {
    isolation_with(statements, &Facts::default())
}

fn isolation_with(statements: &[&str], facts: &Facts) -> Answer {
    let set = set(statements, PolicyType::Identity);
    let role = Role {
        name: String::new(),
        stage: alone(&set, PolicyType::Identity, None),
        trust: None,
    };
    answer(&[role], Tenancy::built_in([&set]), facts)
}

fn show(answer: &Answer) -> String {
    let line = |finding: &std::sync::Arc<Finding>| {
        let more = match &finding.verdict {
            Verdict::Proved(proof) => {
                let ids: Vec<&str> = proof
                    .assumptions
                    .iter()
                    .map(|fact| fact.id.as_str())
                    .collect();
                ids.join(", ")
            }
            Verdict::Violated(_) => finding.case.as_ref().unwrap().to_string(),
            Verdict::Unknown { reason } => reason.clone(),
        };
        format!(
            "{} {}: {} [{more}]\n",
            finding.obligation.name(),
            finding.verdict.name(),
            finding.claim
        )
    };
    answer.findings.iter().map(line).collect()
}

#[test]
fn the_access_policies_are_proved() {
    let answer = isolation(&ALL);
    assert_eq!(
        answer.verdict(Some(Obligation::Access)),
        "proved",
        "{}",
        show(&answer)
    );
}

/// The first claim that does not hold, replayed through `simulate` as it stands.
fn replayed(answer: &Answer) -> &Finding {
    let finding = answer.violation().unwrap();
    let case = finding.case.as_ref().unwrap().to_string();
    let simulated = simulate::answer(&case).unwrap();
    assert!(simulated.is_allow(), "{case}");
    finding
}

fn verdict(answer: &Answer, obligation: Obligation) -> &'static str {
    answer.verdict(Some(obligation))
}

#[test]
fn a_missing_slash_is_found_shown_and_mended() {
    let answer = isolation(&[&PREFIX.replace("}/*", "}*")]);
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "violated",
        "{}",
        show(&answer)
    );
    let finding = replayed(&answer);
    let case = finding.case.as_ref().unwrap();
    assert_eq!(case["context"]["aws:SourceIdentity"], "ann");
    assert_eq!(case["action"], "s3:GetObject");
    assert_eq!(
        case["resource"],
        "arn:aws:s3:::my-bucket/my_domain/users/anna/report.csv"
    );
    assert_eq!(finding.owner, [("identity".to_owned(), "anna".to_owned())]);
    assert_eq!(finding.fixes.len(), 1);
    let after = "\"arn:aws:s3:::my-bucket/my_domain/users/${aws:SourceIdentity}/*\"";
    assert_eq!(finding.fixes[0].after, after);
}

#[test]
fn what_ownership_and_identity_still_need_is_named() {
    let answer = isolation(&ALL);
    let needs: Vec<(Obligation, &str)> = answer
        .needs
        .iter()
        .map(|need| (need.obligation, need.action.as_str()))
        .collect();
    for need in [
        (Obligation::Ownership, "sagemaker:AddTags"),
        (Obligation::Identity, "sts:AssumeRole"),
        (Obligation::Identity, "iam:PassRole"),
    ] {
        assert!(needs.contains(&need), "{needs:?}");
    }
    let facts: Vec<String> = answer
        .assumptions()
        .iter()
        .map(|fact| fact.id.clone())
        .collect();
    assert!(
        facts.contains(&"source-identity-characters".to_owned()),
        "{facts:?}"
    );
}

#[test]
fn without_the_fact_that_names_hold_no_slash_there_is_no_proof() {
    let set = set(&[PREFIX], PolicyType::Identity);
    let role = Role {
        name: String::new(),
        stage: alone(&set, PolicyType::Identity, None),
        trust: None,
    };
    let answer = answer(&[role], Tenancy::built_in([&set]), &Facts::none());
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "violated",
        "{}",
        show(&answer)
    );
    replayed(&answer);
}

#[test]
fn a_whole_bucket_is_everybodys_folder() {
    let answer = isolation(&[&PREFIX.replace("my_domain/users/${aws:SourceIdentity}/*", "*")]);
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "violated",
        "{}",
        show(&answer)
    );
    replayed(&answer);
}

#[test]
fn jobs_without_their_condition_are_everybodys() {
    let answer =
        isolation(&[r#"{"Effect":"Allow","Action":"sagemaker:Describe*","Resource":"*"}"#]);
    let finding = replayed(&answer);
    assert_eq!(finding.obligation, Obligation::Access);
    assert!(!finding.fixes.is_empty());
    let deny = r#"{"Effect":"Deny","Action":"sagemaker:*","Resource":"*","Condition":{"StringNotLike":{
        "aws:ResourceTag/sagemaker:user-profile-arn":"arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;
    let answer = isolation(&[
        r#"{"Effect":"Allow","Action":"sagemaker:Describe*","Resource":"*"}"#,
        deny,
    ]);
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "proved",
        "{}",
        show(&answer)
    );
}

#[test]
fn tags_that_anybody_changes_belong_to_nobody() {
    let tags = r#"{"Effect":"Allow","Action":["sagemaker:AddTags","sagemaker:DeleteTags"],"Resource":"*"}"#;
    let answer = isolation(&[JOBS, tags]);
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "proved",
        "{}",
        show(&answer)
    );
    assert_eq!(
        verdict(&answer, Obligation::Ownership),
        "violated",
        "{}",
        show(&answer)
    );
    replayed(&answer);
    let guarded = r#"{"Effect":"Allow","Action":["sagemaker:AddTags","sagemaker:CreateTrainingJob"],"Resource":"*","Condition":{
        "StringEqualsIfExists":{"sagemaker:TaggingAction":"CreateTrainingJob"},
        "StringLikeIfExists":{"aws:RequestTag/sagemaker:user-profile-arn":
            "arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;
    let direct = r#"{"Effect":"Deny","Action":"sagemaker:AddTags","Resource":"*",
        "Condition":{"Null":{"sagemaker:TaggingAction":"true"}}}"#;
    let answer = isolation(&[JOBS, guarded, direct]);
    assert_eq!(
        verdict(&answer, Obligation::Ownership),
        "proved",
        "{}",
        show(&answer)
    );
}

#[test]
fn a_job_made_with_anothers_tag_is_found() {
    let made = r#"{"Effect":"Allow","Action":["sagemaker:AddTags","sagemaker:CreateTrainingJob"],"Resource":"*"}"#;
    let direct = r#"{"Effect":"Deny","Action":"sagemaker:AddTags","Resource":"*",
        "Condition":{"Null":{"sagemaker:TaggingAction":"true"}}}"#;
    let answer = isolation(&[made, direct]);
    assert_eq!(
        verdict(&answer, Obligation::Ownership),
        "violated",
        "{}",
        show(&answer)
    );
    replayed(&answer);
}

#[test]
fn studio_opens_for_its_own_profile_only() {
    let url = |profile: &str| {
        let resource = format!("arn:aws:sagemaker:us-east-1:123456789012:user-profile/{profile}");
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"sagemaker:CreatePresignedDomainUrl","Resource":"{resource}"}}"#
        );
        isolation(&[&statement])
    };
    let own = url("${sagemaker:DomainId}/${sagemaker:UserProfileName}");
    assert_eq!(
        verdict(&own, Obligation::Identity),
        "proved",
        "{}",
        show(&own)
    );
    let any = url("*");
    assert_eq!(
        verdict(&any, Obligation::Identity),
        "violated",
        "{}",
        show(&any)
    );
    replayed(&any);
}

#[test]
fn policies_that_may_be_rewritten_prove_nothing() {
    for action in [
        "iam:PutRolePolicy",
        "iam:CreateAccessKey",
        "sagemaker:UpdateDomain",
        "s3:PutBucketPolicy",
    ] {
        let statement = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
        let answer = isolation(&[PREFIX, &statement]);
        assert_eq!(answer.verdict(None), "violated", "{}", show(&answer));
        replayed(&answer);
    }
}

#[test]
fn whoever_may_do_anything_with_own_objects_rewrites_no_bucket() {
    let anything = |resource: &str| {
        let text = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/users/${aws:SourceIdentity}/*"}"#;
        isolation(&[&text.replace("b/users/${aws:SourceIdentity}/*", resource)])
    };
    let own = anything("b/users/${aws:SourceIdentity}/*");
    assert_eq!(own.verdict(None), "proved", "{}", show(&own));
    let any = anything("b*");
    let ownership = verdict(&any, Obligation::Ownership);
    assert_eq!(ownership, "violated", "{}", show(&any));
}

/// Whoever passes a tag passes its key.
#[test]
fn who_may_not_pass_the_key_of_a_tag_passes_no_tag() {
    let made = r#"{"Effect":"Allow","Action":["sagemaker:AddTags","sagemaker:CreateTrainingJob"],"Resource":"*"}"#;
    let keys = |operator: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":["sagemaker:AddTags","sagemaker:CreateTrainingJob"],"Resource":"*",
            "Condition":{{"{operator}":{{"aws:TagKeys":"sagemaker:*"}}}}}}"#
        )
    };
    let guarded = isolation(&[JOBS, made, &keys("ForAnyValue:StringLike")]);
    let ownership = verdict(&guarded, Obligation::Ownership);
    assert_eq!(ownership, "proved", "{}", show(&guarded));
    let open = isolation(&[JOBS, made, &keys("ForAllValues:StringLike")]);
    let ownership = verdict(&open, Obligation::Ownership);
    assert_eq!(ownership, "violated", "{}", show(&open));
}

#[test]
fn a_wildcard_behind_the_name_in_a_tag_is_found() {
    for (change, caller, owner) in [
        (
            JOBS.replace("UserProfileName}", "UserProfileName}*"),
            "ann",
            "anna",
        ),
        (
            JOBS.replace("StringLike", "StringEqualsIgnoreCase"),
            "ann",
            "Ann",
        ),
    ] {
        let answer = isolation(&[&change]);
        let access = verdict(&answer, Obligation::Access);
        assert_eq!(access, "violated", "{}", show(&answer));
        let finding = replayed(&answer);
        let case = finding.case.as_ref().unwrap();
        assert_eq!(case["context"]["sagemaker:UserProfileName"], caller);
        assert!(
            finding
                .owner
                .contains(&("profile".to_owned(), owner.to_owned()))
        );
    }
}

#[test]
fn taking_tags_away_gives_none() {
    let tag =
        "arn:aws:sagemaker:*:*:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}";
    let on_own = |action: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"sagemaker:{action}","Resource":"arn:aws:sagemaker:us-east-1:123456789012:training-job/*",
            "Condition":{{"ArnLike":{{"sagemaker:ResourceTag/sagemaker:user-profile-arn":"{tag}"}}}}}}"#
        );
        isolation(&[JOBS, &statement])
    };
    let taken = on_own("DeleteTags");
    assert_eq!(taken.verdict(None), "proved", "{}", show(&taken));
    let given = on_own("AddTags");
    let ownership = verdict(&given, Obligation::Ownership);
    assert_eq!(ownership, "violated", "{}", show(&given));
}

#[test]
fn an_accounts_root_user_is_no_tenant() {
    let bucket = r#"{"Effect":"Deny","Principal":"*","Action":"s3:*",
        "NotResource":"arn:aws:s3:::my-bucket/my_domain/users/${aws:SourceIdentity}/*"}"#;
    let (identity, bucket) = (
        set(&[PREFIX], PolicyType::Identity),
        set(&[bucket], PolicyType::Resource),
    );
    let mut stage = alone(&identity, PolicyType::Identity, None);
    stage.policies.resource = Some(&bucket);
    let role = Role {
        name: String::new(),
        stage,
        trust: None,
    };
    let tenancy = Tenancy::built_in([&identity, &bucket]);
    let answer = answer(&[role], tenancy, &Facts::default());
    assert_eq!(answer.verdict(None), "proved", "{}", show(&answer));
}

#[test]
fn a_tenancy_of_ones_own_is_asked_about() {
    let text = "[identity]\nkeys = { team = \"aws:PrincipalTag/team\" }\n\
        [[owned]]\nresource = \"arn:aws:s3:::b/teams/${owner.team}/*\"\n\
        [[shared]]\nresource = \"arn:aws:s3:::b/teams/common/*\"\n\
        [[fact]]\nkey = \"aws:PrincipalTag/team\"\npattern = \"[a-z]\"\nlength = \"1-20\"\nsource = \"our directory\"\n";
    let ask = |resources: &str| {
        let statement =
            format!(r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":{resources}}}"#);
        let set = set(&[&statement], PolicyType::Identity);
        let role = Role {
            name: String::new(),
            stage: alone(&set, PolicyType::Identity, None),
            trust: None,
        };
        answer(
            &[role],
            Tenancy::read("t.toml", text).unwrap(),
            &Facts::default(),
        )
    };
    let own = ask(
        r#"["arn:aws:s3:::b/teams/${aws:PrincipalTag/team}/*","arn:aws:s3:::b/teams/common/*"]"#,
    );
    assert_eq!(
        verdict(&own, Obligation::Access),
        "proved",
        "{}",
        show(&own)
    );
    let facts = own.assumptions();
    assert!(
        facts.iter().any(|fact| fact.source == "our directory"),
        "{facts:?}"
    );
    let loose = ask(r#""arn:aws:s3:::b/teams/${aws:PrincipalTag/team}*""#);
    assert_eq!(
        verdict(&loose, Obligation::Access),
        "violated",
        "{}",
        show(&loose)
    );
    assert_eq!(replayed(&loose).owner.len(), 1);
}

#[test]
fn the_teams_of_a_blueprint_are_tenants() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/tenancies/two-teams.toml"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let blueprint = blueprint::read(path, &text, &|path| std::fs::read(path)).unwrap();
    let tenancy = Tenancy::of_blueprint("two-teams.toml", &blueprint);
    let written: Vec<String> = tenancy
        .owned
        .iter()
        .map(|own| own.by.template().written(&tenancy.identity))
        .collect();
    for own in [
        "arn:aws:s3:::ml-platform-data/vision/users/${owner}/*",
        "arn:aws:sagemaker:*:123456789012:user-profile/d-vision/${owner}",
    ] {
        assert!(written.contains(&own.to_owned()), "{written:#?}");
    }
    let ask = |resource: &str| {
        let statement = format!(r#"{{"Effect":"Allow","Action":"s3:*","Resource":"{resource}"}}"#);
        let set = set(&[&statement], PolicyType::Identity);
        let role = Role {
            name: String::new(),
            stage: alone(&set, PolicyType::Identity, None),
            trust: None,
        };
        answer(&[role], tenancy.clone(), &Facts::default())
    };
    let own = ask("arn:aws:s3:::ml-platform-data/vision/users/${aws:SourceIdentity}/*");
    assert_eq!(
        verdict(&own, Obligation::Access),
        "proved",
        "{}",
        show(&own)
    );
    let all = ask("arn:aws:s3:::ml-platform-data/vision/*");
    assert_eq!(
        verdict(&all, Obligation::Access),
        "violated",
        "{}",
        show(&all)
    );
    replayed(&all);
}

/// A profile's tag that is told by the name of the session alone, as jobs outside of Studio have it.
#[test]
fn a_profile_may_be_told_by_the_name_of_the_session_alone() {
    let own = r#"{"Effect":"Allow","Action":"sagemaker:DescribeTrainingJob","Resource":"*","Condition":{"StringEquals":{
        "aws:ResourceTag/sagemaker:user-profile-arn":
            "arn:aws:sagemaker:us-east-1:123456789012:user-profile/d-vision/${aws:SourceIdentity}"}}}"#;
    let answer = isolation(&[own]);
    assert_eq!(
        verdict(&answer, Obligation::Access),
        "proved",
        "{}",
        show(&answer)
    );
}

const OWN_PROFILE: &str = r#"{"Effect":"Allow","Action":["sagemaker:DescribeUserProfile","sagemaker:DescribeDomain"],"Resource":[
 "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}",
 "arn:aws:sagemaker:us-east-1:123456789012:domain/${sagemaker:DomainId}"]}"#;
const LISTS: &str = r#"{"Effect":"Allow","Action":["sagemaker:ListUserProfiles","sagemaker:ListSpaces"],"Resource":"*"}"#;
const OWN_SPACES: &str = r#"{"Effect":"Allow","Action":["sagemaker:CreateSpace","sagemaker:DeleteSpace","sagemaker:DeleteApp"],"Resource":[
 "arn:aws:sagemaker:us-east-1:123456789012:space/${sagemaker:DomainId}/*",
 "arn:aws:sagemaker:us-east-1:123456789012:app/${sagemaker:DomainId}/*"],
 "Condition":{"ArnLike":{"sagemaker:OwnerUserProfileArn":
   "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;
const SEE_SPACES: &str = r#"{"Effect":"Allow","Action":"sagemaker:DescribeSpace",
 "Resource":"arn:aws:sagemaker:us-east-1:123456789012:space/${sagemaker:DomainId}/*",
 "Condition":{"StringLike":{"sagemaker:ResourceTag/sagemaker:user-profile-arn":
   "arn:aws:sagemaker:us-east-1:123456789012:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName}"}}}"#;

#[test]
fn a_user_profile_is_its_own_persons_and_a_domain_nobodys() {
    let own = isolation(&[JOBS, OWN_PROFILE, LISTS]);
    let access = verdict(&own, Obligation::Access);
    assert_eq!(access, "proved", "{}", show(&own));
    let another = isolation(&[&OWN_PROFILE.replace("${sagemaker:UserProfileName}", "*")]);
    let finding = replayed(&another);
    assert_eq!(finding.obligation, Obligation::Access);
    let resource = &finding.case.as_ref().unwrap()["resource"];
    assert!(
        resource.as_str().unwrap().contains(":user-profile/"),
        "{resource}"
    );
    // Nor does what is said of profiles and domains hide what else carries the tag.
    let jobs = JOBS.replace("${sagemaker:UserProfileName}", "*");
    let another = isolation(&[&jobs, OWN_PROFILE]);
    let finding = replayed(&another);
    let resource = &finding.case.as_ref().unwrap()["resource"];
    assert!(
        resource.as_str().unwrap().contains(":training-job/"),
        "{resource}"
    );
}

#[test]
fn a_private_space_is_its_owners() {
    let own = isolation(&[OWN_SPACES, SEE_SPACES]);
    let access = verdict(&own, Obligation::Access);
    assert_eq!(access, "proved", "{}", show(&own));
    for loose in [
        [
            &OWN_SPACES.replace("${sagemaker:UserProfileName}", "*"),
            SEE_SPACES,
        ],
        [
            OWN_SPACES,
            &SEE_SPACES.replace("${sagemaker:UserProfileName}", "*"),
        ],
    ] {
        let another = isolation(&loose);
        assert_eq!(replayed(&another).obligation, Obligation::Access);
    }
}

/// Tenants with a policy each that spells their name.
fn each_by_name(count: usize, resource: impl Fn(usize) -> String) -> Answer {
    let text = "[identity]\nkeys = [\"aws:SourceIdentity\"]\n[[owned]]\nresource = \"arn:aws:s3:::b/users/${owner}/*\"\n";
    let sets: Vec<PolicySet> = (0..count)
        .map(|number| {
            let statement = format!(
                r#"{{"Effect":"Allow","Action":"s3:GetObject","Resource":"{}"}}"#,
                resource(number)
            );
            set(&[&statement], PolicyType::Identity)
        })
        .collect();
    let roles: Vec<Role<'_>> = sets
        .iter()
        .enumerate()
        .map(|(number, set)| Role {
            name: format!("t{number}"),
            stage: alone(set, PolicyType::Identity, None),
            trust: None,
        })
        .collect();
    let tenancy = Tenancy::read("t.toml", text).unwrap();
    let started = std::time::Instant::now();
    let answer = by_name(&roles, tenancy, &Facts::default());
    println!("{count} tenants by name: {:?}", started.elapsed());
    answer
}

#[test]
fn tenants_with_policies_of_their_own_are_told_by_name() {
    let proved = each_by_name(1_000, |number| format!("arn:aws:s3:::b/users/t{number}/*"));
    assert_eq!(proved.verdict(None), "proved");
    let loose = each_by_name(12, |number| format!("arn:aws:s3:::b/users/t{number}*"));
    let found: Vec<(&str, &str)> = loose
        .findings
        .iter()
        .map(|finding| (finding.role.as_str(), finding.owner[0].1.as_str()))
        .collect();
    assert_eq!(found, [("t1", "t10")]);
    replayed(&loose);
    let wide = each_by_name(3, |number| match number {
        0 => "arn:aws:s3:::b/*".to_owned(),
        _ => format!("arn:aws:s3:::b/users/t{number}/*"),
    });
    assert_eq!(wide.findings.len(), 1);
    assert_eq!(replayed(&wide).role, "t0");
    let other = each_by_name(3, |_| "arn:aws:s3:::b/users/t2/*".to_owned());
    assert_eq!(other.findings.len(), 2);
}

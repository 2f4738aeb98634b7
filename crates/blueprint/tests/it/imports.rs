//! A first blueprint from what an account exports: without mistakes, and open about what could not be told.

use blueprint::{Blueprint, Export, Feature, Imported};

fn import(texts: &[&str]) -> Imported {
    let exports: Vec<_> = texts
        .iter()
        .map(|text| Export {
            name: "export.json",
            text,
        })
        .collect();
    blueprint::import(&exports).unwrap_or_else(|error| panic!("{error}"))
}

fn read(imported: &Imported) -> Blueprint {
    let none = |_: &std::path::Path| Err(std::io::ErrorKind::NotFound.into());
    blueprint::read("imported.toml", &imported.toml, &none)
        .unwrap_or_else(|wrong| panic!("{wrong}\n{}", imported.toml))
}

const IAM: &str = r#"{
  "UserDetailList": [
    {"Arn": "arn:aws:iam::123456789012:user/alice", "UserName": "alice"},
    {"Arn": "arn:aws:iam::123456789012:user/bob", "UserName": "bob"}
  ],
  "GroupDetailList": [],
  "RoleDetailList": [
    {
      "Arn": "arn:aws:iam::123456789012:role/service-role/VisionExec", "RoleName": "VisionExec",
      "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sagemaker:CreateTrainingJob", "sagemaker:createProcessingJob"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
         "Resource": "arn:aws:s3:::ml-data/vision/users/${aws:SourceIdentity}/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::ml-data/shared/*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::everything/*"},
        {"Effect": "Allow", "Action": ["dynamodb:GetItem", "logs:PutLogEvents"], "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Sid": "NoCopies", "Effect": "Deny", "Action": "s3:PutObjectAcl", "Resource": "*"},
        {"Effect": "Deny", "Action": ["a:A", "a:B", "a:C", "a:D"], "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
         "Resource": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:vision/users/${aws:SourceIdentity}/*"},
        {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": "*", "Condition": {"StringLike": {
          "sagemaker:FileSystemId": "fs-0123456789abcdef0",
          "sagemaker:FileSystemDirectoryPath": "/fsx/users/${aws:SourceIdentity}"}}}
      ]}}],
      "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/Bound"},
      "AttachedManagedPolicies": [
        {"PolicyName": "M", "PolicyArn": "arn:aws:iam::123456789012:policy/M"},
        {"PolicyName": "Full", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"}
      ]
    }
  ],
  "Policies": [
    {"Arn": "arn:aws:iam::123456789012:policy/M", "PolicyVersionList": [
      {"IsDefaultVersion": false, "Document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}},
      {"IsDefaultVersion": true,
       "Document": "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22sagemaker%3ACreateEndpoint%22%2C%22Resource%22%3A%22%2A%22%7D%7D"}
    ]}
  ]
}"#;

const DOMAIN: &str = r#"{
  "DomainArn": "arn:aws:sagemaker:eu-west-1:123456789012:domain/d-abc123", "DomainId": "d-abc123",
  "DomainName": "vision",
  "DefaultUserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/service-role/VisionExec"}
}"#;

const PROFILES: &str = r#"{"UserProfiles": [
  {"DomainId": "d-abc123", "UserProfileName": "alice"},
  {"DomainId": "d-abc123", "UserProfileName": "Bob"}
]}"#;

#[test]
fn what_is_told_is_taken_over() {
    let imported = import(&[IAM, DOMAIN, PROFILES]);
    let blueprint = read(&imported);
    assert_eq!(blueprint.region, "eu-west-1");
    let account = &blueprint.accounts[0];
    assert_eq!(account.id, "123456789012");
    assert_eq!(account.users.len(), 2);
    let (domain, team) = (&account.domains[0], &account.teams[0]);
    assert_eq!(
        (domain.name.as_str(), domain.id.as_str()),
        ("vision", "d-abc123")
    );
    assert_eq!(domain.user_profiles.len(), 1);
    assert_eq!(team.execution_role, "VisionExec");
    assert_eq!(
        team.features,
        [
            Feature::Studio,
            Feature::Training,
            Feature::Processing,
            Feature::Inference
        ]
    );
    assert_eq!(team.storage[0].prefix, "vision/users");
    assert_eq!(team.secrets, ["vision/users"]);
    assert_eq!(team.file_systems[0].directory, "/fsx/users");
    assert_eq!(blueprint.shares.len(), 1);
    assert!(!blueprint.shares[0].writable);
}

#[test]
fn what_is_not_told_is_said() {
    let imported = import(&[IAM, DOMAIN, PROFILES]);
    for part in [
        "`Bob` of `vision` is left out",
        "carry no names so far",
        "AmazonSageMakerFullAccess",
        "arn:aws:s3:::everything/*",
        "the type of the file system",
        "a Deny (`NoCopies`) of `s3:PutObjectAcl`, which is not taken over",
        "a Deny of `a:A` and 3 more",
        "actions of `dynamodb`",
        "an Allow with `NotAction`",
        "the permissions boundary `arn:aws:iam::123456789012:policy/Bound`",
    ] {
        assert!(
            imported.notes.iter().any(|note| note.contains(part)),
            "{part}: {:?}",
            imported.notes
        );
        assert!(imported.toml.contains("# not told: "));
    }
    let few = import(&[
        PROFILES,
        r#"{"Domains": [{"DomainId": "d-abc123", "DomainName": "vision",
        "DomainArn": "arn:aws-cn:sagemaker:cn-north-1:123456789012:domain/d-abc123"}]}"#,
    ]);
    let blueprint = read(&few);
    assert_eq!(
        (blueprint.partition.as_str(), blueprint.region.as_str()),
        ("aws-cn", "cn-north-1")
    );
    for part in [
        "the role of the team `vision`",
        "what the team `vision` uses",
        "where members",
    ] {
        assert!(
            few.notes.iter().any(|note| note.contains(part)),
            "{part}: {:?}",
            few.notes
        );
    }
}

#[test]
fn whatever_is_exported_the_blueprint_has_no_mistakes() {
    let domain = |id: &str, name: &str, account: &str| {
        format!(
            r#"{{"DomainArn": "arn:aws:sagemaker:eu-west-1:{account}:domain/{id}", "DomainId": "{id}", "DomainName": "{name}",
                "DefaultUserSettings": {{"ExecutionRole": "arn:aws:iam::123456789012:role/service-role/VisionExec"}}}}"#
        )
    };
    let two = [
        IAM.to_owned(),
        domain("d-one", "Vision", "123456789012"),
        domain("d-two", "vision", "123456789012"),
        domain("d-three", "a very \\\"odd\\\" name", "210987654321"),
        r#"{"Buckets": [{"Name": "ml-data"}, {"Name": "Not_A_Bucket"}]}"#.to_owned(),
        r#"{"SecretList": [{"Name": "vision/users/alice/token"}]}"#.to_owned(),
        r#"{"FileSystems": [{"FileSystemId": "fs-0123456789abcdef0", "FileSystemType": "LUSTRE"}]}"#.to_owned(),
        r#"{"Aliases": [{"AliasName": "alias/mine"}, {"AliasName": "alias/aws/s3"}]}"#.to_owned(),
        r#"{"trailList": [{"Name": "main", "S3BucketName": "trail-bucket"}, {"Name": "a-trail", "S3BucketName": "trail-bucket"}]}"#
            .to_owned(),
        r#"{"Organization": {"Id": "o-a1b2c3d4e5", "MasterAccountId": "999999999999"}}"#.to_owned(),
    ];
    let texts: Vec<&str> = two.iter().map(String::as_str).collect();
    let imported = import(&texts);
    let blueprint = read(&imported);
    assert_eq!(blueprint.accounts.len(), 2);
    let teams: usize = blueprint
        .accounts
        .iter()
        .map(|account| account.teams.len())
        .sum();
    assert_eq!(teams, 3);
    assert!(
        imported
            .notes
            .iter()
            .any(|note| note.contains("shared with another domain"))
    );
    assert!(
        imported
            .notes
            .iter()
            .any(|note| note.contains("reaches into"))
    );
}

#[test]
fn what_is_nothing_known_is_refused() {
    let refused = |text: &str| {
        let export = Export {
            name: "a.json",
            text,
        };
        blueprint::import(&[export]).unwrap_err().to_string()
    };
    assert!(refused("{").contains("`a.json` is not JSON"));
    assert!(refused("{}").contains("`a.json` is nothing known"));
    assert!(refused(r#"{"Buckets": []}"#).contains("which account"));
}

/// Policies alone tell who has what of their own, and not where they work.
#[test]
fn a_role_of_people_without_a_domain_is_told() {
    let imported = import(&[IAM]);
    assert!(read(&imported).accounts[0].teams.is_empty());
    for part in [
        "`aws sagemaker list-domains`",
        "works with `arn:aws:iam::123456789012:role/service-role/VisionExec`",
    ] {
        assert!(
            imported.notes.iter().any(|note| note.contains(part)),
            "{:?}",
            imported.notes
        );
    }
    let whole = import(&[IAM, DOMAIN]);
    assert!(
        whole
            .notes
            .iter()
            .all(|note| !note.contains("which domain works")),
        "{:?}",
        whole.notes
    );
}

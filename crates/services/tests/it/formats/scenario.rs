//! A platform on which much has happened, so that there is at least one record of nearly every kind.

use cloudtrail::Schedule;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::bucket::Bucket;
use testkit::documents::allow;
use testkit::team::{Team, job, policy, role};
use testkit::{ACCOUNT, Answer, Credentials, OTHER_ACCOUNT, REGION, World};

/// Lets it all happen.
pub(super) fn play() -> Team {
    let team = Team::new();
    let world = &team.world;
    services::migrate(&world.platform).unwrap();
    people(world);
    providers(world);
    organization(world);
    keys(world);
    secrets(world);
    bucket_settings(world);
    objects(world);
    encrypted_objects(world);
    objects_of_others(world);
    locked_objects(world);
    trails(world);
    team.root("CreateTrainingJob", &job("train", "Exec"))
        .checked();
    let tags = json!({"ResourceArn": testkit::team::arn("training-job/train"),
                      "Tags": [{"Key": "team", "Value": "vision"}]});
    team.root("AddTags", &tags).checked();
    let _ = team.studio("d-vision", "alice");
    team
}

/// Calls an operation of IAM as the root user.
fn iam(world: &World, operation: &str, input: &[(&str, &str)]) -> Answer {
    world.query(world.root(), "iam", operation, input).checked()
}

/// Calls an operation of a JSON service as the root user.
fn ask(world: &World, service: &str, operation: &str, input: &Value) -> Value {
    let answer = world
        .json(world.root(), service, operation, input)
        .checked();
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

fn people(world: &World) {
    let document = allow(&["s3:*"], "*").to_string();
    let input = [
        ("PolicyName", "Data"),
        ("PolicyDocument", &document),
        ("Path", "/team/"),
        ("Description", "what data people need"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "vision"),
    ];
    let arn = iam(world, "CreatePolicy", &input).xml("Arn");
    let input = [("PolicyArn", arn.as_str()), ("PolicyDocument", &document)];
    iam(world, "CreatePolicyVersion", &input);
    let input = [
        ("UserName", "dana"),
        ("Path", "/team/"),
        ("PermissionsBoundary", &arn),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "vision"),
    ];
    iam(world, "CreateUser", &input);
    let _ = world.user("eve");
    iam(world, "CreateGroup", &[("GroupName", "readers")]);
    for (operation, more) in [
        ("AddUserToGroup", ("UserName", "dana")),
        ("AttachGroupPolicy", ("PolicyArn", arn.as_str())),
    ] {
        iam(world, operation, &[("GroupName", "readers"), more]);
    }
    let attached = [("UserName", "dana"), ("PolicyArn", arn.as_str())];
    iam(world, "AttachUserPolicy", &attached);
    world.put_policy("User", "dana", &allow(&["kms:*"], "*"));
    world.put_policy("Group", "readers", &allow(&["kms:*"], "*"));
    let trusted = policy(&json!([{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/team/dana")},
    }]));
    let input = [
        ("RoleName", "Deploy"),
        ("AssumeRolePolicyDocument", &trusted.to_string()),
        ("Description", "deploys"),
        ("PermissionsBoundary", &arn),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "vision"),
    ];
    iam(world, "CreateRole", &input);
    let attached = [("RoleName", "Deploy"), ("PolicyArn", arn.as_str())];
    iam(world, "AttachRolePolicy", &attached);
    iam(world, "GenerateCredentialReport", &[]);
    let whose = format!("arn:aws:iam::{ACCOUNT}:role/Deploy");
    let input = [("Arn", whose.as_str())];
    iam(world, "GenerateServiceLastAccessedDetails", &input);
    let profile = ("InstanceProfileName", "Nodes");
    iam(world, "CreateInstanceProfile", &[profile]);
    iam(
        world,
        "AddRoleToInstanceProfile",
        &[profile, ("RoleName", "Deploy")],
    );
}

fn providers(world: &World) {
    let input = [
        ("Url", "https://token.example.com/realms/ml"),
        ("ClientIDList.member.1", "app"),
        (
            "ThumbprintList.member.1",
            "990F4193972F2BECF12DDEDA5237F9C952F20D9E",
        ),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "vision"),
    ];
    iam(world, "CreateOpenIDConnectProvider", &input);
    let padding = "x".repeat(1_000);
    let metadata = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"idp\" \
         validUntil=\"2030-01-01T00:00:00Z\"><IDPSSODescriptor/><!-- {padding} --></EntityDescriptor>"
    );
    let input = [("Name", "idp"), ("SAMLMetadataDocument", &metadata)];
    iam(world, "CreateSAMLProvider", &input);
    iam(
        world,
        "CreateAccountAlias",
        &[("AccountAlias", "ml-platform")],
    );
    let input = [("MinimumPasswordLength", "12"), ("MaxPasswordAge", "90")];
    iam(world, "UpdateAccountPasswordPolicy", &input);
}

fn organization(world: &World) {
    let org = |operation: &str, input: Value| ask(world, "organizations", operation, &input);
    org("CreateOrganization", json!({}));
    let target = json!({"Target": {"Type": "ACCOUNT", "Id": OTHER_ACCOUNT}, "Notes": "welcome"});
    let invite = || org("InviteAccountToOrganization", target.clone())["Handshake"]["Id"].clone();
    for answer in ["DeclineHandshake", "AcceptHandshake"] {
        let named = json!({"HandshakeId": invite()});
        world
            .json(world.other_root(), "organizations", answer, &named)
            .checked();
    }
    let root = org("ListRoots", json!({}))["Roots"][0]["Id"].clone();
    let unit = org(
        "CreateOrganizationalUnit",
        json!({"ParentId": root, "Name": "Research"}),
    );
    org(
        "CreateAccount",
        json!({"Email": "ml@example.com", "AccountName": "ML"}),
    );
    let refused = json!({"Email": "ml@example.com", "AccountName": "ML again"});
    org("CreateAccount", refused);
    let kind = "SERVICE_CONTROL_POLICY";
    let other = json!({"RootId": root, "PolicyType": "RESOURCE_CONTROL_POLICY"});
    org("EnablePolicyType", other);
    let content = allow(&["*"], "*").to_string();
    let tags = json!([{"Key": "team", "Value": "vision"}]);
    let made = org(
        "CreatePolicy",
        json!({"Type": kind, "Name": "All", "Description": "all of it", "Content": content,
               "Tags": tags}),
    );
    let attach = json!({
        "PolicyId": made["Policy"]["PolicySummary"]["Id"],
        "TargetId": unit["OrganizationalUnit"]["Id"],
    });
    org("AttachPolicy", attach);
}

fn keys(world: &World) {
    let kms = |operation: &str, input: Value| ask(world, "kms", operation, &input);
    let make = json!({"Description": "for data", "Tags": [{"TagKey": "team", "TagValue": "a"}]});
    let key = kms("CreateKey", make)["KeyMetadata"]["KeyId"].clone();
    kms(
        "CreateAlias",
        json!({"AliasName": "alias/data", "TargetKeyId": key}),
    );
    let rotate = json!({"KeyId": key, "RotationPeriodInDays": 100});
    kms("EnableKeyRotation", rotate);
    kms("RotateKeyOnDemand", json!({"KeyId": key}));
    let grantee = format!("arn:aws:iam::{ACCOUNT}:user/team/dana");
    let grant = |more: Value| {
        let input = json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": ["Encrypt"]});
        kms("CreateGrant", testkit::team::with(input, more));
    };
    grant(json!({}));
    for constraint in ["EncryptionContextSubset", "EncryptionContextEquals"] {
        grant(json!({
            "Name": constraint, "RetiringPrincipal": role("Deploy"),
            "Constraints": {constraint: {"tenant": "a"}},
        }));
    }
    let hmac = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
    let old = kms("CreateKey", hmac)["KeyMetadata"]["KeyId"].clone();
    let end = json!({"KeyId": old, "PendingWindowInDays": 7});
    kms("ScheduleKeyDeletion", end);
}

fn secrets(world: &World) {
    let call = |operation: &str, input: Value| ask(world, "secretsmanager", operation, &input);
    let make = json!({
        "Name": "token", "SecretString": "a", "Description": "for the registry",
        "KmsKeyId": "alias/data", "Tags": [{"Key": "team", "Value": "vision"}],
    });
    call("CreateSecret", make);
    call(
        "PutSecretValue",
        json!({"SecretId": "token", "SecretString": "b"}),
    );
    call("GetSecretValue", json!({"SecretId": "token"}));
    let reader = policy(&json!([{
        "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        "Principal": {"AWS": role("Deploy")},
    }]));
    let put = json!({"SecretId": "token", "ResourcePolicy": reader.to_string()});
    call("PutResourcePolicy", put);
    call(
        "CreateSecret",
        json!({"Name": "old", "SecretBinary": "AAE="}),
    );
    call("DeleteSecret", json!({"SecretId": "old"}));
}

fn bucket_settings(world: &World) {
    let bucket = Bucket::new(world, "settings");
    bucket.open();
    let put = |what: &str, headers: &[(&str, &str)], body: &str| {
        bucket
            .call(world.root(), "PUT", what, headers, body)
            .checked();
    };
    put(
        "?tagging",
        &[],
        "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>",
    );
    put(
        "?cors",
        &[],
        "<CORSConfiguration><CORSRule><ID>r</ID><AllowedMethod>GET</AllowedMethod>\
         <AllowedOrigin>*</AllowedOrigin><AllowedHeader>*</AllowedHeader>\
         <ExposeHeader>etag</ExposeHeader><MaxAgeSeconds>5</MaxAgeSeconds></CORSRule>\
         </CORSConfiguration>",
    );
    put(
        "?lifecycle",
        &[],
        "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><And>\
         <Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>\
         <Expiration><Days>3</Days></Expiration></Rule>\
         <Rule><Status>Disabled</Status><Filter><Prefix>b/</Prefix></Filter>\
         <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
         </NoncurrentVersionExpiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>1\
         </DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>",
    );
    put(
        "?ownershipControls",
        &[],
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
         </OwnershipControls>",
    );
    put("?acl", &[("x-amz-acl", "public-read")], "");
    put("/shown", &[("x-amz-acl", "public-read")], "text");
    bucket
        .policy(&json!([{
            "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::settings/*",
            "Principal": {"AWS": role("Deploy")},
        }]))
        .checked();
}

fn objects(world: &World) {
    let bucket = Bucket::new(world, "data");
    let call = |method: &str, path: &str, body: &str| {
        bucket.call(world.root(), method, path, &[], body).checked()
    };
    let large = "x".repeat(5 << 20);
    call("PUT", "/plain", "text");
    call("PUT", "/large", &large);
    call(
        "PUT",
        "?versioning",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    );
    let headers = [
        ("content-type", "text/plain"),
        ("x-amz-meta-team", "vision"),
        ("x-amz-tagging", "team=vision"),
        ("x-amz-checksum-algorithm", "SHA256"),
    ];
    bucket.put_with("plain", "other", &headers).checked();
    call("DELETE", "/plain", "");
    bucket.put_with("plain", "again", &headers).checked();
    call("DELETE", "/gone", "");
    let begin = |path: &str| {
        let begun = bucket.call(world.root(), "POST", path, &headers[..3], "");
        begun.checked().xml("UploadId")
    };
    let id = begin("/whole?uploads");
    let part = call("PUT", &format!("/whole?uploadId={id}&partNumber=1"), &large);
    let etag = part.headers["etag"].to_str().unwrap();
    let list = format!(
        "<CompleteMultipartUpload><Part><ETag>{etag}</ETag><PartNumber>1</PartNumber></Part>\
         </CompleteMultipartUpload>"
    );
    call("POST", &format!("/whole?uploadId={id}"), &list);
    let id = begin("/open?uploads");
    call("PUT", &format!("/open?uploadId={id}&partNumber=2"), "end");
}

fn objects_of_others(world: &World) {
    let bucket = Bucket::new(world, "taken");
    let call = |who: &Credentials, method: &str, path: &str, body: &str| {
        bucket.call(who, method, path, &[], body).checked()
    };
    call(
        world.root(),
        "PUT",
        "?ownershipControls",
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>\
         </OwnershipControls>",
    );
    bucket
        .policy(&json!([{
            "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::taken/*",
            "Principal": {"AWS": OTHER_ACCOUNT},
        }]))
        .checked();
    call(world.other_root(), "PUT", "/k", "text");
    call(world.other_root(), "POST", "/parts?uploads", "");
}

fn locked_objects(world: &World) {
    let lock = [("x-amz-bucket-object-lock-enabled", "true")];
    let root = world.root();
    world
        .http(root, "s3", "PUT", "/locked", &lock, "".into())
        .checked();
    let bucket = Bucket::new(world, "locked");
    let rule = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
                <DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule>\
                </ObjectLockConfiguration>";
    bucket
        .call(root, "PUT", "?object-lock", &[], rule)
        .checked();
    let held = [("x-amz-object-lock-legal-hold", "ON")];
    bucket.put_with("k", "text", &held).checked();
    bucket.put("k", "other").checked();
    bucket
        .call(root, "POST", "/parts?uploads", &held, "")
        .checked();
}

fn encrypted_objects(world: &World) {
    let bucket = Bucket::new(world, "sealed");
    let rule = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/aws/s3</KMSMasterKeyID>\
                </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>\
                <BlockedEncryptionTypes><EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes>\
                </Rule></ServerSideEncryptionConfiguration>";
    let call = |method: &str, path: &str, body: &str| {
        bucket.call(world.root(), method, path, &[], body).checked()
    };
    let account = [("x-amz-account-id", ACCOUNT)];
    let path = "/v20180820/configuration/publicAccessBlock";
    let body = "<PublicAccessBlockConfiguration><IgnorePublicAcls>true</IgnorePublicAcls>\
                </PublicAccessBlockConfiguration>";
    let root = world.root();
    world
        .http(root, "s3control", "PUT", path, &account, body.into())
        .checked();
    bucket.put_with("k", "text", &[("x-amz-server-side-encryption", "aws:kms")]);
    call("PUT", "?encryption", rule);
    let prefix = "x-amz-server-side-encryption-customer";
    let own_key = [
        (format!("{prefix}-algorithm"), "AES256"),
        (
            format!("{prefix}-key"),
            "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
        ),
        (format!("{prefix}-key-md5"), "4Funlf7OsLF0HL+vKU+fkg=="),
    ];
    let own_key = own_key
        .each_ref()
        .map(|(name, value)| (name.as_str(), *value));
    bucket.put_with("own", "text", &own_key).checked();
    let begun = [("x-amz-server-side-encryption", "aws:kms")];
    let begun = bucket.call(world.root(), "POST", "/parts?uploads", &begun, "");
    let id = begun.checked().xml("UploadId");
    call("PUT", &format!("/parts?uploadId={id}&partNumber=1"), "part");
}

fn trails(world: &World) {
    let bucket = Bucket::new(world, "logs");
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    bucket
        .policy(&json!([
            {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl",
             "Resource": "arn:aws:s3:::logs"},
            {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject",
             "Resource": "arn:aws:s3:::logs/*"},
        ]))
        .checked();
    let call = |operation: &str, input: Value| ask(world, "cloudtrail", operation, &input);
    let tags = json!([{"Key": "team", "Value": "vision"}]);
    for name in ["all", "brief"] {
        let make = json!({"Name": name, "S3BucketName": "logs", "S3KeyPrefix": name,
                          "IsMultiRegionTrail": true, "TagsList": tags});
        call("CreateTrail", make);
        call("StartLogging", json!({"Name": name}));
    }
    let basic = json!([{
        "ReadWriteType": "All", "IncludeManagementEvents": true,
        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::data/"]}],
    }]);
    call(
        "PutEventSelectors",
        json!({"TrailName": "all", "EventSelectors": basic}),
    );
    let advanced = json!([{
        "Name": "management",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Management"]},
            {"Field": "readOnly", "Equals": ["false"]},
        ],
    }]);
    call(
        "PutEventSelectors",
        json!({"TrailName": "brief", "AdvancedEventSelectors": advanced}),
    );
    world.clock.advance(SignedDuration::from_mins(6));
    cloudtrail::deliver(&world.platform, &Schedule::default());
    call("StopLogging", json!({"Name": "all"}));
    call("StartLogging", json!({"Name": "all"}));
    call("DeleteTrail", json!({"Name": "brief"}));
    let home = json!(format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/all"));
    assert_eq!(
        call("GetTrail", json!({"Name": "all"}))["Trail"]["TrailARN"],
        home
    );
}

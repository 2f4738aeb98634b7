//! Policies that AWS itself manages.

use jiff::Timestamp;

/// A policy that AWS itself manages and that this platform knows.
#[derive(Debug)]
pub struct AwsManaged {
    /// Its name.
    pub name: &'static str,
    /// Its path.
    pub path: &'static str,
    /// Its unique id, which is the same everywhere.
    pub id: &'static str,
    /// When AWS made it, in seconds since 1970.
    created: i64,
    /// What it says.
    pub document: &'static str,
}

impl AwsManaged {
    /// `arn:P:iam::aws:policy/PATH/NAME`, in every account.
    #[must_use]
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// When AWS made it.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        Timestamp::from_second(self.created).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// By name.
static ALL: &[AwsManaged] = &[
    AwsManaged {
        name: "AWSDenyAll",
        path: "/",
        id: "ANPAZKAPJZG4P43IUQ5E5",
        created: 1_556_750_174,
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AdministratorAccess",
        path: "/",
        id: "ANPAIWMBCKSKIEE64ZLYK",
        created: 1_423_247_986,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AmazonS3FullAccess",
        path: "/",
        id: "ANPAIFIR6V6BVTRAHWINE",
        created: 1_423_248_058,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AmazonS3ReadOnlyAccess",
        path: "/",
        id: "ANPAIZTJ4DXE7G6AGAE6M",
        created: 1_423_248_059,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#,
    },
];

/// The policies that AWS itself manages and this platform knows, by name.
#[must_use]
pub fn all_aws_managed() -> &'static [AwsManaged] {
    ALL
}

/// The policy of AWS's own with this ARN. Only its one ARN in `partition` finds it: under another it
/// would escape policies that name it.
#[must_use]
pub fn aws_managed(partition: &str, arn: &str) -> Option<&'static AwsManaged> {
    let rest = arn.strip_prefix("arn:")?.strip_prefix(partition)?;
    let named = rest.strip_prefix(":iam::aws:policy")?;
    ALL.iter()
        .find(|policy| named.strip_prefix(policy.path) == Some(policy.name))
}

//! Condition keys that the IAM User Guide describes and that no service lists.
//!
//! Source: "AWS global condition context keys". Keys that the generated tables hold do not belong
//! here; a test finds them.

use super::key::{ConditionKey, KeyType};
use super::text::Text;
use KeyType::{Arn, Bool, Date, IpAddress, Numeric, String};

/// One key: name, type, and whether multivalued.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row(&'static str, KeyType, bool);

impl Row {
    pub(super) const fn key(&self) -> ConditionKey {
        ConditionKey::new(Text::plain(self.0), self.1, self.2)
    }
}

/// The keys, in the order of the guide.
pub(super) const KEYS: &[Row] = &[
    // Properties of the principal.
    Row("aws:PrincipalArn", Arn, false),
    Row("aws:PrincipalAccount", String, false),
    Row("aws:PrincipalOrgID", String, false),
    Row("aws:PrincipalOrgPaths", String, true),
    Row("aws:PrincipalTag/${TagKey}", String, false),
    Row("aws:PrincipalIsAWSService", Bool, false),
    Row("aws:PrincipalServiceName", String, false),
    Row("aws:PrincipalServiceNamesList", String, true),
    Row("aws:PrincipalType", String, false),
    Row("aws:userid", String, false),
    Row("aws:username", String, false),
    // Properties of a role session.
    Row("aws:AssumedRoot", Bool, false),
    Row("aws:FederatedProvider", String, false),
    Row("aws:TokenIssueTime", Date, false),
    Row("aws:MultiFactorAuthAge", Numeric, false),
    Row("aws:MultiFactorAuthPresent", Bool, false),
    Row("aws:SourceIdentity", String, false),
    Row("aws:SignInSessionArn", Arn, false),
    Row("aws:ChatbotSourceArn", Arn, false),
    Row("aws:Ec2InstanceSourceVpc", String, false),
    Row("aws:Ec2InstanceSourcePrivateIPv4", IpAddress, false),
    Row("aws:ViaCustomerDomain", String, false),
    // Properties of the network.
    Row("aws:SourceIp", IpAddress, false),
    Row("aws:SourceVpc", String, false),
    Row("aws:SourceVpce", String, false),
    Row("aws:SourceVpcArn", Arn, false),
    Row("aws:VpceAccount", String, false),
    Row("aws:VpceOrgID", String, false),
    Row("aws:VpceOrgPaths", String, true),
    Row("aws:VpcSourceIp", IpAddress, false),
    // Properties of the resource.
    Row("aws:ResourceAccount", String, false),
    Row("aws:ResourceOrgID", String, false),
    Row("aws:ResourceOrgPaths", String, true),
    // Properties of the request.
    Row("aws:CalledVia", String, true),
    Row("aws:CalledViaFirst", String, false),
    Row("aws:CalledViaLast", String, false),
    Row("aws:ViaAWSService", Bool, false),
    Row("aws:CalledViaAWSMCP", String, false),
    Row("aws:ViaAWSMCPService", Bool, false),
    Row("aws:IsMcpServiceAction", Bool, false),
    Row("aws:CurrentTime", Date, false),
    Row("aws:EpochTime", Date, false),
    Row("aws:RequestedRegion", String, false),
    Row("aws:SecureTransport", Bool, false),
    Row("aws:referer", String, false),
    Row("aws:UserAgent", String, false),
    Row("aws:SourceAccount", String, false),
    Row("aws:SourceArn", Arn, false),
    Row("aws:SourceOrgID", String, false),
    Row("aws:SourceOrgPaths", String, true),
];

/// The key that a name means.
pub(super) fn key(name: &str) -> Option<ConditionKey> {
    KEYS.iter().map(Row::key).find(|key| key.covers(name))
}

//! The sentence of each denial (IAM User Guide, "Troubleshoot access denied error messages").

use crate::evaluation::{OBJECT, ROLE, SESSION, request, set, statement};
use policy::PolicyType::{
    Boundary, Identity, Key, Resource as ResourceBased, ResourceControl, ServiceControl, Session,
    Trust, VpcEndpoint,
};
use policy::{Policies, PolicySet, PolicyType, explain};

const WHO: &str =
    "User: arn:aws:sts::111122223333:assumed-role/Exec/alice is not authorized to perform: ";

/// Why AWS says that an action is denied by a type of policy.
fn reason(policy_type: PolicyType, explicit: bool, action: &str) -> Option<String> {
    let (article, name) = match policy_type {
        Identity => ("an", "identity-based policy"),
        Boundary => ("a", "permissions boundary"),
        Session => ("a", "session policy"),
        ResourceBased | Key => ("a", "resource-based policy"),
        Trust => ("the", "role trust policy"),
        ServiceControl => ("a", "service control policy"),
        // It always allows, by `RCPFullAWSAccess`.
        ResourceControl if !explicit => return None,
        ResourceControl => ("a", "resource control policy"),
        VpcEndpoint => ("a", "VPC endpoint policy"),
    };
    Some(match explicit {
        true => format!("with an explicit deny in {article} {name}"),
        false => format!("because no {name} allows the {action} action"),
    })
}

#[test]
fn each_denial_has_the_sentence_of_aws() {
    for lacking in PolicyType::ALL {
        for effect in ["Deny", "Allow"] {
            let (action, resource, kind) = match lacking {
                Trust => ("sts:AssumeRole", ROLE, Trust),
                Key => (
                    "kms:Decrypt",
                    "arn:aws:kms:us-east-1:111122223333:key/1",
                    Key,
                ),
                _ => ("s3:GetObject", OBJECT, ResourceBased),
            };
            // Every other layer allows; this one denies, or lacks its Allow.
            let layer = |policy_type| {
                let statements = match (policy_type == lacking, effect) {
                    (false, _) => {
                        statement(policy_type, "Allow", "{\"AWS\": \"111122223333\"}", true)
                    }
                    (true, "Deny") => statement(policy_type, "Deny", "\"*\"", true),
                    (true, _) => statement(policy_type, "Allow", "\"*\"", false),
                };
                set(policy_type, &statements)
            };
            let (identity, boundary, session) = (layer(Identity), layer(Boundary), layer(Session));
            let (endpoint, resource_policy) = (layer(VpcEndpoint), layer(kind));
            let scps = [layer(ServiceControl)];
            let rcps = [if lacking == ResourceControl {
                layer(ResourceControl)
            } else {
                PolicySet::default()
            }];
            let policies = Policies {
                identity: Some(&identity),
                boundary: Some(&boundary),
                session: Some(&session),
                resource: Some(&resource_policy),
                endpoint: Some(&endpoint),
                service_control: &scps,
                resource_control: &rcps,
                management_account: None,
            };
            // Nobody needs a resource-based policy in the own account, and RCPs never lack an Allow.
            let owner = if lacking == ResourceBased {
                "999988887777"
            } else {
                "111122223333"
            };
            let request = request(SESSION, action, resource, owner);
            let found = explain(&policies, &request).message();
            let reason = reason(lacking, effect == "Deny", action);
            let expected = reason.map(|why| format!("{WHO}{action} on resource: {resource} {why}"));
            assert_eq!(found, expected, "{lacking:?} {effect}");
        }
    }
    let request = request(SESSION, "s3:ListAllMyBuckets", "*", "111122223333");
    let expected = format!(
        "{WHO}s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action"
    );
    assert_eq!(
        explain(&Policies::default(), &request).message(),
        Some(expected)
    );
}

//! Every rule of the grammar: a policy that breaks it, refused at its place and for its reason alone, and one that keeps it
//! (IAM User Guide, "JSON policy element reference", "Grammar of the IAM JSON policy language").

use policy::PolicyType::{
    Boundary, Identity, Key, Resource, ResourceControl, ServiceControl, Session, Trust, VpcEndpoint,
};
use policy::options::{BoolVariables, EmptyValueList, MissingVersion};
use policy::text::Source;
use policy::{Document, Limits, Options, PolicyType};

/// A type of policy, a text in which `¶` stands before what is refused, the reason, and a text that is accepted. A text is a
/// whole policy, or the members of a statement.
type Rule = (PolicyType, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const RULES: &[Rule] = &[
    // The policy.
    (Identity, r#"¶[]"#, "a policy is an object, not a list", r#"{"Statement": []}"#),
    (Identity, r#"{"Statement": [], ¶"Statment": 1}"#, "`Statment` is no element of a policy", r#"{"Statement": [], "Version": "2012-10-17"}"#),
    (Identity, r#"{"Id": ¶"x", "Statement": []}"#, "an identity-based policy has no `Id`", r#"{"Statement": []}"#),
    (Boundary, r#"{"Id": ¶"x", "Statement": []}"#, "a permissions boundary has no `Id`", r#"{"Statement": []}"#),
    (Identity, r#"¶{"Version": "2012-10-17"}"#, "the policy has no `Statement`", r#"{"Version": "2012-10-17", "Statement": []}"#),
    (Identity, r#"{"Version": ¶"2012-10-18", "Statement": []}"#, "`2012-10-18` is no version of the policy language", r#"{"Version": "2008-10-17", "Statement": []}"#),
    (Identity, r#"{"Version": ¶2012, "Statement": []}"#, "`Version` is a string, not a number", r#"{"Version": "2012-10-17", "Statement": []}"#),
    (Resource, r#"{"Id": ¶["x"], "Statement": []}"#, "`Id` is a string, not a list", r#"{"Id": "a b", "Statement": []}"#),
    (Identity, r#"{"Statement": [¶"x"]}"#, "a statement is an object, not a string", r#"{"Statement": []}"#),
    (Identity, r#"{"Statement": ¶null}"#, "a statement is an object, not null", r#"{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#),
    (ResourceControl, r#"¶{"Statement": []}"#, "a resource control policy needs `Version` 2012-10-17", r#"{"Version": "2012-10-17", "Statement": []}"#),
    // The statement.
    (Identity, r#""Effect": "Deny", ¶"Actions": [], "Action": "*", "Resource": "*""#, "`Actions` is no element of a statement", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", ¶"effect": "x", "Action": "*", "Resource": "*""#, "`effect` is no element of a statement", r#""Sid": "any text", "Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Sid": ¶1, "Action": "*", "Resource": "*""#, "`Sid` is a string, not a number", r#""Effect": "Deny", "Sid": "", "Action": "*", "Resource": "*""#),
    (Identity, r#""Effect": ¶"allow", "Action": "*", "Resource": "*""#, "`allow` is no effect; upper and lower case count", r#""Effect": "Allow", "Action": "*", "Resource": "*""#),
    (Identity, r#""Effect": ¶true, "Action": "*", "Resource": "*""#, "`Effect` is a string, not a boolean", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Identity, r#"¶"Action": "*", "Resource": "*""#, "the statement has no `Effect`", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    // Actions.
    (Identity, r#"¶"Effect": "Deny", "Resource": "*""#, "the statement has neither `Action` nor `NotAction`", r#""Effect": "Deny", "NotAction": [], "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "NotAction": ¶"s3:*", "Resource": "*""#, "a statement has either `Action` or `NotAction`, not both", r#""Effect": "Deny", "NotAction": "s3:*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶{}, "Resource": "*""#, "`Action` is a string or a list of strings, not an object", r#""Effect": "Deny", "Action": [], "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "NotAction": ["s3:*", ¶7], "Resource": "*""#, "`NotAction` is a string, not a number", r#""Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"GetObject", "Resource": "*""#, "`GetObject`: an action is `service:Name`, or `*`", r#""Effect": "Deny", "Action": "s3:GetObject", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s3:", "Resource": "*""#, "`s3:`: a service and a name are needed, with a colon between them", r#""Effect": "Deny", "Action": "s3:*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶":Get", "Resource": "*""#, "`:Get`: a service and a name are needed, with a colon between them", r#""Effect": "Deny", "Action": "s3:?et*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s*:Get", "Resource": "*""#, "`s*:Get`: the service of an action has no wildcards", r#""Effect": "Deny", "Action": "S3:g?t*", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"**", "Resource": "*""#, "`**`: an action is `service:Name`, or `*`", r#""Effect": "Deny", "Action": ["*"], "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s 3:Get", "Resource": "*""#, "`s 3:Get`: the service holds a character that no service has", r#""Effect": "Deny", "Action": "s3-x.y:Get", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s3:Get:x", "Resource": "*""#, "`s3:Get:x`: the name holds a character that no action has", r#""Effect": "Deny", "Action": "s3:Get-x_1", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s3:Gét", "Resource": "*""#, "`s3:Gét`: the name holds a character that no action has", r#""Effect": "Deny", "Action": "s3:G?t", "Resource": "*""#),
    (Identity, r#""Effect": "Deny", "Action": ¶"s3:${aws:username}", "Resource": "*""#, "`s3:${aws:username}`: variables are not allowed in actions", r#""Effect": "Deny", "Action": "s3:Get", "Resource": "*""#),
    // Resources.
    (Identity, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has neither `Resource` nor `NotResource`", r#""Effect": "Deny", "Action": "*", "NotResource": []"#),
    (Session, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has neither `Resource` nor `NotResource`", r#""Effect": "Deny", "Action": "*", "Resource": []"#),
    (ServiceControl, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has neither `Resource` nor `NotResource`", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (ResourceControl, r#"¶"Effect": "Deny", "Principal": "*", "Action": "s3:*""#, "the statement has neither `Resource` nor `NotResource`", r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::b""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "NotResource": ¶"*""#, "a statement has either `Resource` or `NotResource`, not both", r#""Effect": "Deny", "Action": "*", "NotResource": "*""#),
    (Trust, r#""Effect": "Deny", "Principal": "*", "Action": "*", "Resource": ¶"*""#, "a role trust policy has no `Resource`: it belongs to its role", r#""Effect": "Deny", "Principal": "*", "Action": "*""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": [¶"bucket"]"#, "`bucket` is neither `*` nor an ARN", r#""Effect": "Deny", "Action": "*", "Resource": ["arn:aws:s3:::bucket"]"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": ¶"ARN:aws:s3:::b""#, "`ARN:aws:s3:::b` is neither `*` nor an ARN", r#""Effect": "Deny", "Action": "*", "Resource": "arn:AWS:S3:::b""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": ¶"arn:aws:s*:::b""#, "`arn:aws:s*:::b` has a wildcard in the service", r#""Effect": "Deny", "Action": "*", "Resource": "arn:*:s3:?:*:b""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": ¶"arn:aws:*""#, "`arn:aws:*` has a wildcard in the service", r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": ¶"arn:aws:s3::${aws:PrincipalAccount}:b""#, "`arn:aws:s3::${aws:PrincipalAccount}:b` has a variable before the fifth colon", r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalAccount}:b""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": ¶"arn:aws:s3:${aws:x}""#, "`arn:aws:s3:${aws:x}` has a variable before the fifth colon", r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:*""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::ü/¶${aws:x""#, "`${aws:x`: the variable has no closing brace", r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::ü/${aws:x}""#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::¶${}""#, "`${}`: the variable is empty", r#""Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::${$}{}""#),
    // Principals.
    (Resource, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has no `Principal`, which a resource-based policy needs", r#""Effect": "Deny", "Principal": {}, "Action": "*""#),
    (Trust, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has no `Principal`, which a role trust policy needs", r#""Effect": "Deny", "Principal": "*", "Action": "*""#),
    (Key, r#"¶"Effect": "Deny", "Action": "*""#, "the statement has no `Principal`, which a resource-based policy needs", r#""Effect": "Deny", "NotPrincipal": "*", "Action": "*""#),
    (ResourceControl, r#"¶"Effect": "Deny", "Action": "s3:*", "Resource": "*""#, "the statement has no `Principal`, which a resource control policy needs", r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*""#),
    (VpcEndpoint, r#""Effect": "Deny", "Principal": ¶1, "Action": "*""#, "a principal is an object, not a number", r#""Effect": "Deny", "Action": "*""#),
    (Identity, r#""Effect": "Deny", "Principal": ¶"*", "Action": "*", "Resource": "*""#, "an identity-based policy has no `Principal`: it is attached to whom it is for", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Boundary, r#""Effect": "Deny", "NotPrincipal": ¶"*", "Action": "*", "Resource": "*""#, "a permissions boundary has no `NotPrincipal`: it is attached to whom it is for", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (ServiceControl, r#""Effect": "Deny", "Principal": ¶"*", "Action": "*", "Resource": "*""#, "a service control policy has no `Principal`: it is attached to whom it is for", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Session, r#""Effect": "Deny", "Principal": ¶"*", "Action": "*", "Resource": "*""#, "a session policy has no `Principal`: it is attached to whom it is for", r#""Effect": "Deny", "Action": "*", "Resource": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": "*", "NotPrincipal": ¶"*", "Action": "*""#, "a statement has either `Principal` or `NotPrincipal`, not both", r#""Effect": "Deny", "NotPrincipal": "*", "Action": "*""#),
    (Trust, r#""Effect": "Deny", "NotPrincipal": ¶"*", "Action": "*""#, "a role trust policy has no `NotPrincipal`", r#""Effect": "Deny", "Principal": "*", "Action": "*""#),
    (ResourceControl, r#""Effect": "Deny", "NotPrincipal": ¶"*", "Action": "s3:*", "Resource": "*""#, "a resource control policy has no `NotPrincipal`", r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*""#),
    (ResourceControl, r#""Effect": "Deny", "Principal": ¶{"AWS": "*"}, "Action": "s3:*", "Resource": "*""#, "the principal of a resource control policy is \"*\"", r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": ¶"111122223333", "Action": "*""#, "`111122223333` alone is no principal", r#""Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {¶"aws": "*"}, "Action": "*""#, "`aws` is no kind of principal", r#""Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": [¶7]}, "Action": "*""#, "`AWS` is a string, not a number", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"arn:aws:iam::111122223333:user/*"}, "Action": "*""#, "`arn:aws:iam::111122223333:user/*`: a principal has no wildcards, but for \"*\" alone", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:user/p/n"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"arn:aws:iam::111122223333:user/${aws:x}"}, "Action": "*""#, "`arn:aws:iam::111122223333:user/${aws:x}`: variables are not allowed in principals", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/n"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"alice"}, "Action": "*""#, "`alice`: a principal is an account id, an ARN, a unique id or \"*\"", r#""Effect": "Deny", "Principal": {"AWS": "AIDAEXAMPLEEXAMPLE"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"arn:aws:iam::1:root"}, "Action": "*""#, "`arn:aws:iam::1:root`: the ARN names no account of twelve digits", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"arn:aws:iam::111122223333:group/g"}, "Action": "*""#, "`arn:aws:iam::111122223333:group/g`: only users, roles, sessions and account roots are principals", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:sts::111122223333:federated-user/n"}, "Action": "*""#),
    (Resource, r#""Effect": "Deny", "Principal": {"AWS": ¶"arn:aws:sts::111122223333:assumed-role/r"}, "Action": "*""#, "`arn:aws:sts::111122223333:assumed-role/r`: only users, roles, sessions and account roots are principals", r#""Effect": "Deny", "Principal": {"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"}, "Action": "*""#),
    (Trust, r#""Effect": "Deny", "Principal": {"Service": ¶"sagemaker"}, "Action": "*""#, "`sagemaker`: a service principal is `service.amazonaws.com`", r#""Effect": "Deny", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "*""#),
    (Trust, r#""Effect": "Deny", "Principal": {"Service": ¶"*.amazonaws.com"}, "Action": "*""#, "`*.amazonaws.com`: a principal has no wildcards", r#""Effect": "Deny", "Principal": {"Service": ["a.b", "c.d"]}, "Action": "*""#),
    (Trust, r#""Effect": "Deny", "Principal": {"Federated": ¶""}, "Action": "*""#, "``: the name is empty", r#""Effect": "Deny", "Principal": {"Federated": "accounts.google.com"}, "Action": "*""#),
    (ResourceControl, r#""Effect": "Deny", "Principal": "*", "NotAction": ¶"s3:*", "Resource": "*""#, "a resource control policy has no `NotAction`", r#""Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*""#),
    (ResourceControl, r#""Effect": "Deny", "Principal": "*", "Action": ["s3:*", ¶"*"], "Resource": "*""#, "the actions of a resource control policy name their service", r#""Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*""#),
    // Conditions.
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": ¶[]"#, "`Condition` is an object, not a list", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": ¶"k:k"}"#, "the block of an operator is an object, not a string", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {¶"StringEqual": {"k:k": "v"}}"#, "`StringEqual` is no condition operator", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"k:k": "v"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {¶"NullIfExists": {"k:k": "true"}}"#, "`NullIfExists` is no condition operator", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"k:k": "true"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {¶"ForAnyValues:StringLike": {"k:k": "v"}}"#, "`ForAnyValues:StringLike` is no condition operator", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValue:StringLikeIfExists": {"k:k": "v"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {¶"tag": "v"}}"#, "`tag` is no condition key", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/a:b": "v"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {¶"k:${aws:x}": "v"}}"#, "`k:${aws:x}` is no condition key", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"k:k": "${aws:x}"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": "true", ¶"K:K": "true"}}"#, "the condition key `K:K` stands twice; its case does not count", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": true}, "BoolIfExists": {"K:K": "true"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": ["true", ¶null]}}"#, "a condition value is a string, number or boolean, not null", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": ["true", false]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"k:k": ["a", "b¶${aws:x y}"]}}"#, "`${aws:x `: a space is not allowed in a variable", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"k:k": ["a", "b${aws:x, 'y z'}"]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k:k": ¶"ten"}}"#, "`ten` is no number, which `NumericEquals` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericEquals": {"k:k": [10, "-1.50", 1e2]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"k:k": ¶"${aws:x}"}}"#, "`${aws:x}` is no number, which `NumericLessThan` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NumericLessThan": {"k:k": "0"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": ¶"2020-13-01"}}"#, "`2020-13-01` is no date, which `DateLessThan` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": ["2020-12-01", 1577836800]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": ¶"yes"}}"#, "`yes` is no boolean, which `Bool` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"k:k": "${aws:x}"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BinaryEquals": {"k:k": ¶"QQ"}}"#, "`QQ` is no base64 text, which `BinaryEquals` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BinaryEquals": {"k:k": "QQ=="}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"k:k": ¶"10.0.0.0/33"}}"#, "`10.0.0.0/33` is no address or CIDR range, which `NotIpAddress` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"NotIpAddress": {"k:k": ["10.0.0.0/8", "::1"]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"k:k": ¶"arn:aws:s3"}}"#, "`arn:aws:s3` is no ARN of six parts, which `ArnLike` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnLike": {"k:k": ["*", "arn:*:*:*:*:*"]}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotEquals": {"k:k": ¶"urn:aws:s3:::b"}}"#, "`urn:aws:s3:::b` is no ARN of six parts, which `ArnNotEquals` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ArnNotEquals": {"k:k": "arn:aws:${aws:x}:::b"}}"#),
    (Identity, r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"k:k": ¶"${aws:x}"}}"#, "`${aws:x}` is no boolean, which `Null` needs", r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Null": {"k:k": ["true", false]}}"#),
];

/// A policy around the members of a statement; a whole policy stays as it is.
fn whole(text: &str) -> String {
    let bare = text.trim_start_matches('¶');
    if bare.starts_with(['{', '[']) {
        return text.to_owned();
    }
    let mark = if text.starts_with('¶') { "¶" } else { "" };
    format!("{{\"Version\": \"2012-10-17\",\n \"Statement\": {mark}{{{bare}}}}}")
}

#[test]
fn each_rule_refuses_at_its_place_and_accepts_beside_it() {
    for (policy_type, refused, reason, accepted) in RULES {
        let marked = whole(refused);
        let (before, _) = marked.split_once('¶').unwrap();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let rejected = Document::parse(&marked.replace('¶', ""), *policy_type).unwrap_err();
        let found: Vec<&str> = rejected
            .diagnostics
            .iter()
            .map(|d| d.reason.as_str())
            .collect();
        assert_eq!(found, [*reason], "{refused}");
        let head = format!("line {line}, column {column}: {reason}\n");
        assert!(
            rejected.to_string().starts_with(&head),
            "{refused}\n{rejected}"
        );
        assert!(rejected.diagnostics[0].fix.is_some(), "{refused}");
        if let Err(rejected) = Document::parse(&whole(accepted), *policy_type) {
            panic!("{accepted}\n{rejected}");
        }
    }
}

#[test]
fn a_misspelt_name_is_answered_with_the_one_that_is_meant() {
    for (text, fix) in [
        (
            r#""Efect": "Deny", "Effect": "Deny", "Action": "*", "Resource": "*""#,
            "write `Effect`",
        ),
        (
            r#""Effect": "Deny", "action": "*", "Action": "*", "Resource": "*""#,
            "write `Action`",
        ),
        (
            r#""Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAnyValues:stringlike": {"k:k": "v"}}"#,
            "write `ForAnyValue:StringLike`",
        ),
    ] {
        let rejected = Document::parse(&whole(text), Identity).unwrap_err();
        assert_eq!(rejected.diagnostics[0].fix.as_deref(), Some(fix), "{text}");
    }
}

#[test]
fn all_faults_are_reported_at_once_in_the_order_of_the_text() {
    let text = "{\"Version\": \"2012\",\n\"Statement\": [{\"Effect\": \"allow\", \"Action\": \"s3\", \"Resource\": \"b\"},\n{\"Effect\": \"Deny\"}]}";
    let rejected = Document::parse(text, Identity).unwrap_err();
    let places: Vec<String> = rejected
        .diagnostics
        .iter()
        .map(|d| {
            let at = rejected.source.position(d.span.start);
            format!("{}:{} {}", at.line, at.column, d.reason)
        })
        .collect();
    assert_eq!(
        places,
        [
            "1:13 `2012` is no version of the policy language",
            "2:26 `allow` is no effect; upper and lower case count",
            "2:45 `s3`: an action is `service:Name`, or `*`",
            "2:63 `b` is neither `*` nor an ARN",
            "3:1 the statement has neither `Action` nor `NotAction`",
            "3:1 the statement has neither `Resource` nor `NotResource`",
        ]
    );
}

/// A text of many faults takes no longer to refuse than to read, and says no more than asked.
#[test]
fn faults_are_bounded() {
    let twice = format!("{{{}}}", vec!["\"a\": 1"; 100_000].join(", "));
    let wrong = format!("{{\"Statement\": [{}]}}", vec!["1"; 100_000].join(", "));
    for text in [&twice, &wrong] {
        let rejected = Document::parse(text, Identity).unwrap_err();
        assert_eq!(rejected.diagnostics.len(), Limits::default().diagnostics);
    }
    let limits = Limits {
        diagnostics: 0,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let rejected = Document::parse_source(&Source::new(wrong), Identity, &options).unwrap_err();
    assert_eq!(rejected.diagnostics.len(), 1);
}

#[test]
fn variables_are_literal_text_before_2012() {
    for version in ["", "\"Version\": \"2008-10-17\", "] {
        let text = format!(
            "{{{version}\"Statement\": {{\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"arn:aws:s3:::${{\", \
             \"Condition\": {{\"StringLike\": {{\"k:k\": \"${{aws:x\"}}}}}}}}"
        );
        assert!(Document::parse(&text, Identity).is_ok(), "{text}");
    }
}

#[test]
fn options_change_what_is_read() {
    let refused = |options: &Options, text: &str| {
        Document::parse_source(&Source::new(text), Identity, options).is_err()
    };
    let plain = Options::default();
    let no_bool_variables = Options {
        bool_variables: BoolVariables::Refused,
        ..plain
    };
    let no_empty_lists = Options {
        empty_value_list: EmptyValueList::Refused,
        ..plain
    };
    let missing_is_new = Options {
        missing_version: MissingVersion::V2012,
        ..plain
    };
    let condition = |condition: &str| {
        whole(&format!(
            "\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"*\", \"Condition\": {{{condition}}}"
        ))
    };
    let unclosed = "{\"Statement\": {\"Effect\": \"Deny\", \"Action\": \"*\", \"Resource\": \"arn:aws:s3:::${\"}}";
    for (options, text) in [
        (
            no_bool_variables,
            condition("\"Bool\": {\"k:k\": \"${aws:x}\"}"),
        ),
        (no_empty_lists, condition("\"StringEquals\": {\"k:k\": []}")),
        (missing_is_new, unclosed.to_owned()),
    ] {
        assert!(
            refused(&options, &text) && !refused(&plain, &text),
            "{text}"
        );
    }
}

//! Policies as teams write them, and one edit of each; the same for the same seed.

const SERVICES: [(&str, &[&str], &str); 6] = [
    (
        "s3",
        &[
            "GetObject",
            "PutObject",
            "DeleteObject",
            "ListBucket",
            "GetBucketPolicy",
        ],
        "arn:aws:s3:::bucket-{}/*",
    ),
    (
        "sagemaker",
        &[
            "CreateTrainingJob",
            "DescribeTrainingJob",
            "StopTrainingJob",
            "AddTags",
            "CreateModel",
        ],
        "arn:aws:sagemaker:us-west-2:111122223333:training-job/{}*",
    ),
    (
        "ec2",
        &[
            "RunInstances",
            "TerminateInstances",
            "DescribeInstances",
            "CreateTags",
        ],
        "arn:aws:ec2:*:111122223333:instance/{}",
    ),
    (
        "iam",
        &["PassRole", "GetRole", "CreateRole", "ListRoles"],
        "arn:aws:iam::111122223333:role/{}",
    ),
    (
        "logs",
        &["CreateLogGroup", "PutLogEvents", "DescribeLogStreams"],
        "arn:aws:logs:*:*:log-group:/{}:*",
    ),
    (
        "secretsmanager",
        &["GetSecretValue", "PutSecretValue", "ListSecrets"],
        "arn:aws:secretsmanager:*:111122223333:secret:{}/*",
    ),
];

const CONDITIONS: [&str; 8] = [
    r#""StringEquals":{"aws:RequestedRegion":["us-west-2","eu-central-1"]}"#,
    r#""StringLike":{"aws:PrincipalTag/team":"ml-*"}"#,
    r#""StringEquals":{"aws:ResourceTag/owner":"${aws:username}"}"#,
    r#""Bool":{"aws:SecureTransport":"true"}"#,
    r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#,
    r#""ForAllValues:StringEquals":{"aws:TagKeys":["owner","team"]}"#,
    r#""NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}"#,
    r#""StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

/// An old and a new version of a policy.
pub fn edit(seed: u64) -> (String, String) {
    let mut dice = Dice((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let count = 1 + dice.roll(8);
    let old: Vec<String> = (0..count).map(|_| statement(&mut dice)).collect();
    let mut new = old.clone();
    match dice.roll(6) {
        0 => new.push(statement(&mut dice)),
        1 if count > 1 => {
            new.remove(dice.roll(count));
        }
        2 => {
            let at = dice.roll(count);
            new[at] = new[at].replacen("arn:aws:", "arn:*:", 1);
        }
        3 => {
            let at = dice.roll(count);
            new[at] = new[at].replacen("/*\"", "*\"", 1);
        }
        4 => {
            let at = dice.roll(count);
            new[at] = statement(&mut dice);
        }
        _ => new.reverse(),
    }
    (document(&old), document(&new))
}

fn document(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn statement(dice: &mut Dice) -> String {
    let (service, actions, resource) = SERVICES[dice.roll(SERVICES.len())];
    let effect = if dice.roll(5) == 0 { "Deny" } else { "Allow" };
    let count = 1 + dice.roll(actions.len());
    let actions: Vec<String> = actions[..count]
        .iter()
        .map(|action| format!("\"{service}:{action}\""))
        .collect();
    let actions = match dice.roll(6) {
        0 => format!("\"{service}:*\""),
        1 => format!("\"{service}:Get*\""),
        _ => actions.join(","),
    };
    let resource = match dice.roll(4) {
        0 => "*".to_owned(),
        _ => resource.replace("{}", ["alpha", "beta", "gamma", "data"][dice.roll(4)]),
    };
    let condition = match dice.roll(3) {
        0 => CONDITIONS[dice.roll(CONDITIONS.len())],
        _ => "",
    };
    format!(
        r#"{{"Effect":"{effect}","Action":[{actions}],"Resource":"{resource}","Condition":{{{condition}}}}}"#
    )
}

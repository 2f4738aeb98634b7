//! AWS's limits on the size of policies, and keeping to them by splitting.

use crate::Problem;
use crate::statement::{Policy, Statement};

/// A managed policy, in characters that are no white space (IAM User Guide, "IAM and AWS STS quotas").
pub(crate) const MANAGED: usize = 6_144;
/// Managed policies of a role, without a raised quota.
pub(crate) const MANAGED_OF_ROLE: usize = 10;
/// A trust policy, without a raised quota.
pub(crate) const TRUST: usize = 2_048;
/// An SCP or an RCP (Organizations User Guide, "Quotas").
pub(crate) const CONTROL: usize = 5_120;
/// A bucket policy, in bytes (Amazon S3 User Guide, "Bucket policies").
pub(crate) const BUCKET: usize = 20_480;
/// A secret's policy, in characters (Secrets Manager User Guide, "Quotas").
pub(crate) const SECRET: usize = 20_480;
/// A key policy, in bytes (KMS Developer Guide, "Resource quotas").
pub(crate) const KEY: usize = 32_768;
/// A file system policy, in characters (EFS User Guide, "Quotas").
pub(crate) const FILE_SYSTEM: usize = 20_000;

/// One policy of several statements, which must not be split.
pub(crate) fn whole(what: &str, statements: &[Statement], limit: usize) -> Result<Policy, Problem> {
    let policy = Policy::new(statements);
    let size = policy.text().len();
    if size > limit {
        return Err(Problem(format!(
            "{what} would have {size} characters, and AWS takes {limit}: give the teams fewer things in \
             common"
        )));
    }
    Ok(policy)
}

/// As many policies as it takes, each within the limit. Statements keep their order; one that is too large for itself
/// is written in parts.
pub(crate) fn split(
    what: &str,
    statements: &[Statement],
    limit: usize,
) -> Result<Vec<Policy>, Problem> {
    let mut parts = Vec::new();
    for statement in statements {
        divide(what, statement.clone(), limit, &mut parts)?;
    }
    let mut policies = Vec::new();
    let mut open: Vec<Statement> = Vec::new();
    for part in parts {
        open.push(part);
        if Policy::new(&open).characters() > limit
            && let Some(last) = open.pop()
        {
            policies.push(Policy::new(&open));
            open = vec![last];
        }
    }
    if !open.is_empty() {
        policies.push(Policy::new(&open));
    }
    Ok(policies)
}

fn divide(
    what: &str,
    statement: Statement,
    limit: usize,
    parts: &mut Vec<Statement>,
) -> Result<(), Problem> {
    if Policy::new(std::slice::from_ref(&statement)).characters() <= limit {
        parts.push(statement);
        return Ok(());
    }
    let Some((left, right)) = statement.halves() else {
        return Err(Problem(format!(
            "one statement of {what} alone has more than {limit} characters: shorten the names in it"
        )));
    };
    divide(what, left, limit, parts)?;
    divide(what, right, limit, parts)
}

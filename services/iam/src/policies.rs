//! Listings of managed policies, and of who uses one.

use platform::identity::{ManagedPolicy, PolicyUse, Usage, Uses, all_aws_managed, of_account};
use platform::{ApiError, Call, Checks, Outcome, Permitted};
use wire::value::Value;

use super::list::{self, Pager};
use super::managed::{find, missing, of_aws, show, show_aws};

pub(super) fn may_list(call: &Call<'_>) -> Result<Checks, ApiError> {
    list::may_list_all(call, "policy")
}

/// Which policies a listing shows.
struct Wanted<'a> {
    path: &'a str,
    only_attached: bool,
    usage: Option<Usage>,
}

impl Wanted<'_> {
    fn shows(&self, path: &str, uses: Uses) -> bool {
        let used = match self.usage {
            None => uses.attached + uses.bounding > 0,
            Some(Usage::Permissions) => uses.attached > 0,
            Some(Usage::Boundary) => uses.bounding > 0,
        };
        let limited = self.only_attached || self.usage.is_some();
        path.starts_with(self.path) && (used || !limited)
    }
}

fn usage(call: &Call<'_>) -> Option<Usage> {
    match call.input().str("PolicyUsageFilter") {
        Some("PermissionsPolicy") => Some(Usage::Permissions),
        Some("PermissionsBoundary") => Some(Usage::Boundary),
        _ => None,
    }
}

pub(super) fn all(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let input = call.input();
    let wanted = Wanted {
        path: input.str("PathPrefix").unwrap_or("/"),
        only_attached: input.bool("OnlyAttached").unwrap_or(false),
        usage: usage(call),
    };
    let scope = input.str("Scope").unwrap_or("All");
    let filter = format!(
        "{scope} {} {:?} {}",
        wanted.only_attached, wanted.usage, wanted.path
    );
    let mut pager = Pager::begin(call, &filter)?;
    let (account, partition) = (call.account(), call.platform().partition());
    let mut listed = Vec::new();
    if scope != "Local" {
        let mut of_aws = Vec::new();
        for policy in all_aws_managed() {
            let uses = Uses::of(call.state(), account, &policy.arn(partition))?;
            if wanted.shows(policy.path, uses) {
                of_aws.push((policy.name.to_owned(), show_aws(call, policy, uses)));
            }
        }
        listed.push(pager.few("aws", of_aws.into_iter()));
    }
    if scope != "AWS" {
        let under = of_account(account);
        listed.push(pager.records("local", &under, |policy: ManagedPolicy| {
            let uses = Uses::of(call.state(), account, &policy.arn(partition, account))?;
            let shown = wanted.shows(&policy.path, uses);
            Ok(shown.then(|| show(call, &policy, uses)))
        })?);
    }
    let listed: Value = listed
        .iter()
        .filter_map(Value::as_list)
        .flatten()
        .cloned()
        .collect();
    pager.finish(Value::map().with("Policies", listed))
}

/// Who uses a policy.
pub(super) fn entities(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let (arn, input) = (call.text("PolicyArn")?, call.input());
    if of_aws(call, arn).is_none() && find(call.state(), call, arn)?.is_none() {
        return Err(missing(arn));
    }
    let path = input.str("PathPrefix").unwrap_or("/");
    let (filter, usage) = (input.str("EntityFilter"), usage(call));
    let mut pager = Pager::begin(call, &format!("{arn} {path} {filter:?} {usage:?}"))?;
    let mut answer = Value::map();
    for (member, noun, kind) in [
        ("PolicyGroups", "group", "Group"),
        ("PolicyUsers", "user", "User"),
        ("PolicyRoles", "role", "Role"),
    ] {
        let mut listed = Vec::new();
        for one in Usage::ALL {
            if filter.is_some_and(|wanted| wanted != kind) || usage.is_some_and(|it| it != one) {
                continue;
            }
            let under = PolicyUse::of_policy(call.account(), arn, one, noun);
            let section = format!("{noun} {one:?}");
            let shown = pager.records(&section, &under, |it: PolicyUse| {
                let shown = Value::map()
                    .with(format!("{kind}Name"), it.name)
                    .with(format!("{kind}Id"), it.id);
                Ok(it.path.starts_with(path).then_some(shown))
            })?;
            listed.extend(shown.as_list().unwrap_or_default().iter().cloned());
        }
        answer = answer.with(member, Value::List(listed));
    }
    pager.finish(answer)
}

//! What the trail lists of what a call touched.

use policy::AccountId;
use std::borrow::Cow;
use trail::Resource;

use crate::operation::Category;
use crate::resource::Target;

const BUCKET: &str = "AWS::S3::Bucket";
const OBJECT: &str = "AWS::S3::Object";

/// Each resource once, as far as a record goes.
pub(super) fn of<'t>(
    targets: &'t [Target],
    account: &'t AccountId,
    category: Category,
) -> Vec<Resource<'t>> {
    let most = trail::Limits::default().resources;
    let mut listed: Vec<Resource<'_>> = Vec::with_capacity(2);
    for target in targets {
        let own = target.trail_type.map(|kind| (kind, target.as_str()));
        let parent = target.parent.as_ref();
        let parent = parent.map(|(kind, arn)| (*kind, arn.as_str()));
        for (kind, arn) in own.into_iter().chain(parent) {
            let is = |it: &Resource<'_>| {
                it.arn.as_deref() == Some(arn) && it.kind.as_deref() == Some(kind)
            };
            if listed.len() < most && !listed.iter().any(is) {
                let owner = target.account.as_ref().unwrap_or(account);
                listed.push(Resource {
                    account_id: Some(owner.as_str().into()),
                    kind: Some(kind.into()),
                    arn: Some(arn.into()),
                    arn_prefix: None,
                });
            }
        }
    }
    if category == Category::Data {
        objects_of_bucket(&mut listed);
    }
    listed
}

/// A data event about a bucket concerns all its objects, and is selected like one about each.
fn objects_of_bucket(listed: &mut Vec<Resource<'_>>) {
    let find = |kind: &str| {
        let mut listed = listed.iter();
        listed.find(|resource| resource.kind.as_deref() == Some(kind))
    };
    if find(OBJECT).is_some() {
        return;
    }
    let bucket = find(BUCKET).and_then(|bucket| bucket.arn.as_deref());
    if let Some(prefix) = bucket.map(|arn| format!("{arn}/")) {
        let objects = Resource {
            account_id: None,
            kind: Some(OBJECT.into()),
            arn: None,
            arn_prefix: Some(Cow::Owned(prefix)),
        };
        listed.insert(0, objects);
    }
}

/// The accounts whose resources were touched, each once, but for `home`.
pub(super) fn accounts(targets: &[Target], home: Option<AccountId>) -> Vec<AccountId> {
    let owners = targets.iter().filter_map(|target| target.account);
    let mut others: Vec<_> = owners.filter(|owner| Some(*owner) != home).collect();
    others.sort_unstable();
    others.dedup();
    others
}

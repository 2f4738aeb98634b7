//! `palisade simulate --as-service`: what a trust or resource policy does with a service's call.

use crate::simulate_command::Format;
use crate::{BAD_INPUT, print, synth_command};
use clap::Args;
use policy::text::Source;
use serde_json::json;
use simulate::{OnBehalfOf, ServiceAnswer, ServiceCall, ServicePolicy};
use std::process::ExitCode;

/// Flags of `simulate` for calls that a service makes by itself.
#[derive(Debug, Args)]
#[command(next_help_heading = "A call by a service")]
pub(crate) struct AsService {
    /// The service that calls, such as `sagemaker`. The file is a trust or resource policy then.
    #[arg(long, value_name = "SERVICE", requires = "source_account")]
    as_service: Option<String>,
    /// What SageMaker calls for; decides on aws:SourceArn.
    #[arg(long, value_parser = synth_command::feature, requires = "as_service")]
    feature: Option<blueprint::Feature>,
    /// The account that owns the role or resource, and for whose resource the service calls.
    #[arg(long, value_name = "ID", requires = "as_service")]
    source_account: Option<String>,
    /// The aws:SourceArn that the service sends, instead of the feature's.
    #[arg(long, value_name = "ARN", requires = "as_service")]
    source_arn: Option<String>,
    /// The aws:SourceOrgID of the owner's account. The stranger's is another.
    #[arg(long, value_name = "ID", requires = "as_service")]
    source_org: Option<String>,
    /// Where the service calls from.
    #[arg(long, default_value = "us-east-1", requires = "as_service")]
    region: String,
    /// The stranger's account.
    #[arg(
        long,
        value_name = "ID",
        default_value = "999999999999",
        requires = "as_service"
    )]
    stranger: String,
    /// The action that the service calls; may be given several times. By default those of assuming a role.
    #[arg(long, requires = "as_service")]
    action: Vec<String>,
    /// The role or resource that the service calls.
    #[arg(long, value_name = "ARN", requires = "as_service")]
    resource: Option<String>,
    /// A condition key of the call, such as sts:SourceIdentity=bob; may be given several times.
    #[arg(long, value_name = "KEY=VALUE", requires = "as_service")]
    key: Vec<String>,
}

impl AsService {
    pub(crate) fn is_wanted(&self) -> bool {
        self.as_service.is_some()
    }

    pub(crate) fn run(&self, policy: &Source, format: Format) -> ExitCode {
        match self.answer(policy) {
            Ok((owner, stranger)) => self.tell(&owner, &stranger, format),
            Err(error) => {
                eprintln!("palisade: {error}");
                ExitCode::from(BAD_INPUT)
            }
        }
    }

    fn answer(&self, policy: &Source) -> Result<(ServiceAnswer, ServiceAnswer), String> {
        let owner = self.source_account.clone().unwrap_or_default();
        if owner == self.stranger {
            return Err(format!(
                "`--stranger` is the owner, {owner}: name another account"
            ));
        }
        let call = self.call(&owner)?;
        let read = ServicePolicy::parse(policy, &call.resource).map_err(|it| it.to_string())?;
        let theirs = |account: &str, organization: Option<String>| -> Result<_, String> {
            Ok(OnBehalfOf {
                account: account.to_owned(),
                arn: self.source(&owner, account)?,
                organization,
            })
        };
        let of_owner = theirs(&owner, self.source_org.clone())?;
        let strange = self.source_org.as_ref().map(|_| "o-stranger00".to_owned());
        let of_stranger = theirs(&self.stranger, strange)?;
        Ok((
            read.answer(&call, &of_owner)?,
            read.answer(&call, &of_stranger)?,
        ))
    }

    fn call(&self, owner: &str) -> Result<ServiceCall, String> {
        let resource = self.resource.clone().unwrap_or_else(|| {
            format!(
                "arn:{}:iam::{owner}:role/ExecutionRole",
                policy::partition_of(&self.region)
            )
        });
        let mut keys = Vec::new();
        for pair in &self.key {
            let Some((key, value)) = pair.split_once('=').filter(|(key, _)| key.contains(':'))
            else {
                return Err(format!(
                    "`{pair}` is no condition key: write one such as sts:SourceIdentity=bob"
                ));
            };
            keys.push((key.to_owned(), value.to_owned()));
        }
        let named = |key: &str| {
            keys.iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(key))
        };
        let mut actions = self.action.clone();
        if actions.is_empty() {
            if !resource.contains(":iam:") {
                return Err("name the `--action` that the service calls on the resource".to_owned());
            }
            actions.push("sts:AssumeRole".to_owned());
            if named("sts:SourceIdentity") {
                actions.push("sts:SetSourceIdentity".to_owned());
            }
        }
        let name = self.as_service.as_deref().unwrap_or_default();
        let service = match name.contains('.') {
            true => name.to_owned(),
            false => format!("{name}.amazonaws.com"),
        };
        if self.feature.is_some() && !service.starts_with("sagemaker.") {
            return Err("features are SageMaker's: write `--as-service sagemaker`".to_owned());
        }
        Ok(ServiceCall {
            service,
            actions,
            resource,
            owner: owner.to_owned(),
            keys,
        })
    }

    /// What the service sends for a resource of `account`: the same as for the owner's, but for the account.
    fn source(&self, owner: &str, account: &str) -> Result<Option<String>, String> {
        if let Some(arn) = &self.source_arn {
            let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
            let Some(field) = parts.get_mut(4).filter(|_| arn.starts_with("arn:")) else {
                return Err(format!("`{arn}` is no ARN: write one of six parts"));
            };
            if *field == owner {
                *field = account;
            }
            return Ok(Some(parts.join(":")));
        }
        let sent = |feature| {
            synth::sent(
                feature,
                policy::partition_of(&self.region),
                &self.region,
                account,
            )
        };
        Ok(self.feature.map(sent))
    }

    fn tell(&self, owner: &ServiceAnswer, stranger: &ServiceAnswer, format: Format) -> ExitCode {
        let sound = owner.is_allow() && !stranger.is_allow();
        let text = match format {
            Format::Json => {
                let both = json!({
                    "sound": sound,
                    "finding": finding(owner, stranger),
                    "owner": owner.to_json(),
                    "stranger": stranger.to_json(),
                });
                format!("{both}\n")
            }
            Format::Human => format!(
                "{}\n{}{}\n",
                part("the owner", owner),
                part("a stranger", stranger),
                finding(owner, stranger)
            ),
        };
        match print(&text) {
            false => ExitCode::from(BAD_INPUT),
            true if sound => ExitCode::SUCCESS,
            true => ExitCode::from(1),
        }
    }
}

fn finding(owner: &ServiceAnswer, stranger: &ServiceAnswer) -> &'static str {
    match (owner.is_allow(), stranger.is_allow()) {
        (true, false) => "sound: the service is let in for the owner's resources alone",
        (true, true) => {
            "confused deputy: the service is let in for anybody's resources; \
             add `aws:SourceArn` and `aws:SourceAccount`"
        }
        (false, true) => {
            "wrong account: the service is let in for the stranger and not for the owner"
        }
        (false, false) => "broken: the service is not let in, not for the owner either",
    }
}

fn part(who: &str, answer: &ServiceAnswer) -> String {
    let source = &answer.source;
    let arn = source.arn.as_deref().unwrap_or("(not sent)");
    let mut text = format!(
        "for {who}: aws:SourceAccount {}, aws:SourceArn {arn}\n",
        source.account
    );
    for (action, answer) in &answer.answers {
        text.push_str(&format!("  {action}: {}\n", answer.verdict()));
        let indented = answer.to_text().lines().map(|line| format!("    {line}\n"));
        text.extend(indented);
    }
    text
}

//! What a certificate says, as a sentence: a reader must not have to believe that the question was the one that was meant.

use crate::data::{Policy, Question, Stage};

/// The claim of a question.
pub(crate) fn of(question: &Question) -> String {
    let mut claim = format!("no request is allowed by {}", stage(&question.allowed));
    if let Some(denied) = &question.denied {
        claim.push_str(&format!(" and refused by {}", stage(denied)));
    }
    for kind in &question.within {
        claim.push_str(&format!(", is of the kind of {}", texts(kind)));
    }
    match &question.breach {
        Some(breach) => claim.push_str(&format!(", and {}", breach.sentence())),
        None if question.beyond.is_some() => {
            claim.push_str(", and is of the kind that the certificate describes");
        }
        None => {}
    }
    claim.push_str(&format!("; callers: {}", question.callers.join(", ")));
    if !question.everybody {
        claim.push_str("; those to whom identity-based policies are attached");
    }
    if question.by_policy {
        claim.push_str("; `sts:GetCallerIdentity`, which needs no permission, apart");
    }
    claim
}

fn texts(policies: &[Policy]) -> String {
    let texts: Vec<&str> = policies.iter().map(|policy| policy.text.as_str()).collect();
    texts.join(" ")
}

/// The policies of a stage, and whose the resources are.
fn stage(stage: &Stage) -> String {
    let mut parts = Vec::new();
    for layer in &stage.layers {
        let names: Vec<&str> = layer.policies.iter().map(|p| p.name.as_str()).collect();
        parts.push(format!("{} ({})", names.join(", "), layer.layer));
    }
    let owner = match stage.owner.as_str() {
        "caller" => "the caller's account".to_owned(),
        "stranger" => "an account of no caller".to_owned(),
        account => format!("account {account}"),
    };
    let managed = stage.management_account.as_ref();
    let managed = managed.map_or(String::new(), |account| {
        format!(", in the organization of {account}")
    });
    format!("{} on resources of {owner}{managed}", parts.join(", "))
}

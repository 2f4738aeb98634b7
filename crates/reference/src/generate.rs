//! Random cases, made so that matches are frequent: the request comes first, and most of each
//! policy is a variation on it.

mod condition;
mod policy;
mod request;

use crate::Json;
use request::{Principal, Request};

/// A small deterministic source of random numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A source that always gives the same numbers for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % limit).unwrap_or(0)
    }

    /// True so many times in a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of the texts.
    fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let index = self.below(texts.len());
        texts.get(index).copied().unwrap_or_default()
    }

    /// The text as a single value or in a list, perhaps beside others.
    fn single_or_list(&mut self, mut texts: Vec<String>) -> Json {
        match texts.pop() {
            Some(only) if texts.is_empty() && self.chance(60) => Json::Text(only),
            last => Json::List(texts.into_iter().chain(last).map(Json::Text).collect()),
        }
    }
}

/// A random case in the format of `palisade simulate`.
#[must_use]
pub fn case(random: &mut Random) -> Json {
    let request = Request::random(random);
    let mut case = request.to_json();
    let has_identity = matches!(
        request.principal,
        Principal::User | Principal::Session | Principal::FederatedUser
    );
    // Policies of its own, for a caller that can have none, do not count.
    if has_identity || random.chance(5) {
        if random.chance(85) {
            case.set(
                "identity",
                policy::list(random, &request, "identity", 60, 2),
            );
        }
        if random.chance(25) {
            case.set(
                "boundary",
                policy::document(random, &request, "boundary", 75),
            );
        }
    }
    let session = match request.principal {
        Principal::FederatedUser => 75,
        Principal::Session => 30,
        _ => 4,
    };
    if random.chance(session) {
        case.set("session", policy::list(random, &request, "session", 75, 2));
    }
    let outside = matches!(request.principal, Principal::Outside);
    if random.chance(if outside || request.needs_resource_policy() {
        90
    } else {
        40
    }) {
        let bias = if outside { 60 } else { 25 };
        case.set(
            "resourcePolicy",
            policy::document(random, &request, request.kind, bias),
        );
    }
    if random.chance(30) {
        case.set("scps", levels(random, &request, "scp"));
    }
    if random.chance(20) {
        case.set("rcps", levels(random, &request, "rcp"));
    }
    if random.chance(15) {
        case.set(
            "endpoint",
            policy::document(random, &request, "endpoint", 80),
        );
    }
    if random.chance(8) {
        let account = random.pick(&["111122223333", "444455556666"]);
        case.set("managementAccount", Json::text(account));
    }
    if random.chance(12) {
        case.set("options", options(random));
    }
    case
}

/// One or two of the readings that a case may choose.
fn options(random: &mut Random) -> Json {
    let mut options = Json::Object(Vec::new());
    for _ in 0..1 + random.below(2) {
        let choice = random.pick(&[
            "missingVersion=2012-10-17",
            "boolVariables=refused",
            "nullVariableNegated=neverMatches",
            "forAllNegatedMissing=neverMatches",
            "plainOperatorOnList=anyValue",
            "emptyValueList=refused",
            "notResourceNullVariable=statementNeverApplies",
            "emptyString=value",
        ]);
        let (name, value) = choice.split_once('=').unwrap_or_default();
        options.set(name, Json::text(value));
        // What the two together mean is nowhere said.
        if name == "plainOperatorOnList" {
            options.set("emptyValueList", Json::text("refused"));
        }
    }
    options
}

fn levels(random: &mut Random, request: &Request, kind: &'static str) -> Json {
    let count = 1 + random.below(3);
    let level = |random: &mut Random| match random.chance(4) {
        true => Json::List(Vec::new()),
        false => policy::list(random, request, kind, 88, 2),
    };
    Json::List((0..count).map(|_| level(random)).collect())
}

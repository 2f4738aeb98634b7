//! Event selectors, put and got (CloudTrail API Reference, "PutEventSelectors").

use platform::{ApiError, Call, Check, Checks, Outcome, Permitted};
use wire::value::Value;

use crate::name::Named;
use crate::selection::{Advanced, Basic, DataResource, Field, ReadWrite, Selection};
use crate::{error, show, trails};

/// The most basic selectors of a trail.
const MOST_SELECTORS: usize = 5;
/// The most data resources of all basic selectors of a trail.
const MOST_RESOURCES: usize = 250;
/// The most values of all advanced selectors of a trail.
const MOST_VALUES: usize = 500;

/// The sources whose management events can be left out.
const EXCLUDABLE: &[&str] = &["kms.amazonaws.com", "rdsdata.amazonaws.com"];
/// The types of resources that basic selectors know, with what all their ARNs begin with.
const BASIC_TYPES: &[(&str, &str)] = &[
    ("AWS::S3::Object", "s3"),
    ("AWS::Lambda::Function", "lambda"),
    ("AWS::DynamoDB::Table", "dynamodb"),
];

/// The operation of its own name on the trail in `TrailName`.
pub(crate) fn may(call: &Call<'_>) -> Result<Checks, ApiError> {
    let named = Named::read(call, call.text("TrailName")?)?;
    Ok(Check::of(call.action(), trails::target(call, &named)?).into())
}

pub(crate) fn put(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let given = call.text("TrailName")?;
    let named = Named::read(call, given)?;
    let selection = read(call.input())?;
    let trail = call.write(|tx| {
        let mut trail = trails::to_change(call, &*tx, &named, given)?;
        trail.selection = selection;
        tx.put(&trail.own_key(), &trail)?;
        Ok(trail)
    })?;
    Ok(Outcome::new(written(call, &trail)))
}

pub(crate) fn get(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trail = show::to_read(call, "TrailName")?;
    Ok(Outcome::new(written(call, &trail)))
}

/// No trail here looks for insights.
pub(crate) fn get_insights(call: &Permitted<Call<'_>>) -> Result<Outcome, ApiError> {
    let trail = show::to_read(call, "TrailName")?;
    let arn = trail.arn(call.platform().partition());
    Err(ApiError::new(
        "InsightNotEnabledException",
        400,
        format!(
            "Trail {arn} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again."
        ),
    ))
}

fn written(call: &Call<'_>, trail: &crate::record::Trail) -> Value {
    let out = Value::map().with("TrailARN", trail.arn(call.platform().partition()));
    match &trail.selection {
        Selection::Basic(all) => {
            let selector = |selector: &Basic| {
                let data = |data: &DataResource| {
                    Value::map()
                        .with("Type", data.kind.as_str())
                        .with("Values", data.arns.clone())
                };
                Value::map()
                    .with("ReadWriteType", selector.read_write.as_str())
                    .with("IncludeManagementEvents", selector.management)
                    .with(
                        "DataResources",
                        selector.data.iter().map(data).collect::<Value>(),
                    )
                    .with("ExcludeManagementEventSources", selector.excluded.clone())
            };
            out.with(
                "EventSelectors",
                all.iter().map(selector).collect::<Value>(),
            )
        }
        Selection::Advanced(all) => {
            let field = |field: &Field| {
                let mut out = Value::map().with("Field", field.field.as_str());
                for (operator, values) in field.operators() {
                    if !values.is_empty() {
                        out = out.with(operator, values.clone());
                    }
                }
                out
            };
            let selector = |selector: &Advanced| {
                Value::map()
                    .with_some("Name", selector.name.as_deref())
                    .with(
                        "FieldSelectors",
                        selector.fields.iter().map(field).collect::<Value>(),
                    )
            };
            out.with(
                "AdvancedEventSelectors",
                all.iter().map(selector).collect::<Value>(),
            )
        }
    }
}

/// The selection in an input.
pub(crate) fn read(input: &Value) -> Result<Selection, ApiError> {
    let (basic, advanced) = (
        input.list("EventSelectors"),
        input.list("AdvancedEventSelectors"),
    );
    match (basic.is_empty(), advanced.is_empty()) {
        (false, true) => basic_selectors(basic),
        (true, false) => advanced_selectors(advanced),
        (true, true) => Err(error::selectors(
            "A trail needs at least one event selector or advanced event selector.",
        )),
        (false, false) => Err(error::selectors(
            "A trail can not have both event selectors and advanced event selectors.",
        )),
    }
}

fn texts(value: &Value, member: &str) -> Vec<String> {
    let values = value.list(member).iter();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn basic_selectors(given: &[Value]) -> Result<Selection, ApiError> {
    if given.len() > MOST_SELECTORS {
        return Err(error::selectors(format!(
            "A trail can have at most {MOST_SELECTORS} event selectors."
        )));
    }
    let selectors: Vec<Basic> = given.iter().map(basic).collect::<Result<_, _>>()?;
    let resources = selectors.iter().flat_map(|selector| &selector.data);
    if resources.map(|data| data.arns.len()).sum::<usize>() > MOST_RESOURCES {
        return Err(error::selectors(format!(
            "A trail can have at most {MOST_RESOURCES} data resources."
        )));
    }
    Ok(Selection::Basic(selectors))
}

fn basic(given: &Value) -> Result<Basic, ApiError> {
    let kind = given.str("ReadWriteType").unwrap_or("All");
    let read_write = ReadWrite::read(kind)
        .ok_or_else(|| error::selectors(format!("ReadWriteType {kind} is not valid.")))?;
    let management = given.bool("IncludeManagementEvents") != Some(false);
    let excluded = texts(given, "ExcludeManagementEventSources");
    if let Some(source) = excluded
        .iter()
        .find(|source| !EXCLUDABLE.contains(&source.as_str()))
    {
        return Err(error::selectors(format!(
            "The event source {source} can not be excluded."
        )));
    }
    if !excluded.is_empty() && !management {
        return Err(error::selectors(
            "Event sources can only be excluded where management events are included.",
        ));
    }
    let data = given.list("DataResources").iter().map(data_resource);
    let data: Vec<DataResource> = data.collect::<Result<_, _>>()?;
    if !management && data.is_empty() {
        return Err(error::selectors(
            "An event selector must include management events or data resources.",
        ));
    }
    Ok(Basic {
        read_write,
        management,
        data,
        excluded,
    })
}

fn data_resource(given: &Value) -> Result<DataResource, ApiError> {
    let kind = given.str("Type").unwrap_or_default();
    let service = BASIC_TYPES.iter().find(|(known, _)| *known == kind);
    let (_, service) = service.ok_or_else(|| {
        error::selectors(format!(
            "Value {kind} for DataResources.Type is invalid. Use advanced event selectors for \
             resources of other types."
        ))
    })?;
    let arns = texts(given, "Values");
    for arn in &arns {
        if !is_data_arn(arn, service) {
            return Err(error::selectors(format!(
                "Value {arn} for DataResources.Values is invalid."
            )));
        }
    }
    Ok(DataResource {
        kind: kind.to_owned(),
        arns,
    })
}

/// `arn:aws:SERVICE` for all of it, or a longer ARN; of S3, one that names a bucket up to its end.
fn is_data_arn(arn: &str, service: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let of_service = matches!(parts.as_slice(), ["arn", partition, found, ..]
        if partition.starts_with("aws") && *found == service);
    let rest = match parts.as_slice() {
        [_, _, _] => return of_service,
        [_, _, _, _, _, rest] => *rest,
        _ => return false,
    };
    let whole = match service {
        "s3" => rest.is_empty() || rest.contains('/'),
        _ => !rest.is_empty(),
    };
    of_service && whole
}

fn advanced_selectors(given: &[Value]) -> Result<Selection, ApiError> {
    let selectors: Vec<Advanced> = given.iter().map(advanced).collect::<Result<_, _>>()?;
    let fields = selectors.iter().flat_map(|selector| &selector.fields);
    let values = fields.flat_map(|field| field.operators().map(|(_, values)| values.len()));
    if values.sum::<usize>() > MOST_VALUES {
        return Err(error::selectors(format!(
            "The advanced event selectors of a trail can have at most {MOST_VALUES} values."
        )));
    }
    Ok(Selection::Advanced(selectors))
}

fn advanced(given: &Value) -> Result<Advanced, ApiError> {
    let fields = given.list("FieldSelectors").iter().map(field);
    let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
    let find = |name: &str| fields.iter().find(|field| field.field == name);
    let category = match find("eventCategory").map(|field| field.equals.as_slice()) {
        Some([only]) => only.as_str(),
        _ => {
            return Err(error::selectors(
                "An advanced event selector must have the field eventCategory, with Equals and one value.",
            ));
        }
    };
    let (allowed, required): (&[&str], &[&str]) = match category {
        "Management" => (&["readOnly", "eventSource"], &[]),
        "Data" => (
            &[
                "readOnly",
                "eventName",
                "eventSource",
                "eventType",
                "resources.type",
                "resources.ARN",
                "sessionCredentialFromConsole",
                "userIdentity.arn",
            ],
            &["resources.type"],
        ),
        "NetworkActivity" => (
            &["eventSource", "eventName", "errorCode", "vpcEndpointId"],
            &["eventSource"],
        ),
        other => {
            return Err(error::selectors(format!(
                "The event category {other} is not valid for a trail."
            )));
        }
    };
    for (number, field) in fields.iter().enumerate() {
        let name = field.field.as_str();
        if name != "eventCategory" && !allowed.contains(&name) {
            return Err(error::selectors(format!(
                "The field {name} is not valid for {category} events."
            )));
        }
        if fields.iter().take(number).any(|other| other.field == name) {
            return Err(error::selectors(format!(
                "The field {name} is there more than once."
            )));
        }
        check_field(field, category)?;
    }
    if let Some(missing) = required.iter().find(|name| find(name).is_none()) {
        return Err(error::selectors(format!(
            "Selectors of {category} events must have the field {missing}."
        )));
    }
    Ok(Advanced {
        name: given.str("Name").map(str::to_owned),
        fields,
    })
}

fn field(given: &Value) -> Result<Field, ApiError> {
    let field = Field {
        field: given.str("Field").unwrap_or_default().to_owned(),
        equals: texts(given, "Equals"),
        starts_with: texts(given, "StartsWith"),
        ends_with: texts(given, "EndsWith"),
        not_equals: texts(given, "NotEquals"),
        not_starts_with: texts(given, "NotStartsWith"),
        not_ends_with: texts(given, "NotEndsWith"),
    };
    if field
        .operators()
        .iter()
        .all(|(_, values)| values.is_empty())
    {
        return Err(error::selectors(format!(
            "The field {} needs an operator with a value.",
            field.field
        )));
    }
    Ok(field)
}

fn check_field(field: &Field, category: &str) -> Result<(), ApiError> {
    let name = field.field.as_str();
    let only = |operator: &str| {
        let mut used = field.operators().into_iter();
        used.all(|(found, values)| found == operator || values.is_empty())
    };
    let wrong = |text: &str| Err(error::selectors(format!("The field {name} {text}")));
    match name {
        "eventCategory" | "readOnly" | "resources.type" if !only("Equals") => {
            wrong("can only have the operator Equals.")
        }
        "readOnly" | "sessionCredentialFromConsole"
            if field.equals.iter().any(|v| v != "true" && v != "false") =>
        {
            wrong("must be true or false.")
        }
        "resources.type" if field.equals.len() != 1 => wrong("must have one value."),
        "resources.type" if field.equals.iter().any(|v| v.split("::").count() != 3) => {
            wrong("must be a type such as AWS::S3::Object.")
        }
        "eventSource" if category == "Management" => {
            let known = |value: &String| EXCLUDABLE.contains(&value.as_str());
            if only("NotEquals") && field.not_equals.iter().all(known) {
                Ok(())
            } else {
                wrong(
                    "can only be NotEquals kms.amazonaws.com or rdsdata.amazonaws.com for Management events.",
                )
            }
        }
        _ => Ok(()),
    }
}

//! Which events a trail takes (CloudTrail User Guide, "Logging management events", "Logging data
//! events", "How CloudTrail evaluates multiple conditions for a field").

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use trail::{Category, Outline, OutlineResource};

/// The event selectors of a trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Selection {
    Basic(Vec<Basic>),
    Advanced(Vec<Advanced>),
}

impl Default for Selection {
    /// All management events, and no data events.
    fn default() -> Self {
        Self::Basic(vec![Basic {
            read_write: ReadWrite::All,
            management: true,
            data: Vec::new(),
            excluded: Vec::new(),
        }])
    }
}

/// An event selector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Basic {
    pub(crate) read_write: ReadWrite,
    /// Whether management events are taken.
    pub(crate) management: bool,
    pub(crate) data: Vec<DataResource>,
    /// The sources whose management events are not.
    pub(crate) excluded: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReadWrite {
    ReadOnly,
    WriteOnly,
    All,
}

impl ReadWrite {
    pub(crate) fn read(text: &str) -> Option<Self> {
        Some(match text {
            "ReadOnly" => Self::ReadOnly,
            "WriteOnly" => Self::WriteOnly,
            "All" => Self::All,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "ReadOnly",
            Self::WriteOnly => "WriteOnly",
            Self::All => "All",
        }
    }

    fn takes(self, read_only: bool) -> bool {
        match self {
            Self::ReadOnly => read_only,
            Self::WriteOnly => !read_only,
            Self::All => true,
        }
    }
}

/// Resources whose data events are taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DataResource {
    pub(crate) kind: String,
    /// ARNs: of objects, what theirs begin with; of functions and tables, whole ones, or
    /// `arn:aws:lambda` and `arn:aws:dynamodb` for all.
    pub(crate) arns: Vec<String>,
}

impl DataResource {
    fn takes(&self, resource: &OutlineResource<'_>) -> bool {
        let named = resource.name();
        let of_kind = resource.kind.as_deref() == Some(self.kind.as_str());
        of_kind
            && self.arns.iter().any(|wanted| {
                let whole_service = wanted.matches(':').count() == 2;
                if self.kind == "AWS::S3::Object" || whole_service {
                    named.starts_with(wanted.as_str())
                } else {
                    named == wanted
                }
            })
    }
}

/// An advanced event selector: takes what fits all its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Advanced {
    pub(crate) name: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// What a field must be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Field {
    pub(crate) field: String,
    pub(crate) equals: Vec<String>,
    pub(crate) starts_with: Vec<String>,
    pub(crate) ends_with: Vec<String>,
    pub(crate) not_equals: Vec<String>,
    pub(crate) not_starts_with: Vec<String>,
    pub(crate) not_ends_with: Vec<String>,
}

impl Field {
    /// The operators by their names in the API, with their values.
    pub(crate) fn operators(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("Equals", &self.equals),
            ("StartsWith", &self.starts_with),
            ("EndsWith", &self.ends_with),
            ("NotEquals", &self.not_equals),
            ("NotStartsWith", &self.not_starts_with),
            ("NotEndsWith", &self.not_ends_with),
        ]
    }

    /// Whether the value fits: any of what it shall be, and none of what it shall not be.
    fn takes(&self, value: Option<&str>) -> bool {
        let any = |values: &[String], fits: fn(&str, &str) -> bool| {
            value.is_some_and(|value| values.iter().any(|wanted| fits(value, wanted)))
        };
        let (equal, begins, ends): (fn(&str, &str) -> bool, _, _) = (
            |value, wanted| value == wanted,
            |value: &str, wanted: &str| value.starts_with(wanted),
            |value: &str, wanted: &str| value.ends_with(wanted),
        );
        let free =
            self.equals.is_empty() && self.starts_with.is_empty() && self.ends_with.is_empty();
        let selected = free
            || any(&self.equals, equal)
            || any(&self.starts_with, begins)
            || any(&self.ends_with, ends);
        let deselected = any(&self.not_equals, equal)
            || any(&self.not_starts_with, begins)
            || any(&self.not_ends_with, ends);
        selected && !deselected
    }
}

impl Selection {
    /// Whether a trail with this selection takes the event.
    pub(crate) fn takes(&self, event: &Outline<'_>) -> bool {
        match self {
            Self::Basic(selectors) => selectors.iter().any(|selector| selector.takes(event)),
            Self::Advanced(selectors) => selectors.iter().any(|selector| selector.takes(event)),
        }
    }
}

impl Basic {
    fn takes(&self, event: &Outline<'_>) -> bool {
        let kind = match event.event_category {
            Category::Management => {
                let source = event.event_source.as_ref();
                self.management && !self.excluded.iter().any(|excluded| excluded == source)
            }
            Category::Data => event
                .resources
                .iter()
                .any(|resource| self.data.iter().any(|wanted| wanted.takes(resource))),
            Category::NetworkActivity | Category::Insight => false,
        };
        kind && self.read_write.takes(event.read_only)
    }
}

impl Advanced {
    fn takes(&self, event: &Outline<'_>) -> bool {
        let (of_resources, of_event): (Vec<&Field>, Vec<&Field>) = self
            .fields
            .iter()
            .partition(|field| field.field.starts_with("resources."));
        if !of_event
            .iter()
            .all(|field| field.takes(value(event, &field.field).as_deref()))
        {
            return false;
        }
        let fits = |resource: &OutlineResource<'_>| {
            of_resources.iter().all(|field| match field.field.as_str() {
                "resources.type" => field.takes(resource.kind.as_deref()),
                _ => field.takes(Some(resource.name())),
            })
        };
        of_resources.is_empty() || event.resources.iter().any(fits)
    }
}

/// The value of a field that has one at most.
fn value<'e>(event: &'e Outline<'_>, field: &str) -> Option<Cow<'e, str>> {
    let text = match field {
        "eventCategory" => match event.event_category {
            Category::Management => "Management",
            Category::Data => "Data",
            Category::NetworkActivity => "NetworkActivity",
            Category::Insight => "Insight",
        },
        "readOnly" if event.read_only => "true",
        "readOnly" => "false",
        "eventName" => event.event_name.as_ref(),
        "eventSource" => event.event_source.as_ref(),
        "eventType" => event.event_type.as_ref(),
        "errorCode" => event.error_code.as_deref()?,
        "userIdentity.arn" => event.user_identity.arn.as_deref()?,
        // No session here comes from a console.
        "sessionCredentialFromConsole" => "false",
        _ => return None,
    };
    Some(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data(name: &str, arn: &str) -> String {
        json!({
            "eventTime": "2026-01-01T00:00:00Z", "eventSource": "s3.amazonaws.com",
            "eventName": name, "awsRegion": "us-east-1", "readOnly": name == "GetObject",
            "resources": [{"type": "AWS::S3::Object", "ARN": arn},
                          {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::b"}],
            "eventType": "AwsApiCall", "recipientAccountId": "123456789012",
            "eventCategory": "Data",
            "userIdentity": {"arn": "arn:aws:iam::123456789012:user/alice"},
        })
        .to_string()
    }

    fn field(name: &str, operator: &str, values: &[&str]) -> Field {
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        let mut field = Field {
            field: name.to_owned(),
            ..Field::default()
        };
        *match operator {
            "Equals" => &mut field.equals,
            "StartsWith" => &mut field.starts_with,
            "EndsWith" => &mut field.ends_with,
            "NotEquals" => &mut field.not_equals,
            "NotStartsWith" => &mut field.not_starts_with,
            _ => &mut field.not_ends_with,
        } = values;
        field
    }

    #[test]
    fn fields_select_by_any_and_deselect_by_each() {
        let text = data("GetObject", "arn:aws:s3:::b/in/a.txt");
        let event: Outline<'_> = serde_json::from_str(&text).unwrap();
        for (name, operator, values, expected) in [
            ("eventName", "Equals", &["PutObject", "GetObject"][..], true),
            ("eventName", "Equals", &["PutObject"], false),
            ("eventName", "StartsWith", &["Get"], true),
            ("eventName", "EndsWith", &["Object"], true),
            ("eventName", "EndsWith", &["Acl"], false),
            ("eventName", "NotEquals", &["PutObject", "GetObject"], false),
            ("eventName", "NotStartsWith", &["Put"], true),
            ("eventName", "NotEndsWith", &["Object"], false),
            ("readOnly", "Equals", &["true"], true),
            ("readOnly", "Equals", &["false"], false),
            ("resources.ARN", "StartsWith", &["arn:aws:s3:::b/in/"], true),
            (
                "resources.ARN",
                "StartsWith",
                &["arn:aws:s3:::b/out/"],
                false,
            ),
            (
                "resources.ARN",
                "NotStartsWith",
                &["arn:aws:s3:::b/in/"],
                false,
            ),
            ("resources.ARN", "NotEndsWith", &[".csv"], true),
            // The bucket's own ARN is no object's.
            ("resources.ARN", "Equals", &["arn:aws:s3:::b"], false),
            ("userIdentity.arn", "EndsWith", &["user/alice"], true),
            ("userIdentity.arn", "NotEndsWith", &["user/alice"], false),
            ("errorCode", "Equals", &["AccessDenied"], false),
            ("errorCode", "NotEquals", &["AccessDenied"], true),
        ] {
            let selector = Advanced {
                name: None,
                fields: vec![
                    field("eventCategory", "Equals", &["Data"]),
                    field("resources.type", "Equals", &["AWS::S3::Object"]),
                    field(name, operator, values),
                ],
            };
            let takes = Selection::Advanced(vec![selector]).takes(&event);
            assert_eq!(takes, expected, "{name} {operator} {values:?}");
        }
    }

    #[test]
    fn basic_selectors_take_objects_by_prefix_and_by_effect() {
        let basic = |read_write, arn: &str| {
            Selection::Basic(vec![Basic {
                read_write,
                management: true,
                data: vec![DataResource {
                    kind: "AWS::S3::Object".to_owned(),
                    arns: vec![arn.to_owned()],
                }],
                excluded: Vec::new(),
            }])
        };
        let (get, put) = (
            data("GetObject", "arn:aws:s3:::b/in/a"),
            data("PutObject", "arn:aws:s3:::b/in/a"),
        );
        let get: Outline<'_> = serde_json::from_str(&get).unwrap();
        let put: Outline<'_> = serde_json::from_str(&put).unwrap();
        for (arn, expected) in [
            ("arn:aws:s3", true),
            ("arn:aws:s3:::b/", true),
            ("arn:aws:s3:::b/in", true),
            ("arn:aws:s3:::b/out", false),
            ("arn:aws:s3:::c/", false),
        ] {
            assert_eq!(basic(ReadWrite::All, arn).takes(&get), expected, "{arn}");
        }
        assert!(!basic(ReadWrite::WriteOnly, "arn:aws:s3").takes(&get));
        assert!(basic(ReadWrite::WriteOnly, "arn:aws:s3").takes(&put));
        assert!(!Selection::default().takes(&get));
    }
}

//! Small copyable views of the records: operations, shapes and members.

use super::tables::Service;

/// What a shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Named members.
    Structure,
    /// Values of one shape, in order.
    List,
    /// Values of one shape under keys.
    Map,
    /// Text.
    String,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    Long,
    /// A floating-point number of 32 bits.
    Float,
    /// A floating-point number of 64 bits.
    Double,
    /// True or false.
    Boolean,
    /// An instant.
    Timestamp,
    /// Bytes.
    Blob,
    /// Free JSON.
    Document,
}

/// Where a member stands in an HTTP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the body (or it is the body: [`Shape::payload`]).
    Body,
    /// In the header [`Member::wire_name`].
    Header,
    /// A map in all headers that begin with [`Member::wire_name`].
    Headers,
    /// In the query parameter [`Member::wire_name`], or, for a map, in all that are left.
    Querystring,
    /// In the label [`Member::wire_name`] of the path.
    Uri,
    /// The response's status.
    StatusCode,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimestampFormat {
    /// `2026-11-22T05:00:00Z`
    Iso8601,
    /// `Sun, 22 Nov 2026 05:00:00 GMT`
    Rfc822,
    /// Seconds since 1970, with a fraction.
    UnixTimestamp,
}

/// A limit of a value or of a length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
}

/// What the model says about an error shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorTraits {
    /// The code on the wire when it is not the shape's name (query protocol).
    pub code: Option<&'static str>,
    /// The HTTP status, when given.
    pub status: Option<u16>,
    /// Whether the caller is at fault.
    pub sender_fault: bool,
}

/// One operation of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    service: &'static Service,
    at: usize,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.service.name(), self.name())
    }
}

impl Operation {
    pub(super) fn new(service: &'static Service, number: usize) -> Self {
        Self {
            service,
            at: service.operation_at(number),
        }
    }

    fn field(self, number: usize) -> u16 {
        self.service.u16_at(self.at + number * 2)
    }

    fn text(self, number: usize) -> Option<&'static str> {
        self.service.string(self.field(number))
    }

    fn shape(self, number: usize) -> Option<Shape> {
        self.field(number)
            .checked_sub(1)
            .map(|shape| Shape::new(self.service, shape))
    }

    fn flag(self, bit: u16) -> bool {
        self.field(12) & bit != 0
    }

    /// The service that has this operation.
    #[must_use]
    pub fn service(self) -> &'static Service {
        self.service
    }

    /// The operation's name, for example `AssumeRole`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.text(0).unwrap_or_default()
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(self) -> &'static str {
        self.text(1).unwrap_or_default()
    }

    /// The path with its labels and fixed query, for example `/{Bucket}/{Key+}?uploads`.
    #[must_use]
    pub fn uri(self) -> &'static str {
        self.text(2).unwrap_or_default()
    }

    /// The status of a successful response.
    #[must_use]
    pub fn response_code(self) -> u16 {
        self.field(3)
    }

    /// The shape of the request.
    #[must_use]
    pub fn input(self) -> Option<Shape> {
        self.shape(4)
    }

    /// The shape of the response.
    #[must_use]
    pub fn output(self) -> Option<Shape> {
        self.shape(5)
    }

    /// The name of the request body's root element, when the model gives one.
    #[must_use]
    pub fn input_name(self) -> Option<&'static str> {
        self.text(6)
    }

    /// The namespace of the request body's root element: URI and prefix.
    #[must_use]
    pub fn input_namespace(self) -> Option<(&'static str, Option<&'static str>)> {
        self.text(7).map(|uri| (uri, self.text(8)))
    }

    /// The element around a query response's members, for example `AssumeRoleResult`.
    #[must_use]
    pub fn result_wrapper(self) -> Option<&'static str> {
        self.text(9)
    }

    /// The errors that the model declares for this operation.
    pub fn errors(self) -> impl ExactSizeIterator<Item = Shape> {
        let first = usize::from(self.field(10));
        (first..first + usize::from(self.field(11)))
            .map(move |word| Shape::new(self.service, self.service.word(word)))
    }

    /// Whether requests of this operation are not signed (`AssumeRoleWithWebIdentity`).
    #[must_use]
    pub fn unsigned(self) -> bool {
        self.flag(1)
    }

    /// Whether the model deprecates this operation in favour of another on the same path.
    #[must_use]
    pub fn deprecated(self) -> bool {
        self.flag(2)
    }

    /// Whether a request must carry a checksum of its body (S3).
    #[must_use]
    pub fn checksum_required(self) -> bool {
        self.flag(4)
    }

    /// What stands before the host name, for example `{RequestRoute}.`.
    #[must_use]
    pub fn host_prefix(self) -> Option<&'static str> {
        self.text(13)
    }

    /// The member that names the checksum algorithm of the request's body.
    #[must_use]
    pub fn checksum_member(self) -> Option<&'static str> {
        self.text(14)
    }
}

/// One shape of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    service: &'static Service,
    number: u16,
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.service.name(), self.name())
    }
}

impl Shape {
    pub(super) fn new(service: &'static Service, number: u16) -> Self {
        Self { service, number }
    }

    fn field(self, number: usize) -> u16 {
        self.service
            .u16_at(self.service.shape_at(self.number) + number * 2)
    }

    fn text(self, number: usize) -> Option<&'static str> {
        self.service.string(self.field(number))
    }

    fn flag(self, bit: u16) -> bool {
        self.field(2) & bit != 0
    }

    /// The service that has this shape.
    #[must_use]
    pub fn service(self) -> &'static Service {
        self.service
    }

    /// The shape's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.text(0).unwrap_or_default()
    }

    /// What the shape is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.field(1) & 0xff {
            0 => Kind::Structure,
            1 => Kind::List,
            2 => Kind::Map,
            4 => Kind::Integer,
            5 => Kind::Long,
            6 => Kind::Float,
            7 => Kind::Double,
            8 => Kind::Boolean,
            9 => Kind::Timestamp,
            10 => Kind::Blob,
            11 => Kind::Document,
            _ => Kind::String,
        }
    }

    /// How timestamps of this shape are written, when the model says so.
    #[must_use]
    pub fn timestamp_format(self) -> Option<TimestampFormat> {
        timestamp_format(self.field(1) >> 8)
    }

    /// Whether values of this shape must not appear in logs.
    #[must_use]
    pub fn sensitive(self) -> bool {
        self.flag(1)
    }

    /// Whether a list or map stands in its parent without an element of its own (XML, query).
    #[must_use]
    pub fn flattened(self) -> bool {
        self.flag(2)
    }

    /// Whether exactly one member of the structure is set.
    #[must_use]
    pub fn is_union(self) -> bool {
        self.flag(4)
    }

    /// Whether the shape is an error.
    #[must_use]
    pub fn is_error(self) -> bool {
        self.flag(8)
    }

    /// Whether the structure is a stream of events.
    #[must_use]
    pub fn is_event_stream(self) -> bool {
        self.flag(16)
    }

    /// The members of a structure, in the model's order.
    pub fn members(self) -> impl ExactSizeIterator<Item = Member> + Clone {
        let structure = self.kind() == Kind::Structure;
        let first = usize::from(self.field(3));
        let count = if structure {
            usize::from(self.field(4))
        } else {
            0
        };
        (first..first + count).map(move |number| Member::new(self.service, number))
    }

    /// The member of this name in a structure.
    #[must_use]
    pub fn member(self, name: &str) -> Option<Member> {
        self.members().find(|member| member.name() == name)
    }

    fn part(self, kind: Kind, number: usize) -> Option<Member> {
        (self.kind() == kind)
            .then(|| Member::new(self.service, usize::from(self.field(3)) + number))
    }

    /// The members of a list.
    #[must_use]
    pub fn list_member(self) -> Option<Member> {
        self.part(Kind::List, 0)
    }

    /// The keys of a map.
    #[must_use]
    pub fn map_key(self) -> Option<Member> {
        self.part(Kind::Map, 0)
    }

    /// The values of a map.
    #[must_use]
    pub fn map_value(self) -> Option<Member> {
        self.part(Kind::Map, 1)
    }

    /// The member that is the whole body.
    #[must_use]
    pub fn payload(self) -> Option<Member> {
        self.field(6)
            .checked_sub(1)
            .map(|number| Member::new(self.service, usize::from(self.field(3) + number)))
    }

    /// The element name that the model gives the structure itself.
    #[must_use]
    pub fn wire_name(self) -> Option<&'static str> {
        self.text(7)
    }

    /// What the model says about an error.
    #[must_use]
    pub fn error(self) -> Option<ErrorTraits> {
        self.is_error().then(|| ErrorTraits {
            code: self.text(8),
            status: Some(self.field(9)).filter(|status| *status != 0),
            sender_fault: self.flag(32),
        })
    }

    /// The number of this shape's constraint record, below [`Service::constraint_count`]; equal
    /// constraints share one. `None`: any value of the kind will do.
    #[must_use]
    pub fn constraint(self) -> Option<u16> {
        self.field(5).checked_sub(1)
    }

    fn constraint_field(self, number: usize) -> u16 {
        self.constraint().map_or(0, |constraint| {
            self.service
                .u16_at(self.service.constraint_at(constraint) + number * 2)
        })
    }

    fn bound(self, present: u16, float: u16, at: usize) -> Option<Bound> {
        let flags = self.constraint_field(0);
        let constraint = self.constraint().filter(|_| flags & present != 0)?;
        let raw = self
            .service
            .i64_at(self.service.constraint_at(constraint) + at);
        Some(if flags & float != 0 {
            Bound::Float(f64::from_bits(raw.cast_unsigned()))
        } else {
            Bound::Int(raw)
        })
    }

    /// The least value of a number; the least length of a string (characters), blob (bytes), list
    /// or map.
    #[must_use]
    pub fn min(self) -> Option<Bound> {
        self.bound(1, 4, 10)
    }

    /// The greatest value or length, as [`Shape::min`].
    #[must_use]
    pub fn max(self) -> Option<Bound> {
        self.bound(2, 8, 18)
    }

    /// The regular expression that a whole string must match, as the model writes it.
    #[must_use]
    pub fn pattern(self) -> Option<&'static str> {
        self.service.string(self.constraint_field(1))
    }

    /// [`Shape::pattern`] in the syntax of the crate `regex`, not anchored.
    #[must_use]
    pub fn regex(self) -> Option<&'static str> {
        self.service
            .string(self.constraint_field(2))
            .or_else(|| self.pattern())
    }

    /// The values that a string may have; empty when any will do.
    pub fn enumeration(self) -> impl ExactSizeIterator<Item = &'static str> + Clone {
        let first = usize::from(self.constraint_field(3));
        (first..first + usize::from(self.constraint_field(4))).map(move |word| {
            self.service
                .string(self.service.word(word))
                .unwrap_or_default()
        })
    }
}

/// A member of a structure, or the part of a list or map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Member {
    service: &'static Service,
    at: usize,
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {:?}", self.name(), self.shape())
    }
}

impl Member {
    fn new(service: &'static Service, number: usize) -> Self {
        Self {
            service,
            at: service.member_at(number),
        }
    }

    fn field(self, number: usize) -> u16 {
        self.service.u16_at(self.at + number * 2)
    }

    fn text(self, number: usize) -> Option<&'static str> {
        self.service.string(self.field(number))
    }

    fn flag(self, bit: u16) -> bool {
        self.field(3) & bit != 0
    }

    /// The member's name in the API; `member`, `key` or `value` for the parts of lists and maps.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.text(0).unwrap_or_default()
    }

    /// The name on the wire, where the model gives one that differs.
    #[must_use]
    pub fn explicit_wire_name(self) -> Option<&'static str> {
        self.text(1)
    }

    /// The name on the wire. [`Location::Headers`] may have an empty prefix.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self.explicit_wire_name() {
            Some(name) => name,
            None if self.location() == Location::Headers => "",
            None => self.name(),
        }
    }

    /// The member's shape.
    #[must_use]
    pub fn shape(self) -> Shape {
        Shape::new(self.service, self.field(2))
    }

    /// Where the member stands.
    #[must_use]
    pub fn location(self) -> Location {
        match self.field(4) & 0xff {
            1 => Location::Header,
            2 => Location::Headers,
            3 => Location::Querystring,
            4 => Location::Uri,
            5 => Location::StatusCode,
            _ => Location::Body,
        }
    }

    /// How the timestamp is written: the member's own format, or else its shape's.
    #[must_use]
    pub fn timestamp_format(self) -> Option<TimestampFormat> {
        timestamp_format(self.field(4) >> 8)
    }

    /// The namespace that the member's element declares: URI and prefix.
    #[must_use]
    pub fn namespace(self) -> Option<(&'static str, Option<&'static str>)> {
        self.text(5).map(|uri| (uri, self.text(6)))
    }

    /// Whether the member must be given.
    #[must_use]
    pub fn required(self) -> bool {
        self.flag(1)
    }

    /// Whether the list or map stands in its parent without an element of its own.
    #[must_use]
    pub fn flattened(self) -> bool {
        self.flag(2)
    }

    /// Whether the member is an XML attribute of its parent.
    #[must_use]
    pub fn xml_attribute(self) -> bool {
        self.flag(4)
    }

    /// Whether the bytes are a stream, not to be held in memory.
    #[must_use]
    pub fn streaming(self) -> bool {
        self.flag(8)
    }

    /// Whether clients fill the member in to make retries safe.
    #[must_use]
    pub fn idempotency_token(self) -> bool {
        self.flag(16)
    }

    /// Whether the text is JSON, base64-encoded when it is in a header.
    #[must_use]
    pub fn json_value(self) -> bool {
        self.flag(32)
    }

    /// Whether the member is part of the host name.
    #[must_use]
    pub fn host_label(self) -> bool {
        self.flag(64)
    }

    /// Whether the member is the payload of an event.
    #[must_use]
    pub fn event_payload(self) -> bool {
        self.flag(128)
    }
}

fn timestamp_format(number: u16) -> Option<TimestampFormat> {
    match number & 0xff {
        1 => Some(TimestampFormat::Iso8601),
        2 => Some(TimestampFormat::Rfc822),
        3 => Some(TimestampFormat::UnixTimestamp),
        _ => None,
    }
}

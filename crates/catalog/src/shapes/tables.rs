//! The binary layout of one service's tables. `xtask/src/shapes/encode.rs` writes it.
//!
//! Header (little endian): `PSHP`, version `u16`, protocol `u8`, flags `u8`, twelve string numbers
//! `u16`, then for each section its offset `u32` and count `u32`. String number 0 is absent.

use super::handles::{Operation, Shape};

/// The width in bytes of one record of each section.
pub(super) mod width {
    pub(in crate::shapes) const OPERATION: usize = 32;
    pub(in crate::shapes) const SHAPE: usize = 20;
    pub(in crate::shapes) const MEMBER: usize = 14;
    pub(in crate::shapes) const CONSTRAINT: usize = 26;
}

const MAGIC: &[u8; 4] = b"PSHP";
const VERSION: u16 = 1;
const META_AT: usize = 8;
const SECTIONS_AT: usize = 32;

/// The protocol of a service: how requests and responses are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Form parameters in, XML out (STS, IAM).
    Query,
    /// `application/x-amz-json-1.0` or `-1.1` with `X-Amz-Target`.
    Json,
    /// REST paths and headers, JSON bodies.
    RestJson,
    /// REST paths and headers, XML bodies (S3).
    RestXml,
}

#[derive(Clone, Copy, Debug)]
struct Section {
    at: usize,
    count: usize,
}

impl Section {
    const EMPTY: Self = Self { at: 0, count: 0 };
}

/// The tables of one service.
pub struct Service {
    bin: &'static [u8],
    text: &'static str,
    strings: Section,
    operations: Section,
    shapes: Section,
    members: Section,
    constraints: Section,
    words: Section,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Service").field(&self.name()).finish()
    }
}

impl PartialEq for Service {
    /// Services are the same when they are the same tables.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.bin, other.bin)
    }
}

impl Eq for Service {}

const fn u16_in(bin: &[u8], at: usize) -> u16 {
    match bin.split_at_checked(at) {
        Some((_, [low, high, ..])) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

const fn u32_in(bin: &[u8], at: usize) -> u32 {
    match bin.split_at_checked(at) {
        Some((_, [a, b, c, d, ..])) => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => 0,
    }
}

impl Service {
    /// Tables in the form that `cargo xtask shapes` writes: records and their text.
    ///
    /// Bytes that are no such tables give a service without operations and shapes.
    #[must_use]
    pub const fn new(bin: &'static [u8], text: &'static str) -> Self {
        let known = match bin.split_first_chunk::<4>() {
            Some((magic, _)) => {
                u32::from_le_bytes(*magic) == u32::from_le_bytes(*MAGIC)
                    && u16_in(bin, 4) == VERSION
            }
            None => false,
        };
        let mut sections = [Section::EMPTY; 6];
        if known {
            let mut rest: &mut [Section] = &mut sections;
            let mut at = SECTIONS_AT;
            while let Some((section, tail)) = rest.split_first_mut() {
                section.at = u32_in(bin, at) as usize;
                section.count = u32_in(bin, at + 4) as usize;
                at += 8;
                rest = tail;
            }
        }
        let [strings, operations, shapes, members, constraints, words] = sections;
        Self {
            bin,
            text,
            strings,
            operations,
            shapes,
            members,
            constraints,
            words,
        }
    }

    pub(super) fn u16_at(&self, at: usize) -> u16 {
        u16_in(self.bin, at)
    }

    pub(super) fn i64_at(&self, at: usize) -> i64 {
        let low = u64::from(u32_in(self.bin, at));
        let high = u64::from(u32_in(self.bin, at + 4));
        (low | (high << 32)).cast_signed()
    }

    /// The text of a string number; `None` for 0.
    pub(super) fn string(&self, number: u16) -> Option<&'static str> {
        if number == 0 || usize::from(number) >= self.strings.count {
            return None;
        }
        let at = self.strings.at + usize::from(number) * 4;
        let from = u32_in(self.bin, at) as usize;
        let to = u32_in(self.bin, at + 4) as usize;
        self.text.get(from..to)
    }

    pub(super) fn operation_at(&self, number: usize) -> usize {
        self.operations.at + number * width::OPERATION
    }

    pub(super) fn shape_at(&self, number: u16) -> usize {
        self.shapes.at + usize::from(number) * width::SHAPE
    }

    pub(super) fn member_at(&self, number: usize) -> usize {
        self.members.at + number * width::MEMBER
    }

    pub(super) fn constraint_at(&self, number: u16) -> usize {
        self.constraints.at + usize::from(number) * width::CONSTRAINT
    }

    pub(super) fn word(&self, number: usize) -> u16 {
        if number < self.words.count {
            self.u16_at(self.words.at + number * 2)
        } else {
            0
        }
    }

    fn meta(&self, number: usize) -> Option<&'static str> {
        self.string(self.u16_at(META_AT + number * 2))
    }

    /// botocore's name of the service: `sts`, `iam`, `s3`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.meta(0).unwrap_or_default()
    }

    /// The service id of the model, for example `Secrets Manager`.
    #[must_use]
    pub fn service_id(&self) -> &'static str {
        self.meta(1).unwrap_or_default()
    }

    /// The date that names the API's version, for example `2011-06-15`.
    #[must_use]
    pub fn api_version(&self) -> &'static str {
        self.meta(2).unwrap_or_default()
    }

    /// The first label of the service's host names, for example `api.sagemaker`.
    #[must_use]
    pub fn endpoint_prefix(&self) -> &'static str {
        self.meta(3).unwrap_or_default()
    }

    /// The one host of a service that is not regional, for example `iam.amazonaws.com`.
    #[must_use]
    pub fn global_endpoint(&self) -> Option<&'static str> {
        self.meta(4)
    }

    /// The service's name in a signature's credential scope.
    #[must_use]
    pub fn signing_name(&self) -> &'static str {
        self.meta(5).unwrap_or_default()
    }

    /// The part of `X-Amz-Target` before the last dot; absent outside of awsJson.
    #[must_use]
    pub fn target_prefix(&self) -> Option<&'static str> {
        self.meta(6)
    }

    /// `1.0` or `1.1`, for awsJson.
    #[must_use]
    pub fn json_version(&self) -> Option<&'static str> {
        self.meta(7)
    }

    /// The XML namespace of the service's documents.
    #[must_use]
    pub fn xml_namespace(&self) -> Option<&'static str> {
        self.meta(8)
    }

    /// How this service reads and writes.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        match self.bin.get(6) {
            Some(1) => Protocol::Json,
            Some(2) => Protocol::RestJson,
            Some(3) => Protocol::RestXml,
            _ => Protocol::Query,
        }
    }

    /// Whether errors also name the code that the service used when it spoke the query protocol.
    #[must_use]
    pub fn query_compatible(&self) -> bool {
        self.bin.get(7).is_some_and(|flags| flags & 1 != 0)
    }

    /// The operation of this name.
    #[must_use]
    pub fn operation(&'static self, name: &str) -> Option<Operation> {
        let found = search(self.operations.count, |number| {
            Operation::new(self, number).name().cmp(name)
        })?;
        Some(Operation::new(self, found))
    }

    /// All operations, in the order of their names.
    pub fn operations(&'static self) -> impl ExactSizeIterator<Item = Operation> + Clone {
        (0..self.operations.count).map(move |number| Operation::new(self, number))
    }

    /// The shape of this name.
    #[must_use]
    pub fn shape(&'static self, name: &str) -> Option<Shape> {
        let found = search(self.shapes.count, |number| {
            u16::try_from(number).map_or(std::cmp::Ordering::Greater, |number| {
                Shape::new(self, number).name().cmp(name)
            })
        })?;
        u16::try_from(found)
            .ok()
            .map(|number| Shape::new(self, number))
    }

    /// All shapes, in the order of their names.
    pub fn shapes(&'static self) -> impl Iterator<Item = Shape> + Clone {
        (0..self.shapes.count)
            .filter_map(|number| u16::try_from(number).ok())
            .map(move |number| Shape::new(self, number))
    }

    /// How many member records there are; for tests that walk all of them.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.members.count
    }

    /// How many constraint records there are; each [`Shape::constraint`] is below it.
    #[must_use]
    pub fn constraint_count(&self) -> usize {
        self.constraints.count
    }
}

/// Binary search over record numbers.
fn search(count: usize, order: impl Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match order(middle) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

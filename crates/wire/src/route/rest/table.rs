//! The operations of a service by method and path, as the model tells them. They are sorted once, at the first
//! request.

use catalog::shapes::{self, Location, Operation, Service};
use std::ops::Deref;
use std::sync::OnceLock;

/// All operations of a service.
#[derive(Default)]
pub(super) struct Table(Vec<Method>);

struct Method {
    name: &'static str,
    places: Vec<Path>,
}

/// The operations of one method and path.
pub(super) struct Path {
    /// The path with its labels: `/{Bucket}/{Key+}`.
    pub(super) template: &'static str,
    pub(super) routes: Vec<Route>,
}

/// An operation.
pub(super) struct Route {
    pub(super) operation: Operation,
    /// Its place in the model.
    pub(super) number: usize,
    /// The fixed parameters of the query: names, and values if they have one.
    pub(super) fixed: Vec<(&'static str, Option<&'static str>)>,
    /// What must be there.
    pub(super) required: Vec<(Place, &'static str)>,
    /// The parameters of the query that it knows.
    pub(super) parameters: Vec<&'static str>,
    /// Whether it knows any.
    pub(super) takes_any: bool,
    /// Whether another operation on the same path is meant where nothing tells them apart.
    pub(super) second: bool,
}

/// Where a required member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Query,
    Header,
}

/// A table, wherever it is.
pub(super) enum Sorted {
    Kept(&'static Table),
    Made(Table),
}

impl Deref for Sorted {
    type Target = Table;

    fn deref(&self) -> &Table {
        match self {
            Self::Kept(table) => table,
            Self::Made(table) => table,
        }
    }
}

/// The table of a service. Of one that is none of the catalog's it is made each time.
pub(super) fn of(service: &'static Service) -> Sorted {
    static TABLES: OnceLock<Vec<OnceLock<Table>>> = OnceLock::new();
    let services = shapes::services();
    let tables = TABLES.get_or_init(|| services.iter().map(|_| OnceLock::new()).collect());
    let at = services.iter().position(|known| known == service);
    match at.and_then(|at| tables.get(at)) {
        Some(table) => Sorted::Kept(table.get_or_init(|| Table::read(service))),
        None => Sorted::Made(Table::read(service)),
    }
}

impl Table {
    fn read(service: &'static Service) -> Self {
        let mut table = Self::default();
        for (number, operation) in service.operations().enumerate() {
            let uri = operation.uri();
            let (template, fixed) = uri.split_once('?').unwrap_or((uri, ""));
            let route = Route::read(operation, number, fixed);
            table.add(operation.method(), template, route);
        }
        table
    }

    fn add(&mut self, method: &'static str, template: &'static str, route: Route) {
        let none = || Method {
            name: method,
            places: Vec::new(),
        };
        let method = found_or_made(&mut self.0, |known| known.name == method, none);
        let none = || Path {
            template,
            routes: Vec::new(),
        };
        let is = |known: &Path| known.template == template;
        let path = method.and_then(|method| found_or_made(&mut method.places, is, none));
        if let Some(path) = path {
            path.routes.push(route);
        }
    }

    /// The paths of a method.
    pub(super) fn places(&self, method: &str) -> &[Path] {
        let found = self.0.iter().find(|known| known.name == method);
        found.map_or(&[], |found| &found.places)
    }

    /// The operations on a path, of all methods.
    pub(super) fn routes_at(&self, template: &'static str) -> impl Iterator<Item = &Route> {
        let places = self.0.iter().flat_map(|method| &method.places);
        places
            .filter(move |place| place.template == template)
            .flat_map(|place| &place.routes)
    }
}

impl Route {
    fn read(operation: Operation, number: usize, fixed: &'static str) -> Self {
        let members = || {
            let input = operation.input();
            input.into_iter().flat_map(|shape| shape.members())
        };
        let in_query = || members().filter(|member| member.location() == Location::Querystring);
        let required =
            members()
                .filter(|member| member.required())
                .filter_map(|member| match member.location() {
                    Location::Querystring => Some((Place::Query, member.wire_name())),
                    Location::Header => Some((Place::Header, member.wire_name())),
                    _ => None,
                });
        Self {
            operation,
            number,
            fixed: literals(fixed).collect(),
            required: required.collect(),
            parameters: in_query().map(|member| member.wire_name()).collect(),
            takes_any: in_query().any(|member| member.shape().map_value().is_some()),
            // Of two operations on one path the newer one is meant; directory buckets have hosts of
            // their own.
            second: operation.deprecated() || operation.name() == "ListDirectoryBuckets",
        }
    }
}

fn found_or_made<T>(
    all: &mut Vec<T>,
    is: impl FnMut(&T) -> bool,
    make: impl FnOnce() -> T,
) -> Option<&mut T> {
    let at = all.iter().position(is).unwrap_or_else(|| {
        all.push(make());
        all.len() - 1
    });
    all.get_mut(at)
}

/// The fixed parameters of a template: names, and values if they have one.
fn literals(text: &'static str) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (part, None),
        })
}

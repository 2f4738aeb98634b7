//! Generated files are what their generators made.

#[test]
fn the_tables_of_the_catalog_are_up_to_date() {
    xtask::catalog::check_stamp().unwrap();
}

#[test]
fn the_tables_of_the_shapes_are_up_to_date() {
    xtask::shapes::check_stamp().unwrap();
}

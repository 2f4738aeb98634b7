use super::model;

#[test]
fn numbers_mean_the_same_to_writer_and_reader() {
    assert_eq!(
        catalog::AccessLevel::ALL.map(catalog::AccessLevel::as_str),
        model::LEVELS
    );
    assert_eq!(
        catalog::KeyType::ALL.map(catalog::KeyType::as_str),
        model::TYPES
    );
}

//! A damaged blob is refused or shows less; it never panics.

use catalog::Tables;

const BLOB: &[u8] = include_bytes!("../../data/iam.bin");

/// Touches everything a few services hold, and looks a few names up.
fn walk(tables: &'static Tables) -> usize {
    let mut seen = 0;
    for service in tables.services().take(40) {
        for action in service.actions().take(60) {
            seen += action.to_string().len();
            seen += action
                .resources()
                .take(50)
                .map(|r| r.condition_keys().take(50).count())
                .sum::<usize>();
            seen += action.condition_keys().take(50).count();
            seen += action.dependent_actions().take(50).count();
        }
        for listed in service.resource_types().take(60) {
            seen += listed.name().bytes().count();
            seen += listed
                .arns()
                .take(9)
                .map(|arn| arn.bytes().count())
                .sum::<usize>();
            seen += listed.condition_keys().take(50).count();
        }
    }
    for name in [
        "sagemaker:DomainId",
        "aws:RequestTag/a",
        "s3:prefix",
        "none:such",
    ] {
        seen += usize::from(tables.condition_key(name).is_some());
    }
    for name in ["s3:GetObject", "sagemaker:CreateTrainingJob", "a:b", "zz:z"] {
        seen += usize::from(tables.action(name).is_some());
    }
    seen
}

/// Tables live as long as the program; the few that a test makes may too.
fn open(bytes: Vec<u8>) -> Option<&'static Tables> {
    Tables::open(bytes.leak()).map(|tables| &*Box::leak(Box::new(tables)))
}

#[test]
fn the_blob_as_it_is_opens() {
    assert!(walk(open(BLOB.to_vec()).expect("opens")) > 1000);
    assert!(BLOB.len() < 500_000, "{} bytes", BLOB.len());
}

#[test]
fn cut_or_lengthened_blobs_are_refused() {
    for length in [0, 1, 7, 8, 9, 11, 12, 100, 10_000, BLOB.len() - 1] {
        assert!(open(BLOB[..length].to_vec()).is_none(), "{length}");
    }
    let mut longer = BLOB.to_vec();
    longer.push(0);
    assert!(open(longer).is_none());
}

#[test]
fn another_format_is_refused() {
    let mut other = BLOB.to_vec();
    other[7] += 1;
    assert!(open(other).is_none());
}

#[test]
fn flipped_bytes_never_panic() {
    // A fixed sequence of places and masks (a linear congruential generator, Knuth's constants).
    let mut state = 1u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits")
    };
    for _ in 0..60 {
        let mut bytes = BLOB.to_vec();
        for _ in 0..2_000 {
            let place = 8 + next() % (bytes.len() - 8);
            bytes[place] = u8::try_from(next() & 0xff).expect("a byte");
        }
        if let Some(tables) = open(bytes) {
            walk(tables);
        }
    }
    // The same with the sections' lengths kept, so that reading gets further.
    for _ in 0..60 {
        let mut bytes = BLOB.to_vec();
        let half = bytes.len() / 2;
        for _ in 0..2_000 {
            let place = half + next() % half;
            bytes[place] = u8::try_from(next() & 0xff).expect("a byte");
        }
        open(bytes).map(walk).expect("the lengths are whole");
    }
}

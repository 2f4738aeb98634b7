//! What an alphabet promises: its symbols stand for every character, and tell apart what the sets do.

use super::super::Set;
use super::{Alphabet, MOST, RANKS, most_readable};

fn alphabet(sets: &[Set]) -> Option<Alphabet> {
    Alphabet::new(sets.iter())
}

fn symbols(sets: &[Set]) -> String {
    alphabet(sets).unwrap().symbols().iter().collect()
}

/// Each character behaves as one symbol does, no symbol stands twice, and a mask holds the symbols of its set.
#[test]
fn every_character_has_a_symbol_that_no_set_tells_from_it() {
    let given = [
        vec![Set::One('é'), Set::One('b'), Set::One('é'), Set::One('日')],
        vec![Set::One('é'), Set::ranges(vec![('é', 'é')])],
        vec![
            Set::ranges(vec![('b', 'é'), ('日', char::MAX)]),
            Set::One('日'),
        ],
        vec![
            Set::EitherCase('K'),
            Set::Except('k'),
            Set::Any,
            Set::One('k'),
        ],
        vec![
            Set::Except('ß'),
            Set::ranges(vec![('\0', ' '), ('{', '\u{d7ff}')]),
        ],
        vec![Set::Any],
    ];
    let ascii = (0..128).filter_map(char::from_u32);
    let characters: Vec<char> = ascii
        .chain("éßê日本\u{d7ff}\u{e000}".chars())
        .chain([char::MAX])
        .collect();
    for sets in &given {
        let alphabet = alphabet(sets).unwrap();
        let symbols = alphabet.symbols();
        for (at, symbol) in symbols.iter().enumerate() {
            assert!(!symbols[..at].contains(symbol), "{symbols:?}");
            assert_eq!(alphabet.first(1 << at), Some(*symbol));
        }
        assert_eq!(alphabet.all().count_ones() as usize, symbols.len());
        for c in &characters {
            let same = |symbol: &char| sets.iter().all(|s| s.contains(*c) == s.contains(*symbol));
            assert!(symbols.iter().any(same), "{c} of {sets:?}");
        }
        for set in sets {
            for (at, symbol) in symbols.iter().enumerate() {
                let inside = alphabet.mask(set) & 1 << at != 0;
                assert_eq!(inside, set.contains(*symbol), "{symbol} of {set:?}");
            }
        }
    }
}

#[test]
fn a_character_that_is_no_symbol_is_in_no_group() {
    let alphabet = alphabet(&[Set::One('a'), Set::One('é')]).unwrap();
    assert_eq!(alphabet.mask(&Set::One('?')), 0);
    assert_eq!(alphabet.mask(&Set::One('ß')), 0);
}

#[test]
fn there_are_128_groups_and_no_more() {
    let singles = |count: u32| -> Vec<Set> {
        let characters = (0x4e00..).filter_map(char::from_u32);
        characters.take(count as usize).map(Set::One).collect()
    };
    let full = alphabet(&singles(127)).unwrap();
    assert_eq!(full.symbols().len(), MOST);
    assert_eq!(full.all(), u128::MAX);
    assert!(alphabet(&singles(128)).is_none());
    // Sets that differ only in how they are written.
    let wide = |count: usize| -> Vec<Set> {
        let written = (1..=count).map(|times| Set::ranges(vec![('a', 'b'); times]));
        written.collect()
    };
    assert_eq!(alphabet(&wide(128)).unwrap().symbols().len(), 2);
    assert!(alphabet(&wide(129)).is_none());
    let twice = [wide(128), wide(128)].concat();
    assert_eq!(alphabet(&twice).unwrap().symbols().len(), 2);
}

#[test]
fn what_reads_well_stands_for_its_group() {
    assert_eq!(symbols(&[Set::One('/'), Set::Except('/')]), "a/");
    assert_eq!(symbols(&[Set::ranges(vec![('!', 'z')])]), "a ");
    assert_eq!(symbols(&[Set::EitherCase('a'), Set::One('Z')]), "abZ");
    assert_eq!(symbols(&[Set::ranges(vec![('\0', '~')])]), "a\u{7f}");
    let best = |low: u32, end: u32| most_readable(low, end, &RANKS).map(|(_, c)| c);
    assert_eq!(best(0x21, 0x62), Some('a'));
    assert_eq!(best(0x21, 0x61), Some('0'));
    assert_eq!(best(0x61, 0x61), None);
    assert_eq!(best(0, 0x20), Some('\0'));
    assert_eq!(best(0x7f, 0x100), Some('\u{7f}'));
    assert_eq!(best(0x80, 0x100), Some('\u{80}'));
    assert_eq!(best(0xd800, 0xe000), None);
    assert_eq!(best(0xd800, 0xe001), Some('\u{e000}'));
}

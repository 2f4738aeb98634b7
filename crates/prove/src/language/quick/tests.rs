//! What is seen without a search, and the texts at hand.

use super::super::{Answer, Pattern, Question, Set, Step};
use super::{clash, cut, differ, differ_plainly, disjoint, readable};

fn steps(text: &str) -> Vec<Step> {
    Pattern::glob(text).steps
}

#[test]
fn only_a_character_and_a_set_without_it_are_surely_disjoint() {
    let one = Set::One('a');
    assert!(disjoint(&one, &Set::One('b')) && disjoint(&Set::Except('a'), &one));
    assert!(disjoint(&one, &Set::EitherCase('b')));
    assert!(!disjoint(&one, &one) && !disjoint(&one, &Set::Any));
    assert!(!disjoint(&Set::EitherCase('A'), &one));
    assert!(!disjoint(&Set::EitherCase('a'), &Set::EitherCase('b')));
}

#[test]
fn beginnings_and_ends_differ_only_where_both_are_one_character() {
    let seen = |one: &str, other: &str| differ(steps(one).iter(), steps(other).iter());
    assert!(seen("ab*", "ac*") && seen("?a", "?b"));
    assert!(!seen("ab", "ab") && !seen("*b", "*c") && !seen("a", "ab") && !seen("", "a"));
    assert!(!seen("a*b", "ab?"));
    let plainly = |one: &str, other: &str| differ_plainly(&steps(one), &steps(other));
    assert!(plainly("*a", "*b") && plainly("b*", "a*"));
    // A plain text that the other does not take, on either side.
    assert!(plainly("aba", "a*b*ba") && plainly("a*b*ba", "aba"));
    assert!(!plainly("abba", "a*b*a") && !plainly("a*", "*b") && !plainly("a*b*ba", "a*a"));
}

#[test]
fn rows_are_cut_at_a_colon_that_no_step_before_it_takes() {
    let name = Step::Run(Set::Except(':'));
    let row = [vec![name.clone()], steps(":b:*")].concat();
    let (head, behind) = cut(&row).unwrap();
    assert_eq!((head, behind), (&[name.clone()][..], &row[2..]));
    assert!(cut(&steps("*:b")).is_none() && cut(&steps("ab")).is_none());
    assert!(cut(&[name.clone(), Step::Maybe(Set::One(':'))]).is_none());
    assert!(cut(&[name.clone(), Step::One(Set::Except('a'))]).is_none());
    let other = [vec![name.clone()], steps(":c:*")].concat();
    assert!(clash(&row, &other) && !clash(&row, &row));
    let longer = [vec![name.clone()], steps(":"), vec![name], steps(":*")].concat();
    assert!(!clash(&row, &longer) && !clash(&longer, &other));
}

#[test]
fn patterns_alone_in_their_groups_conflict_in_any_order() {
    let [a, b, any] = ["a*", "b*", "*"].map(Pattern::glob);
    let conflict = |all: &[&[&Pattern]]| {
        let all = all.iter().map(|group| group.to_vec()).collect();
        let none = Vec::new();
        Question { all, none }.conflicts()
    };
    assert!(conflict(&[&[&a], &[&b]]) && conflict(&[&[&a], &[&any], &[&b]]));
    assert!(conflict(&[&[&any], &[&a], &[&b]]));
    assert!(!conflict(&[&[&a], &[&any]]) && !conflict(&[&[&a], &[&a]]));
    assert!(!conflict(&[&[&a, &any], &[&b]]));
    assert!(!conflict(&[&[&a]]) && !conflict(&[]));
}

#[test]
fn samples_match_and_read_well() {
    let ranges = Set::ranges(vec![('é', 'é'), ('x', 'x')]);
    let pattern = Pattern {
        steps: vec![
            Step::One(Set::EitherCase('B')),
            Step::Maybe(Set::One('c')),
            Step::Run(Set::One('d')),
            Step::One(ranges.clone()),
        ],
    };
    for (each, text) in ["Bé", "Bdé", "Bddé"].into_iter().enumerate() {
        assert_eq!(pattern.sample(each).as_deref(), Some(text));
        assert!(pattern.matches(text));
    }
    assert_eq!(readable(&Set::Any), Some('a'));
    assert_eq!(readable(&Set::Except('a')), Some('0'));
    assert_eq!(readable(&ranges), Some('é'));
    assert_eq!(readable(&Set::ranges(Vec::new())), None);
    assert_eq!(pattern.fixed(), (2, 4));
    // A run of nothing is empty.
    let nothing = Pattern {
        steps: vec![Step::Run(Set::ranges(Vec::new()))],
    };
    assert_eq!(nothing.sample(0).as_deref(), Some(""));
    assert_eq!(nothing.sample(1), None);
}

#[test]
fn a_text_at_hand_fulfils_all_of_the_question() {
    let [some, a, literal] = ["?*", "a*", "b"].map(Pattern::glob);
    let ask = |all: &[&[&Pattern]], none: &[&Pattern]| {
        let all = all.iter().map(|group| group.to_vec()).collect();
        let none = none.to_vec();
        Question { all, none }.quick()
    };
    let text = |text: &str| Some(Answer::Text(text.to_owned()));
    assert_eq!(ask(&[], &[]), text(""));
    let empty = Pattern::literal("");
    assert_eq!(ask(&[], &[&empty]), text("a"));
    assert_eq!(ask(&[], &[&empty, &some]), None);
    assert_eq!(ask(&[&[&some], &[&a]], &[]), text("a"));
    assert_eq!(ask(&[&[&literal], &[&some]], &[]), text("b"));
    assert_eq!(ask(&[&[&literal], &[&a]], &[]), Some(Answer::Empty));
    assert_eq!(ask(&[&[&a]], &[&a]), None);
    let question = Question {
        all: vec![vec![&a, &literal], vec![&some]],
        none: vec![&empty],
    };
    assert!(question.holds("ab") && question.holds("b"));
    assert!(!question.holds("c") && !question.holds(""));
}

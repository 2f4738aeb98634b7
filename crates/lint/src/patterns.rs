//! Matching and comparing texts with the wildcards `*` and `?`.

/// Whether a pattern matches all of a text. Linear in their product at worst.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some('?') => {
                p += 1;
                t += 1;
            }
            Some(c) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// Whether every text that `inner` matches is surely matched by `outer`, both being patterns: `outer` matches `inner`'s
/// characters, its `*` taking `inner`'s wildcards as characters. Never true without being so.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    // A `?` of the outer must not take a `*` of the inner, which may stand for nothing or much.
    let outer: Vec<char> = outer.chars().collect();
    let inner: Vec<char> = inner.chars().collect();
    let (mut o, mut i) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while i < inner.len() {
        match (outer.get(o), inner.get(i)) {
            (Some('*'), _) => {
                retry = Some((o, i));
                o += 1;
            }
            (Some('?'), Some(c)) if *c != '*' => {
                o += 1;
                i += 1;
            }
            (Some(a), Some(b)) if a == b => {
                o += 1;
                i += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    o = star + 1;
                    i = from + 1;
                }
                None => return false,
            },
        }
    }
    outer.iter().skip(o).all(|c| *c == '*')
}

/// Whether some text is matched by both patterns.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    // Most pairs differ at once, which is seen without taking them apart.
    let is_wild = |byte: &u8| matches!(byte, b'*' | b'?');
    let mut pairs = a.bytes().zip(b.bytes());
    let apart = pairs.find(|(x, y)| x != y || is_wild(x));
    if apart.is_some_and(|(x, y)| !is_wild(&x) && !is_wild(&y)) {
        return false;
    }
    let a: Vec<char> = a.chars().take(LONGEST).collect();
    let b: Vec<char> = b.chars().take(LONGEST).collect();
    let Some((a, b)) = unlike(&a, &b) else {
        return false;
    };
    // row[j]: whether a[..i] and b[..j] can match a common text.
    let mut row = Vec::with_capacity(b.len() + 1);
    row.push(true);
    row.extend(b.iter().scan(true, |all, c| {
        *all &= *c == '*';
        Some(*all)
    }));
    let mut next = Vec::with_capacity(b.len() + 1);
    for x in a {
        next.clear();
        let mut last = row.first().copied().unwrap_or(false) && *x == '*';
        next.push(last);
        for (y, above) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = *above else { continue };
            let one = diagonal && (x == y || *x == '?' || *y == '?');
            let wild = (*x == '*' || *y == '*') && (diagonal || above || last);
            last = one || wild;
            next.push(last);
        }
        std::mem::swap(&mut row, &mut next);
    }
    row.last().copied().unwrap_or(false)
}

/// Two patterns without the characters that both begin and end with; nothing where these differ.
fn unlike<'p>(mut a: &'p [char], mut b: &'p [char]) -> Option<(&'p [char], &'p [char])> {
    let literal = |c: &char| !matches!(c, '*' | '?');
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b)
        && literal(x)
        && literal(y)
    {
        if x != y {
            return None;
        }
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., x], [rest_b @ .., y]) = (a, b)
        && literal(x)
        && literal(y)
    {
        if x != y {
            return None;
        }
        (a, b) = (rest_a, rest_b);
    }
    Some((a, b))
}

/// How much of a pattern is compared; what lies behind is taken to agree.
const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match() {
        assert!(glob("s3:get*", "s3:getobject"));
        assert!(glob("a*b*c", "axxbyyc"));
        assert!(!glob("a*b*c", "axxbyyd"));
        assert!(glob("*", ""));
        assert!(!glob("?", ""));
        assert!(glob("a?c", "abc"));
    }

    #[test]
    fn a_pattern_covers_narrower_ones_only() {
        assert!(covers("a*", "ab*"));
        assert!(covers("*", "?*"));
        assert!(!covers("a?", "a*"));
        assert!(!covers("ab*", "a*"));
        assert!(covers("a*c", "a*b*c"));
        assert!(covers("a?", "ab"));
        assert!(!covers("a", "a*"));
    }

    #[test]
    fn patterns_overlap_where_a_common_text_exists() {
        assert!(overlap("a*", "*b"));
        assert!(overlap("a?c", "ab*"));
        assert!(!overlap("a*", "b*"));
        assert!(overlap("*", ""));
        assert!(!overlap("a", ""));
        assert!(!overlap("abx*", "abcd?d*e"));
        assert!(overlap("ab*e", "abcd?d*e"));
        assert!(!overlap("aa", "a"));
        assert!(!overlap("a*a", "a"));
        assert!(overlap("a*a", "aa"));
        assert!(overlap("x/*", "x/*/y"));
    }
}

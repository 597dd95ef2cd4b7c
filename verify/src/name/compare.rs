//! Comparison of names (RFC 5280 §7.1).

use der::{Reader, Tag};
use unicode_normalization::UnicodeNormalization;

use super::{Name, RawAttribute, Rdn};
use crate::asn1::{self, Cursor};

/// More attributes in one component than any real name has; beyond it only equal octets match,
/// because sets are compared pairwise.
const MAX_ATTRIBUTES: usize = 16;

pub(super) fn equal(left: Name<'_>, right: Name<'_>) -> bool {
    let (Ok(mut left), Ok(mut right)) = (Cursor::new(left.rdns), Cursor::new(right.rdns)) else {
        return false;
    };
    while !left.is_finished() && !right.is_finished() {
        let a = asn1::read_value(&mut left, Tag::Set);
        let b = asn1::read_value(&mut right, Tag::Set);
        match (a, b) {
            (Ok(a), Ok(b)) if equal_rdn(Rdn(a), Rdn(b)) => {}
            _ => return false,
        }
    }
    left.is_finished() && right.is_finished()
}

pub(super) fn starts_with(name: Name<'_>, base: Name<'_>) -> bool {
    let mut components = name.rdns();
    base.rdns().all(|expected| {
        components
            .next()
            .is_some_and(|found| equal_rdn(found, expected))
    })
}

pub(super) fn equal_rdn(left: Rdn<'_>, right: Rdn<'_>) -> bool {
    if left == right {
        return true;
    }
    if let (Some(a), Some(b)) = (left.only_attribute(), right.only_attribute()) {
        return equal_attribute(a, b);
    }
    let count = left.raw_attributes().take(MAX_ATTRIBUTES + 1).count();
    if count > MAX_ATTRIBUTES || count != right.raw_attributes().take(MAX_ATTRIBUTES + 1).count() {
        return false;
    }
    let mut used = [false; MAX_ATTRIBUTES];
    left.raw_attributes().all(|a| {
        right
            .raw_attributes()
            .zip(used.iter_mut())
            .any(|(b, used)| {
                let found = !*used && equal_attribute(a, b);
                *used |= found;
                found
            })
    })
}

fn equal_attribute(left: RawAttribute<'_>, right: RawAttribute<'_>) -> bool {
    left.oid == right.oid
        && ((left.has_short_tag() && left.tag == right.tag && left.value == right.value)
            || match (left.ascii(), right.ascii()) {
                (Some(a), Some(b)) => same_ascii(a, b),
                _ => match (left.decoded(), right.decoded()) {
                    (Some(a), Some(b)) => prepared(&a).eq(prepared(&b)),
                    _ => false,
                },
            })
}

/// As [`folded`], for ASCII, which nearly every name is.
fn same_ascii(mut left: &[u8], mut right: &[u8]) -> bool {
    const fn skip(mut text: &[u8]) -> &[u8] {
        while let [b' ', rest @ ..] = text {
            text = rest;
        }
        text
    }
    const fn trim(text: &[u8]) -> &[u8] {
        let mut text = skip(text);
        while let [rest @ .., b' '] = text {
            text = rest;
        }
        text
    }
    (left, right) = (trim(left), trim(right));
    loop {
        (left, right) = match (left, right) {
            ([], []) => return true,
            ([b' ', a @ ..], [b' ', b @ ..]) => (skip(a), skip(b)),
            ([x, a @ ..], [y, b @ ..]) if x.eq_ignore_ascii_case(y) => (a, b),
            _ => return false,
        };
    }
}

/// Text beyond ASCII as RFC 4518 §2 has it compared: without case, in the form NFKC, white space
/// folded.
fn prepared(text: &str) -> impl Iterator<Item = char> {
    let lower = text.chars().flat_map(char::to_lowercase);
    let normal = lower.nfkc().flat_map(char::to_lowercase);
    folded(normal)
}

/// Lower case, white space at the ends removed, inner runs as one space (RFC 4518 §2.6.1).
fn folded(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut rest = text.skip_while(|next| *next == ' ').peekable();
    std::iter::from_fn(move || {
        let next = rest.next()?;
        if next == ' ' {
            while rest.next_if_eq(&' ').is_some() {}
            // White space at the end is none.
            rest.peek()?;
        }
        Some(next.to_ascii_lowercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_and_characters_fold_alike() {
        let texts = [
            "", " ", "a", "A", " a", "a ", "a b", "A  B", "  a   b ", "ab", "a b c", "a\tb", "b a",
        ];
        for a in texts {
            for b in texts {
                let slow = folded(a.chars()).eq(folded(b.chars()));
                assert_eq!(same_ascii(a.as_bytes(), b.as_bytes()), slow, "{a:?} {b:?}");
            }
        }
    }
}

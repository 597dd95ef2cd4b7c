//! Comparison of names (RFC 5280 §7.1).

use super::{Name, RawAttribute, Rdn};

/// More attributes in one component than any real name has; beyond it only equal octets match,
/// because sets are compared pairwise.
const MAX_ATTRIBUTES: usize = 16;

pub(super) fn equal(left: Name<'_>, right: Name<'_>) -> bool {
    let (mut left, mut right) = (left.rdns(), right.rdns());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if equal_rdn(a, b) => {}
            _ => return false,
        }
    }
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
            || match (left.text(), right.text()) {
                (Some(a), Some(b)) => folded(a).eq(folded(b)),
                _ => false,
            })
}

/// Lower case, white space at the ends removed, inner runs as one space (RFC 4518 §2.6.1).
fn folded(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text.trim_matches(' ').chars().peekable();
    std::iter::from_fn(move || {
        let next = rest.next()?;
        if next == ' ' {
            while rest.peek() == Some(&' ') {
                rest.next();
            }
        }
        Some(next.to_ascii_lowercase())
    })
}

//! Small primes, and residues of a large number by all of them at once.

use std::sync::LazyLock;

use num_bigint::BigUint;

/// Trial division stops here (CA/B BR §6.1.6: no factor smaller than 752).
pub(super) const TRIAL_DIVISION_BOUND: u32 = 752;

/// Odd primes below the bound, grouped so that the product of a group fits 32 bits: one pass over
/// the number per group instead of one per prime.
static GROUPS: LazyLock<Vec<(u32, Vec<u32>)>> = LazyLock::new(|| {
    let mut groups: Vec<(u32, Vec<u32>)> = Vec::new();
    for prime in odd_primes() {
        match groups.last_mut() {
            Some((product, members)) if product.checked_mul(prime).is_some() => {
                *product *= prime;
                members.push(prime);
            }
            _ => groups.push((prime, vec![prime])),
        }
    }
    groups
});

/// `(prime, number mod prime)` for every odd prime below the bound, ascending.
pub(super) fn residues(number: &BigUint) -> Vec<(u32, u32)> {
    let mut found = Vec::with_capacity(140);
    for (product, members) in GROUPS.iter() {
        let rest = u32::try_from(number % *product).unwrap_or_default();
        found.extend(members.iter().map(|prime| (*prime, rest % prime)));
    }
    found
}

/// 3, 5, 7, … below the bound.
pub(super) fn odd_primes() -> impl Iterator<Item = u32> {
    (3..TRIAL_DIVISION_BOUND).step_by(2).filter(|n| {
        (3..)
            .step_by(2)
            .take_while(|d| d * d <= *n)
            .all(|d| n % d != 0)
    })
}

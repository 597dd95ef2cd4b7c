//! The quality of RSA moduli.

use crate::lint::key::RsaKey;
use crate::lint::{CertificateFacts, CertificateLint, Lint, Outcome, Severity, Source};

pub(crate) const LINT: CertificateLint = Lint {
    name: "e_certificate_rsa_modulus",
    source: Source::Cabf,
    severity: Severity::Error,
    citation: "CA/B BR §6.1.5, §6.1.6",
    description: "an RSA modulus has at least 2,048 bits in whole octets, is odd, and has no factor below 752",
    check,
};

fn check(facts: &CertificateFacts<'_>) -> Outcome {
    let Some(key) = RsaKey::of(facts) else {
        return Outcome::NotApplicable;
    };
    if key.bits() < 2048 || !key.bits().is_multiple_of(8) {
        return Outcome::fail(format!("a modulus of {} bits", key.bits()));
    }
    small_factor(key.modulus).map_or(Outcome::Pass, |factor| {
        Outcome::fail(format!("{factor} divides the modulus"))
    })
}

/// The smallest prime below 752 that divides the big-endian `modulus`. Primes are taken in products
/// that fit 32 bits, so that the modulus is walked once for several of them.
fn small_factor(modulus: &[u8]) -> Option<u64> {
    let mut rest = PRIMES.as_slice();
    while let Some(first) = rest.first() {
        let (mut product, mut length) = (*first, 1);
        while let Some(prime) = rest.get(length)
            && product * prime <= u64::from(u32::MAX)
        {
            product *= prime;
            length += 1;
        }
        let residue = residue(modulus, product);
        let (group, after) = rest.split_at(length);
        if let Some(factor) = group.iter().find(|prime| residue.is_multiple_of(**prime)) {
            return Some(*factor);
        }
        rest = after;
    }
    None
}

/// `modulus` modulo a `divisor` of at most 32 bits.
fn residue(modulus: &[u8], divisor: u64) -> u64 {
    let (head, words) = modulus.as_rchunks::<4>();
    let start = head
        .iter()
        .fold(0, |rest, octet| ((rest << 8) | u64::from(*octet)) % divisor);
    words.iter().fold(start, |rest, word| {
        ((rest << 32) | u64::from(u32::from_be_bytes(*word))) % divisor
    })
}

/// The 133 primes below 752.
const PRIMES: [u64; 133] = {
    let mut primes = [0; 133];
    let (mut found, mut candidate) = (0, 2_u64);
    while candidate < 752 {
        let mut divisor = 2;
        while divisor * divisor <= candidate && !candidate.is_multiple_of(divisor) {
            divisor += 1;
        }
        if divisor * divisor > candidate {
            primes[found] = candidate;
            found += 1;
        }
        candidate += 1;
    }
    primes
};

#[cfg(test)]
mod tests {
    use super::LINT;
    use crate::lint::fixtures::{CertificateFixture, rsa_modulus, rsa_spki};

    #[test]
    fn modulus_is_long_and_without_small_factors() {
        let mut fixture = CertificateFixture::terminal_rsa();
        fixture.assert_passes(&LINT);
        CertificateFixture::terminal().assert_not_applicable(&LINT);
        let good = rsa_modulus();
        fixture.spki = rsa_spki(&good[..130], &[1, 0, 1]);
        fixture.assert_fails(&LINT, "1032 bits");
        let mut even = good.clone();
        *even.last_mut().unwrap() &= 0xfe;
        fixture.spki = rsa_spki(&even, &[1, 0, 1]);
        fixture.assert_fails(&LINT, "2 divides");
    }

    #[test]
    fn every_prime_below_752_is_tried() {
        assert!(super::PRIMES.starts_with(&[2, 3, 5, 7]) && super::PRIMES.ends_with(&[743, 751]));
        // 751 is the last prime below 752; 751 * 757 and 757 * 761 lie on both sides.
        for (number, factor) in [
            (751_u32 * 757, Some(751)),
            (757 * 761, None),
            (3 * 757, Some(3)),
        ] {
            assert_eq!(super::small_factor(&number.to_be_bytes()), factor);
            assert_eq!(
                super::small_factor(&[&[0][..], &number.to_be_bytes()].concat()),
                factor
            );
        }
    }
}

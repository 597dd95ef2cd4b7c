//! RSA keys: size, exponent, and three ways in which a modulus can be weak.

use std::sync::LazyLock;

use der::asn1::UintRef;
use der::{Reader, SliceReader};
use kasane_verify::KeyAlgorithm;
use num_bigint::BigUint;

use super::KeyError;
use super::primes::{odd_primes, residues};

/// The only public exponent we certify.
const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// Rounds of Fermat's factorisation. Primes that differ in their upper half survive any number;
/// the faulty generators of CVE-2022-26320 fall in the first.
const FERMAT_ROUNDS: u32 = 100;

/// Largest prime of the ROCA fingerprint: the primorial of 1,984 to 3,936-bit keys ends with it,
/// that of larger keys contains it (Nemec et al., CCS 2017, table 1).
const ROCA_LAST_PRIME: u32 = 701;

pub(super) fn check(rsa_public_key: &[u8]) -> Result<KeyAlgorithm, KeyError> {
    let (modulus, exponent) = parse(rsa_public_key)?;
    let bits = check_size(modulus)?;
    check_exponent(exponent)?;
    if modulus.last().is_none_or(|octet| octet % 2 == 0) {
        return Err(KeyError::RsaModulusEven);
    }
    let modulus = BigUint::from_bytes_be(modulus);
    let residues = residues(&modulus);
    if let Some((factor, _)) = residues.iter().find(|(_, residue)| *residue == 0) {
        return Err(KeyError::RsaSmallFactor { factor: *factor });
    }
    if has_roca_fingerprint(&residues) {
        return Err(KeyError::Roca);
    }
    if has_close_primes(&modulus) {
        return Err(KeyError::ClosePrimes);
    }
    Ok(KeyAlgorithm::Rsa { bits })
}

/// Modulus and exponent, big-endian without leading zeros (RFC 8017 appendix A.1.1).
fn parse(der: &[u8]) -> Result<(&[u8], &[u8]), KeyError> {
    let mut reader = SliceReader::new(der)?;
    let (modulus, exponent) = reader.sequence(|fields| -> der::Result<_> {
        Ok((
            fields.decode::<UintRef<'_>>()?,
            fields.decode::<UintRef<'_>>()?,
        ))
    })?;
    reader.finish()?;
    Ok((modulus.as_bytes(), exponent.as_bytes()))
}

fn check_size(modulus: &[u8]) -> Result<u32, KeyError> {
    let leading = modulus
        .first()
        .map_or(0, |octet| octet.leading_zeros() as usize);
    let bits = (modulus.len() * 8).saturating_sub(leading);
    match bits {
        2048 => Ok(2048),
        3072 => Ok(3072),
        4096 => Ok(4096),
        ..2048 => Err(KeyError::RsaTooShort { bits }),
        4097.. => Err(KeyError::RsaTooLong { bits }),
        _ => Err(KeyError::RsaSizeUnsupported { bits }),
    }
}

fn check_exponent(exponent: &[u8]) -> Result<(), KeyError> {
    match exponent {
        _ if exponent == EXPONENT => Ok(()),
        [1] => Err(KeyError::RsaExponentOne),
        [3] => Err(KeyError::RsaExponentThree),
        [.., last] if last % 2 == 0 => Err(KeyError::RsaExponentEven),
        _ => Err(KeyError::RsaExponentUnsupported),
    }
}

/// CVE-2017-15361: both primes are `k * M + 65537^a mod M` with a primorial `M`, so the modulus is a
/// power of 65537 modulo each prime of `M`. Honest keys pass all of them with negligible chance.
fn has_roca_fingerprint(residues: &[(u32, u32)]) -> bool {
    static POWERS: LazyLock<Vec<Vec<bool>>> = LazyLock::new(|| {
        odd_primes()
            .take_while(|prime| *prime <= ROCA_LAST_PRIME)
            .map(powers_of_65537)
            .collect()
    });
    POWERS.iter().zip(residues).all(|(powers, (_, residue))| {
        usize::try_from(*residue)
            .ok()
            .and_then(|i| powers.get(i))
            .is_some_and(|hit| *hit)
    })
}

fn powers_of_65537(prime: u32) -> Vec<bool> {
    let mut hit = vec![false; prime as usize];
    let mut power = 1 % prime;
    while let Some(slot) = hit.get_mut(power as usize)
        && !*slot
    {
        *slot = true;
        power = power * (65537 % prime) % prime;
    }
    hit
}

/// Fermat: `n = a² - b²` is found by trying `a` upwards from the square root.
fn has_close_primes(modulus: &BigUint) -> bool {
    let mut root = modulus.sqrt();
    if &root * &root < *modulus {
        root += 1u32;
    }
    // Nearly every difference is no square already modulo these, which costs no large arithmetic.
    let filters: Vec<_> = SQUARES
        .iter()
        .map(|(m, squares)| (*m, rest(&root, *m), rest(modulus, *m), squares))
        .collect();
    (0..FERMAT_ROUNDS).any(|round| {
        let may_be_square = filters.iter().all(|(m, root, modulus, squares)| {
            let a = u64::from((root + round) % m);
            let difference = (a * a + u64::from(m - modulus)) % u64::from(*m);
            usize::try_from(difference)
                .ok()
                .and_then(|i| squares.get(i))
                .is_some_and(|hit| *hit)
        });
        may_be_square && {
            let a = &root + round;
            let difference = &a * &a - modulus;
            let b = difference.sqrt();
            &b * &b == difference
        }
    })
}

/// Moduli with their quadratic residues.
static SQUARES: LazyLock<Vec<(u32, Vec<bool>)>> = LazyLock::new(|| {
    [64u32, 63, 65, 11, 17, 19, 23, 31]
        .into_iter()
        .map(|m| {
            let mut squares = vec![false; m as usize];
            for x in 0..m {
                if let Some(slot) = squares.get_mut((x * x % m) as usize) {
                    *slot = true;
                }
            }
            (m, squares)
        })
        .collect()
});

fn rest(number: &BigUint, modulus: u32) -> u32 {
    u32::try_from(number % modulus).unwrap_or_default()
}

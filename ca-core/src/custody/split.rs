//! Splitting and putting together.

use blahaj::Sharks;
use rand::SeedableRng;
use rand::rngs::StdRng;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::share::disturbs;
use super::{CustodyError, Share, ShareHeader};
use crate::random::RandomSource;

/// Octets of a wrap key (AES-256).
pub const SECRET_BYTES: usize = 32;

/// Most custodians: more cannot be brought together.
const MAX_CUSTODIANS: usize = 16;

/// Splits `secret` for the custodians of these roles, `threshold` of whom restore it.
///
/// # Errors
/// [`CustodyError::Numbers`], [`CustodyError::Role`],
/// [`CustodyError::SecretLength`] or [`CustodyError::Random`].
pub fn split(
    secret: &[u8],
    threshold: u8,
    custodians: &[String],
    random: &dyn RandomSource,
) -> Result<Vec<Share>, CustodyError> {
    let count = custodians.len();
    if threshold < 2 || usize::from(threshold) > count || count > MAX_CUSTODIANS {
        return Err(CustodyError::Numbers {
            threshold,
            custodians: count,
        });
    }
    if let Some(role) = custodians.iter().find(|it| it.chars().any(disturbs)) {
        return Err(CustodyError::Role { role: role.clone() });
    }
    if secret.len() != SECRET_BYTES {
        return Err(CustodyError::SecretLength {
            bytes: secret.len(),
        });
    }
    let (mut set, mut salt) = ([0; 8], [0; 16]);
    random.fill(&mut set)?;
    random.fill(&mut salt)?;
    let mut seed = Zeroizing::new([0; 32]);
    random.fill(&mut seed[..])?;
    // ChaCha12 from 256 bits of the given source: the scheme asks a generator that cannot fail.
    let mut generator = StdRng::from_seed(*seed);
    let checksum = checksum(&salt, secret);
    let shares = Sharks(threshold)
        .dealer_rng(secret, &mut generator)
        .zip(1_u8..)
        .zip(custodians)
        .map(|((share, index), role)| Share {
            header: ShareHeader {
                set: hex::encode(set),
                index,
                threshold,
                shares: u8::try_from(count).unwrap_or(u8::MAX),
                role: role.clone(),
                salt: salt.to_vec(),
                checksum: checksum.clone(),
            },
            octets: Zeroizing::new(Vec::from(&share)),
        })
        .collect();
    Ok(shares)
}

/// Puts shares together.
///
/// # Errors
/// The first share that does not fit, or [`CustodyError::WrongWhole`].
pub fn combine(shares: &[Share]) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
    let mut gathering = Gathering::default();
    for share in shares {
        gathering.add(share.clone())?;
    }
    gathering.secret()
}

/// Shares that come one after another.
#[derive(Debug, Default)]
pub struct Gathering {
    shares: Vec<Share>,
}

impl Gathering {
    /// Takes a share; how many are still needed.
    ///
    /// # Errors
    /// [`CustodyError::OtherSet`] or [`CustodyError::Duplicate`]; what was taken stays.
    pub fn add(&mut self, share: Share) -> Result<usize, CustodyError> {
        self.check(&share.header)?;
        self.shares.push(share);
        let (first, given) = (self.shares.first(), self.shares.len());
        let needed = first.map_or(0, |first| usize::from(first.header.threshold));
        Ok(needed.saturating_sub(given))
    }

    /// Whether a share of that header could be taken: asked before its passphrase is.
    ///
    /// # Errors
    /// As [`Gathering::add`].
    pub fn check(&self, header: &ShareHeader) -> Result<(), CustodyError> {
        let Some(first) = self.shares.first() else {
            return Ok(());
        };
        let same =
            |it: &ShareHeader| (it.set.clone(), it.threshold, it.shares, it.checksum.clone());
        if same(&first.header) != same(header) {
            return Err(CustodyError::OtherSet {
                expected: first.header.set.clone(),
                found: header.set.clone(),
            });
        }
        if self.shares.iter().any(|it| it.header.index == header.index) {
            return Err(CustodyError::Duplicate {
                index: header.index,
                role: header.role.clone(),
            });
        }
        Ok(())
    }

    /// The secret.
    ///
    /// # Errors
    /// [`CustodyError::TooFew`] or [`CustodyError::WrongWhole`].
    pub fn secret(&self) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let given = self.shares.len();
        let Some(first) = self.shares.first().map(|it| &it.header) else {
            return Err(CustodyError::TooFew {
                given,
                threshold: 2,
            });
        };
        let too_few = || CustodyError::TooFew {
            given,
            threshold: first.threshold,
        };
        if given < usize::from(first.threshold) {
            return Err(too_few());
        }
        let mut shares = Vec::with_capacity(given);
        for share in &self.shares {
            let wrong = |_| CustodyError::WrongWhole {
                set: first.set.clone(),
            };
            shares.push(blahaj::Share::try_from(share.octets.as_slice()).map_err(wrong)?);
        }
        let scheme = Sharks(first.threshold);
        let recovered = scheme.recover(&shares).map_err(|_| too_few())?;
        let mut secret = Zeroizing::new(recovered);
        if checksum(&first.salt, &secret) != first.checksum {
            secret.zeroize();
            return Err(CustodyError::WrongWhole {
                set: first.set.clone(),
            });
        }
        Ok(secret)
    }
}

fn checksum(salt: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(salt);
    digest.update(secret);
    digest.finalize().to_vec()
}

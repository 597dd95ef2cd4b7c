//! A YubiHSM 2's word about a key (YubiHSM 2 Core Concepts, "Attestation").
//!
//! The statement is a certificate of the attested key, made by the device's own attestation key;
//! what the vendor put into the device leads from there to the vendor's root.
//!
//! Checked: every signature up to a configured root; that names link; that nothing above the
//! statement is itself a statement (else an attested key could attest whatever it liked); that the
//! statement and the device's certificate name one serial number; that the key is the one asked
//! about; its label; that it was generated, here or in the device that it came from under wrap.
//!
//! Not checked, because these certificates do not keep to RFC 5280 §6 and a device has no clock:
//! validity, basic constraints, key usage, revocation, extensions of other arcs.

mod capability;
mod chain;
mod error;
mod facts;
mod statement;

#[cfg(test)]
mod tests;

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::CryptoProvider;

pub use error::AttestationError;
pub use facts::{AttestationFacts, Origin};

/// Longest attestation: a statement and what leads to the root have under 8 KiB.
pub const MAX_ATTESTATION_BYTES: usize = 64 * 1024;

/// Most certificates of one: statement, device, two intermediates, root, and room for one more of
/// each. Each costs one signature per root at most.
pub const MAX_CERTIFICATES: usize = 8;

/// Most roots that are tried.
pub const MAX_ROOTS: usize = 16;

/// The key that the statement must be about.
#[derive(Clone, Copy, Debug)]
pub struct Attested<'a> {
    /// Its label.
    pub label: &'a str,
    /// DER `SubjectPublicKeyInfo`.
    pub spki: &'a [u8],
    /// The serial number of the device, where it is known.
    pub serial: Option<u64>,
}

/// Reads and checks an attestation: the statement and what leads to the root, DER one after
/// another. `roots` are DER certificates.
///
/// # Errors
/// [`AttestationError`]: the first thing that does not fit.
pub fn verify(
    attestation: &[u8],
    roots: &[Vec<u8>],
    crypto: &dyn CryptoProvider,
    attested: &Attested<'_>,
) -> Result<AttestationFacts, AttestationError> {
    let facts = verify_imported(attestation, roots, crypto, attested.spki)?;
    facts.must_fit(attested)?;
    Ok(facts)
}

/// The same for a key that was made before the authority: its label in the device is another's, and
/// how it came into the device is a fact to record, not a reason to refuse.
///
/// # Errors
/// [`AttestationError`]: the first thing that does not fit.
pub fn verify_imported(
    attestation: &[u8],
    roots: &[Vec<u8>],
    crypto: &dyn CryptoProvider,
    spki: &[u8],
) -> Result<AttestationFacts, AttestationError> {
    let certificates = chain::split(attestation)?;
    let Some((statement, above)) = certificates.split_first() else {
        return Err(AttestationError::Empty);
    };
    let said = statement::Statement::read(statement)?;
    let root = chain::verify(statement, above, roots, crypto)?;
    // The device's own certificate names the device: a statement of another one is not its.
    let of_device = above.first().map(statement::serial).transpose()?.flatten();
    if let Some(serial) = of_device
        && serial != said.serial
    {
        return Err(AttestationError::Serial {
            expected: serial,
            found: said.serial,
        });
    }
    if statement.spki() != spki {
        return Err(AttestationError::OtherKey);
    }
    Ok(said.into_facts(root))
}

/// Reads a statement without checking who made it: for showing it to people.
///
/// # Errors
/// [`AttestationError`] when it is none.
pub fn read(attestation: &[u8]) -> Result<AttestationFacts, AttestationError> {
    let certificates = chain::split(attestation)?;
    let statement: &Certificate<'_> = certificates.first().ok_or(AttestationError::Empty)?;
    Ok(statement::Statement::read(statement)?.into_facts(chain::Root::default()))
}

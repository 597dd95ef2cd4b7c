//! `AlgorithmIdentifier` of signatures: read strictly, written one way.

use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;
use der::{Decode, Reader};
use spki::AlgorithmIdentifierRef;

use crate::{SignatureAlgorithm, asn1};

/// Why a signature algorithm is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// Not the DER of an `AlgorithmIdentifier`.
    #[error("cannot read signature algorithm: {0}")]
    Der(#[from] der::Error),
    /// Not one that has a name here, PSS and DSA among them.
    #[error("cannot use signature algorithm: {0} is not one that is verified")]
    Unknown(ObjectIdentifier),
    /// RSA wants NULL or nothing (RFC 4055 §5), ECDSA and Ed25519 nothing (RFC 5758 §3.2, RFC 8410 §3).
    #[error("cannot use signature algorithm: the parameters of {0} are wrong")]
    Parameters(SignatureAlgorithm),
}

impl AlgorithmError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Der(_) => "algorithm.malformed",
            Self::Unknown(_) => "algorithm.unknown",
            Self::Parameters(_) => "algorithm.parameters",
        }
    }
}

/// Reads the DER of a signature's `AlgorithmIdentifier`. Those over SHA-1 are read too; policy and
/// crypto provider refuse them.
///
/// # Errors
/// When it is malformed, unknown, or its parameters are not exactly what its standard says.
pub fn read_algorithm(der: &[u8]) -> Result<SignatureAlgorithm, AlgorithmError> {
    let (oid, parameters) = asn1::whole(der, |reader| {
        reader.sequence(|algorithm| -> Result<_, der::Error> {
            Ok((
                ObjectIdentifier::decode(algorithm)?,
                Option::<AnyRef<'_>>::decode(algorithm)?,
            ))
        })
    })?;
    let algorithm = SignatureAlgorithm::known(oid).ok_or(AlgorithmError::Unknown(oid))?;
    let right = match parameters {
        // RFC 4055 §5: the parameters of RSA are NULL, and their absence is accepted.
        None => true,
        Some(any) => algorithm.has_null_parameter() && any.is_null(),
    };
    if right {
        Ok(algorithm)
    } else {
        Err(AlgorithmError::Parameters(algorithm))
    }
}

/// The identifier to write for `algorithm`.
#[must_use]
pub fn algorithm_identifier(algorithm: SignatureAlgorithm) -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef {
        oid: algorithm.oid(),
        parameters: algorithm.has_null_parameter().then_some(AnyRef::NULL),
    }
}

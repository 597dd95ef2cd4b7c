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
    /// RSA takes NULL or nothing (RFC 4055 §5), ECDSA and Ed25519 nothing (RFC 5758 §3.2, RFC 8410
    /// §3).
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
    usual(der).map_or_else(|| read_any(der), Ok)
}

/// The identifiers as their standards write them: nearly every certificate has one of these, and a
/// question reads several of them several times.
const fn usual(der: &[u8]) -> Option<SignatureAlgorithm> {
    use SignatureAlgorithm as S;
    Some(match *der {
        // RFC 5758 §3.2.
        [0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, digest] => match digest {
            2 => S::EcdsaSha256,
            3 => S::EcdsaSha384,
            4 => S::EcdsaSha512,
            _ => return None,
        },
        // RFC 4055 §5.
        [
            0x30,
            13,
            6,
            9,
            0x2a,
            0x86,
            0x48,
            0x86,
            0xf7,
            0x0d,
            1,
            1,
            digest,
            5,
            0,
        ] => match digest {
            11 => S::RsaPkcs1Sha256,
            12 => S::RsaPkcs1Sha384,
            13 => S::RsaPkcs1Sha512,
            _ => return None,
        },
        _ => return None,
    })
}

fn read_any(der: &[u8]) -> Result<SignatureAlgorithm, AlgorithmError> {
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
        // RFC 4055 §5: NULL is what to write, and its absence must be accepted as well. RFC 3279
        // §2.2.1 does not say so of SHA-1, but old OCSP responders left it out there.
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

#[cfg(test)]
mod tests {
    use super::*;
    use der::Encode;

    const NULL: &[u8] = &[5, 0];

    fn with(algorithm: SignatureAlgorithm, parameters: &[u8]) -> Vec<u8> {
        let content = [&algorithm.oid().to_der().unwrap(), parameters].concat();
        [&[0x30, u8::try_from(content.len()).unwrap()], &content[..]].concat()
    }

    fn known() -> impl Iterator<Item = SignatureAlgorithm> {
        let legacy = SignatureAlgorithm::LEGACY;
        SignatureAlgorithm::ALL.into_iter().chain(legacy)
    }

    #[test]
    fn what_is_written_is_read_back() {
        for algorithm in known() {
            let der = algorithm_identifier(algorithm).to_der().unwrap();
            assert_eq!(read_algorithm(&der), Ok(algorithm));
        }
    }

    #[test]
    fn parameters_are_absent_or_with_rsa_null() {
        use crate::KeyFamily;
        for algorithm in known() {
            let refused = Err(AlgorithmError::Parameters(algorithm));
            let absent = read_algorithm(&with(algorithm, &[]));
            assert_eq!(absent, Ok(algorithm));
            let null = read_algorithm(&with(algorithm, NULL));
            match algorithm.family() {
                KeyFamily::Rsa => assert_eq!(null, Ok(algorithm)),
                KeyFamily::Ecc => assert_eq!(null, refused),
            }
            let other = read_algorithm(&with(algorithm, &[0x30, 0]));
            assert_eq!(other, refused);
        }
    }

    #[test]
    fn pss_is_unknown() {
        // id-RSASSA-PSS (RFC 4055 §3.1).
        let pss = hex::decode("300b06092a864886f70d01010a").unwrap();
        let error = read_algorithm(&pss).unwrap_err();
        assert_eq!(error.code(), "algorithm.unknown");
    }

    #[test]
    fn usual_form_is_what_is_written() {
        for algorithm in SignatureAlgorithm::ALL {
            let der = algorithm_identifier(algorithm).to_der().unwrap();
            assert_eq!(read_algorithm(&der), Ok(algorithm));
            assert_eq!(read_any(&der), Ok(algorithm));
            let is_usual = algorithm != SignatureAlgorithm::Ed25519;
            assert_eq!(usual(&der).is_some(), is_usual);
            for position in 0..der.len() {
                let mut changed = der.clone();
                changed[position] ^= 1;
                assert!(usual(&changed).is_none_or(|it| Ok(it) == read_any(&changed)));
            }
        }
    }
}

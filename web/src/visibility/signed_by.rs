//! Which key signed an OCSP response.

use kasane_verify::certificate::Certificate;
use kasane_verify::crypto::{CryptoProvider, DigestAlgorithm};
use kasane_verify::ocsp::OcspResponse;

/// SHA-256, lower-case hex, of the `SubjectPublicKeyInfo` of the delegated signer of a response that was
/// found genuine; none when no certificate in it has the key: then the issuer itself signed it.
pub(super) fn signed_by(crypto: &dyn CryptoProvider, response: &OcspResponse) -> Option<String> {
    let basic = response.basic().ok()?;
    let signer = basic.certificates.iter().find_map(|der| {
        let certificate = Certificate::from_der(der).ok()?;
        let key = crypto.public_key(certificate.spki()).ok()?;
        let verified = key.verify(basic.signature_algorithm, basic.tbs, basic.signature);
        verified.is_ok().then_some(certificate)
    })?;
    let digest = crypto.digest(DigestAlgorithm::Sha256, signer.spki());
    Some(hex::encode(digest.as_bytes()))
}

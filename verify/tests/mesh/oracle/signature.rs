//! Signatures, straight from the specification of each algorithm.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use der::Encode;
use x509_cert::Certificate;

/// Whether `issuer`'s key verifies the signature of `certificate`.
pub(super) fn verifies(certificate: &Certificate, issuer: &Certificate) -> bool {
    const EC: &str = "1.2.840.10045.2.1";
    const RSA: &str = "1.2.840.113549.1.1.1";
    let info = issuer.tbs_certificate().subject_public_key_info();
    let key = info.algorithm.oid.to_string();
    let algorithm = certificate.signature_algorithm().oid.to_string();
    let verification: &'static dyn VerificationAlgorithm = match (algorithm.as_str(), key.as_str())
    {
        ("1.2.840.10045.4.3.2", EC) => &ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", EC) => &ECDSA_P384_SHA384_ASN1,
        ("1.2.840.113549.1.1.11", RSA) => &RSA_PKCS1_2048_8192_SHA256,
        _ => return false,
    };
    let message = certificate.tbs_certificate().to_der().unwrap();
    UnparsedPublicKey::new(verification, info.subject_public_key.raw_bytes())
        .verify(&message, certificate.signature().raw_bytes())
        .is_ok()
}

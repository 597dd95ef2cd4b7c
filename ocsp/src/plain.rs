//! Requests that ask for one certificate and say nothing else, as nearly all do.

use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};

/// `OCSPRequest`, `TBSRequest`, `requestList` and `Request` (RFC 6960 §4.1.1): each holds the next and
/// nothing beside it.
const LAYERS: usize = 4;

/// The `CertID`, DER, of a request without signature, requestor, extensions and further
/// certificates; none for any other request and for what is no request.
///
/// Whether what is left is a `CertID` is not looked at: it is what responses are kept by.
pub(crate) fn cert_id(request_der: &[u8]) -> Option<&[u8]> {
    let mut rest = request_der;
    for _ in 0..LAYERS {
        rest = content(rest)?;
    }
    content(rest).map(|_| rest)
}

/// The content of a SEQUENCE that is all of `der`.
fn content(der: &[u8]) -> Option<&[u8]> {
    let whole = AnyRef::from_der(der).ok()?;
    (whole.tag() == Tag::Sequence).then(|| whole.value())
}

#[cfg(test)]
mod tests {
    use der::Encode;
    use kasane_verify::crypto::{AwsLc, DigestAlgorithm};
    use kasane_verify::ocsp::{CertId, Nonce, OcspRequest};

    use super::*;

    fn id(digest: DigestAlgorithm, serial: &[u8]) -> CertId {
        // Any SPKI does: its digest only names the issuer.
        let spki = rcgen::KeyPair::generate().unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&spki);
        CertId::new(&AwsLc, digest, b"name", &spki, serial).unwrap()
    }

    #[test]
    fn plain_request_gives_its_cert_id() {
        for digest in DigestAlgorithm::ALL {
            let id = id(digest, &[1, 2, 3]);
            let request = OcspRequest::new(vec![id.clone()], None).unwrap();
            let der = request.encode_der().unwrap();
            assert_eq!(cert_id(&der), Some(&*id.to_der().unwrap()), "{digest:?}");
        }
    }

    #[test]
    fn request_that_says_more_is_not_plain() {
        let id = || id(DigestAlgorithm::Sha256, &[1]);
        let nonce = Nonce::new(&[1; 16]).unwrap();
        let mut named = OcspRequest::new(vec![id()], None).unwrap();
        named.tbs_request.requestor_name = Some(
            x509_cert::ext::pkix::name::GeneralName::DirectoryName(Default::default()),
        );
        for request in [
            OcspRequest::new(vec![id(), id()], None).unwrap(),
            OcspRequest::new(vec![id()], Some(&nonce)).unwrap(),
            named,
        ] {
            assert_eq!(cert_id(&request.encode_der().unwrap()), None);
        }
        let plain = OcspRequest::new(vec![id()], None).unwrap();
        let plain = plain.encode_der().unwrap();
        for end in 0..plain.len() {
            assert_eq!(cert_id(&plain[..end]), None, "{end}");
        }
        let trailing = [&*plain, &[0]].concat();
        for other in [&trailing[..], b"", &[0x30, 0], &[0x30; 200]] {
            assert_eq!(cert_id(other), None);
        }
    }
}

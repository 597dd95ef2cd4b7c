//! The extensions of responses that a responder adds (RFC 6960 §4.4), the nonce aside.

use der::Encode;
use der::asn1::{Null, OctetString};
use x509_cert::ext::Extension;

use super::OcspError;
use crate::{UnixTime, oid};

/// `id-pkix-ocsp-archive-cutoff` (RFC 6960 §4.4.4) for a single response: certificates that expired
/// at `at` or later are still answered for.
///
/// # Errors
/// Only when encoding fails.
pub fn archive_cutoff(at: UnixTime) -> Result<Extension, OcspError> {
    Ok(Extension {
        extn_id: oid::ARCHIVE_CUTOFF,
        critical: false,
        extn_value: OctetString::new(at.to_der()?)?,
    })
}

/// `id-pkix-ocsp-extended-revoke` (RFC 6960 §4.4.8) for a response: `revoked` may mean a serial
/// number that was never issued. NULL, and never critical.
///
/// # Errors
/// Only when encoding fails.
pub fn extended_revoke() -> Result<Extension, OcspError> {
    Ok(Extension {
        extn_id: oid::EXTENDED_REVOKE,
        critical: false,
        extn_value: OctetString::new(Null.to_der()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_have_the_octets_of_their_definition() {
        // SEQUENCE { OID 1.3.6.1.5.5.7.48.1.6, OCTET STRING { GeneralizedTime } }.
        let cutoff = archive_cutoff("2027-04-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(cutoff.extn_value.as_bytes(), b"\x18\x0f20270401000000Z");
        assert_eq!(cutoff.extn_id.to_string(), "1.3.6.1.5.5.7.48.1.6");
        let revoke = extended_revoke().unwrap();
        assert_eq!(revoke.extn_value.as_bytes(), [5, 0]);
        assert_eq!(revoke.extn_id.to_string(), "1.3.6.1.5.5.7.48.1.9");
        assert!(!revoke.critical && !cutoff.critical);
    }
}

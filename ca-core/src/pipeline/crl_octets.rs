//! The octets of a CRL, in one buffer from its first entry to the last client that reads it.

use bytes::Bytes;
use der::asn1::BitStringRef;
use der::{Encode, Header, Length, Tag};
use kasane_verify::SignatureAlgorithm;
use kasane_verify::signature::algorithm_identifier;

/// A `TBSCertList` with room before it for the header of the whole, and behind it, where a vector
/// grows, for the signature.
pub struct CrlOctets {
    octets: Vec<u8>,
    tbs_at: usize,
}

impl CrlOctets {
    /// Room for the header of the `CertificateList`: a tag, and a length of up to 8 octets.
    pub const HEADROOM: usize = 10;

    /// `octets` from `tbs_at` on are the DER `TBSCertList`; what is before is overwritten.
    #[must_use]
    pub const fn new(octets: Vec<u8>, tbs_at: usize) -> Self {
        Self { octets, tbs_at }
    }

    /// The DER `TBSCertList`.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        self.octets.get(self.tbs_at..).unwrap_or_default()
    }

    /// The DER `CertificateList` (RFC 5280 §5.1): algorithm and signature are put behind, the header
    /// before; nothing is moved.
    ///
    /// # Errors
    /// When the length cannot be encoded.
    pub fn complete(
        self,
        algorithm: SignatureAlgorithm,
        signature: &[u8],
    ) -> Result<Bytes, der::Error> {
        let Self { mut octets, tbs_at } = self;
        algorithm_identifier(algorithm).encode_to_vec(&mut octets)?;
        BitStringRef::from_bytes(signature)?.encode_to_vec(&mut octets)?;
        let length = Length::try_from(octets.len().saturating_sub(tbs_at))?;
        let start = put_before(
            &mut octets,
            tbs_at,
            &Header::new(Tag::Sequence, length).to_der()?,
        );
        Ok(Bytes::from(octets).slice(start..))
    }
}

impl std::fmt::Debug for CrlOctets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CrlOctets({} octets)", self.tbs().len())
    }
}

/// Writes `octets` so that they end at `end`; returns where they begin. Where there is too little
/// room everything is moved.
pub fn put_before(buffer: &mut Vec<u8>, end: usize, octets: &[u8]) -> usize {
    let place = end.checked_sub(octets.len());
    if let Some(start) = place
        && let Some(room) = buffer.get_mut(start..end)
    {
        room.copy_from_slice(octets);
        return start;
    }
    buffer.splice(..end.min(buffer.len()), octets.iter().copied());
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::assemble;

    #[test]
    fn whole_is_the_same_wherever_the_room_is() {
        for (content, before) in [
            (3, 10),
            (300, 10),
            (70_000, 10),
            (300, 4),
            (300, 3),
            (300, 0),
        ] {
            let tbs = der::asn1::OctetString::new(vec![7; content]).unwrap();
            let tbs = tbs.to_der().unwrap();
            let octets = [vec![0xff; before], tbs.clone()].concat();
            let octets = CrlOctets::new(octets, before);
            assert_eq!(octets.tbs(), tbs);
            let algorithm = SignatureAlgorithm::EcdsaSha384;
            let whole = octets.complete(algorithm, &[1, 2, 3]).unwrap();
            assert_eq!(whole, assemble(&tbs, algorithm, &[1, 2, 3]).unwrap());
        }
    }
}

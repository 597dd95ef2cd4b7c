//! What a key may be used for.

use const_oid::{ObjectIdentifier, ObjectIdentifierRef};
use der::{Reader, Tag};

use super::extensions::Malformed;
use crate::asn1;

/// `KeyUsage` (RFC 5280 §4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    pub(super) fn read(value: &[u8]) -> Result<Self, Malformed> {
        let content = asn1::whole(value, |reader| asn1::read_value(reader, Tag::BitString))?;
        let usage = named_bits(content)?;
        // RFC 5280 §4.2.1.3: at least one bit.
        if usage == 0 {
            Err(Malformed("no key usage is set"))
        } else {
            Ok(Self(usage))
        }
    }

    const fn has(self, bit: u16) -> bool {
        self.0 & (1 << bit) != 0
    }

    /// Signatures other than over certificates and CRLs.
    #[must_use]
    pub const fn digital_signature(self) -> bool {
        self.has(0)
    }

    /// Signatures that others may hold against the signer (`contentCommitment`).
    #[must_use]
    pub const fn non_repudiation(self) -> bool {
        self.has(1)
    }

    /// Encrypting keys.
    #[must_use]
    pub const fn key_encipherment(self) -> bool {
        self.has(2)
    }

    /// Agreeing on keys.
    #[must_use]
    pub const fn key_agreement(self) -> bool {
        self.has(4)
    }

    /// Signatures over certificates.
    #[must_use]
    pub const fn key_cert_sign(self) -> bool {
        self.has(5)
    }

    /// Signatures over CRLs.
    #[must_use]
    pub const fn crl_sign(self) -> bool {
        self.has(6)
    }
}

/// The first sixteen named bits of a BIT STRING's content, bit 0 the lowest.
pub(super) fn named_bits(content: &[u8]) -> der::Result<u16> {
    let bits = asn1::bits(content)?;
    let mut octets = bits.raw_bytes().iter().copied().map(u8::reverse_bits);
    let low = octets.next().unwrap_or(0);
    let sum = u16::from_le_bytes([low, octets.next().unwrap_or(0)]);
    let used = u32::try_from(bits.bit_len()).unwrap_or(u32::MAX).min(16);
    Ok(sum & u16::MAX.checked_shr(16 - used).unwrap_or(0))
}

/// `ExtendedKeyUsage` (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage<'a>(&'a [u8]);

impl<'a> ExtendedKeyUsage<'a> {
    pub(super) fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let list = asn1::whole(value, |reader| asn1::read_value(reader, Tag::Sequence))?;
        asn1::whole(list, |reader| {
            asn1::read_oid_octets(reader)?;
            while !reader.is_finished() {
                asn1::read_oid_octets(reader)?;
            }
            Ok::<_, Malformed>(())
        })?;
        Ok(Self(list))
    }

    /// The purposes.
    pub fn iter(&self) -> impl Iterator<Item = &'a ObjectIdentifierRef> + use<'a> {
        let mut reader = asn1::Cursor::new(self.0).ok();
        std::iter::from_fn(move || {
            let reader = reader.as_mut().filter(|reader| !reader.is_finished())?;
            asn1::read_oid(reader).ok()
        })
    }

    /// Whether `purpose` is listed.
    #[must_use]
    pub fn contains(&self, purpose: ObjectIdentifier) -> bool {
        asn1::whole(self.0, |reader| {
            let mut found = false;
            while !reader.is_finished() {
                found |= asn1::read_oid_octets(reader)? == purpose.as_bytes();
            }
            Ok::<_, der::Error>(found)
        })
        .unwrap_or(false)
    }
}

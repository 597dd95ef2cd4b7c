//! The extensions of a statement (Yubico OIDs, "YubiHSM": 1.3.6.1.4.1.41482.4).

use const_oid::ObjectIdentifier;
use der::Decode;
use der::asn1::{BitStringRef, OctetStringRef, UintRef, Utf8StringRef};
use kasane_verify::certificate::Certificate;

use super::AttestationError;
use super::chain::Root;
use super::facts::{AttestationFacts, Origin};

const FIRMWARE: Fact = Fact::new("firmware version", 1);
const SERIAL: Fact = Fact::new("serial number", 2);
const ORIGIN: Fact = Fact::new("origin", 3);
const DOMAINS: Fact = Fact::new("domains", 4);
const CAPABILITIES: Fact = Fact::new("capabilities", 5);
const OBJECT_ID: Fact = Fact::new("object ID", 6);
const LABEL: Fact = Fact::new("label", 9);

/// What a statement says, before anybody asked who made it.
pub(super) struct Statement {
    firmware: [u8; 3],
    pub(super) serial: u64,
    origin: u8,
    domains: u16,
    capabilities: u64,
    object_id: u16,
    label: String,
}

/// One of the extensions.
#[derive(Clone, Copy)]
struct Fact {
    what: &'static str,
    arc: u32,
}

impl Statement {
    pub(super) fn read(statement: &Certificate<'_>) -> Result<Self, AttestationError> {
        let firmware = FIRMWARE.required(statement, |value| {
            let octets = <&OctetStringRef>::from_der(value).ok()?;
            octets.as_bytes().try_into().ok()
        })?;
        let label = LABEL.required(statement, |value| {
            let text = Utf8StringRef::from_der(value).ok()?;
            Some(text.as_str().trim_end_matches('\0').to_owned())
        })?;
        Ok(Self {
            firmware,
            serial: SERIAL.required(statement, number)?,
            origin: ORIGIN.required(statement, |value| bits::<1>(value).map(u8::from_be_bytes))?,
            domains: DOMAINS
                .required(statement, |value| bits::<2>(value).map(u16::from_be_bytes))?,
            capabilities: CAPABILITIES
                .required(statement, |value| bits::<8>(value).map(u64::from_be_bytes))?,
            object_id: OBJECT_ID.required(statement, |value| number(value)?.try_into().ok())?,
            label,
        })
    }

    pub(super) fn into_facts(self, root: Root) -> AttestationFacts {
        AttestationFacts {
            firmware: self.firmware,
            serial: self.serial,
            origin: Origin(self.origin),
            domains: self.domains,
            capabilities: self.capabilities,
            exportable_under_wrap: AttestationFacts::may_be_exported(self.capabilities),
            object_id: self.object_id,
            label: self.label,
            simulator: root.subject.to_uppercase().contains("SIMULATOR"),
            root: root.subject,
            root_sha256: root.sha256,
        }
    }
}

/// The serial number of the device that a certificate names, if it names one.
pub(super) fn serial(certificate: &Certificate<'_>) -> Result<Option<u64>, AttestationError> {
    SERIAL.optional(certificate, number)
}

/// Whether a certificate is a statement about an ordinary key. The device's own attestation key has
/// the reserved object ID 0.
pub(super) fn is_about_ordinary_key(
    certificate: &Certificate<'_>,
) -> Result<bool, AttestationError> {
    let id = OBJECT_ID.optional(certificate, number)?;
    Ok(id.is_some_and(|id| id != 0) || LABEL.find(certificate).is_some())
}

impl Fact {
    const fn new(what: &'static str, arc: u32) -> Self {
        Self { what, arc }
    }

    fn find<'a>(self, certificate: &Certificate<'a>) -> Option<&'a [u8]> {
        let arc = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.41482.4");
        let oid = arc.push_arc(self.arc).ok()?;
        certificate
            .extensions()
            .iter()
            .find(|extension| *extension.oid == oid)
            .map(|extension| extension.value)
    }

    fn optional<T>(
        self,
        certificate: &Certificate<'_>,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, AttestationError> {
        let Some(value) = self.find(certificate) else {
            return Ok(None);
        };
        read(value).map(Some).ok_or_else(|| self.missing())
    }

    fn required<T>(
        self,
        certificate: &Certificate<'_>,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, AttestationError> {
        self.optional(certificate, read)?
            .ok_or_else(|| self.missing())
    }

    const fn missing(self) -> AttestationError {
        AttestationError::Fact {
            what: self.what,
            arc: self.arc,
        }
    }
}

/// A number of at most eight octets.
fn number(value: &[u8]) -> Option<u64> {
    let number = UintRef::from_der(value).ok()?;
    let octets = number.as_bytes();
    (octets.len() <= 8).then(|| {
        octets
            .iter()
            .fold(0, |sum, octet| sum << 8 | u64::from(*octet))
    })
}

/// A bit string of exactly so many octets. A device leaves bits unused where the last ones are 0;
/// they read as 0.
fn bits<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    let bits = BitStringRef::from_der(value).ok()?;
    bits.raw_bytes().try_into().ok()
}

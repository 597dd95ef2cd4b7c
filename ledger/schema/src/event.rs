//! Every kind of event, its number and its body.

use der::{Decode, Encode};

use crate::body::*;
use crate::entry::DecodeError;

/// Lists each kind once: number, variant (whose body is the struct of the same name).
macro_rules! events {
    ($($(#[$doc:meta])* $number:literal => $name:ident,)*) => {
        /// The number that names an event's body type. Numbers are never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum Kind { $($(#[$doc])* $name = $number,)* }

        impl Kind {
            /// Every kind, by number.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind with that number.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// The name of the type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }

        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Event { $($(#[$doc])* $name($name),)* }

        impl Event {
            /// The kind of this event.
            #[must_use]
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name,)* }
            }

            pub(crate) fn body_to_der(&self) -> Result<Vec<u8>, der::Error> {
                match self { $(Self::$name(body) => body.to_der(),)* }
            }

            pub(crate) fn from_body(kind: Kind, body: &[u8]) -> Result<Self, DecodeError> {
                Ok(match kind { $(Kind::$name => Self::$name($name::from_der(body)?),)* })
            }
        }

        $(impl From<$name> for Event {
            fn from(body: $name) -> Self { Self::$name(body) }
        })*
    };
}

events! {
    /// The ledger begins.
    1 => Genesis,
    /// A document (timeline, profile, configuration, script) is in force from here on.
    2 => DocumentAdopted,
    /// A key pair was made in a backend.
    3 => KeyGenerated,
    /// A step of a ceremony was completed.
    4 => CeremonyStep,
    /// A CA may sign from here on.
    5 => IssuerActivated,
    /// A delegated OCSP signer answers for an issuer from here on.
    6 => OcspSignerActivated,
    /// A facility may hold certificates.
    7 => FacilityRegistered,
    /// What a terminal's hardware can do.
    8 => TerminalCapability,
    /// A server or a system client may hold certificates.
    9 => SystemRegistered,
    /// A member of staff may hold a certificate.
    10 => OperatorRegistered,
    /// A certificate is about to be signed.
    11 => CertificateRecorded,
    /// A device is asked once more for a recorded signature.
    12 => SignatureAttempted,
    /// A recorded certificate was signed.
    13 => CertificateIssued,
    /// A record ends without a signature.
    14 => RecordClosed,
    /// A certificate is revoked.
    15 => CertificateRevoked,
    /// A CRL is about to be signed.
    16 => CrlRecorded,
    /// A recorded CRL was signed.
    17 => CrlIssued,
    /// How often a key signed what is not recorded one by one.
    18 => SignaturesCounted,
    /// A salted commitment to something in the private log.
    19 => PrivateCommitted,
    /// A subject's private key was destroyed.
    20 => PrivateErased,
    /// The service started or stopped.
    21 => ServiceChanged,
    /// A device's own command log was read and stored.
    22 => DeviceLogDrained,
    /// Something other than signing is about to be done with a device.
    23 => DeviceActionNoted,
    /// Something about a device does not fit what is recorded.
    24 => DeviceAlarmRaised,
    /// So many signatures that have no entry of their own may be asked for.
    25 => SignaturesReserved,
    /// A key that was there before is used from here on.
    26 => KeyImported,
    /// A CA whose certificate was made elsewhere is known from here on.
    27 => IssuerImported,
    /// A certificate of a CA that was made elsewhere is known from here on.
    28 => CertificateImported,
    /// A CRL that was signed elsewhere is published from here on.
    29 => CrlImported,
    /// A request for a certificate of our own is about to be signed.
    30 => CertificationRequestRecorded,
    /// A recorded request was signed.
    31 => CertificationRequestSigned,
    /// People have looked at alarms about devices.
    32 => DeviceAlarmsAcknowledged,
    /// Certificates are revoked together; the entries after it name them.
    36 => MassRevocation,
    /// Certificates that a mass revocation revokes.
    37 => MassRevocationPart,
    /// An edge responder may follow the ledger and have signers.
    40 => ResponderEnrolled,
    /// An edge responder may do nothing any more.
    41 => ResponderRemoved,
    /// A delegated OCSP signer at an edge responder answers for an issuer from here on.
    42 => ResponderSignerActivated,
    /// How often a key at an edge responder signed.
    43 => ResponderSignaturesCounted,
    /// A CA signs nothing from here on but its final CRLs.
    45 => IssuerEnded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_numbers_are_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(*kind as u16), Some(*kind));
        }
        assert_eq!(Kind::from_number(0), None);
    }
}

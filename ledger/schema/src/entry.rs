//! The envelope of every entry.

use der::asn1::OctetString;
use der::{Decode, Encode, Sequence};

use crate::event::{Event, Kind};

/// C2SP tlog-tiles: an entry in a bundle is at most 65,535 bytes.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The version of the encoding that this crate writes.
const VERSION: u8 = 0;

/// One change of state: when, by whom, what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Seconds since the epoch.
    pub time: i64,
    /// Who caused it: `operator/…`, `facility/…`, `ceremony`, `system`.
    pub actor: String,
    /// What happened.
    pub event: Event,
}

/// Why bytes are no entry, or an entry no bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The envelope or the body is no DER of its type.
    #[error("ledger entry is not DER of its type: {0}")]
    Der(#[from] der::Error),
    /// Written by a later release.
    #[error(
        "ledger entry has version {version}; this program reads version 0: use a newer release"
    )]
    Version {
        /// The version found.
        version: u8,
    },
    /// A kind this release does not know.
    #[error("ledger entry has kind {kind}, which this program does not know: use a newer release")]
    UnknownKind {
        /// The kind found.
        kind: u16,
    },
    /// Larger than a bundle can hold.
    #[error("ledger entry has {bytes} bytes; at most 65535 fit: put large objects into a blob")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
}

#[derive(Sequence)]
struct Envelope {
    version: u8,
    time: i64,
    actor: String,
    kind: u16,
    body: OctetString,
}

impl Entry {
    /// The canonical encoding.
    ///
    /// # Errors
    /// [`DecodeError::TooLarge`] when it does not fit a bundle, [`DecodeError::Der`] when a field
    /// cannot be encoded.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DecodeError> {
        let envelope = Envelope {
            version: VERSION,
            time: self.time,
            actor: self.actor.clone(),
            kind: self.event.kind() as u16,
            body: OctetString::new(self.event.body_to_der()?)?,
        };
        let bytes = envelope.to_der()?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(DecodeError::TooLarge { bytes: bytes.len() });
        }
        Ok(bytes)
    }

    /// Reads the canonical encoding back; anything but that exact encoding is refused.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(DecodeError::TooLarge { bytes: bytes.len() });
        }
        let envelope = Envelope::from_der(bytes)?;
        if envelope.version != VERSION {
            return Err(DecodeError::Version {
                version: envelope.version,
            });
        }
        let kind = Kind::from_number(envelope.kind).ok_or(DecodeError::UnknownKind {
            kind: envelope.kind,
        })?;
        let event = Event::from_body(kind, envelope.body.as_bytes())?;
        Ok(Self {
            time: envelope.time,
            actor: envelope.actor,
            event,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{CertificateIssued, Closed, RecordClosed};

    #[test]
    fn entry_is_read_back() {
        let entry = Entry {
            time: 1_800_000_000,
            actor: "operator/hanako".into(),
            event: Event::RecordClosed(RecordClosed {
                record: 7,
                outcome: Closed::Abandoned,
                reason: "no outcome at start".into(),
            }),
        };
        assert_eq!(
            Entry::from_bytes(&entry.to_bytes().unwrap()).unwrap(),
            entry
        );
    }

    #[test]
    fn entry_larger_than_a_bundle_slot_is_refused() {
        let entry = Entry {
            time: 0,
            actor: "system".into(),
            event: Event::CertificateIssued(CertificateIssued {
                record: 0,
                signature: OctetString::new(vec![0; 70_000]).unwrap(),
            }),
        };
        assert!(matches!(
            entry.to_bytes(),
            Err(DecodeError::TooLarge { .. })
        ));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Entry::from_bytes(&bytes);
        }
    }
}

//! One list, encoded while its entries come.

use der::asn1::UintRef;
use der::{Encode, Header, Length, Tag};
use kasane_ca_core::pipeline::{CrlEncoder, CrlOctets, CrlPlan, RevokedEntry, put_before};
use kasane_verify::UnixTime;

use crate::build;

/// Octets of an entry: a serial number of 16 octets, a date, a reason.
const ENTRY_BYTES: u64 = 50;

/// Room for the headers of the list of entries and of the `TBSCertList`.
const HEADERS_BYTES: usize = 12;

/// Room for extensions and signature behind the entries, so that a list of a size that was foreseen
/// is never moved.
const REST_BYTES: usize = 4_096;

/// Encodes a `TBSCertList` (RFC 5280 §5.1) into the buffer that will be signed, stored and handed
/// out. The entries go to their place at once; what is before them has its length when they end,
/// and is put before them then.
pub struct TbsEncoder {
    octets: Vec<u8>,
    entries_at: usize,
    /// version to nextUpdate, DER.
    before: Vec<u8>,
    /// The extensions in their context-specific tag, DER.
    behind: Vec<u8>,
    this_update: UnixTime,
    date: Option<(UnixTime, Vec<u8>)>,
    /// `crlEntryExtensions` by reason code, DER.
    reasons: Vec<Option<Vec<u8>>>,
    last: Vec<u8>,
}

impl TbsEncoder {
    /// Begins the list of a plan; `expected` entries are foreseen.
    ///
    /// # Errors
    /// When an address or a date is not encodable.
    pub fn begin(plan: &CrlPlan, expected: u64) -> Result<Box<dyn CrlEncoder>, der::Error> {
        let before = build::before_entries(plan)?;
        let behind = build::behind_entries(plan)?;
        let entries_at = CrlOctets::HEADROOM + HEADERS_BYTES + before.len();
        let foreseen = usize::try_from(expected.saturating_mul(ENTRY_BYTES)).unwrap_or_default();
        let mut octets = Vec::new();
        // What cannot be set aside now grows as it is needed, or fails there.
        let _reserved = octets.try_reserve_exact(entries_at + foreseen + REST_BYTES);
        octets.resize(entries_at, 0);
        Ok(Box::new(Self {
            octets,
            entries_at,
            before,
            behind,
            this_update: plan.this_update,
            date: None,
            reasons: vec![None; REASONS],
            last: Vec::new(),
        }))
    }
}

/// Reason codes are 0 to 10 (RFC 5280 §5.3.1).
const REASONS: usize = 11;

impl CrlEncoder for TbsEncoder {
    fn push(&mut self, entry: &RevokedEntry<'_>) -> Result<(), der::Error> {
        // A clock that was set back must not stop the list: nothing is revoked after it was made.
        let at = entry.date.min(self.this_update);
        let date = match &mut self.date {
            Some((known, der)) if *known == at => der,
            date => &mut date.insert((at, build::time(at)?.to_der()?)).1,
        };
        let reason = usize::from(entry.reason.unwrap_or_default());
        let own;
        let extensions: &[u8] = match (self.reasons.get_mut(reason), entry.invalidity_date) {
            (Some(Some(known)), None) => known,
            (Some(place), None) => place.insert(build::entry_extensions(entry, at)?),
            _ => {
                own = build::entry_extensions(entry, at)?;
                &own
            }
        };
        let serial = UintRef::new(entry.serial)?;
        if (serial.as_bytes().len(), serial.as_bytes()) <= (self.last.len(), &self.last) {
            // Not in order: the store was read wrongly.
            return Err(Tag::Integer.value_error().into());
        }
        self.last.clear();
        self.last.extend_from_slice(serial.as_bytes());
        let length = (serial.encoded_len()? + Length::try_from(date.len() + extensions.len())?)?;
        Header::new(Tag::Sequence, length).encode(&mut self.octets)?;
        serial.encode(&mut self.octets)?;
        self.octets.extend_from_slice(date);
        self.octets.extend_from_slice(extensions);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<CrlOctets, der::Error> {
        let Self {
            mut octets,
            entries_at,
            before,
            behind,
            ..
        } = *self;
        let entries = octets.len() - entries_at;
        octets.extend_from_slice(&behind);
        let mut at = entries_at;
        // RFC 5280 §5.1.2.6: absent, not empty, when nothing is revoked.
        if entries > 0 {
            let header = Header::new(Tag::Sequence, Length::try_from(entries)?);
            at = put_before(&mut octets, at, &header.to_der()?);
        }
        at = put_before(&mut octets, at, &before);
        let length = Length::try_from(octets.len() - at)?;
        at = put_before(
            &mut octets,
            at,
            &Header::new(Tag::Sequence, length).to_der()?,
        );
        Ok(CrlOctets::new(octets, at))
    }
}

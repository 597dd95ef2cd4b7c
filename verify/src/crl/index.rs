//! Where each serial number is in a list of entries.

use super::{CertificateList, CrlError, Entries, RevokedCertificate};
use crate::certificate::{GeneralName, GeneralNames};
use crate::name::Name;
use crate::oid;

/// Octets of list for each bucket: about seven entries of the usual length.
const BUCKET_BYTES: usize = 256;

/// Buckets with more slots than this are sorted and halved, not scanned. Chance does not fill them
/// so far; made-up serial numbers might.
pub(super) const SCANNED_SLOTS: usize = 32;

/// The list is shorter than [`super::MAX_CRL_BYTES`], so an offset leaves four bits of a slot for
/// the hash: fifteen of sixteen other serial numbers of a bucket are passed over unread.
const OFFSET_BITS: u32 = 28;
const OFFSET_MASK: u32 = (1 << OFFSET_BITS) - 1;

/// A hash table over the entries: four octets for each entry and for each bucket, nothing else
/// allocated, while it is made neither.
#[derive(Debug)]
pub(super) struct Index {
    /// Where each bucket ends in `slots`.
    ends: Box<[u32]>,
    /// Bits of the hash and the entry's offset, bucket by bucket; within one in the list's order,
    /// in a large one in the order of serial numbers first.
    slots: Box<[u32]>,
    /// Offsets of the entries that name a certificate issuer, ascending.
    issuers: Box<[u32]>,
}

impl Index {
    /// Reads and checks every entry, twice: to count, and to place.
    pub(super) fn new(list: &CertificateList<'_>) -> Result<Self, CrlError> {
        let entries = list.entries();
        let indirect = list
            .issuing_distribution_point()
            .is_some_and(|point| point.indirect);
        let own = list.issuer();
        let buckets = entries.octets().len() / BUCKET_BYTES + 1;
        let mut ends = vec![0_u32; buckets].into_boxed_slice();
        let (mut count, mut named) = (0, 0);
        for entry in entries {
            let entry = entry?;
            if let Some(issuer) = entry.certificate_issuer {
                check_issuer(issuer, (!indirect).then_some(&own))?;
                named += usize::from(indirect);
            }
            if let Some(size) = ends.get_mut(bucket(hash(entry.serial), buckets)) {
                *size += 1;
            }
            count += 1;
        }
        // From sizes to beginnings, which placing the entries moves to the ends.
        let mut next = 0_u32;
        for slot in &mut ends {
            (*slot, next) = (next, next + *slot);
        }
        let mut slots = vec![0_u32; count].into_boxed_slice();
        let mut issuers = Vec::with_capacity(named);
        entries.each_serial(|offset, serial, entry| {
            let offset = u32::try_from(offset).unwrap_or(OFFSET_MASK);
            let hash = hash(serial);
            if let Some(next) = ends.get_mut(bucket(hash, buckets)) {
                if let Some(slot) = usize::try_from(*next).ok().and_then(|at| slots.get_mut(at)) {
                    *slot = tag(hash) | offset;
                }
                *next += 1;
            }
            if named > 0 && entry()?.certificate_issuer.is_some() {
                issuers.push(offset);
            }
            Ok(())
        })?;
        let mut this = Self {
            ends,
            slots,
            issuers: issuers.into_boxed_slice(),
        };
        this.sort_large(entries);
        Ok(this)
    }

    fn sort_large(&mut self, entries: Entries<'_>) {
        let mut begin = 0;
        for end in &self.ends {
            let end = usize::try_from(*end).unwrap_or(0);
            if let Some(slots) = self.slots.get_mut(begin..end)
                && slots.len() > SCANNED_SLOTS
            {
                // Stable, so that entries of one serial number stay in the list's order.
                slots.sort_by(|a, b| serial_at(entries, *a).cmp(serial_at(entries, *b)));
            }
            begin = end;
        }
    }

    /// Offsets of the entries of `serial`, in the list's order.
    pub(super) fn offsets<'i, 's>(
        &'i self,
        entries: Entries<'i>,
        serial: &'s [u8],
    ) -> impl Iterator<Item = usize> + use<'i, 's> {
        let hash = hash(serial);
        let mut slots = self.bucket(bucket(hash, self.ends.len()));
        let sorted = slots.len() > SCANNED_SLOTS;
        if sorted {
            let begin = slots.partition_point(|slot| serial_at(entries, *slot) < serial);
            slots = slots.get(begin..).unwrap_or_default();
        }
        slots
            .iter()
            .filter(move |slot| sorted || *slot & !OFFSET_MASK == tag(hash))
            .map(move |slot| (offset(*slot), serial_at(entries, *slot) == serial))
            // In a sorted bucket the first other serial number is the end.
            .take_while(move |(_, same)| *same || !sorted)
            .filter_map(|(offset, same)| same.then_some(offset))
    }

    /// Offset of the last entry at or before `offset` that names a certificate issuer.
    pub(super) fn issuer_before(&self, offset: usize) -> Option<usize> {
        let after = self
            .issuers
            .partition_point(|it| usize::try_from(*it).is_ok_and(|it| it <= offset));
        let found = self.issuers.get(after.checked_sub(1)?)?;
        usize::try_from(*found).ok()
    }

    /// Octets allocated.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.ends) + size_of_val(&*self.slots) + size_of_val(&*self.issuers)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    fn bucket(&self, number: usize) -> &[u32] {
        let end = |number| {
            let end = self.ends.get(number).copied();
            end.and_then(|end: u32| usize::try_from(end).ok())
        };
        let begin = number.checked_sub(1).and_then(end).unwrap_or(0);
        let end = end(number).unwrap_or(0);
        self.slots.get(begin..end).unwrap_or_default()
    }
}

/// RFC 5280 §5.3.3: the issuer's distinguished name must be there, or nobody could say whose
/// certificate the entry revokes; and unless the CRL is indirect, it is the CRL's own issuer.
fn check_issuer(names: GeneralNames<'_>, only: Option<&Name<'_>>) -> Result<(), CrlError> {
    let mut directory = names.iter().filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    });
    match (directory.next(), only) {
        (None, _) => Err(CrlError::Extension {
            extension: oid::CERTIFICATE_ISSUER,
            reason: "it has no distinguished name",
        }),
        (Some(first), Some(own)) if !first.matches(own) || directory.next().is_some() => {
            Err(CrlError::NotIndirect)
        }
        _ => Ok(()),
    }
}

fn serial_at<'a>(entries: Entries<'a>, slot: u32) -> &'a [u8] {
    entries.serial_at(offset(slot)).unwrap_or_default()
}

fn offset(slot: u32) -> usize {
    usize::try_from(slot & OFFSET_MASK).unwrap_or(usize::MAX)
}

/// Eight octets at a time. It spreads honest serial numbers; others cost a search in a sorted
/// bucket.
pub(super) fn hash(serial: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |state: u64, octets: u64| {
        let state = (state ^ octets).wrapping_mul(FACTOR);
        state ^ (state >> 29)
    };
    let (words, rest) = serial.as_chunks();
    let state = words
        .iter()
        .fold(FACTOR, |state, word| mix(state, u64::from_le_bytes(*word)));
    let rest = rest
        .iter()
        .fold(1, |sum: u64, octet| (sum << 8) | u64::from(*octet));
    let state = mix(state, rest).wrapping_mul(FACTOR);
    state ^ (state >> 32)
}

/// From the low half, without division.
pub(super) fn bucket(hash: u64, buckets: usize) -> usize {
    let buckets = u64::try_from(buckets).unwrap_or(1);
    usize::try_from((u64::from(low(hash)) * buckets) >> 32).unwrap_or(0)
}

/// From the high half, in the bits above the offset.
fn tag(hash: u64) -> u32 {
    low(hash >> 32) & !OFFSET_MASK
}

const fn low(hash: u64) -> u32 {
    let [a, b, c, d, ..] = hash.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Reads the entry at `offset`, which was read before.
pub(super) fn entry_at(
    entries: Entries<'_>,
    offset: usize,
) -> Option<Result<RevokedCertificate<'_>, CrlError>> {
    entries.from(offset).next()
}

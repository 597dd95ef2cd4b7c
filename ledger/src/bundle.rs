//! Entry bundles (C2SP tlog-tiles, "Log entries") and bundles of private records.

use crate::hash::Hash;

/// Greatest length of an entry: the length prefix of an entry bundle has 16 bits.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// A decoded bundle. Items are ranges of one allocation.
#[derive(Debug, Default)]
pub(crate) struct Bundle {
    bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
}

impl Bundle {
    /// Reads length-prefixed entries; `None` when the bytes do not end with an entry or hold more
    /// than 256.
    pub(crate) fn entries(bytes: Vec<u8>) -> Option<Self> {
        let mut spans = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let prefix: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
            let start = at + 2;
            at = start + usize::from(u16::from_be_bytes(prefix));
            if at > bytes.len() || spans.len() == 256 {
                return None;
            }
            spans.push((start, at));
        }
        Some(Self { bytes, spans })
    }

    /// Reads private records: 32-bit length, CRC-32, bytes. The error is the position of the first
    /// record that does not fit.
    pub(crate) fn private(bytes: Vec<u8>) -> Result<Self, u64> {
        let mut spans = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let position = spans.len() as u64;
            let word = |from: usize| -> Option<u32> {
                Some(u32::from_be_bytes(
                    bytes.get(from..from + 4)?.try_into().ok()?,
                ))
            };
            let span = (|| {
                let (length, crc) = (word(at)?, word(at + 4)?);
                let start = at + 8;
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                let record = bytes.get(start..end)?;
                (spans.len() < 256 && crc32fast::hash(record) == crc).then_some((start, end))
            })();
            let (start, end) = span.ok_or(position)?;
            at = end;
            spans.push((start, end));
        }
        Ok(Self { bytes, spans })
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn item(&self, position: usize) -> Option<&[u8]> {
        let (start, end) = *self.spans.get(position)?;
        self.bytes.get(start..end)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.spans
            .iter()
            .filter_map(|&(start, end)| self.bytes.get(start..end))
    }
}

/// Entries with 16-bit big-endian lengths. Lengths were checked when the entries came in.
pub(crate) fn encode_entries<T: AsRef<[u8]>>(items: &[T]) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.iter().map(|i| i.as_ref().len() + 2).sum());
    for item in items {
        let item = item.as_ref();
        let length = u16::try_from(item.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(item);
    }
    out
}

pub(crate) fn encode_private<T: AsRef<[u8]>>(items: &[T]) -> Vec<u8> {
    let mut out = Vec::with_capacity(items.iter().map(|i| i.as_ref().len() + 8).sum());
    for item in items {
        let item = item.as_ref();
        let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&crc32fast::hash(item).to_be_bytes());
        out.extend_from_slice(item);
    }
    out
}

pub(crate) fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// A tile of exactly `width` hashes.
pub(crate) fn decode_tile(bytes: &[u8], width: usize) -> Option<Vec<Hash>> {
    let (chunks, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && chunks.len() == width).then(|| chunks.iter().map(|c| Hash(*c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_bundles_are_length_prefixed_big_endian() {
        let bytes = encode_entries(&[&b"ab"[..], b"", b"c"]);
        assert_eq!(bytes, [0, 2, b'a', b'b', 0, 0, 0, 1, b'c']);
        let bundle = Bundle::entries(bytes).unwrap();
        assert_eq!(bundle.iter().collect::<Vec<_>>(), [&b"ab"[..], b"", b"c"]);
    }

    #[test]
    fn cut_and_overfull_bundles_are_refused() {
        let bytes = encode_entries(&[&b"ab"[..], b"c"]);
        for cut in [1, 2, 3, 5, 6] {
            assert!(
                Bundle::entries(bytes[..cut].to_vec()).is_none(),
                "cut at {cut}"
            );
        }
        assert!(Bundle::entries(vec![0; 512]).is_some());
        assert!(Bundle::entries(vec![0; 514]).is_none());
    }

    #[test]
    fn every_changed_byte_of_a_private_bundle_is_noticed() {
        let bytes = encode_private(&[&b"first"[..], b"second"]);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Bundle::private(changed).is_err(), "byte {at}");
        }
        assert_eq!(Bundle::private(bytes).unwrap().len(), 2);
    }

    #[test]
    fn tile_is_its_hashes_in_order() {
        let hashes = [Hash([1; 32]), Hash([2; 32])];
        let bytes = encode_tile(&hashes);
        assert_eq!(bytes.len(), 64);
        assert_eq!(decode_tile(&bytes, 2).unwrap(), hashes);
        assert!(decode_tile(&bytes, 1).is_none());
        assert!(decode_tile(&bytes[1..], 2).is_none());
    }
}

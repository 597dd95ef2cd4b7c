//! Which object ID a new key gets.

use sha2::{Digest, Sha256};

use crate::KeyLabel;

/// How many IDs are tried for a label.
pub(super) const PROBES: u8 = 16;

/// The IDs that are tried in turn for a label: 0x0100 to 0xfeff, by the label's digest.
///
/// They follow from the label so that the device itself refuses the second of two processes that
/// make the same key at once, and so that an answer that was lost can be looked up.
pub(super) fn of(label: &KeyLabel, probe: u8) -> u16 {
    let digest = Sha256::new()
        .chain_update(label.as_str())
        .chain_update([0, probe])
        .finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    // The remainder is below 0xfe00.
    0x0100 + u16::try_from(number % 0xfe00).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_stable_distinct_and_within_bounds() {
        let label = KeyLabel::new("issuing-rsa").unwrap();
        let mut ids: Vec<u16> = (0..PROBES).map(|probe| of(&label, probe)).collect();
        assert!(ids.iter().all(|id| (0x0100..=0xfeff).contains(id)));
        assert_eq!(ids[0], of(&label, 0));
        ids.sort_unstable();
        ids.dedup();
        assert!(ids.len() > 8);
    }
}

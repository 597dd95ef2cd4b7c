//! What is held, in a file: a killed edge says after its restart what it said before.

use std::fs;
use std::path::PathBuf;

/// Entries that are noted at most; further ones are asked for again.
const MAX_NOTED: usize = 4_096;

/// The file. Not synced: after a power cut the note of what is known claims less as well.
pub(super) struct HeldFile(pub(super) PathBuf);

impl HeldFile {
    /// Notes entries that follow the first `first`.
    pub(super) fn write(&self, first: u64, entries: &[Vec<u8>]) {
        let mut octets = first.to_be_bytes().to_vec();
        for entry in entries.iter().take(MAX_NOTED) {
            let length = u32::try_from(entry.len()).unwrap_or(u32::MAX);
            octets.extend_from_slice(&length.to_be_bytes());
            octets.extend_from_slice(entry);
        }
        let beside = self.0.with_extension("new");
        let written = fs::write(&beside, octets).and_then(|()| fs::rename(&beside, &self.0));
        if let Err(error) = written {
            tracing::warn!(%error, path = %self.0.display(), "what no checkpoint covers is held in memory only");
        }
    }

    /// Counts no more, and is kept for those who examine what happened.
    pub(super) fn set_aside(&self) {
        let aside = self.0.with_extension("refused");
        match fs::rename(&self.0, &aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                // It must not be believed after a restart.
                tracing::warn!(%error, path = %self.0.display(), "what was held cannot be set aside");
                self.write(u64::MAX, &[]);
            }
            _ => {}
        }
    }

    /// The noted entries that follow the first `durable`; none where they do not fit.
    pub(super) fn read(&self, durable: u64) -> Vec<Vec<u8>> {
        let octets = fs::read(&self.0).unwrap_or_default();
        let Some((first, mut rest)) = octets.split_first_chunk::<8>() else {
            return Vec::new();
        };
        let Some(skip) = durable.checked_sub(u64::from_be_bytes(*first)) else {
            return Vec::new();
        };
        let mut entries = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let Some((entry, later)) = after.split_at_checked(length) else {
                break;
            };
            entries.push(entry.to_vec());
            rest = later;
        }
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        entries.into_iter().skip(skip).collect()
    }
}

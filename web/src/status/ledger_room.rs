//! Memory for files of the ledger on their way.

use std::sync::Arc;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Files on their way take so much at a time, in KiB: what a client reads slowly waits in memory. A
/// bundle of 256 entries has half a mebibyte most of the time, and 16 at worst.
const MAX_KIB: u32 = 64 * 1024;

/// Room for files on their way to clients. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct LedgerRoom(Arc<Semaphore>);

/// A part of it.
#[derive(Debug)]
pub(super) struct Room {
    _permit: Option<OwnedSemaphorePermit>,
}

impl LedgerRoom {
    /// Room for `length` octets; waits for it.
    pub(super) async fn take(&self, length: u64) -> Room {
        let kib = u32::try_from(length.div_ceil(1024)).unwrap_or(MAX_KIB);
        let permit = Arc::clone(&self.0).acquire_many_owned(kib.clamp(1, MAX_KIB));
        // The semaphore is never closed.
        Room {
            _permit: permit.await.ok(),
        }
    }
}

impl Default for LedgerRoom {
    fn default() -> Self {
        let most = usize::try_from(MAX_KIB).unwrap_or(usize::MAX);
        Self(Arc::new(Semaphore::new(most)))
    }
}

impl Room {
    /// The octets, which take this room until the last of them is written.
    pub(super) fn hold(self, octets: Vec<u8>) -> Bytes {
        Bytes::from_owner(Held {
            octets,
            _room: self,
        })
    }
}

struct Held {
    octets: Vec<u8>,
    _room: Room,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_on_their_way_take_no_more_than_the_room_there_is() {
        let room = LedgerRoom::default();
        let whole = room.take(u64::MAX).await.hold(vec![1, 2, 3]);
        assert_eq!(room.0.available_permits(), 0);
        let part = whole.slice(1..);
        drop(whole);
        assert_eq!(room.0.available_permits(), 0);
        assert_eq!(&part[..], [2, 3]);
        drop(part);
        assert_eq!(room.0.available_permits(), 64 * 1024);
        drop(room.take(0).await.hold(Vec::new()));
        let _two_kib = room.take(1_025).await;
        assert_eq!(room.0.available_permits(), 64 * 1024 - 2);
    }
}

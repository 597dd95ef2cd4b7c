//! Reading entries, private records and proofs.

use std::ops::ControlFlow;

use crate::error::Error;
use crate::layout::TILE_WIDTH;
use crate::log::Ledger;
use crate::log::store::Store;
use crate::proof::{ConsistencyProof, InclusionProof};
use crate::tree::{consistency_path, inclusion_path};

impl Ledger {
    /// One entry. Read from a file it is checked against its leaf hash.
    ///
    /// # Errors
    /// [`Error::NoSuchEntry`], [`Error::Tampered`], [`Error::Io`].
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, Error> {
        self.inner.shared.store.entry(index)
    }

    /// Visits entries from `from` to the present end, one bundle in memory at a time.
    ///
    /// # Errors
    /// [`Error::NoSuchEntry`] when `from` is beyond the end, [`Error::Tampered`], [`Error::Io`].
    pub fn entries(
        &self,
        from: u64,
        mut visit: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.inner.shared.store.entries(from, &mut visit)
    }

    /// One private record, as it was appended.
    ///
    /// # Errors
    /// [`Error::NoSuchPrivate`], [`Error::PrivateDamaged`], [`Error::Io`].
    pub fn private_record(&self, index: u64) -> Result<Vec<u8>, Error> {
        let store = &self.inner.shared.store;
        let count = {
            let live = store.live.read();
            if let Some(record) = live.private.item(index) {
                return Ok(record.to_vec());
            }
            live.private.end()
        };
        if index >= count {
            return Err(Error::NoSuchPrivate { index, count });
        }
        let bundle = store.files.private(index / TILE_WIDTH)?;
        let record = bundle.item((index % TILE_WIDTH) as usize);
        record
            .map(<[u8]>::to_vec)
            .ok_or(Error::NoSuchPrivate { index, count })
    }

    /// Proof that the entry at `index` is in the tree of `size` entries (RFC 6962 §2.1.1).
    ///
    /// # Errors
    /// [`Error::NoProof`] when there is no such entry or size, [`Error::Tampered`], [`Error::Io`].
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<InclusionProof, Error> {
        let store = &self.inner.shared.store;
        let present = store.head().size;
        if index >= size || size > present {
            return Err(Error::NoProof {
                from: index,
                to: size,
                size: present,
            });
        }
        Ok(InclusionProof {
            index,
            size,
            hashes: inclusion_path(store, index, size)?,
        })
    }

    /// Proof that the tree of `old_size` is the beginning of that of `new_size` (RFC 6962 §2.1.2).
    ///
    /// # Errors
    /// [`Error::NoProof`] when there are no such sizes, [`Error::Tampered`], [`Error::Io`].
    pub fn prove_consistency(
        &self,
        old_size: u64,
        new_size: u64,
    ) -> Result<ConsistencyProof, Error> {
        let store = &self.inner.shared.store;
        let present = store.head().size;
        if old_size > new_size || new_size > present {
            return Err(Error::NoProof {
                from: old_size,
                to: new_size,
                size: present,
            });
        }
        let hashes = consistency_path(store, old_size, new_size)?;
        Ok(ConsistencyProof {
            old_size,
            new_size,
            hashes,
        })
    }
}

impl Store {
    pub(crate) fn entry(&self, index: u64) -> Result<Vec<u8>, Error> {
        let size = {
            let live = self.live.read();
            if let Some(entry) = live.tail.item(index) {
                return Ok(entry.to_vec());
            }
            live.tail.end()
        };
        if index >= size {
            return Err(Error::NoSuchEntry { index, size });
        }
        let bundle = self.files.entries(index / TILE_WIDTH)?;
        let entry = bundle.item((index % TILE_WIDTH) as usize);
        entry
            .map(<[u8]>::to_vec)
            .ok_or(Error::NoSuchEntry { index, size })
    }

    pub(crate) fn entries(
        &self,
        from: u64,
        visit: &mut dyn FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let size = self.head().size;
        if from > size {
            return Err(Error::NoSuchEntry { index: from, size });
        }
        let mut index = from;
        while index < size {
            let in_memory = self.live.read().tail.item(index);
            if let Some(entry) = in_memory {
                if visit(index, &entry).is_break() {
                    return Ok(());
                }
                index += 1;
                continue;
            }
            let bundle = self.files.entries(index / TILE_WIDTH)?;
            for entry in bundle.iter().skip((index % TILE_WIDTH) as usize) {
                if index == size || visit(index, entry).is_break() {
                    return Ok(());
                }
                index += 1;
            }
        }
        Ok(())
    }
}

//! Memory that is set aside for what is being read.

use std::sync::Arc;

use super::Cache;
use crate::error::FetchError;

/// Octets of the budget, given back when dropped.
pub(crate) struct Reservation {
    cache: Arc<Cache>,
    bytes: usize,
}

impl Reservation {
    pub(super) const fn new(cache: Arc<Cache>) -> Self {
        Self { cache, bytes: 0 }
    }

    /// Sets more aside; what was not used for longest makes room.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), FetchError> {
        self.cache.set_aside(bytes)?;
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }

    /// Hands the octets over to whoever counts them from now on.
    pub(super) const fn take(&mut self) -> usize {
        std::mem::replace(&mut self.bytes, 0)
    }

    /// Sets aside exactly so many.
    pub(crate) fn resize(&mut self, bytes: usize) -> Result<(), FetchError> {
        if bytes > self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.cache.give_back(self.bytes - bytes);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.cache.give_back(self.bytes);
    }
}

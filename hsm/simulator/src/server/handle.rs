//! Control without HTTP, from inside the same program.

use std::fmt;

use super::{Status, engine::Engine};
use crate::fault::Misbehaviour;

/// A simulator's control, for as long as it runs. It blocks.
#[derive(Clone)]
pub struct Handle(pub(super) Engine);

impl Handle {
    /// Fulfils a wish.
    ///
    /// # Errors
    /// Why it cannot be: no such session or key, or the device has ended.
    pub fn misbehave(&self, wish: Misbehaviour) -> Result<(), String> {
        self.0.wish_blocking(wish)
    }

    /// What the device did; nothing when it has ended.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.0.status_blocking()
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Handle")
    }
}

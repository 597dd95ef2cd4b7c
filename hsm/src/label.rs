//! The name of a key within a backend.

use std::fmt;

use crate::Error;

/// 1 to 40 characters `[a-z0-9-]`: fits a YubiHSM 2 object label (40 bytes) and a PKCS#11 `CKA_LABEL`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyLabel(String);

impl KeyLabel {
    /// Longest label, in bytes: the field of a YubiHSM 2 object.
    pub const MAX_BYTES: usize = 40;

    /// # Errors
    /// [`Error::BadLabel`] when a character or the length does not fit.
    pub fn new(label: impl Into<String>) -> Result<Self, Error> {
        let label = label.into();
        let fits = !label.is_empty()
            && label.len() <= Self::MAX_BYTES
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(label))
        } else {
            Err(Error::BadLabel { label })
        }
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

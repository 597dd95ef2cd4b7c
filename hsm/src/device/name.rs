//! The name of a device in the configuration.

use std::fmt;
use std::sync::Arc;

use crate::Error;

/// 1 to 40 characters `[a-z0-9-]`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceName(Arc<str>);

impl DeviceName {
    /// Longest name, in bytes.
    pub const MAX_BYTES: usize = 40;

    /// # Errors
    /// [`Error::BadDeviceName`] when a character or the length does not fit.
    pub fn new(name: &str) -> Result<Self, Error> {
        let fits = (1..=Self::MAX_BYTES).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(name.into()))
        } else {
            Err(Error::BadDeviceName {
                name: name.chars().take(Self::MAX_BYTES).collect(),
            })
        }
    }

    /// The device of keys in this process.
    #[must_use]
    pub fn software() -> Self {
        Self("software".into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

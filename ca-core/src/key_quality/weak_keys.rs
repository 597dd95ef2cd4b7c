//! Keys whose private half is public.

use std::collections::HashSet;

/// SHA-256 hashes of DER `SubjectPublicKeyInfo`s that are never certified.
///
/// In text: one hash per line, 64 hexadecimal digits, optionally followed by white space and a
/// remark; empty lines and lines that begin with `#` are skipped.
#[derive(Clone, Debug, Default)]
pub struct WeakKeys {
    hashes: HashSet<[u8; 32]>,
}

/// A line that is no hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "weak key list, line {line}: write the SHA-256 of the SubjectPublicKeyInfo as 64 hex digits"
)]
pub struct WeakKeyListError {
    /// Line number, from 1.
    pub line: usize,
}

impl WeakKeyListError {
    /// A stable code for programs: never reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "key.bad-weak-list"
    }
}

impl WeakKeys {
    /// The published test keys that come with the program.
    ///
    /// # Errors
    /// [`WeakKeyListError`] when the built-in list is damaged.
    pub fn built_in() -> Result<Self, WeakKeyListError> {
        Self::parse(include_str!("weak_keys.txt"))
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`WeakKeyListError`] with the line.
    pub fn parse(text: &str) -> Result<Self, WeakKeyListError> {
        let mut hashes = HashSet::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            let Some(word) = line.split_whitespace().next() else {
                continue;
            };
            let mut hash = [0; 32];
            hex::decode_to_slice(word, &mut hash)
                .map_err(|_| WeakKeyListError { line: index + 1 })?;
            hashes.insert(hash);
        }
        Ok(Self { hashes })
    }

    /// Adds every hash of `other`.
    #[must_use]
    pub fn merged_with(mut self, other: &Self) -> Self {
        self.hashes.extend(&other.hashes);
        self
    }

    /// Whether the hash is on the list.
    #[must_use]
    pub fn contains(&self, spki_sha256: &[u8; 32]) -> bool {
        self.hashes.contains(spki_sha256)
    }

    /// How many keys are on the list.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }
}

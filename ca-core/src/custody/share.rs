//! A share and what may be known of it.

use std::fmt;

use zeroize::Zeroizing;

/// What may be known of a share: written in the clear beside it, and authenticated with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareHeader {
    /// The set that it belongs to, 8 octets in hexadecimal.
    pub set: String,
    /// Its number, from 1.
    pub index: u8,
    /// How many restore the secret.
    pub threshold: u8,
    /// How many there are.
    pub shares: u8,
    /// The custodian's role.
    pub role: String,
    /// Salt of the checksum, 16 octets.
    pub salt: Vec<u8>,
    /// SHA-256 of salt and secret: 256 random bits cannot be found from it.
    pub checksum: Vec<u8>,
}

/// A share. Fewer than the threshold say nothing about the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// What may be known of it.
    pub header: ShareHeader,
    pub(super) octets: Zeroizing<Vec<u8>>,
}

/// Never the share itself.
impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Share")
            .field("set", &self.header.set)
            .field("index", &self.header.index)
            .finish_non_exhaustive()
    }
}

/// Whether a character would change what a terminal shows: controls move the cursor; U+202A to U+202E
/// and U+2066 to U+2069 turn the order of what follows (Unicode Standard Annex #9, section 2).
pub(crate) fn disturbs(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

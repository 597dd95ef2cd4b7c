//! Names for people.

use serde::{Deserialize, Serialize};

/// 40 octets, filled up with zeros; any octets are allowed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Label(pub [u8; Self::BYTES]);

impl Label {
    /// Octets of every label.
    pub const BYTES: usize = 40;

    /// The octets before the zeros.
    #[must_use]
    pub fn trimmed(&self) -> &[u8] {
        let end = self.0.iter().rposition(|octet| *octet != 0);
        &self.0[..end.map_or(0, |at| at + 1)]
    }
}

impl From<&str> for Label {
    /// What is too long is cut off.
    fn from(text: &str) -> Self {
        let mut octets = [0; Self::BYTES];
        for (to, from) in octets.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self(octets)
    }
}

impl Serialize for Label {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut octets = [0; Self::BYTES];
        hex::decode_to_slice(text, &mut octets).map_err(serde::de::Error::custom)?;
        Ok(Self(octets))
    }
}

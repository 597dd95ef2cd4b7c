//! A part of the ledger on its way to a follower.

use der::asn1::OctetString;
use der::{Decode, Encode, Sequence};
use kasane_ledger::Hash;
use kasane_ledger::proof::MAX_PROOF_HASHES;
use kasane_verify::UnixTime;

/// Longest page that is read: what a page aims at, one entry more, and the rest.
pub const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Most entries of a page that is read: each has some sixty octets at least.
const MAX_ENTRIES: usize = 65_536;

const VERSION: u8 = 1;

/// Consecutive entries, and what was signed last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The log's origin.
    pub origin: String,
    /// The authority's present when the page was made: what was durable then is below `size`.
    pub time: UnixTime,
    /// Entries that were durable.
    pub size: u64,
    /// Index of the first entry.
    pub from: u64,
    /// The newest checkpoint, a signed note.
    pub checkpoint: Option<String>,
    /// Consistency (RFC 6962 §2.1.2) of the tree that ends with the last entry with the checkpoint's,
    /// where that is larger.
    pub proof: Vec<Hash>,
    /// The entries.
    pub entries: Vec<Vec<u8>>,
}

/// Why octets are no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("page of the feed cannot be read: {what}")]
pub struct BadPage {
    /// What does not fit.
    pub what: String,
}

/// ```text
/// Page ::= SEQUENCE {
///   version INTEGER (1), origin UTF8String, time INTEGER, size INTEGER, from INTEGER,
///   proof SEQUENCE OF OCTET STRING, entries SEQUENCE OF OCTET STRING,
///   checkpoint [0] EXPLICIT UTF8String OPTIONAL }
/// ```
#[derive(Sequence)]
struct Wire {
    version: u8,
    origin: String,
    time: i64,
    size: u64,
    from: u64,
    proof: Vec<OctetString>,
    entries: Vec<OctetString>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    checkpoint: Option<String>,
}

impl Page {
    /// DER.
    ///
    /// # Errors
    /// [`der::Error`] for an entry that is longer than DER can say.
    pub fn to_bytes(&self) -> Result<Vec<u8>, der::Error> {
        let octets = |bytes: &[u8]| OctetString::new(bytes);
        Wire {
            version: VERSION,
            origin: self.origin.clone(),
            time: self.time.seconds(),
            size: self.size,
            from: self.from,
            proof: self
                .proof
                .iter()
                .map(|hash| octets(&hash.0))
                .collect::<Result<_, _>>()?,
            entries: self
                .entries
                .iter()
                .map(|entry| octets(entry))
                .collect::<Result<_, _>>()?,
            checkpoint: self.checkpoint.clone(),
        }
        .to_der()
    }

    /// Reads exactly what [`Page::to_bytes`] writes.
    ///
    /// # Errors
    /// [`BadPage`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadPage> {
        let bad = |what: &str| BadPage {
            what: what.to_owned(),
        };
        if bytes.len() > MAX_PAGE_BYTES {
            return Err(bad("it is too long"));
        }
        let wire = Wire::from_der(bytes).map_err(|error| bad(&error.to_string()))?;
        if wire.version != VERSION {
            return Err(bad(
                "it is of another version: use the same release on both sides",
            ));
        }
        if wire.entries.len() > MAX_ENTRIES || wire.proof.len() > MAX_PROOF_HASHES {
            return Err(bad("it has too many entries or hashes"));
        }
        let end = wire.from.checked_add(wire.entries.len() as u64);
        if end.is_none_or(|end| end > wire.size) {
            return Err(bad("it has more entries than it says there are"));
        }
        let hash = |octets: &OctetString| octets.as_bytes().try_into().map(Hash);
        let proof: Result<Vec<Hash>, _> = wire.proof.iter().map(hash).collect();
        Ok(Self {
            origin: wire.origin,
            time: UnixTime::from_seconds(wire.time),
            size: wire.size,
            from: wire.from,
            checkpoint: wire.checkpoint,
            proof: proof.map_err(|_| bad("a hash has not 32 octets"))?,
            entries: wire
                .entries
                .into_iter()
                .map(|entry| entry.into_bytes().into())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn page() -> Page {
        Page {
            origin: "kasane.example/ledger".into(),
            time: UnixTime::from_seconds(1_800_000_000),
            size: 9,
            from: 4,
            checkpoint: Some("note\n".into()),
            proof: vec![Hash([7; 32])],
            entries: vec![vec![1; 300], Vec::new()],
        }
    }

    #[test]
    fn page_is_read_back() {
        let page = page();
        assert_eq!(Page::from_bytes(&page.to_bytes().unwrap()).unwrap(), page);
    }

    #[test]
    fn page_that_says_less_than_it_has_is_refused() {
        let mut page = page();
        page.size = 5;
        let refused = Page::from_bytes(&page.to_bytes().unwrap()).unwrap_err();
        assert!(refused.to_string().contains("more entries"), "{refused}");
    }

    proptest! {
        #[test]
        fn changed_or_cut_pages_never_panic(at in 0_usize..500, bits in 1_u8.., cut in 0_usize..500) {
            let mut bytes = page().to_bytes().unwrap();
            let length = bytes.len();
            bytes[at % length] ^= bits;
            let _ = Page::from_bytes(&bytes);
            prop_assert!(Page::from_bytes(&bytes[..cut % length]).is_err());
        }
    }
}

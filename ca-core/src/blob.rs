//! Large objects: how entries name what the ledger keeps beside them.

use der::asn1::OctetString;
use kasane_ledger::{BlobRef, Ledger};
use kasane_ledger_schema::Blob;

use crate::Error;

/// Makes `content` durable as a blob; returns what an entry says of it.
pub(crate) fn put(ledger: &Ledger, content: &[u8]) -> Result<Blob, Error> {
    let stored = ledger.put_blob(content)?;
    Ok(Blob {
        sha256: OctetString::new(stored.sha256.to_vec())?,
        length_bytes: stored.length,
    })
}

/// What an entry's blob is called in the ledger; none when it is named by no SHA-256.
#[must_use]
pub fn reference(blob: &Blob) -> Option<BlobRef> {
    let sha256 = blob.sha256.as_bytes().try_into().ok()?;
    Some(BlobRef {
        sha256,
        length: blob.length_bytes,
    })
}

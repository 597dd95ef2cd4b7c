//! One hash over the whole projection: two rebuilds must agree.

use sha2::{Digest, Sha256};

use super::{StoreError, Table, Tables};

/// SHA-256 over every table's name, keys and values, each with its length.
///
/// # Errors
/// [`StoreError`] when the backend cannot be read.
pub fn digest(tables: &dyn Tables) -> Result<[u8; 32], StoreError> {
    let mut hash = Sha256::new();
    for table in Table::ALL {
        absorb(&mut hash, table.name().as_bytes());
        tables.scan(table, &[], &[], &mut |key, value| {
            absorb(&mut hash, key);
            absorb(&mut hash, value);
            true
        })?;
    }
    Ok(hash.finalize().into())
}

fn absorb(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

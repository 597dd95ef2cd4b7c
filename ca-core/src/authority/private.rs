//! What must be kept but must also be erasable.

use der::asn1::OctetString;
use kasane_ledger::{Batch, PrivateRecord};
use kasane_ledger_schema::{Event, PrivateCommitted, PrivateErased};

use super::Authority;
use crate::private_log::{PrivateError, open, seal};
use crate::projection::private;
use crate::{Actor, Error};

impl Authority {
    /// Keeps `text` for `subject` in the private log, committed to by the ledger.
    ///
    /// # Errors
    /// [`Error::Private`] or [`Error::Ledger`].
    pub fn keep_private(&self, actor: &Actor, subject: &str, text: &str) -> Result<u64, Error> {
        let key = self.subject_keys.get_or_make(subject, self.random())?;
        let sealed = seal(&key, subject, text.as_bytes(), self.random())?;
        let event = Event::PrivateCommitted(PrivateCommitted {
            subject: subject.to_owned(),
            commitment: OctetString::new(sealed.commitment.to_vec())?,
        });
        let batch = Batch {
            entries: self.encode(actor, vec![event])?,
            private: vec![PrivateRecord {
                bytes: sealed.bytes,
            }],
        };
        Ok(self.ledger.append(batch)?.first_index)
    }

    /// What is kept for `subject`, oldest first; none after erasure.
    ///
    /// # Errors
    /// [`Error::Private`] when a record does not match its commitment.
    pub fn read_private(&self, subject: &str) -> Result<Vec<String>, Error> {
        let row = private::find(self.tables(), subject)?;
        if row.records.is_empty() {
            return Ok(Vec::new());
        }
        let key = self.subject_keys.read(subject)?;
        let mut texts = Vec::with_capacity(row.records.len());
        for (index, commitment) in row.records {
            let sealed = self.ledger.private_record(index)?;
            let plaintext = open(&key, subject, &sealed, &commitment)?;
            let text = std::str::from_utf8(&plaintext).map_err(|_| PrivateError::Damaged {
                subject: subject.to_owned(),
            })?;
            texts.push(text.to_owned());
        }
        Ok(texts)
    }

    /// Destroys the subject's key and notes it: its records can no longer be read, by anybody.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing is kept for it.
    pub fn erase_private(&self, actor: &Actor, subject: &str, reason: &str) -> Result<u64, Error> {
        if private::find(self.tables(), subject)?.records.is_empty() {
            let (kind, name) = ("private record", subject.to_owned());
            return Err(Error::NotFound {
                kind,
                name,
                hint: "",
            });
        }
        let event = PrivateErased {
            subject: subject.to_owned(),
            reason: reason.to_owned(),
        };
        let index = self.append(actor, event.into())?;
        // A crash between the two is made good at the next start.
        self.subject_keys.destroy(subject)?;
        Ok(index)
    }

    /// Destroys the keys of subjects whose erasure is on record.
    pub(super) fn destroy_erased_keys(&self) -> Result<(), Error> {
        for subject in private::erased(self.tables())? {
            self.subject_keys.destroy(&subject)?;
        }
        Ok(())
    }
}

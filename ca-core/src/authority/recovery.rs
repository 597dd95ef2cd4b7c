//! Closing what a crash left open.

use kasane_ledger_schema::{Closed, Event, RecordClosed};

use super::Authority;
use crate::projection::open_record::{self, OpenRecord};
use crate::{Actor, Error};

/// What a start found and closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Certificates without outcome: issuer and serial (hex). People review them.
    pub certificates: Vec<(String, String)>,
    /// CRLs without outcome: issuer and shard.
    pub crls: Vec<(String, u32)>,
    /// Requests to other CAs without outcome: the names that the certificates would have had.
    pub requests: Vec<String>,
}

impl Authority {
    /// Closes each record without an outcome as abandoned: its serial counts as revoked, its CRL
    /// number is burnt. Called at start, before anything is issued.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    pub fn close_open_records(&self) -> Result<Recovered, Error> {
        let mut recovered = Recovered::default();
        let mut events = Vec::new();
        for (record, open) in open_record::all(self.tables())? {
            match open {
                OpenRecord::Certificate(key) => {
                    recovered
                        .certificates
                        .push((key.issuer, hex::encode(key.serial)));
                }
                OpenRecord::Crl(key) => recovered.crls.push((key.issuer, key.shard)),
                OpenRecord::CertificationRequest { name, .. } => recovered.requests.push(name),
            }
            events.push(Event::RecordClosed(RecordClosed {
                record,
                outcome: Closed::Abandoned,
                reason: "no outcome before the process ended".into(),
            }));
        }
        for chunk in events.chunks(1_000) {
            self.append_all(&Actor::system(), chunk.to_vec())?;
        }
        Ok(recovered)
    }
}

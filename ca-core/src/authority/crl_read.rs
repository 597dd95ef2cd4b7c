//! Published CRLs, put together again from ledger and blobs.

use bytes::Bytes;
use kasane_ledger_schema::Event;
use kasane_verify::UnixTime;

use super::{Authority, CrlKind};
use crate::Error;
use crate::blob;
use crate::pipeline::{CrlOctets, IssuedCrl};
use crate::projection::crl::{self, CrlKey, CrlRow, CrlVersion};

impl Authority {
    /// A CRL series.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn crl_series(&self, issuer: &str, shard: u32) -> Result<CrlRow, Error> {
        let key = CrlKey {
            issuer: issuer.to_owned(),
            shard,
        };
        Ok(crl::find(self.tables(), &key)?)
    }

    /// The newest signed CRL of a shard, DER, put together from ledger and blob.
    ///
    /// # Errors
    /// [`Error::Ledger`] when the blob is missing or damaged.
    pub fn current_crl(
        &self,
        issuer: &str,
        shard: u32,
        kind: CrlKind,
    ) -> Result<Option<IssuedCrl>, Error> {
        let series = self.crl_series(issuer, shard)?;
        let version = match kind {
            CrlKind::Full => series.full,
            CrlKind::Delta => series.delta,
        };
        version
            .map(|version| self.read_crl(issuer, shard, &version))
            .transpose()
    }

    fn read_crl(&self, issuer: &str, shard: u32, version: &CrlVersion) -> Result<IssuedCrl, Error> {
        let missing = || Error::NotFound {
            kind: "CRL",
            name: format!("{issuer}/{shard} number {}", version.number),
            hint: "",
        };
        let (blob, der) = match self.entry(version.record)?.event {
            Event::CrlRecorded(recorded) => {
                let blob = blob::reference(&recorded.tbs).ok_or_else(missing)?;
                let outcome = version.outcome.ok_or_else(missing)?;
                let Event::CrlIssued(issued) = self.entry(outcome)?.event else {
                    return Err(missing());
                };
                let mut octets = vec![0; CrlOctets::HEADROOM];
                self.ledger.append_blob(&blob, &mut octets)?;
                let octets = CrlOctets::new(octets, CrlOctets::HEADROOM);
                let algorithm = self.issuer(issuer)?.signer.signature_algorithm();
                let der = octets.complete(algorithm, issued.signature.as_bytes())?;
                (blob, der)
            }
            Event::CrlImported(imported) => {
                let blob = blob::reference(&imported.crl).ok_or_else(missing)?;
                (blob, Bytes::from(self.ledger.blob(&blob)?))
            }
            _ => return Err(missing()),
        };
        Ok(IssuedCrl {
            issuer: issuer.to_owned(),
            shard,
            number: version.number,
            base_number: version.base_number,
            this_update: UnixTime::from_seconds(version.this_update),
            next_update: UnixTime::from_seconds(version.next_update),
            sha256: blob.sha256.to_vec(),
            der,
        })
    }
}

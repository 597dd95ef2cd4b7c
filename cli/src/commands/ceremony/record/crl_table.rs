//! The CRLs of one issuer: there are many, alike, so each is a line.

use kasane_ca_core::ceremony::{Record, RecordedEvent};
use kasane_ledger_schema::Event;

/// The CRLs of one issuer.
pub(super) struct CrlTable {
    pub(super) issuer: String,
    /// When the first and the last of them was recorded.
    pub(super) from: String,
    pub(super) to: String,
    pub(super) rows: Vec<CrlRow>,
}

/// A CRL.
pub(super) struct CrlRow {
    pub(super) shard: u32,
    pub(super) number: u64,
    /// The base's number, of a delta CRL.
    pub(super) base: Option<u64>,
    /// Revoked certificates in it.
    pub(super) entries: u64,
    /// The ledger index of its record, or of its taking over.
    pub(super) index: u64,
    /// That of its signature; none if it was taken over or is not there.
    pub(super) issued: Option<u64>,
    /// That of the step that was completed with it.
    pub(super) step: Option<u64>,
    /// What `sha256` is of: `TBS` or `CRL`.
    pub(super) of: &'static str,
    pub(super) sha256: String,
}

pub(super) fn of(record: &Record) -> Vec<CrlTable> {
    let mut tables: Vec<CrlTable> = Vec::new();
    for it in &record.events {
        match &it.event {
            Event::CrlRecorded(body) => {
                let sha256 = hex::encode(body.tbs.sha256.as_bytes());
                table(&mut tables, &body.issuer, it).rows.push(CrlRow {
                    shard: body.shard,
                    number: body.number,
                    base: body.base_number,
                    entries: body.entries,
                    index: it.index,
                    issued: None,
                    step: None,
                    of: "TBS",
                    sha256,
                });
            }
            Event::CrlImported(body) => {
                let sha256 = hex::encode(body.crl.sha256.as_bytes());
                table(&mut tables, &body.issuer, it).rows.push(CrlRow {
                    shard: body.shard,
                    number: body.number,
                    base: None,
                    entries: body.entries,
                    index: it.index,
                    issued: None,
                    step: None,
                    of: "CRL",
                    sha256,
                });
            }
            Event::CrlIssued(body) => {
                let mut rows = tables.iter_mut().flat_map(|table| &mut table.rows);
                if let Some(row) = rows.find(|row| row.index == body.record) {
                    row.issued = Some(it.index);
                }
            }
            Event::CeremonyStep(body) => {
                if let Some(row) = completed(&mut tables, &body.step) {
                    row.step = Some(it.index);
                }
            }
            _ => {}
        }
    }
    tables
}

/// Whether a step is told beside its CRL.
pub(super) fn tells(tables: &[CrlTable], step: u64) -> bool {
    let mut rows = tables.iter().flat_map(|table| &table.rows);
    rows.any(|row| row.step == Some(step))
}

fn table<'t>(tables: &'t mut Vec<CrlTable>, issuer: &str, it: &RecordedEvent) -> &'t mut CrlTable {
    let at = tables.iter().position(|table| table.issuer == issuer);
    let at = at.unwrap_or_else(|| {
        tables.push(CrlTable {
            issuer: issuer.to_owned(),
            from: it.time.to_jst_string(),
            to: String::new(),
            rows: Vec::new(),
        });
        tables.len() - 1
    });
    let table = &mut tables[at];
    table.to = it.time.to_jst_string();
    table
}

/// The CRL that `crl ISSUER/SHARD` is about: the first of that shard that no step is told of yet.
fn completed<'t>(tables: &'t mut [CrlTable], step: &str) -> Option<&'t mut CrlRow> {
    let (issuer, shard) = step.strip_prefix("crl ")?.rsplit_once('/')?;
    let shard: u32 = shard.parse().ok()?;
    let table = tables.iter_mut().find(|table| table.issuer == issuer)?;
    let mut rows = table.rows.iter_mut();
    rows.find(|row| row.shard == shard && row.step.is_none())
}

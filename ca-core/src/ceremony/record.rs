//! What the ledger says of a ceremony, for the record that people sign.

use kasane_ledger_schema::Event;
use kasane_verify::UnixTime;
use sha2::{Digest, Sha256};

use super::perform::CHECKPOINT;
use super::{AttestationVerdict, Script, WrapKeyPut, wrap_key_put};
use crate::Error;
use crate::authority::Authority;
use crate::projection::document;
use kasane_hsm::KeyLabel;

/// What the ledger says of a ceremony. Made from entries alone: the same whenever it is asked for, but
/// for the verdict on attestations, which is about the roots that are configured, and the devices that
/// a wrap key was put into later.
#[derive(Clone, Debug)]
pub struct Record {
    /// The reviewed script.
    pub script: Script,
    /// Its SHA-256.
    pub script_sha256: String,
    /// Kind, name and SHA-256 of the other documents in force when it ended.
    pub documents: Vec<(String, String, String)>,
    /// When its first entry was written.
    pub began: UnixTime,
    /// When its last entry was written.
    pub ended: UnixTime,
    /// Its entries, in order.
    pub events: Vec<RecordedEvent>,
    /// Which devices a wrap key was put into.
    pub wrap_keys: Vec<WrapKeyPut>,
    /// The signed checkpoint that covers it (C2SP tlog-checkpoint).
    pub checkpoint: String,
}

/// An entry of a ceremony.
#[derive(Clone, Debug)]
pub struct RecordedEvent {
    /// Its ledger index.
    pub index: u64,
    /// When.
    pub time: UnixTime,
    /// What happened.
    pub event: Event,
    /// The certificate, CRL or request that came of it, DER.
    pub der: Option<Vec<u8>>,
    /// What became of the attestation of the key that was made or taken over, if it has one.
    pub attestation: Option<AttestationVerdict>,
}

/// The record of the ceremony `name`.
///
/// # Errors
/// [`Error::NotFound`] for a ceremony that is unknown or not complete.
pub fn record(authority: &Authority, name: &str) -> Result<Record, Error> {
    let missing = |hint| Error::NotFound {
        kind: "ceremony",
        name: name.to_owned(),
        hint,
    };
    let tables = authority.tables();
    let script = document::find(tables, "ceremony-script", name)?
        .ok_or_else(|| missing(": no script of that name was adopted"))?;
    let ended = document::find(tables, CHECKPOINT, name)?
        .ok_or_else(|| missing(": it is not complete; run it again to its end"))?;
    let text = authority.document_text("ceremony-script", name)?;
    let checkpoint = authority.document_text(CHECKPOINT, name)?;
    let script_entry = authority.entry(script.index)?;
    // What the authority began with was adopted in the same batch as the first script.
    let first = if Script::from_toml(&text)?.begins() {
        0
    } else {
        script.index
    };
    let mut documents = Vec::new();
    let mut events = Vec::new();
    for index in first..ended.index {
        let entry = authority.entry(index)?;
        if let Event::DocumentAdopted(body) = &entry.event {
            let digest = hex::encode(body.content.sha256.as_bytes());
            documents.push((body.kind.clone(), body.name.clone(), digest));
        }
        // A publisher of CRLs works as the system, also in a ceremony.
        let of_publisher = matches!(entry.event, Event::CrlRecorded(_) | Event::CrlIssued(_));
        if entry.actor == "ceremony" || of_publisher {
            events.push(RecordedEvent {
                index,
                time: UnixTime::from_seconds(entry.time),
                der: outcome(authority, &entry.event)?,
                attestation: judged(authority, &entry.event)?,
                event: entry.event,
            });
        }
    }
    let wrap_keys = wrap_key_put::find(authority, first, ended.index)?;
    let ended = events
        .last()
        .map_or(script_entry.time, |last| last.time.seconds());
    Ok(Record {
        script: Script::from_toml(&text)?,
        script_sha256: hex::encode(Sha256::digest(text.as_bytes())),
        documents,
        began: UnixTime::from_seconds(script_entry.time),
        ended: UnixTime::from_seconds(ended),
        events,
        wrap_keys,
        checkpoint,
    })
}

/// What an entry made, whole.
fn outcome(authority: &Authority, event: &Event) -> Result<Option<Vec<u8>>, Error> {
    let record = match event {
        Event::CertificateIssued(body) => body.record,
        Event::IssuerImported(body) => return Ok(Some(body.certificate.as_bytes().to_vec())),
        Event::CertificateImported(body) => return Ok(Some(body.certificate.as_bytes().to_vec())),
        _ => return Ok(None),
    };
    let recorded = authority.recorded(record)?;
    let found = authority.certificate(&recorded.issuer, recorded.serial.as_bytes())?;
    Ok(found.der)
}

/// What the attestation of the entry's key is worth, if it has one.
fn judged(authority: &Authority, event: &Event) -> Result<Option<AttestationVerdict>, Error> {
    let (label, attested) = match event {
        Event::KeyGenerated(body) => (&body.label, body.attestation.is_some()),
        Event::KeyImported(body) => (&body.label, body.attestation.is_some()),
        _ => return Ok(None),
    };
    if !attested {
        return Ok(None);
    }
    if !authority.has_attestation_roots() {
        return Ok(Some(AttestationVerdict::Unchecked));
    }
    let label = KeyLabel::new(label.as_str()).map_err(crate::signing::SigningError::from)?;
    match authority.attestation_facts(&label) {
        Ok(facts) => Ok(facts.map(|it| AttestationVerdict::Verified(Box::new(it)))),
        Err(Error::Attestation(error)) => Ok(Some(AttestationVerdict::Refused {
            code: error.code(),
            reason: error.to_string(),
        })),
        Err(error) => Err(error),
    }
}

//! A key that was made or taken over.

use kasane_ca_core::attestation::AttestationFacts;
use kasane_ca_core::ceremony::{AttestationVerdict, Record, RecordedEvent};
use kasane_ledger_schema::{Blob, Event};

use super::digest;

/// A key that was made or taken over.
pub(super) struct KeyRow {
    pub(super) index: u64,
    pub(super) time: String,
    pub(super) taken_over: bool,
    pub(super) label: String,
    pub(super) role: String,
    pub(super) algorithm: String,
    pub(super) backend: String,
    pub(super) spki_sha256: String,
    pub(super) attestation: Option<AttestationRow>,
}

/// What its device says of it, and whether that is believed.
pub(super) struct AttestationRow {
    pub(super) sha256: String,
    pub(super) verdict: VerdictRow,
}

pub(super) enum VerdictRow {
    Verified(VerifiedRow),
    Refused { code: &'static str, reason: String },
    Unchecked,
}

/// What a verified attestation says.
pub(super) struct VerifiedRow {
    pub(super) simulator: bool,
    pub(super) root: String,
    pub(super) root_sha256: String,
    pub(super) serial: u64,
    pub(super) firmware: String,
    pub(super) origin_ja: &'static str,
    pub(super) origin_en: &'static str,
    pub(super) object_id: String,
    pub(super) label: String,
    pub(super) capabilities: String,
    pub(super) domains: String,
}

pub(super) fn of(record: &Record) -> Vec<KeyRow> {
    record.events.iter().filter_map(row).collect()
}

fn row(it: &RecordedEvent) -> Option<KeyRow> {
    let (taken_over, label, role, algorithm, backend, spki, blob) = match &it.event {
        Event::KeyGenerated(key) => (
            false,
            &key.label,
            &key.role,
            &key.algorithm,
            &key.backend,
            &key.spki,
            &key.attestation,
        ),
        Event::KeyImported(key) => (
            true,
            &key.label,
            &key.role,
            &key.algorithm,
            &key.backend,
            &key.spki,
            &key.attestation,
        ),
        _ => return None,
    };
    Some(KeyRow {
        index: it.index,
        time: it.time.to_jst_string(),
        taken_over,
        label: label.clone(),
        role: role.clone(),
        algorithm: algorithm.clone(),
        backend: backend.clone(),
        spki_sha256: digest(spki.as_bytes()),
        attestation: attestation(blob.as_ref(), it.attestation.as_ref()),
    })
}

fn attestation(
    blob: Option<&Blob>,
    verdict: Option<&AttestationVerdict>,
) -> Option<AttestationRow> {
    let blob = blob?;
    let verdict = match verdict? {
        AttestationVerdict::Verified(facts) => VerdictRow::Verified(verified(facts)),
        AttestationVerdict::Refused { code, reason } => VerdictRow::Refused {
            code,
            reason: reason.clone(),
        },
        AttestationVerdict::Unchecked => VerdictRow::Unchecked,
    };
    Some(AttestationRow {
        sha256: hex::encode(blob.sha256.as_bytes()),
        verdict,
    })
}

fn verified(facts: &AttestationFacts) -> VerifiedRow {
    let [major, minor, patch] = facts.firmware;
    let origin = facts.origin;
    let (origin_ja, origin_en) = match (origin.was_generated(), origin.came_wrapped()) {
        (true, false) => ("この装置内で生成", "generated in this device"),
        (true, true) => (
            "別の装置内で生成、ラップして移送",
            "generated in another device, came under wrap",
        ),
        (false, _) => ("装置外から投入", "imported from outside a device"),
    };
    let domains = (0..u16::BITS).filter(|bit| facts.domains >> bit & 1 == 1);
    let domains: Vec<String> = domains.map(|bit| (bit + 1).to_string()).collect();
    VerifiedRow {
        simulator: facts.simulator,
        root: facts.root.clone(),
        root_sha256: facts.root_sha256.clone(),
        serial: facts.serial,
        firmware: format!("{major}.{minor}.{patch}"),
        origin_ja,
        origin_en,
        object_id: format!("0x{:04x}", facts.object_id),
        label: facts.label.clone(),
        capabilities: facts.capability_names().join(", "),
        domains: domains.join(", "),
    }
}

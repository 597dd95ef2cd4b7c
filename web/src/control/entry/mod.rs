//! A ledger entry as JSON: octets as lower-case hex, times as RFC 3339.

use der::asn1::OctetString;
use kasane_hsm::device::LogEntry;
use kasane_ledger_schema::{Blob, Closed, Entry, Event};
use kasane_verify::UnixTime;
use serde_json::{Value, json};

use super::EntryView;

/// An entry, decoded.
#[must_use]
pub fn entry_view(index: u64, entry: &Entry) -> EntryView {
    EntryView {
        index,
        time: UnixTime::from_seconds(entry.time),
        actor: entry.actor.clone(),
        kind: entry.event.kind().name().to_owned(),
        body: body(&entry.event),
    }
}

fn body(event: &Event) -> Value {
    match event {
        Event::Genesis(it) => json!({
            "origin": it.origin,
            "mode": it.mode,
            "timeline_shift_days": it.timeline_shift_days,
            "organization": it.organization,
            "operator_domain": it.operator_domain,
        }),
        Event::DocumentAdopted(it) => json!({
            "kind": it.kind,
            "name": it.name,
            "content": blob(&it.content),
        }),
        Event::KeyGenerated(it) => json!({
            "label": it.label,
            "role": it.role,
            "algorithm": it.algorithm,
            "backend": it.backend,
            "spki": octets(&it.spki),
            "attestation": it.attestation.as_ref().map(blob),
        }),
        Event::CeremonyStep(it) => json!({
            "script_sha256": octets(&it.script_sha256),
            "step": it.step,
            "detail": it.detail,
        }),
        Event::IssuerActivated(it) => json!({
            "issuer": it.issuer,
            "key_label": it.key_label,
            "record": it.record,
            "crl_shards": it.crl_shards,
        }),
        Event::OcspSignerActivated(it) => json!({
            "issuer": it.issuer,
            "key_label": it.key_label,
            "record": it.record,
            "window_seconds": it.window_seconds,
        }),
        Event::FacilityRegistered(it) => json!({ "code": it.code, "terminals": it.terminals }),
        Event::TerminalCapability(it) => json!({
            "facility": it.facility,
            "terminal": it.terminal,
            "ecc_capable": it.ecc_capable,
            "reason": it.reason,
        }),
        Event::SystemRegistered(it) => json!({
            "name": it.name,
            "dns_names": it.dns_names,
            "server": it.server,
            "client": it.client,
        }),
        Event::OperatorRegistered(it) => json!({ "name": it.name }),
        Event::CertificateRecorded(it) => json!({
            "requester": it.requester,
            "issuer": it.issuer,
            "profile": it.profile,
            "subject": it.subject,
            "serial": octets(&it.serial),
            "not_after": time(it.not_after),
            "crl_shard": it.crl_shard,
            "spki_sha256": octets(&it.spki_sha256),
            "tbs": octets(&it.tbs),
            "request_key": it.request_key,
            "request_sha256": it.request_sha256.as_ref().map(octets),
            "renews": it.renews.as_ref().map(octets),
        }),
        Event::SignatureAttempted(it) => json!({ "record": it.record, "attempt": it.attempt }),
        Event::CertificateIssued(it) => {
            json!({ "record": it.record, "signature": octets(&it.signature) })
        }
        Event::RecordClosed(it) => json!({
            "record": it.record,
            "outcome": match it.outcome {
                Closed::Failed => "failed",
                Closed::Abandoned => "abandoned",
            },
            "reason": it.reason,
        }),
        Event::CertificateRevoked(it) => json!({
            "issuer": it.issuer,
            "serial": octets(&it.serial),
            "revocation_date": time(it.revocation_date),
            "reason": it.reason,
            "invalidity_date": it.invalidity_date.map(time),
        }),
        Event::MassRevocation(it) => json!({
            "selection": it.selection,
            "parts": it.parts,
            "certificates": it.certificates,
            "revoked_before": it.revoked_before,
            "revocation_date": time(it.revocation_date),
            "parts_sha256": octets(&it.parts_sha256),
            "approvals": it.approvals.iter().map(|it| json!({
                "approver": it.approver,
                "time": time(it.time),
                "statement": octets(&it.statement),
            })).collect::<Vec<_>>(),
            "reason": it.reason,
            "invalidity_date": it.invalidity_date.map(time),
        }),
        Event::MassRevocationPart(it) => json!({
            "number": it.number,
            "issuer": it.issuer,
            "serials": it.serials.iter().map(octets).collect::<Vec<_>>(),
        }),
        Event::CrlRecorded(it) => json!({
            "issuer": it.issuer,
            "shard": it.shard,
            "number": it.number,
            "this_update": time(it.this_update),
            "next_update": time(it.next_update),
            "entries": it.entries,
            "as_of": it.as_of,
            "tbs": blob(&it.tbs),
            "base_number": it.base_number,
        }),
        Event::CrlIssued(it) => {
            json!({ "record": it.record, "signature": octets(&it.signature) })
        }
        Event::IssuerEnded(it) => json!({ "issuer": it.issuer }),
        Event::SignaturesCounted(it) => json!({
            "key_label": it.key_label,
            "product": it.product,
            "count": it.count,
        }),
        Event::PrivateCommitted(it) => {
            json!({ "subject": it.subject, "commitment": octets(&it.commitment) })
        }
        Event::PrivateErased(it) => json!({ "subject": it.subject, "reason": it.reason }),
        Event::ServiceChanged(it) => json!({ "change": it.change, "detail": it.detail }),
        Event::KeyImported(it) => json!({
            "label": it.label,
            "role": it.role,
            "algorithm": it.algorithm,
            "backend": it.backend,
            "spki": octets(&it.spki),
            "attestation": it.attestation.as_ref().map(blob),
        }),
        Event::IssuerImported(it) => json!({
            "issuer": it.issuer,
            "profile": it.profile,
            "issued_by": it.issued_by,
            "certificate": octets(&it.certificate),
            "crl_shards": it.crl_shards,
            "last_crl_number": it.last_crl_number,
            "key_label": it.key_label,
        }),
        Event::CertificateImported(it) => json!({
            "name": it.name,
            "profile": it.profile,
            "issued_by": it.issued_by,
            "certificate": octets(&it.certificate),
        }),
        Event::CrlImported(it) => json!({
            "issuer": it.issuer,
            "shard": it.shard,
            "number": it.number,
            "this_update": time(it.this_update),
            "next_update": time(it.next_update),
            "entries": it.entries,
            "crl": blob(&it.crl),
        }),
        Event::CertificationRequestRecorded(it) => json!({
            "name": it.name,
            "profile": it.profile,
            "key_label": it.key_label,
            "tbs": octets(&it.tbs),
        }),
        Event::CertificationRequestSigned(it) => {
            json!({ "record": it.record, "signature": octets(&it.signature) })
        }
        Event::SignaturesReserved(it) => json!({
            "key_label": it.key_label,
            "product": it.product,
            "count": it.count,
        }),
        Event::DeviceLogDrained(it) => json!({
            "device": it.device,
            "serial": it.serial,
            "unlogged_boots": it.unlogged_boots,
            "unlogged_authentications": it.unlogged_authentications,
            "entries": log_entries(&it.entries),
            "keys": it
                .keys
                .iter()
                .map(|key| json!({ "id": key.id, "label": key.label }))
                .collect::<Vec<_>>(),
        }),
        Event::DeviceActionNoted(it) => json!({
            "device": it.device,
            "serial": it.serial,
            "action": it.action,
            "subject": it.subject,
            "detail": it.detail,
        }),
        Event::DeviceAlarmRaised(it) => json!({
            "device": it.device,
            "serial": it.serial,
            "alarm": it.alarm,
            "detail": it.detail,
            "number": it.number,
        }),
        Event::DeviceAlarmsAcknowledged(it) => {
            json!({ "alarms": it.alarms, "reason": it.reason })
        }
        Event::ResponderEnrolled(it) => json!({
            "name": it.name,
            "url": it.url,
            "token_sha256": octets(&it.token_sha256),
        }),
        Event::ResponderRemoved(it) => json!({ "name": it.name, "reason": it.reason }),
        Event::ResponderSignerActivated(it) => json!({
            "responder": it.responder,
            "issuer": it.issuer,
            "key_label": it.key_label,
            "record": it.record,
            "window_seconds": it.window_seconds,
        }),
        Event::ResponderSignaturesCounted(it) => json!({
            "responder": it.responder,
            "key_label": it.key_label,
            "count": it.count,
        }),
        // `Event` is non-exhaustive for other crates' sake; the test below has every kind.
        _ => Value::Null,
    }
}

fn octets(octets: &OctetString) -> String {
    hex::encode(octets.as_bytes())
}

/// A device's own entries, one by one and in its own encoding: whoever follows the hash chain needs
/// their octets.
fn log_entries(entries: &OctetString) -> Vec<String> {
    let octets = entries.as_bytes();
    octets.chunks(LogEntry::BYTES).map(hex::encode).collect()
}

fn blob(blob: &Blob) -> Value {
    json!({ "sha256": octets(&blob.sha256), "length_bytes": blob.length_bytes })
}

fn time(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

#[cfg(test)]
mod tests;

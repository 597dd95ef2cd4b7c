//! Every kind of event has its body, whole.

use std::collections::BTreeSet;

use kasane_ledger_schema::*;

use super::*;

fn octets() -> OctetString {
    OctetString::new(vec![0xab; 32]).unwrap()
}

fn blob() -> Blob {
    Blob {
        sha256: octets(),
        length_bytes: 5,
    }
}

/// One event of a kind. A new kind does not compile until it has one here.
fn event_of(kind: Kind) -> Event {
    let text = || "text".to_owned();
    match kind {
        Kind::Genesis => Event::Genesis(Genesis {
            origin: text(),
            mode: text(),
            timeline_shift_days: 1,
            organization: text(),
            operator_domain: text(),
        }),
        Kind::DocumentAdopted => Event::DocumentAdopted(DocumentAdopted {
            kind: text(),
            name: text(),
            content: blob(),
        }),
        Kind::KeyGenerated => Event::KeyGenerated(KeyGenerated {
            label: text(),
            role: text(),
            algorithm: text(),
            backend: text(),
            spki: octets(),
            attestation: Some(blob()),
        }),
        Kind::CeremonyStep => Event::CeremonyStep(CeremonyStep {
            script_sha256: octets(),
            step: text(),
            detail: text(),
        }),
        Kind::IssuerActivated => Event::IssuerActivated(IssuerActivated {
            issuer: text(),
            key_label: text(),
            record: 1,
            crl_shards: 1,
        }),
        Kind::OcspSignerActivated => Event::OcspSignerActivated(OcspSignerActivated {
            issuer: text(),
            key_label: text(),
            record: 1,
            window_seconds: 1,
        }),
        Kind::FacilityRegistered => Event::FacilityRegistered(FacilityRegistered {
            code: text(),
            terminals: 1,
        }),
        Kind::TerminalCapability => Event::TerminalCapability(TerminalCapability {
            facility: text(),
            terminal: 1,
            ecc_capable: true,
            reason: text(),
        }),
        Kind::SystemRegistered => Event::SystemRegistered(SystemRegistered {
            name: text(),
            dns_names: vec![text()],
            server: true,
            client: true,
        }),
        Kind::OperatorRegistered => Event::OperatorRegistered(OperatorRegistered { name: text() }),
        Kind::CertificateRecorded => Event::CertificateRecorded(CertificateRecorded {
            requester: text(),
            issuer: text(),
            profile: text(),
            subject: text(),
            serial: octets(),
            not_after: 1,
            crl_shard: 1,
            spki_sha256: octets(),
            tbs: octets(),
            request_key: Some(text()),
            request_sha256: Some(octets()),
            renews: Some(octets()),
        }),
        Kind::SignatureAttempted => Event::SignatureAttempted(SignatureAttempted {
            record: 1,
            attempt: 2,
        }),
        Kind::CertificateIssued => Event::CertificateIssued(CertificateIssued {
            record: 1,
            signature: octets(),
        }),
        Kind::RecordClosed => Event::RecordClosed(RecordClosed {
            record: 1,
            outcome: Closed::Failed,
            reason: text(),
        }),
        Kind::CertificateRevoked => Event::CertificateRevoked(CertificateRevoked {
            issuer: text(),
            serial: octets(),
            revocation_date: 1,
            reason: Some(1),
            invalidity_date: Some(1),
        }),
        Kind::CrlRecorded => Event::CrlRecorded(CrlRecorded {
            issuer: text(),
            shard: 1,
            number: 1,
            this_update: 1,
            next_update: 1,
            entries: 1,
            as_of: 1,
            tbs: blob(),
            base_number: Some(1),
        }),
        Kind::CrlIssued => Event::CrlIssued(CrlIssued {
            record: 1,
            signature: octets(),
        }),
        Kind::IssuerEnded => Event::IssuerEnded(IssuerEnded { issuer: text() }),
        Kind::SignaturesCounted => Event::SignaturesCounted(SignaturesCounted {
            key_label: text(),
            product: text(),
            count: 1,
        }),
        Kind::PrivateCommitted => Event::PrivateCommitted(PrivateCommitted {
            subject: text(),
            commitment: octets(),
        }),
        Kind::PrivateErased => Event::PrivateErased(PrivateErased {
            subject: text(),
            reason: text(),
        }),
        Kind::ServiceChanged => Event::ServiceChanged(ServiceChanged {
            change: text(),
            detail: text(),
        }),
        Kind::DeviceLogDrained => Event::DeviceLogDrained(DeviceLogDrained {
            device: text(),
            serial: text(),
            unlogged_boots: 1,
            unlogged_authentications: 1,
            entries: OctetString::new(vec![0xcd; 64]).unwrap(),
            keys: vec![LoggedKey {
                id: 7,
                label: text(),
            }],
        }),
        Kind::DeviceActionNoted => Event::DeviceActionNoted(DeviceActionNoted {
            device: text(),
            serial: text(),
            action: text(),
            subject: text(),
            detail: text(),
        }),
        Kind::DeviceAlarmRaised => Event::DeviceAlarmRaised(DeviceAlarmRaised {
            device: text(),
            serial: text(),
            alarm: text(),
            detail: text(),
            number: Some(1),
        }),
        Kind::SignaturesReserved => Event::SignaturesReserved(SignaturesReserved {
            key_label: text(),
            product: text(),
            count: 1,
        }),
        Kind::KeyImported => Event::KeyImported(KeyImported {
            label: text(),
            role: text(),
            algorithm: text(),
            backend: text(),
            spki: octets(),
            attestation: Some(blob()),
        }),
        Kind::IssuerImported => Event::IssuerImported(IssuerImported {
            issuer: text(),
            profile: text(),
            issued_by: text(),
            certificate: octets(),
            crl_shards: 1,
            last_crl_number: 1,
            key_label: Some(text()),
        }),
        Kind::CertificateImported => Event::CertificateImported(CertificateImported {
            name: text(),
            profile: text(),
            issued_by: text(),
            certificate: octets(),
        }),
        Kind::CrlImported => Event::CrlImported(CrlImported {
            issuer: text(),
            shard: 1,
            number: 1,
            this_update: 1,
            next_update: 1,
            entries: 1,
            crl: blob(),
        }),
        Kind::CertificationRequestRecorded => {
            Event::CertificationRequestRecorded(CertificationRequestRecorded {
                name: text(),
                profile: text(),
                key_label: text(),
                tbs: octets(),
            })
        }
        Kind::CertificationRequestSigned => {
            Event::CertificationRequestSigned(CertificationRequestSigned {
                record: 1,
                signature: octets(),
            })
        }
        Kind::ResponderEnrolled => Event::ResponderEnrolled(ResponderEnrolled {
            name: text(),
            url: text(),
            token_sha256: octets(),
        }),
        Kind::ResponderRemoved => Event::ResponderRemoved(ResponderRemoved {
            name: text(),
            reason: text(),
        }),
        Kind::ResponderSignerActivated => {
            Event::ResponderSignerActivated(ResponderSignerActivated {
                responder: text(),
                issuer: text(),
                key_label: text(),
                record: 1,
                window_seconds: 1,
            })
        }
        Kind::ResponderSignaturesCounted => {
            Event::ResponderSignaturesCounted(ResponderSignaturesCounted {
                responder: text(),
                key_label: text(),
                count: 1,
            })
        }
        Kind::MassRevocation => Event::MassRevocation(MassRevocation {
            selection: text(),
            parts: 1,
            certificates: 1,
            revoked_before: 1,
            revocation_date: 1,
            parts_sha256: octets(),
            approvals: vec![],
            reason: Some(1),
            invalidity_date: Some(1),
        }),
        Kind::MassRevocationPart => Event::MassRevocationPart(MassRevocationPart {
            number: 1,
            issuer: text(),
            serials: vec![octets()],
        }),
        Kind::DeviceAlarmsAcknowledged => {
            Event::DeviceAlarmsAcknowledged(DeviceAlarmsAcknowledged {
                alarms: vec![1],
                reason: text(),
            })
        }
    }
}

/// The fields of the body, as `Debug` names them: `Variant(` on the first line, `Body {` on the
/// second, and each field of the body eight columns in.
fn fields_of(event: &Event) -> BTreeSet<String> {
    let text = format!("{event:#?}");
    text.lines()
        .filter_map(|line| line.strip_prefix("        "))
        .filter(|line| !line.starts_with([' ', '}', ']', ')']))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn every_kind_of_event_has_each_of_its_fields_in_json() {
    for kind in Kind::ALL {
        let event = event_of(*kind);
        assert_eq!(event.kind(), *kind);
        let Value::Object(shown) = body(&event) else {
            panic!("{}: has no body", kind.name());
        };
        let fields = fields_of(&event);
        assert!(!fields.is_empty(), "{}", kind.name());
        let names: BTreeSet<String> = shown.keys().cloned().collect();
        assert_eq!(names, fields, "{}", kind.name());
        for (name, value) in shown {
            assert!(!value.is_null(), "{}: {name}", kind.name());
        }
    }
}

#[test]
fn pages_of_devices_logs_show_each_entry_and_what_it_calls_our_keys() {
    let shown = body(&event_of(Kind::DeviceLogDrained));
    assert_eq!(shown["entries"], json!(["cd".repeat(32), "cd".repeat(32)]));
    assert_eq!(shown["keys"], json!([{ "id": 7, "label": "text" }]));
}

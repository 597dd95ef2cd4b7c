use std::collections::BTreeMap;

use serde_json::Value;

use crate::program::Kasane;
use crate::tools::succeed;

/// A revocation as it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// RFC 3339.
    pub date: String,
    /// The number of the reason (RFC 5280 §5.3.1), if there is one.
    pub reason: Option<u64>,
}

/// Revocations by issuer and serial number (lower-case hex).
pub type Revocations = BTreeMap<(String, String), Revocation>;

/// Every revocation in the ledger: of one certificate, of many in one act, and of those that were never
/// finished.
///
/// # Panics
/// When the ledger cannot be read, or revokes a certificate twice.
#[must_use]
pub fn revocations(kasane: &Kasane) -> Revocations {
    let exported = succeed("ledger export", &kasane.run(["ledger", "export"]));
    let mut found = Revocations::new();
    // Certificates by the entry that records them, and the act that the parts after it belong to.
    let mut recorded = BTreeMap::new();
    let mut act = None;
    for line in exported.lines().filter(|line| line.starts_with('{')) {
        let entry: Value = serde_json::from_str(line).unwrap();
        let body = &entry["body"];
        let text = |name: &str| text_of(&body[name]);
        let revoked = match entry["kind"].as_str().unwrap() {
            "CertificateRecorded" => {
                let index = entry["index"].as_u64().unwrap();
                recorded.insert(index, (text("issuer"), text("serial")));
                continue;
            }
            "MassRevocation" => {
                act = Some(stated(body));
                continue;
            }
            "CertificateRevoked" => vec![((text("issuer"), text("serial")), stated(body))],
            "MassRevocationPart" => {
                let serials = body["serials"].as_array().unwrap().iter();
                serials
                    .map(|serial| ((text("issuer"), text_of(serial)), act.clone().unwrap()))
                    .collect()
            }
            // Somebody may have signed it: it counts as revoked. Records of CRLs are closed as well.
            "RecordClosed" => {
                let closed = Revocation {
                    date: text_of(&entry["time"]),
                    reason: None,
                };
                let record = recorded.get(&body["record"].as_u64().unwrap());
                record.map(|it| (it.clone(), closed)).into_iter().collect()
            }
            _ => continue,
        };
        for (certificate, revocation) in revoked {
            let twice = found.insert(certificate, revocation);
            assert!(twice.is_none(), "{line}");
        }
    }
    found
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What the entry of an act says of each certificate.
fn stated(body: &Value) -> Revocation {
    Revocation {
        date: text_of(&body["revocation_date"]),
        reason: body["reason"].as_u64(),
    }
}

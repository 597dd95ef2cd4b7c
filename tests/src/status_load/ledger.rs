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

/// Every revocation in the ledger.
///
/// # Panics
/// When the ledger cannot be read, or revokes a certificate twice.
#[must_use]
pub fn revocations(kasane: &Kasane) -> Revocations {
    let exported = succeed("ledger export", &kasane.run(["ledger", "export"]));
    let mut found = Revocations::new();
    for line in exported.lines().filter(|line| line.starts_with('{')) {
        let entry: Value = serde_json::from_str(line).unwrap();
        if entry["kind"] != "CertificateRevoked" {
            continue;
        }
        let body = &entry["body"];
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let revocation = Revocation {
            date: text("revocation_date"),
            reason: body["reason"].as_u64(),
        };
        let twice = found.insert((text("issuer"), text("serial")), revocation);
        assert!(twice.is_none(), "{line}");
    }
    found
}

//! The keys in the device against those of the ledger.

use kasane_hsm::config::OcspSignerKeys;
use kasane_hsm::{Device, KeyRole};
use kasane_web::control::RecordedKey;

use super::super::finding::Outcome;
use super::Examination;

impl Examination<'_> {
    pub(super) fn keys(&mut self, device: &dyn Device, recorded: &[RecordedKey], sees_roots: bool) {
        let held = match device.keys() {
            Ok(held) => held,
            Err(error) => return self.failed("keys", &error),
        };
        let ocsp_beside = self.config.document.ocsp_signers == OcspSignerKeys::Software;
        let (mut there, mut expected, mut not_seen) = (0, 0, 0);
        for key in recorded {
            if ocsp_beside && key.role == KeyRole::OcspResponder.as_str() {
                continue;
            }
            if !sees_roots && key.role == KeyRole::RootCa.as_str() {
                not_seen += 1;
                continue;
            }
            expected += 1;
            match held.iter().find(|it| it.label.as_str() == key.label) {
                Some(it) if hex::encode(&it.spki) == key.spki => there += 1,
                Some(_) => {
                    let detail = format!("{}: is another key than the recorded one", key.label);
                    let advice =
                        "take the device out of hsm.toml and find out who put that key there";
                    self.find("keys", Outcome::Wrong, detail, Some(advice.to_owned()));
                }
                None => {
                    let detail = format!("{}: is not in this device", key.label);
                    let advice =
                        "copy it from another one: 'kasane hsm clone', or 'kasane hsm restore'";
                    self.find("keys", Outcome::Wrong, detail, Some(advice.to_owned()));
                }
            }
        }
        let hidden = match not_seen {
            0 => String::new(),
            count => format!("; {count} keys of roots are for the credential of ceremonies"),
        };
        self.well(
            "keys",
            format!(
                "{there} of {expected} recorded keys are here{hidden}; public keys were compared and \
                 nothing signed, since each signature needs its record"
            ),
        );
    }
}

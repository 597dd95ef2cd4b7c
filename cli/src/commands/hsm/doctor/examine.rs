//! The checks of one device.

use std::sync::Arc;
use std::time::Instant;

use kasane_hsm::config::{Access, CredentialSource, DeviceConfig, OcspSignerKeys, YubiHsmConfig};
use kasane_hsm::yubihsm::provision::{Login, look};
use kasane_hsm::{BackendKind, Device, Error, KeyRole};
use kasane_web::control::RecordedKey;

use super::finding::{Finding, Outcome};
use crate::hardware::{Credentials, HardwareConfig, open_device};

/// Entries that the log of a YubiHSM 2 takes (YubiHSM 2 Core Concepts, "Logs").
const LOG_ENTRIES: usize = 62;

/// From here on a log is nearly full.
const LOG_WARNING: usize = 48;

/// The authentication key of a reset YubiHSM 2.
const DEFAULT_KEY: u16 = 1;

/// Signs of life that are timed.
const PROBES: u32 = 5;

struct Examination<'a> {
    config: &'a HardwareConfig,
    device: &'a DeviceConfig,
    findings: Vec<Finding>,
}

/// Examines one device.
pub(super) fn device(
    config: &HardwareConfig,
    device: &DeviceConfig,
    recorded: &[RecordedKey],
) -> Vec<Finding> {
    let mut it = Examination {
        config,
        device,
        findings: Vec::new(),
    };
    it.run(recorded);
    it.findings
}

impl Examination<'_> {
    fn run(&mut self, recorded: &[RecordedKey]) {
        let credentials = Credentials::of(self.config);
        let mut opened: Vec<(Access, Arc<dyn Device>)> = Vec::new();
        for (access, name) in self.accesses() {
            match self.open(access, &credentials) {
                Ok(device) => {
                    self.well("credential", format!("{name}: is accepted"));
                    opened.push((access, device));
                }
                Err(error) => {
                    let out_of_reach = matches!(error, Error::Unreachable { .. });
                    self.failed(name, &error);
                    if out_of_reach {
                        return;
                    }
                }
            }
        }
        let Some((_, any)) = opened.first() else {
            return;
        };
        self.identity(&**any);
        self.latency(&**any);
        if let Some((_, device)) = opened.iter().find(|(_, it)| it.command_log().is_some()) {
            self.log(&**device);
        }
        if let Some(yubihsm) = &self.device.yubihsm {
            self.set_up(yubihsm, &credentials);
        }
        let ceremony = opened
            .iter()
            .find(|(access, _)| *access == Access::Ceremony);
        let signing = opened.iter().find(|(access, _)| *access == Access::Signing);
        if let Some((access, device)) = ceremony.or(signing) {
            let sees_roots = *access == Access::Ceremony || self.device.pkcs11.is_some();
            self.keys(&**device, recorded, sees_roots);
        }
    }

    /// The credentials that are configured. A token has one PIN, which is tried once.
    fn accesses(&self) -> Vec<(Access, &'static str)> {
        let Some(yubihsm) = &self.device.yubihsm else {
            return vec![(Access::Signing, "PIN")];
        };
        [
            (Access::Ceremony, "ceremony", yubihsm.ceremony.is_some()),
            (Access::Signing, "signing", yubihsm.signing.is_some()),
            (Access::Audit, "audit", yubihsm.audit.is_some()),
        ]
        .into_iter()
        .filter(|(_, _, configured)| *configured)
        .map(|(access, name, _)| (access, name))
        .collect()
    }

    fn open(&self, access: Access, credentials: &Credentials) -> Result<Arc<dyn Device>, Error> {
        let device = open_device(self.config, self.device, access, credentials)?;
        device.probe()?;
        Ok(device)
    }

    fn identity(&mut self, device: &dyn Device) {
        match device.identity() {
            Ok(it) => {
                let detail = format!(
                    "{} {}, serial {}, firmware {}",
                    it.manufacturer.trim(),
                    it.model.trim(),
                    it.serial,
                    it.firmware
                );
                let named = self.device.yubihsm.as_ref().map(|it| it.serial.is_some());
                if named == Some(false) {
                    let advice = format!("write serial = \"{}\" into hsm.toml", it.serial);
                    self.find("identity", Outcome::Warning, detail, Some(advice));
                } else {
                    self.well("identity", detail);
                }
            }
            Err(error) => self.failed("identity", &error),
        }
        match device.kind() {
            BackendKind::Hardware => self.well("kind", "hardware".to_owned()),
            BackendKind::Simulator => self.find(
                "kind",
                Outcome::Warning,
                "a SIMULATOR, no device: keys are not protected".to_owned(),
                Some("for demonstrations and tests only".to_owned()),
            ),
            BackendKind::Software => self.find(
                "kind",
                Outcome::Warning,
                "a token in SOFTWARE: keys are hardly protected".to_owned(),
                Some("for demonstrations and tests only".to_owned()),
            ),
        }
    }

    fn latency(&mut self, device: &dyn Device) {
        let begun = Instant::now();
        for _ in 0..PROBES {
            if let Err(error) = device.probe() {
                return self.failed("latency", &error);
            }
        }
        let each = begun.elapsed() / PROBES;
        let lanes = device.lanes();
        self.well(
            "latency",
            format!(
                "{:.1} ms per command, {lanes} lanes",
                each.as_secs_f64() * 1000.0
            ),
        );
    }

    fn log(&mut self, device: &dyn Device) {
        let Some(log) = device.command_log() else {
            return;
        };
        let page = match log.read() {
            Ok(page) => page,
            Err(error) => return self.failed("log", &error),
        };
        let held = page.entries.len();
        let detail = format!("{held} of {LOG_ENTRIES} entries not stored yet");
        let advice = "start the service, which drains it, or run 'kasane hsm reconcile'";
        match held {
            LOG_ENTRIES.. => self.find("log", Outcome::Wrong, detail, Some(advice.to_owned())),
            LOG_WARNING.. => self.find("log", Outcome::Warning, detail, Some(advice.to_owned())),
            _ => self.well("log", detail),
        }
        if page.unlogged_boots > 0 || page.unlogged_authentications > 0 {
            let detail = format!(
                "{} starts and {} authentications while it was full",
                page.unlogged_boots, page.unlogged_authentications
            );
            let advice =
                "find out who used the device then; 'kasane hsm reconcile' keeps the alarm";
            self.find(
                "log-unlogged",
                Outcome::Warning,
                detail,
                Some(advice.to_owned()),
            );
        }
    }

    fn set_up(&mut self, yubihsm: &YubiHsmConfig, credentials: &Credentials) {
        let Some(ceremony) = &yubihsm.ceremony else {
            let detail = "not looked at: only the credential of ceremonies may".to_owned();
            return self.well("forced-audit", detail);
        };
        let purpose = format!("ceremony password of device {}", self.device.name);
        let looked = credentials
            .resolve(&ceremony.password, &purpose)
            .and_then(|password| {
                let login = Login {
                    key_id: ceremony.key_id,
                    password,
                };
                let serial = yubihsm.serial.as_deref().and_then(|it| it.parse().ok());
                look(&yubihsm.connector, serial, &login, DEFAULT_KEY)
            });
        match looked {
            Ok(it) => {
                if it.audited {
                    self.well("forced-audit", "on".to_owned());
                } else {
                    let advice = format!("'kasane hsm init {}' switches it on", self.device.name);
                    self.find(
                        "forced-audit",
                        Outcome::Wrong,
                        "off".to_owned(),
                        Some(advice),
                    );
                }
                let in_use = [&yubihsm.ceremony, &yubihsm.signing, &yubihsm.audit]
                    .into_iter()
                    .flatten()
                    .any(|credential| credential.key_id == DEFAULT_KEY);
                if it.default_key && !in_use {
                    let advice = format!("'kasane hsm init {}' deletes it", self.device.name);
                    let detail = "the default authentication key is still there".to_owned();
                    self.find("default-credential", Outcome::Wrong, detail, Some(advice));
                } else {
                    self.well("default-credential", "gone".to_owned());
                }
            }
            Err(error) => self.failed("forced-audit", &error),
        }
    }

    fn keys(&mut self, device: &dyn Device, recorded: &[RecordedKey], sees_roots: bool) {
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
            format!("{there} of {expected} recorded keys are here{hidden}"),
        );
    }

    fn well(&mut self, check: &'static str, detail: String) {
        self.find(check, Outcome::Well, detail, None);
    }

    fn failed(&mut self, what: &str, error: &Error) {
        let (check, advice) = match error {
            Error::Unreachable { .. } => (
                "reachable",
                "is it plugged in, and does the connector or the vendor's service run?",
            ),
            Error::WrongCredential { .. } => (
                "credential",
                "correct it before the service starts again: devices count wrong tries and lock",
            ),
            Error::WrongDevice { .. } => (
                "identity",
                "connect the right device, or correct serial or label in hsm.toml",
            ),
            Error::LogFull { .. } => (
                "log",
                "start the service, which drains it, or run 'kasane hsm reconcile'",
            ),
            Error::Busy { .. } => (
                "sessions",
                "another program may hold the sessions; they expire by themselves",
            ),
            Error::NotPermitted { .. } => (
                "rights",
                "the credential has fewer rights than docs/OPERATIONS.md lists for it",
            ),
            Error::BadConfiguration { .. } => ("configuration", "correct hsm.toml"),
            _ => ("device", "see the device's own log and documentation"),
        };
        let detail = format!("{what}: {error} [{}]", error.code());
        self.find(check, Outcome::Wrong, detail, Some(advice.to_owned()));
    }

    fn find(
        &mut self,
        check: &'static str,
        outcome: Outcome,
        detail: String,
        advice: Option<String>,
    ) {
        self.findings.push(Finding {
            device: self.device.name.clone(),
            check,
            outcome,
            detail,
            advice,
        });
    }
}

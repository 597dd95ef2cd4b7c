//! The checks of one device.

mod keys;
mod log;
mod outside;

use std::sync::Arc;
use std::time::Instant;

use kasane_hsm::config::{Access, DeviceConfig, YubiHsmConfig};
use kasane_hsm::{BackendKind, Device, DeviceName, Error, YubiHsmDevice};
use kasane_web::control::{Problem, RecordedKey};

use super::finding::{Finding, Outcome};
use crate::hardware::{Credentials, HardwareConfig, open_device};

/// The authentication key of a reset YubiHSM 2.
const DEFAULT_KEY: u16 = 1;

/// Signs of life that are timed.
const PROBES: u32 = 5;

/// Has the service drain the devices' logs.
pub(super) type Drain<'a> = dyn Fn() -> Result<(), Problem> + 'a;

struct Examination<'a> {
    drain: Option<&'a Drain<'a>>,
    config: &'a HardwareConfig,
    device: &'a DeviceConfig,
    findings: Vec<Finding>,
}

/// Examines one device.
pub(super) fn device(
    config: &HardwareConfig,
    device: &DeviceConfig,
    recorded: &[RecordedKey],
    drain: Option<&Drain<'_>>,
) -> Vec<Finding> {
    let mut it = Examination {
        drain,
        config,
        device,
        findings: Vec::new(),
    };
    it.run(recorded);
    it.findings
}

/// A device that let a credential in. It has one session, for everything that is looked at with it.
struct Opened {
    access: Access,
    device: Arc<dyn Device>,
    yubihsm: Option<YubiHsmDevice>,
}

impl Examination<'_> {
    fn run(&mut self, recorded: &[RecordedKey]) {
        let credentials = Credentials::of(self.config);
        let accesses = self.accesses();
        if !self.before_any_credential(accesses.len()) {
            return;
        }
        let mut opened: Vec<Opened> = Vec::new();
        for (access, name) in accesses {
            match self.open(access, &credentials) {
                Ok(it) => {
                    self.well("credential", format!("{name}: is accepted"));
                    opened.push(it);
                }
                Err(error) => {
                    let hopeless =
                        matches!(error, Error::Unreachable { .. } | Error::WrongDevice { .. });
                    self.failed(name, &error);
                    if hopeless {
                        return;
                    }
                }
            }
        }
        let Some(any) = opened.first() else {
            return;
        };
        self.identity(&*any.device);
        self.latency(&*any.device);
        // The credential that reads the log alone, where there is one: it needs no further session.
        let reader = opened
            .iter()
            .rev()
            .find(|it| it.device.command_log().is_some());
        if let Some(reader) = reader {
            self.log(&*reader.device, recorded.is_empty());
        }
        let ceremony = opened.iter().find(|it| it.access == Access::Ceremony);
        let signing = opened.iter().find(|it| it.access == Access::Signing);
        if let Some(yubihsm) = &self.device.yubihsm {
            self.set_up(yubihsm, ceremony.and_then(|it| it.yubihsm.as_ref()));
        }
        if let Some(it) = ceremony.or(signing) {
            let sees_roots = it.access == Access::Ceremony || self.device.pkcs11.is_some();
            self.keys(&*it.device, recorded, sees_roots);
        }
        self.sessions(&opened);
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

    fn open(&self, access: Access, credentials: &Credentials) -> Result<Opened, Error> {
        let (device, yubihsm): (Arc<dyn Device>, _) = match &self.device.yubihsm {
            Some(yubihsm) => {
                let name = DeviceName::new(&self.device.name)?;
                let keys = &self.device.keys;
                let it = YubiHsmDevice::open(name, yubihsm, keys, access, credentials)?;
                (Arc::new(it.clone()), Some(it))
            }
            None => (
                open_device(self.config, self.device, access, credentials)?,
                None,
            ),
        };
        device.probe()?;
        Ok(Opened {
            access,
            device,
            yubihsm,
        })
    }

    /// Ours are counted; what others have no device tells.
    fn sessions(&mut self, opened: &[Opened]) {
        let ours: Vec<_> = opened
            .iter()
            .filter_map(|it| it.device.sessions())
            .collect();
        let Some(most) = ours.first().map(|it| it.most) else {
            return;
        };
        let open: usize = ours.iter().map(|it| it.open).sum();
        let detail = format!(
            "{open} of {most} are this examination's, which closes them; those of others no device tells"
        );
        self.well("sessions", detail);
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

    fn set_up(&mut self, yubihsm: &YubiHsmConfig, ceremony: Option<&YubiHsmDevice>) {
        let Some(ceremony) = ceremony else {
            let detail = "not looked at: only the credential of ceremonies may".to_owned();
            return self.well("forced-audit", detail);
        };
        match ceremony.set_up(DEFAULT_KEY) {
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
            Error::NoCredential { .. } => (
                "credential",
                "correct the file, its mode, or the variable that hsm.toml names",
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

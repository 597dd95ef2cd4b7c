//! The configured devices, opened, as one pool.

use std::collections::BTreeMap;
use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::authority::{AcceptedHistory, Devices};
use kasane_ca_core::device_log::DeviceLogSink;
use kasane_ca_core::reconcile::{Context, LogNotRead, begins_late};
use kasane_ca_core::refused_credential::RefusedCredentials;
use kasane_hsm::config::{Access, OcspSignerKeys};
use kasane_hsm::pool::{Member, Pool, PoolOptions, SystemMonotonicClock};
use kasane_hsm::{DeviceIdentity, DeviceName};
use kasane_web::control::{ExitClass, LeftOutDevice, Problem};

use super::configuration::{attestation_roots, session_keys};
use super::{Alarms, Credentials, HardwareConfig, ManagedSimulators, open_device, problem};

/// The configured devices, opened for one kind of use.
pub(crate) struct Hardware {
    /// All of them.
    pub(crate) pool: Arc<Pool>,
    /// Where the keys of OCSP signers live.
    pub(crate) ocsp_signers: OcspSignerKeys,
    /// What the authority must know of them.
    pub(crate) devices: Devices,
    /// Those that could not be opened.
    pub(crate) left_out: Vec<LeftOutDevice>,
    /// What the devices said of credentials.
    pub(crate) refused_credentials: RefusedCredentials,
    /// Where their logs go once the authority runs.
    sink: Arc<DeviceLogSink>,
    alarms: Alarms,
    /// Ended after the pool has let go of its devices.
    _simulators: ManagedSimulators,
}

impl Hardware {
    /// Name and identity of each device that can be reached.
    pub(crate) fn identities(&self) -> Vec<(String, DeviceIdentity)> {
        let identities = self.pool.devices().filter_map(|device| {
            let identity = device.identity().ok()?;
            Some((device.name().to_string(), identity))
        });
        identities.collect()
    }

    /// Opens every device. One that cannot be opened is told and left out, as long as there is
    /// another: an authority needs enough devices, not all.
    pub(crate) fn open(config: &HardwareConfig, access: Access) -> Result<Self, Problem> {
        let simulators = ManagedSimulators::start(config)?;
        let credentials = Credentials::of(config);
        let mut members = Vec::new();
        let mut left_out = Vec::new();
        let mut first = None;
        let mut logs_not_read = BTreeMap::new();
        for device in &config.document.devices {
            let keeps_log = device.yubihsm.as_ref();
            if keeps_log.is_some_and(|yubihsm| yubihsm.audit.is_none()) {
                logs_not_read.insert(device.name.clone(), LogNotRead::NoAuditCredential);
            }
            match open_device(config, device, access, &credentials) {
                Ok(opened) => members.push(Member {
                    device: opened,
                    preference: device.preference,
                }),
                Err(error) => {
                    tracing::error!(
                        device.name = device.name, code = error.code(), %error,
                        "device is left out"
                    );
                    left_out.push(LeftOutDevice {
                        name: DeviceName::new(&device.name).map_err(problem)?,
                        reason: format!("{error} [{}]", error.code()),
                        preference: device.preference,
                    });
                    if keeps_log.is_some() {
                        let reason = format!("{error} [{}]", error.code());
                        logs_not_read
                            .entry(device.name.clone())
                            .or_insert(LogNotRead::NotOpened { reason });
                    }
                    first.get_or_insert(error);
                }
            }
        }
        if let (true, Some(error)) = (members.is_empty(), first) {
            return Err(problem(error));
        }
        let clock = Arc::new(SystemMonotonicClock::new());
        let pool = Pool::new(members, PoolOptions::default(), clock).map_err(|error| {
            Problem::new(ExitClass::Environment, error.code(), error.to_string())
        })?;
        let sink = Arc::new(DeviceLogSink::default());
        Ok(Self {
            pool,
            ocsp_signers: config.document.ocsp_signers,
            left_out,
            refused_credentials: config.refused_credentials(),
            devices: Devices {
                log_sink: Some(Arc::clone(&sink)),
                attestation_roots: attestation_roots(config)?,
                context: Context {
                    session_keys: session_keys(config),
                    logs_not_read,
                },
                ..Devices::default()
            },
            sink,
            alarms: Alarms::default(),
            _simulators: simulators,
        })
    }

    /// Looks, before an authority begins, whether each device's log tells its whole life. One that
    /// somebody else has read is refused, or accepted for the reason given. One that does not answer is
    /// passed over: its log is judged when it is read.
    pub(crate) fn histories(&self, reason: Option<&str>) -> Result<Vec<AcceptedHistory>, Problem> {
        let mut accepted = Vec::new();
        for device in self.pool.devices() {
            let page = device.command_log().and_then(|log| log.read().ok());
            let Some(first) = page.as_ref().and_then(begins_late) else {
                continue;
            };
            let identity = device.identity().map_err(problem)?;
            let Some(reason) = reason else {
                let message = format!(
                    "device {}, serial {}: its log begins with entry {first}: what it did before was \
                     read and acknowledged by somebody else, as a benchmark or another authority does, \
                     and would stand as an alarm for ever. Reset the device and commission it again \
                     (docs/OPERATIONS.md, 'Devices with a past'); if its keys are to be taken over, \
                     --accept-device-history REASON",
                    device.name(),
                    identity.serial
                );
                return Err(Problem::new(
                    ExitClass::Refused,
                    "hsm.device-history",
                    message,
                ));
            };
            accepted.push(AcceptedHistory {
                device: device.name().to_string(),
                serial: identity.serial,
                reason: reason.to_owned(),
            });
        }
        Ok(accepted)
    }

    /// From here on what the devices log and what the pool tells of them goes to the ledger: the
    /// authority runs.
    pub(crate) fn keep_record(&self, authority: &Arc<Authority>) {
        self.alarms.begin(&self.pool, authority);
        let sink = Arc::clone(&self.sink);
        self.pool.set_log_sink(sink);
    }

    /// Waits until the alarms that were told so far stand in the ledger: the authority stops.
    pub(crate) fn end_alarms(&self) {
        self.alarms.end();
    }
}

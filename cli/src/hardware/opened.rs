//! The configured devices, opened, as one pool.

use std::sync::Arc;

use kasane_ca_core::Authority;
use kasane_ca_core::authority::Devices;
use kasane_ca_core::device_log::DeviceLogSink;
use kasane_ca_core::reconcile::Context;
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
        for device in &config.document.devices {
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
                },
                ..Devices::default()
            },
            sink,
            alarms: Alarms::default(),
            _simulators: simulators,
        })
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

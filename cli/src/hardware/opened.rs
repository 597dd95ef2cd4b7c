//! The configured devices, opened, as one pool.

use std::sync::Arc;

use kasane_hsm::config::{Access, OcspSignerKeys};
use kasane_hsm::pool::{Member, Pool, PoolOptions, SystemMonotonicClock};
use kasane_web::control::{ExitClass, Problem};

use super::{Credentials, HardwareConfig, ManagedSimulators, open_device, problem};

/// The configured devices, opened for one kind of use.
pub(crate) struct Hardware {
    /// All of them.
    pub(crate) pool: Arc<Pool>,
    /// Where the keys of OCSP signers live.
    pub(crate) ocsp_signers: OcspSignerKeys,
    /// What they were opened for.
    pub(crate) access: Access,
    /// Ended after the pool has let go of its devices.
    _simulators: ManagedSimulators,
}

impl Hardware {
    /// Opens every device. One that cannot be opened is told and left out, as long as there is
    /// another: an authority needs enough devices, not all.
    pub(crate) fn open(config: &HardwareConfig, access: Access) -> Result<Self, Problem> {
        let simulators = ManagedSimulators::start(config)?;
        let credentials = Credentials::of(config);
        let mut members = Vec::new();
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
        Ok(Self {
            pool,
            ocsp_signers: config.document.ocsp_signers,
            access,
            _simulators: simulators,
        })
    }
}

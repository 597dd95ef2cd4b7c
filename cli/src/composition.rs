//! The composition root: the only place that names concrete parts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kasane_ca_core::authority::Parts;
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::random::SystemRandom;
use kasane_hsm::config::{Access, OcspSignerKeys};
use kasane_hsm::{InMemoryBackend, KeyBackend, KeyRole, RoutedBackend, SoftwareBackend};
use kasane_verify::crypto::AwsLc;
use kasane_web::control::{ExitClass, Problem};

use crate::args::Global;
use crate::hardware::{self, Hardware, HardwareConfig};
use crate::passphrase::{self, WhenMissing};

/// Names the step of the pipeline at which this process kills itself: a test facility.
const FAIL_POINT_VARIABLE: &str = "KASANE_FAIL_POINT";

/// What an authority is made of, and the switch that arms its fail points.
pub(crate) struct Composition {
    pub(crate) parts: Parts,
    pub(crate) fail_points: Arc<KillAtPoint>,
    /// The devices, if keys are in devices.
    pub(crate) hardware: Option<Hardware>,
    /// The file of the software keys' passphrase, if it was made just now.
    pub(crate) passphrase_made: Option<PathBuf>,
}

/// The parts of an authority in `folder`: with keys in the devices that `hsm.toml` names, opened for
/// `access`, or in software if there is none.
pub(crate) fn compose(
    global: &Global,
    folder: &DataFolder,
    access: Access,
    when_missing: WhenMissing,
) -> Result<Composition, Problem> {
    let hardware = HardwareConfig::find(global)?
        .map(|config| Hardware::open(&config, access))
        .transpose()?;
    let mut passphrase_made = None;
    let mut software = || -> Result<Arc<dyn KeyBackend>, Problem> {
        let passphrase = passphrase::of(global, folder.path(), when_missing, &SystemRandom)?;
        passphrase_made = passphrase.made;
        let backend =
            SoftwareBackend::open(&folder.keys(), passphrase.secret).map_err(hardware::problem)?;
        Ok(Arc::new(backend))
    };
    let backend: Arc<dyn KeyBackend> = match &hardware {
        None => software()?,
        Some(hardware) => {
            let pool = Arc::clone(&hardware.pool) as Arc<dyn KeyBackend>;
            match hardware.ocsp_signers {
                OcspSignerKeys::Device => pool,
                OcspSignerKeys::Software => Arc::new(RoutedBackend::new(
                    pool,
                    vec![KeyRole::OcspResponder],
                    software()?,
                )),
            }
        }
    };
    assemble(backend, hardware, passphrase_made)
}

/// The parts of an authority that has not begun, for a rehearsal: the keys that the devices of
/// `hsm.toml` hold already, or none.
pub(crate) fn compose_without_folder(global: &Global) -> Result<Composition, Problem> {
    let hardware = HardwareConfig::find(global)?
        .map(|config| Hardware::open(&config, Access::Ceremony))
        .transpose()?;
    let backend: Arc<dyn KeyBackend> = match &hardware {
        Some(hardware) => Arc::clone(&hardware.pool) as Arc<dyn KeyBackend>,
        None => Arc::new(InMemoryBackend::new()),
    };
    assemble(backend, hardware, None)
}

fn assemble(
    backend: Arc<dyn KeyBackend>,
    hardware: Option<Hardware>,
    passphrase_made: Option<PathBuf>,
) -> Result<Composition, Problem> {
    let weak_keys = WeakKeys::built_in()
        .map_err(|error| Problem::new(ExitClass::Internal, error.code(), error.to_string()))?;
    let fail_points = Arc::new(KillAtPoint::from_environment());
    let parts = Parts {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend,
        fail_points: Arc::clone(&fail_points) as Arc<dyn FailPoints>,
        weak_keys,
        devices: hardware
            .as_ref()
            .map(|hardware| hardware.devices.clone())
            .unwrap_or_default(),
    };
    Ok(Composition {
        parts,
        fail_points,
        hardware,
        passphrase_made,
    })
}

/// Kills this process when a chosen step of the pipeline is reached, as a power cut would. Does
/// nothing until armed, which only a demonstration does.
#[derive(Debug)]
pub(crate) struct KillAtPoint {
    point: Option<FailPoint>,
    /// What was asked for, if there is no such point.
    unknown: Option<String>,
    armed: AtomicBool,
}

impl KillAtPoint {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root reads the environment"
    )]
    fn from_environment() -> Self {
        let name = std::env::var(FAIL_POINT_VARIABLE).unwrap_or_default();
        let point = FailPoint::ALL
            .into_iter()
            .find(|point| point.as_str() == name);
        Self {
            point,
            unknown: (point.is_none() && !name.is_empty()).then_some(name),
            armed: AtomicBool::new(false),
        }
    }

    /// From here on a chosen point kills.
    pub(crate) fn arm(&self) {
        if let Some(name) = &self.unknown {
            tracing::warn!(name, "test facility: there is no such fail point");
        }
        if let Some(point) = self.point {
            tracing::warn!(
                point = point.as_str(),
                "test facility: this process will kill itself"
            );
        }
        self.armed.store(true, Ordering::SeqCst);
    }
}

impl FailPoints for KillAtPoint {
    fn reached(&self, point: FailPoint) {
        if self.point == Some(point) && self.armed.load(Ordering::SeqCst) {
            let own = rustix::process::getpid();
            // SIGKILL cannot fail for the own process, and nothing runs after it.
            let _killed = rustix::process::kill_process(own, rustix::process::Signal::KILL);
        }
    }
}

//! The composition root: the only place that names concrete parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kasane_ca_core::authority::{Devices, Parts};
use kasane_ca_core::clock::SystemClock;
use kasane_ca_core::fail_point::{FailPoint, FailPoints};
use kasane_ca_core::folder::DataFolder;
use kasane_ca_core::key_quality::WeakKeys;
use kasane_ca_core::random::SystemRandom;
use kasane_ca_core::signing::SigningError;
use kasane_hsm::SoftwareBackend;
use kasane_verify::crypto::AwsLc;
use kasane_web::control::{ExitClass, Problem};
use zeroize::Zeroizing;

/// Names the step of the pipeline at which this process kills itself: a test facility.
const FAIL_POINT_VARIABLE: &str = "KASANE_FAIL_POINT";

/// What an authority is made of, and the switch that arms its fail points.
pub(crate) struct Composition {
    pub(crate) parts: Parts,
    pub(crate) fail_points: Arc<KillAtPoint>,
}

/// The parts of an authority with software keys in `folder`.
pub(crate) fn compose(
    folder: &DataFolder,
    passphrase: Zeroizing<Vec<u8>>,
) -> Result<Composition, Problem> {
    let backend = SoftwareBackend::open(&folder.keys(), passphrase)
        .map_err(|error| Problem::from(kasane_ca_core::Error::from(SigningError::from(error))))?;
    let weak_keys = WeakKeys::built_in()
        .map_err(|error| Problem::new(ExitClass::Internal, error.code(), error.to_string()))?;
    let fail_points = Arc::new(KillAtPoint::from_environment());
    let parts = Parts {
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        crypto: Arc::new(AwsLc),
        backend: Arc::new(backend),
        fail_points: Arc::clone(&fail_points) as Arc<dyn FailPoints>,
        weak_keys,
        devices: Devices::default(),
    };
    Ok(Composition { parts, fail_points })
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

//! An authority whose keys are in a device that can be told to fail.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use kasane_ca_core::authority::Authority;
use kasane_ca_core::clock::ManualClock;
use kasane_ca_core::folder::DataFolder;
use kasane_hsm::KeyBackend;

use crate::common::{self, Stopped, world};
use crate::failing::Device;

pub(crate) struct OnDevice {
    pub(crate) authority: Arc<Authority>,
    pub(crate) device: Arc<Device>,
    pub(crate) clock: Arc<ManualClock>,
    _folder: DataFolder,
    _path: tempfile::TempDir,
}

impl OnDevice {
    pub(crate) fn start(set: impl FnOnce(&Device)) -> Self {
        let Stopped {
            clock,
            backend,
            path,
        } = world().stopped();
        let device = Arc::new(Device::new(backend));
        set(&device);
        let folder = DataFolder::open(path.path()).unwrap();
        let mut parts = common::parts(&clock, &Arc::default());
        parts.backend = Arc::clone(&device) as Arc<dyn KeyBackend>;
        let (authority, _) = Authority::start(&folder, parts, &mut |_, _| {}).unwrap();
        Self {
            authority,
            device,
            clock,
            _folder: folder,
            _path: path,
        }
    }
}

/// The credential in use reaches the keys of roots no more, or again.
pub(crate) fn hide_roots(device: &Device, hides: bool) {
    let switch = &device.switch.hides_roots;
    switch.store(hides, Ordering::SeqCst);
}

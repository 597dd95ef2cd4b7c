//! One device of a pool.

use std::sync::Arc;

use crate::Device;

/// One device of a pool.
#[derive(Clone, Debug)]
pub struct Member {
    /// The device.
    pub device: Arc<dyn Device>,
    /// Lower is asked first; a device of higher preference helps when those before it have no free
    /// lane or are out of service. Equal ones share the work.
    pub preference: u8,
}

impl Member {
    /// A device that shares the work with every other of preference 0.
    #[must_use]
    pub fn new(device: Arc<dyn Device>) -> Self {
        Self {
            device,
            preference: 0,
        }
    }
}

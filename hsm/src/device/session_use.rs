//! Sessions of a device that has few.

/// The sessions that this process has in a device. What others have no device tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionUse {
    /// Open and in use.
    pub open: usize,
    /// Given up, and perhaps kept by the device until they have been idle for long enough.
    pub lost: usize,
    /// What the device has for everybody.
    pub most: usize,
}

//! A quarantine that outlives the process.

/// A device that made a wrong signature or held a wrong key, and was not enabled since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedQuarantine {
    /// Its name in the configuration at that time.
    pub device: String,
    /// Its serial number; empty if it was not known.
    pub serial: String,
    /// What was found.
    pub reason: String,
}

//! Why a configured device's log is not read.

/// Why a configured device's log is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogNotRead {
    /// It was left out when the devices were opened.
    #[error("it could not be opened and was left out: {reason}; mend it and start again")]
    NotOpened {
        /// Why.
        reason: String,
    },
    /// The configuration names nobody who may read its log. Production refuses that.
    #[error("hsm.toml names no audit credential for it: write audit = {{ key_id, password }}")]
    NoAuditCredential,
}

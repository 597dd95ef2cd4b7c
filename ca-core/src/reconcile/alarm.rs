//! What does not fit, as the ledger names it. Never reworded.

/// A device signed more often than it was asked to.
pub const SIGNATURE_WITHOUT_ATTEMPT: &str = "signature-without-attempt";
/// A device signed with a key that is none of the authority's.
pub const SIGNATURE_BY_UNKNOWN_KEY: &str = "signature-by-unknown-key";
/// A signature in a session of an authentication key that the configuration does not name.
pub const SIGNATURE_BY_FOREIGN_SESSION: &str = "signature-by-foreign-session";
/// Signatures were let out that no device's log shows: the key is somewhere else too, or a device
/// does not log.
pub const SIGNATURE_IN_NO_LOG: &str = "signature-in-no-log";
/// A command that changes a device or uses a key otherwise, without a note of it.
pub const COMMAND_NOT_NOTED: &str = "command-not-noted";
/// Entries of a log are missing.
pub const LOG_GAP: &str = "log-gap";
/// An entry does not follow from the one before: the log was changed.
pub const LOG_CHAIN_BROKEN: &str = "log-chain-broken";
/// The first page of a device does not begin where its log does.
pub const LOG_BEGINS_LATE: &str = "log-begins-late";
/// What was stored as a log is none.
pub const LOG_MALFORMED: &str = "log-malformed";
/// The device started while its log was full.
pub const UNLOGGED_BOOTS: &str = "unlogged-boots";
/// Sessions were opened while the log was full.
pub const UNLOGGED_AUTHENTICATIONS: &str = "unlogged-authentications";
/// The device was reset to what the factory made.
pub const DEVICE_RESET: &str = "device-reset";
/// The device calls another key by a name that one of ours had.
pub const KEY_ID_CHANGED: &str = "key-id-changed";
/// A signature came back that the recorded key did not make.
pub const WRONG_SIGNATURE: &str = "wrong-signature";
/// The attestation of a key does not verify.
pub const ATTESTATION: &str = "attestation";
/// There is more that does not fit than is listed one by one.
pub const MORE: &str = "more-findings";
/// A device holds a key under one of our labels that is not the recorded one, or that it does not
/// protect.
pub const WRONG_KEY: &str = "wrong-key";
/// A device holds another key under a label than most devices do.
pub const KEY_DIFFERS: &str = "key-differs";
/// A credential was refused, or it is another device: it is out of service until it is enabled.
pub const DEVICE_DISABLED: &str = "device-disabled";
/// A device executes nothing until its log is drained, and it is not drained.
pub const LOG_FULL: &str = "log-full";
/// A device's log could not be read several times in a row.
pub const LOG_UNREADABLE: &str = "log-unreadable";
/// A device's log could not be stored.
pub const LOG_NOT_STORED: &str = "log-not-stored";

/// After these a device is asked nothing until people enable it, whatever starts anew meanwhile.
pub const QUARANTINES: [&str; 2] = [WRONG_SIGNATURE, WRONG_KEY];

/// What people repair, and then it is over: nothing that was signed is in doubt, so these are no
/// findings of reconciliation.
pub const OF_SERVICE: [&str; 4] = [DEVICE_DISABLED, LOG_FULL, LOG_UNREADABLE, LOG_NOT_STORED];

/// Whether a pool tells it, again and again as long as it lasts.
#[must_use]
pub fn is_of_pool(alarm: &str) -> bool {
    alarm == WRONG_KEY || alarm == KEY_DIFFERS || OF_SERVICE.contains(&alarm)
}

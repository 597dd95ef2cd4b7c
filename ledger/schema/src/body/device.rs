//! Devices that hold keys: what their own logs say, what was done to them, what does not fit.

use der::Sequence;
use der::asn1::OctetString;

/// Entries of a device's own command log, stored here before the device was told that it may
/// overwrite them.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct DeviceLogDrained {
    /// The device's name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// Starts of the device that a full log could not take.
    pub unlogged_boots: u16,
    /// Authentications that a full log could not take.
    pub unlogged_authentications: u16,
    /// The entries, 32 octets each in the device's own encoding, oldest first.
    pub entries: OctetString,
    /// What the entries call our keys.
    pub keys: Vec<LoggedKey>,
}

/// The device's name of a key.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct LoggedKey {
    /// The object ID in the log.
    pub id: u16,
    /// The key's label.
    pub label: String,
}

/// Something other than signing is about to be done with a device: its own log will show commands
/// that this entry explains.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct DeviceActionNoted {
    /// The device's name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// `backup`, `clone`, `put-wrap-key`, `commission`, `generate`, `attest`, …; or, of no device,
    /// `reconcile-begun` and `reconciled`: between the two every log was read to its end.
    pub action: String,
    /// What it is done with: a key's label, or empty.
    pub subject: String,
    /// Why, or with what.
    pub detail: String,
}

/// Something about a device does not fit what is recorded. People must look at it.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct DeviceAlarmRaised {
    /// The device's name in the configuration.
    pub device: String,
    /// Its serial number.
    pub serial: String,
    /// What kind: `signature-without-attempt`, `wrong-signature`, `log-gap`, …
    pub alarm: String,
    /// What was seen, for people.
    pub detail: String,
    /// The number of the command in the device's own log.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub number: Option<u16>,
}

/// People have looked at alarms about devices, and say what came of it. An alarm stays on record;
/// acknowledged, it is no longer open. The entry's actor is who acknowledges.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct DeviceAlarmsAcknowledged {
    /// The ledger indices of their `DeviceAlarmRaised`. That of `more-findings` stands for all that
    /// was not listed one by one until then.
    pub alarms: Vec<u64>,
    /// What was found, and why nothing is left to be done.
    pub reason: String,
}

/// From here on devices may be asked for so many signatures of a key beyond those that
/// `SignaturesCounted` says, for what is not recorded one by one. Durable before the first of them
/// is asked for; takes the place of what was reserved before, and 0 gives the rest back.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub struct SignaturesReserved {
    /// The key's label.
    pub key_label: String,
    /// `ocsp-response` or `checkpoint`.
    pub product: String,
    /// How many.
    pub count: u64,
}

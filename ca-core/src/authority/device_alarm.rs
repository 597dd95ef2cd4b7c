//! What a pool tells of its devices, for the record.

use kasane_hsm::pool::{Alarm, QuarantineCause};
use kasane_ledger_schema::DeviceAlarmRaised;

use super::Authority;
use crate::projection::books;
use crate::reconcile::alarm;
use crate::{Actor, Error};

/// The same alarm is raised once in this time, and again after its device was enabled.
const AGAIN_SECONDS: i64 = 86_400;

/// Longest detail, in characters.
const MAX_DETAIL_CHARACTERS: usize = 400;

impl Authority {
    /// Raises an alarm of a pool, unless it is none for the record or stands there already. Gives
    /// the index of its entry.
    ///
    /// Not for a hook: it waits for the ledger, which may wait for a signature of a lane. `serial` is
    /// empty where the device does not say it; then the one that it had last is taken.
    ///
    /// # Errors
    /// [`Error::Ledger`] or [`Error::Store`].
    pub fn raise_device_alarm(&self, told: &Alarm, serial: &str) -> Result<Option<u64>, Error> {
        let Some((kind, detail)) = recorded(told) else {
            return Ok(None);
        };
        let detail: String = detail.chars().take(MAX_DETAIL_CHARACTERS).collect();
        let device = told.device().to_string();
        let known = books::read(self.tables())?;
        let last = || {
            let account = known.devices().find(|account| account.name == device);
            account.map(|account| account.serial.clone())
        };
        let serial = match serial {
            "" => last().unwrap_or_default(),
            serial => serial.to_owned(),
        };
        let before = known.device(&serial).and_then(|it| it.told.get(kind));
        let stands = before.is_some_and(|it| {
            // Words of a device change with the number of a session; a wrong key's name its label.
            let same = alarm::OF_SERVICE.contains(&kind) || it.detail == detail;
            same && self.now().seconds() - it.time < AGAIN_SECONDS
        });
        if stands {
            return Ok(None);
        }
        let event = DeviceAlarmRaised {
            device,
            serial,
            alarm: kind.to_owned(),
            detail,
            number: None,
        };
        self.append(&Actor::system(), event.into()).map(Some)
    }
}

/// The name and words of an alarm that goes on record. Rests and their ends do not: they pass. A
/// wrong signature has an alarm of its own, and one that is on record already needs no second.
fn recorded(told: &Alarm) -> Option<(&'static str, String)> {
    match told {
        Alarm::Disabled { reason, .. } => Some((alarm::DEVICE_DISABLED, reason.clone())),
        Alarm::KeyDiffers { label, .. } => Some((
            alarm::KEY_DIFFERS,
            format!("key {label} is another one than in most devices; it is not used there"),
        )),
        Alarm::LogFull { .. } => Some((
            alarm::LOG_FULL,
            "its command log is full and not drained: it executes nothing until it is".to_owned(),
        )),
        Alarm::LogUnreadable { reason, .. } => Some((
            alarm::LOG_UNREADABLE,
            format!("its command log cannot be read: {reason}"),
        )),
        Alarm::SinkFailed { reason, .. } => Some((alarm::LOG_NOT_STORED, reason.clone())),
        Alarm::Quarantined { cause, reason, .. } => match cause {
            QuarantineCause::UnprotectedKey | QuarantineCause::WrongKey => {
                Some((alarm::WRONG_KEY, reason.clone()))
            }
            QuarantineCause::OnRecord | QuarantineCause::WrongSignature => None,
        },
        _ => None,
    }
}

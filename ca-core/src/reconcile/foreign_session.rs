//! The words of an alarm about sessions that are not ours. Which authentication keys are ours stands
//! in no entry, so the account must be able to tell from the alarm itself what was told.

use kasane_ledger_schema::DeviceAlarmRaised;

use super::{SessionAccount, alarm};

/// What the alarm says of the signatures of a session key that were not told yet.
pub(super) fn detail(key: u16, session: &SessionAccount) -> String {
    let first = session.first_number;
    let more = match session.not_told() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!(
        "entry {first}{more}: a signature in a session of {}, which is none of the authority's",
        named(key)
    )
}

/// Whether the alarm is about what was not told of that session key.
pub(super) fn tells(body: &DeviceAlarmRaised, key: u16, session: &SessionAccount) -> bool {
    body.alarm == alarm::SIGNATURE_BY_FOREIGN_SESSION
        && body.number == Some(session.first_number)
        && body.detail.contains(&format!("{},", named(key)))
}

fn named(key: u16) -> String {
    format!("authentication key 0x{key:04x}")
}

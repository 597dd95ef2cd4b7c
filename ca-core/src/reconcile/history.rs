//! What a device did before the authority knew it.

use kasane_hsm::device::LogPage;

use super::drained::is_reset;

/// What a page says that is the first one of a device: `None` when its log begins with the reset that
/// began it, so that everything the device ever did is told. Else the number of the first entry: what
/// was before was read and acknowledged by somebody else, and reconciliation would raise
/// [`LOG_BEGINS_LATE`](super::alarm::LOG_BEGINS_LATE).
#[must_use]
pub fn begins_late(page: &LogPage) -> Option<u16> {
    let first = page.entries.first()?;
    (!is_reset(first)).then_some(first.number)
}

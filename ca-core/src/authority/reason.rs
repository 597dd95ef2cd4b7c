//! Reasons that people give, which stay in the ledger.

use crate::Error;
use crate::custody::disturbs;

/// Longest reason, in bytes.
const MAX_REASON_BYTES: usize = 500;

/// Refuses a reason that is none, that is too long, or that would write controls to a terminal.
/// `hint` says what a good one tells.
///
/// # Errors
/// [`Error::BadArgument`].
pub(super) fn check_reason(reason: &str, hint: &str) -> Result<(), Error> {
    let refused = |reason| {
        Err(Error::BadArgument {
            what: "reason",
            reason,
        })
    };
    if reason.trim().is_empty() || reason.len() > MAX_REASON_BYTES {
        return refused(format!("say in 1 to {MAX_REASON_BYTES} bytes {hint}"));
    }
    if let Some(character) = reason.chars().find(|it| disturbs(*it)) {
        return refused(format!(
            "U+{:04X} in it would change what a terminal shows: write one line of plain text",
            u32::from(character)
        ));
    }
    Ok(())
}

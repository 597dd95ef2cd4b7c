//! Holds what devices say they did against what the ledger says they were asked for.
//!
//! For each key: signatures let out ≤ signatures in the devices' logs ≤ attempts on record. An
//! attempt is durable before a device is asked, and a log is stored after the device did what it
//! says, so at no place in the ledger may the logs so far show more than the attempts so far. A
//! command other than signing needs a note that it was about to be given.
//!
//! - [`Books`] is the running account: a pure function of the entries. The projection keeps it row
//!   by row ([`crate::projection::books`]), an auditor makes it with [`from_ledger`].
//! - [`ReconcileReport`] is what people and programs read.

mod acknowledgement;
mod action;
pub mod alarm;
mod audit;
mod books;
mod books_of_service;
mod command;
mod device_account;
mod drained;
mod finding;
mod findings;
mod foreign_session;
mod history;
mod key_account;
mod log_not_read;
mod report;

#[cfg(test)]
mod tests;

pub use acknowledgement::Acknowledgement;
pub(crate) use action::PUT_WRAP_KEY;
pub use action::{ACTIONS, ENABLE, RECONCILE_BEGUN, RECONCILED};
pub use audit::{AuditError, Auditor, from_ledger};
pub use books::{Books, Changed, SignedBy};
pub(crate) use command::succeeded;
pub use command::{Class, class, name};
pub use device_account::{Credit, DeviceAccount, SessionAccount, Told};
pub use drained::{MAX_ENTRIES_PER_PAGE, not_stored};
pub use finding::Finding;
pub use history::begins_late;
pub use key_account::KeyAccount;
pub use log_not_read::LogNotRead;
pub use report::{
    AcknowledgementReport, AlarmReport, CommandReport, Context, DeviceReport, KeyReport,
    LogNotReadReport, ReconcileReport, report,
};

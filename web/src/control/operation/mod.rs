//! The operations behind the commands, by what they are about. Each reads its arguments, calls the
//! authority, and puts the result into words.

pub(super) mod certificates;
pub(super) mod crl;
pub(super) mod devices;
pub(super) mod issue;
pub(super) mod ledger;
pub(super) mod policy;
pub(super) mod registrations;
pub(super) mod responders;
pub(super) mod revocations;
pub(super) mod verify;
pub(super) mod visibility;

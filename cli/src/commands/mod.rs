//! The subcommands, one file each.

pub(crate) mod bench;
pub(crate) mod ceremony;
pub(crate) mod completions;
pub(crate) mod crl;
pub(crate) mod facility;
pub(crate) mod hsm;
pub(crate) mod issue;
pub(crate) mod ledger;
pub(crate) mod list;
pub(crate) mod operator;
pub(crate) mod policy;
pub(crate) mod quickstart;
pub(crate) mod renew;
pub(crate) mod responder;
pub(crate) mod revoke;
pub(crate) mod revoke_many;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod system;
pub(crate) mod trust;
pub(crate) mod verify;
pub(crate) mod verify_service;

mod files;
mod until_seen;

pub(crate) use files::read_text;
